"""``GET /api/v1/agencies/{agency}/figures``: live figures for machines, with all they need to be read."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import PathParameter, QueryParameter

from survey.figure_bodies import FiguresOut, figures_body
from survey.periods import Period, read_period
from survey.places import NotFound
from survey.platform import Platform
from survey.problems import Refused
from survey.results import Question, answer_place, read_apart
from survey.routes.doors import require_reader_of
from survey.routes.figure_docs import DESCRIPTION, RESPONSES

AnyRequest = Request[Any, Any, Any]
_NO_STORE = {"Cache-Control": "private, no-cache"}
AgencyCode = Annotated[str, PathParameter(description="The agency's code.")]
UnitCode = Annotated[str, PathParameter(description="The unit's code.")]
WrittenPeriod = Annotated[
    str | None,
    QueryParameter(
        description="2026, 2026-S1, 2026-Q3 or 2026-11; without it the latest twelve months with data."
    ),
]


@get(
    "/api/v1/agencies/{agency:str}/figures",
    operation_id="readAgencyFigures",
    summary="Read an agency's figures",
    description=DESCRIPTION,
    responses=RESPONSES,
    tags=["figures"],
    security=[{"agencyKey": []}],
)
async def read_agency_figures(
    request: AnyRequest, agency: AgencyCode, period: WrittenPeriod = None
) -> Response[FiguresOut]:
    """All figures of an agency."""
    return await _read(request, agency, None, period)


@get(
    "/api/v1/agencies/{agency:str}/units/{unit:str}/figures",
    operation_id="readUnitFigures",
    summary="Read a unit's figures",
    description=DESCRIPTION,
    responses=RESPONSES,
    tags=["figures"],
    security=[{"agencyKey": []}],
)
async def read_unit_figures(
    request: AnyRequest, agency: AgencyCode, unit: UnitCode, period: WrittenPeriod = None
) -> Response[FiguresOut]:
    """All figures of a unit."""
    return await _read(request, agency, unit, period)


async def _read(
    request: AnyRequest, agency: str, unit: str | None, period: str | None
) -> Response[FiguresOut]:
    await require_reader_of(request, agency)
    platform: Platform = request.app.state.platform
    question = Question(
        platform.instruments, platform.settings.instrument, wanted_period(period), agency, unit
    )
    try:
        results = await read_apart(platform.database, answer_place, question)
    except NotFound:
        what = "agency" if unit is None else "unit of this agency"
        raise Refused(404, "not-found", f"there is no such {what}, or this key may not read it") from None
    return Response(figures_body(results), headers=_NO_STORE)


def wanted_period(period: str | None) -> Period | None:
    """The period asked for.

    Raises:
        Refused: 400, it cannot be read.
    """
    try:
        return read_period(period) if period else None
    except ValueError as error:
        raise Refused(400, "period", str(error), field="period") from None


ROUTES = [read_agency_figures, read_unit_figures]
