"""Do items measure one thing? Alpha, and correlations where not every item was asked of everybody."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from analysis.checks import check_share
from analysis.errors import Malformed, NoFigure, NoVariation, TooFew
from analysis.intervals import Interval
from analysis.matrix import raw
from analysis.tally import Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha with what it rests on.

    Attributes:
        alpha: at most 1; below 0 when the items rather contradict each other.
        interval: Feldt's interval.
        n: respondents who answered every item, the only ones it rests on.
        k: number of items.
        left_out: respondents who did not answer every item.
    """

    alpha: float
    interval: Interval
    n: int
    k: int
    left_out: int


def cronbach_alpha(values: "Floats", counts: "Integers | None" = None, *, level: float = 0.95) -> Alpha:
    """Cronbach's alpha of the complete rows: k/(k - 1) x (1 - sum of item variances / variance of the sums).

    Cronbach (1951, Psychometrika 16:297-334), with the interval of Feldt (1965, Psychometrika 30:357-370):
    1 - (1 - alpha) F, F of n - 1 and (n - 1)(k - 1) degrees of freedom. An alpha above 0.95 with many rows of
    nothing but the best answer is a warning and no virtue. Needs raw responses, or a tally in which nobody
    left anything out (``alpha_of_tally``).

    Args:
        values: answers, shape (rows, items), NaN for none. All items point the same way.
        counts: how many respondents gave each row, shape (rows,); None for one each.
        level: nominal coverage of the interval.

    Raises:
        TooFew: fewer than two items or fewer than two complete rows.
        NoVariation: all complete rows have the same sum.
        Malformed, NotACount: arrays that cannot be used (see ``analysis.matrix.raw``), or a level.
    """
    import numpy as np

    table, many = raw(values, counts)
    complete = ~np.isnan(table).any(axis=1) & (many > 0)
    people = int(many.sum())
    table, many = table[complete], many[complete]
    n, k = int(many.sum()), table.shape[1]
    _check_size(n, k)
    off = table - many @ table / n
    items = float((many @ off**2).sum())
    sums = off.sum(axis=1)
    whole = float(many @ sums**2)
    # Deviations from a rounded mean leave a trace of about their own rounding, not a variance.
    if whole <= 1e-20 * max(1.0, float((table**2).max())) * n:
        raise NoVariation("all complete rows have the same sum: alpha is not defined")
    return _alpha(items / whole, n, k, people - n, level)


def alpha_of_tally(tally: Tally, *, level: float = 0.95) -> Alpha:
    """Cronbach's alpha of the elements from a tally, exactly, when every response answered every element.

    The sum of a complete response is k x its mean, so the variances of the tally are the ones needed. With a
    single answer missing the complete rows can no longer be told apart.

    Raises:
        NoFigure: there are no responses.
        Malformed: an answer is missing: use ``cronbach_alpha``.
        TooFew: fewer than two elements or responses.
        NoVariation: all responses have the same mean.
    """
    n, k = tally.n, len(tally.layout.elements)
    if n == 0:
        raise NoFigure("there are no responses")
    if any(tally.answered(key) != n for key in tally.layout.elements):
        raise Malformed("a tally with answers missing does not give alpha: it needs raw responses")
    _check_size(n, k)
    items = Fraction(0)
    for key in tally.layout.elements:
        squares = sum(value**2 * count for value, count in enumerate(tally.answers(key), start=1))
        items += squares - Fraction(tally.total(key) ** 2, n)
    around = tally.count("score_sumsq") - Fraction(tally.count("score_sum") ** 2, n)
    whole = around * Fraction(k, tally.layout.unit) ** 2
    if whole == 0:
        raise NoVariation("all responses have the same mean: alpha is not defined")
    return _alpha(float(items / whole), n, k, 0, level)


def pairwise_n(values: "Floats", counts: "Integers | None" = None) -> "Integers":
    """How many respondents answered both of two items, shape (items, items).

    Raises:
        Malformed, NotACount: arrays that cannot be used, see ``analysis.matrix.raw``.
    """
    table, many = raw(values, counts)
    return _together(table, many)


def pairwise_covariance(values: "Floats", counts: "Integers | None" = None) -> "Floats":
    """Covariances of items, each over the respondents who answered both, shape (items, items).

    For planned missingness, where every respondent is asked a random part of the items and hardly anybody
    answers all: since chance and not the respondent decided what was asked, each pair is estimated without
    bias (Little & Rubin 2019, Statistical Analysis with Missing Data, section 3.4). Pairs rest on different
    people, so the whole need not be positive definite; check that before inverting it.

    Args:
        values: answers, shape (rows, items), NaN for none.
        counts: how many respondents gave each row, shape (rows,); None for one each.

    Raises:
        TooFew: a pair (or a single item) was answered by fewer than two.
        Malformed, NotACount: arrays that cannot be used, see ``analysis.matrix.raw``.
    """
    table, many = raw(values, counts)
    together = _check_pairs(table, many, 2)
    covariance: Floats = _products(table, many, together)[0] / (together - 1)
    return covariance


def pairwise_correlation(values: "Floats", counts: "Integers | None" = None) -> "Floats":
    """Pearson correlations of items over the respondents who answered both, shape (items, items).

    The deviations too are those of the same respondents, so each value is a correlation between -1 and 1; the
    whole need not be positive definite. Arguments and use as ``pairwise_covariance``.

    Raises:
        TooFew: a pair was answered by fewer than three, whose correlation is 1 or -1 whatever they say.
        NoVariation: those who answered a pair gave one of its items the same answer throughout.
        Malformed, NotACount: arrays that cannot be used, see ``analysis.matrix.raw``.
    """
    import numpy as np

    table, many = raw(values, counts)
    together = _check_pairs(table, many, 3)
    products, squares = _products(table, many, together)
    flat = squares == 0
    if flat.any():
        item, other = (int(place) + 1 for place in np.argwhere(flat)[0])
        raise NoVariation(f"all who answered items {item} and {other} gave item {item} the same answer")
    found = np.clip(products / np.sqrt(squares * squares.T), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _check_size(n: int, k: int) -> None:
    if k < 2:
        raise TooFew("alpha (items)", k, 2)
    if n < 2:
        raise TooFew("alpha (respondents who answered every item)", n, 2)


def _alpha(share: float, n: int, k: int, left_out: int, level: float) -> Alpha:
    from scipy.special import fdtri

    check_share(level, "level")
    alpha = k / (k - 1) * (1 - share)
    df = (n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(fdtri(*df, (1 + sign * float(level)) / 2)) for sign in (1, -1))
    return Alpha(alpha, Interval(low, high, level, "feldt"), n, k, left_out)


def _together(table: "Floats", many: "Integers") -> "Integers":
    import numpy as np

    answered = (~np.isnan(table)).astype(np.int64)
    both: Integers = (answered * many[:, None]).T @ answered
    return both


def _check_pairs(table: "Floats", many: "Integers", needed: int) -> "Integers":
    import numpy as np

    together = _together(table, many)
    if (together < needed).any():
        item, other = (int(place) for place in np.argwhere(together < needed)[0])
        raise TooFew(f"the pair of items {item + 1} and {other + 1}", int(together[item, other]), needed)
    return together


def _products(table: "Floats", many: "Integers", together: "Integers") -> "tuple[Floats, Floats]":
    """Sums of products and of squares of the deviations from the means of those who answered both.

    At (i, j) of the squares stands item i, among those who answered i and j.
    """
    import numpy as np

    answered = (~np.isnan(table)).astype(np.float64)
    # Moved near zero first, so that the sums below do not cancel.
    off = np.where(answered > 0, table - np.nanmean(table, axis=0), 0.0)
    weighted = off * many[:, None]
    sums = weighted.T @ answered
    products = weighted.T @ off - sums * sums.T / together
    products = (products + products.T) / 2  # rounding alone tells them apart
    around = (weighted * off).T @ answered
    squares = around - sums**2 / together
    # What equal answers leave of it is rounding; real answers are never that close.
    return products, np.where(squares <= 1e-12 * around, 0.0, squares)
