"""Every failure becomes a page or a problem a person can act on; nothing inner reaches anybody."""

import logging
import traceback
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from survey.counters import REQUESTS
from survey.database import Unavailable
from survey.platform import Platform
from survey.problems import MEDIA_TYPE, Refused, encode, problem
from survey.routes.wire import language_of, page_response

AnyRequest = Request[Any, Any, Any]
_log = logging.getLogger("percaya.web")


def _wants_problem(request: AnyRequest) -> bool:
    return request.scope["path"].startswith("/api/")


def on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    """A refusal with its own words."""
    status, headers = error.problem.status, error.headers
    if _wants_problem(request):
        return Response(encode(error.problem), media_type=MEDIA_TYPE, status_code=status, headers=headers)
    response = _page(request, status)
    response.headers.update(headers)
    return response


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """A request Litestar itself refuses: no such page, wrong method, a wrong parameter."""
    status = error.status_code
    headers = dict(error.headers or {})
    if not _wants_problem(request):
        response = _page(request, status)
        response.headers.update(headers)
        return response
    detail, field = _said(error)
    body = problem(status, detail, field=field)
    return Response(encode(body), media_type=MEDIA_TYPE, status_code=status, headers=headers)


def _said(error: HTTPException) -> tuple[str, str | None]:
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        # Up to the value, which may be anything that was put into the wrong place.
        return str(extra[0].get("message", error.detail)).partition(" '")[0], extra[0].get("key")
    # Litestar's text may repeat the address, which may hold a code.
    if error.status_code == 404:
        return "there is nothing at this address", None
    if error.status_code == 405:
        return "this address does not take this method; see the Allow header", None
    return str(error.detail), None


def on_unavailable(request: AnyRequest, _error: Unavailable) -> Response[Any]:
    """The database is away: nothing was stored, later is right."""
    headers = {"Retry-After": "10"}
    if _wants_problem(request):
        body = problem(
            503, "the database is not available; nothing was stored, try again soon", name="unavailable"
        )
        return Response(encode(body), media_type=MEDIA_TYPE, status_code=503, headers=headers)
    response = _page(request, 503)
    response.headers.update(headers)
    return response


def on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    """Our fault. The log gets the place and the kind of failure, never an address or a value."""
    route = str(request.scope.get("path_template", "?"))
    REQUESTS.labels(route).inc()
    places = "; ".join(
        f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    )
    _log.error("%s %s failed with %s at %s", request.method, route, type(error).__name__, places)
    if _wants_problem(request):
        body = problem(500, "this failed on our side; nothing of the request was kept", name="internal")
        return Response(encode(body), media_type=MEDIA_TYPE, status_code=500)
    return _page(request, 500)


def _page(request: AnyRequest, status: int) -> Response[Any]:
    platform: Platform = request.app.state.platform
    kind = "full_later" if status >= 500 else "unknown" if status == 404 else "unreadable"
    page = platform.pages.notice(kind, language_of(request.scope))  # type: ignore[arg-type]
    return page_response(request.scope, page, status)


HANDLERS: dict[Any, Any] = {
    Refused: on_refused,
    HTTPException: on_http_error,
    Unavailable: on_unavailable,
    Exception: on_unexpected,
}
