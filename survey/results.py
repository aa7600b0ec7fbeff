"""What the results pages and the figures API ask for, answered in one reading.

These readings take milliseconds, not microseconds, so they run in a thread on a connection of their own and
never hold up the answers of citizens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio import to_thread
from sqlalchemy import bindparam, select

from analysis.tally import Layout
from analysis.trends import Point, monthly, monthly_perception
from survey.comments.months import sentiment_of
from survey.comments.series import find_current
from survey.database import Database, Statement, Tx, Unavailable
from survey.evidence import Evidence, read_evidence
from survey.figures import SHOWN_FROM, Figure, Funnel, figure_of, funnel_of, tally_of
from survey.instruments import Instrument
from survey.models import Series, columns
from survey.monthly import Months, list_months, read_all_agencies, read_all_units, read_place
from survey.periods import Period, latest_year
from survey.places import Place, find_place, list_agencies, list_units
from survey.writer import R, T, Work

_NEVER = Period(0, 0, "")
_s = columns(Series)
SERIES = Statement(
    select(_s.unit_id, _s.name, _s.rows, _s.element_order).where(_s.agency_id == bindparam("agency_id"))
)


@dataclass(frozen=True)
class Question:
    """Whose results: an agency by its code, or one of its units; of a period, or the latest twelve months."""

    instruments: Mapping[str, Instrument]
    instrument: str
    period: Period | None = None
    agency: str = ""
    unit: str | None = None


@dataclass(frozen=True)
class Results:
    """All that is known of a place: its figure for a period, its months, what was imported.

    ``sentiment`` is of the comments that the current series has read (``survey.comments``).
    ``earlier`` are the first months of other instruments with invited answers: what was asked before is not
    in the trend.
    """

    place: Place
    figure: Figure | None
    imported: Figure | None
    trend: list[Point]
    sentiment: list[Point]
    funnel: Funnel
    months: list[int]
    period: Period | None
    series: list[tuple[str, int, str]]
    evidence: Evidence | None = None
    earlier: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Overview:
    """Every agency's figure for one period, by name; ``months`` are those there is anything to show of."""

    figures: list[Figure]
    months: list[int]
    period: Period | None


async def read_apart(database: Database, work: "Work[T, R]", item: T) -> R:
    """Run a reading ``work`` for one item in a thread, on a connection of its own.

    Raises:
        Unavailable: the database cannot be reached.
    """

    def read() -> R:
        connection = database.connect()
        try:
            return work(Tx(connection, database.dialect), [item])[0]
        except database.driver.OperationalError as error:
            raise Unavailable(type(error).__name__) from error
        finally:
            connection.close()

    return await to_thread.run_sync(read)


def answer_place(tx: Tx, questions: Sequence[Question]) -> list[Results]:
    """The results of each place.

    Raises:
        NotFound: no such agency, or it has no such unit.
    """
    return [_results(tx, question) for question in questions]


def answer_place_with_units(tx: Tx, questions: Sequence[Question]) -> list[tuple[Results, list[Figure]]]:
    """The results of each place, and for an agency the figures of its units, to be compared.

    Raises:
        NotFound: no such agency, or it has no such unit.
    """
    return [_with_units(tx, question) for question in questions]


def answer_overview(tx: Tx, questions: Sequence[Question]) -> list[Overview]:
    """The figures of all agencies for one and the same period, to be compared."""
    return [_overview(tx, question) for question in questions]


def read_results(
    tx: Tx,
    place: Place,
    instruments: Mapping[str, Instrument],
    instrument: str,
    period: Period | None = None,
    *,
    evidence: bool = False,
) -> Results:
    """The results of an agency or unit; without a period, of the latest twelve months.

    ``evidence`` reads what stands beside the index as well, from the responses.
    """
    kept = read_place(tx, place, _layouts(instruments))
    asked, invited = instruments[instrument], kept.of("invited", instrument)
    months = sorted(set(invited) | set(kept.ledger))
    wanted = period or (latest_year(months[-1]) if months else None)
    funnel, figure, beside = funnel_of(kept.ledger, wanted), None, None
    if wanted is not None:
        tally = tally_of(invited, wanted)
        figure = figure_of(place, "invited", asked, wanted, tally, funnel)
        beside = read_evidence(tx, asked, figure, tally) if evidence else None
    by_month = monthly_perception if asked.index == "perception" else monthly
    return Results(
        place=place,
        figure=figure,
        imported=_imported(place, kept, instruments),
        trend=by_month(invited, minimum=SHOWN_FROM),
        sentiment=sentiment_of(kept.comments, find_current(tx, [None])[0]),
        funnel=funnel,
        months=months,
        period=wanted,
        series=_series(tx, place),
        evidence=beside,
        earlier=_earlier(kept, instrument),
    )


def read_units(
    tx: Tx,
    agency: Place,
    instruments: Mapping[str, Instrument],
    instrument: str,
    period: Period,
    *,
    finite: bool = True,
) -> list[Figure]:
    """The figure of each unit of an agency for a period, by name; ``finite`` as for ``figure_of``."""
    kept = read_all_units(tx, agency, _layouts(instruments), period)
    return [
        _live(unit, kept[unit.unit_id or 0], instruments[instrument], period, finite)
        for unit in list_units(tx, agency)
    ]


def read_agencies(
    tx: Tx, instruments: Mapping[str, Instrument], instrument: str, period: Period, *, finite: bool = True
) -> list[Figure]:
    """The figure of every agency for a period, by name; ``finite`` as for ``figure_of``."""
    kept = read_all_agencies(tx, _layouts(instruments), period)
    return [
        _live(agency, kept[agency.agency_id], instruments[instrument], period, finite)
        for agency in list_agencies(tx, [None])[0]
    ]


def _layouts(instruments: Mapping[str, Instrument]) -> dict[str, Layout]:
    return {name: instrument.layout for name, instrument in instruments.items()}


def _live(place: Place, kept: Months, instrument: Instrument, period: Period, finite: bool) -> Figure:
    tally = tally_of(kept.of("invited", instrument.id), period)
    return figure_of(
        place, "invited", instrument, period, tally, funnel_of(kept.ledger, period), finite=finite
    )


def _imported(place: Place, kept: Months, instruments: Mapping[str, Instrument]) -> Figure | None:
    for (source, name), tallies in sorted(kept.tallies.items()):
        if source == "imported" and tallies:
            first, last = min(tallies), max(tallies)
            ends = [f"{month // 100}-{month % 100:02d}" for month in sorted({first, last})]
            period = Period(first, last, "…".join(ends))
            return figure_of(place, source, instruments[name], period, tally_of(tallies, period), None)
    return None


def _earlier(kept: Months, instrument: str) -> tuple[tuple[int, str], ...]:
    """The first month of every other instrument that was answered by invitation, in time."""
    others = {
        name: min(tallies)
        for (source, name), tallies in kept.tallies.items()
        if source == "invited" and name != instrument and tallies
    }
    return tuple(sorted((month, name) for name, month in others.items()))


def _series(tx: Tx, place: Place) -> list[tuple[str, int, str]]:
    return [
        (name, rows, order)
        for unit_id, name, rows, order in tx.all(SERIES, {"agency_id": place.agency_id})
        if place.unit_id in (None, unit_id)
    ]


def _results(tx: Tx, question: Question) -> Results:
    place = find_place(tx, question.agency, question.unit)
    return read_results(tx, place, question.instruments, question.instrument, question.period, evidence=True)


def _with_units(tx: Tx, question: Question) -> tuple[Results, list[Figure]]:
    results = _results(tx, question)
    if question.unit is not None:
        return results, []
    period = results.period or _NEVER
    units = read_units(tx, results.place, question.instruments, question.instrument, period, finite=False)
    return results, units


def _overview(tx: Tx, question: Question) -> Overview:
    months = list_months(tx)
    period = question.period or (latest_year(months[-1]) if months else None)
    figures = read_agencies(tx, question.instruments, question.instrument, period or _NEVER, finite=False)
    return Overview(figures, months, period)
