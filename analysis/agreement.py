"""How far respondents agree: mean on 0-100, shares that agree and disagree, and the net of the two.

Everything here needs tallies only: how often each answer of the scale was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analysis.checks import is_number
from analysis.errors import Contradiction, Malformed, OutOfScale
from analysis.intervals import Interval, wilson_calibrated
from analysis.shares import NetScore, Share, checked_counts, deviation, net_score, share

_PRINTED_ROUNDING = 0.05
"""By how much a percentage printed with one decimal may be off."""


@dataclass(frozen=True)
class Bands:
    """Which answers of a scale agree and which disagree; those between are neutral.

    Attributes:
        lowest: lowest answer of the scale.
        highest: highest answer of the scale.
        disagree_to: highest answer that disagrees.
        agree_from: lowest answer that agrees.

    Raises:
        Malformed: the four do not stand in this order.
    """

    lowest: int
    highest: int
    disagree_to: int
    agree_from: int

    def __post_init__(self) -> None:
        if not self.lowest <= self.disagree_to < self.agree_from <= self.highest:
            raise Malformed(
                f"disagreeing up to {self.disagree_to} and agreeing from {self.agree_from} does not divide "
                f"a scale of {self.lowest} to {self.highest}"
            )


FIVE_POINTS = Bands(1, 5, 2, 4)
"""Agree 4-5, neutral 3, disagree 1-2."""

ELEVEN_POINTS = Bands(0, 10, 4, 6)
"""The OECD Trust Survey's reading of 0-10: trust 6-10, neutral 5, low or no trust 0-4.
Status: from memory, to be checked against the survey's technical note."""


@dataclass(frozen=True)
class Agreement:
    """The answers to one trust item.

    Attributes:
        mean: mean answer on 0-100.
        se: standard error of the mean, sd / sqrt(n), in the same points; None for one answer.
        interval: variance-calibrated Wilson interval of the mean, 0-100.
        agree: share that agrees.
        neutral: share between.
        disagree: share that disagrees.
        net: agree minus disagree, in points.
        n: number of answers.
    """

    mean: float
    se: float | None
    interval: Interval
    agree: Share
    neutral: Share
    disagree: Share
    net: NetScore
    n: int


@dataclass(frozen=True)
class PublishedNet:
    """A net trust read from printed percentages.

    Attributes:
        net: agree minus disagree, in points.
        unknown: per cent that gave none of the three, such as don't know.
    """

    net: float
    unknown: float


def rescale(value: float, lowest: int, highest: int) -> float:
    """An answer or mean answer moved to 0-100: 100 × (value - lowest) / (highest - lowest).

    Raises:
        Malformed: the scale does not rise, or the value is not a number.
        OutOfScale: the value is outside the scale.
    """
    if not lowest < highest:
        raise Malformed(f"a scale of {lowest} to {highest} does not rise")
    if not is_number(value):
        raise Malformed(f"{value!r} is not an answer")
    if not lowest <= value <= highest:
        raise OutOfScale(1, "value", value, lowest, highest)
    return 100 * (value - lowest) / (highest - lowest)


def agreement(counts: Sequence[int], bands: Bands = FIVE_POINTS, *, level: float = 0.95) -> Agreement:
    """Mean, shares and net trust of one item. Tallies suffice.

    Args:
        counts: how often each answer was given, from the lowest of the scale to the highest.
        bands: the scale and what agrees on it.
        level: nominal coverage of the intervals.

    Raises:
        Malformed: not one count per answer of the scale, or a level that is not between 0 and 1.
        NotACount: a number is negative or not whole.
        NoFigure: nobody answered.
    """
    answers = checked_counts(counts, bands.highest - bands.lowest + 1)
    n, step = sum(answers), 100 / (bands.highest - bands.lowest)
    total = sum(value * count for value, count in enumerate(answers, start=bands.lowest))
    mean, sd = rescale(total / n, bands.lowest, bands.highest), deviation(answers) * step
    low, high = bands.disagree_to - bands.lowest + 1, bands.agree_from - bands.lowest
    disagree, agree = (share(part, answers, level) for part in (answers[:low], answers[high:]))
    return Agreement(
        mean=mean,
        se=sd / sqrt(n) if n > 1 else None,
        interval=wilson_calibrated(mean, sd, n, lower=0, upper=100, level=level),
        agree=agree,
        neutral=share(answers[low:high], answers, level),
        disagree=disagree,
        net=net_score(agree.value, disagree.value, n, level=level),
        n=n,
    )


def published_net(agree: float, neutral: float, disagree: float) -> PublishedNet:
    """Net trust from printed percentages, whose remainder is those who did not know or refused.

    Percentages printed with one decimal may sum to a little over 100; the remainder is then 0.

    Raises:
        Malformed: one is not a percentage.
        Contradiction: together they are more than all, by more than rounding explains.
    """
    parts = (agree, neutral, disagree)
    for part in parts:
        if not (is_number(part) and 0 <= part <= 100):
            raise Malformed(f"{part!r} is not a percentage")
    unknown = 100 - sum(parts)
    if unknown < -len(parts) * _PRINTED_ROUNDING - 1e-9:
        raise Contradiction(f"{agree}, {neutral} and {disagree} per cent are more than all")
    return PublishedNet(agree - disagree, max(0.0, unknown))
