"""A bootstrap interval of an index from raw responses, as a cross-check of the calibrated Wilson interval."""

import warnings
from typing import TYPE_CHECKING

from analysis.checks import check_seed, check_share, is_count
from analysis.errors import NoFigure, NotACount, NoVariation, Refused, TooFew
from analysis.intervals import Interval
from analysis.matrix import raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST_RESPONDENTS = 5000
"""More are refused: the work of this interval's jackknife grows with the square of the respondents."""

_NOTHING_TO_SAY = "no respondent moves the figure: a bootstrap has nothing to say"
_CELLS_AT_ONCE = 2_000_000  # 16 MB of floats


def bca_interval(
    values: "Floats",
    counts: "Integers | None" = None,
    *,
    seed: "int | np.random.Generator",
    level: float = 0.95,
    resamples: int = 2000,
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval of a mean of item means.

    Efron (1987, JASA 82:171-185), by ``scipy.stats.bootstrap``. Respondents are resampled with all their
    answers, and the figure of a resample is the mean of the items' means over those who answered them; an
    item that nobody in a resample answered leaves it. Needs raw responses. Not the default anywhere:
    resampling cannot see what a sample near the end of its scale has not seen, and covers too little there,
    as t does (see ``analysis.intervals``).

    Args:
        values: answers in the units wanted (25 x the answers for an index), shape (rows, items), NaN for
            none; a single column for the respondents' own scores.
        counts: how many respondents gave each row, shape (rows,); None for one each.
        seed: a number or a generator; the same number gives the same interval.
        level: nominal coverage.
        resamples: number of resamples, at least 100.

    Raises:
        NoFigure: nobody answered anything.
        TooFew: fewer than two respondents, or fewer than 100 resamples.
        NoVariation: no respondent pulls the figure either way, as when all answers to each item are equal:
            resampling then has nothing to say.
        Refused: more than ``MOST_RESPONDENTS``.
        Malformed, NotACount: values, counts, level or a seed that cannot be used.
    """
    import numpy as np
    from scipy.stats import DegenerateDataWarning, bootstrap

    table, many = raw(values, counts)
    check_share(level, "level")
    if not is_count(resamples) or resamples < 100:
        raise TooFew("a bootstrap", resamples, 100) if is_count(resamples) else NotACount(f"{resamples!r}")
    generator = check_seed(seed)
    many = np.where((~np.isnan(table)).any(axis=1), many, 0)
    n = int(many.sum())
    if n == 0:
        raise NoFigure("nobody answered anything")
    if n == 1:
        raise TooFew("a bootstrap", n, 2)
    if n > MOST_RESPONDENTS:
        raise Refused(f"{n} respondents are more than the {MOST_RESPONDENTS} this cross-check is made for")
    people = np.repeat(table, many, axis=0)
    answered = ~np.isnan(people)
    filled = np.where(answered, people, 0.0)

    def figure(chosen: "Integers", axis: int = -1) -> "Floats":
        sums, numbers = filled[chosen].sum(axis=-2), answered[chosen].sum(axis=-2)
        means = sums / np.maximum(numbers, 1)
        found: Floats = means.sum(axis=-1) / (numbers > 0).sum(axis=-1)
        return found

    pulls = filled - np.where(answered, filled.sum(axis=0) / np.maximum(answered.sum(axis=0), 1), 0.0)
    if np.abs(pulls.sum(axis=1)).max() <= 1e-12 * np.abs(filled).max():
        raise NoVariation(_NOTHING_TO_SAY)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DegenerateDataWarning)
        try:
            found = bootstrap(
                (np.arange(n),),
                figure,
                confidence_level=level,
                n_resamples=int(resamples),
                method="BCa",
                vectorized=True,
                batch=max(1, _CELLS_AT_ONCE // people.size),
                rng=generator,
            ).confidence_interval
        except DegenerateDataWarning:
            raise NoVariation(_NOTHING_TO_SAY) from None
    return Interval(float(found.low), float(found.high), level, "bca")
