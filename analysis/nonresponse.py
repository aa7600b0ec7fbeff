"""What the silent could do to a figure, and the official and the adjusted index side by side."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from analysis.checks import check_mean, check_n, check_population, is_number
from analysis.errors import Contradiction, Malformed, Refused
from analysis.intervals import Interval
from analysis.poststratification import Adjusted

NOTEWORTHY = 2.0
"""Points between the official and the adjusted index above which their difference is a finding in itself. A
judgement, configurable."""


class Bounds(NamedTuple):
    """Lowest and highest value, in the units of the scale."""

    low: float
    high: float


@dataclass(frozen=True)
class SideBySide:
    """The official index and the adjusted one. They answer different questions and are never mixed.

    Attributes:
        official: the index of those who answered, unweighted, as the rule demands; 25 to 100.
        official_interval: its interval, as given.
        adjusted: the figure for all transactions, or None when it is withheld.
        withheld: why, in a word, or None.
        difference: adjusted - official in points, or None.
        from_weighting: the part of it that the weights make; the rest comes from answers that are missing
            within responses (the official index averages elements, the adjusted one respondents). Or None.
        noteworthy: whether the difference is above the threshold.
        response_rate: responses per transaction, 0 to 1.
        bias_low: the index of all transactions if all who were silent had given the worst answers.
        bias_high: the same with the best answers.
        official_method: ``unweighted``.
        adjusted_method: ``poststratified`` or ``raked``, or None.
    """

    official: float
    official_interval: Interval | None
    adjusted: Adjusted | None
    withheld: str | None
    difference: float | None
    from_weighting: float | None
    noteworthy: bool
    response_rate: float
    bias_low: float
    bias_high: float
    official_method: str
    adjusted_method: str | None


def bias_bound(response_rate: float, mean: float, *, low: float = 25, high: float = 100) -> Bounds:
    """Between which values the mean of all transactions lies, whatever the silent think.

    Worst case bounds without any assumption (Manski, American Economic Review 1990, 80:319-323): with a share
    r of answers it is from r × mean + (1 - r) × low to r × mean + (1 - r) × high. At a response rate of 20 %
    and a mean of 85 that is 37 to 97.

    Args:
        response_rate: responses per transaction, 0 to 1.
        mean: mean of those who answered, ``low`` to ``high``.
        low: lowest possible value.
        high: highest possible value.

    Raises:
        Malformed: the response rate is not between 0 and 1, the scale has no width, or the mean is not on it.
    """
    if not (is_number(response_rate) and 0 <= response_rate <= 1):
        raise Malformed(f"a response rate of {response_rate!r} is not between 0 and 1")
    check_mean(mean, low, high)
    silent = 1 - response_rate
    return Bounds(response_rate * mean + silent * low, response_rate * mean + silent * high)


def compare(
    official: Fraction | float,
    adjusted: Adjusted | Refused,
    *,
    n: int,
    population: int,
    interval: Interval | None = None,
    noteworthy: float = NOTEWORTHY,
) -> SideBySide:
    """Put the official index beside the adjusted one, or beside the reason why there is none.

    Args:
        official: the official index, 25 to 100.
        adjusted: the adjusted figure, or the refusal that came instead; it becomes a word (``too_few``).
        n: number of valid responses.
        population: number of transactions.
        interval: of the official index, to be carried along.
        noteworthy: points above which the difference is a finding.

    Raises:
        NoFigure: there are no responses.
        NotACount: a number is negative or not whole.
        Contradiction: more responses than transactions, or the adjusted figure is of other transactions or
            of more respondents.
        Malformed: the official index is not on the scale of 25 to 100, or the threshold is negative.
    """
    check_n(n)
    check_population(n, population)
    if not (is_number(noteworthy) and noteworthy >= 0):
        raise Malformed(f"a threshold of {noteworthy!r} points is none")
    if not is_number(official):
        raise Malformed(f"an official index of {official!r} is no number")
    check_mean(float(official), 25, 100)
    rate = n / population
    bounds = bias_bound(rate, float(official))
    shown, withheld = _shown(adjusted, n, population)
    difference = None if shown is None or shown.value is None else shown.value - float(official)
    return SideBySide(
        official=float(official),
        official_interval=interval,
        adjusted=shown,
        withheld=withheld,
        difference=difference,
        from_weighting=None if shown is None or shown.value is None else shown.value - shown.unweighted,
        noteworthy=difference is not None and abs(difference) > noteworthy,
        response_rate=rate,
        bias_low=bounds.low,
        bias_high=bounds.high,
        official_method="unweighted",
        adjusted_method=None if shown is None else shown.method,
    )


def reason(refusal: Refused) -> str:
    """A refusal in a word: ``too_few`` of ``TooFew``, ``empty_level`` of ``EmptyLevel`` and so on."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(refusal).__name__).lower()


def _shown(adjusted: Adjusted | Refused, n: int, population: int) -> tuple[Adjusted | None, str | None]:
    if isinstance(adjusted, Refused):
        return None, reason(adjusted)
    if adjusted.population != population or adjusted.n > n:
        raise Contradiction(
            f"the adjusted figure is of {adjusted.n} of {adjusted.population} transactions, the official one "
            f"of {n} of {population}"
        )
    return (None, adjusted.withheld) if adjusted.withheld else (adjusted, None)
