"""The elements of an index one by one, each with its interval. Tallies suffice."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from analysis.checks import check_count
from analysis.errors import NoFigure
from analysis.exact import deviation
from analysis.intervals import Interval, wilson_calibrated
from analysis.tally import Tally


@dataclass(frozen=True)
class ElementMean:
    """The answers to one element.

    Attributes:
        key: of the element.
        n: respondents who answered it.
        mean: mean answer, 1 to the end of the scale, exact.
        interval: variance-calibrated Wilson interval of the mean, in the same units.
    """

    key: str
    n: int
    mean: Fraction
    interval: Interval


def profile(tally: Tally, *, level: float = 0.95, population: int | None = None) -> list[ElementMean]:
    """The mean of each element that anybody answered, in the order of the layout.

    Args:
        tally: counts of answers to elements on any scale.
        level: nominal coverage of the intervals.
        population: transactions in scope, for a finite population correction; left out for an element with
            no fewer answers than there are transactions, as answers count in the month they were given. None
            without.

    Raises:
        Malformed: a level that is no share.
        NotACount: a population that is none.
    """
    return [
        ElementMean(key, n, *_mean(tally.answers(key), level, population))
        for key in tally.layout.elements
        if (n := tally.answered(key))
    ]


def mean_of_counts(counts: Sequence[int]) -> tuple[Fraction, float | None]:
    """Mean and standard deviation (n - 1) of answers 1, 2, … by how often each was given.

    One answer has no deviation. The sums are exact, so that equal answers deviate by exactly zero.

    Raises:
        NoFigure: nobody answered.
        NotACount: a count is negative or not whole.
    """
    for count in counts:
        check_count(count, "answers")
    # As Python's whole numbers, which have no end: the squares of numpy's would pass 64 bits.
    whole = [int(count) for count in counts]
    n = sum(whole)
    if n == 0:
        raise NoFigure("nobody answered")
    total = sum(value * count for value, count in enumerate(whole, start=1))
    squares = sum(value * value * count for value, count in enumerate(whole, start=1))
    return Fraction(total, n), deviation(n, total, squares)


def _mean(counts: Sequence[int], level: float, population: int | None) -> tuple[Fraction, Interval]:
    mean, sd = mean_of_counts(counts)
    n = sum(counts)
    served = population if population is not None and population > n else None
    interval = wilson_calibrated(
        float(mean), sd or 0.0, n, lower=1.0, upper=float(len(counts)), level=level, population=served
    )
    return mean, interval
