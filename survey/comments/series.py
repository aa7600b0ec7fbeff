"""Series: which analyser reads the comments, since when, and why.

A trend compares like with like only within one series. So a new version of an analyser begins a new series,
whatever made it new: words that were edited, a model that was trained again. What the earlier one said stays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from survey.comments.models import CommentSeries
from survey.database import Insertion, Row, Statement, Tx
from survey.models import columns

_s = columns(CommentSeries)
_TOLD = (_s.id, _s.version, _s.kind, _s.state, _s.begun_at, _s.decision)
CURRENT = Statement(select(*_TOLD).where(_s.state == "current"))
ALL = Statement(select(*_TOLD).order_by(_s.id))
BY_VERSION = Statement(select(*_TOLD).where(_s.version == bindparam("version")))
MODEL = Statement(select(_s.model).where(_s.id == bindparam("id")))
LAST = Statement(select(func.coalesce(func.max(_s.id), 0)))
INSERT = Insertion(CommentSeries)
END = Statement(update(CommentSeries).where(_s.state == "current").values(state="past"))
# Locked: whoever begins a series waits for what is being stored under the one before. SQLite lets one write.
HELD = Statement(select(_s.id).where(_s.state == "current").with_for_update(read=True))
SET_STATE = Statement(
    update(CommentSeries)
    .where(_s.id == bindparam("of_id"))
    .values(state=bindparam("to_state"), decision=bindparam("why"))
)


@dataclass(frozen=True)
class Series:
    """One series.

    ``kind`` is ``lexicon`` or ``learned``, ``state`` ``current``, ``past`` or ``declined`` (tried and not
    used), ``begun_at`` UTC epoch seconds. ``decision`` is plain data: why it is used, how often it errs.
    """

    id: int
    version: str
    kind: str
    state: str
    begun_at: int
    decision: Mapping[str, Any]


class NewSeries(NamedTuple):
    """A series to be begun, or to be noted as ``declined``; a learned one brings its model.

    ``beside`` leaves the current series in its place and keeps this one as ``past`` from the start.
    """

    version: str
    kind: str
    now: int
    decision: Mapping[str, Any]
    model: bytes | None = None
    declined: bool = False
    beside: bool = False


def find_current(tx: Tx, items: Sequence[None]) -> list[Series | None]:
    """The series under which comments are read now, or None before the first comment."""
    row = tx.one(CURRENT)
    return [None if row is None else _series(row) for _ in items]


def hold_current(tx: Tx) -> int | None:
    """The number of the current series, which stays so until the transaction ends; None before the first."""
    row = tx.one(HELD)
    return None if row is None else int(row[0])


def list_series(tx: Tx, items: Sequence[None]) -> list[list[Series]]:
    """Every series, the oldest first."""
    return [[_series(row) for row in tx.all(ALL)] for _ in items]


def find_models(tx: Tx, numbers: Sequence[int]) -> list[bytes | None]:
    """What each series learned, or None for a lexicon's."""
    rows = tx.each(MODEL, [{"id": number} for number in numbers])
    return [None if row is None or row[0] is None else bytes(row[0]) for row in rows]


def begin(tx: Tx, items: Sequence[NewSeries]) -> list[Series]:
    """Begin series, each in the place of the current one; one whose version is known is taken up again."""
    return [_begin(tx, item) for item in items]


def _begin(tx: Tx, new: NewSeries) -> Series:
    state = "declined" if new.declined else "past" if new.beside else "current"
    known = tx.one(BY_VERSION, {"version": new.version})
    if known is not None and (known[3] == "current" or new.beside):
        return _series(known)
    if state == "current":
        tx.run(END)
    decision = json.dumps(new.decision, sort_keys=True)
    if known is not None:
        tx.run(SET_STATE, {"of_id": known[0], "to_state": state, "why": decision})
    else:
        (last,) = tx.one(LAST) or (0,)
        row = new._asdict() | {"id": last + 1, "state": state, "begun_at": new.now, "decision": decision}
        tx.run(INSERT, {name: row[name] for name in INSERT.columns})
    found = tx.one(BY_VERSION, {"version": new.version})
    assert found is not None  # noqa: S101 - it was stored just above
    return _series(found)


def _series(row: Row) -> Series:
    number, version, kind, state, begun_at, decision = row
    return Series(number, version, kind, state, begun_at, json.loads(decision))
