"""Control charts: whether a process changed, told apart from its ordinary ups and downs.

A chart compares each period with a target and a spread that were fixed beforehand; a chart that sets its own
limits anew each month never signals. Changes of the instrument, the channel mix or the invitation rule are
the usual cause of a signal and belong beside it. With 500 units watched weekly, limits of three standard
deviations give 1.35 false alarms a week: pass the p-values of many charts through
``analysis.comparison.benjamini_hochberg``.

Tallies per period suffice. Signals are positions counted from 1. All arrays have shape (periods,).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_share
from analysis.columns import finite, number, part_of, positive
from analysis.errors import Malformed, NoVariation
from analysis.shrinkage import shrink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.columns import Floats, Integers, Numbers

BASELINE_PERIODS = 12
"""Fewest periods for a target and a spread to be frozen. Our judgement, and no comfortable one: after twelve,
a chart gives a false alarm within a year in 16 to 20 % of runs, after 36 in 9 % (docs/statistics.md)."""

SIGMAS = 3.0
"""Width of Shewhart's limits."""

LAMBDA, WIDTH = 0.2, 2.86
"""Weight of the newest value of an EWMA and the width of its limits; together one false alarm in 371 periods
on average, as with three sigmas on a Shewhart chart (by Markov chain)."""

SLACK, DECISION = 0.5, 4.0
"""CUSUM's k and h in standard deviations: tuned to a shift of one of them, one false alarm in 168 periods on
average with both sides; h = 5 gives one in 465 (Montgomery, Introduction to Statistical Quality Control, from
memory)."""

MOVING_RANGE = 1.128
"""Expected absolute difference of two standard normal values (d2 for two)."""


@dataclass(frozen=True)
class Baseline:
    """What later periods are measured against; to be stored, and changed only by a logged decision.

    Attributes:
        target: the mean of the baseline.
        sigma: standard deviation of a period's value (n - 1 periods), sampling noise included.
        between: standard deviation between periods beyond sampling noise; None without standard errors.
        periods: how many it rests on.
    """

    target: float
    sigma: float
    between: float | None
    periods: int


@dataclass(frozen=True, eq=False)
class Chart:
    """Values against limits.

    Attributes:
        values: what is drawn: shares, or the weighted averages of an EWMA.
        centre: the middle line.
        lower: lower limits.
        upper: upper limits.
        signals: periods strictly beyond a limit, counted from 1.
        sigma_z: factor by which the limits of Laney's chart are widened, None on other charts.
    """

    values: "Floats"
    centre: float
    lower: "Floats"
    upper: "Floats"
    signals: tuple[int, ...]
    sigma_z: float | None = None


@dataclass(frozen=True, eq=False)
class Cusum:
    """Sums of deviations from a target, in standard deviations; they are not reset after a signal.

    Attributes:
        above: sums of what exceeds the target by more than the slack.
        below: sums of what falls short of it by more than the slack.
        signals_above: periods whose upper sum exceeds the decision value, counted from 1.
        signals_below: the same of the lower sum.
    """

    above: "Floats"
    below: "Floats"
    signals_above: tuple[int, ...]
    signals_below: tuple[int, ...]


def baseline(values: "Numbers", se: "Numbers | None" = None) -> Baseline:
    """Target and spread of the periods before the watch begins.

    Args:
        values: at least ``BASELINE_PERIODS`` values.
        se: their standard errors, when the numbers of answers differ much; the target is then the weighted
            mean and the variance between periods is estimated by restricted maximum likelihood.

    Raises:
        TooFew: fewer periods.
        NoVariation: the values are all equal, or a standard error is zero.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    given = finite(values, "values", needed=BASELINE_PERIODS)
    # Not by the standard deviation, which rounding can leave a hair above zero.
    if given.min() == given.max():
        raise NoVariation("the values of the baseline are all equal, so no later value could be ordinary")
    sigma = float(given.std(ddof=1))
    if se is None:
        return Baseline(float(given.mean()), sigma, None, given.size)
    drawn = shrink(given, se)
    return Baseline(float(drawn.coefficients[0]), sigma, float(drawn.tau2**0.5), given.size)


def sigmas(se: "Numbers", between: float) -> "Floats":
    """Standard deviation of each period's value when their numbers of answers differ: sqrt(between² + se²).

    Raises:
        NoVariation: a standard error is zero.
        Malformed, NoFigure: not as described.
    """
    import numpy as np

    errors = finite(se, "se")
    spread = number(between, "between")
    if spread < 0:
        raise Malformed(f"between: a standard deviation of {spread:g} does not exist")
    return np.hypot(spread, positive(errors, "se", size=errors.size))


def p_chart(counts: "Numbers", n: "Numbers | int", *, target: float | None = None) -> Chart:
    """Shares against target ± 3 sqrt(target (1 - target) / n), cut at 0 and 1 (Shewhart's p-chart).

    For the share of top answers, of all-highest responses, or the response rate. With hundreds of answers per
    period it signals nearly always; then use ``laney_chart``.

    Args:
        counts: how many, whole.
        n: of how many, whole and at least 1; one number for all periods or one each.
        target: the frozen share, 0 to 1, both excluded; by default that of all periods together.

    Raises:
        TooFew: one period and no target.
        NoVariation: everybody or nobody, so that there is no spread.
        NoFigure: a period without answers: leave it out, or join it with a neighbour.
        NotACount, Contradiction, Malformed: not as described.
    """
    yes, answers = part_of(counts, n, needed=1 if target is not None else 2)
    values, centre, sigma = _shares(yes, answers, target)
    return _share_chart(values, centre, sigma, None)


def laney_chart(counts: "Numbers", n: "Numbers | int", *, target: float | None = None) -> Chart:
    """Laney's p' chart: limits of a p-chart times sigma_z (Laney 2002, Quality Engineering 14:531-537).

    sigma_z is the mean absolute difference between neighbouring standardised shares, over 1.128; it measures
    how much more than binomial chance the process varies from period to period. Arguments and errors as for
    ``p_chart``, with at least two periods in order of time, and NoVariation too when all shares are equal.
    """
    import numpy as np

    yes, answers = part_of(counts, n, needed=2)
    values, centre, sigma = _shares(yes, answers, target)
    sigma_z = float(np.mean(abs(np.diff((values - centre) / sigma))) / MOVING_RANGE)
    if sigma_z == 0:
        raise NoVariation("the shares are all equal, so the chart would have no width")
    return _share_chart(values, centre, sigma * sigma_z, sigma_z)


def ewma(
    values: "Numbers",
    target: float,
    sigma: float,
    *,
    weight: float = LAMBDA,
    width: float = WIDTH,
    asymptotic: bool = False,
) -> Chart:
    """Exponentially weighted moving average: E = weight · x + (1 - weight) · E before, from the target on.

    Limits in period t are target ± width · sigma · sqrt(weight / (2 - weight) · (1 - (1 - weight)^2t))
    (Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4). For periods of unequal size take ``standardise`` first,
    and then target 0 and sigma 1.

    Args:
        values: one value per period, none left out.
        target: the frozen target.
        sigma: standard deviation of a single value.
        weight: of the newest value, above 0 to 1.
        width: of the limits.
        asymptotic: whether to draw the limits of a chart that has run for long from the start.

    Raises:
        NoVariation: sigma is zero.
        Malformed, NoFigure: not as described.
    """
    import numpy as np

    given = finite(values, "values")
    centre = number(target, "target")
    spread = _above_zero(sigma, "sigma") * _above_zero(width, "width")
    if number(weight, "weight") != 1:
        check_share(weight, "weight")
    averages, last = np.empty_like(given), centre
    for period, value in enumerate(given):
        last = averages[period] = weight * value + (1 - weight) * last
    seen = 1.0 if asymptotic else 1 - (1 - weight) ** (2 * np.arange(1, given.size + 1))
    half = np.broadcast_to(spread * np.sqrt(weight / (2 - weight) * seen), given.shape)
    return _chart(averages, centre, centre - half, centre + half, None)


def standardise(values: "Numbers", target: float, sigma: "Numbers") -> "Floats":
    """How many standard deviations each period lies from the target; sigma one per period, see ``sigmas``.

    Raises:
        NoVariation: a sigma is zero.
        Malformed, Contradiction, NoFigure: not as described.
    """
    given = finite(values, "values")
    return (given - number(target, "target")) / positive(sigma, "sigma", size=given.size)


def cusum(
    values: "Numbers", target: float, sigma: float, *, slack: float = SLACK, decision: float = DECISION
) -> Cusum:
    """Two-sided tabular CUSUM of standardised values (Page 1954, Biometrika 41:100-115).

    Above: max(0, before + z - slack); below: max(0, before - z - slack); z = (value - target) / sigma. For
    periods of unequal size take ``standardise`` first, and then target 0 and sigma 1.

    Args:
        values: one value per period, none left out.
        target: the frozen target.
        sigma: standard deviation of a single value.
        slack: k, half of the shift to be found, in standard deviations; 0 or more.
        decision: h, in standard deviations, positive.

    Raises:
        NoVariation: sigma or the decision value is zero.
        Malformed, NoFigure: not as described.
    """
    import numpy as np

    given = finite(values, "values")
    z = (given - number(target, "target")) / _above_zero(sigma, "sigma")
    limit = _above_zero(decision, "decision")
    if number(slack, "slack") < 0:
        raise Malformed(f"slack: {slack:g} is negative")
    sums = np.zeros((2, given.size + 1))
    for period, deviate in enumerate(z):
        sums[:, period + 1] = np.maximum(0.0, sums[:, period] + np.array((deviate, -deviate)) - slack)
    above, below = sums[0, 1:], sums[1, 1:]
    return Cusum(above, below, _positions(above > limit), _positions(below > limit))


def _shares(yes: "Integers", answers: "Integers", target: float | None) -> "tuple[Floats, float, Floats]":
    import numpy as np

    centre = float(yes.sum() / answers.sum()) if target is None else number(target, "target")
    if centre in (0, 1):
        raise NoVariation(f"a share of {centre:g} in all periods has no spread")
    check_share(centre, "target")
    return yes / answers, centre, np.sqrt(centre * (1 - centre) / answers)


def _share_chart(values: "Floats", centre: float, sigma: "Floats", sigma_z: float | None) -> Chart:
    import numpy as np

    half = SIGMAS * sigma
    return _chart(values, centre, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0), sigma_z)


def _chart(values: "Floats", centre: float, lower: "Floats", upper: "Floats", sigma_z: float | None) -> Chart:
    return Chart(values, centre, lower, upper, _positions((values < lower) | (values > upper)), sigma_z)


def _positions(beyond: "NDArray[np.bool_]") -> tuple[int, ...]:
    return tuple(int(place) + 1 for place in beyond.nonzero()[0])


def _above_zero(value: float, what: str) -> float:
    return float(positive([value], what, size=1)[0])
