"""Which elements go along with trust: relative importance against performance, and whether it may be shown.

Importance is that of ``analysis.importance``. Raw responses are needed: tallies do not say what was answered
together.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_seed, check_share, is_count
from analysis.errors import Malformed, NoVariation, UnknownKey
from analysis.importance import (
    COLLINEAR_BELOW,
    Importance,
    check_predictors,
    complete_rows,
    covariance_of,
    lmg_from_covariance,
    shapley,
)
from analysis.intervals import Interval
from analysis.matrix import Matrix
from analysis.withheld import NO_VARIATION, TOO_FEW_ANSWERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MINIMUM_ANSWERS = 100
"""Complete responses below which nothing is stated. A judgement call of this project."""

MINIMUM_R2 = 0.1
"""Adjusted R² below which the elements say too little of the outcome. A judgement call of this project."""

UNSTABLE_FROM = 0.01
"""Share of bootstrap replicates without a figure above which the rest says nothing. A judgement call."""

COLLINEAR = "collinear"
TOO_LITTLE_EXPLAINED = "too little explained"
UNSTABLE = "unstable"
NO_ORDER = "no order"

CONCENTRATE = "concentrate here"
KEEP_UP = "keep up"
LOW_PRIORITY = "low priority"
POSSIBLE_OVERKILL = "possible overkill"
"""Quadrants of Martilla & James 1977, Journal of Marketing 41(1): 77-79."""

_BLOCK = 2_000_000


@dataclass(frozen=True)
class Driver:
    """One predictor in the importance-performance table.

    Attributes:
        key: of the item.
        importance: share of the outcome's variance, 0 to 1.
        interval: percentile bootstrap interval of the importance.
        performance: mean of all its answers, in the units of its scale.
        quadrant: ``CONCENTRATE``, ``KEEP_UP``, ``LOW_PRIORITY`` or ``POSSIBLE_OVERKILL``.
        clear: whether the bootstrap leaves no doubt on which side of the line of importance it stands.
    """

    key: str
    importance: float
    interval: Interval
    performance: float
    quadrant: str
    clear: bool


@dataclass(frozen=True)
class KeyDrivers:
    """The importance-performance table, or why there is none.

    Attributes:
        stated: whether it may be shown.
        reason: a machine word when it may not; None when it may.
        about: keys of the items that the reason speaks of, if of any.
        n: respondents who answered all predictors and the outcome.
        left_out: respondents who did not.
        r2: share of variance accounted for; None where it could not be or was not computed.
        adjusted_r2: the same less what as many useless predictors would show (Ezekiel's formula).
        importance_line: 1/k of R², which parts more from less important; None when not stated.
        performance_line: mean of the performances; None when not stated.
        top_agreement: share of the bootstrap replicates with the same most important predictor.
        drivers: in the order of the columns; empty when not stated.
    """

    stated: bool
    reason: str | None
    about: tuple[str, ...]
    n: int
    left_out: int
    r2: float | None = None
    adjusted_r2: float | None = None
    importance_line: float | None = None
    performance_line: float | None = None
    top_agreement: float | None = None
    drivers: tuple[Driver, ...] = ()


def key_drivers(
    matrix: Matrix,
    outcome: str,
    *,
    seed: "int | np.random.Generator",
    replicates: int = 1000,
    level: float = 0.95,
) -> KeyDrivers:
    """Importance against performance, with the verdict whether it may be shown.

    It is not stated

    * with fewer than ``MINIMUM_ANSWERS`` complete responses (``TOO_FEW_ANSWERS``);
    * when an item is constant (``NO_VARIATION``) or follows from the others (``COLLINEAR``);
    * when the adjusted R² is below ``MINIMUM_R2`` (``TOO_LITTLE_EXPLAINED``): with nine elements and 100
      answers, chance alone gives an R² of 0.09, so the plain one would be no hurdle;
    * when in more than ``UNSTABLE_FROM`` of the replicates an item is constant or follows from the others
      (``UNSTABLE``); fewer such replicates are left out;
    * when no two importances differ (``NO_ORDER``): each pair is tested with the bootstrap standard error of
      its difference, at (1 - level) over the number of pairs. Looking for two intervals that do not overlap
      would state an order of nine equally important elements in 17 % of surveys (by simulation).

    Respondents are resampled, n at a time, as a multinomial draw of the distinct rows.

    Args:
        matrix: raw responses; every column but the outcome is a predictor, all on one scale.
        outcome: key of the outcome's column.
        seed: makes the intervals reproducible.
        replicates: bootstrap replicates, at least 100.
        level: nominal coverage of the intervals.

    Raises:
        UnknownKey: the matrix has no such outcome.
        Malformed: fewer than two or more than ``MOST_PREDICTORS`` predictors, predictors on several scales,
            too few replicates, no seed, or a level that is not between 0 and 1.
    """
    import numpy as np

    keys = _check(matrix, outcome, replicates, level)
    generator = check_seed(seed)
    order = [*(matrix.columns.index(key) for key in keys), matrix.columns.index(outcome)]
    rows, counts = complete_rows(matrix.values[:, order], matrix.counts)
    n, k = int(counts.sum()), len(keys)

    def withheld(reason: str, about: tuple[str, ...] = (), r2: float | None = None) -> KeyDrivers:
        return KeyDrivers(
            False, reason, about, n, matrix.n - n, r2, None if r2 is None else _adjusted(r2, n, k)
        )

    if n < MINIMUM_ANSWERS:
        return withheld(TOO_FEW_ANSWERS)
    constant = (rows == rows[0]).all(axis=0)
    if constant.any():
        return withheld(NO_VARIATION, tuple(np.array([*keys, outcome])[constant].tolist()))
    try:
        importance = lmg_from_covariance(covariance_of(rows, counts))
    except NoVariation:
        return withheld(COLLINEAR, keys)
    if _adjusted(importance.r2, n, k) < MINIMUM_R2:
        return withheld(TOO_LITTLE_EXPLAINED, r2=importance.r2)
    shares, r2 = _bootstrap(rows, counts, generator, replicates)
    if len(shares) < replicates * (1 - UNSTABLE_FROM):
        return withheld(UNSTABLE, r2=importance.r2)
    if not _ordered(importance, shares, level):
        return withheld(NO_ORDER, r2=importance.r2)
    performance = [_mean(matrix.values[:, at], matrix.counts) for at in order[:-1]]
    lines = importance.r2 / k, sum(performance) / k
    return KeyDrivers(
        stated=True,
        reason=None,
        about=(),
        n=n,
        left_out=matrix.n - n,
        r2=importance.r2,
        adjusted_r2=_adjusted(importance.r2, n, k),
        importance_line=lines[0],
        performance_line=lines[1],
        top_agreement=float((shares.argmax(axis=1) == np.argmax(importance.shares)).mean()),
        drivers=_drivers(keys, importance, performance, lines, (shares, r2), level),
    )


def _ordered(importance: Importance, shares: "Floats", level: float) -> bool:
    """Whether some two importances differ, by Bonferroni over all pairs with bootstrap standard errors."""
    import numpy as np
    from scipy.special import ndtr

    found, (first, second) = np.array(importance.shares), np.triu_indices(len(importance.shares), 1)
    errors = (shares[:, first] - shares[:, second]).std(axis=0, ddof=1)
    apart = np.abs(found[first] - found[second])
    # Exchangeable items differ in no replicate: no error, but no difference either.
    z = apart / np.maximum(errors, np.finfo(float).tiny)
    return bool(2 * ndtr(-z.max()) < (1 - level) / len(first))


def _drivers(
    keys: tuple[str, ...],
    importance: Importance,
    performance: list[float],
    lines: tuple[float, float],
    replicates: "tuple[Floats, Floats]",
    level: float,
) -> tuple[Driver, ...]:
    import numpy as np

    (shares, r2), tails = replicates, [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(shares, tails, axis=0)
    below, above = np.quantile(shares - r2[:, None] / len(keys), tails, axis=0)
    return tuple(
        Driver(
            key=key,
            importance=importance.shares[at],
            interval=Interval(float(low[at]), float(high[at]), level, "bootstrap-percentile"),
            performance=performance[at],
            quadrant=_quadrant(importance.shares[at] >= lines[0], performance[at] >= lines[1]),
            clear=bool(below[at] > 0 or above[at] < 0),
        )
        for at, key in enumerate(keys)
    )


def _check(matrix: Matrix, outcome: str, replicates: int, level: float) -> tuple[str, ...]:
    if outcome not in matrix.columns:
        raise UnknownKey(f"no item {outcome!r} among {', '.join(matrix.columns)}")
    keys = tuple(key for key in matrix.columns if key != outcome)
    if len(keys) < 2:
        raise Malformed(f"importance compares at least two predictors, not {len(keys)}")
    check_predictors(len(keys))
    scales = {scale for key, scale in zip(matrix.columns, matrix.scales, strict=True) if key != outcome}
    if len(scales) > 1:
        raise Malformed(f"performance compares predictors on one scale, not on {sorted(scales)}")
    if not is_count(replicates) or replicates < 100:
        raise Malformed(f"{replicates!r} replicates give no interval, 100 are the least")
    check_share(level, "level")
    return keys


def _mean(column: "Floats", counts: "Integers") -> float:
    import numpy as np

    answered = ~np.isnan(column)
    return float(np.average(column[answered], weights=counts[answered]))


def _adjusted(r2: float, n: int, k: int) -> float:
    return 1 - (1 - r2) * (n - 1) / (n - k - 1)


def _quadrant(important: bool, good: bool) -> str:
    if important:
        return KEEP_UP if good else CONCENTRATE
    return POSSIBLE_OVERKILL if good else LOW_PRIORITY


def _bootstrap(
    rows: "Floats", counts: "Integers", generator: "np.random.Generator", replicates: int
) -> "tuple[Floats, Floats]":
    """LMG shares (b, k) and R² (b,) of the replicates that have them, at most ``replicates``."""
    import numpy as np

    n, width = int(counts.sum()), rows.shape[1]
    spread = np.sqrt(np.diag(covariance_of(rows, counts)))
    scaled = (rows - np.average(rows, axis=0, weights=counts)) / spread
    upper = np.triu_indices(width)
    moments = np.hstack([scaled, scaled[:, upper[0]] * scaled[:, upper[1]]])
    size = max(1, _BLOCK // max(len(rows), 3 * 2 ** (width - 1)))
    found = []
    for first in range(0, replicates, size):
        drawn = generator.multinomial(n, counts / n, size=min(size, replicates - first))
        sums = drawn @ moments / n
        covariances = np.empty((len(drawn), width, width))
        covariances[:, upper[0], upper[1]] = covariances[:, upper[1], upper[0]] = sums[:, width:]
        covariances -= sums[:, :width, None] * sums[:, None, :width]
        variances = np.diagonal(covariances, axis1=1, axis2=2)
        vary = (variances > COLLINEAR_BELOW).all(axis=1)
        deviations = np.sqrt(variances[vary])
        shares, r2, least = shapley(covariances[vary] / deviations[:, :, None] / deviations[:, None, :])
        good = least > COLLINEAR_BELOW
        found.append((shares[good], r2[good]))
    return np.concatenate([shares for shares, _ in found]), np.concatenate([r2 for _, r2 in found])
