"""A random sample of comments to be corrected, and what the corrected ones tell of the rules.

Whoever corrects only what looks wrong learns nothing of how often the rules are right. So each month has a
sample: the comments with the smallest numbers. A number is a keyed digest of the receipt that its citizen
holds; so they are drawn at random over all agencies, are the same at every look, and a comment that a person
corrected for another reason counts only if it is among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, select

from analysis.intervals import Interval, wilson_proportion
from analysis.themes import THEMES
from survey.clock import days_of
from survey.comments.correcting import found_themes
from survey.comments.counting import ALL, name_of
from survey.comments.readings import Readings, unpack
from survey.comments.references import Reference
from survey.comments.series import find_current
from survey.database import Statement, Tx
from survey.models import COMMENTS, Agency, AgencyMonth, Response, columns
from survey.tallies import unpack as unpack_tally

PER_MONTH = 50
MONTHS = 12
"""The latest months whose samples are offered and measured by."""

_NUMBERS = 2**63
_ROOM = 3
_MOST = 1000  # the window holds some 150; more only where the tallies are behind

_r = columns(Response)
_am = columns(AgencyMonth)
COUNTED = Statement(
    select(_am.month, _am.counts).where(_am.source == COMMENTS, _am.instrument == bindparam("name"))
)
SAMPLE = Statement(
    select(_r.agency_id, _r.id, _r.comment, _r.reading)
    .where(
        # Through the key: agency by agency, a short run of numbers of each.
        _r.agency_id.in_(select(columns(Agency).id)),
        _r.id < bindparam("below"),
        _r.day.between(bindparam("first"), bindparam("last")),
        _r.sealed == 1,
        _r.source == "invited",
        _r.reading.is_not(None),
    )
    .order_by(_r.id, _r.agency_id)
    .limit(_MOST)
)


@dataclass(frozen=True)
class Sampled:
    """A comment of a sample: its text, what was found (label by theme), what a person said; None: nothing."""

    reference: Reference
    text: str
    found: Mapping[str, int]
    given: Mapping[str, int] | None


class Rate(NamedTuple):
    """A share of ``n`` with its 95 % interval, 0 to 1; value and interval None where n is 0."""

    hits: int
    n: int
    interval: Interval | None

    @property
    def value(self) -> float | None:
        """The share."""
        return self.hits / self.n if self.n else None


class Measured(NamedTuple):
    """How the rules do on a theme, or on all: how much of what they find is right, how much they find."""

    theme: str
    precision: Rate
    recall: Rate


@dataclass(frozen=True)
class Samples:
    """What the page of corrections shows.

    Attributes:
        months: those with a sample (``yyyymm``), the latest first.
        month: the one that is listed; None when there is none.
        listed: its sample.
        reviewed, drawn: of the samples of all ``months``, how many a person has gone through.
        overall: over all themes of all corrected comments of the samples.
        labels: of the themes rightly found, the share with the label that a person gave.
        themes: each theme that was found or given.
    """

    months: tuple[int, ...]
    month: int | None
    listed: tuple[Sampled, ...]
    reviewed: int
    drawn: int
    overall: Measured
    labels: Rate
    themes: tuple[Measured, ...]


def read_samples(tx: Tx, months: Sequence[int | None]) -> list[Samples]:
    """The sample of each month asked for, or of the latest; and what all samples tell."""
    return [_samples(tx, month) for month in months]


def _samples(tx: Tx, asked: int | None) -> Samples:
    current = find_current(tx, [None])[0]
    counted: dict[int, int] = {}
    if current is not None:
        for month, counts in tx.all(COUNTED, {"name": name_of(current.id, ALL)}):
            counted[month] = counted.get(month, 0) + unpack_tally(counts)[0]
    months = tuple(sorted(counted, reverse=True)[:MONTHS])
    samples = {month: _sample(tx, month, counted[month], current.id if current else -1) for month in months}
    month = asked if asked in samples else next(iter(months), None)
    drawn = [one for sample in samples.values() for one in sample]
    reviewed = [(one.found, one.given) for one in drawn if one.given is not None]
    return Samples(
        months=months,
        month=month,
        listed=() if month is None else samples[month],
        reviewed=len(reviewed),
        drawn=len(drawn),
        overall=measure("", reviewed, THEMES),
        labels=_labels(reviewed),
        themes=tuple(
            measure(key, reviewed, (key,))
            for key in THEMES
            if any(key in found or key in given for found, given in reviewed)
        ),
    )


def _sample(tx: Tx, month: int, counted: int, series: int) -> tuple[Sampled, ...]:
    first, last = days_of(month)
    below = min(_NUMBERS - 1, _NUMBERS * _ROOM * PER_MONTH // max(1, counted))
    rows = tx.all(SAMPLE, {"below": below, "first": first, "last": last})
    read = [(row, unpack(row[3])) for row in rows]
    return tuple(
        _sampled(Reference(row[0], row[1]), row[2], readings, series)
        for row, readings in [one for one in read if series in one[1].entries][:PER_MONTH]
    )


def _sampled(reference: Reference, text: str, readings: Readings, series: int) -> Sampled:
    found = {theme.key: theme.label for theme in found_themes(readings, series)}
    given = readings.correction
    said = None if given is None else {theme.key: theme.label for theme in given.themes}
    return Sampled(reference, text, found, said)


Judged = Sequence[tuple[Mapping[str, int], Mapping[str, int]]]


def measure(name: str, reviewed: Judged, themes: Sequence[str]) -> Measured:
    """How often the rules and a person agree that comments are about any of some themes.

    Args:
        name: what it is called.
        reviewed: of each comment what the rules found, and what a person said.
        themes: which ones; every comment and theme counts once.
    """
    found = sum(key in one for one, _ in reviewed for key in themes)
    given = sum(key in one for _, one in reviewed for key in themes)
    both = sum(key in one and key in other for one, other in reviewed for key in themes)
    return Measured(name, _rate(both, found), _rate(both, given))


def _labels(reviewed: Judged) -> Rate:
    pairs = [(one[key], other[key]) for one, other in reviewed for key in one if key in other]
    return _rate(sum(label == said for label, said in pairs), len(pairs))


def _rate(hits: int, n: int) -> Rate:
    return Rate(hits, n, wilson_proportion(hits, n) if n else None)
