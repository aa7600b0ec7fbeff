"""What the results pages and the figures API ask for, answered in one reading.

These readings take milliseconds, not microseconds, so they run in a thread on a connection of their own and
never hold up the answers of citizens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio import to_thread

from analysis.tally import Layout
from survey.database import Database, Tx, Unavailable
from survey.figures import Figure, Results, list_months, read_agencies, read_results, read_units
from survey.periods import Period, latest_year
from survey.places import find_place
from survey.writer import R, T, Work

_NEVER = Period(0, 0, "")


@dataclass(frozen=True)
class Question:
    """Whose results: an agency by its code, or one of its units; of a period, or the latest twelve months."""

    layouts: Mapping[str, Layout]
    instrument: str
    period: Period | None = None
    agency: str = ""
    unit: str | None = None


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


def _results(tx: Tx, question: Question) -> Results:
    place = find_place(tx, question.agency, question.unit)
    return read_results(tx, place, question.layouts, question.instrument, question.period)


def _with_units(tx: Tx, question: Question) -> tuple[Results, list[Figure]]:
    results = _results(tx, question)
    if question.unit is not None:
        return results, []
    period = results.period or _NEVER
    units = read_units(tx, results.place, question.layouts, question.instrument, period, finite=False)
    return results, units


def _overview(tx: Tx, question: Question) -> Overview:
    months = list_months(tx)
    period = question.period or (latest_year(months[-1]) if months else None)
    figures = read_agencies(tx, question.layouts, question.instrument, period or _NEVER, finite=False)
    return Overview(figures, months, period)
