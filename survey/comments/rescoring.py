"""Read again what was read before, under the current series; what earlier series said stays beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, tuple_, update

from analysis.tally import Layout
from survey.comments.judge import Judge
from survey.comments.readings import pack, unpack, with_entry
from survey.comments.scoring import try_to_read
from survey.database import Statement, Tx
from survey.dirty import mark
from survey.models import Response, columns
from survey.writer import Writer

BATCH = 500

_r = columns(Response)
_READ = (_r.comment.is_not(None), _r.reading.is_not(None))
NEXT = Statement(
    select(_r.agency_id, _r.id, _r.unit_id, _r.day, _r.instrument, _r.answers, _r.comment, _r.reading)
    .where(*_READ, tuple_(_r.agency_id, _r.id) > tuple_(bindparam("after_agency"), bindparam("after_id")))
    .order_by(_r.agency_id, _r.id)
    .limit(BATCH)
)
COUNT = Statement(select(func.count()).select_from(Response).where(*_READ))
# A correction or an erasure that came between wins; what was corrected is read in the next round.
REPLACE = Statement(
    update(Response)
    .where(
        _r.agency_id == bindparam("of_agency"),
        _r.id == bindparam("of_id"),
        _r.reading == bindparam("before"),
    )
    .values(reading=bindparam("after"))
)


class Known(NamedTuple):
    """A comment with what was made of it so far."""

    agency_id: int
    id: int
    unit_id: int
    day: int
    instrument: str
    answers: str
    comment: str
    reading: str


class Change(NamedTuple):
    """A new reading in the place of the one that was known."""

    of: Known
    reading: str


def count_read(tx: Tx, items: Sequence[None]) -> list[int]:
    """How many comments have been read under any series."""
    return [(tx.one(COUNT) or (0,))[0] for _ in items]


def find_next(tx: Tx, places: Sequence[tuple[int, int]]) -> list[list[Known]]:
    """The comments after an (agency, response) in the order of their random numbers, up to ``BATCH``."""
    return [[Known(*row) for row in tx.all(NEXT, _after(place))] for place in places]


def _after(place: tuple[int, int]) -> dict[str, Any]:
    return {"after_agency": place[0], "after_id": place[1]}


def replace_readings(tx: Tx, batches: Sequence[Sequence[Change]]) -> list[int]:
    """Store new readings where the known ones still stand, have their days counted again; how many."""
    return [_replace(tx, batch) for batch in batches]


def _replace(tx: Tx, batch: Sequence[Change]) -> int:
    stored = [change for change in batch if tx.run(REPLACE, _parameters(change))]
    mark(tx, {(change.of.agency_id, change.of.unit_id, change.of.day) for change in stored})
    return len(stored)


def _parameters(change: Change) -> dict[str, Any]:
    return {
        "of_agency": change.of.agency_id,
        "of_id": change.of.id,
        "before": change.of.reading,
        "after": change.reading,
    }


def rescore(writer: Writer, layouts: Mapping[str, Layout], judge: Judge) -> Iterator[int]:
    """Have every comment read by a judge whose series has not read it; yields how many were looked at.

    What was changed by others while it was read is gone through once more, until nothing was.
    """
    missed = True
    while missed:
        looked_at, place, missed = 0, (-1, -1), False
        while known := writer.call(find_next, place):
            changes = [change for one in known if (change := _reread(judge, layouts, one)) is not None]
            if changes:
                missed |= writer.call(replace_readings, changes) < len(changes)
            looked_at += len(known)
            place = (known[-1].agency_id, known[-1].id)
            yield looked_at


def _reread(judge: Judge, layouts: Mapping[str, Layout], known: Known) -> Change | None:
    readings = unpack(known.reading)
    if judge.series.id in readings.entries:
        return None
    entry = try_to_read(judge, layouts, known.instrument, known.answers, known.comment)
    if entry is None:
        return None
    return Change(known, pack(with_entry(readings, judge.series.id, entry)))
