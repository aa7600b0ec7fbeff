"""Read the comments that wait: mask what no mask has seen, let the judge read it, mark the cell dirty.

Nothing is loaded before there is a comment: a process that reads none pays nothing for those that could.
A comment that no analyser can read is set aside, with a reading in which no series says anything, and is
tried again when comments are read again; one that cannot be masked stays as it is and is never shown.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from analysis.masking import mask
from analysis.tally import MARKS, Layout
from survey.comments.judge import Judge, appoint, follow
from survey.comments.readings import Entry, Readings, pack, packed_counts, with_entry
from survey.comments.series import Series, find_current, hold_current
from survey.counters import UNREADABLE
from survey.database import Statement, Tx
from survey.dirty import mark
from survey.models import Response, columns
from survey.writer import Writer

MOST_PER_TURN = 500
SCALE = 4
RETRY_SECONDS = 60
NOT_THE_COMMENT = (ImportError, MemoryError, OSError)
"""Errors that another comment would meet too: they are no reason to set one aside."""

_r = columns(Response)
_log = logging.getLogger("percaya.comments")

UNREAD = Statement(
    select(_r.agency_id, _r.id, _r.unit_id, _r.day, _r.instrument, _r.answers, _r.comment, _r.masked)
    .where(_r.comment.is_not(None), _r.reading.is_(None))
    # By their random numbers: not in the order of writing, and two workers never wait for each other in turn.
    .order_by(_r.agency_id, _r.id)
    .limit(MOST_PER_TURN)
)
# Whoever read it meanwhile has said the same.
STORE = Statement(
    update(Response)
    .where(_r.agency_id == bindparam("of_agency"), _r.id == bindparam("of_id"), _r.reading.is_(None))
    .values(comment=bindparam("text"), masked=bindparam("hidden"), reading=bindparam("entry"))
)


class Unread(NamedTuple):
    """A comment that no analyser has read; ``masked`` is None when it was never masked either."""

    agency_id: int
    id: int
    unit_id: int
    day: int
    instrument: str
    answers: str
    comment: str
    masked: str | None


class Read(NamedTuple):
    """A comment with what was made of it."""

    of: Unread
    comment: str
    masked: str
    reading: str


class Batch(NamedTuple):
    """Comments that were read while a series (its number) was the current one."""

    current: int
    read: Sequence[Read]


def find_unread(tx: Tx, items: Sequence[None]) -> list[list[Unread]]:
    """Comments that no analyser has read, up to ``MOST_PER_TURN``."""
    return [[Unread(*row) for row in tx.all(UNREAD)] for _ in items]


def store_readings(tx: Tx, batches: Sequence[Batch]) -> list[bool]:
    """Keep what was made of comments, and have their days counted again; whether that was done.

    Where another series has begun meanwhile nothing is kept: the comments are read again, under that one.
    """
    current = hold_current(tx)
    return [batch.current == current and _store(tx, batch.read) for batch in batches]


def _store(tx: Tx, done: Sequence[Read]) -> bool:
    tx.many(STORE, [_parameters(read) for read in done])
    mark(tx, {(read.of.agency_id, read.of.unit_id, read.of.day) for read in done})
    return True


def _parameters(read: Read) -> dict[str, Any]:
    return {
        "of_agency": read.of.agency_id,
        "of_id": read.of.id,
        "text": read.comment,
        "hidden": read.masked,
        "entry": read.reading,
    }


def scores_of(layout: Layout | None, answers: str) -> dict[str, int]:
    """The answers to elements on the scale of four, by key; empty for other scales."""
    if layout is None or layout.element_scale != SCALE:
        return {}
    found = {key: MARKS.find(mark) for key, mark in zip(layout.elements, answers, strict=False)}
    return {key: value for key, value in found.items() if 1 <= value <= SCALE}


def read_comment(judge: Judge, layouts: Mapping[str, Layout], unread: Unread) -> Read:
    """What a judge makes of a comment, masked first if it never was; nothing where it cannot read it."""
    comment, masked = unread.comment, unread.masked
    if masked is None:
        comment, counts = mask(comment)
        masked = packed_counts(counts)
    entry = try_to_read(judge, layouts, unread.instrument, unread.answers, comment)
    readings = Readings({}) if entry is None else with_entry(Readings({}), judge.series.id, entry)
    return Read(unread, comment, masked, pack(readings))


def try_to_read(
    judge: Judge, layouts: Mapping[str, Layout], instrument: str, answers: str, comment: str
) -> Entry | None:
    """What a judge says of a comment, or None where it fails on it: one must not keep all others waiting."""
    try:
        return judge.read(comment, scores_of(layouts.get(instrument), answers))
    except NOT_THE_COMMENT:
        raise
    except Exception as error:
        # Its message may quote the comment.
        _log.error("a comment could not be read (%s) and was set aside", type(error).__name__)
        UNREADABLE.labels("read").inc()
        return None


class Scorer:
    """Reads what waits, a batch at a time, under the series that is current at that moment."""

    def __init__(
        self,
        writer: Writer,
        layouts: Mapping[str, Layout],
        words: Path | None,
        now: Callable[[], int],
    ) -> None:
        self._writer, self._layouts, self._words, self._now = writer, layouts, words, now
        self._judge: Judge | None = None
        self._appointed_under = 0  # the series that was current when the judge was appointed
        self._next_try = 0
        self._unmaskable: set[tuple[int, int]] = set()

    def turn(self) -> int:
        """Read one batch; how many comments there were that could be read."""
        found = self._writer.call(find_unread, None)
        waiting = [unread for unread in found if unread[:2] not in self._unmaskable]
        if not waiting:
            return 0
        current = self._writer.call(find_current, None)
        if self._judge is None or current is None or current.id != self._appointed_under:
            current = self._try_to_appoint(current)
        if self._judge is None or current is None:
            return 0
        # Outside any transaction: answers are not kept waiting while an analyser thinks.
        done = [read for unread in waiting if (read := self._read(self._judge, unread)) is not None]
        self._writer.call(store_readings, Batch(current.id, done))
        return len(done)

    def _read(self, judge: Judge, unread: Unread) -> Read | None:
        try:
            return read_comment(judge, self._layouts, unread)
        except NOT_THE_COMMENT:
            raise
        except Exception as error:
            _log.error("a comment could not be masked (%s) and stays unread", type(error).__name__)
            UNREADABLE.labels("mask").inc()
            self._unmaskable.add(unread[:2])
            return None

    def _try_to_appoint(self, current: Series | None) -> Series | None:
        """Find who reads from now on; the series that is then current. The last judge stays if that fails."""
        if self._now() >= self._next_try:
            try:
                return self._appoint(current)
            except (ValueError, OSError) as error:
                self._next_try = self._now() + RETRY_SECONDS
                _log.error("PERCAYA_WORDS_DIR: %s; tried again in a minute", error)
        return current

    def _appoint(self, current: Series | None) -> Series:
        if self._judge is None or current is None:
            self._judge = appoint(self._writer, self._words, self._now())
            current = self._judge.series
        else:
            self._judge = follow(self._writer, self._words, self._now())
        self._appointed_under = current.id
        if self._judge.series.id != current.id:
            _log.warning(
                "series %s was begun elsewhere with other words; here comments are read under series %s",
                current.id,
                self._judge.series.id,
            )
        return current
