"""The results pages for the administrator and, in the demonstration, for everybody."""

import json

from litestar import Response, get
from litestar.params import FromPath

from survey.drawings import drawing_of
from survey.drawn import PICTURES
from survey.pictures import SUBJECTS
from survey.places import NotFound
from survey.platform import Platform
from survey.recording import as_utc
from survey.results import (
    Question,
    answer_overview,
    answer_place,
    answer_place_with_units,
    read_apart,
)
from survey.results_views import overview_page, place_page
from survey.routes.doors import require_admin
from survey.routes.figure_troubles import HANDLERS
from survey.routes.staff import (
    AnyRequest,
    item_names,
    language_of,
    period_of,
    platform_of,
    send,
    send_picture,
    written_period,
)


def _question(request: AnyRequest, agency: str = "", unit: str | None = None) -> Question:
    platform = platform_of(request)
    return Question(platform.instruments, platform.settings.instrument, period_of(request), agency, unit)


@get("/results", include_in_schema=False, exception_handlers=HANDLERS)
async def show_agencies(request: AnyRequest) -> Response[bytes]:
    """Every agency with its figure."""
    require_admin(request)
    overview = await read_apart(platform_of(request).database, answer_overview, _question(request))
    return send(
        request, "results/overview", overview_page(overview, language_of(request), written_period(request))
    )


@get("/results/{agency:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_agency(request: AnyRequest, agency: FromPath[str]) -> Response[bytes]:
    """An agency with everything known of it."""
    return await _show_place(request, agency, None)


@get("/results/{agency:str}/{unit:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_unit(request: AnyRequest, agency: FromPath[str], unit: FromPath[str]) -> Response[bytes]:
    """A unit with everything known of it."""
    return await _show_place(request, agency, unit)


async def _show_place(request: AnyRequest, agency: str, unit: str | None) -> Response[bytes]:
    require_admin(request)
    platform, lang = platform_of(request), language_of(request)
    question = _question(request, agency, unit)
    results, units = await read_apart(platform.database, answer_place_with_units, question)
    names = item_names(platform, lang)
    example = _example(platform, unit or next((figure.place.unit for figure in units), None))
    page = place_page(results, units, names, lang, written_period(request), example)
    return send(request, "results/place", page)


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


@get("/results/{agency:str}/pictures/{name:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_agency_picture(
    request: AnyRequest, agency: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A picture of an agency."""
    return await _show_picture(request, agency, None, name)


@get(
    "/results/{agency:str}/{unit:str}/pictures/{name:str}",
    include_in_schema=False,
    exception_handlers=HANDLERS,
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
    results = await read_apart(platform_of(request).database, answer_place, _question(request, agency, unit))
    lang = language_of(request)
    drawing = drawing_of(results, subject, item_names(platform_of(request), lang), lang)
    if drawing.empty:
        raise NotFound(name)
    return send_picture(request, await PICTURES.get(drawing))


ROUTES = [show_agencies, show_agency, show_unit, show_agency_picture, show_unit_picture]
