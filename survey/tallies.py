"""Tallies kept from the responses: recomputed by one definition where something changed.

Nothing is ever added to a tally. A cell (one unit's day) that is marked dirty is counted again from its
responses, then its month and its agency's month are summed again. A late answer, an erasure, a new
sentiment score and a crash are therefore all the same case: count again.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, select, tuple_

from survey.clock import days_of, month_of
from survey.counting import Definition
from survey.database import Insertion, Row, Statement, Tx
from survey.dirty import Cell
from survey.models import AgencyMonth, Dirty, ServiceUnit, UnitDay, UnitMonth, columns
from survey.writer import Writer

LEDGER_MEASURES = ("transactions", "invited", "answered")
CELLS_PER_COMMIT = 50
# Any number, as long as every process uses the same: one worker at a time may count.
_LOCK = 7_202_611_24

_LOCKED = Statement(select(literal_column(f"pg_try_advisory_xact_lock({_LOCK})")))
_WAIT = Statement(select(literal_column(f"pg_advisory_xact_lock({_LOCK})")))


def _packed(counts: Iterable[Any]) -> str:
    return json.dumps([int(count) for count in counts], separators=(",", ":"))


def unpack(counts: str) -> tuple[int, ...]:
    """The integers of a stored tally, in its layout's order."""
    return tuple(json.loads(counts))


_d = columns(Dirty)
_ud = columns(UnitDay)
_um = columns(UnitMonth)
_am = columns(AgencyMonth)
_su = columns(ServiceUnit)

_CELL = (_d.agency_id, _d.unit_id, _d.day)
TAKE_MARKS = Statement(
    delete(Dirty)
    .where(tuple_(*_CELL).in_(select(*_CELL).distinct().limit(CELLS_PER_COMMIT)))
    .returning(*_CELL)
)
COUNT_MARKED = Statement(select(func.count()).select_from(select(*_CELL).distinct().subquery()))
TAKE_ALL_MARKS = Statement(
    delete(Dirty).where(_d.agency_id == bindparam("agency_id"), _d.unit_id == bindparam("unit_id"))
)
ALL_UNITS = Statement(select(_su.agency_id, _su.id).order_by(_su.agency_id, _su.id))
_A: Any = bindparam("agency_id")
_U: Any = bindparam("unit_id")
_FIRST: Any = bindparam("first")
_LAST: Any = bindparam("last")
_MONTH: Any = bindparam("month")
_DAYS = (_ud.agency_id == _A, _ud.unit_id == _U, _ud.day.between(_FIRST, _LAST))
_UNIT_MONTH = (_um.agency_id == _A, _um.unit_id == _U, _um.month == _MONTH)
READ_DAYS = Statement(select(_ud.source, _ud.instrument, _ud.counts).where(*_DAYS))
DROP_DAYS = Statement(delete(UnitDay).where(*_DAYS))
ADD_DAY = Insertion(UnitDay)
MONTHS_OF_UNIT = Statement(select(_ud.day).where(_ud.agency_id == _A, _ud.unit_id == _U).distinct())
DROP_MONTHS_OF_UNIT = Statement(delete(UnitMonth).where(_um.agency_id == _A, _um.unit_id == _U))
DROP_UNIT_MONTH = Statement(delete(UnitMonth).where(*_UNIT_MONTH))
ADD_UNIT_MONTH = Insertion(UnitMonth)
READ_UNIT_MONTHS = Statement(
    select(_um.source, _um.instrument, _um.counts).where(_um.agency_id == _A, _um.month == _MONTH)
)
MONTHS_OF_AGENCY = Statement(select(_um.month).where(_um.agency_id == _A).distinct())
DROP_AGENCY_MONTH = Statement(delete(AgencyMonth).where(_am.agency_id == _A, _am.month == _MONTH))
DROP_MONTHS_OF_AGENCY = Statement(delete(AgencyMonth).where(_am.agency_id == _A))
ADD_AGENCY_MONTH = Insertion(AgencyMonth)


def count_marked(tx: Tx, items: Sequence[None]) -> list[int]:
    """How many cells are marked to be counted again."""
    return [(tx.one(COUNT_MARKED) or (0,))[0] for _ in items]


def refresh(tx: Tx, definitions: Sequence[Definition]) -> list[int]:
    """Count again up to ``CELLS_PER_COMMIT`` marked cells and what they sum up to; how many marks were taken.

    Few cells at a time, so that answers are not kept waiting behind a long transaction.
    The marks are removed before the counting reads, in one transaction, so an answer that commits
    meanwhile leaves a mark of its own.
    """
    return [_refresh(tx, definition) for definition in definitions]


def _refresh(tx: Tx, definition: Definition) -> int:
    if not tx.sqlite:  # SQLite's write lock already lets only one count at a time
        row = tx.one(_LOCKED)
        if row is None or not row[0]:
            return 0
    marks = tx.all(TAKE_MARKS)
    cells: set[Cell] = {(row[0], row[1], row[2]) for row in marks}
    for agency_id, unit_id, day in sorted(cells):
        _replace_days(tx, definition, agency_id, unit_id, day, day)
    unit_months = {(agency_id, unit_id, month_of(day)) for agency_id, unit_id, day in cells}
    for agency_id, unit_id, month in sorted(unit_months):
        _replace_unit_month(tx, agency_id, unit_id, month)
    for agency_id, month in sorted({(agency_id, month) for agency_id, _, month in unit_months}):
        _replace_agency_month(tx, agency_id, month)
    return len(marks)


def _replace_days(
    tx: Tx, definition: Definition, agency_id: int, unit_id: int, first: int, last: int
) -> None:
    cell = {"agency_id": agency_id, "unit_id": unit_id}
    rows = [
        {**cell, **counted._asdict(), "counts": _packed(counted.counts)}
        for counted in definition.count(tx, agency_id, unit_id, first, last)
    ]
    tx.run(DROP_DAYS, {**cell, "first": first, "last": last})
    tx.many(ADD_DAY, rows)


def _replace_unit_month(tx: Tx, agency_id: int, unit_id: int, month: int) -> None:
    first, last = days_of(month)
    cell = {"agency_id": agency_id, "unit_id": unit_id}
    days = tx.all(READ_DAYS, {**cell, "first": first, "last": last})
    tx.run(DROP_UNIT_MONTH, {**cell, "month": month})
    tx.many(ADD_UNIT_MONTH, [{**cell, "month": month, **total} for total in _summed(days)])


def _replace_agency_month(tx: Tx, agency_id: int, month: int) -> None:
    cell = {"agency_id": agency_id, "month": month}
    units = tx.all(READ_UNIT_MONTHS, cell)
    tx.run(DROP_AGENCY_MONTH, cell)
    tx.many(ADD_AGENCY_MONTH, [{**cell, **total} for total in _summed(units)])


def _summed(rows: Iterable[Row]) -> list[dict[str, str]]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(list)
    for source, instrument, counts in rows:
        numbers = unpack(counts)
        known = sums[source, instrument]
        sums[source, instrument] = (
            [one + other for one, other in zip(known, numbers, strict=True)] if known else list(numbers)
        )
    return [
        {"source": source, "instrument": instrument, "counts": _packed(counts)}
        for (source, instrument), counts in sorted(sums.items())
    ]


def list_units(tx: Tx, items: Sequence[None]) -> list[list[tuple[int, int]]]:
    """Every (agency, unit)."""
    return [[(row[0], row[1]) for row in tx.all(ALL_UNITS)] for _ in items]


def _rebuild_unit(tx: Tx, items: Sequence[tuple[Definition, int, int]]) -> list[None]:
    for definition, agency_id, unit_id in items:
        _wait_for_turn(tx)
        cell = {"agency_id": agency_id, "unit_id": unit_id}
        tx.run(TAKE_ALL_MARKS, cell)
        _replace_days(tx, definition, agency_id, unit_id, 0, 99_999_999)
        months = {month_of(row[0]) for row in tx.all(MONTHS_OF_UNIT, cell)}
        tx.run(DROP_MONTHS_OF_UNIT, cell)
        for month in sorted(months):
            _replace_unit_month(tx, agency_id, unit_id, month)
    return [None] * len(items)


def _rebuild_agency(tx: Tx, agency_ids: Sequence[int]) -> list[None]:
    for agency_id in agency_ids:
        _wait_for_turn(tx)
        cell = {"agency_id": agency_id}
        months = [row[0] for row in tx.all(MONTHS_OF_AGENCY, cell)]
        tx.run(DROP_MONTHS_OF_AGENCY, cell)
        for month in sorted(months):
            _replace_agency_month(tx, agency_id, month)
    return [None] * len(agency_ids)


def _wait_for_turn(tx: Tx) -> None:
    if not tx.sqlite:
        tx.one(_WAIT)


def rebuild(writer: Writer, definition: Definition) -> Iterator[int]:
    """Count everything again from the responses; yields after each unit (its number, from 1)."""
    units = writer.call(list_units, None)
    for number, (agency_id, unit_id) in enumerate(units, start=1):
        writer.call(_rebuild_unit, (definition, agency_id, unit_id))
        yield number
    for agency_id in sorted({agency_id for agency_id, _ in units}):
        writer.call(_rebuild_agency, agency_id)


def refresh_all(writer: Writer, definition: Definition) -> int:
    """Count until no mark is left; how many marks there were."""
    total = 0
    while taken := writer.call(refresh, definition):
        total += taken
    return total


_KEPT = (
    Statement(
        select(*_ud).order_by(
            *(_ud[name] for name in ("agency_id", "unit_id", "day", "source", "instrument"))
        )
    ),
    Statement(
        select(*_um).order_by(
            *(_um[name] for name in ("agency_id", "unit_id", "month", "source", "instrument"))
        )
    ),
    Statement(select(*_am).order_by(*(_am[name] for name in ("agency_id", "month", "source", "instrument")))),
)


def read_kept(tx: Tx, items: Sequence[None]) -> list[list[Row]]:
    """Every kept tally row in a fixed order, to compare before and after a rebuild."""
    return [[tuple(row) for statement in _KEPT for row in tx.all(statement)] for _ in items]
