"""The operator's pages of SMS: how it is, and what can be done about it. For the administrator."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from survey.messaging import provider_states, troubled
from survey.messaging.costs import MONTHS, Period, read_costs, spans
from survey.messaging.outbox import read_ref
from survey.messaging.overview import question_of, read_overview
from survey.messaging.provider_states import EVERYTHING
from survey.messaging.troubled import Asked, Retried, Retry, list_troubled, look
from survey.operations_costs import costs_page
from survey.operations_overview import confirm_page, sms_page
from survey.operations_views import (
    address,
    notice_of,
    trouble_page,
    unconfigured_page,
)
from survey.platform import Sms
from survey.problems import Refused
from survey.results import read_apart
from survey.routes.doors import require_admin
from survey.routes.forms import fields_of, require_ours, see
from survey.routes.staff import AnyRequest, language_of, platform_of, send
from survey.routes.troubles import Troubles

_TROUBLES = Troubles(
    "operations/text",
    trouble_page,
    {401: "unauthorized", 403: "forbidden", 404: "unknown"},
    "unreadable",
)
_HANDLERS = _TROUBLES.form_handlers


@get("/operations/sms", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_sms(request: AnyRequest) -> Response[bytes]:
    """How the messages are: what waits, what is wrong, the providers."""
    require_admin(request)
    platform, lang = platform_of(request), language_of(request)
    if platform.sms is None:
        return send(request, "operations/text", unconfigured_page(lang))
    question = question_of(platform.sms.config, platform.now())
    overview = await read_apart(platform.database, read_overview, question)
    listed = await read_apart(platform.database, list_troubled, Asked(question.now))
    query = request.query_params
    notice = notice_of(query.get("done", ""), _known(platform.sms, query.get("what", "")), lang)
    page = sms_page(overview, listed, lang, still=query.get("still") == "1", notice=notice)
    return send(request, "operations/sms", page)


def _known(sms: Sms, what: str) -> str:
    """A name that may be shown: a provider's, a reference, or everything; not what anybody made up."""
    names = {EVERYTHING, *(one.name for one in sms.config.providers)}
    return what if what in names or read_ref(what) is not None else "?"


@get("/operations/sms/costs", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_costs(request: AnyRequest) -> Response[bytes]:
    """What was sent in each of the last twelve months, in segments."""
    require_admin(request)
    platform, lang = platform_of(request), language_of(request)
    now = platform.now()
    months = [span.month for span in spans(now, MONTHS)]
    month = next((one for one in months if str(one) == request.query_params.get("month")), months[0])
    costs = await read_apart(platform.database, read_costs, Period(now))
    return send(request, "operations/costs", costs_page(costs, months, month, lang))


@get("/operations/sms/retry/{ref:str}", include_in_schema=False, exception_handlers=_HANDLERS)
async def ask_retry(request: AnyRequest, ref: FromPath[str]) -> Response[Any]:
    """Ask whether a message that may have arrived is to be sent again."""
    require_admin(request)
    platform, lang = platform_of(request), language_of(request)
    found = await read_apart(platform.database, look, Retry(ref, platform.now()))
    if found is None:
        return _TROUBLES.page(request, "unknown", 404)
    if found.verdict is Retried.QUEUED:  # there is nothing to ask: the page has a button for it
        return see(address("", lang))
    if found.verdict is not Retried.CONFIRM:
        return _gone_on(found.verdict.value, found.ref, lang)
    return send(request, "operations/confirm", confirm_page(found, platform.now(), lang))


@post("/operations/sms/retry", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def retry(request: AnyRequest) -> Response[Any]:
    """Send one message again; one that may have arrived, only after asking."""
    sms, fields = await _asked_for(request)
    platform, lang = platform_of(request), language_of(request)
    ref = fields.get("ref", "")
    asked = Retry(ref, platform.now(), fields.get("twice") == "yes")
    done = await platform.writer.run(troubled.retry, asked)
    if done is Retried.CONFIRM:
        return see(address(f"/retry/{ref}", lang))
    sms.wake()
    return _gone_on(done.value, ref, lang)


@post("/operations/sms/pause", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def pause(request: AnyRequest) -> Response[Any]:
    """Send nothing by a provider, or nothing at all, until it is resumed."""
    sms, fields = await _asked_for(request)
    name = _provider(sms, fields)
    await platform_of(request).writer.run(provider_states.pause, name)
    return _gone_on("paused", name, language_of(request))


@post("/operations/sms/resume", include_in_schema=False, exception_handlers=_HANDLERS, status_code=303)
async def resume(request: AnyRequest) -> Response[Any]:
    """Send by a provider, or by all, again."""
    sms, fields = await _asked_for(request)
    name = _provider(sms, fields)
    await platform_of(request).writer.run(provider_states.resume, name)
    sms.wake()
    return _gone_on("resumed", name, language_of(request))


async def _asked_for(request: AnyRequest) -> tuple[Sms, dict[str, str]]:
    """The fields of a form that the administrator sent from a page of ours.

    Raises:
        Refused: 401, or 403 when another site's page sent it, or 404 where there is no SMS.
    """
    require_ours(request)
    sms = platform_of(request).sms
    if sms is None:
        raise Refused(404, "not-found", "no SMS is configured")
    return sms, await fields_of(request)


def _provider(sms: Sms, fields: dict[str, str]) -> str:
    name = fields.get("provider", "")
    if name != EVERYTHING and sms.config.provider(name) is None:
        raise Refused(404, "not-found", "there is no such provider")
    return name


def _gone_on(done: str, what: str, lang: str) -> Response[Any]:
    return see(address("", lang, done=done, what=what))


ROUTES = [show_sms, show_costs, ask_retry, retry, pause, resume]
