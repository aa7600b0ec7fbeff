"""What a person who reads a comment says it is about, in place of what the rules found.

A correction is kept in the response's own row, beside what each series says: it counts in all of them, a
series that reads the comment later leaves it as it is, and with the answer it is erased.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, select

from analysis.themes import THEMES, finder, per_theme
from analysis.themes.corrections import Correction as Lesson
from survey.comments.allegations import READING, Done, entry_of, replace_reading
from survey.comments.highlighting import Passage, passages_of
from survey.comments.judge import usable
from survey.comments.readings import Correction, Readings, Theme, corrected, unpack
from survey.comments.references import Reference
from survey.comments.series import find_current
from survey.database import Statement, Tx
from survey.dirty import mark
from survey.models import Response, columns

STATED = 500
"""Polarity in thousandths, up or down, of a theme that only a person has found good or bad."""

_r = columns(Response)
FIND = Statement(
    select(_r.comment, _r.reading).where(
        _r.agency_id == bindparam("agency_id"),
        _r.id == bindparam("id"),
        _r.sealed == 1,
        _r.reading.is_not(None),
    )
)
CORRECTED = Statement(select(_r.comment, _r.reading).where(_r.reading.contains('"staff":')))


@dataclass(frozen=True)
class Correctable:
    """A comment to be corrected, without its place, day, answers or profile.

    Attributes:
        passages: its text, with what the rules went by.
        found: what the current series found, label by theme.
        clauses: for each theme that today's rules find: the clause, and the words.
        given: what a person has said; None when nobody has.
        seen: a digest of that, by which it is known later whether somebody was faster.
        alleges: whether it stands in the queue of allegations.
    """

    passages: tuple[Passage, ...]
    found: Mapping[str, int]
    clauses: tuple[tuple[str, str, tuple[str, ...]], ...]
    given: Mapping[str, int] | None
    seen: str
    alleges: bool


class CommentAsked(NamedTuple):
    """Ask for a comment, to be read with a deployment's own words (a folder, or None)."""

    reference: Reference
    words: Path | None


class Correcting(NamedTuple):
    """Somebody says on a day (``yyyymmdd``) what a comment is about.

    ``themes`` are labels (-1, 0, 1) by theme; None takes back what was said. ``seen`` is that of the
    ``Correctable`` that was shown.
    """

    reference: Reference
    seen: str
    themes: Mapping[str, int] | None
    day: int


def find_correctable(tx: Tx, items: Sequence[CommentAsked]) -> list[Correctable | None]:
    """Comments to be corrected; None for one that is gone, or that the nightly shuffle has not passed."""
    current = find_current(tx, [None])[0]
    return [_correctable(tx, item, current.id if current else None) for item in items]


def _correctable(tx: Tx, item: CommentAsked, series: int | None) -> Correctable | None:
    row = tx.one(FIND, item.reference._asdict())
    if row is None:
        return None
    comment, reading = row
    readings = unpack(reading)
    found = finder(usable(item.words)).find(comment)
    given, entry = readings.correction, entry_of(readings, series)
    return Correctable(
        passages=passages_of(comment, found),
        found=_labels(found_themes(readings, series)),
        clauses=tuple((one.theme, one.clause, one.words) for one in per_theme(found)),
        given=None if given is None else _labels(given.themes),
        seen=_digest(readings),
        alleges=entry is not None and entry.alleges,
    )


def found_themes(readings: Readings, series: int | None) -> tuple[Theme, ...]:
    """What a series found by itself, whatever a person said; else the latest that has read the comment."""
    entry = entry_of(corrected(readings, None), series)
    return () if entry is None else entry.themes


def _labels(themes: Sequence[Theme]) -> dict[str, int]:
    return {theme.key: theme.label for theme in themes}


def _digest(readings: Readings) -> str:
    return hashlib.sha256(repr(readings.correction).encode()).hexdigest()[:16]


def correct(tx: Tx, items: Sequence[Correcting]) -> list[Done]:
    """Store corrections, and have the days counted again; where something was faster nothing is changed.

    A theme keeps the polarity that was found with it where the label is the same; else it gets the one of a
    plain statement.

    Raises:
        KeyError: a theme that does not exist.
    """
    current = find_current(tx, [None])[0]
    return [_correct(tx, item, current.id if current else None) for item in items]


def _correct(tx: Tx, item: Correcting, series: int | None) -> Done:
    row = tx.one(READING, item.reference._asdict())
    if row is None:
        return Done.GONE
    reading, unit_id, day = row
    readings = unpack(reading)
    if _digest(readings) != item.seen:
        return Done.MEANWHILE
    correction = None
    if item.themes is not None:
        correction = Correction(item.day, tuple(_themes(item.themes, found_themes(readings, series))))
    done = replace_reading(tx, item.reference, reading, corrected(readings, correction))
    if done is Done.STORED:
        mark(tx, [(item.reference.agency_id, unit_id, day)])
    return done


def _themes(said: Mapping[str, int], found: Sequence[Theme]) -> Iterator[Theme]:
    if unknown := said.keys() - set(THEMES):
        raise KeyError(min(unknown))
    known = {theme.key: theme for theme in found}
    for key in (key for key in THEMES if key in said):
        same = key in known and known[key].label == said[key]
        yield known[key] if same else Theme(key, said[key], said[key] * STATED)


def read_lessons(tx: Tx, items: Sequence[None]) -> list[list[Lesson]]:
    """Every comment that a person has gone through, with the themes it has by them."""
    lessons = []
    for comment, reading in tx.all(CORRECTED):
        given = unpack(reading).correction
        if given is not None:
            lessons.append(Lesson(comment, tuple(theme.key for theme in given.themes)))
    return [lessons for _ in items]
