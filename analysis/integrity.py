"""Signals that the answers, or the choice of who was asked, may not be what they seem.

A signal never deletes a response: the official figure keeps every valid one, and each signal stands beside it
with its rate, the family's rate and its harmless explanations. There is no score of fraud. Rates of units are
compared with their family by ``analysis.funnels.funnel_of_shares``. Patterns of answers are in
``analysis.patterns``.

Tallies suffice: counts of transactions, invitations and answers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_share
from analysis.columns import finite, positive, same_length, whole
from analysis.comparison import bonferroni
from analysis.errors import Contradiction, Malformed, NoFigure, NoVariation
from analysis.intervals import Interval

if TYPE_CHECKING:
    from analysis.columns import Floats, Integers, Numbers

FEWEST_EXPECTED = 5.0
"""Expected number in every cell for the chi-square distribution to hold (Cochran's rule)."""

DURATION_DIFFERENCE = 0.1
"""Standardised difference of mean durations above which invited and uninvited transactions differ (the rule
of Austin 2009, Statistics in Medicine 28:3083-3107, for the balance of groups; from memory)."""


@dataclass(frozen=True)
class Invitations:
    """Whether the share invited depends on a trait of the transaction.

    Attributes:
        rates: share invited of each group, 0 to 1.
        chi2: Pearson's chi-square without continuity correction; None when all or none were invited.
        df: its degrees of freedom, groups - 1.
        p: its p-value, None when withheld.
        cramers_v: strength of the dependence, 0 to 1; None with chi2.
        difference: share of the first group minus that of the second; None unless there are two groups.
        interval: its interval by Newcombe's hybrid score method.
        smallest_expected: smallest expected number in a cell.
        withheld: why there is no p-value: ``everyone invited``, ``nobody invited`` or ``too few expected``.
    """

    rates: tuple[float, ...]
    chi2: float | None
    df: int
    p: float | None
    cramers_v: float | None
    difference: float | None
    interval: Interval | None
    smallest_expected: float
    withheld: str | None


@dataclass(frozen=True, eq=False)
class Bursts:
    """Numbers of answers against what a window should bring. Arrays of shape (windows,).

    Attributes:
        p: probability of at least so many by chance.
        adjusted: the same times the number of windows watched, at most 1.
    """

    p: "Floats"
    adjusted: "Floats"


def compare_invitations(table: "Numbers", *, level: float = 0.95) -> Invitations:
    """Test whether groups of transactions (approved or rejected, by officer, by hour) were invited alike.

    Args:
        table: whole numbers of shape (groups, 2): invited and not invited; at least two groups. The same
            serves for links delivered and opened.
        level: of the interval of the difference.

    Raises:
        TooFew: one group.
        NoFigure: a group without transactions.
        NotACount, Malformed: not the table described.
    """
    import numpy as np
    from scipy.special import chdtrc

    check_share(level, "level")
    counts = whole(table, "table", needed=2, dimensions=2)
    if counts.shape[1] != 2:
        raise Malformed(f"table: a group has its invited and its not invited, not {counts.shape[1]} numbers")
    sizes = counts.sum(axis=1)
    if (sizes == 0).any():
        raise NoFigure(f"group {(sizes == 0).argmax() + 1} has no transactions")
    total, columns = int(sizes.sum()), counts.sum(axis=0)
    expected = np.outer(sizes.astype(float), columns) / total
    chi2 = p = strength = withheld = None
    if not columns.all():
        withheld = "nobody invited" if columns[0] == 0 else "everyone invited"
    else:
        chi2 = float(((counts - expected) ** 2 / expected).sum())
        strength = min(1.0, float(np.sqrt(chi2 / total)))
        if expected.min() < FEWEST_EXPECTED:
            withheld = "too few expected"
        else:
            p = float(chdtrc(len(counts) - 1, chi2))
    rates = tuple(float(rate) for rate in counts[:, 0] / sizes)
    difference, interval = _difference(counts, rates, level) if len(counts) == 2 else (None, None)
    return Invitations(
        rates, chi2, len(counts) - 1, p, strength, difference, interval, float(expected.min()), withheld
    )


def standardised_difference(means: tuple[float, float], sds: tuple[float, float]) -> float:
    """Difference of two means over the root mean square of their standard deviations.

    For durations of invited and not invited transactions, see ``DURATION_DIFFERENCE``; unlike a test it does
    not grow with their number.

    Args:
        means: of the invited and of the not invited.
        sds: their standard deviations (n - 1).

    Raises:
        NoVariation: both standard deviations are zero.
        Malformed: a number is not finite, or a standard deviation is negative.
        NoFigure, Contradiction: there are not two of each.
    """
    averages, spreads = finite(means, "means"), finite(sds, "sds")
    same_length(averages.size, 2, "means")
    same_length(spreads.size, 2, "sds")
    if (spreads < 0).any():
        raise Malformed("sds: a standard deviation is negative")
    pooled = float((spreads**2).mean() ** 0.5)
    if pooled == 0:
        raise NoVariation("all durations are equal within both groups")
    return float(averages[0] - averages[1]) / pooled


def bursts(counts: "Numbers", expected: "Numbers", *, windows: int | None = None) -> Bursts:
    """Probability of at least so many answers in a window, if they came independently (Poisson tail).

    Ceremonies and batches of reminders bring bursts too.

    Args:
        counts: answers per window (a unit's hour), whole, shape (windows,).
        expected: what the completed transactions and the usual response rate lead one to expect, positive.
        windows: how many windows are watched, if more than are given here; for Bonferroni's correction.

    Raises:
        NoVariation: nothing is expected in a window; leave it out when it brought no answers either.
        NotACount: a number of answers or windows is not one.
        Contradiction: fewer windows watched than given, or columns of different lengths.
        Malformed, NoFigure: not the columns described.
    """
    import numpy as np
    from scipy.special import pdtrc

    answers = whole(counts, "counts")
    means = positive(expected, "expected", size=answers.size)
    # pdtrc(k, m) is P(X > k), which is not defined at -1.
    p = np.where(answers > 0, pdtrc(np.maximum(answers - 1, 0), means), 1.0)
    if windows is None:
        return Bursts(p, bonferroni(p))
    watched = int(whole([windows], "windows")[0])
    if watched < answers.size:
        raise Contradiction(f"{watched} windows are watched, {answers.size} are given")
    return Bursts(p, np.minimum(p * watched, 1.0))


def _difference(counts: "Integers", rates: tuple[float, ...], level: float) -> tuple[float, Interval]:
    from analysis.intervals import newcombe_difference

    (invited, not_invited), (other_invited, other_not) = counts.tolist()
    interval = newcombe_difference(
        invited, invited + not_invited, other_invited, other_invited + other_not, level=level
    )
    return rates[0] - rates[1], interval
