"""The operator's pages of SMS: how it is, and what can be done about it. For the administrator."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from survey.database import Unavailable
from survey.i18n import environment, negotiate
from survey.messaging import provider_states, troubled
from survey.messaging.costs import MONTHS, Period, read_costs, spans
from survey.messaging.outbox import read_ref
from survey.messaging.overview import question_of, read_overview
from survey.messaging.provider_states import EVERYTHING
from survey.messaging.troubled import Asked, Retried, Retry, list_troubled, look
from survey.operations_costs import costs_page
from survey.operations_overview import confirm_page, sms_page
from survey.operations_views import (
    ConfirmPage,
    CostsPage,
    SmsPage,
    TextPage,
    Trouble,
    address,
    notice_of,
    trouble_page,
    unconfigured_page,
)
from survey.platform import Platform, Sms
from survey.problems import Refused
from survey.results import read_apart
from survey.results_texts import OFFERED
from survey.routes.assets import ADDRESSES
from survey.routes.doors import require_admin
from survey.routes.errors import on_unexpected
from survey.routes.wire import fresh, page_response, platform_of, read_fields
from survey.security import asked_from_here

MOST_FORM_BYTES = 4096

AnyRequest = Request[Any, Any, Any]
_TROUBLES: dict[int, Trouble] = {401: "unauthorized", 403: "forbidden", 404: "unknown"}


def _platform(request: AnyRequest) -> Platform:
    return platform_of(request.scope)


def _language(request: AnyRequest) -> str:
    asked: str | None = request.query_params.get("lang")
    if asked in OFFERED:
        return str(asked)
    default = _platform(request).settings.default_language
    return negotiate(request.headers.get("accept-language"), OFFERED, default if default in OFFERED else "id")


def _send(
    request: AnyRequest,
    template: str,
    page: SmsPage | ConfirmPage | CostsPage | TextPage,
    status: int = 200,
) -> Response[bytes]:
    settings = _platform(request).settings
    body = (
        environment(_language(request))
        .get_template(f"operations/{template}.html")
        .render(page=page, assets=ADDRESSES, site_name=settings.site_name, contact=settings.site_contact)
    )
    return page_response(request.scope, fresh(body.encode()), status)


def _trouble(
    request: AnyRequest, trouble: Trouble, status: int, headers: dict[str, str] | None = None
) -> Response[Any]:
    response = _send(request, "text", trouble_page(trouble, _language(request)), status)
    response.headers.update(headers or {})
    return response


def _on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    status = error.problem.status
    return _trouble(request, _TROUBLES[status], status, error.headers)


def _on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    return _trouble(request, "unreadable", error.status_code, dict(error.headers or {}))


def _on_unavailable(request: AnyRequest, _error: Unavailable) -> Response[Any]:
    return _trouble(request, "unavailable", 503, {"Retry-After": "10"})


def _on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    on_unexpected(request, error)
    return _trouble(request, "internal", 500)


_HANDLERS: dict[Any, Any] = {
    Refused: _on_refused,
    HTTPException: _on_http_error,
    Unavailable: _on_unavailable,
    Exception: _on_unexpected,
}


@get("/operations/sms", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_sms(request: AnyRequest) -> Response[bytes]:
    """How the messages are: what waits, what is wrong, the providers."""
    require_admin(request)
    platform, lang = _platform(request), _language(request)
    if platform.sms is None:
        return _send(request, "text", unconfigured_page(lang))
    question = question_of(platform.sms.config, platform.now())
    overview = await read_apart(platform.database, read_overview, question)
    listed = await read_apart(platform.database, list_troubled, Asked(question.now))
    query = request.query_params
    notice = notice_of(query.get("done", ""), _known(platform.sms, query.get("what", "")), lang)
    page = sms_page(overview, listed, lang, still=query.get("still") == "1", notice=notice)
    return _send(request, "sms", page)


def _known(sms: Sms, what: str) -> str:
    """A name that may be shown: a provider's, a reference, or everything; not what anybody made up."""
    names = {EVERYTHING, *(one.name for one in sms.config.providers)}
    return what if what in names or read_ref(what) is not None else "?"


@get("/operations/sms/costs", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_costs(request: AnyRequest) -> Response[bytes]:
    """What was sent in each of the last twelve months, in segments."""
    require_admin(request)
    platform, lang = _platform(request), _language(request)
    now = platform.now()
    months = [span.month for span in spans(now, MONTHS)]
    month = next((one for one in months if str(one) == request.query_params.get("month")), months[0])
    costs = await read_apart(platform.database, read_costs, Period(now))
    return _send(request, "costs", costs_page(costs, months, month, lang))


@get("/operations/sms/retry/{ref:str}", include_in_schema=False, exception_handlers=_HANDLERS)
async def ask_retry(request: AnyRequest, ref: FromPath[str]) -> Response[Any]:
    """Ask whether a message that may have arrived is to be sent again."""
    require_admin(request)
    platform, lang = _platform(request), _language(request)
    found = await read_apart(platform.database, look, Retry(ref, platform.now()))
    if found is None:
        return _trouble(request, "unknown", 404)
    if found.verdict is Retried.QUEUED:  # there is nothing to ask: the page has a button for it
        return _see(address("", lang))
    if found.verdict is not Retried.CONFIRM:
        return _gone_on(found.verdict.value, found.ref, lang)
    return _send(request, "confirm", confirm_page(found, platform.now(), lang))


@post("/operations/sms/retry", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def retry(request: AnyRequest) -> Response[Any]:
    """Send one message again; one that may have arrived, only after asking."""
    sms, fields = await _asked_for(request)
    platform, lang = _platform(request), _language(request)
    ref = fields.get("ref", "")
    asked = Retry(ref, platform.now(), fields.get("twice") == "yes")
    done = await platform.writer.run(troubled.retry, asked)
    if done is Retried.CONFIRM:
        return _see(address(f"/retry/{ref}", lang))
    sms.wake()
    return _gone_on(done.value, ref, lang)


@post("/operations/sms/pause", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def pause(request: AnyRequest) -> Response[Any]:
    """Send nothing by a provider, or nothing at all, until it is resumed."""
    sms, fields = await _asked_for(request)
    name = _provider(sms, fields)
    await _platform(request).writer.run(provider_states.pause, name)
    return _gone_on("paused", name, _language(request))


@post("/operations/sms/resume", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def resume(request: AnyRequest) -> Response[Any]:
    """Send by a provider, or by all, again."""
    sms, fields = await _asked_for(request)
    name = _provider(sms, fields)
    await _platform(request).writer.run(provider_states.resume, name)
    sms.wake()
    return _gone_on("resumed", name, _language(request))


async def _asked_for(request: AnyRequest) -> tuple[Sms, dict[str, str]]:
    """The fields of a form that the administrator sent from a page of ours.

    Raises:
        Refused: 401, or 403 when another site's page sent it, or 404 where there is no SMS.
    """
    require_admin(request)
    platform = _platform(request)
    if not asked_from_here(request.headers, platform.settings.public_url):
        raise Refused(403, "forbidden", "this was not sent from a page of this installation")
    if platform.sms is None:
        raise Refused(404, "not-found", "no SMS is configured")
    return platform.sms, dict(await read_fields(request.scope, request.receive, MOST_FORM_BYTES))


def _provider(sms: Sms, fields: dict[str, str]) -> str:
    name = fields.get("provider", "")
    if name != EVERYTHING and sms.config.provider(name) is None:
        raise Refused(404, "not-found", "there is no such provider")
    return name


def _gone_on(done: str, what: str, lang: str) -> Response[Any]:
    return _see(address("", lang, done=done, what=what))


def _see(where: str) -> Response[Any]:
    return Redirect(where, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [show_sms, show_costs, ask_retry, retry, pause, resume]
