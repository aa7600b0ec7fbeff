"""Figures where answers are missing: which responses count, and what the missing ones could have changed.

All of it needs raw responses: a tally no longer knows which answers were missing together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

from analysis.errors import Contradiction, Malformed, NoFigure, UnknownKey, WrongWeights
from analysis.index import SCALE, Index, index
from analysis.matrix import Matrix, tally_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CASES_DIFFER_FROM = 1
"""Points of the index beyond which available and complete cases are said to differ (a judgement of ours)."""

VALID_FROM = Fraction(1, 2)
"""Share of the applicable elements that a valid response answers at least (a judgement of ours)."""


@dataclass(frozen=True)
class Cases:
    """The index with and without the responses that left something out.

    Attributes:
        available: every answer counts; the divisor of an element is the number of its answers. The default.
        complete: only responses that answered every applicable element, or None when there is none.
        n: respondents, whatever they answered.
        valid: those who answered at least ``VALID_FROM`` of the applicable elements.
        complete_n: those who answered every applicable element.
        difference: available less complete, in points of the index; None without complete responses.
        differ: whether the difference is more than ``CASES_DIFFER_FROM`` points either way. False without
            complete responses, where nothing can be compared.
    """

    available: Index
    complete: Index | None
    n: int
    valid: int
    complete_n: int
    difference: Fraction | None
    differ: bool


@dataclass(frozen=True)
class Linearised:
    """The index with its standard error from single responses.

    Attributes:
        ikm: the index, 25 to 100.
        se: its standard error in the same units; None for a single respondent. 0 when all answers to each
            element are equal: such a sample says nothing about its error, see
            ``analysis.intervals.wilson_calibrated``.
        n: respondents with a positive weight who answered at least one element.
        k: elements in the index.
        nrr: (weighted) mean answer of each element, 1 to 4.
        unanswered: applicable elements that nobody answered; they are not in the index.
    """

    ikm: float
    se: float | None
    n: int
    k: int
    nrr: Mapping[str, float]
    unanswered: tuple[str, ...]


def without(matrix: Matrix, not_applicable: Collection[str]) -> Matrix:
    """The matrix without the elements that are configured not to exist for this service.

    The index of the rest weighs each by 1/k with the smaller k, and is not comparable with one of nine.

    Raises:
        UnknownKey: no such column.
        Contradiction: somebody answered an element that is said not to exist.
        Malformed: no column is left.
    """
    import numpy as np

    for key in sorted(not_applicable):
        if key not in matrix.columns:
            raise UnknownKey(f"no element {key!r} among {', '.join(matrix.columns)}")
        answered = ~np.isnan(matrix.values[:, matrix.columns.index(key)])
        if number := int(matrix.counts[answered].sum()):
            raise Contradiction(f"{number} answers to {key}, which is configured as not applicable")
    kept = [at for at, key in enumerate(matrix.columns) if key not in not_applicable]
    return Matrix(
        tuple(matrix.columns[at] for at in kept),
        matrix.values[:, kept],
        matrix.counts,
        tuple(matrix.scales[at] for at in kept),
    )


def valid_rows(matrix: Matrix) -> Matrix:
    """The responses that answered at least ``VALID_FROM`` of the columns.

    Take out what does not apply first (``without``): the half is that of the applicable elements.
    """
    import numpy as np

    answered = (~np.isnan(matrix.values)).sum(axis=1)
    # In whole numbers: half of nine is reached by five, not by a rounded 4.5.
    return matrix.rows(answered * VALID_FROM.denominator >= len(matrix.columns) * VALID_FROM.numerator)


def complete_rows(matrix: Matrix) -> Matrix:
    """The responses that answered every column."""
    import numpy as np

    return matrix.rows(np.logical_not(np.isnan(matrix.values).any(axis=1)))


def compare_cases(
    matrix: Matrix, not_applicable: Collection[str] = frozenset(), *, table: str = "2017"
) -> Cases:
    """The index of available cases beside that of complete cases, exactly.

    They differ when those who skip an element answer the others unlike the rest. Responses below half of the
    elements take part unless ``valid_rows`` took them out before.

    Args:
        matrix: answers on four steps.
        not_applicable: elements configured not to exist for this service.
        table: a key of ``analysis.index.GRADE_TABLES``.

    Raises:
        NoFigure: nobody answered any element.
        Malformed: the answers are not on four steps.
        UnknownKey: no such element or table.
        Contradiction: somebody answered an element that is said not to exist.
    """
    kept = without(matrix, not_applicable)
    whole = complete_rows(kept)
    available = index(tally_of(matrix), table, not_applicable=not_applicable)
    if available is None:
        raise NoFigure("nobody answered any element")
    complete = index(tally_of(whole), table)
    difference = None if complete is None else available.ikm - complete.ikm
    return Cases(
        available=available,
        complete=complete,
        n=kept.n,
        valid=valid_rows(kept).n,
        complete_n=whole.n,
        difference=difference,
        differ=difference is not None and abs(difference) > CASES_DIFFER_FROM,
    )


def linearised(matrix: Matrix, weights: "Floats | None" = None) -> Linearised:
    """The index and its standard error by Taylor linearisation of a mean of ratios (S1).

    Each element mean is a ratio, the sum of its answers over their number. With r_ij = 1 where respondent i
    answered element j and weight a_i, z_i = (25/k) x sum_j a_i r_ij (x_ij - NRR_j) / sum_i a_i r_ij, and
    SE^2 = n/(n - 1) x sum_i (z_i - mean z)^2: the with-replacement variance estimator of Woodruff (1971, JASA
    66:411-414), without a finite population correction (``analysis.intervals.finite``). With complete answers
    and equal weights it is exactly the standard deviation of the respondents' mean scores over the root of
    n. Weights are taken as given: it does not know that they were calibrated. A person with several responses
    counts as several persons here.

    Args:
        matrix: answers on four steps.
        weights: one for each row of the matrix, shape (rows,), the same for all who gave the row; None for
            equal ones. Only their proportions matter, and a weight of 0 is the same as no response.

    Raises:
        NoFigure: nobody (with a positive weight) answered any element.
        WrongWeights: negative, not finite, of another shape, or all zero.
        Malformed: the answers are not on four steps.
    """
    import numpy as np

    if matrix.scale != SCALE:
        raise Malformed(f"the index is defined on answers 1 to {SCALE}, not 1 to {matrix.scale}")
    each = _weights(matrix, weights)
    answered = ~np.isnan(matrix.values)
    counts = np.where((each > 0) & answered.any(axis=1), matrix.counts, 0)
    divisors = (counts * each) @ answered
    kept = divisors > 0
    if not kept.any():
        raise NoFigure("nobody answered any element")
    # Counted down from the best answer anybody gave to an element: where all answers are equal every sum is
    # exactly zero, and no trace of rounding passes for a standard error.
    heard = answered[:, kept] & (counts > 0)[:, None]
    best = np.where(heard, matrix.values[:, kept], 0.0).max(axis=0)
    short = np.where(heard, best - matrix.values[:, kept], 0.0)
    mean_short = (counts * each) @ short / divisors[kept]
    off = np.where(heard, mean_short - short, 0.0)
    n, k = int(counts.sum()), int(kept.sum())
    shares = (25 / k) * each * (off @ (1 / divisors[kept]))
    middle = float(counts @ shares) / n
    variance = float(counts @ (shares - middle) ** 2) * n / (n - 1) if n > 1 else None
    names = [key for key, there in zip(matrix.columns, kept, strict=True) if there]
    # Only what floating point takes from a mean of nearly nothing but ones.
    means = np.clip(best - mean_short, 1, SCALE)
    return Linearised(
        ikm=25 * float(means.mean()),
        se=None if variance is None else sqrt(variance),
        n=n,
        k=k,
        nrr=dict(zip(names, means.tolist(), strict=True)),
        unanswered=tuple(key for key in matrix.columns if key not in names),
    )


def _weights(matrix: Matrix, weights: "Floats | None") -> "Floats":
    import numpy as np

    if weights is None:
        return np.ones(len(matrix.counts))
    each = np.asarray(weights)
    if each.shape != matrix.counts.shape or each.dtype.kind not in "iuf":
        raise WrongWeights(f"weights of shape {each.shape} for {len(matrix.counts)} rows")
    if not np.isfinite(each).all() or (each.size and each.min() < 0):
        raise WrongWeights("a weight is negative or not finite")
    if not each.any():
        raise WrongWeights("all weights are zero")
    # Scaled to at most one, so that no size of the weights can overflow or vanish.
    scaled: Floats = each / each.max()
    return scaled
