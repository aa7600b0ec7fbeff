"""Two figures beside each other: whether they differ, and how much they would have to."""

from dataclasses import dataclass
from math import hypot, sqrt

from analysis.checks import check_share, check_spread, is_count, is_number
from analysis.errors import Contradiction, Malformed, NotACount, NoVariation, TooFew
from analysis.intervals import Interval
from analysis.quantiles import normal_quantile

HIGHER, LOWER, NO_CLEAR_CHANGE = "higher", "lower", "no clear change"


@dataclass(frozen=True)
class Difference:
    """How far the first of two independent figures is above the second.

    Attributes:
        difference: first less second, in their units.
        se: its standard error.
        interval: its interval.
        verdict: ``HIGHER`` or ``LOWER`` when the interval leaves 0 out, otherwise ``NO_CLEAR_CHANGE``.
    """

    difference: float
    se: float
    interval: Interval
    verdict: str


def difference(
    first: float, se_first: float, second: float, se_second: float, *, level: float = 0.95
) -> Difference:
    """Compare two independent figures, as of two periods or two agencies, by the normal distribution.

    The standard errors are those of processes, without a finite population correction: the question is
    whether the work changed, not whether these two sets of people differ. Tallies suffice where they give the
    standard errors.

    Raises:
        Malformed: a figure or a standard error that is not finite, or a negative standard error.
        NoVariation: a standard error of 0. All answers of a sample being equal does not make it certain:
            compare the intervals of the two figures instead.
    """
    if not (is_number(first) and is_number(second)):
        raise Malformed(f"{first!r} and {second!r} cannot be compared")
    check_share(level, "level")
    for se in (se_first, se_second):
        check_spread(se, "error")
        if se == 0:
            raise NoVariation(
                "a standard error of 0 says that all answers were equal, not that they are certain"
            )
    found, se = first - second, hypot(se_first, se_second)
    half = normal_quantile(level) * se
    interval = Interval(found - half, found + half, level, "normal")
    return Difference(found, se, interval, _verdict(interval.low, interval.high))


def difference_of_intervals(first: float, within: Interval, second: float, other: Interval) -> Difference:
    """Compare two independent figures by the intervals they have, as where a normal distribution is too bold.

    The distances to the limits, squared and added (MOVER: Zou & Donner 2008, Statistics in Medicine
    27:1693-1702; of two shares with Wilson's limits it is
    ``analysis.intervals.newcombe_difference``). The limits know of few answers, of the ends of the scale and
    of answers that are all equal, and so does the interval of the difference. ``se`` is half of its length
    over the normal quantile.

    Args:
        first: a figure.
        within: its interval, without a finite population correction.
        second: the other figure.
        other: its interval, of the same level.

    Raises:
        Malformed: a number that is not finite, or two levels.
        Contradiction: a figure outside its interval.
    """
    if within.level != other.level:
        raise Malformed(f"intervals of {within.level:g} and {other.level:g} cannot be compared")
    for value, ends in ((first, within), (second, other)):
        if not all(map(is_number, (value, ends.low, ends.high))):
            raise Malformed(f"{value!r} from {ends.low!r} to {ends.high!r} is no figure")
        if not ends.low <= value <= ends.high:
            raise Contradiction(f"{value} is not within {ends.low} to {ends.high}")
    found = first - second
    low = found - hypot(first - within.low, other.high - second)
    high = found + hypot(within.high - first, second - other.low)
    se = (high - low) / (2 * normal_quantile(within.level))
    return Difference(found, se, Interval(low, high, within.level, "mover"), _verdict(low, high))


def minimum_detectable_difference(
    sd: float,
    n: int,
    *,
    n_other: int | None = None,
    sd_other: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> float:
    """The true difference of two means that ``difference`` would find with a chance of ``power``.

    (z of the level + z of the power) x sqrt(sd^2/n + sd_other^2/n_other), as in any textbook on sample size;
    the chance of a verdict in the wrong direction is left out of account. With 100 answers on either side and
    a deviation of 11 points it is 4.4 points.

    Args:
        sd: standard deviation of single answers, in the units of the means.
        n: number of answers on one side.
        n_other: number of answers on the other side; the same when not given.
        sd_other: standard deviation on the other side; the same when not given.
        power: chance of finding it, above half and below 1.
        level: level of the interval that has to leave 0 out.

    Raises:
        NotACount: a number of answers that is negative or not whole.
        TooFew: fewer than two answers on a side.
        NoVariation: both deviations are 0.
        Malformed: another argument outside its range.
    """
    sides = [(sd, n), (sd if sd_other is None else sd_other, n if n_other is None else n_other)]
    for deviation, number in sides:
        check_spread(deviation, "deviation")
        if not is_count(number):
            raise NotACount(f"{number!r} is not a number of answers")
        if number < 2:
            raise TooFew("a comparison", number, 2)
    check_share(level, "level")
    if not (is_number(power) and 0.5 < power < 1):
        raise Malformed(f"a power of {power!r} is not between 0.5 and 1")
    if not any(deviation for deviation, _ in sides):
        raise NoVariation("without variation any difference would be found")
    se = sqrt(sum(deviation**2 / number for deviation, number in sides))
    # Quantiles here are two-sided, of the chance within: a one-sided power of 0.8 is within 0.6.
    return (normal_quantile(level) + normal_quantile(2 * power - 1)) * se


def _verdict(low: float, high: float) -> str:
    return HIGHER if low > 0 else LOWER if high < 0 else NO_CLEAR_CHANGE
