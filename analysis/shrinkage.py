"""Shrunken values: what a unit's figure is worth once chance has had its share.

A unit with few answers is extreme more often than it deserves. Each value is drawn towards what its family
(or its covariates) leads one to expect, the more the noisier it is. Shrunken values are for ordering and for
lists of whom to look at; what is shown is the raw value with its interval.

Tallies suffice: everything starts from one value and one standard error per unit.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.columns import finite, number, positive, same_length
from analysis.errors import NotConverged, NoVariation, UnknownKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.columns import Floats, Numbers

FEWEST_UNITS = 3
"""Below three units more than there are further covariates, a variance between units is guesswork. Our
judgement: two units leave a single degree of freedom."""

RANK_RELIABILITY = 0.5
"""Units of a lower reliability get no rank: more than half of their value's variance is noise. Our
judgement."""


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Values drawn towards their expectation. Arrays of shape (units,) unless said otherwise.

    Attributes:
        values: the shrunken values, in the units of the figure.
        reliability: share of a value's variance that is real, 0 to 1: tau² / (tau² + se²). The weight of the
            raw value.
        expected: what each value is drawn towards.
        coefficients: of the covariates, shape (covariates,); without any, the one common mean.
        coefficients_se: their standard errors, given tau².
        tau2: variance between units; 0 when chance explains all differences, and then all pool.
        method: ``reml`` or ``dersimonian-laird``.
    """

    values: "Floats"
    reliability: "Floats"
    expected: "Floats"
    coefficients: "Floats"
    coefficients_se: "Floats"
    tau2: float
    method: str

    @property
    def rankable(self) -> "NDArray[np.bool_]":
        """Which units are measured well enough to be given a rank at all."""
        return self.reliability >= RANK_RELIABILITY


@dataclass(frozen=True)
class Pooled:
    """A random-effects mean.

    Attributes:
        q: Cochran's Q, the weighted sum of squares around the fixed-effect mean.
        tau2: variance between units, cut at 0.
        mu: mean with weights 1 / (se² + tau²).
        se: its standard error, given tau².
    """

    q: float
    tau2: float
    mu: float
    se: float


@dataclass(frozen=True, eq=False)
class JamesStein:
    """Values of equal variance drawn towards their mean.

    Attributes:
        values: the shrunken values, shape (units,).
        mean: the plain mean of all.
        c: weight of the raw value, 0 to 1.
    """

    values: "Floats"
    mean: float
    c: float


def shrink(values: "Numbers", se: "Numbers", *, method: str = "reml") -> Shrunken:
    """Empirical Bayes values with a common mean: mu + B (value - mu), B = tau² / (tau² + se²).

    Args:
        values: one value per unit, shape (units,), at least ``FEWEST_UNITS``.
        se: their standard errors, without finite population correction.
        method: how tau² is estimated: ``reml`` (restricted maximum likelihood, as in Fay & Herriot's model
            without covariates) or ``dersimonian-laird`` (moments).

    Raises:
        TooFew: fewer units.
        NoVariation: a standard error is zero.
        UnknownKey: no such method.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    import numpy as np

    given, errors = _columns(values, se, FEWEST_UNITS)
    design = np.ones((given.size, 1))
    if method == "reml":
        return _drawn(given, errors, design, _reml(given, errors, design), method)
    if method == "dersimonian-laird":
        return _drawn(given, errors, design, dersimonian_laird(given, errors).tau2, method)
    raise UnknownKey(f"no method {method!r} among reml, dersimonian-laird")


def fay_herriot(values: "Numbers", se: "Numbers", covariates: "Numbers") -> Shrunken:
    """Values drawn towards a regression on covariates, tau² by restricted maximum likelihood.

    Fay & Herriot 1979 (JASA 74:269-277); the values are their EBLUPs.

    Args:
        values: one value per unit, shape (units,).
        se: their standard errors.
        covariates: shape (units, covariates), with a column of ones where an intercept is wanted; at least
            ``FEWEST_UNITS`` - 1 units more than columns.

    Raises:
        TooFew: fewer units.
        NoVariation: a standard error is zero, or the covariates repeat each other.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    import numpy as np

    design = finite(covariates, "covariates", dimensions=2)
    given, errors = _columns(values, se, design.shape[1] + FEWEST_UNITS - 1)
    same_length(len(design), given.size, "covariates")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise NoVariation("a covariate follows from the others, so its coefficient is not defined")
    return _drawn(given, errors, design, _reml(given, errors, design), "reml")


def dersimonian_laird(values: "Numbers", se: "Numbers") -> Pooled:
    """Random-effects mean by moments (DerSimonian & Laird 1986, Controlled Clinical Trials 7:177-188).

    Args:
        values: one value per unit, shape (units,), at least two.
        se: their standard errors.

    Raises:
        TooFew: a single unit.
        NoVariation: a standard error is zero.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    import numpy as np

    given, errors = _columns(values, se, 2)
    weights = errors**-2
    fixed = weights @ given / weights.sum()
    q = float(weights @ (given - fixed) ** 2)
    tau2 = between_variance(q, errors)
    shared = 1 / (errors**2 + tau2)
    return Pooled(q, tau2, float(shared @ given / shared.sum()), float(1 / np.sqrt(shared.sum())))


def between_variance(q: float, se: "Floats") -> float:
    """tau² by moments: (q - (k - 1)) / (sum w - sum w² / sum w), w = 1 / se², cut at 0.

    Args:
        q: weighted sum of squares of the k units around their mean, Cochran's Q.
        se: their standard errors, positive, shape (k,), k at least 2.
    """
    weights = se**-2
    # Not the difference of the two sums, which cancels to zero where one unit outweighs all others.
    spread = weights @ (1 - weights / weights.sum())
    return max(0.0, float((q - (se.size - 1)) / spread))


def james_stein(values: "Numbers", variance: float) -> JamesStein:
    """Values of one known sampling variance drawn towards their mean: c = 1 - (k - 3) variance / S.

    S is the sum of squares around the mean of the k values (Efron & Morris 1975, JASA 70:311-319; k - 3
    because the mean is estimated); c stops at 0, where all values become the mean.

    Args:
        values: one value per unit, shape (units,), at least four.
        variance: sampling variance of each, positive.

    Raises:
        TooFew: fewer than four units.
        NoVariation: the variance is zero.
        Malformed, NoFigure: not as described.
    """
    given = finite(values, "values", needed=4)
    noise = float(positive([variance], "variance", size=1)[0])
    mean = float(given.mean())
    total = float(((given - mean) ** 2).sum())
    c = max(0.0, 1 - (given.size - 3) * noise / total) if total > 0 else 0.0
    return JamesStein(mean + c * (given - mean), mean, c)


def _columns(values: "Numbers", se: "Numbers", needed: int) -> "tuple[Floats, Floats]":
    given = finite(values, "values", needed=needed)
    return given, positive(se, "se", size=given.size)


def _reml(values: "Floats", se: "Floats", design: "Floats") -> float:
    """The variance between units at which the restricted likelihood is highest, 0 included.

    The likelihood can have several maxima. Its slope is negative above ``ceiling`` (there tr P is at least
    (k - p) / 2 tau² and y'PPy at most RSS / tau⁴, RSS being that of least squares), so a grid up to there
    cannot miss the side on which the highest lies; the slope's root next to the best point is then exact.
    """
    import numpy as np
    from scipy.optimize import brentq

    units, columns = design.shape
    residuals = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    smallest, largest = (se**2).min(), (se**2).max()
    ceiling = 2 * max(largest, residuals @ residuals / (units - columns))
    grid = np.concatenate([[0.0], np.geomspace(smallest * 1e-6, 1.01 * ceiling, 400)])
    best = int(np.argmax([_restricted(values, se, design, tau2)[0] for tau2 in grid]))

    def slope(tau2: float) -> float:
        return _restricted(values, se, design, tau2)[1]

    # Next to zero the grid is so fine that rounding may prefer its first step to zero itself.
    if best <= 1 and slope(0.0) <= 0:
        return 0.0
    below, above = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    if not (slope(below) >= 0 >= slope(above)):
        raise NotConverged("the variance between units", grid.size, abs(slope(float(grid[best]))))
    return number(brentq(slope, below, above, xtol=1e-14, rtol=1e-13), "tau2")


def _restricted(values: "Floats", se: "Floats", design: "Floats", tau2: float) -> tuple[float, float]:
    """Restricted log-likelihood (without its constant) and its slope in tau²."""
    import numpy as np

    weights = 1 / (se**2 + tau2)
    information = design.T @ (weights[:, None] * design)
    inverse = np.linalg.inv(information)
    off = values - design @ (inverse @ (design.T @ (weights * values)))
    height = np.log(weights).sum() - np.linalg.slogdet(information)[1] - weights @ off**2
    # P = W - W X (X'WX)^-1 X'W; its trace and y'PPy give the slope.
    trace = weights.sum() - np.trace(inverse @ (design.T @ (weights[:, None] ** 2 * design)))
    return float(height / 2), float(((weights * off) @ (weights * off) - trace) / 2)


def _drawn(values: "Floats", se: "Floats", design: "Floats", tau2: float, method: str) -> Shrunken:
    import numpy as np

    weights = 1 / (se**2 + tau2)
    spread = np.linalg.inv(design.T @ (weights[:, None] * design))
    coefficients = spread @ (design.T @ (weights * values))
    expected = design @ coefficients
    reliability = tau2 * weights
    return Shrunken(
        values=expected + reliability * (values - expected),
        reliability=reliability,
        expected=expected,
        coefficients=coefficients,
        coefficients_se=np.sqrt(np.diag(spread)),
        tau2=tau2,
        method=method,
    )
