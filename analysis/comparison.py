"""Who is better than whom, said only as far as the answers carry it.

A comparison of many units is many tests at once, and a rank is a claim about all of them. The p-values here
are adjusted for their number, and a rank comes with the set of ranks that the data do not exclude. Compare
within a family of like services only, after adjusting for their mix (``analysis.standardisation``).

Tallies suffice: everything starts from one value and one standard error per unit.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_share
from analysis.columns import finite, positive
from analysis.errors import Malformed, Refused
from analysis.quantiles import normal_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.columns import Floats, Integers, Numbers

FUNNEL_LEVELS = (0.95, 0.998)
"""The two lines of a funnel and of the lists made from it: 1.960 and 3.090 standard errors, by the custom of
Spiegelhalter 2005."""


MOST_UNITS = 3000
"""More are not ranked together: their pairs would fill the memory. Our judgement."""


@dataclass(frozen=True, eq=False)
class RankSets:
    """Ranks with what can be said of them, rank 1 being the highest value. Arrays of shape (units,).

    Attributes:
        rank: rank by the value alone, ties sharing the better one. Never to be shown without its set.
        best: best rank that the data do not exclude.
        worst: worst rank that they do not exclude.
        rejected: number of pairs of units that differ significantly.
        level: probability with which all sets contain their true ranks at once, at least.
        method: name of the procedure.
    """

    rank: "Integers"
    best: "Integers"
    worst: "Integers"
    rejected: int
    level: float
    method: str


def two_sided(z: "Numbers") -> "Floats":
    """Two-sided p-values, 0 to 1, of standard normal deviates.

    Raises:
        Malformed: a deviate is not a finite number.
        NoFigure: there is none.
    """
    from scipy.special import ndtr

    deviates = finite(z, "z")
    return _as_floats(2 * ndtr(-abs(deviates)))


def holm(p: "Numbers") -> "Floats":
    """p-values adjusted by the step-down procedure of Holm (1979, Scand. J. Statist. 6:65-70).

    Whoever calls those at most 0.05 significant makes no false claim at all with a probability of 95 %,
    however the tests depend on each other: for statements about named agencies.

    Args:
        p: p-values, 0 to 1, in any order.

    Returns:
        Adjusted p-values, 0 to 1, in the same order.

    Raises:
        Malformed: a value is not a probability.
        NoFigure: there is none.
    """
    import numpy as np

    given = _probabilities(p)
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def bonferroni(p: "Numbers") -> "Floats":
    """p-values times their number, at most 1. Arguments and errors as for ``holm``, which finds more."""
    import numpy as np

    given = _probabilities(p)
    return np.minimum(given * given.size, 1.0)


def benjamini_hochberg(p: "Numbers") -> "Floats":
    """p-values adjusted for the false discovery rate (Benjamini & Hochberg 1995, J. R. Statist. Soc. B 57).

    Of those called significant at 0.05, 5 % are expected to be false, for independent or positively dependent
    tests: for lists of what to look at, not for statements about anyone. Arguments and errors as for
    ``holm``.
    """
    from scipy.stats import false_discovery_control

    return _as_floats(false_discovery_control(_probabilities(p)))


def rank_sets(values: "Numbers", se: "Numbers", *, level: float = 0.95) -> RankSets:
    """Simultaneous confidence sets for the ranks of units, from all pairwise tests.

    Every pair is tested by |a - b| / sqrt(se_a² + se_b²) with the normal distribution, and the p-values of
    all pairs are adjusted by Holm. A unit's best rank is 1 plus the number of units significantly better, its
    worst the number of units minus those significantly worse (Mogstad, Romano, Shaikh & Wilhelm 2024, Review
    of Economic Studies 91:476-518, with Holm in place of their bootstrap). It needs no random numbers; time
    and memory grow with the square of the units (some 300 MB for ``MOST_UNITS``).

    A rank says little for units whose value is mostly noise: see ``analysis.shrinkage.Shrunken.rankable``.

    Args:
        values: one value per unit, higher being better, shape (units,), at least two.
        se: their standard errors in the same units, without finite population correction, since processes
            and not one period's transactions are compared.
        level: simultaneous confidence.

    Raises:
        TooFew: a single unit has no rank.
        Refused: more than ``MOST_UNITS``.
        NoVariation: a standard error is zero.
        Malformed, Contradiction, NoFigure: not the columns described.
    """
    import numpy as np

    given = finite(values, "values", needed=2)
    errors = positive(se, "se", size=given.size)
    check_share(level, "level")
    if given.size > MOST_UNITS:
        raise Refused(f"{given.size} units are more than the {MOST_UNITS} that are compared pair by pair")
    one, other = np.triu_indices(given.size, 1)
    gap = given[one] - given[other]
    claimed = holm(two_sided(gap / np.hypot(errors[one], errors[other]))) <= 1 - level
    better = np.where(gap > 0, one, other)[claimed]
    worse = np.where(gap > 0, other, one)[claimed]
    ascending = np.sort(given)
    return RankSets(
        rank=given.size - np.searchsorted(ascending, given, side="right") + 1,
        best=1 + np.bincount(worse, minlength=given.size),
        worst=given.size - np.bincount(better, minlength=given.size),
        rejected=int(claimed.sum()),
        level=level,
        method="holm pairwise",
    )


def beyond(z: "Numbers", *, level: float = FUNNEL_LEVELS[1]) -> "NDArray[np.bool_]":
    """Which deviates lie beyond the limits of a level, two-sided, shape (units,).

    Raises:
        Malformed: a deviate is not a finite number, or the level is not between 0 and 1.
        NoFigure: there is none.
    """
    check_share(level, "level")
    return abs(finite(z, "z")) > normal_quantile(level)


def _probabilities(p: "Numbers") -> "Floats":
    given = finite(p, "p")
    outside = given[(given < 0) | (given > 1)]
    if outside.size:
        raise Malformed(f"p: {outside[0]:g} is not a probability")
    return given


def _as_floats(values: object) -> "Floats":
    import numpy as np

    return np.asarray(values, dtype=np.float64)
