"""The nightly seal: remove the traces of order that a database keeps beside its columns.

PostgreSQL remembers with each row the transaction that wrote it (``xmin``) and where it lies
(``ctid``); a response and the redeemed invitation share the first. Sealing writes the day's responses
anew, in one transaction and in random order. SQLite keeps no such columns here (the response table has
no row number), but its file keeps a page's rows in the order of writing and its log keeps the past;
sealing rewrites the file and empties the log.
"""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, literal_column, select, update

from survey.clock import day_in
from survey.database import Database, Statement, Tx
from survey.models import Response, ServiceUnit, columns

_response = Response.__table__  # type: ignore[attr-defined]
_r = _response.c

_ANY_UNSEALED = Statement(
    select(literal_column("1")).where(_r.sealed == 0, _r.day < bindparam("before")).limit(1)
)
_MARK_SEALED = Statement(
    update(Response).where(_r.sealed == 0, _r.day < bindparam("before")).values(sealed=1)
)
# Also the tallies: each count that was replaced during the day tells the answers of a few minutes, and
# beside it stands the transaction that wrote it.
_LEAVING_TRACES = (
    "response",
    "invitation",
    "dirty",
    "message",
    "message_attempt",
    "sms_callback",
    "conversation",
    "tally_unit_day",
    "tally_unit_month",
    "tally_agency_month",
)
ZONES = Statement(select(columns(ServiceUnit).timezone).distinct())


def _rewrite() -> Statement:
    moved = _response.delete().where(_r.sealed == 0, _r.day < bindparam("before")).returning(*_r).cte("moved")
    kept = [c.name for c in _r if c.name != "sealed"]
    shuffled = select(*(moved.c[name] for name in kept), literal_column("1")).order_by(func.random())
    return Statement(insert(Response).from_select([*kept, "sealed"], shuffled))


def first_open_day(tx: Tx, now: int) -> int:
    """The earliest day it still is in any unit's zone; days before it are over everywhere."""
    return min((day_in(row[0], now) for row in tx.all(ZONES)), default=day_in("UTC", now))


def find_open_days(tx: Tx, moments: Sequence[int]) -> list[int]:
    """``first_open_day`` at each of some UTC epoch seconds."""
    return [first_open_day(tx, now) for now in moments]


def seal(database: Database, now: int) -> int:
    """Seal every response of the days that are over at UTC epoch second ``now``; how many there were.

    Raises:
        Unavailable: the database cannot be reached.
    """
    connection = database.connect()
    tx = Tx(connection, database.dialect)
    try:
        before = {"before": first_open_day(tx, now)}
        if tx.one(_ANY_UNSEALED, before) is None:
            return 0
        if isinstance(connection, sqlite3.Connection):
            # Rewritten before marked: killed in between, the next night does it again.
            connection.execute("VACUUM")
            sealed = tx.run(_MARK_SEALED, before)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return sealed
        sealed = tx.run(_REWRITE, before)
        connection.commit()
        connection.autocommit = True
        for table in _LEAVING_TRACES:
            connection.execute(f"VACUUM {table}")
        return sealed
    finally:
        connection.close()


_REWRITE = _rewrite()
