"""Relative importance of predictors: an outcome's explained variation shared out among them.

The share of a predictor is what it adds to R², averaged over all orders in which the predictors can enter a
linear regression (LMG: Lindeman, Merenda & Gold 1980; the Shapley value of R²; Grömping 2006, Journal of
Statistical Software 17(1)). The shares sum to R². They describe association, not effect: raising an element
need not raise the outcome.

Raw responses are needed, or the covariances made from them: tallies do not say what was answered together.
"""

from math import comb
from typing import TYPE_CHECKING, NamedTuple

from analysis.errors import Contradiction, Malformed, NoVariation, TooFew
from analysis.matrix import raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST_PREDICTORS = 12
"""All subsets are fitted, 4096 for twelve predictors."""

COLLINEAR_BELOW = 1e-8
"""Share of a predictor's variance left by the others below which it follows from them, to rounding."""


class Importance(NamedTuple):
    """What predictors account for, shared out among them.

    Attributes:
        shares: of the outcome's variance, one per predictor in their order; they sum to ``r2``.
        r2: share of the outcome's variance that all predictors together account for, 0 to 1.
    """

    shares: tuple[float, ...]
    r2: float


def lmg(values: "ArrayLike", outcome: "ArrayLike", counts: "ArrayLike | None" = None) -> Importance:
    """Relative importance of predictors for an outcome, from raw responses.

    Only rows that hold all predictors and the outcome take part.

    Args:
        values: predictors, shape (rows, k), NaN for not answered.
        outcome: shape (rows,), NaN for not answered.
        counts: how many respondents gave each row, shape (rows,); None when every row is one respondent.

    Raises:
        Malformed: shapes that do not fit, something that is not a number, or more than ``MOST_PREDICTORS``.
        NotACount: a count that is negative or not whole.
        TooFew: so few complete rows that any predictors would explain everything.
        NoVariation: the outcome or a predictor is constant, or a predictor follows from the others.
    """
    import numpy as np

    table, target = np.asarray(values), np.asarray(outcome)
    if table.ndim != 2 or target.shape != table.shape[:1]:
        raise Malformed(f"an outcome of shape {target.shape} for predictors of shape {table.shape}")
    if table.dtype.kind not in "iuf" or target.dtype.kind not in "iuf":
        raise Malformed(f"answers are numbers, not {table.dtype} and {target.dtype}")
    check_predictors(table.shape[1])
    both, many = raw(np.column_stack([table, target]), None if counts is None else np.asarray(counts))
    rows, many = complete_rows(both, many)
    if (n := int(many.sum())) < table.shape[1] + 2:
        raise TooFew("relative importance, in complete responses,", n, table.shape[1] + 2)
    return lmg_from_covariance(covariance_of(rows, many))


def lmg_from_covariance(covariance: "ArrayLike") -> Importance:
    """Relative importance from a covariance or correlation matrix.

    The way for items of which each respondent is asked a random part: no row is complete, but every pair of
    items was answered by some, and pairwise covariances estimate those of complete responses as long as what
    was asked did not depend on the answers. Such a matrix is put together from different respondents, and in
    small samples it may be one that no table could have; it is then refused, not repaired.

    Args:
        covariance: shape (k + 1, k + 1), symmetric; the outcome stands last.

    Raises:
        Malformed: another shape, not symmetric, not finite, or more than ``MOST_PREDICTORS`` predictors.
        NoVariation: a variance is zero, or a predictor follows from the others.
        Contradiction: no table has these covariances (the matrix has a negative eigenvalue).
    """
    import numpy as np

    matrix = np.asarray(covariance, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise Malformed(f"covariances of predictors and an outcome are a square, not of shape {matrix.shape}")
    check_predictors(len(matrix) - 1)
    if not np.isfinite(matrix).all():
        raise Malformed("a covariance is not finite: some pair of items was hardly answered together")
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if (np.abs(matrix - matrix.T) > 1e-9 * np.outer(scale, scale)).any():
        raise Malformed("covariances are symmetric, these are not")
    if (np.diag(matrix) < 0).any():
        raise Contradiction(f"a variance is negative: item {int(np.diag(matrix).argmin()) + 1}")
    if (scale == 0).any():
        raise NoVariation(f"item {int(scale.argmin()) + 1} of {len(scale)} (outcome last) does not vary")
    correlation = matrix / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(correlation)[0]) < -COLLINEAR_BELOW:
        raise Contradiction("no table of answers has these covariances: the matrix has a negative eigenvalue")
    shares, r2, least = shapley(correlation[None])
    if least[0] < COLLINEAR_BELOW:
        raise NoVariation("a predictor follows from the others: nothing in it is left to account for")
    return Importance(tuple(float(share) for share in shares[0]), float(r2[0]))


def shapley(correlations: "Floats") -> "tuple[Floats, Floats, Floats]":
    """LMG shares (b, k), R² (b,) and the least variance left in a predictor (b,) of b correlation matrices.

    A matrix whose least variance is below ``COLLINEAR_BELOW`` has no shares; what stands there means nothing.

    The variables are taken in turn; each set of predictors splits in two, one that leaves the next predictor
    out and one that takes it in and keeps what it leaves unexplained of the later variables (their Schur
    complement). After k steps the outcome alone is left, 2^k times, and what is left of its variance is
    1 - R² of that set. All sets of all matrices take each step together.
    """
    import numpy as np

    k = correlations.shape[-1] - 1
    left, least = correlations[None], np.full(len(correlations), np.inf)
    for _ in range(k):
        pivot, column, rest = left[..., 0, 0], left[..., 1:, 0], left[..., 1:, 1:]
        least = np.minimum(least, pivot.min(axis=0))
        safe = np.maximum(pivot, COLLINEAR_BELOW)[..., None, None]
        left = np.concatenate([rest, rest - column[..., :, None] * column[..., None, :] / safe])
    # Bit j of a set's number says whether it holds predictor j.
    r2 = 1 - left[..., 0, 0]
    others = np.array([one.bit_count() for one in range(2 ** (k - 1))])
    weights = np.array([1 / (k * comb(k - 1, size)) for size in range(k)])[others]
    shares = np.empty((len(correlations), k))
    for at in range(k):
        sets = r2.reshape(2 ** (k - 1 - at), 2, 2**at, -1)
        shares[:, at] = weights @ (sets[:, 1] - sets[:, 0]).reshape(2 ** (k - 1), -1)
    return shares, r2[-1], least


def check_predictors(predictors: int) -> None:
    """Refuse a number of predictors of which not all subsets can be fitted.

    Raises:
        Malformed: none, or more than ``MOST_PREDICTORS``.
    """
    if not 1 <= predictors <= MOST_PREDICTORS:
        raise Malformed(
            f"importance of {predictors} predictors: all {2**predictors} models are fitted, "
            f"for 1 to {MOST_PREDICTORS} predictors"
        )


def complete_rows(values: "Floats", counts: "Integers") -> "tuple[Floats, Integers]":
    """Rows without a missing answer that somebody gave, with their counts."""
    import numpy as np

    chosen = ~np.isnan(values).any(axis=1) & (counts > 0)
    return values[chosen], counts[chosen]


def covariance_of(rows: "Floats", counts: "Integers") -> "Floats":
    """Covariances of complete rows; the variance of a constant column is exactly zero."""
    import numpy as np

    # From the first row, not from zero: equal values leave no residue of rounding.
    shifted = rows - rows[0]
    centred = shifted - np.average(shifted, axis=0, weights=counts)
    result: Floats = centred.T @ (centred * counts[:, None]) / (counts.sum() - 1)
    return result
