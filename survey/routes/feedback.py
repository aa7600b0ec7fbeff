"""The citizen's other pages: type a code by hand, read about privacy, erase an answer."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from survey import responses, tokens
from survey.counters import ANSWERS
from survey.routes.wire import fresh, language_of, page_response, platform_of, read_fields

MOST_FORM_BYTES = 64 * 1024

AnyRequest = Request[Any, Any, Any]


async def _read(request: AnyRequest) -> dict[str, str]:
    return dict(await read_fields(request.scope, request.receive, MOST_FORM_BYTES))


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Response[bytes]:
    """The front page: what this is, and a field for a code typed by hand."""
    scope = request.scope
    return page_response(scope, platform_of(scope).pages.home(language_of(scope)))


@post("/go", include_in_schema=False, status_code=303)
async def go(request: AnyRequest) -> Response[Any]:
    """Go to the form of a code that was typed by hand."""
    scope, fields = request.scope, await _read(request)
    language = language_of(scope, fields.get("lang"))
    typed = fields.get("code", "")
    code = tokens.read(typed)
    if code is None:
        return page_response(scope, fresh(platform_of(scope).pages.home_again(language, typed[:64])), 422)
    headers = {"Cache-Control": "private, no-cache"}
    return Redirect(f"/{code}?lang={language}", status_code=303, headers=headers)


@get("/privacy", include_in_schema=False)
async def privacy(request: AnyRequest) -> Response[bytes]:
    """How answers are protected, and what cannot be hidden."""
    scope = request.scope
    return page_response(scope, platform_of(scope).pages.privacy(language_of(scope)))


@get("/receipt", include_in_schema=False)
async def receipt_form(request: AnyRequest) -> Response[bytes]:
    """Ask for a receipt code, to erase the answer it belongs to."""
    scope = request.scope
    return page_response(scope, platform_of(scope).pages.receipt(language_of(scope)))


@post("/receipt", include_in_schema=False, status_code=200)
async def erase(request: AnyRequest) -> Response[bytes]:
    """Erase the answer of a receipt; it stops counting within seconds."""
    scope, fields = request.scope, await _read(request)
    platform, language = platform_of(scope), language_of(scope, fields.get("lang"))
    typed = fields.get("code", "")
    receipt = tokens.read(typed)
    number = responses.response_id(platform.settings.keys, receipt) if receipt else None
    if number is None or not await platform.writer.run(responses.erase, number):
        return page_response(scope, fresh(platform.pages.receipt_again(language, typed[:64])), 422)
    ANSWERS.labels("erased").inc()
    return page_response(scope, platform.pages.notice("erased", language))


ROUTES = [home, go, privacy, receipt_form, erase]
