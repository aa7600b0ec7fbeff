"""Which themes citizens write of more often than in the period before, as far as the counts can tell.

Of twelve themes that nothing happened to, one will seem to rise at the usual 5 % in every second comparison.
The p-values here are adjusted for all that are looked at together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analysis.checks import check_count, check_share
from analysis.columns import part_of, same_length
from analysis.comparison import benjamini_hochberg
from analysis.errors import Contradiction, Malformed
from analysis.intervals import Interval, newcombe_difference
from analysis.withheld import NO_ANSWERS, TOO_FEW_ANSWERS, Withheld

if TYPE_CHECKING:
    from analysis.columns import Floats, Numbers

FEWEST_COMMENTS = 30
"""A period with fewer comments is not compared, as its shares are not shown."""

FEWEST_MENTIONS = 5
"""A theme mentioned less often in both periods together is not compared: all five in one of two equal periods
is the least that has a mid-p value below 5 % (1/2⁵, 3 %; of four, 6 %)."""

Verdict = Literal["rising", "falling", "no clear change"]


@dataclass(frozen=True)
class Change:
    """A theme in two periods.

    Attributes:
        theme: its key.
        before: share of the earlier comments that mention it, 0 to 1.
        now: share of the later ones.
        difference: ``now`` minus ``before``, -1 to 1.
        interval: Newcombe's interval of the difference, of this theme alone: it is not adjusted for the
            number of themes and can leave out zero where the verdict is "no clear change".
        p: two-sided mid-p value of this theme alone.
        adjusted: the same adjusted for all themes compared.
        verdict: what can be said.
    """

    theme: str
    before: float
    now: float
    difference: float
    interval: Interval
    p: float
    adjusted: float
    verdict: Verdict


def mid_p(counts: "Numbers", n: "Numbers | int", others: "Numbers", n_others: "Numbers | int") -> "Floats":
    """Two-sided mid-p values, 0 to 1, that each two shares are of one probability; shape (comparisons,).

    Given the sum of both counts, one of them follows a hypergeometric law under that hypothesis. The smaller
    of its two tails, each with half the probability of the count itself, is doubled. Fisher's exact test,
    which counts that probability whole, claims far less often than it may; the mid-p value hardly ever more
    often (Lydersen, Fagerland & Laake 2009, Statistics in Medicine 28:1159-1175).

    Args:
        counts: numbers of one side.
        n: of how many each is; one number for all, or one each.
        others: numbers of the other side, in the same order.
        n_others: of how many these are.

    Raises:
        NotACount: a number is negative or not whole.
        Contradiction: a part is larger than its whole, or the sides differ in length.
        NoFigure: there is nothing to compare, or a side is of nobody.
    """
    import numpy as np
    from scipy.stats import hypergeom

    x1, n1 = part_of(counts, n)
    x2, n2 = part_of(others, n_others)
    same_length(x2.size, x1.size, "the other side")
    law = hypergeom(n1 + n2, x1 + x2, n1)
    p: Floats = np.minimum(1.0, law.pmf(x1) + 2 * np.minimum(law.cdf(x1 - 1), law.sf(x1)))
    return p


def rising(
    before: Mapping[str, int],
    now: Mapping[str, int],
    *,
    comments_before: int,
    comments_now: int,
    level: float = 0.05,
    fewest_comments: int = FEWEST_COMMENTS,
    fewest_mentions: int = FEWEST_MENTIONS,
) -> dict[str, Change | Withheld]:
    """Which themes are mentioned by a larger or smaller share of the comments than before.

    Each theme is tested by ``mid_p``. The p-values of all that are compared are adjusted for the false
    discovery rate (Benjamini & Hochberg 1995): of the themes called rising or falling, a share of ``level``
    is expected to be so by chance. Give it all that is looked at together: of several units, the themes of
    all of them. The list says where to read, and is no claim about anyone.

    Themes with too few mentions in both periods together are left out of the family; as the test takes that
    number for given, leaving them out makes no other claim more or less likely. The comments count as written
    independently: ten letters of one hand, or the move of a channel from one kind of office to another, are
    found as changes too.

    Args:
        before: by theme, how many comments of the earlier period mention it, or mention it unfavourably.
        now: the same of the later period; a theme missing on one side has none there.
        comments_before: number of all comments of the earlier period.
        comments_now: number of all comments of the later period.
        level: false discovery rate.
        fewest_comments: with fewer comments in either period nothing is compared.
        fewest_mentions: themes with fewer mentions are not compared.

    Returns:
        Every theme of either side, those of ``now`` first, each in the order given.

    Raises:
        NotACount: a number is negative or not whole.
        Contradiction: a theme is mentioned by more comments than there are.
        Malformed: the level is not between 0 and 1, or a minimum below one.
    """
    for number in (comments_before, comments_now, fewest_comments, fewest_mentions):
        check_count(number, "comments")
    if min(fewest_comments, fewest_mentions) < 1:
        raise Malformed("a minimum of 0 comments withholds nothing")
    check_share(level, "level")
    sides = (comments_before, comments_now)
    counts = {theme: (before.get(theme, 0), now.get(theme, 0)) for theme in (*now, *before)}
    for theme, mentions in counts.items():
        _check(theme, mentions, sides)
    compared = [
        theme
        for theme, mentions in counts.items()
        if min(sides) >= fewest_comments and sum(mentions) >= fewest_mentions
    ]
    tested: dict[str, tuple[float, float]] = {}
    if compared:
        p = mid_p(
            [counts[theme][1] for theme in compared],
            comments_now,
            [counts[theme][0] for theme in compared],
            comments_before,
        )
        pairs = zip(p.tolist(), benjamini_hochberg(p).tolist(), strict=True)
        tested = dict(zip(compared, pairs, strict=True))
    return {
        theme: _change(theme, mentions, sides, tested[theme], level)
        if theme in tested
        else _withheld(mentions, sides, fewest_comments, fewest_mentions)
        for theme, mentions in counts.items()
    }


def _check(theme: str, mentions: tuple[int, int], sides: tuple[int, int]) -> None:
    for count, n in zip(mentions, sides, strict=True):
        check_count(count, f"comments about {theme}")
        if count > n:
            raise Contradiction(f"{theme}: {count} of {n} comments mention it")


def _change(
    theme: str, mentions: tuple[int, int], sides: tuple[int, int], tested: tuple[float, float], level: float
) -> Change:
    earlier, later = (count / n for count, n in zip(mentions, sides, strict=True))
    p, adjusted = tested
    verdict: Verdict = "no clear change"
    if adjusted <= level:
        verdict = "rising" if later > earlier else "falling"
    interval = newcombe_difference(mentions[1], sides[1], mentions[0], sides[0])
    return Change(theme, earlier, later, later - earlier, interval, p, adjusted, verdict)


def _withheld(
    mentions: tuple[int, int], sides: tuple[int, int], fewest_comments: int, fewest_mentions: int
) -> Withheld:
    if min(sides) < fewest_comments:
        return Withheld(TOO_FEW_ANSWERS if min(sides) else NO_ANSWERS, min(sides), fewest_comments)
    return Withheld(TOO_FEW_ANSWERS, sum(mentions), fewest_mentions)
