"""Shares, net scores and means of the answers to one item, each with its interval and its denominator.

Everything here needs tallies only: how often each answer of the scale was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analysis.checks import check_count, check_n, check_positive, check_share, is_number
from analysis.errors import Contradiction, Malformed, NoFigure, NoVariation, UnknownKey
from analysis.intervals import Interval, wilson_calibrated, wilson_proportion
from analysis.quantiles import normal_quantile


@dataclass(frozen=True)
class Share:
    """A share with its denominator.

    Attributes:
        value: 0 to 1.
        interval: Wilson score interval of it, 0 to 1.
        count: how many answers make it.
        n: of how many.
    """

    value: float
    interval: Interval
    count: int
    n: int


@dataclass(frozen=True)
class NetScore:
    """Share of one end of a scale minus the share of the other, in points.

    Attributes:
        value: -100 to 100.
        se: standard error, in points, of the classes as drawn; 0 when all answers fall in one class, which
            says little about the error: see ``interval``.
        interval: interval in points.
        n: number of answers.
        n_eff: how many unweighted answers these are worth; n without weights.
    """

    value: float
    se: float
    interval: Interval
    n: int
    n_eff: float


@dataclass(frozen=True)
class Mean:
    """A mean answer, in the units of its scale, and named so: it is no share of anybody.

    Attributes:
        value: the mean, within the scale.
        interval: variance-calibrated Wilson interval of it.
        n: number of answers.
    """

    value: float
    interval: Interval
    n: int


def share(part: Sequence[int], answers: Sequence[int], level: float = 0.95) -> Share:
    """The share of some answers among all, both as checked counts, with its Wilson interval."""
    count, n = sum(part), sum(answers)
    return Share(count / n, wilson_proportion(count, n, level=level), count, n)


def mean(answers: Sequence[int], lowest: int, level: float = 0.95) -> Mean:
    """The mean of checked counts of the answers ``lowest``, ``lowest`` + 1, and so on, in their units."""
    n, highest = sum(answers), lowest + len(answers) - 1
    total = sum(value * count for value, count in enumerate(answers, start=lowest))
    interval = wilson_calibrated(total / n, deviation(answers), n, lower=lowest, upper=highest, level=level)
    return Mean(total / n, interval, n)


def net_score(
    above: float,
    below: float,
    n: int,
    *,
    n_eff: float | None = None,
    level: float = 0.95,
    method: str = "wilson-calibrated",
) -> NetScore:
    """The difference of two shares of the same answers. Tallies suffice.

    An answer counts +1, 0 or -1; its variance is p + q - (p - q)^2, that of a difference of two counts of one
    multinomial draw, and the standard error its root over sqrt(n_eff).

    Intervals: ``wilson-calibrated`` (see ``analysis.intervals.wilson_calibrated``, on -100 to 100) keeps to
    the scale and stays wide when all answers are alike. ``normal``, value ± z × SE, is what is usually
    printed; it covers too little for few answers near an end and leaves the scale.

    Args:
        above: share p of the upper end, 0 to 1; weighted if the answers are.
        below: share q of the lower end, 0 to 1.
        n: number of answers.
        n_eff: effective number of answers under weights (Kish: (sum w)^2 / sum w^2); n when None.
        level: nominal coverage.
        method: ``wilson-calibrated`` or ``normal``.

    Raises:
        Malformed: a share outside 0 to 1, an effective number that is not positive, or a level that is not
            between 0 and 1.
        Contradiction: the two shares are more than all.
        NotACount: n is negative or not whole.
        NoFigure: n is 0.
        NoVariation: ``normal`` when all answers fall in one class: its width would be zero.
        UnknownKey: another method.
    """
    total = _checked_net(above, below, n, level)
    worth = float(total) if n_eff is None else n_eff
    check_positive(worth, "number of effective answers")
    # Of shares computed by division a sum may pass one by a hair, and a variance of zero may pass below it.
    variance = max(0.0, above + below - (above - below) ** 2)
    value, se = 100 * (above - below), 100 * sqrt(variance / worth)
    if method == "normal":
        interval = _normal(value, se, level)
    elif method == "wilson-calibrated":
        sd = 100 * sqrt(variance * total / (total - 1)) if total > 1 else 0.0
        interval = wilson_calibrated(value, sd, total, lower=-100, upper=100, level=level, deff=total / worth)
    else:
        raise UnknownKey(f"no interval {method!r} among wilson-calibrated, normal")
    return NetScore(value, se, interval, total, worth)


def deviation(answers: Sequence[int]) -> float:
    """Standard deviation (n - 1) of checked counts of equally spaced answers, in steps; one answer has 0."""
    n = sum(answers)
    total = sum(value * count for value, count in enumerate(answers))
    squares = sum(value * value * count for value, count in enumerate(answers))
    # In whole numbers up to the division, so that equal answers give exactly zero.
    return sqrt((n * squares - total * total) / (n * (n - 1))) if n > 1 else 0.0


def checked_counts(counts: Sequence[int], points: int) -> tuple[int, ...]:
    """The counts of a scale as plain integers, of which at least one is not zero.

    Raises:
        Malformed: there are not ``points`` of them.
        NotACount: one is negative or not whole.
        NoFigure: all are zero.
    """
    if len(counts) != points:
        raise Malformed(f"{len(counts)} counts for a scale of {points} answers")
    for number, count in enumerate(counts, start=1):
        check_count(count, f"times that answer {number} of {points} was given")
    whole = tuple(int(count) for count in counts)
    if not any(whole):
        raise NoFigure("nobody answered")
    return whole


def _checked_net(above: float, below: float, n: int, level: float) -> int:
    for part in (above, below):
        if not (is_number(part) and 0 <= part <= 1):
            raise Malformed(f"{part} is not a share from 0 to 1")
    if above + below > 1 + 1e-9:
        raise Contradiction(f"shares of {above} and {below} are more than all")
    check_share(level, "level")
    check_n(n)
    return int(n)


def _normal(value: float, se: float, level: float) -> Interval:
    if se == 0:
        raise NoVariation("all answers fall in one class: the normal interval would have no width")
    half = normal_quantile(level) * se
    return Interval(value - half, value + half, level, "normal")
