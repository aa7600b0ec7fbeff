"""Is it alive, is it ready, what has it counted."""

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.openapi.spec import Components, SecurityScheme

from survey.counters import Measured, read_metrics
from survey.database import Unavailable
from survey.messaging.gauges import gauges_of
from survey.messaging.overview import question_of, read_glance
from survey.platform import Platform
from survey.responses import LinkQuery, find_links
from survey.routes.doors import require_admin

API_DESCRIPTION = (
    "Report finished transactions and read honest figures. Every refusal is a problem detail (RFC 9457) that"
    " says what to do."
)
API_COMPONENTS = Components(
    security_schemes={
        "agencyKey": SecurityScheme(
            type="http", scheme="bearer", description="An agency's key, made with `percaya keys create`."
        )
    }
)
AnyRequest = Request[Any, Any, Any]


@get("/healthz", include_in_schema=False, media_type=MediaType.TEXT)
async def alive() -> str:
    """The process answers; says nothing about the database."""
    return "ok\n"


@get("/readyz", include_in_schema=False, media_type=MediaType.TEXT)
async def ready(request: AnyRequest) -> Response[str]:
    """The database answers too."""
    platform: Platform = request.app.state.platform
    try:
        await platform.reader.run(find_links, LinkQuery(bytes(16), platform.now()))
    except Unavailable:
        return Response("the database does not answer\n", status_code=503)
    return Response("ok\n")


@get("/metrics", include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Counters, and what waits just now, in the Prometheus text format, for the administrator."""
    require_admin(request)
    measured = await _measured(request.app.state.platform)
    return Response(read_metrics(measured), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _measured(platform: Platform) -> list[Measured]:
    if platform.sms is None:
        return []
    question = question_of(platform.sms.config, platform.now())
    try:
        backlog, healths = await platform.reader.run(read_glance, question)
    except Unavailable:  # what was counted is told all the same
        return []
    return gauges_of(backlog, list(healths.values()))


@get("/robots.txt", include_in_schema=False, media_type=MediaType.TEXT)
async def robots() -> str:
    """No search engine keeps anything of this site."""
    return "User-agent: *\nDisallow: /\n"


@get(["/openapi.json", "/api/v1/openapi.json"], include_in_schema=False, media_type=MediaType.JSON)
async def openapi(request: AnyRequest) -> dict[str, Any]:
    """The description of the API, OpenAPI 3.1. No page renders it: those load scripts from elsewhere."""
    return request.app.openapi_schema.to_schema()


ROUTES = [alive, ready, metrics, robots, openapi]
