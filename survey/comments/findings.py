"""What the tallies of comments say of a place and period: how it was written, about what, how often it errs.

Pure. Nothing is said of fewer than ``SHOWN_FROM`` comments, and no shares of fewer than ``SHARES_FROM``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.comments import CommentTally
from analysis.comments.confusion import Confusion, ErrorRate
from analysis.comments.contradictions import Contradictions, Kind, contradictions
from analysis.comments.misclassification import (
    FEWEST_JUDGED,
    TOO_FEW_JUDGED,
    Corrected,
    NotCorrected,
    correct,
)
from analysis.comments.rising import Change, rising
from analysis.comments.trend import CommentPoint
from analysis.errors import TooFew
from analysis.shares import Share
from analysis.themes import INTEGRITY, THEMES
from analysis.withheld import TOO_FEW_ANSWERS, Withheld
from survey.comments.counting import ALL
from survey.comments.months import SHARES_FROM, SHOWN_FROM, CommentMonths, figures_of
from survey.periods import Period, before

RATED: Mapping[Kind, str] = {"high_but_negative": "rated:high", "low_but_positive": "rated:low"}
"""Of whom each kind of contradiction is a part."""


@dataclass(frozen=True)
class ThemeFigure:
    """What was written about one theme.

    Attributes:
        key: one of ``analysis.themes.THEMES``.
        n: number of comments about it; None below ``SHOWN_FROM``, also where there is none: of a small
            office, that somebody has alleged something must not be told apart from that nobody has.
        negative, positive: shares of these; withheld below ``SHARES_FROM``, and of a matter of integrity
            where fewer than ``SHOWN_FROM`` raise it.
        change: of unfavourable mentions among all comments, since the period before.
        countable: whether each of the two periods has so many of these that the change may be given in
            numbers.
    """

    key: str
    n: int | None
    negative: Share | Withheld
    positive: Share | Withheld
    change: Change | Withheld
    countable: bool


@dataclass(frozen=True)
class Allegation:
    """How many comments raise a matter of integrity; None below ``SHOWN_FROM``, none included."""

    key: str
    n: int | None


@dataclass(frozen=True)
class Findings:
    """All that the tallies of one series say of a place and period.

    Attributes:
        overall: of all its comments; withheld in itself where they are too few.
        error: how often the analyser errs; None when that is not known.
        corrected: the shares once that is reckoned with, or why they are not given.
        trend: every month, whichever series read it.
        trend_corrected: by month, of those months that this series has read; empty unless asked for.
        themes: most mentioned first, those too few write about last.
        contradictions: by kind; withheld where too few rated so, or the errors of reading are not known.
        allegations: in the order of ``INTEGRITY``.
        languages: number of comments by language, most first; those too few write in are left out.
        compared: the period before, with which the themes are compared.
    """

    overall: CommentPoint
    error: ErrorRate | None
    corrected: Corrected | NotCorrected
    trend: tuple[CommentPoint, ...]
    trend_corrected: Mapping[int, Corrected | NotCorrected]
    themes: tuple[ThemeFigure, ...]
    contradictions: Mapping[Kind, Contradictions | Withheld]
    allegations: tuple[Allegation, ...]
    languages: tuple[tuple[str, int], ...]
    compared: Period


def findings_of(
    kept: CommentMonths,
    series: int,
    confusion: Confusion | None,
    period: Period,
    *,
    error: ErrorRate | None,
    seed: int,
    months_corrected: bool = False,
) -> Findings:
    """The findings about a period, as one series read its comments.

    Args:
        kept: the tallies of the place.
        series: number of the series.
        confusion: how its analyser judged comments of known label; None when it was tried on none.
        period: which months.
        error: how often it errs, None when that is not known.
        seed: of the random draws behind intervals that know of misjudgements.
        months_corrected: whether the shares of each month are corrected too.
    """
    overall = kept.total(series, ALL, period)
    return Findings(
        overall=figures_of(overall, series),
        error=error,
        corrected=_correct(overall, confusion, seed),
        trend=tuple(kept.trend()),
        trend_corrected={
            month: _correct(tally, confusion, seed)
            for month, tally in (kept.of(series).items() if months_corrected else ())
        },
        themes=_themes(kept, series, period),
        contradictions={
            kind: _contradictions(kept.total(series, what, period), kind, confusion, seed)
            for kind, what in RATED.items()
        },
        allegations=tuple(
            Allegation(key, _shown(alleging(kept.total(series, f"theme:{key}", period)))) for key in INTEGRITY
        ),
        languages=_languages(kept, series, period),
        compared=before(period),
    )


def _correct(tally: CommentTally, confusion: Confusion | None, seed: int) -> Corrected | NotCorrected:
    if confusion is None:
        return NotCorrected(TOO_FEW_JUDGED, tally.n, 0, FEWEST_JUDGED)
    return correct(tally, confusion, seed=seed)


def alleging(tally: CommentTally) -> int:
    """How many of the comments about a matter of integrity do not say that there is none of it."""
    return tally.negative + tally.neutral


def _shown(n: int) -> int | None:
    return n if n >= SHOWN_FROM else None


def _themes(kept: CommentMonths, series: int, period: Period) -> tuple[ThemeFigure, ...]:
    earlier = before(period)
    now, then = (
        {key: kept.total(series, f"theme:{key}", span) for key in THEMES} for span in (period, earlier)
    )
    changes = rising(
        {key: tally.negative for key, tally in then.items()},
        {key: tally.negative for key, tally in now.items()},
        comments_before=kept.total(series, ALL, earlier).n,
        comments_now=kept.total(series, ALL, period).n,
        fewest_comments=SHARES_FROM,
    )
    found = [_theme(key, (then[key], tally), changes[key], series) for key, tally in now.items()]
    # Python's sort is stable: equal ones stay in the order of the questionnaire.
    return tuple(sorted(found, key=lambda one: -(one.n or 0)))


def _theme(
    key: str, tallies: tuple[CommentTally, CommentTally], change: Change | Withheld, series: int
) -> ThemeFigure:
    point = figures_of(tallies[1], series)
    if key in INTEGRITY and alleging(tallies[1]) < SHOWN_FROM:
        # Among many who say that nobody asks for money, one who says otherwise would be seen.
        few = Withheld(TOO_FEW_ANSWERS, 0, SHOWN_FROM)
        return ThemeFigure(key, _shown(point.n), few, few, few, countable=False)
    countable = min(tally.negative for tally in tallies) >= SHOWN_FROM
    return ThemeFigure(key, _shown(point.n), point.negative, point.positive, change, countable)


def _contradictions(
    tally: CommentTally, kind: Kind, confusion: Confusion | None, seed: int
) -> Contradictions | Withheld:
    if tally.n < SHARES_FROM:
        return Withheld(TOO_FEW_ANSWERS, tally.n, SHARES_FROM)
    if confusion is None:
        return Withheld(TOO_FEW_JUDGED, 0, FEWEST_JUDGED)
    try:
        return contradictions(tally, kind, confusion, seed=seed)
    except TooFew as error:  # a kind of comment that its analyser was never tried on
        return Withheld(TOO_FEW_JUDGED, int(error.n), int(error.needed))


def _languages(kept: CommentMonths, series: int, period: Period) -> tuple[tuple[str, int], ...]:
    counts = {
        what.removeprefix("language:"): kept.total(series, what, period).n
        for what in kept.counted(series)
        if what.startswith("language:")
    }
    return tuple(protected({language: n for language, n in counts.items() if n}))


def protected(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Parts of a whole that may be told: never one that is small, nor so many that a small rest follows."""
    shown = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    rest = 0
    while shown and (shown[-1][1] < SHOWN_FROM or 0 < rest < SHOWN_FROM):
        rest += shown.pop()[1]
    return shown
