"""Count comments: how favourable they are, by what they are about, in which language, from whom.

For each series that has read a comment it counts under ``all``, its ``language:…``, each ``theme:…`` (with
the theme's own label and polarity) and ``rated:high``, ``rated:middle`` or ``rated:low``, after the answers
its writer gave. So "rated high, wrote badly" is a number like any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal

from sqlalchemy import bindparam, select

from analysis.comments import CommentTally
from analysis.comments.contradictions import HIGH, LOW
from survey.comments.readings import LABELS, Entry, unpack
from survey.database import Row, Statement
from survey.models import Response, columns

ALL = "all"

_r = columns(Response)
READ = Statement(
    select(_r.day, _r.instrument, _r.answered, _r.score_sum, _r.reading).where(
        _r.agency_id == bindparam("agency_id"),
        _r.unit_id == bindparam("unit_id"),
        _r.day.between(bindparam("first"), bindparam("last")),
        _r.source == "invited",
        _r.reading.is_not(None),
    )
)
Band = Literal["high", "middle", "low"]


def band_of(answered: int, score_sum: int, scale: int) -> Band:
    """Whether the mean answer lies in the upper third of its scale, the lower, or between.

    On four steps: from 3 (good) upwards is high, up to 2 is low.
    """
    height = Fraction(score_sum - answered, answered * (scale - 1))
    return "high" if height >= HIGH else "low" if height <= LOW else "middle"


def name_of(series: int, what: str) -> str:
    """How the tallies call what is counted of a series."""
    return f"{series}/{what}"


def split_name(name: str) -> tuple[int, str]:
    """The series and what is counted, of a tally's name."""
    series, _, what = name.partition("/")
    return int(series), what


def count_comments(
    rows: Iterable[Row], scales: Mapping[str, int]
) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """The rows of ``READ`` as tallies: day, name and the measures of ``analysis.comments``.

    ``scales`` are the highest answers to elements by instrument; other instruments count under no band.
    """
    found: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
    for day, instrument, answered, score_sum, reading in rows:
        scale = scales.get(instrument)
        band = None if scale is None else band_of(answered, score_sum, scale)
        readings = unpack(reading)
        for series in readings.entries:
            entry = readings.of(series)
            if entry is not None:
                for what, label, polarity in _counted(entry, band):
                    found[day, name_of(series, what)].append((LABELS[label + 1], polarity))
    for (day, name), labelled in found.items():
        yield day, name, tuple(CommentTally.of(labelled))


def _counted(entry: Entry, band: Band | None) -> Iterator[tuple[str, int, int]]:
    whole = (entry.label, entry.polarity)
    yield ALL, *whole
    yield f"language:{entry.language}", *whole
    if band is not None:
        yield f"rated:{band}", *whole
    for theme in entry.themes:
        yield f"theme:{theme.key}", theme.label, theme.polarity
