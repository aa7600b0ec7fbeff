"""Unequal weights of respondents: what they cost, how large one may become, and the mean they give.

Weights here are for respondents. Where they come from: ``analysis.poststratification`` and
``analysis.raking``.
"""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from analysis.checks import MOST
from analysis.errors import Malformed, NoFigure, NotACount, TooFew, UnknownKey, WrongWeights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

DEFF_WARN = 1.5
"""Above this design effect of the weights a figure carries a warning. A judgement, configurable."""

DEFF_REFUSE = 3.0
"""Above it the adjusted figure is withheld: two thirds of the answers are lost. A judgement, configurable."""

TRIM_IQR = 3.5
"""Interquartile ranges above the median at which a weight is cut. A rule of practice, and a judgement."""

TRIM_MEDIAN = 5.0
"""Medians at which a weight is cut by the other rule of practice, and a judgement too."""

TRIM_RULES = ("larger", "iqr", "median")
"""Which bound is used: the larger of the two (default), or one of them."""

TOO_UNEQUAL = "weights_too_unequal"
"""Why a figure is withheld when its design effect is above ``DEFF_REFUSE``."""


class Kish(NamedTuple):
    """What unequal weights cost.

    Attributes:
        n_eff: number of answers with equal weights that would say as much, 1 to n.
        deff: design effect of the weights, n / n_eff, 1 or more.
        n: number of respondents.
        warn: whether the design effect calls for a warning.
        withheld: why a figure with these weights must not be published, or None.
    """

    n_eff: float
    deff: float
    n: int
    warn: bool
    withheld: str | None


class WeightedMean(NamedTuple):
    """A weighted mean.

    Attributes:
        mean: in the units of the values.
        se: its linearised standard error.
        n: number of respondents.
    """

    mean: float
    se: float
    n: int


@dataclass(frozen=True, eq=False)
class Trimmed:
    """Weights of which none is above a bound.

    Attributes:
        weights: weight of one respondent of each row; their total is what it was.
        bound: the highest weight allowed.
        rule: which rule gave the bound, ``iqr`` or ``median``.
        trimmed: number of respondents whose own weight was above it.
    """

    weights: "Floats"
    bound: float
    rule: str
    trimmed: int


def kish(
    weights: "ArrayLike",
    counts: "ArrayLike | None" = None,
    *,
    warn_above: float = DEFF_WARN,
    refuse_above: float = DEFF_REFUSE,
) -> Kish:
    """Effective number of answers and design effect of unequal weights, (sum w)² / sum w² (S8).

    Kish, Survey Sampling (1965), section 11.7; what the weights cost a mean that has nothing to do with them.
    A respondent of weight 0 counts in n: he or she answered, and the weights lost the answer.

    Args:
        weights: weight of one respondent of each row, 0 or more; their scale does not matter.
        counts: respondents of each row; None is one each.
        warn_above: design effect above which ``warn`` is set.
        refuse_above: design effect above which ``withheld`` says ``weights_too_unequal``.

    Raises:
        WrongWeights: a weight is negative or not finite, or none is above 0.
        NoFigure: there is no respondent.
        Malformed: not one row of numbers, or a threshold below 1.
        NotACount: a count is negative or not whole.
    """
    if not (1 <= warn_above <= refuse_above):
        raise Malformed(f"design effects to warn above ({warn_above}) and refuse above ({refuse_above})")
    values, times = read_weights(weights, counts)
    # Squares of very large or small weights would leave the range of a float; only ratios matter.
    values = values / values[times > 0].max()
    n = int(times.sum())
    n_eff = float((times * values).sum() ** 2 / (times * values**2).sum())
    # Rounding may leave n equal weights a hair above n.
    n_eff = min(n_eff, float(n))
    deff = n / n_eff
    return Kish(n_eff, deff, n, deff > warn_above, TOO_UNEQUAL if deff > refuse_above else None)


def weighted_mean(
    values: "ArrayLike", weights: "ArrayLike", counts: "ArrayLike | None" = None
) -> WeightedMean:
    """Weighted mean with its linearised (Taylor) standard error, for fixed weights drawn with replacement.

    The mean is a ratio of two totals; its variance is n / (n - 1) × sum w² (y - mean)² / (sum w)² (Särndal,
    Swensson & Wretman, Model Assisted Survey Sampling, 1992, section 5.5). Raw values are needed, one per
    respondent; who gave none is left out by the caller. The weights are taken as known: that they were
    fitted to margins is the business of ``analysis.replicates``.

    Raises:
        Malformed: a value is not a finite number, or there is not one for each weight.
        TooFew: fewer than two respondents have a weight above 0.
        WrongWeights, NoFigure, NotACount: see ``kish``.
    """
    given, times = read_weights(weights, counts)
    y = _numbers(values, "values")
    if y.shape != given.shape:
        raise Malformed(f"{len(y)} values for {len(given)} weights")
    heard = int(times[given > 0].sum())
    if heard < 2:
        raise TooFew("a standard error", heard, 2)
    share = given / given[times > 0].max()
    total, n = (times * share).sum(), int(times.sum())
    mean = float((times * share * y).sum() / total)
    squares = float((times * (share * (y - mean)) ** 2).sum())
    return WeightedMean(mean, sqrt(n / (n - 1) * squares) / float(total), n)


def trim(weights: "ArrayLike", counts: "ArrayLike | None" = None, *, rule: str = "larger") -> Trimmed:
    """Cut weights at a bound and give what was cut to the others, in proportion to their weights.

    Giving may lift others to the bound; the result is the one that repeating cut and gift would reach: every
    weight is the smaller of the bound and its own times one common factor. Margins fitted before no longer
    hold exactly: fit once more.

    Args:
        weights: weight of one respondent of each row, 0 or more.
        counts: respondents of each row; None is one each.
        rule: ``iqr`` bounds at the median + 3.5 interquartile ranges, ``median`` at 5 medians, ``larger`` at
            the larger of the two. Weights of cells come in few lumps, whose interquartile range may be next
            to nothing although none is extreme; alone, ``iqr`` then cuts most of what is above the median
            (and when that range is 0, 5 medians are used instead).

    Raises:
        UnknownKey: there is no such rule.
        WrongWeights: no weights under the bound could keep the total (it is below the mean weight: many are
            heavy, none is extreme), or see ``kish``.
        NoFigure, NotACount, Malformed: see ``kish``.
    """
    import numpy as np

    if rule not in TRIM_RULES:
        raise UnknownKey(f"no rule {rule!r} to trim by among {', '.join(TRIM_RULES)}")
    values, times = read_weights(weights, counts)
    order = np.argsort(values, kind="stable")
    ranked, held = values[order], times[order]
    bound, used = _bound(ranked, np.cumsum(held), rule)
    over = int(times[values > bound].sum())
    if over == 0:
        return Trimmed(values, bound, used, 0)
    return Trimmed(np.minimum(bound, _factor(ranked, held, bound) * values), bound, used, over)


def _bound(ranked: "Floats", upto: "Integers", rule: str) -> tuple[float, str]:
    lower, median, upper = (_quantile(ranked, upto, share) for share in (0.25, 0.5, 0.75))
    by_range, by_median = median + TRIM_IQR * (upper - lower), TRIM_MEDIAN * median
    if upper > lower and (rule == "iqr" or (rule == "larger" and by_range > by_median)):
        return by_range, "iqr"
    return by_median, "median"


def _quantile(ranked: "Floats", upto: "Integers", share: float) -> float:
    """Quantile by linear interpolation between respondents, as if each row stood there count times."""
    import numpy as np

    place = (int(upto[-1]) - 1) * share
    below = int(place)
    low, high = ranked[np.searchsorted(upto, [below, min(below + 1, int(upto[-1]) - 1)], side="right")]
    return float(low + (high - low) * (place - below))


def _factor(ranked: "Floats", held: "Integers", bound: float) -> float:
    """The factor f for which the sum of min(bound, f × weight) is the sum of the weights.

    With the k heaviest rows at the bound, f is what is left of the total over the weight of the others; the
    right k is the smallest with which f leaves the heaviest of those others under the bound.
    """
    import numpy as np

    mass = np.cumsum(held * ranked)
    above = int(held.sum()) - np.cumsum(held)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = (mass[-1] - bound * above) / mass
        # Nothing can be given to rows of weight 0; the rounding of a division may miss the bound by a hair.
        fits = np.flatnonzero((mass > 0) & (factor * ranked <= bound * (1 + 1e-12)))
    if not fits.size:
        raise WrongWeights(
            f"no weights up to {bound:g} keep the total of {mass[-1]:g} for {held.sum()} people"
        )
    return float(factor[fits[-1]])


def read_weights(weights: "ArrayLike", counts: "ArrayLike | None") -> "tuple[Floats, Integers]":
    """Weights and counts as arrays, or the reason why they are none; see ``kish``."""
    import numpy as np

    values = _numbers(weights, "weights", WrongWeights)
    if np.any(values < 0):
        raise WrongWeights(f"a weight of {values[values < 0][0]:g} is negative")
    times = np.ones(len(values), np.int64) if counts is None else read_counts(counts, len(values))
    if not times.sum():
        raise NoFigure("nobody answered: there is nothing to weight")
    if not np.any(values[times > 0] > 0):
        raise WrongWeights("no weight is above 0")
    return values, times


def read_counts(counts: "ArrayLike", rows: int) -> "Integers":
    """Whole numbers of respondents, one per row.

    Raises:
        NotACount: a count is negative or not whole.
        Malformed: there is not one for each row.
    """
    import numpy as np

    times = np.asarray(counts)
    if times.dtype.kind not in "iu":
        raise NotACount(f"counts are whole numbers, not {times.dtype}")
    if times.shape != (rows,):
        raise Malformed(f"counts of shape {times.shape} for {rows} rows")
    if np.any(times < 0):
        raise NotACount(f"a count of {times[times < 0][0]} is negative")
    if sum(times.tolist()) > MOST:
        raise NotACount(f"more than {MOST} respondents cannot be counted one by one")
    return times.astype(np.int64)


def _numbers(
    given: "ArrayLike", name: str, refusal: type[WrongWeights] | type[Malformed] = Malformed
) -> "Floats":
    import numpy as np

    try:
        values = np.asarray(given)
    except ValueError:
        raise Malformed(f"{name} are one row of numbers") from None
    if values.ndim != 1:
        raise Malformed(f"{name} are one row of numbers, not of shape {values.shape}")
    if not values.size:
        raise NoFigure(f"there are no {name}")
    if values.dtype.kind not in "iuf":
        raise refusal(f"{name} are numbers, not {values.dtype}")
    numbers: Floats = values.astype(np.float64)
    if not np.all(np.isfinite(numbers)):
        raise refusal(f"{name}: {numbers[~np.isfinite(numbers)][0]} is not a finite number")
    return numbers
