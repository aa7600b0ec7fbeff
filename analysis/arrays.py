"""Indices of many cells at once: thousands of units and months in one pass over an array of tallies.

The same figures as ``analysis.index`` and ``analysis.intervals`` give cell by cell. Sums of whole numbers
stay exact, and wherever floating point could round a value to the other side of a half hundredth, the cell is
computed again in fractions: a grade never depends on the way it was computed.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from analysis.checks import check_share
from analysis.errors import Malformed, NotACount, UnknownKey
from analysis.index import GRADE_TABLES, SCALE, ikm, round_half_up
from analysis.tally import Layout, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

BLOCK = 4096
"""Cells at a time: their numbers stay in the processor's cache between the steps."""

_DOUBT = 1e-6
"""Hundredths of an index around a half within which rounding is decided in fractions."""


class Indices(NamedTuple):
    """Indices of an array of cells; every array has the shape of the cells.

    A cell in which nobody answered any element has no figure, which is not a figure of zero: ``n`` 0, grade
    -1, and NaN for what is not whole.

    Attributes:
        ikm: the index, 25 to 100.
        rounded: half up to hundredths, as whole hundredths 2500 to 10000; 0 without a figure.
        grade: position of the grade in the table, 0 for the lowest (D), -1 without a figure.
        low: lower end of its interval.
        high: upper end of its interval.
        se: standard error of the mean of the respondents' scores; NaN below two respondents.
        n: respondents who answered at least one element.
        k: elements that anybody answered.
    """

    ikm: "Floats"
    rounded: "Integers"
    grade: "Integers"
    low: "Floats"
    high: "Floats"
    se: "Floats"
    n: "Integers"
    k: "Integers"


def indices(
    layout: Layout,
    counts: "Integers",
    *,
    table: str = "2017",
    level: float = 0.95,
    population: "Integers | None" = None,
) -> Indices:
    """The index of every cell with its grade and its variance-calibrated Wilson interval, from tallies alone.

    The standard error is that of the mean of the respondents' own scores, as in ``analysis.index.spread``. It
    is the one of the index itself when every respondent answered every element; otherwise see
    ``analysis.missing.linearised``, which needs the raw responses.

    Args:
        layout: which integers a cell holds.
        counts: whole numbers, shape (..., measures of the layout).
        table: a key of ``analysis.index.GRADE_TABLES``.
        level: nominal coverage of the interval.
        population: transactions of each cell, for a finite population correction; None without one. A cell
            with no more transactions than responses is taken as without: answers count in the month they
            were given.

    Raises:
        Malformed: another shape, not whole numbers, elements that are not answered on four steps, or a level
            that is no share.
        NotACount: a negative number, or a population that is not a whole number.
        UnknownKey: there is no such grade table.
    """
    import numpy as np

    _check(layout, counts, table)
    check_share(level, "level")
    cells = counts.reshape(-1, counts.shape[-1])
    served = None if population is None else _populations(population, counts.shape[:-1])
    floats, integers = np.empty((4, len(cells))), np.empty((4, len(cells)), np.int64)
    result = Indices(floats[0], *integers[:2], *floats[1:], *integers[2:])
    for first in range(0, len(cells), BLOCK):
        part = slice(first, first + BLOCK)
        _check_counts(layout, cells[part], first)
        block = _block(
            layout, cells[part], None if served is None else served[part], GRADE_TABLES[table], level
        )
        for whole, piece in zip(result, block, strict=True):
            whole[part] = piece
    return Indices._make(whole.reshape(counts.shape[:-1]) for whole in result)


def _check(layout: Layout, counts: "Integers", table: str) -> None:
    import numpy as np

    if layout.element_scale != SCALE:
        raise Malformed(f"the index is defined on answers 1 to {SCALE}, not 1 to {layout.element_scale}")
    if table not in GRADE_TABLES:
        raise UnknownKey(f"no grade table {table!r} among {', '.join(GRADE_TABLES)}")
    if counts.ndim < 1 or counts.shape[-1] != len(layout.measures):
        raise Malformed(f"cells of shape {counts.shape} for {len(layout.measures)} measures")
    if not np.issubdtype(counts.dtype, np.integer):
        raise Malformed(f"tallies are whole numbers, not {counts.dtype}")


def _populations(population: "Integers", shape: tuple[int, ...]) -> "Integers":
    import numpy as np

    given = np.asarray(population)
    if given.shape != shape:
        raise Malformed(f"populations of shape {given.shape} for cells of shape {shape}")
    if not np.issubdtype(given.dtype, np.integer) or (given.size and given.min() < 0):
        raise NotACount("a population is a whole number of transactions, not negative")
    return given.reshape(-1)


def _check_counts(layout: Layout, cells: "Integers", first: int) -> None:
    """No count may be negative."""
    import numpy as np

    if cells.size and cells.min() < 0:
        row, measure = (int(at) for at in np.argwhere(cells < 0)[0])
        raise NotACount(f"cell {first + row + 1}, {layout.measures[measure]}: {cells[row, measure]}")


def _block(
    layout: Layout,
    cells: "Integers",
    served: "Integers | None",
    grades: "tuple[tuple[str, object], ...]",
    level: float,
) -> Indices:
    import numpy as np

    k = len(layout.elements)
    answers = cells[:, 1 : 1 + SCALE * k].astype(np.float64)
    # One product gives how many answered each element and the sum of their answers; exact below 2**53.
    sums = answers @ _counting(k)
    answered, totals = sums[:, :k], sums[:, k:]
    asked = (answered > 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 25 * np.where(answered > 0, totals / answered, 0.0).sum(axis=1) / asked
    score_n, score_sum, score_sumsq = (
        cells[:, layout.positions[name]] for name in ("score_n", "score_sum", "score_sumsq")
    )
    sd = _deviation(score_n, score_sum, score_sumsq) * 25 / layout.unit
    low, high = _wilson(value, sd, score_n, served, level)
    rounded = _rounded(value, answered, totals, asked)
    cuts = np.array([round(float(str(lowest)) * 100) for _, lowest in grades])
    grade = np.where(asked > 0, np.searchsorted(cuts, rounded, side="right") - 1, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = sd / np.sqrt(score_n)
    return Indices(value, rounded, grade, low, high, se, score_n, asked)


def _counting(k: int) -> "Floats":
    import numpy as np

    return np.hstack([np.kron(np.eye(k), np.ones((SCALE, 1))), np.kron(np.eye(k), np.c_[1 : SCALE + 1])])


def _deviation(n: "Integers", total: "Integers", squares: "Integers") -> "Floats":
    """Standard deviation, from sums around a whole number next to the mean, so that nothing cancels."""
    import numpy as np

    some = np.maximum(n, 1)
    centre = total // some
    off = (total - n * centre).astype(np.float64)
    around = (squares - 2 * centre * total + n * centre * centre).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (around - off * off / some) / (n - 1)
    return np.sqrt(np.where(n > 1, np.maximum(variance, 0.0), np.nan))


def _wilson(
    value: "Floats", sd: "Floats", n: "Integers", served: "Integers | None", level: float
) -> "tuple[Floats, Floats]":
    """As ``analysis.intervals.wilson_calibrated``, for the 25 to 100 scale."""
    import numpy as np
    from scipy.special import stdtrit

    sizes, which = np.unique(n, return_inverse=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        quantile = stdtrit(np.maximum(sizes - 1, 1), (1 + float(level)) / 2)[which]
        p = (value - 25) / 75
        largest = p * (1 - p)
        seen = np.where(largest > 0, np.minimum(1.0, (sd / 75) ** 2 / largest), 1.0)
        phi = ((n - 1) * seen + 1) / n
        rest = 1.0 if served is None else np.where(served > n, 1 - n / np.maximum(served, 1), 1.0)
        square = quantile**2 * phi * rest / n
        centre = (p + square / 2) / (1 + square)
        half = np.sqrt(square * (largest + square / 4)) / (1 + square)
        low = np.where(p <= 0, 25.0, 25 + 75 * np.maximum(0.0, centre - half))
        high = np.where(p >= 1, 100.0, 25 + 75 * np.minimum(1.0, centre + half))
    # One answer says nothing about the spread: its interval is the whole scale.
    low, high = np.where(n == 1, 25.0, low), np.where(n == 1, 100.0, high)
    none = (n == 0) | np.isnan(value)
    low[none], high[none] = np.nan, np.nan
    return low, high


def _rounded(value: "Floats", answered: "Floats", totals: "Floats", asked: "Integers") -> "Integers":
    """Hundredths of the index, half up; in whole numbers where that is exact, in fractions where in doubt."""
    import numpy as np

    most = answered.max(axis=1).astype(np.int64)
    below = np.maximum(2 * asked * most, 1)
    # With as many answers to every element the index is 25 x the sum of all answers over (k x n).
    rounded: Integers = (5000 * totals.sum(axis=1).astype(np.int64) + asked * most) // below
    uneven = np.flatnonzero(((answered > 0) & (answered < most[:, None])).any(axis=1))
    hundredths = value[uneven] * 100
    rounded[uneven] = np.floor(hundredths + 0.5).astype(np.int64)
    doubtful = np.abs(hundredths - np.floor(hundredths) - 0.5) < _DOUBT
    for cell in uneven[doubtful]:
        rounded[cell] = _exactly(answered[cell], totals[cell])
    return rounded


def _exactly(answered: "Floats", totals: "Floats") -> int:
    means = {
        str(element): Fraction(int(total), int(n))
        for element, (total, n) in enumerate(zip(totals, answered, strict=True))
        if n
    }
    return int(round_half_up(ikm(means), 2).scaleb(2))


def stack(tallies: "list[Tally]") -> "Integers":
    """Tallies of one layout as an array, one row each.

    Raises:
        Malformed: no tallies, or tallies of several layouts.
        NotACount: a number does not fit into 64 bits; squares of scores of many elements outgrow them first.
    """
    import numpy as np

    if not tallies or any(tally.layout != tallies[0].layout for tally in tallies):
        raise Malformed("tallies of exactly one layout make an array")
    try:
        return np.array([tally.counts for tally in tallies], np.int64)
    except OverflowError:
        raise NotACount("a number of a tally does not fit into 64 bits: compute its index alone") from None
