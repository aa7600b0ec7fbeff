"""The comments of a place and period themselves, as far as a page reads them, and which of them may be shown.

A page about a large agency reads a sample. The number under which a response is kept is a keyed digest of
its receipt, which only its writer holds: so the responses whose numbers lie in some window are a random
sample, the same at every look.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter

from sqlalchemy import bindparam, func, or_, select

from analysis.tally import Layout
from survey.clock import days_of
from survey.comments.readings import Entry, unpack, unpack_counts
from survey.database import Row, Statement, Tx
from survey.models import Response, columns
from survey.periods import Period
from survey.places import Place, list_units

MOST_READ = 20_000
"""Comments that one page looks at; of more, so many are drawn."""

TEXTS_FROM = 10
"""Answers that a place has in a period before any text of theirs is shown."""

_NUMBERS = 2**63
_ROOM = 0.98  # a sample's size varies; so it hardly ever has to be cut off at the limit

_r = columns(Response)
_OF_UNIT = _r.unit_id == bindparam("unit_id")
READ = Statement(
    select(
        _r.agency_id,
        _r.id,
        _r.instrument,
        _r.answered,
        _r.score_sum,
        _r.comment,
        _r.masked,
        _r.reading,
        _r.sealed,
    )
    .where(
        _r.agency_id == bindparam("agency_id"),
        _OF_UNIT,
        _r.day.between(bindparam("first"), bindparam("last")),
        _r.source == "invited",
        _r.reading.is_not(None),
        or_(_r.id.between(bindparam("low"), bindparam("high")), _r.id < bindparam("wrapped")),
    )
    .limit(MOST_READ)
)
_WAITING = (
    select(func.count())
    .select_from(Response)
    .where(_r.agency_id == bindparam("agency_id"), _r.comment.is_not(None), _r.reading.is_(None))
)
WAITING = (Statement(_WAITING), Statement(_WAITING.where(_OF_UNIT)))


@dataclass(frozen=True)
class Written:
    """A comment that the series has read, without anything that tells whose it is or of when.

    Attributes:
        agency_id, id: where it is kept; never shown.
        text: the comment, masked.
        entry: what the series says of it.
        mean: the mean answer of its writer, 1 to ``scale``.
        scale: the highest answer; None for an instrument that is no longer known.
        sealed: whether the nightly shuffle has passed.
    """

    agency_id: int
    id: int
    text: str
    entry: Entry
    mean: Fraction
    scale: int | None
    sealed: bool


@dataclass(frozen=True)
class Comments:
    """The comments of a place and period that were looked at.

    Attributes:
        written: in the order of their numbers, which tells nothing.
        masked: what was masked in them, by kind.
        sampled: whether these are a sample of all.
    """

    written: tuple[Written, ...]
    masked: Mapping[str, int]
    sampled: bool

    @property
    def showable(self) -> list[Written]:
        """Those whose texts may be shown, where the place has answers enough; allegations never."""
        return [one for one in self.written if one.sealed and not one.entry.alleges]


def read_written(
    tx: Tx, place: Place, period: Period, series: int, layouts: Mapping[str, Layout], total: int
) -> Comments:
    """The comments of a place and period; a sample when by the tallies there are more than ``MOST_READ``."""
    parameters = {
        "agency_id": place.agency_id,
        "first": days_of(period.first)[0],
        "last": days_of(period.last)[1],
        **_window(place, period, total),
    }
    # Unit by unit: asked for a whole agency at once, SQLite would look through all of its years.
    units = [place] if place.unit_id is not None else list_units(tx, place)
    rows = [row for unit in units for row in tx.all(READ, {**parameters, "unit_id": unit.unit_id})]
    masked: Counter[str] = Counter()
    found = []
    # The order of an index would tell the unit and the day; that of the numbers tells nothing.
    for row in sorted(map(tuple, rows), key=itemgetter(1))[:MOST_READ]:
        masked.update(unpack_counts(row[6]))
        if (one := _written(row, series, layouts)) is not None:
            found.append(one)
    return Comments(tuple(found), dict(sorted(masked.items())), total > MOST_READ)


def count_waiting(tx: Tx, place: Place) -> int:
    """How many comments of a place no analyser has read yet."""
    parameters = {"agency_id": place.agency_id}
    if place.unit_id is not None:
        parameters["unit_id"] = place.unit_id
    (waiting,) = tx.one(WAITING[place.unit_id is not None], parameters) or (0,)
    return int(waiting)


def seed_of(place: Place, period: Period) -> int:
    """A number for random draws about a place and period, always the same."""
    named = f"{place.agency_id}/{place.unit_id}/{period.first}/{period.last}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big") >> 1


def _window(place: Place, period: Period, total: int) -> dict[str, int]:
    """Numbers from ``low`` to ``high``, and those below ``wrapped`` where the window passes the end."""
    if total <= MOST_READ:
        return {"low": 0, "high": _NUMBERS - 1, "wrapped": 0}
    low = seed_of(place, period)
    end = low + int(_NUMBERS * _ROOM * MOST_READ / total)
    return {"low": low, "high": min(end, _NUMBERS) - 1, "wrapped": max(0, end - _NUMBERS)}


def _written(row: Row, series: int, layouts: Mapping[str, Layout]) -> Written | None:
    agency_id, number, instrument, answered, score_sum, text, _, reading, sealed = row
    entry = unpack(reading).of(series)
    if entry is None:
        return None
    layout = layouts.get(instrument)
    scale = None if layout is None else layout.element_scale
    return Written(agency_id, number, text, entry, Fraction(score_sum, answered), scale, bool(sealed))
