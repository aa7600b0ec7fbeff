"""Funnels: units against their family's target, with limits that narrow as answers grow.

After Spiegelhalter 2005 (Statistics in Medicine 24:1185-1202). Units differ for real, so limits that expect
chance alone flag almost everybody; the adjustment for overdispersion widens them by the variance between
units. Spiegelhalter's formulas are restated from memory and reproduce the test values of FunnelPlotR
(R package, commit 9020d497). Tallies suffice.
"""

from dataclasses import dataclass
from math import asin, sqrt
from typing import TYPE_CHECKING, Literal

from analysis.checks import check_share
from analysis.columns import finite, number, part_of, positive, same_length, whole
from analysis.errors import Malformed, NoFigure, NoVariation
from analysis.quantiles import normal_quantile
from analysis.shrinkage import between_variance

if TYPE_CHECKING:
    from analysis.columns import Floats, Integers, Numbers

WINSORISE = 0.1
"""Share of the deviates at each end that is drawn in before the overdispersion is measured, so that outliers
do not widen the limits that should show them (Spiegelhalter 2005: 10 %, from memory)."""


@dataclass(frozen=True, eq=False)
class Funnel:
    """Units against a target. Arrays of shape (units,), on the scale named.

    Attributes:
        target: the target, in the units of the figure.
        z: how many standard errors each unit lies from it.
        se: the standard errors on the scale of the test.
        scale: ``identity`` for means, ``arcsine`` for shares, ``log`` or ``root`` for ratios.
    """

    target: float
    z: "Floats"
    se: "Floats"
    scale: str


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits for figures of the given sizes, in the units of the figure. Arrays of shape (sizes,).

    Attributes:
        low: lower limits.
        high: upper limits.
        level: probability of lying between them when only chance (and tau²) is at work.
    """

    low: "Floats"
    high: "Floats"
    level: float


@dataclass(frozen=True, eq=False)
class Overdispersion:
    """How much more units differ than chance makes them.

    Attributes:
        phi: mean squared deviate after winsorising; 1 when there is chance alone.
        tau2: variance between units on the funnel's scale, 0 when chance explains all.
        z: deviates with this variance added, shape (units,).
    """

    phi: float
    tau2: float
    z: "Floats"


def funnel_of_means(values: "Numbers", se: "Numbers", *, target: float | None = None) -> Funnel:
    """Means against a target: z = (value - target) / se.

    Args:
        values: one mean per unit, shape (units,).
        se: their standard errors in the same units, without finite population correction. Where all answers
            of a unit are equal use ``pooled_sd`` / sqrt(n).
        target: the norm to compare with; by default the mean weighted by 1 / se², for which at least two
            units are needed.

    Raises:
        TooFew: one unit and no target.
        NoVariation: a standard error is zero.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    given = finite(values, "values", needed=1 if target is not None else 2)
    errors = positive(se, "se", size=given.size)
    weights = errors**-2
    norm = float(weights @ given / weights.sum()) if target is None else number(target, "target")
    return Funnel(norm, (given - norm) / errors, errors, "identity")


def funnel_of_shares(counts: "Numbers", n: "Numbers", *, target: float | None = None) -> Funnel:
    """Shares against a target: z = 2 sqrt(n) (asin sqrt(p) - asin sqrt(target)).

    The arcsine makes the variance 1 / (4n) whatever the share, so that shares of 0 and 1 can be compared.

    Args:
        counts: how many said yes, whole, shape (units,).
        n: of how many, whole and at least 1, shape (units,).
        target: 0 to 1, both excluded; by default the share of all units together.

    Raises:
        TooFew: one unit and no target.
        NotACount: a count is not one.
        Contradiction: more yes than answers, or columns of different lengths.
        NoFigure: a unit without an answer.
        NoVariation: everybody (or nobody) said yes, so there is nothing to compare with.
    """
    import numpy as np

    yes, answers = part_of(counts, n, needed=1 if target is not None else 2)
    norm = float(yes.sum() / answers.sum()) if target is None else number(target, "target")
    angle = _angle(norm)
    errors = 0.5 / np.sqrt(answers)
    return Funnel(norm, (np.arcsin(np.sqrt(yes / answers)) - angle) / errors, errors, "arcsine")


def funnel_of_ratios(
    observed: "Numbers", expected: "Numbers", *, target: float = 1.0, scale: Literal["log", "root"] = "log"
) -> Funnel:
    """Counts against what was expected of each unit, such as complaints per hundred transactions.

    ``log``: z = sqrt(E) ln(O / E); ``root``: z = 2 (sqrt(O) - sqrt(E)), for units without any event too. E is
    the expected number times the target.

    Args:
        observed: events, whole, shape (units,).
        expected: expected events, positive, shape (units,).
        target: the ratio that is the norm.
        scale: the transformation.

    Raises:
        NotACount: an observed number is not a count.
        NoVariation: nothing is expected of a unit, or the log of no event was asked for.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    import numpy as np

    events = whole(observed, "observed").astype(np.float64)
    aim = _positive_number(target, "target")
    norm = positive(expected, "expected", size=events.size) * aim
    if scale == "root":
        return Funnel(aim, 2 * (np.sqrt(events) - np.sqrt(norm)), 0.5 / np.sqrt(norm), scale)
    if scale != "log":
        raise Malformed(f"there is no scale {scale!r} for ratios, only log and root")
    if (events == 0).any():
        raise NoVariation(f"observed: entry {(events == 0).argmax() + 1} is zero and has no log; use root")
    return Funnel(aim, np.sqrt(norm) * np.log(events / norm), 1 / np.sqrt(norm), scale)


def mean_limits(target: float, sd: float, n: "Numbers", *, tau2: float = 0.0, level: float = 0.95) -> Limits:
    """Limits for means of n answers: target ± quantile · sqrt(sd² / n + tau²).

    Args:
        target: the target.
        sd: standard deviation of single answers, the pooled one of the family.
        n: numbers of answers, at least 1.
        tau2: variance between units, from ``overdispersion``.
        level: one of ``FUNNEL_LEVELS`` by custom.

    Raises:
        NoFigure, NotACount, NoVariation, Malformed: not as described.
    """
    import numpy as np

    spread = _positive_number(sd, "sd")
    check_share(level, "level")
    half = normal_quantile(level) * np.sqrt(spread**2 / _sizes(n) + _variance(tau2))
    middle = number(target, "target")
    return Limits(middle - half, middle + half, level)


def share_limits(target: float, n: "Numbers", *, tau2: float = 0.0, level: float = 0.95) -> Limits:
    """Limits, 0 to 1, for shares of n answers: sin²(asin sqrt(target) ± quantile · sqrt(1 / 4n + tau²)).

    Angles stop at 0 and a right angle; beyond them the square of the sine would turn back into the scale.
    Arguments and errors as for ``mean_limits``, tau² being on the arcsine scale.
    """
    import numpy as np

    check_share(level, "level")
    half = normal_quantile(level) * np.sqrt(0.25 / _sizes(n) + _variance(tau2))
    angle = _angle(number(target, "target"))
    return Limits(
        np.sin(np.maximum(angle - half, 0.0)) ** 2, np.sin(np.minimum(angle + half, np.pi / 2)) ** 2, level
    )


def ratio_limits(expected: "Numbers", *, target: float = 1.0, level: float = 0.95) -> Limits:
    """Exact Poisson limits for the ratio of observed to expected, from chi-square quantiles.

    With E expected: chi²(a, 2E) / 2E and chi²(1 - a, 2E + 2) / 2E, where a is half of what the level leaves;
    each times the target.

    Raises:
        NoVariation, Malformed, NoFigure: nothing is expected of a unit, or not as described.
    """
    from scipy.special import chdtri

    numbers = finite(expected, "expected")
    aim = _positive_number(target, "target")
    mean = positive(numbers, "expected", size=numbers.size) * aim
    check_share(level, "level")
    tail = (1 - level) / 2
    return Limits(
        aim * chdtri(2 * mean, 1 - tail) / (2 * mean), aim * chdtri(2 * mean + 2, tail) / (2 * mean), level
    )


def pooled_sd(sd: "Numbers", n: "Numbers") -> float:
    """The family's standard deviation of single answers: sqrt(sum((n - 1) sd²) / sum(n - 1)).

    Args:
        sd: standard deviations (n - 1) per unit, zero where all answers are equal or there is one.
        n: numbers of answers, at least 1.

    Raises:
        NoVariation: the answers of every unit are all equal, or each unit has one.
        Malformed, NotACount, NoFigure, Contradiction: not the columns described.
    """
    import numpy as np

    spreads, sizes = finite(sd, "sd"), _sizes(n)
    same_length(sizes.size, spreads.size, "n")
    if (spreads < 0).any():
        raise Malformed("sd: a standard deviation is negative")
    if not ((sizes > 1) & (spreads > 0)).any():
        raise NoVariation("no unit has two different answers, so there is no spread to pool")
    return float(np.sqrt((sizes - 1) @ spreads**2 / (sizes - 1).sum()))


def dispersion(z: "Numbers", *, winsorise: float = WINSORISE) -> float:
    """phi, the mean squared deviate, after the outer deviates are drawn in to the quantiles.

    Args:
        z: deviates of at least two units.
        winsorise: share drawn in at each end, 0 to below 0.5; quantiles are interpolated linearly.

    Raises:
        TooFew: fewer than two units.
        Malformed: not the column described, or a share outside its range.
    """
    import numpy as np

    deviates = finite(z, "z", needed=2)
    trim = number(winsorise, "winsorise")
    if not 0 <= trim < 0.5:
        raise Malformed(f"winsorise: {trim:g} is not a share from 0 to below 0.5")
    low, high = np.quantile(deviates, (trim, 1 - trim))
    return float(np.mean(np.clip(deviates, low, high) ** 2))


def overdispersion(funnel: Funnel, *, winsorise: float = WINSORISE) -> Overdispersion:
    """The variance between units beyond chance, and deviates that allow for it.

    tau² is that of ``analysis.shrinkage.between_variance`` with k phi in place of Q, for k units, and then
    z' = z · se / sqrt(se² + tau²). Without winsorising, and with the weighted mean as target, tau² is the
    estimator of DerSimonian & Laird (1986).

    Args:
        funnel: at least two units.
        winsorise: see ``dispersion``.

    Raises:
        TooFew: fewer than two units.
        Malformed: a share outside its range.
    """
    import numpy as np

    phi = dispersion(funnel.z, winsorise=winsorise)
    tau2 = between_variance(phi * funnel.z.size, funnel.se)
    return Overdispersion(phi, tau2, funnel.z * funnel.se / np.sqrt(funnel.se**2 + tau2))


def _sizes(n: "Numbers") -> "Integers":
    sizes = whole(n, "n")
    if (sizes == 0).any():
        raise NoFigure(f"n: entry {(sizes == 0).argmax() + 1} is zero: nobody answered there")
    return sizes


def _angle(target: float) -> float:
    if target in (0, 1):
        raise NoVariation(f"a target of {target:g} leaves nothing to vary")
    check_share(target, "target")
    return asin(sqrt(target))


def _positive_number(value: float, what: str) -> float:
    return float(positive([value], what, size=1)[0])


def _variance(tau2: float) -> float:
    if number(tau2, "tau2") < 0:
        raise Malformed(f"tau2: a variance of {tau2:g} does not exist")
    return tau2
