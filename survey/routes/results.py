"""The results pages for the administrator and, in the demonstration, for everybody."""

import json
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from survey.database import Unavailable
from survey.drawings import drawing_of
from survey.drawn import PICTURES
from survey.i18n import environment, negotiate
from survey.periods import Period, read_period
from survey.pictures import SUBJECTS
from survey.places import NotFound
from survey.platform import Platform
from survey.problems import Refused
from survey.recording import as_utc
from survey.results import (
    Question,
    answer_overview,
    answer_place,
    answer_place_with_units,
    read_apart,
)
from survey.results_texts import OFFERED
from survey.results_views import (
    OverviewPage,
    PlacePage,
    Trouble,
    TroublePage,
    overview_page,
    place_page,
    trouble_page,
)
from survey.routes.assets import ADDRESSES
from survey.routes.doors import require_admin
from survey.routes.errors import on_unexpected
from survey.routes.wire import fresh, page_response

AnyRequest = Request[Any, Any, Any]
_TROUBLES: dict[int, Trouble] = {400: "period", 401: "unauthorized", 404: "unknown"}
_PRIVATE = {"Cache-Control": "private, no-cache"}


def _platform(request: AnyRequest) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _language(request: AnyRequest) -> str:
    asked: str | None = request.query_params.get("lang")
    if asked in OFFERED:
        return str(asked)
    default = _platform(request).settings.default_language
    return negotiate(request.headers.get("accept-language"), OFFERED, default if default in OFFERED else "id")


def _asked(request: AnyRequest) -> str:
    asked: str = request.query_params.get("period", "")
    return asked


def _period(request: AnyRequest) -> Period | None:
    try:
        return read_period(_asked(request)) if _asked(request) else None
    except ValueError as error:
        raise Refused(400, "period", str(error), field="period") from None


def _question(request: AnyRequest, agency: str = "", unit: str | None = None) -> Question:
    platform = _platform(request)
    return Question(platform.instruments, platform.settings.instrument, _period(request), agency, unit)


def _send(
    request: AnyRequest, template: str, page: OverviewPage | PlacePage | TroublePage, status: int = 200
) -> Response[bytes]:
    lang = _language(request)
    settings = _platform(request).settings
    body = (
        environment(lang)
        .get_template(f"results/{template}.html")
        .render(page=page, assets=ADDRESSES, site_name=settings.site_name, contact=settings.site_contact)
    )
    return page_response(request.scope, fresh(body.encode()), status)


def _trouble(
    request: AnyRequest, trouble: Trouble, status: int, headers: dict[str, str] | None = None
) -> Response[Any]:
    response = _send(request, "trouble", trouble_page(trouble, _language(request)), status)
    response.headers.update(headers or {})
    return response


def _on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    status = error.problem.status
    return _trouble(request, _TROUBLES[status], status, error.headers)


def _on_unknown(request: AnyRequest, _error: NotFound) -> Response[Any]:
    return _trouble(request, "unknown", 404)


def _on_unavailable(request: AnyRequest, _error: Unavailable) -> Response[Any]:
    return _trouble(request, "unavailable", 503, {"Retry-After": "10"})


def _on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    on_unexpected(request, error)
    return _trouble(request, "internal", 500)


# The citizen's pages of trouble speak of links and codes, and bring a style of their own.
_HANDLERS: dict[Any, Any] = {
    Refused: _on_refused,
    NotFound: _on_unknown,
    Unavailable: _on_unavailable,
    Exception: _on_unexpected,
}


@get("/results", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_agencies(request: AnyRequest) -> Response[bytes]:
    """Every agency with its figure."""
    require_admin(request)
    overview = await read_apart(_platform(request).database, answer_overview, _question(request))
    return _send(request, "overview", overview_page(overview, _language(request), _asked(request)))


@get("/results/{agency:str}", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_agency(request: AnyRequest, agency: FromPath[str]) -> Response[bytes]:
    """An agency with everything known of it."""
    return await _show_place(request, agency, None)


@get("/results/{agency:str}/{unit:str}", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_unit(request: AnyRequest, agency: FromPath[str], unit: FromPath[str]) -> Response[bytes]:
    """A unit with everything known of it."""
    return await _show_place(request, agency, unit)


async def _show_place(request: AnyRequest, agency: str, unit: str | None) -> Response[bytes]:
    require_admin(request)
    platform, lang = _platform(request), _language(request)
    question = _question(request, agency, unit)
    results, units = await read_apart(platform.database, answer_place_with_units, question)
    names = _names(platform, lang)
    example = _example(platform, unit or next((figure.place.unit for figure in units), None))
    page = place_page(results, units, names, lang, _asked(request), example)
    return _send(request, "place", page)


def _names(platform: Platform, lang: str) -> dict[str, str]:
    """The names of all items; those of the instrument that is asked come last and count."""
    asked = platform.instruments[platform.settings.instrument]
    return {
        item.key: item.name.get(lang) or item.name[instrument.default_language]
        for instrument in (*platform.instruments.values(), asked)
        for item in instrument.items
    }


def _example(platform: Platform, unit: str | None) -> str:
    transaction = {
        "unit": unit or "UNIT",
        "service": "SERVICE",
        "channel": "counter",
        "outcome": "approved",
        "finished_at": as_utc(platform.now()),
        "external_ref": "2026-000123",
    }
    return (
        f"curl {platform.settings.public_url}/api/v1/transactions \\\n"
        '  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\\n'
        f"  -d '{json.dumps(transaction)}'"
    )


@get("/results/{agency:str}/pictures/{name:str}", include_in_schema=False, exception_handlers=_HANDLERS)
async def show_agency_picture(
    request: AnyRequest, agency: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A picture of an agency."""
    return await _show_picture(request, agency, None, name)


@get(
    "/results/{agency:str}/{unit:str}/pictures/{name:str}",
    include_in_schema=False,
    exception_handlers=_HANDLERS,
)
async def show_unit_picture(
    request: AnyRequest, agency: FromPath[str], unit: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A picture of a unit."""
    return await _show_picture(request, agency, unit, name)


async def _show_picture(request: AnyRequest, agency: str, unit: str | None, name: str) -> Response[bytes]:
    require_admin(request)
    subject = next((subject for subject in SUBJECTS if name == f"{subject}.svg"), None)
    if subject is None:
        raise NotFound(name)
    results = await read_apart(_platform(request).database, answer_place, _question(request, agency, unit))
    lang = _language(request)
    drawing = drawing_of(results, subject, _names(_platform(request), lang), lang)
    if drawing.empty:
        raise NotFound(name)
    picture = await PICTURES.get(drawing)
    headers = {**_PRIVATE, "ETag": picture.etag, "Vary": "Accept-Language"}
    if picture.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(picture.svg, media_type="image/svg+xml", headers=headers)


ROUTES = [show_agencies, show_agency, show_unit, show_agency_picture, show_unit_picture]
