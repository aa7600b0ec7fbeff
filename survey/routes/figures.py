"""``GET /api/v1/agencies/{agency}/figures``: live figures for machines, with all they need to be read."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from survey.figures import ElementFigure, Figure
from survey.periods import Period, read_period
from survey.places import NotFound
from survey.platform import Platform
from survey.problems import MEDIA_TYPE, Problem, Refused
from survey.results import Question, Results, answer_place, read_apart
from survey.results_texts import reason_code
from survey.routes.api_docs import refusals
from survey.routes.doors import require_reader_of

AnyRequest = Request[Any, Any, Any]
Withheld = Literal["no_answers", "too_few", "too_few_for_grade", "too_few_for_element"]
Grade = Literal["A", "B", "C", "D"]
_NO_STORE = {"Cache-Control": "private, no-cache"}


class PeriodOut(msgspec.Struct):
    """Whole months, first and last as yyyymm, and how the period is written."""

    text: str
    first: int
    last: int


class IntervalOut(msgspec.Struct):
    """An interval in the units of its value, in full precision."""

    low: float
    high: float
    level: float
    method: str


class ElementOut(msgspec.Struct):
    """One element: its mean answer (1 to 4) and the same on 25 to 100, both with two decimals."""

    key: str
    answers: int
    nrr: float
    value: float
    grade: Grade | None = None


class MonthOut(msgspec.Struct, kw_only=True):
    """One month (yyyymm): value and interval in full precision, or why there is none."""

    month: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int
    withheld: Withheld | None = None


class FigureOut(msgspec.Struct, kw_only=True):
    """An index with what made it.

    ikm has two decimals, rounded half up, and is what a grade goes by; ikm_exact is not rounded. Both are
    null when withheld says why. elements_withheld are those that too few answered, and what would give
    them away.
    """

    period: PeriodOut
    method: str
    instrument: str
    n: int
    ikm: float | None = None
    ikm_exact: float | None = None
    ikm_without_cost: float | None = None
    interval: IntervalOut | None = None
    grade: Grade | None = None
    grade_certain: bool
    comparable: bool
    withheld: list[Withheld]
    elements: list[ElementOut]
    elements_withheld: list[str]


class LiveFigureOut(FigureOut, kw_only=True):
    """An index of invited answers, with the transactions they come from.

    response_rate (0 to 1) is answered / transactions. answered counts by the month of the transaction, n by
    the month of the answer.
    """

    transactions: int
    invited: int
    answered: int
    response_rate: float | None = None


class SeriesOut(msgspec.Struct):
    """An imported table: its name, its respondents, and in which order its columns stood."""

    name: str
    respondents: int
    order: str


class ImportedOut(msgspec.Struct):
    """Answers of historical tables, never part of any other figure."""

    figure: FigureOut
    series: list[SeriesOut]


class FiguresOut(msgspec.Struct, kw_only=True):
    """All figures of an agency or unit.

    figure is null until a transaction is reported. Live figures still change; they are for the agency
    itself, not for publication. trend is the index by month (25 to 100), sentiment the mean polarity of
    scored comments by month (-1 to 1).
    """

    agency: str
    agency_name: str
    unit: str | None = None
    unit_name: str | None = None
    figure: LiveFigureOut | None = None
    trend: list[MonthOut]
    sentiment: list[MonthOut]
    imported: ImportedOut | None = None


_EXAMPLE = FiguresOut(
    agency="dukcapil",
    agency_name="Dinas Kependudukan dan Pencatatan Sipil",
    unit=None,
    unit_name=None,
    figure=LiveFigureOut(
        period=PeriodOut("2026-Q3", 202607, 202609),
        method="SKM 14/2017: weights 1/k, pooled, unweighted; 95 % variance-calibrated Wilson interval",
        instrument="skm-2017.1",
        n=49,
        ikm=78.74,
        ikm_exact=78.74149659863946,
        ikm_without_cost=77.3,
        interval=IntervalOut(76.21, 81.07, 0.95, "wilson-calibrated"),
        grade="B",
        grade_certain=True,
        comparable=True,
        withheld=[],
        elements=[ElementOut("time", 49, 3.02, 75.51, "C")],
        elements_withheld=[],
        transactions=400,
        invited=400,
        answered=49,
        response_rate=0.1225,
    ),
    trend=[
        MonthOut(month=202607, value=78.2, low=74.1, high=81.9, n=21),
        MonthOut(month=202608, n=3, withheld="too_few"),
    ],
    sentiment=[MonthOut(month=202607, value=0.21, low=0.05, high=0.37, n=12)],
    imported=None,
)

_RESPONSES = {
    200: ResponseSpec(
        FiguresOut,
        description="The figures as they are now",
        generate_examples=False,
        examples=[Example(summary="A quarter of an agency", value=msgspec.to_builtins(_EXAMPLE))],
    ),
    400: ResponseSpec(
        Problem,
        description="A period that cannot be read",
        media_type=MEDIA_TYPE,
        generate_examples=False,
    ),
    **refusals(401, 404, 503),
}
_DESCRIPTION = (
    "Live figures for the agency itself: each index with its interval, the answers and transactions behind"
    " it, its grade and what made it, or the reason why it is withheld. Answers that were imported stand"
    " apart."
)
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
    description=_DESCRIPTION,
    responses=_RESPONSES,
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
    description=_DESCRIPTION,
    responses=_RESPONSES,
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
    question = Question(platform.instruments, platform.settings.instrument, _wanted(period), agency, unit)
    try:
        results = await read_apart(platform.database, answer_place, question)
    except NotFound:
        what = "agency" if unit is None else "unit of this agency"
        raise Refused(404, "not-found", f"there is no such {what}, or this key may not read it") from None
    return Response(_figures(results), headers=_NO_STORE)


def _wanted(period: str | None) -> Period | None:
    try:
        return read_period(period) if period else None
    except ValueError as error:
        raise Refused(400, "period", str(error), field="period") from None


def _figures(results: Results) -> FiguresOut:
    place, imported = results.place, results.imported
    return FiguresOut(
        agency=place.agency,
        agency_name=place.agency_name,
        unit=place.unit,
        unit_name=place.unit_name,
        figure=_live(results.figure) if results.figure and results.months else None,
        trend=_months(results.trend),
        sentiment=_months(results.sentiment),
        imported=ImportedOut(
            FigureOut(**_common(imported)),
            [SeriesOut(name, rows, order) for name, rows, order in results.series],
        )
        if imported
        else None,
    )


def _live(figure: Figure) -> LiveFigureOut:
    funnel = figure.funnel
    return LiveFigureOut(
        **_common(figure),
        transactions=funnel.transactions if funnel else 0,
        invited=funnel.invited if funnel else 0,
        answered=funnel.answered if funnel else 0,
        response_rate=funnel.response_rate if funnel else None,
    )


def _common(figure: Figure) -> dict[str, Any]:
    """The fields of ``FigureOut``."""
    interval, period = figure.interval, figure.period
    reasons = [
        figure.withheld,
        figure.grade_withheld,
        "too_few_for_element" if figure.elements_withheld else None,
    ]
    return {
        "period": PeriodOut(period.text, period.first, period.last),
        "method": figure.method,
        "instrument": figure.instrument,
        "n": figure.n,
        "ikm": None if figure.value is None else float(figure.value),
        "ikm_exact": figure.exact,
        "ikm_without_cost": None if figure.without_cost is None else float(figure.without_cost),
        "interval": IntervalOut(interval.low, interval.high, interval.level, interval.method)
        if interval
        else None,
        "grade": figure.grade,
        "grade_certain": figure.grade_certain,
        "comparable": figure.comparable,
        "withheld": [reason for reason in reasons if reason],
        "elements": [_element(element) for element in figure.elements],
        "elements_withheld": list(figure.elements_withheld),
    }


def _element(element: ElementFigure) -> ElementOut:
    grade: Any = element.grade
    return ElementOut(element.key, element.answered, float(element.nrr), float(element.value), grade)


def _months(points: Sequence[Any]) -> list[MonthOut]:
    return [
        MonthOut(
            month=point.period,
            value=point.value,
            low=point.low,
            high=point.high,
            n=point.n,
            withheld=reason_code(point.reason) if point.reason else None,  # type: ignore[arg-type]
        )
        for point in points
    ]


ROUTES = [read_agency_figures, read_unit_figures]
