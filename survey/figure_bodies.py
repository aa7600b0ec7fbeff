"""All figures of a place as plain data, in one shape for the API and the command line.

Pure. Nothing is computed here; the figures come from ``results``.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from analysis.trends import Point
from survey.beside_bodies import (
    AdjustedOut,
    BoundOut,
    CasesOut,
    RatingOut,
    adjusted_body,
    bound_body,
    cases_body,
    ratings_body,
)
from survey.body_reasons import WithheldOut, ZeroToOne, word
from survey.figures import GRADED_FROM, SHOWN_FROM, ElementFigure, Figure
from survey.mode_bodies import ModesOut, modes_body
from survey.results import Results
from survey.trust_bodies import KeyDriversOut, TrustOut, key_drivers_body, trust_body

Withheld = Literal["no_answers", "too_few", "too_few_for_grade", "too_few_for_element", "no_grades"]
Grade = Literal["A", "B", "C", "D"]
Kind = Literal["ikm", "perception"]
_NEEDED = {"no_answers": SHOWN_FROM, "too_few": SHOWN_FROM, "too_few_for_grade": GRADED_FROM}


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


class EndsOut(msgspec.Struct):
    """The lowest and the highest value there can be."""

    low: float
    high: float


class ElementOut(msgspec.Struct, kw_only=True):
    """One element: its mean answer, and the same in the units of the index, both with two decimals.

    low and high are the 95 % interval of value, in full precision.
    """

    key: str
    answers: int
    nrr: float
    value: float
    low: float
    high: float
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

    value has two decimals, rounded half up, and is what a grade goes by; value_exact is not rounded. Both are
    null when withheld says why, and withheld_because the same with numbers. The ikm is the same under its
    own name, and null for a perception index. elements_withheld are those that too few answered, and what
    would give them away.
    """

    period: PeriodOut
    method: str
    instrument: str
    n: int
    kind: Annotated[
        Kind, msgspec.Meta(description="The ikm is 25 to 100, a perception index at most 4; see ends.")
    ]
    ends: EndsOut
    value: float | None = None
    value_exact: float | None = None
    ikm: float | None = None
    ikm_exact: float | None = None
    ikm_without_cost: float | None = None
    of_hundred: Annotated[
        float | None, msgspec.Meta(description="A perception index on 0 to 100; null for the ikm.")
    ] = None
    interval: IntervalOut | None = None
    grade: Grade | None = None
    grade_certain: bool
    grade_probabilities: Annotated[
        dict[str, float] | None,
        msgspec.Meta(description="How likely each grade is, given the error of the index; they sum to 1."),
    ] = None
    comparable: Annotated[
        bool, msgspec.Meta(description="Whether an ikm is one of nine elements; of others it is not.")
    ]
    k: Annotated[int, msgspec.Meta(description="Elements in the index, each with the weight 1/k.")]
    unanswered: Annotated[
        list[str], msgspec.Meta(description="Elements nobody answered: they are not in it.")
    ]
    withheld: list[Withheld]
    withheld_because: list[WithheldOut]
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
    response_rate: ZeroToOne | None = None
    target: Annotated[
        int | None,
        msgspec.Meta(
            description="Answers that the rule's table of sample sizes asks for these transactions."
        ),
    ] = None


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

    figure is null until a transaction is reported, and with it all that stands beside it (adjusted to
    key_drivers). Live figures still change; they are for the agency itself, not for publication. The official
    index is in figure only, and is never mixed with the adjusted one. trend is the index by month (in the
    units of the index), sentiment the mean polarity of scored comments by month (-1 to 1). ratings is empty
    while the figure is withheld.
    """

    agency: str
    agency_name: str
    unit: str | None = None
    unit_name: str | None = None
    figure: LiveFigureOut | None = None
    adjusted: AdjustedOut | None = None
    bias_bound: BoundOut | None = None
    complete_cases: CasesOut | None = None
    modes: ModesOut | None = None
    trust: TrustOut | None = None
    key_drivers: KeyDriversOut | None = None
    ratings: list[RatingOut]
    trend: list[MonthOut]
    sentiment: list[MonthOut]
    imported: ImportedOut | None = None


def figures_body(results: Results) -> FiguresOut:
    """All figures of a place."""
    place, imported, evidence = results.place, results.imported, results.evidence
    figure = results.figure if results.months else None
    return FiguresOut(
        agency=place.agency,
        agency_name=place.agency_name,
        unit=place.unit,
        unit_name=place.unit_name,
        figure=None if figure is None else _live(figure),
        adjusted=None if figure is None else adjusted_body(figure, evidence),
        bias_bound=None if figure is None else bound_body(figure, evidence),
        complete_cases=None if figure is None else cases_body(figure, evidence),
        modes=None if figure is None else modes_body(figure, evidence),
        trust=None if figure is None else trust_body(figure, evidence),
        key_drivers=None if figure is None else key_drivers_body(figure, evidence),
        ratings=ratings_body(evidence),
        trend=_months(results.trend),
        sentiment=_months(results.sentiment),
        imported=None
        if imported is None
        else ImportedOut(
            FigureOut(**_common(imported)),
            [SeriesOut(name, rows, order) for name, rows, order in results.series],
        ),
    )


def _live(figure: Figure) -> LiveFigureOut:
    funnel = figure.funnel
    return LiveFigureOut(
        **_common(figure),
        transactions=funnel.transactions if funnel else 0,
        invited=funnel.invited if funnel else 0,
        answered=funnel.answered if funnel else 0,
        response_rate=funnel.response_rate if funnel else None,
        target=figure.target,
    )


def _common(figure: Figure) -> dict[str, Any]:
    """The fields of ``FigureOut``."""
    value = None if figure.value is None else float(figure.value)
    of_ikm, reasons = figure.kind == "ikm", _reasons(figure)
    return {
        "period": PeriodOut(figure.period.text, figure.period.first, figure.period.last),
        "method": figure.method,
        "instrument": figure.instrument,
        "n": figure.n,
        "kind": figure.kind,
        "ends": EndsOut(*figure.ends),
        "value": value,
        "value_exact": figure.exact,
        "ikm": value if of_ikm else None,
        "ikm_exact": figure.exact if of_ikm else None,
        "ikm_without_cost": None if figure.without_cost is None else float(figure.without_cost),
        "of_hundred": None if figure.of_hundred is None else float(figure.of_hundred),
        "interval": _interval(figure),
        "grade": figure.grade,
        "grade_certain": figure.grade_certain,
        "grade_probabilities": dict(figure.grade_probabilities) if figure.grade_probabilities else None,
        "comparable": figure.comparable,
        "k": figure.k,
        "unanswered": list(figure.unanswered),
        "withheld": reasons,
        "withheld_because": [_because(reason, figure.n) for reason in reasons],
        "elements": [_element(element) for element in figure.elements],
        "elements_withheld": list(figure.elements_withheld),
    }


def _reasons(figure: Figure) -> list[str]:
    few = "too_few_for_element" if figure.elements_withheld else None
    return [reason for reason in (figure.withheld, figure.grade_withheld, few) if reason]


def _because(reason: str, n: int) -> WithheldOut:
    """How few answered an element is not said: it is withheld, and so is what would give it away."""
    if reason == "too_few_for_element":
        return WithheldOut(word(reason), None, SHOWN_FROM)
    return WithheldOut(word(reason), n, _NEEDED.get(reason))


def _interval(figure: Figure) -> IntervalOut | None:
    found = figure.interval
    return None if found is None else IntervalOut(found.low, found.high, found.level, found.method)


def _element(element: ElementFigure) -> ElementOut:
    grade: Any = element.grade
    return ElementOut(
        key=element.key,
        answers=element.answered,
        nrr=float(element.nrr),
        value=float(element.value),
        low=element.interval.low,
        high=element.interval.high,
        grade=grade,
    )


def _months(points: Sequence[Point]) -> list[MonthOut]:
    return [
        MonthOut(
            month=point.period,
            value=point.value,
            low=point.low,
            high=point.high,
            n=point.n,
            withheld=word(point.reason) if point.reason else None,  # type: ignore[arg-type]
        )
        for point in points
    ]
