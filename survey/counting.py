"""Count responses and the ledger: the one definition of the tallies, in SQL that every engine understands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select, text

from analysis.tally import MARKS, Layout
from survey.comments.counting import READ, count_comments
from survey.database import Row, Statement, Tx
from survey.models import COMMENTS, LEDGER, Response, columns

_r = columns(Response)
INSTRUMENTS = Statement(
    select(_r.instrument)
    .where(
        _r.agency_id == bindparam("agency_id"),
        _r.unit_id == bindparam("unit_id"),
        _r.day.between(bindparam("first"), bindparam("last")),
    )
    .distinct()
)


class Counted(NamedTuple):
    """The tally of one unit's day (``yyyymmdd``): measures of the layout, of comments, or of the ledger."""

    day: int
    source: str
    instrument: str
    counts: Sequence[int]


def response_sql(layout: Layout) -> str:
    """The tally of responses as one SQL text, the same on SQLite, PostgreSQL and DuckDB.

    Parameters: ``agency_id``, ``unit_id``, ``first`` and ``last`` day, ``instrument``. Gives a row per day,
    source and number of elements answered, all integers after the source: ``day``, ``source``,
    ``answered``; then ``n`` and the answers to each item as the layout names them; the sum and sum of
    squares of the respondents' sums of answers.

    Scores are made of the sums of answers by ``score_rows``: of many elements their squares would not fit
    into the 64 bits of an engine, and sums of answers always do.
    """
    columns = ["answered", "COUNT(*) AS n"]
    for position, (key, scale) in enumerate(zip(layout.items, layout.scales, strict=True), start=1):
        columns += [
            f"SUM(CASE WHEN substr(answers, {position}, 1) = '{mark}' THEN 1 ELSE 0 END) AS {key}_{value}"
            for value, mark in enumerate(MARKS[1 : scale + 1], start=1)
        ]
    total = "CAST(score_sum AS BIGINT)"
    columns += [
        f"SUM({total}) AS answer_sum",
        f"SUM({total} * {total}) AS answer_sumsq",
    ]
    return _grouped(
        "source", columns, "response", condition=" AND instrument = :instrument", group=", source, answered"
    )


def score_rows(layout: Layout, rows: Iterable[Row]) -> Iterator[tuple[int, str, list[int]]]:
    """The rows of ``response_sql`` as tallies: day, source and the layout's measures, in exact integers."""
    sums: dict[tuple[int, str], list[int]] = {}
    for day, source, answered, *given in rows:
        *answers, total, squares = map(int, given)
        step = layout.unit // answered
        counts = [*answers, answers[0], step * total, step * step * squares]
        known = sums.get((day, source))
        sums[day, source] = counts if known is None else list(map(int.__add__, known, counts))
    for (day, source), counts in sums.items():
        yield day, source, counts


def ledger_sql() -> str:
    """The tally of the ledger as one SQL text with the same parameters but the instrument.

    Gives a row per day: ``day``, ``source`` (the ledger), then ``LEDGER_MEASURES``.
    """
    columns = [
        "COUNT(*) AS transactions",
        "COUNT(invitation.transaction_id) AS invited",
        "SUM(CASE WHEN invitation.state = 'answered' THEN 1 ELSE 0 END) AS answered",
    ]
    joined = (
        "service_transaction LEFT JOIN invitation ON invitation.agency_id = service_transaction.agency_id"
        " AND invitation.transaction_id = service_transaction.id"
    )
    return _grouped(f"'{LEDGER}' AS source", columns, joined, prefix="service_transaction.")


def _grouped(
    source: str,
    columns: Sequence[str],
    table: str,
    *,
    condition: str = "",
    prefix: str = "",
    group: str = "",
) -> str:
    listed = ",\n  ".join(columns)
    return (
        f"SELECT {prefix}day AS day, {source},\n  {listed}\nFROM {table}\n"
        f"WHERE {prefix}agency_id = :agency_id AND {prefix}unit_id = :unit_id"
        f" AND {prefix}day BETWEEN :first AND :last{condition}\n"
        f"GROUP BY {prefix}day{group}"
    )


class Definition:
    """The tallies of every instrument, of the comments and of the ledger, as prebuilt statements."""

    def __init__(self, layouts: Mapping[str, Layout]) -> None:
        self._responses = {
            name: (layout, Statement(text(response_sql(layout)))) for name, layout in layouts.items()
        }
        self._scales = {name: layout.element_scale for name, layout in layouts.items()}
        self._ledger = Statement(text(ledger_sql()))

    def count(self, tx: Tx, agency_id: int, unit_id: int, first: int, last: int) -> Iterator[Counted]:
        """The tallies of a unit's days between two days."""
        span = {"agency_id": agency_id, "unit_id": unit_id, "first": first, "last": last}
        # However many instruments there are, a day's responses are counted once for each that they answer.
        for (instrument,) in sorted(tx.all(INSTRUMENTS, span)):
            if instrument in self._responses:
                layout, statement = self._responses[instrument]
                rows = tx.all(statement, {**span, "instrument": instrument})
                for day, source, counts in score_rows(layout, rows):
                    yield Counted(day, source, instrument, counts)
        for day, name, numbers in count_comments(tx.all(READ, span), self._scales):
            yield Counted(day, COMMENTS, name, numbers)
        for day, source, *counts in tx.all(self._ledger, span):
            yield Counted(day, source, LEDGER, counts)
