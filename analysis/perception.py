"""Perception indices of integrity zones (SPKP, SPAK), from items on any scale. Tallies suffice.

PermenPAN-RB 90/2021 uses a survey of the perceived quality of service (SPKP) and one of the perceived absence
of corruption (SPAK). Forms with four, five and six steps are in use, and the official conversion between them
was not found: every figure here says which conversion made it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.errors import UnknownKey
from analysis.index import nrr, round_half_up, spread_of_scores
from analysis.intervals import Interval, mean_interval
from analysis.tally import Tally, check_not_applicable

TO_FOUR = "x * 4 / {scale}"
"""The conversion to an index of at most 4, applied to each answer x.

Seen in public code as "score / 1.5" for six steps. One step of six becomes 0.67, below the 1 that a scale of
four begins with, so the index of six steps is not on the same footing as one of four.
"""

TO_HUNDRED = "100 * (x - 1) / ({scale} - 1)"
"""The conversion for comparing across scales: the lowest answer is 0 and the highest 100 on every scale."""

SPKP, SPAK = "spkp", "spak"
WBK, WBBM = "wbk", "wbbm"

MOST_POINTS = Decimal("17.5")
"""Points either survey brings at most (from memory, to be checked against the regulation)."""

UNVERIFIED = "from memory, to be checked against the regulation"

THRESHOLDS: Mapping[tuple[str, str], Decimal] = {
    (WBK, SPAK): Decimal("15.75"),
    (WBK, SPKP): Decimal("14.00"),
    (WBBM, SPKP): Decimal("15.75"),
}
"""Fewest points of 17.5 by zone and survey: 15.75 is an index of 3.60 of 4, 14.00 one of 3.20.

All of them from memory, to be checked against the regulation; that of SPAK for WBBM is not known here.
"""


@dataclass(frozen=True)
class Perception:
    """A perception index with its conversions.

    Attributes:
        of_four: the index on at most 4, exact: the mean over the items of their converted means.
        rounded: the same as shown, half up to two decimals.
        conversion: how an answer x becomes one of at most 4, as a formula.
        of_hundred: the index on 0 to 100, exact.
        conversion_hundred: how an answer x becomes one of 0 to 100, as a formula.
        interval: interval of ``of_hundred``, or None when the tally holds no scores of respondents.
        scale: highest answer.
        means: mean answer of each item, 1 to the scale, exact.
        lowest: the item with the lowest mean, or all that share it.
        k: number of items in the index.
        n: respondents who answered at least one item.
        unanswered: applicable items that nobody answered; they are not in the index.
    """

    of_four: Fraction
    rounded: Decimal
    conversion: str
    of_hundred: Fraction
    conversion_hundred: str
    interval: Interval | None
    scale: int
    means: Mapping[str, Fraction]
    lowest: tuple[str, ...]
    k: int
    n: int
    unanswered: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """Whether an index reaches the threshold of a zone.

    Attributes:
        reached: whether the unrounded points are at least the threshold.
        points: the index in points of the assessment, exact: of_four / 4 x ``MOST_POINTS``.
        threshold: points needed.
        status: how sure the threshold itself is.
    """

    reached: bool
    points: Fraction
    threshold: Decimal
    status: str


def perception(
    tally: Tally,
    *,
    not_applicable: Collection[str] = frozenset(),
    method: str = "wilson-calibrated",
    level: float = 0.95,
    population: int | None = None,
) -> Perception | None:
    """The perception index of the elements of a tally, or None when nobody answered any.

    The mean of an item is over those who answered it, and items count the same. The interval takes the
    respondents' own means for its deviation, which is exact when everybody answered everything (see
    ``analysis.index.spread``).

    Args:
        tally: counts of answers to elements on any scale.
        not_applicable: items configured not to exist for this service.
        method: a name of ``analysis.intervals.METHODS``.
        level: nominal coverage of the interval.
        population: transactions in scope, for a finite population correction; None without.

    Raises:
        UnknownKey: no such item or method.
        Contradiction: an item that is said not to exist was answered, or more respondents than transactions.
        Malformed, NotACount: a level or a population that cannot be used.
    """
    check_not_applicable(tally, not_applicable)
    means, scale = nrr(tally), tally.layout.element_scale
    if not means:
        return None
    mean = sum(means.values(), Fraction(0)) / len(means)
    of_four = mean * 4 / scale
    of_hundred = 100 * (mean - 1) / (scale - 1)
    return Perception(
        of_four=of_four,
        rounded=round_half_up(of_four, 2),
        conversion=TO_FOUR.format(scale=scale),
        of_hundred=of_hundred,
        conversion_hundred=TO_HUNDRED.format(scale=scale),
        interval=_interval(tally, of_hundred, method, level, population),
        scale=scale,
        means=means,
        lowest=tuple(key for key, value in means.items() if value == min(means.values())),
        k=len(means),
        n=tally.count("score_n"),
        unanswered=tuple(
            key for key in tally.layout.elements if key not in means and key not in not_applicable
        ),
    )


def of_four(interval: Interval, scale: int) -> Interval:
    """An interval on 0 to 100 in the units of the index of at most 4; its lowest end is 4 / scale."""
    low, high = ((1 + (scale - 1) * end / 100) * 4 / scale for end in (interval.low, interval.high))
    return Interval(low, high, interval.level, interval.method)


def reaches(found: Perception, survey: str, zone: str) -> Reached:
    """Whether a perception index reaches what a zone asks of a survey, by its unrounded value.

    Args:
        found: the index.
        survey: ``SPKP`` or ``SPAK``.
        zone: ``WBK`` or ``WBBM``.

    Raises:
        UnknownKey: no threshold is known for this zone and survey.
    """
    if (zone, survey) not in THRESHOLDS:
        known = ", ".join(" ".join(pair) for pair in THRESHOLDS)
        raise UnknownKey(f"no threshold known for {zone} {survey} among {known}")
    threshold = THRESHOLDS[zone, survey]
    points = found.of_four / 4 * Fraction(MOST_POINTS)
    return Reached(points >= Fraction(threshold), points, threshold, UNVERIFIED)


def _interval(
    tally: Tally, of_hundred: Fraction, method: str, level: float, population: int | None
) -> Interval | None:
    scale = tally.layout.element_scale
    scores = spread_of_scores(tally, Fraction(100, scale - 1))
    if scores is None:
        return None
    return mean_interval(
        float(of_hundred),
        scores.sd,
        tally.count("score_n"),
        method=method,
        lower=0.0,
        upper=100.0,
        level=level,
        population=population,
    )
