"""Whether the driver index deserves its name: what raw responses say of how its items hang together.

Under a short form each respondent is asked a random part of the items, so that hardly any row is complete.
Everything here uses whatever was answered together, pair by pair; it assumes that what was asked was drawn,
not chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atanh, inf, sqrt, tanh
from typing import TYPE_CHECKING

from analysis.checks import check_count, check_share
from analysis.errors import Contradiction, Malformed, NoVariation, TooFew, UnknownKey
from analysis.intervals import Interval
from analysis.matrix import Matrix
from analysis.quantiles import normal_quantile
from analysis.reliability import Alpha, cronbach_alpha, pairwise_covariance, pairwise_n
from analysis.shares import Share, share
from analysis.trust import DRIVERS, DRIVERS_NEEDED, LEVEL, PUBLIC_MINIMUM, columns_of, drivers_with
from analysis.withheld import NO_VARIATION, TOO_FEW_ANSWERS, TOO_FEW_DRIVERS, Withheld

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SUPPORTED_FROM = 0.4
"""Correlation of the driver index with the level of trust below which, over a year of answers of a service
family, the drivers are not shown to be drivers of trust. A judgement call of this project."""

PAIRS_NEEDED = 30
"""Respondents who answered both of any two items, for a correlation. A judgement call of this project."""

PAIRS_DISAGREE = "pairs disagree"
PERFECT = "perfect correlation"

SUPPORTED = "supported"
NOT_SUPPORTED = "not supported"
NOT_KNOWN = "not known"

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Correlation:
    """Correlation of the driver index with the level of trust.

    Attributes:
        value: -1 to 1.
        se: linearised standard error.
        interval: from Fisher's z with that standard error.
        pairs: respondents behind the least answered pair of items.
    """

    value: float
    se: float
    interval: Interval
    pairs: int


@dataclass(frozen=True)
class TrustChecks:
    """What to show with a driver index.

    Attributes:
        n: respondents, whatever they answered.
        answering: per item, the share that answered it of those asked, or of all where that is not known.
        alpha: Cronbach's alpha of the drivers over respondents who answered all of them.
        correlation: of the driver index with the level of trust.
        verdict: ``SUPPORTED``, ``NOT_SUPPORTED``, or ``NOT_KNOWN`` when there is no correlation.
        sure: whether the interval of the correlation lies on one side of ``SUPPORTED_FROM``.
    """

    n: int
    answering: Mapping[str, Share]
    alpha: Alpha | Withheld
    correlation: Correlation | Withheld
    verdict: str
    sure: bool


def trust_checks(
    matrix: Matrix,
    *,
    asked: Mapping[str, int] | None = None,
    minimum: int = PUBLIC_MINIMUM,
    pairs: int = PAIRS_NEEDED,
    level: float = 0.95,
) -> TrustChecks:
    """Alpha, correlation with the level of trust, shares answering and the verdict. Raw responses are needed.

    With c the pairwise covariances (over those who answered both items, each around its own mean), 0 the
    level and 1 to k the drivers that have enough answers, the correlation of the level with the mean of the
    drivers is

        (1/k) sum_j c_0j / sqrt(c_00 × (1/k²) sum_jl c_jl),

    which for complete responses is the ordinary correlation of the level with the respondents' own driver
    means, and under a drawn short form estimates the same number. Its standard error is linearised over
    respondents, its interval Fisher's z. Covariances of different respondents may contradict each other in
    small samples: the correlation is then withheld (``PAIRS_DISAGREE``), not cut at 1. One of exactly 1 is
    withheld too (``PERFECT``): it tells of people who answered everything alike.

    Args:
        matrix: with the level and the drivers among its columns; others are left aside.
        asked: how many respondents were asked each item; without it, shares answering are of all of them.
        minimum: drivers with fewer answers stay out, and alpha is not said of fewer complete rows.
        pairs: respondents needed for every pair of items.
        level: nominal coverage of the intervals.

    Raises:
        UnknownKey: no column holds the level, or ``asked`` misses one of the items.
        Contradiction: an item was answered by more than were asked.
        NotACount: a number asked is negative or not whole.
        Malformed: the drivers are answered on several scales, ``minimum`` or ``pairs`` is too small, or a
            level that is not between 0 and 1.
    """
    check_share(level, "level")
    if minimum < 1 or pairs < 2:
        raise Malformed(f"minima of {minimum} answers and {pairs} pairs withhold nothing")
    if LEVEL not in matrix.columns:
        raise UnknownKey(f"no item {LEVEL!r} among {', '.join(matrix.columns)}")
    keys = drivers_with(matrix, minimum)
    alpha: Alpha | Withheld
    correlation: Correlation | Withheld
    if len(keys) < DRIVERS_NEEDED:
        alpha = correlation = Withheld(TOO_FEW_DRIVERS, len(keys), DRIVERS_NEEDED)
    else:
        alpha = _alpha(columns_of(matrix, keys), minimum, level)
        correlation = _correlation(columns_of(matrix, (LEVEL, *keys)), pairs, level)
    verdict, sure = _verdict(correlation)
    return TrustChecks(matrix.n, _answering(matrix, asked, level), alpha, correlation, verdict, sure)


def _verdict(correlation: Correlation | Withheld) -> tuple[str, bool]:
    if isinstance(correlation, Withheld):
        return NOT_KNOWN, False
    interval = correlation.interval
    sure = interval.low >= SUPPORTED_FROM or interval.high < SUPPORTED_FROM
    return SUPPORTED if correlation.value >= SUPPORTED_FROM else NOT_SUPPORTED, sure


def _alpha(drivers: Matrix, minimum: int, level: float) -> Alpha | Withheld:
    import numpy as np

    complete = int(drivers.counts[~np.isnan(drivers.values).any(axis=1)].sum())
    if complete < minimum:
        return Withheld(TOO_FEW_ANSWERS, complete, minimum)
    try:
        return cronbach_alpha(drivers.values, drivers.counts, level=level)
    except NoVariation:
        return Withheld(NO_VARIATION, complete, 2)
    except TooFew as few:
        return Withheld(TOO_FEW_ANSWERS, complete, int(few.needed))


def _answering(matrix: Matrix, asked: Mapping[str, int] | None, level: float) -> dict[str, Share]:
    import numpy as np

    result = {}
    for key in (LEVEL, *DRIVERS):
        if key not in matrix.columns:
            continue
        if asked is not None and key not in asked:
            raise UnknownKey(f"how many were asked {key!r} is not said")
        of = matrix.n if asked is None else asked[key]
        check_count(of, f"respondents asked {key}")
        answers = int(matrix.counts @ ~np.isnan(matrix.values[:, matrix.columns.index(key)]))
        if answers > of:
            raise Contradiction(f"{key}: {answers} answers of {of} asked")
        if of:
            result[key] = share((answers,), (answers, of - answers), level)
    return result


def _correlation(matrix: Matrix, needed: int, level: float) -> Correlation | Withheld:
    """Of the first column with the mean of the others."""
    import numpy as np

    together = pairwise_n(matrix.values, matrix.counts)
    least = int(together.min())
    if least < needed:
        return Withheld(TOO_FEW_ANSWERS, least, needed)
    covariances = pairwise_covariance(matrix.values, matrix.counts)
    k = len(matrix.columns) - 1
    of_level, of_mean = np.append(1.0, np.zeros(k)), np.append(0.0, np.full(k, 1 / k))
    # Weights that make of the covariances: the one of both, the variance of the level, that of the mean.
    forms = [np.outer(of_level, of_mean), np.outer(of_level, of_level), np.outer(of_mean, of_mean)]
    both, of_one, of_other = (float((form * covariances).sum()) for form in forms)
    if of_one == 0 or not np.diag(covariances)[1:].any():
        return Withheld(NO_VARIATION, least, needed)
    value = both / sqrt(of_one * of_other) if of_other > 0 else inf
    if abs(value) > 1 - _ROUNDING:
        return Withheld(PERFECT if abs(value) < 1 + _ROUNDING else PAIRS_DISAGREE, least, needed)
    # The derivative of the correlation by each covariance.
    slope = forms[0] / sqrt(of_one * of_other) - value / 2 * (forms[1] / of_one + forms[2] / of_other)
    move = _moves(matrix, slope, covariances, together)
    n = int(matrix.counts[~np.isnan(matrix.values).all(axis=1)].sum())
    se = sqrt(n / (n - 1) * float(matrix.counts @ move**2))
    half = normal_quantile(level) * se / (1 - value * value)
    low, high = tanh(atanh(value) - half), tanh(atanh(value) + half)
    return Correlation(value, se, Interval(low, high, level, "fisher-z"), least)


def _moves(matrix: Matrix, slope: "Floats", covariances: "Floats", together: "Integers") -> "Floats":
    """How much each row, shape (rows,), moves what has this slope (items, items) in the covariances."""
    import numpy as np

    total = np.zeros(len(matrix.values))
    for i, j in np.argwhere(slope):
        pair = matrix.values[:, [i, j]]
        both = ~np.isnan(pair).any(axis=1)
        off = pair[both] - np.average(pair[both], axis=0, weights=matrix.counts[both])
        total[both] += slope[i, j] / together[i, j] * (off.prod(axis=1) - covariances[i, j])
    return total
