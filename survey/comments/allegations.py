"""The queue of allegations: comments that speak of bribes, brokers or discrimination, for the ombudsman.

The threshold of answers below which no comment is shown does not hold here. It protects citizens from the
agency they wrote about, and the agency never sees this queue; an allegation against an office that few visit
would never be read, and there it matters most. What protects the citizen here: the text was masked before it
was stored, the nightly shuffle has passed, no day, service, way of answering, profile or answer stands beside
it, and within a month the order is that of the numbers of the responses, which are keyed digests and tell
nothing of when they came.

What came of an allegation is one of a fixed list, in the response's own row: a note could name people, and
with the answer its outcome is erased.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text

from analysis.themes import INTEGRITY, Found, allegations, finder
from survey.clock import month_of
from survey.comments.highlighting import Passage, passages_of
from survey.comments.judge import usable
from survey.comments.readings import ALLEGED, Decision, Entry, Readings, decided, pack, unpack
from survey.comments.references import Reference
from survey.comments.rescoring import REPLACE
from survey.comments.series import find_current
from survey.database import Row, Statement, Tx
from survey.models import Agency, Response, ServiceUnit, columns

PER_PAGE = 50
MOST_LISTED = 50_000
"""Allegations that are looked at, the latest; a queue that long is no longer one that people work through."""

NEW = "new"
STATES = (NEW, "referred", "no_grounds", "settled")
"""What may have come of an allegation; ``new`` as long as nobody has said."""

_r = columns(Response)
_a = columns(Agency)
_u = columns(ServiceUnit)
MARKED = Statement(
    select(_r.agency_id, _r.id, _r.unit_id, _r.day, _r.reading)
    .where(text(ALLEGED), _r.sealed == 1)
    .order_by(_r.day.desc())
    .limit(MOST_LISTED)
)
TEXT = Statement(select(_r.comment).where(_r.agency_id == bindparam("agency_id"), _r.id == bindparam("id")))
READING = Statement(
    select(_r.reading, _r.unit_id, _r.day).where(
        _r.agency_id == bindparam("agency_id"), _r.id == bindparam("id"), _r.reading.is_not(None)
    )
)
PLACES = Statement(select(_u.agency_id, _u.id, _a.code, _a.name, _u.name).join(Agency, _a.id == _u.agency_id))


@dataclass(frozen=True)
class QueueQuestion:
    """Which allegations: of a theme, an agency (its code) and a state; "" leaves it open; which page, from 1.

    ``words`` is the folder of the deployment's own words, or None.
    """

    words: Path | None
    theme: str = ""
    agency: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Allegation:
    """A comment of the queue.

    Attributes:
        reference: where it is kept, never to be shown as it is.
        agency: name of the agency.
        unit: name of its office.
        month: ``yyyymm``.
        themes: what it speaks of, of ``INTEGRITY``.
        passages: the text, with the clauses that say so; none is marked where today's words find none.
        state: one of ``STATES``.
        since: the day (``yyyymmdd``) on which that was said; None for ``new``.
    """

    reference: Reference
    agency: str
    unit: str
    month: int
    themes: tuple[str, ...]
    passages: tuple[Passage, ...]
    state: str
    since: int | None


@dataclass(frozen=True)
class Queue:
    """A page of the queue.

    Attributes:
        listed: the newest month first.
        counts: by state, of the theme and agency asked for.
        agencies: (code, name) of those with allegations, by name.
        page, pages: which this is, and how many there are; a page beyond the last is the last.
        total: how many of the state asked for there are.
        cut: whether there are so many that the oldest were not looked at.
    """

    listed: tuple[Allegation, ...]
    counts: Mapping[str, int]
    agencies: tuple[tuple[str, str], ...]
    page: int
    pages: int
    total: int
    cut: bool


class _Known(NamedTuple):
    """An allegation before its text is read."""

    reference: Reference
    month: int
    agency: str
    agency_name: str
    unit_name: str
    themes: tuple[str, ...]
    decision: Decision | None

    @property
    def state(self) -> str:
        return self.decision.outcome if self.decision else NEW


def read_queue(tx: Tx, questions: Sequence[QueueQuestion]) -> list[Queue]:
    """The page that each question asks for."""
    return [_queue(tx, question) for question in questions]


def _queue(tx: Tx, question: QueueQuestion) -> Queue:
    current = find_current(tx, [None])[0]
    places = {(row[0], row[1]): tuple(row[2:]) for row in tx.all(PLACES)}
    rows = tx.all(MARKED)
    known = [one for row in rows if (one := _known(row, places, current.id if current else None)) is not None]
    asked = [
        one for one in known if question.theme in ("", *one.themes) and question.agency in ("", one.agency)
    ]
    counts = Counter(one.state for one in asked)
    chosen = [one for one in asked if question.state in ("", one.state)]
    chosen.sort(key=lambda one: (-one.month, one.reference.id, one.reference.agency_id))
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(1, question.page), pages)
    shown = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    texts = tx.each(TEXT, [one.reference._asdict() for one in shown]) if shown else []
    return Queue(
        listed=tuple(
            _allegation(one, row[0], question.words)
            for one, row in zip(shown, texts, strict=True)
            if row is not None
        ),
        counts={state: counts[state] for state in STATES},
        agencies=tuple(sorted({(one.agency, one.agency_name) for one in known}, key=lambda one: one[::-1])),
        page=page,
        pages=pages,
        total=len(chosen),
        cut=len(rows) == MOST_LISTED,
    )


def entry_of(readings: Readings, series: int | None) -> Entry | None:
    """What the current series says of a comment; else the latest that has read it.

    Words that changed begin a new series, and no allegation may be lost until all is read again.
    """
    found = None if series is None else readings.of(series)
    return found or readings.of(max(readings.entries, default=-1))


def _known(row: Row, places: Mapping[tuple[int, int], tuple[Any, ...]], series: int | None) -> _Known | None:
    agency_id, number, unit_id, day, reading = row
    readings = unpack(reading)
    entry = entry_of(readings, series)
    alleging = () if entry is None else _alleged(entry)
    # What somebody has decided about stays in the list, whatever later words or corrections make of it.
    if not alleging and readings.decision is None:
        return None
    agency, agency_name, unit_name = places[agency_id, unit_id]
    return _Known(
        Reference(agency_id, number),
        month_of(day),
        agency,
        agency_name,
        unit_name,
        alleging,
        readings.decision,
    )


def _alleged(entry: Entry) -> tuple[str, ...]:
    return tuple(theme.key for theme in entry.themes if theme.key in INTEGRITY and theme.label < 1)


def _allegation(one: _Known, comment: str, words: Path | None) -> Allegation:
    found: tuple[Found, ...] = allegations(finder(usable(words)).find(comment))
    return Allegation(
        reference=one.reference,
        agency=one.agency_name,
        unit=one.unit_name,
        month=one.month,
        themes=one.themes,
        passages=passages_of(comment, found),
        state=one.state,
        since=one.decision.day if one.decision else None,
    )


class Deciding(NamedTuple):
    """Somebody who saw an allegation in a state says on a day (``yyyymmdd``) what came of it."""

    reference: Reference
    seen: str
    outcome: str
    day: int


class Done(StrEnum):
    """What became of a change: stored; somebody else had changed it meanwhile; the citizen has erased it."""

    STORED = "stored"
    MEANWHILE = "meanwhile"
    GONE = "gone"


def decide(tx: Tx, items: Sequence[Deciding]) -> list[Done]:
    """Store what came of allegations; where it is no longer as it was seen, nothing is changed."""
    return [_decide(tx, item) for item in items]


def _decide(tx: Tx, item: Deciding) -> Done:
    row = tx.one(READING, item.reference._asdict())
    if row is None:
        return Done.GONE
    readings = unpack(row[0])
    if (readings.decision.outcome if readings.decision else NEW) != item.seen:
        return Done.MEANWHILE
    if item.outcome == item.seen:
        return Done.STORED
    decision = None if item.outcome == NEW else Decision(item.day, item.outcome)
    return replace_reading(tx, item.reference, row[0], decided(readings, decision))


def replace_reading(tx: Tx, reference: Reference, before: str, readings: Readings) -> Done:
    """Store readings in the place of those that were read before, unless these are no longer there."""
    of_agency, of_id = reference
    parameters = {"of_agency": of_agency, "of_id": of_id, "before": before, "after": pack(readings)}
    return Done.STORED if tx.run(REPLACE, parameters) else Done.MEANWHILE
