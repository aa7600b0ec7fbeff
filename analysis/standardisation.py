"""What a unit's figure would be if all units had the same mix of services, channels and outcomes.

An office that issues building permits and one that stamps copies do not differ by their mix only, but they
differ by it first. Cells are the combinations of service, channel and outcome; a family of like units is
standardised together and by one method, since directly and indirectly adjusted values cannot be compared.

Tallies per unit and cell suffice (count, sum and sum of squares of the respondents' mean scores).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.columns import finite, same_length, whole
from analysis.errors import Contradiction, Malformed, NoFigure, TooFew, WrongWeights

if TYPE_CHECKING:
    from analysis.columns import Floats, Integers, Numbers

FEWEST_IN_CELL = 10
"""Answers needed in every cell of every unit for direct standardisation. Our judgement."""


@dataclass(frozen=True, eq=False)
class Standardised:
    """Figures adjusted to a common mix. Arrays of shape (units,).

    Attributes:
        values: adjusted figures, in the units of the means given.
        se: their standard errors, without finite population correction.
        method: ``direct`` or ``indirect``.
        target: mean of the family over the common mix, towards which nothing is drawn.
        thin: (unit, cell) positions, from 0, of the cells with too few answers for the direct method.
    """

    values: "Floats"
    se: "Floats"
    method: str
    target: float
    thin: tuple[tuple[int, int], ...]


def standardise(
    means: "Numbers", sd: "Numbers", n: "Numbers", *, shares: "Numbers | None" = None
) -> Standardised:
    """Figures adjusted for mix: directly when every cell allows it, else all of them indirectly.

    Args:
        means: mean of each unit's answers in each cell, shape (units, cells); NaN where there are none.
        sd: standard deviations (n - 1) likewise; NaN where there are fewer than two answers.
        n: numbers of answers likewise, whole.
        shares: the common mix, shape (cells,), summing to 1, such as the family's transactions per cell; by
            default the family's answers per cell. Cells of share 0 count for nothing in the direct method.

    Raises:
        TooFew: one unit; or, for the indirect method, a cell with one answer in the whole family: join it.
        NoFigure: a unit without an answer.
        Contradiction: the tables differ in shape, or a mean or sd is missing where there are answers.
        WrongWeights: the shares are negative or do not sum to 1.
        NotACount, Malformed: not the tables described.
    """
    import numpy as np

    averages, spreads, counts = _tables(means, sd, n)
    mix = counts.sum(axis=0) / counts.sum() if shares is None else _mix(shares, counts.shape[1])
    thin = tuple((int(i), int(c)) for i, c in np.argwhere((counts < FEWEST_IN_CELL) & (mix > 0)))
    family = _family_means(averages, counts)
    if thin:
        return _indirect(averages, spreads, counts, family, thin)
    used = mix > 0
    values = averages[:, used] @ mix[used]
    variance = (spreads[:, used] ** 2 / counts[:, used]) @ mix[used] ** 2
    return Standardised(values, np.sqrt(variance), "direct", float(family[used] @ mix[used]), ())


def _indirect(
    averages: "Floats",
    spreads: "Floats",
    counts: "Integers",
    family: "Floats",
    thin: tuple[tuple[int, int], ...],
) -> Standardised:
    """target + mean of the unit - what the family's cell means would give with the unit's mix.

    The family's cell means count as known, and each cell's variance is the family's pooled one: a unit's own
    few answers in a cell are too few for either.
    """
    import numpy as np

    answers = counts.sum(axis=1)
    raw = np.where(counts > 0, averages * counts, 0.0).sum(axis=1) / answers
    target = float(family @ counts.sum(axis=0) / counts.sum())
    freedom = np.maximum(counts - 1, 0)
    for cell in np.flatnonzero((counts.sum(axis=0) > 0) & (freedom.sum(axis=0) == 0)):
        # Many units with one answer each still hold no variance within a unit.
        raise TooFew(f"cell {cell + 1}, in some unit of the family,", 1, 2)
    squares = np.where(freedom > 0, spreads**2 * freedom, 0.0).sum(axis=0)
    pooled = squares / np.maximum(freedom.sum(axis=0), 1)
    return Standardised(
        values=target + raw - counts @ family / answers,
        se=np.sqrt(counts @ pooled) / answers,
        method="indirect",
        target=target,
        thin=thin,
    )


def _family_means(averages: "Floats", counts: "Integers") -> "Floats":
    import numpy as np

    totals = np.where(counts > 0, averages * counts, 0.0).sum(axis=0)
    means: Floats = totals / np.maximum(counts.sum(axis=0), 1)
    return means


def _tables(means: "Numbers", sd: "Numbers", n: "Numbers") -> "tuple[Floats, Floats, Integers]":
    import numpy as np

    counts = whole(n, "n", needed=2, dimensions=2)
    averages = finite(means, "means", dimensions=2, missing=True)
    spreads = finite(sd, "sd", dimensions=2, missing=True)
    for table, what in ((averages, "means"), (spreads, "sd")):
        if table.shape != counts.shape:
            raise Contradiction(f"{what} has shape {table.shape} where n has {counts.shape}")
    empty = counts.sum(axis=1) == 0
    if empty.any():
        raise NoFigure(f"unit {empty.argmax() + 1} has no answer")
    for absent, what in (
        (np.isnan(averages) & (counts > 0), "a mean"),
        (np.isnan(spreads) & (counts > 1), "a standard deviation"),
    ):
        if absent.any():
            unit, cell = np.argwhere(absent)[0]
            raise Contradiction(f"unit {unit + 1}, cell {cell + 1}: answers without {what}")
    if (spreads < 0).any():
        raise Malformed("sd: a standard deviation is negative")
    return averages, spreads, counts


def _mix(shares: "Numbers", cells: int) -> "Floats":
    mix = finite(shares, "shares")
    same_length(mix.size, cells, "shares")
    if (mix < 0).any() or abs(mix.sum() - 1) > 1e-9:
        raise WrongWeights(f"shares must not be negative and sum to 1, not {mix.sum():.12g}")
    shared: Floats = mix / mix.sum()
    return shared
