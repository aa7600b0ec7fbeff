"""The raked index with a standard error that repeats the raking: bootstrap replicates from tallies alone."""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING

from analysis.cells import Cell, check
from analysis.checks import check_count, check_seed
from analysis.collapse import COLLAPSE_BELOW
from analysis.errors import Contradiction, EmptyLevel, Malformed, TooFew
from analysis.poststratification import SCALE_ENDS, Adjusted, adjusted, between, check_means
from analysis.raking import LIMIT, TOLERANCE, Margin, cut, fit, level_sums
from analysis.weighting import DEFF_REFUSE, DEFF_WARN, kish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

REPLICATES = 200
"""Bootstrap replicates: the standard error then varies by about 5 % with the seed. Configurable."""

_BATCH = 25


def raked_mean(
    cells: Sequence[Cell],
    names: Sequence[str],
    *,
    seed: "int | np.random.Generator",
    replicates: int = REPLICATES,
    minimum: int = COLLAPSE_BELOW,
    finite: bool = True,
    scale: tuple[int, int] | None = SCALE_ENDS,
    level: float = 0.95,
    trim_rule: str | None = "larger",
    warn_above: float = DEFF_WARN,
    refuse_above: float = DEFF_REFUSE,
    progress: Callable[[int, int], None] | None = None,
) -> Adjusted:
    """The mean of all transactions, with weights raked to the margins of the ledger (S7), from tallies alone.

    The margins are the keys of the cells: how many transactions each service, each channel and each month
    has. Weights are raked, those too large are cut, and the rest is raked once more (see
    ``analysis.raking.rake_weights``); a cell without answers is spoken for by its margins.

    The standard error is that of ``replicates`` bootstrap samples, each of them raked, cut and raked again.
    A sample of n respondents drawn with replacement is drawn in two steps that tallies can give: how many
    come from each cell (multinomial), then the mean of those, normal with the mean of the cell and its
    variance (divisor n_h) over their number. Number, mean and variance are exactly those of drawing single
    respondents, and a standard error depends on nothing else. The variance is multiplied by n / (n - 1),
    and for a finite population by 1 - n / N. Each answer is taken as another person's.

    Args:
        cells: cells whose margins all have answers, see ``analysis.collapse.join_levels``.
        names: of the keys, for messages: ("service", "channel", "month").
        seed: of the replicates, or a numpy Generator.
        replicates: number of bootstrap samples, at least 2.
        minimum: answers that each level of each margin must have. Below about 20 a replicate may lose the
            level, and is refused.
        finite: whether to correct for the finite population.
        scale: lowest and highest possible score; None when it has no ends, then there is no interval.
        level: nominal coverage of the interval.
        trim_rule: how weights are cut, see ``analysis.raking.cut``; None leaves them.
        warn_above: design effect above which ``weights.warn`` is set.
        refuse_above: design effect above which the figure is withheld.
        progress: told how many replicates of how many are done, from time to time.

    Raises:
        NoFigure: nobody answered, or there are no transactions.
        EmptyLevel: a level of a margin has transactions and no answer, or lost its answers in a replicate.
        TooFew: a level has fewer answers than ``minimum``, or there is one answer in all.
        Contradiction: a level has more answers than transactions, or two cells have the same keys.
        NotConverged: the margins cannot be met: the answers lack combinations that they would need.
        UnknownKey: there is no such rule to cut by.
        Malformed: not one name for each key, no seed, or a mean outside the scale.
        NotACount: ``replicates`` is not a whole number from 2, or ``minimum`` none from 0.
    """
    import numpy as np

    check(cells)
    check_means(cells, scale)
    if len(names) != len(cells[0].keys):
        raise Malformed(f"{len(names)} names for {len(cells[0].keys)} keys")
    check_count(replicates, "replicates", least=2)
    check_count(minimum, "answers to ask for")
    generator = check_seed(seed)
    margins = [_margin(cells, at, key, minimum) for at, key in enumerate(names)]
    n = np.array([cell.n for cell in cells])
    if n.sum() < 2:
        raise TooFew("a standard error", int(n.sum()), 2)
    means = np.array([cell.mean or 0.0 for cell in cells])
    mass, trimmed = _calibrate(n[None], margins, trim_rule)
    heard = n > 0
    weights = kish(mass[0][heard] / n[heard], n[heard], warn_above=warn_above, refuse_above=refuse_above)
    value = between(float(mass[0] @ means / mass[0].sum()), cells)
    drawn = _replicates(cells, margins, trim_rule, generator, replicates, progress)
    answers, population = weights.n, sum(cell.population for cell in cells)
    se = float(drawn.std(ddof=1)) * sqrt(answers / (answers - 1))
    unseen = 1 - answers / population if finite else None
    return adjusted(cells, weights, value, se, unseen, scale, level, "raked", trimmed)


def _margin(cells: Sequence[Cell], at: int, key: str, minimum: int) -> Margin:
    import numpy as np

    levels = sorted({cell.keys[at] for cell in cells})
    codes = np.array([levels.index(cell.keys[at]) for cell in cells])
    totals = level_sums(codes, np.array([float(cell.population) for cell in cells]), len(levels))
    answers = level_sums(codes, np.array([float(cell.n) for cell in cells]), len(levels))
    for level, total, n in zip(levels, totals, answers, strict=True):
        if n > total:
            raise Contradiction(f"{key} = {level}: {n:g} answers about {total:g} transactions")
        if total and not n:
            raise EmptyLevel(key, level)
        if total and n < minimum:
            raise TooFew(f"raking to {key} = {level}", n, minimum)
    return Margin(key, tuple(levels), totals, codes)


def _calibrate(n: "Integers", margins: Sequence[Margin], trim_rule: str | None) -> "tuple[Floats, int]":
    """Weight of all respondents of each cell, for several sets of answers, shape (sets, cells).

    Returns:
        The weights, and the respondents of the last set whose weight was cut.
    """
    import numpy as np

    mass = fit(n.astype(np.float64), margins, TOLERANCE, LIMIT)[0]
    if trim_rule is None:
        return mass, 0
    single = np.divide(mass, n, out=np.zeros_like(mass), where=n > 0)
    less = [cut(weights, counts, trim_rule) for weights, counts in zip(single, n, strict=True)]
    trimmed = np.stack([result.weights for result in less]) * n
    return fit(trimmed, margins, TOLERANCE, LIMIT)[0], less[-1].trimmed


def _replicates(
    cells: Sequence[Cell],
    margins: Sequence[Margin],
    trim_rule: str | None,
    generator: "np.random.Generator",
    replicates: int,
    progress: Callable[[int, int], None] | None,
) -> "Floats":
    """Raked means of bootstrap samples."""
    import numpy as np

    n = np.array([cell.n for cell in cells])
    means = np.array([cell.mean or 0.0 for cell in cells])
    sds = np.array([(cell.sd or 0.0) * sqrt((cell.n - 1) / cell.n) if cell.n else 0.0 for cell in cells])
    drawn = np.empty(replicates)
    for first in range(0, replicates, _BATCH):
        size = min(_BATCH, replicates - first)
        counts = generator.multinomial(n.sum(), n / n.sum(), size)
        scores = generator.normal(means, sds / np.sqrt(np.maximum(counts, 1)))
        mass = _calibrate(counts, margins, trim_rule)[0]
        drawn[first : first + size] = (mass * scores).sum(axis=1) / mass.sum(axis=1)
        if progress is not None:
            progress(first + size, replicates)
    return drawn
