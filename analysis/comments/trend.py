"""What the comments of each month say, with intervals, and without hiding the months that say too little.

The intervals express that other citizens could have written. They do not express that comments are
misjudged: beside these figures stands the error rate of whoever judged them, or the corrected share
(``analysis.comments.misclassification``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from analysis.checks import check_count
from analysis.comments.misclassification import Corrected, NotCorrected
from analysis.comments.tally import LABELS, CommentTally
from analysis.errors import Contradiction, Malformed, UnknownKey
from analysis.exact import deviation
from analysis.intervals import wilson_calibrated, wilson_proportion
from analysis.sentiment import FIXED_UNIT
from analysis.shares import Mean, NetScore, Share, net_score
from analysis.trends import Point
from analysis.withheld import NO_ANSWERS, TOO_FEW_ANSWERS, Withheld

FEWEST_FOR_SHARES = 30
"""Shares of fewer comments are withheld: one misjudged comment would move them by several points. Our
judgement."""

FEWEST_FOR_POLARITY = 5
"""As for every other monthly mean (``analysis.trends``); a public page needs 10."""

Figure = Literal["polarity", "negative", "neutral", "positive", "net"]

BOUNDS: Mapping[Figure, tuple[float, float]] = {
    "polarity": (-1.0, 1.0),
    "negative": (0.0, 1.0),
    "neutral": (0.0, 1.0),
    "positive": (0.0, 1.0),
    "net": (-100.0, 100.0),
}
"""Lowest and highest possible value of each figure."""


@dataclass(frozen=True)
class CommentPoint:
    """The comments of one month.

    Attributes:
        period: the month as yyyymm.
        series: name of what judged them. Points of different series cannot be compared.
        n: number of comments, also when figures are withheld.
        polarity: mean polarity, -1 to 1.
        negative: share of unfavourable comments, 0 to 1.
        neutral: share of comments that are neither.
        positive: share of favourable comments.
        net: favourable minus unfavourable, in points from -100 to 100.
    """

    period: int
    series: str
    n: int
    polarity: Mean | Withheld
    negative: Share | Withheld
    neutral: Share | Withheld
    positive: Share | Withheld
    net: NetScore | Withheld


def points(
    tallies: Mapping[int, CommentTally],
    *,
    series: str,
    between: tuple[int, int] | None = None,
    polarity_from: int = FEWEST_FOR_POLARITY,
    shares_from: int = FEWEST_FOR_SHARES,
    level: float = 0.95,
) -> list[CommentPoint]:
    """The figures of each month in order, whether of all comments, of a theme, of a unit or of an agency.

    The mean polarity has the variance-calibrated Wilson interval on -1 to 1
    (``analysis.intervals.wilson_calibrated``): a few comments of equal polarity do not make it certain. A
    share has Wilson's interval. The net has the calibrated one on -100 to 100 with the variance of a
    difference of two shares p and q of one multinomial draw, (p + q - (p - q)²)/n
    (``analysis.shares.net_score``). Months are compared as results of one process: there is no finite
    population correction.

    Args:
        tallies: the tally of each month, by yyyymm; months between that are missing become points without
            figures.
        series: name of what judged the comments.
        between: first and last month; those of the first and last tally when None. Themes that are to stand
            side by side need it.
        polarity_from: with fewer comments the mean is withheld.
        shares_from: with fewer comments shares and the net are withheld.
        level: nominal coverage.

    Raises:
        Malformed: a period is not a month, the first month comes after the last, a tally lies outside of
            them, a minimum is below one, or the level is not between 0 and 1.
        NotACount, Contradiction: a tally counts no comments (``CommentTally.check``), or a minimum is not
            whole.
    """
    for fewest in (polarity_from, shares_from):
        check_count(fewest, "comments")
        if fewest < 1:
            raise Malformed(f"a minimum of {fewest} comments withholds nothing")
    return [
        _point(period, series, tallies.get(period, CommentTally.zero()), polarity_from, shares_from, level)
        for period in _months(tallies, between)
    ]


def breaks(points: Sequence[CommentPoint]) -> list[int]:
    """The months in which another series begins, where a line must be interrupted."""
    ordered = sorted(points, key=lambda point: point.period)
    return [later.period for one, later in pairwise(ordered) if later.series != one.series]


def drawn(points: Sequence[CommentPoint], figure: Figure) -> list[Point]:
    """One figure of each month for a picture, in the units of ``BOUNDS``.

    Raises:
        UnknownKey: there is no such figure.
    """
    if figure not in BOUNDS:
        raise UnknownKey(f"no figure {figure!r} among {', '.join(BOUNDS)}")
    return [_drawn(point, figure) for point in points]


def drawn_corrected(found: Mapping[int, Corrected | NotCorrected], label: str) -> list[Point]:
    """The corrected share of a label, 0 to 1, of each month for a picture; months in order.

    Raises:
        UnknownKey: there is no such label.
    """
    if label not in LABELS:
        raise UnknownKey(f"no label {label!r} among {', '.join(LABELS)}")
    result = []
    for period, one in sorted(found.items()):
        if isinstance(one, NotCorrected):
            result.append(Point(period, None, None, None, one.n, one.reason))
        else:
            share = one.share(label)
            result.append(Point(period, share.value, share.interval.low, share.interval.high, one.n, None))
    return result


def _months(tallies: Mapping[int, CommentTally], between: tuple[int, int] | None) -> list[int]:
    for period in (*tallies, *(between or ())):
        if type(period) is not int or period < 1 or not 1 <= period % 100 <= 12:
            raise Malformed(f"{period!r} is not a month written yyyymm")
    if between is None and not tallies:
        return []
    first, last = between or (min(tallies), max(tallies))
    if first > last:
        raise Malformed(f"there is no month from {first} to {last}")
    if outside := [period for period in tallies if not first <= period <= last]:
        raise Malformed(f"{outside[0]} is not a month from {first} to {last}")
    start, end = (month // 100 * 12 + month % 100 - 1 for month in (first, last))
    return [number // 12 * 100 + number % 12 + 1 for number in range(start, end + 1)]


def _point(
    period: int, series: str, tally: CommentTally, polarity_from: int, shares_from: int, level: float
) -> CommentPoint:
    try:
        n = tally.check().n
    except Contradiction as error:
        raise Contradiction(f"{period}: {error}") from None
    few = Withheld(NO_ANSWERS if n == 0 else TOO_FEW_ANSWERS, n, shares_from)
    polarity = Withheld(few.reason, n, polarity_from) if n < polarity_from else _polarity(tally, level)
    if n < shares_from:
        return CommentPoint(period, series, n, polarity, few, few, few, few)
    negative, neutral, positive = (
        Share(count / n, wilson_proportion(count, n, level=level), count, n) for count in tally.labels
    )
    net = net_score(positive.value, negative.value, n, level=level)
    return CommentPoint(period, series, n, polarity, negative, neutral, positive, net)


def _polarity(tally: CommentTally, level: float) -> Mean:
    mean = tally.sum / tally.n / FIXED_UNIT
    sd = (deviation(tally.n, tally.sum, tally.sumsq) or 0.0) / FIXED_UNIT
    return Mean(mean, wilson_calibrated(mean, sd, tally.n, lower=-1.0, upper=1.0, level=level), tally.n)


def _drawn(point: CommentPoint, figure: Figure) -> Point:
    found: Mean | Share | NetScore | Withheld = getattr(point, figure)
    if isinstance(found, Withheld):
        return Point(point.period, None, None, None, point.n, found.reason)
    return Point(point.period, found.value, found.interval.low, found.interval.high, point.n, None)
