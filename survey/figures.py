"""From kept tallies to figures: every value with its interval, its n and N, and what made it.

A figure is withheld, with the reason, when too few people stand behind it (methodology: below 5 nothing
for the agency itself, below 30 no grade).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import sqrt
from typing import NamedTuple

from sqlalchemy import bindparam, select

from analysis.index import Index, ikm_without, index, round_half_up, spread
from analysis.intervals import Interval, grade_probabilities, wilson_calibrated
from analysis.tally import Layout, Tally
from analysis.trends import Point, monthly, monthly_sentiment
from survey.database import Row, Statement, Tx
from survey.models import LEDGER, AgencyMonth, Series, UnitMonth, columns
from survey.periods import Period, latest_year
from survey.places import Place, list_agencies, list_units
from survey.tallies import LEDGER_MEASURES, unpack

SHOWN_FROM = 5
GRADED_FROM = 30
CERTAIN_FROM = 0.8
METHOD = "SKM 14/2017: weights 1/k, pooled, unweighted; 95 % variance-calibrated Wilson interval"

_um = columns(UnitMonth)
_am = columns(AgencyMonth)
_s = columns(Series)

AGENCY_MONTHS = Statement(
    select(_am.month, _am.source, _am.instrument, _am.counts).where(_am.agency_id == bindparam("agency_id"))
)
UNIT_MONTHS = Statement(
    select(_um.month, _um.source, _um.instrument, _um.counts).where(
        _um.agency_id == bindparam("agency_id"), _um.unit_id == bindparam("unit_id")
    )
)
ALL_UNIT_MONTHS = Statement(
    select(_um.unit_id, _um.month, _um.source, _um.instrument, _um.counts).where(
        _um.agency_id == bindparam("agency_id"),
        _um.month.between(bindparam("first"), bindparam("last")),
    )
)
ALL_AGENCY_MONTHS = Statement(
    select(_am.agency_id, _am.month, _am.source, _am.instrument, _am.counts).where(
        _am.month.between(bindparam("first"), bindparam("last"))
    )
)
LIVE_MONTHS = Statement(select(_am.month).where(_am.source != "imported").distinct())
SERIES = Statement(
    select(_s.unit_id, _s.name, _s.rows, _s.element_order).where(_s.agency_id == bindparam("agency_id"))
)


class Funnel(NamedTuple):
    """How many transactions, how many of them invited, how many of those answered."""

    transactions: int
    invited: int
    answered: int

    @property
    def response_rate(self) -> float | None:
        """Answered of all transactions, 0 to 1; None without transactions."""
        return self.answered / self.transactions if self.transactions else None


@dataclass(frozen=True)
class ElementFigure:
    """One element: mean answer (1 to 4), the same on 25 to 100, its grade and how many answered it."""

    key: str
    answered: int
    nrr: Decimal
    value: Decimal
    grade: str | None


@dataclass(frozen=True)
class Figure:
    """An index (25 to 100) with everything it needs to be read; ``value`` is None when withheld.

    ``elements_withheld`` are those that too few people answered, and what would give them away.
    """

    place: Place
    source: str
    instrument: str
    period: Period
    n: int
    funnel: Funnel | None
    value: Decimal | None = None
    exact: float | None = None
    interval: Interval | None = None
    without_cost: Decimal | None = None
    grade: str | None = None
    grade_certain: bool = False
    withheld: str | None = None
    grade_withheld: str | None = None
    comparable: bool = True
    elements: tuple[ElementFigure, ...] = ()
    elements_withheld: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()
    method: str = METHOD


@dataclass(frozen=True)
class Results:
    """All that is known of a place: its figure for a period, its months, what was imported."""

    place: Place
    figure: Figure | None
    imported: Figure | None
    trend: list[Point]
    sentiment: list[Point]
    funnel: Funnel
    months: list[int]
    period: Period | None
    series: list[tuple[str, int, str]]


@dataclass
class _Cells:
    """The months of a place: tallies by (source, instrument) and month, and the ledger by month."""

    tallies: dict[tuple[str, str], dict[int, Tally]] = field(default_factory=lambda: defaultdict(dict))
    ledger: dict[int, tuple[int, ...]] = field(default_factory=dict)


def read_results(
    tx: Tx, place: Place, layouts: Mapping[str, Layout], instrument: str, period: Period | None = None
) -> Results:
    """The results of an agency or unit; without a period, of the latest twelve months."""
    cells = _read_cells(tx, place, layouts)
    invited = cells.tallies.get(("invited", instrument), {})
    months = sorted(set(invited) | set(cells.ledger))
    wanted = period or (latest_year(months[-1]) if months else None)
    funnel = _funnel(cells.ledger, wanted)
    imported = {
        name: tallies for (source, name), tallies in cells.tallies.items() if source == "imported" and tallies
    }
    return Results(
        place=place,
        figure=_live_figure(place, cells, instrument, wanted, finite=True) if wanted else None,
        imported=_imported(place, imported),
        trend=monthly(invited, minimum=SHOWN_FROM),
        sentiment=monthly_sentiment(invited, minimum=SHOWN_FROM),
        funnel=funnel,
        months=months,
        period=wanted,
        series=_series(tx, place),
    )


def read_units(
    tx: Tx,
    agency: Place,
    layouts: Mapping[str, Layout],
    instrument: str,
    period: Period,
    *,
    finite: bool = True,
) -> list[Figure]:
    """The figure of each unit of an agency for a period, by name.

    ``finite`` intervals are about exactly the period's transactions; without it they are about the way
    the unit works, of which these transactions are a sample, and are wider.
    """
    parameters = {"agency_id": agency.agency_id, "first": period.first, "last": period.last}
    cells = _cells_by_owner(tx.all(ALL_UNIT_MONTHS, parameters), layouts)
    return [
        _live_figure(unit, cells[unit.unit_id or 0], instrument, period, finite)
        for unit in list_units(tx, agency)
    ]


def read_agencies(
    tx: Tx, layouts: Mapping[str, Layout], instrument: str, period: Period, *, finite: bool = True
) -> list[Figure]:
    """The figure of every agency for a period, by name; ``finite`` as for ``read_units``."""
    rows = tx.all(ALL_AGENCY_MONTHS, {"first": period.first, "last": period.last})
    cells = _cells_by_owner(rows, layouts)
    return [
        _live_figure(agency, cells[agency.agency_id], instrument, period, finite)
        for agency in list_agencies(tx, [None])[0]
    ]


def list_months(tx: Tx) -> list[int]:
    """The months (``yyyymm``) in which any agency has transactions or invited answers, ascending."""
    return sorted(row[0] for row in tx.all(LIVE_MONTHS))


def _cells_by_owner(rows: Sequence[Row], layouts: Mapping[str, Layout]) -> dict[int, _Cells]:
    """Rows of (id of the unit or agency, month, source, instrument, counts), sorted in by that id."""
    cells: dict[int, _Cells] = defaultdict(_Cells)
    for owner, *row in rows:
        _sort_in(cells[owner], tuple(row), layouts)
    return cells


def _live_figure(place: Place, cells: _Cells, instrument: str, period: Period, finite: bool) -> Figure:
    tallies = cells.tallies.get(("invited", instrument), {})
    return _figure(
        place, "invited", instrument, period, tallies, _funnel(cells.ledger, period), finite=finite
    )


def _read_cells(tx: Tx, place: Place, layouts: Mapping[str, Layout]) -> _Cells:
    cells = _Cells()
    statement = AGENCY_MONTHS if place.unit_id is None else UNIT_MONTHS
    for row in tx.all(statement, {"agency_id": place.agency_id, "unit_id": place.unit_id}):
        _sort_in(cells, row, layouts)
    return cells


def _sort_in(cells: _Cells, row: Row, layouts: Mapping[str, Layout]) -> None:
    month, source, instrument, counts = row
    if instrument == LEDGER:
        cells.ledger[month] = unpack(counts)
    elif instrument in layouts:
        cells.tallies[source, instrument][month] = Tally(layouts[instrument], unpack(counts))


def _funnel(ledger: Mapping[int, tuple[int, ...]], period: Period | None) -> Funnel:
    rows = [counts for month, counts in ledger.items() if period is not None and period.covers(month)]
    return Funnel(*(sum(row[at] for row in rows) for at in range(len(LEDGER_MEASURES))))


def _imported(place: Place, by_instrument: Mapping[str, Mapping[int, Tally]]) -> Figure | None:
    for instrument, tallies in sorted(by_instrument.items()):
        first, last = min(tallies), max(tallies)
        ends = [f"{month // 100}-{month % 100:02d}" for month in sorted({first, last})]
        period = Period(first, last, "…".join(ends))
        return _figure(place, "imported", instrument, period, tallies, None)
    return None


def _series(tx: Tx, place: Place) -> list[tuple[str, int, str]]:
    return [
        (name, rows, order)
        for unit_id, name, rows, order in tx.all(SERIES, {"agency_id": place.agency_id})
        if place.unit_id in (None, unit_id)
    ]


def _figure(
    place: Place,
    source: str,
    instrument: str,
    period: Period,
    tallies: Mapping[int, Tally],
    funnel: Funnel | None,
    *,
    finite: bool = True,
) -> Figure:
    chosen = [tally for month, tally in sorted(tallies.items()) if period.covers(month)]
    tally = sum(chosen[1:], chosen[0]) if chosen else None
    found = index(tally) if tally is not None else None
    bare = Figure(place, source, instrument, period, found.n if found else 0, funnel)
    if tally is None or found is None:
        return replace(bare, withheld="no_answers")
    if found.n < SHOWN_FROM:
        return replace(bare, withheld="too_few")
    return _shown(bare, tally, found, finite)


def _shown(bare: Figure, tally: Tally, found: Index, finite: bool) -> Figure:
    scores = spread(tally)
    sd = (scores.sd if scores else None) or 0.0
    served = bare.funnel.transactions if bare.funnel and finite else 0
    population = served if served > found.n else None
    graded = found.n >= GRADED_FROM
    hidden = _hidden({key: tally.answered(key) for key in found.nrr})
    # The index less the index without cost is the cost element.
    costs = "cost" in tally.layout.elements and "cost" not in hidden
    without_cost = ikm_without(tally, "cost") if costs else None
    return replace(
        bare,
        value=found.rounded,
        exact=float(found.ikm),
        interval=wilson_calibrated(float(found.ikm), sd, found.n, population=population),
        without_cost=None if without_cost is None else round_half_up(without_cost, 2),
        grade=found.grade if graded else None,
        grade_withheld=None if graded else "too_few_for_grade",
        grade_certain=graded and _certain(float(found.ikm), sd / sqrt(found.n)),
        comparable=found.comparable,
        lowest=tuple(key for key in found.lowest if key not in hidden),
        elements_withheld=tuple(key for key in found.nrr if key in hidden),
        elements=tuple(
            ElementFigure(
                key,
                tally.answered(key),
                round_half_up(mean, 2),
                round_half_up(25 * mean, 2),
                found.element_grades[key] if tally.answered(key) >= GRADED_FROM else None,
            )
            for key, mean in found.nrr.items()
            if key not in hidden
        ),
    )


def _hidden(answered: Mapping[str, int]) -> frozenset[str]:
    """The elements answered by too few; never one alone, which the index less all others would reveal."""
    few = [key for key, n in answered.items() if n < SHOWN_FROM]
    others = [key for key in answered if key not in few]
    if len(few) == 1 and others:
        few.append(min(others, key=answered.__getitem__))
    return frozenset(few)


def _certain(ikm: float, se: float) -> bool:
    return max(grade_probabilities(ikm, se).values()) >= CERTAIN_FROM
