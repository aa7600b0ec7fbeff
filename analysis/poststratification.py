"""The index adjusted to the known transactions: each kind counts as often as it was served, not answered.

Nobody who did not answer is heard by this. It repairs that some kinds of transactions answer more often than
others, and not that within a kind the satisfied answer more often than the rest; see
``analysis.nonresponse``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analysis.cells import Cell, check, name
from analysis.checks import check_share
from analysis.errors import Contradiction, EmptyLevel, Malformed, NoFigure, TooFew
from analysis.intervals import Interval, wilson_calibrated
from analysis.weighting import DEFF_REFUSE, DEFF_WARN, Kish, kish

SCALE_ENDS = (25, 100)
"""Ends of the scale of the index and of the respondents' mean scores."""


@dataclass(frozen=True)
class Adjusted:
    """An adjusted figure with what made it.

    Attributes:
        value: the figure, in the units of the scores; None when it is withheld.
        se: its standard error; None when it is withheld.
        interval: its interval, or None when it is withheld or no scale was given.
        unweighted: mean of the same scores without weights, for comparison.
        n: number of respondents with a score.
        population: number of transactions.
        cells: number of cells it rests on.
        weights: what its weights cost, in general and not for this figure; Kish's n_eff and design effect.
        method: ``poststratified`` or ``raked``.
        finite: whether the standard error speaks of exactly these transactions (finite population
            correction), as on a card, and not of the service as a process, as in comparisons.
        trimmed: number of respondents whose weight was cut.
        unheard: transactions in cells that nobody answered about before cells were joined: if they are many,
            or of one outcome, the figure says nothing about them.
    """

    value: float | None
    se: float | None
    interval: Interval | None
    unweighted: float
    n: int
    population: int
    cells: int
    weights: Kish
    method: str
    finite: bool
    trimmed: int = 0
    unheard: int = 0

    @property
    def withheld(self) -> str | None:
        """Why there is no value, in a word, or None."""
        return self.weights.withheld


def poststratify(
    cells: Sequence[Cell],
    *,
    finite: bool = True,
    scale: tuple[int, int] | None = SCALE_ENDS,
    level: float = 0.95,
    warn_above: float = DEFF_WARN,
    refuse_above: float = DEFF_REFUSE,
) -> Adjusted:
    """The mean of all transactions when each cell speaks for as many as it has, from tallies alone.

    With W = N_h / N the share of a cell's transactions: mean = sum W × mean_h, and variance = sum W² (1 -
    n_h / N_h) sd_h² / n_h (S6), the textbook estimator for strata (Cochran, Sampling Techniques, 1977,
    sections 5.3 to 5.4), given the numbers who answered. Within a cell those who answer are taken as drawn
    from all, each person with one answer.

    The interval is the variance-calibrated Wilson interval of ``analysis.intervals`` for as many answers as
    give this standard error.

    Args:
        cells: cells with at least two answers each, see ``analysis.collapse``. One without transactions and
            answers is passed over.
        finite: whether to correct for the finite population: 1 - n_h / N_h, or 1 instead.
        scale: lowest and highest possible score; None when it has no ends, then there is no interval.
        level: nominal coverage of the interval.
        warn_above: design effect above which ``weights.warn`` is set.
        refuse_above: design effect above which the figure is withheld.

    Raises:
        NoFigure: nobody answered, or there are no transactions.
        EmptyLevel: a cell with transactions has no answer.
        TooFew: a cell has one answer, which shows no deviation.
        Contradiction: a cell has more answers than transactions, or the same keys as another.
        Malformed: cells with different numbers of keys, or one whose mean is outside the scale; or a level
            that is no share.
    """
    check(cells)
    check_means(cells, scale)
    used = [cell for cell in cells if cell.population or cell.n]
    for cell in used:
        _check_answers(cell)
    population = sum(cell.population for cell in used)
    shares = [cell.population / population for cell in used]
    variances = [(share * (cell.sd or 0.0)) ** 2 / cell.n for share, cell in zip(shares, used, strict=True)]
    corrected = [v * (1 - cell.n / cell.population) for v, cell in zip(variances, used, strict=True)]
    value = between(sum(w * (cell.mean or 0.0) for w, cell in zip(shares, used, strict=True)), used)
    weights = kish(
        [cell.population / cell.n for cell in used],
        [cell.n for cell in used],
        warn_above=warn_above,
        refuse_above=refuse_above,
    )
    unseen = sum(corrected) / sum(variances) if sum(variances) else 1 - weights.n / population
    return adjusted(
        used, weights, value, sqrt(sum(variances)), unseen if finite else None, scale, level, "poststratified"
    )


def _check_answers(cell: Cell) -> None:
    if cell.n > cell.population:
        raise Contradiction(f"{name(cell.keys)}: {cell.n} answers about {cell.population} transactions")
    if cell.n == 0:
        raise EmptyLevel("cell", name(cell.keys))
    if cell.n == 1:
        raise TooFew(f"the deviation within {name(cell.keys)}", 1, 2)


def check_means(cells: Sequence[Cell], scale: tuple[int, int] | None) -> None:
    """Whether the means of cells are on the scale, and anybody answered at all.

    Raises:
        NoFigure: nobody answered.
        Malformed: a mean is not on the scale.
    """
    if not any(cell.n for cell in cells):
        raise NoFigure("nobody answered about any of these transactions")
    if scale is None:
        return
    for cell in cells:
        if cell.mean is not None and not scale[0] <= cell.mean <= scale[1]:
            raise Malformed(
                f"{name(cell.keys)}: a mean of {cell.mean} is outside the scale of {scale[0]} to {scale[1]}"
            )


def between(value: float, cells: Sequence[Cell]) -> float:
    """A weighted mean of the cells' means, which rounding must not push beyond the lowest or highest."""
    means = [cell.mean for cell in cells if cell.mean is not None]
    return min(max(value, min(means)), max(means))


def adjusted(
    cells: Sequence[Cell],
    weights: Kish,
    value: float,
    se: float,
    unseen: float | None,
    scale: tuple[int, int] | None,
    level: float,
    method: str,
    trimmed: int = 0,
) -> Adjusted:
    """The figure with its interval, or withheld when the weights are too unequal.

    Args:
        cells: the cells it rests on.
        weights: what its weights cost.
        value: the figure.
        se: its standard error without finite population correction.
        unseen: part of the variance left after that correction, 0 to 1; None for no correction.
        scale: lowest and highest possible score, or None.
        level: nominal coverage of the interval.
        method: how it was adjusted.
        trimmed: number of respondents whose weight was cut.
    """
    check_share(level, "level")
    n = weights.n
    plain = between(sum((cell.mean or 0.0) * cell.n for cell in cells) / n, cells)
    population = sum(cell.population for cell in cells)
    finite, part = unseen is not None, 1.0 if unseen is None else unseen
    shown = weights.withheld is None
    ends = _interval(value, se, part, weights, scale, level) if shown and scale is not None else None
    return Adjusted(
        value if shown else None,
        se * sqrt(part) if shown else None,
        ends,
        plain,
        n,
        population,
        len(cells),
        weights,
        method,
        finite,
        trimmed,
        sum(cell.unheard for cell in cells),
    )


def _interval(
    value: float, se: float, part: float, weights: Kish, scale: tuple[int, int], level: float
) -> Interval:
    """Wilson interval of the sample size and deviation that would give this standard error.

    The deviation that n_eff answers with equal weights would need is passed on, so that the shrinkage of the
    calibrated interval still guards against answers that all agree. A deviation beyond what the scale allows
    goes into the design effect.
    """
    lower, upper = (float(end) for end in scale)
    if part == 0:
        return Interval(value, value, level, "wilson-calibrated")
    needed, largest = se**2 * weights.n_eff, (value - lower) * (upper - value)
    beyond = max(1.0, needed / largest) if largest > 0 else 1.0
    return wilson_calibrated(
        value,
        sqrt(needed / beyond),
        weights.n,
        lower=lower,
        upper=upper,
        level=level,
        deff=weights.deff * beyond * part,
    )
