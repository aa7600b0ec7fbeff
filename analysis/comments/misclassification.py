"""Shares of what was written, estimated from the labels given and from how often these are wrong.

Whoever judges comments takes some favourable ones for unfavourable and the other way round. The shares of
the labels given are then not the shares of what was written, however many comments there are. From comments
whose true label is known (``analysis.comments.confusion``) the latter can be estimated.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_seed, check_share
from analysis.comments.confusion import Confusion, check_draws, drawn_rates, drawn_shares, position
from analysis.comments.tally import LABELS, CommentTally
from analysis.intervals import Interval

if TYPE_CHECKING:
    import numpy as np

    from analysis.columns import Floats

FEWEST_COMMENTS = 30
"""Shares of fewer comments are not corrected, as they are not shown (``analysis.comments.trend``)."""

FEWEST_JUDGED = 20
"""So many comments of each true label must have been judged before a correction. Our judgement."""

WORST_CONDITION = 10.0
"""A matrix with a larger condition number (largest singular value over smallest) is not inverted: it would
magnify a sampling error up to so many times. Our judgement."""

WIDEST = 0.5
"""Of a share whose interval is longer nothing is said: it would be half of all there is. Our judgement."""

DRAWS = 4000
"""Random draws behind an interval."""

TOO_FEW_COMMENTS = "too few comments"
TOO_FEW_JUDGED = "too few judged comments"
ILL_CONDITIONED = "labels too alike"
DOES_NOT_FIT = "error rate does not fit"
TOO_WIDE = "interval too wide"

_ROUNDING = 1e-12


@dataclass(frozen=True)
class CorrectedShare:
    """The share of a label before and after the correction, 0 to 1.

    Attributes:
        label: one of ``LABELS``.
        given: share of the comments that were given the label.
        value: estimated share of the comments that deserve it.
        interval: interval of ``value``.
    """

    label: str
    given: float
    value: float
    interval: Interval


@dataclass(frozen=True)
class CorrectedNet:
    """Favourable minus unfavourable comments after the correction, in points from -100 to 100."""

    given: float
    value: float
    interval: Interval


@dataclass(frozen=True)
class Corrected:
    """Shares of what was written, estimated from the labels given.

    Attributes:
        shares: one for each of ``LABELS``, in that order; their values sum to one.
        net: the difference of the last and the first, in points.
        n: number of comments.
        judged: number of comments of known label behind the correction.
        moved: whether the estimate fell outside of what shares can be and was moved to the nearest that can.
        condition: condition number of the matrix, 1 or more: how much it magnifies a sampling error at most.
    """

    shares: tuple[CorrectedShare, ...]
    net: CorrectedNet
    n: int
    judged: int
    moved: bool
    condition: float

    def share(self, label: str) -> CorrectedShare:
        """The share of one label.

        Raises:
            UnknownKey: there is no such label.
        """
        return self.shares[position(label)]


@dataclass(frozen=True)
class NotCorrected:
    """Why shares are not corrected.

    Attributes:
        reason: ``TOO_FEW_COMMENTS``, ``TOO_FEW_JUDGED`` (of a true label), ``ILL_CONDITIONED`` (the matrix
            hardly tells one label from another), ``DOES_NOT_FIT`` (no comments could be given such labels at
            these rates of error, which must have been measured on comments of another kind) or ``TOO_WIDE``.
        n: number of comments.
        found: the number or figure that stands against it.
        limit: what it would have to reach, or not to exceed.
    """

    reason: str
    n: int
    found: float
    limit: float


def correct(
    tally: CommentTally,
    confusion: Confusion,
    *,
    seed: "int | np.random.Generator",
    level: float = 0.95,
    draws: int = DRAWS,
) -> Corrected | NotCorrected:
    """The shares of what was written, from the labels given and how often which label is mistaken for which.

    With P the row-wise shares of the confusion matrix, row t being the labels given to comments of label t,
    the labels given have shares q = P'π where π are the shares wanted, so that π = (P')⁻¹ q: of two labels
    the estimator of Rogan & Gladen (1978, Am. J. Epidemiol. 107:71-76), of more the matrix method (Kuha &
    Skinner 1997, in Survey Measurement and Process Quality, Wiley; Buonaccorsi 2010, Measurement Error,
    Chapman & Hall). The inverse can leave the shares that exist; the nearest point of these (Euclidean, on
    the simplex) is taken then, and said.

    The interval takes in both that other citizens could have written and that other comments could have been
    judged: the rows of the matrix and the shares of the labels are drawn from their Dirichlet distributions
    given the counts (1/2 added to each, Jeffreys), the inverse is taken of each draw, and the interval lies
    between the quantiles of what results, cut at 0 and 1 and reaching to the estimate at least. Of 400
    comments and 500 judged ones, simulated coverage of nominal 95 % is 94.5-96 % where Wilson's interval of
    the uncorrected shares has 0-93 %. Where most sets of a kind are refused as ``TOO_WIDE``, the few that are
    not contain the truth less often (down to 85 %): they are those that look more certain by chance.

    It assumes that a comment of a label is misjudged as often here as where the matrix was counted, whoever
    wrote it and about what; the matrix of another service, another language or of whole comments (where
    clauses about a theme are counted) corrects wrongly.

    Args:
        tally: the labels given.
        confusion: the judgements of comments of known label, none of which the judge was trained on. Where
            the ratings of their writers stand for the labels, it is shares of ratings that come out.
        seed: a number or a generator; the same number gives the same interval.
        level: nominal coverage of each interval.
        draws: number of random draws, at least 100.

    Raises:
        NotACount, Contradiction: the tally counts no comments (``CommentTally.check``), or the draws are no
            number.
        TooFew: fewer than 100 draws.
        Malformed: the level is not between 0 and 1, or the seed is none.
    """
    import numpy as np

    tally.check()
    check_share(level, "level")
    check_draws(draws)
    generator = check_seed(seed)
    few = min(map(sum, confusion.counts))
    if tally.n < FEWEST_COMMENTS:
        return NotCorrected(TOO_FEW_COMMENTS, tally.n, tally.n, FEWEST_COMMENTS)
    if few < FEWEST_JUDGED:
        return NotCorrected(TOO_FEW_JUDGED, tally.n, few, FEWEST_JUDGED)
    table = np.array(confusion.counts, float)
    rates = table / table.sum(axis=1, keepdims=True)
    condition = float(np.linalg.cond(rates))
    if not condition <= WORST_CONDITION:
        return NotCorrected(ILL_CONDITIONED, tally.n, condition, WORST_CONDITION)
    given = np.array(tally.labels) / tally.n
    solved = _solved(rates, given)
    spread = _solved(drawn_rates(confusion, generator, draws), drawn_shares(tally.labels, generator, draws))
    return _described(tally, confusion, given, solved, spread, level, condition)


def nearest_shares(point: "Floats") -> "Floats":
    """The point itself when its coordinates are shares of a whole, the nearest such point otherwise.

    Euclidean projection on the simplex: the same amount is taken from all coordinates, and what falls below
    zero is zero (Held, Wolfe & Crowder 1974, Mathematical Programming 6:62-88).
    """
    import numpy as np

    descending = np.sort(point)[::-1]
    # What must be taken from the largest one, two, three... so that these alone sum to one.
    taken = (np.cumsum(descending) - 1) / np.arange(1, point.size + 1)
    kept = int(np.nonzero(descending > taken)[0][-1])
    nearest: Floats = np.maximum(point - taken[kept], 0.0)
    return nearest


def _solved(rates: "Floats", given: "Floats") -> "Floats":
    """Shares that give the labels ``given`` at such rates; both may be stacks of draws."""
    import numpy as np

    solved = np.linalg.solve(np.swapaxes(rates, -1, -2), given[..., None])
    return np.asarray(solved[..., 0], np.float64)


def _described(
    tally: CommentTally,
    confusion: Confusion,
    given: "Floats",
    solved: "Floats",
    spread: "Floats",
    level: float,
    condition: float,
) -> Corrected | NotCorrected:
    import numpy as np

    tails = ((1 - level) / 2, (1 + level) / 2)
    lows, highs = np.quantile(spread, tails, axis=0)
    if (off := max(-float(highs.min()), float(lows.max()) - 1)) > 0:
        return NotCorrected(DOES_NOT_FIT, tally.n, off, 0.0)
    value = nearest_shares(solved)
    shares = tuple(
        CorrectedShare(label, float(before), float(after), _around(after, low, high, (0, 1), level))
        for label, before, after, low, high in zip(LABELS, given, value, lows, highs, strict=True)
    )
    widest = max(one.interval.high - one.interval.low for one in shares)
    if widest > WIDEST:
        return NotCorrected(TOO_WIDE, tally.n, widest, WIDEST)
    low, high = np.quantile(100 * (spread[:, -1] - spread[:, 0]), tails)
    after = float(100 * (value[-1] - value[0]))
    net = CorrectedNet(
        float(100 * (given[-1] - given[0])), after, _around(after, low, high, (-100, 100), level)
    )
    moved = bool(np.abs(value - solved).max() > _ROUNDING)
    return Corrected(shares, net, tally.n, confusion.n, moved, condition)


def _around(value: float, low: float, high: float, ends: tuple[float, float], level: float) -> Interval:
    """The quantiles, cut at the ends of the scale, and reaching to the value at least."""
    lowest, highest = ends
    return Interval(
        float(min(value, max(lowest, low))), float(max(value, min(highest, high))), level, "confusion-matrix"
    )
