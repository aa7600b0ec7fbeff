"""What analysers and staff made of a comment, as it is kept beside it.

A reading is JSON of two kinds of entries. Under the number of a series: the language, the label (-1
negative, 0 neutral, 1 positive), polarity and confidence in thousandths, and the themes, each with a label
and a polarity. Under ``staff``: the day (``yyyymmdd``) and the themes with labels that a person gave it,
which count in place of the found ones in every series. Under ``allegation``, where anybody or any series has
found a matter of integrity that is not spoken of as absent: the day and what came of it, or null as long as
nobody has said. It comes first, so that a database can tell such comments by the beginning of the text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from analysis.themes.names import INTEGRITY

STAFF = "staff"
ALLEGATION = "allegation"
ALLEGED = "substr(reading, 1, 13) = '{\"allegation\"'"
"""SQL that is true of the reading of a comment that alleges something, or of which something came."""

LABELS = ("negative", "neutral", "positive")
NUMBER_OF = {"negative": -1, "neutral": 0, "positive": 1}


class Theme(NamedTuple):
    """A theme of a comment: its key, label (-1, 0, 1) and polarity in thousandths."""

    key: str
    label: int
    polarity: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What one series says of a comment; numbers as in the module's text."""

    language: str
    label: int
    polarity: int
    confidence: int
    themes: tuple[Theme, ...]

    @property
    def alleges(self) -> bool:
        """Whether it raises a matter of integrity and does not say that there is none of it."""
        return _allege(self.themes)


class Correction(NamedTuple):
    """The themes a person gave a comment on a day (``yyyymmdd``)."""

    day: int
    themes: tuple[Theme, ...]


class Decision(NamedTuple):
    """What the ombudsman made of an allegation on a day (``yyyymmdd``)."""

    day: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Readings:
    """All that was made of one comment."""

    entries: Mapping[int, Entry]
    correction: Correction | None = None
    decision: Decision | None = None

    def of(self, series: int) -> Entry | None:
        """What a series says, with the themes as staff corrected them; None when it has not read it."""
        entry = self.entries.get(series)
        if entry is None or self.correction is None:
            return entry
        return Entry(entry.language, entry.label, entry.polarity, entry.confidence, self.correction.themes)

    @property
    def marked(self) -> bool:
        """Whether it is, or was to any reader, an allegation."""
        said = [entry.themes for entry in self.entries.values()]
        if self.correction is not None:
            said.append(self.correction.themes)
        return self.decision is not None or any(map(_allege, said))


def unpack(reading: str | None) -> Readings:
    """The readings of a comment as they were stored."""
    if reading is None:
        return Readings({})
    stored: dict[str, Any] = json.loads(reading)
    staff, decision = stored.pop(STAFF, None), stored.pop(ALLEGATION, None)
    return Readings(
        {int(number): _entry(*entry) for number, entry in stored.items()},
        None if staff is None else Correction(staff[0], _themes(staff[1])),
        None if decision is None else Decision(*decision),
    )


def pack(readings: Readings) -> str:
    """The text in which readings are stored."""
    stored: dict[str, Any] = {ALLEGATION: readings.decision} if readings.marked else {}
    stored |= {
        str(number): [one.language, one.label, one.polarity, one.confidence, one.themes]
        for number, one in sorted(readings.entries.items())
    }
    if readings.correction is not None:
        stored[STAFF] = list(readings.correction)
    return json.dumps(stored, separators=(",", ":"))


def with_entry(readings: Readings, series: int, entry: Entry) -> Readings:
    """The readings with what one more series says."""
    return replace(readings, entries={**readings.entries, series: entry})


def corrected(readings: Readings, correction: Correction | None) -> Readings:
    """The readings with the themes that a person gave; None takes back what was given."""
    return replace(readings, correction=correction)


def decided(readings: Readings, decision: Decision | None) -> Readings:
    """The readings with what came of the allegation; None takes it back."""
    return replace(readings, decision=decision)


def packed_counts(masked: Mapping[str, int]) -> str:
    """What was masked, by kind, as it is stored."""
    return json.dumps(dict(sorted(masked.items())), separators=(",", ":"))


def unpack_counts(masked: str | None) -> dict[str, int]:
    """What was masked, by kind; empty for a comment nobody has looked through."""
    return {} if masked is None else dict(json.loads(masked))


def _entry(
    language: str, label: int, polarity: int, confidence: int, themes: Sequence[Sequence[Any]]
) -> Entry:
    return Entry(language, label, polarity, confidence, _themes(themes))


def _themes(stored: Sequence[Sequence[Any]]) -> tuple[Theme, ...]:
    return tuple(Theme(*theme) for theme in stored)


def _allege(themes: Sequence[Theme]) -> bool:
    return any(theme.key in INTEGRITY and theme.label < 1 for theme in themes)
