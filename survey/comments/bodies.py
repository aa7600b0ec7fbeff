"""All figures of the comments of a place as plain data, in one shape for the API.

Pure. Nothing is computed here; the figures come from ``results``.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from analysis.comments.contradictions import Contradictions, Kind
from analysis.comments.misclassification import TOO_FEW_JUDGED, Corrected, NotCorrected
from analysis.comments.rising import Change
from analysis.comments.trend import CommentPoint
from analysis.shares import Mean, NetScore, Share
from analysis.withheld import Withheld
from survey.body_reasons import EstimateOut, WithheldOut, ZeroToOne, estimate_body, withheld_body, word
from survey.comments.findings import Allegation, Findings, ThemeFigure
from survey.comments.months import SHOWN_FROM
from survey.comments.results import CommentResults, Quote, Quotes
from survey.comments.series import Series
from survey.figure_bodies import PeriodOut

Label = Literal["negative", "neutral", "positive"]
Verdict = Literal["rising", "falling", "no_clear_change"]
Written = Literal["id", "jv", "su", "en", "und"]


class CommentSeriesOut(msgspec.Struct):
    """A version of what reads comments; figures of different versions do not compare."""

    id: int
    version: str
    kind: Literal["lexicon", "learned"]
    state: Literal["current", "past", "declined"]
    begun_at: Annotated[int, msgspec.Meta(description="UTC epoch seconds.")]


class ErrorRateOut(msgspec.Struct):
    """How often a comment is misjudged on three labels: share of n comments of known label.

    one_in is k of the sentence "about 1 comment in k is misjudged".
    """

    value: ZeroToOne
    low: float
    high: float
    wrong: int
    n: int
    one_in: int | None = None


class SharesOut(msgspec.Struct):
    """Shares of the three labels, 0 to 1."""

    negative: EstimateOut
    neutral: EstimateOut
    positive: EstimateOut


class CommentMonthOut(msgspec.Struct, kw_only=True):
    """One month (yyyymm), and the number of the series that read it."""

    month: int
    series: int | None = None
    n: int
    polarity: EstimateOut
    shares: SharesOut


class ThemeChangeOut(msgspec.Struct, kw_only=True):
    """Unfavourable mentions among all comments, against the period before.

    The verdict is adjusted for the number of themes. The difference is of shares, -1 to 1, and null where
    few mentions stand behind it.
    """

    verdict: Verdict | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    withheld: WithheldOut | None = None


class CommentThemeOut(msgspec.Struct, kw_only=True):
    """What was written about a theme; n is null below 5, 0 included.

    How a matter of integrity is spoken of is told where 5 at least raise it.
    """

    theme: str
    n: int | None = None
    negative: EstimateOut
    positive: EstimateOut
    change: ThemeChangeOut


class QuoteWordOut(msgspec.Struct):
    """A word that decided, and whether it speaks for the place."""

    word: str
    favourable: bool


class QuoteOut(msgspec.Struct):
    """A comment, masked; label is of what it says about the theme it is quoted for."""

    text: str
    language: Written
    label: Label
    words: list[QuoteWordOut]


class QuotesOut(msgspec.Struct):
    """The most typical comments of some, never chosen by scores; none where fewer than 5 may be shown."""

    quotes: list[QuoteOut]
    few: bool = False


class ContradictionOut(msgspec.Struct, kw_only=True):
    """Comments that contradict the rating they came with, among all that came with such a rating.

    by_error is how many would seem to through errors of reading alone; beyond_error tells whether more are
    found than that.
    """

    kind: Literal["high_but_negative", "low_but_positive"]
    share: EstimateOut
    count: int | None = None
    by_error: float | None = None
    by_error_low: float | None = None
    by_error_high: float | None = None
    beyond_error: bool | None = None
    examples: QuotesOut | None = None


class AllegationOut(msgspec.Struct):
    """Comments that raise a matter of integrity; n is null below 5, 0 included. Their texts are not given."""

    matter: Literal["bribery", "brokers", "discrimination"]
    n: int | None = None


class CommentsOut(msgspec.Struct, kw_only=True):
    """What people write about an agency or unit.

    All but trend is of the period and as the current series reads it. Shares are given from 30 comments on,
    other figures from 5. Texts (quotes, by theme) are null until 10 have answered in the period; they are
    masked, come without anything that tells whose they are or of when, and never on matters of integrity.
    masked counts what was masked, by kind. unread_by_series are comments that only earlier series have
    read.
    """

    agency: str
    agency_name: str
    unit: str | None = None
    unit_name: str | None = None
    period: PeriodOut | None = None
    series: CommentSeriesOut | None = None
    n: int
    waiting: int
    unread_by_series: int
    error_rate: ErrorRateOut | None = None
    polarity: EstimateOut | None = None
    net: EstimateOut | None = None
    shares: SharesOut | None = None
    corrected: SharesOut | None = None
    languages: dict[str, int]
    masked: dict[str, int]
    trend: list[CommentMonthOut]
    themes: list[CommentThemeOut]
    quotes: dict[str, QuotesOut] | None = None
    contradictions: list[ContradictionOut]
    allegations: list[AllegationOut]
    earlier_series: list[CommentSeriesOut]


def comments_body(results: CommentResults) -> CommentsOut:
    """All that is known of the comments of a place."""
    place, period, found = results.place, results.period, results.findings
    overall, comments, texts = found.overall if found else None, results.comments, results.texts
    told = comments is not None and len(comments.written) >= SHOWN_FROM
    return CommentsOut(
        agency=place.agency,
        agency_name=place.agency_name,
        unit=place.unit,
        unit_name=place.unit_name,
        period=None if period is None else PeriodOut(period.text, period.first, period.last),
        series=None if results.series is None else _series(results.series),
        n=overall.n if overall else 0,
        waiting=results.waiting,
        unread_by_series=results.elsewhere,
        error_rate=None if found is None else _error(found),
        polarity=None if overall is None else _estimate(overall.polarity),
        net=None if overall is None else _estimate(overall.net),
        shares=None if overall is None else _shares(overall),
        corrected=None if found is None else _corrected(found.corrected),
        languages=dict(found.languages) if found else {},
        masked=dict(comments.masked) if comments is not None and told else {},
        trend=[_month(point) for point in found.trend] if found else [],
        themes=[_theme(one) for one in found.themes] if found else [],
        quotes=None if texts is None else {key: _quotes(one) for key, one in texts.themes.items()},
        contradictions=[
            _contradiction(kind, one, None if texts is None else texts.contradictions)
            for kind, one in found.contradictions.items()
        ]
        if found
        else [],
        allegations=[_allegation(one) for one in found.allegations] if found else [],
        earlier_series=[_series(one) for one in results.others],
    )


def _series(series: Series) -> CommentSeriesOut:
    kind, state = series.kind, series.state
    return CommentSeriesOut(series.id, series.version, kind, state, series.begun_at)  # type: ignore[arg-type]


def _error(found: Findings) -> ErrorRateOut | None:
    if found.error is None:
        return None
    share = found.error.share
    ends = share.interval
    return ErrorRateOut(share.value, ends.low, ends.high, share.count, share.n, found.error.one_in)


def _estimate(found: Share | Mean | NetScore | Withheld) -> EstimateOut:
    if isinstance(found, Withheld):
        return EstimateOut(withheld=withheld_body(found))
    return estimate_body(found.value, found.interval, found.n)


def _shares(point: CommentPoint) -> SharesOut:
    return SharesOut(*map(_estimate, (point.negative, point.neutral, point.positive)))


def _corrected(found: Corrected | NotCorrected) -> SharesOut:
    if isinstance(found, NotCorrected):
        why = EstimateOut(withheld=WithheldOut(word(found.reason), found.n))
        return SharesOut(why, why, why)
    return SharesOut(*(estimate_body(one.value, one.interval, found.n) for one in found.shares))


def _month(point: CommentPoint) -> CommentMonthOut:
    return CommentMonthOut(
        month=point.period,
        series=int(point.series) if point.series else None,
        n=point.n,
        polarity=_estimate(point.polarity),
        shares=_shares(point),
    )


def _theme(one: ThemeFigure) -> CommentThemeOut:
    return CommentThemeOut(
        theme=one.key,
        n=one.n,
        negative=_of_theme(one.negative),
        positive=_of_theme(one.positive),
        change=_change(one.change, countable=one.countable),
    )


def _of_theme(found: Share | Withheld) -> EstimateOut:
    """How few there are is not said where it is withheld itself."""
    if isinstance(found, Withheld) and found.n < SHOWN_FROM and found.reason != TOO_FEW_JUDGED:
        return EstimateOut(withheld=WithheldOut("too_few", None, found.needed))
    return _estimate(found)


def _change(found: Change | Withheld, *, countable: bool) -> ThemeChangeOut:
    if isinstance(found, Withheld):
        return ThemeChangeOut(withheld=WithheldOut("too_few", None, found.needed))
    verdict: Verdict = "no_clear_change" if found.verdict == "no clear change" else found.verdict
    if not countable:
        return ThemeChangeOut(verdict=verdict)
    ends = found.interval
    return ThemeChangeOut(verdict=verdict, difference=found.difference, low=ends.low, high=ends.high)


def _quotes(found: Quotes) -> QuotesOut:
    return QuotesOut([_quote(quote) for quote in found.quotes], found.few)


def _quote(quote: Quote) -> QuoteOut:
    words = [QuoteWordOut(text, favourable) for text, favourable in quote.words]
    return QuoteOut(quote.text, quote.language, quote.label, words)  # type: ignore[arg-type]


def _contradiction(
    kind: Kind, found: Contradictions | Withheld, examples: Mapping[Kind, Quotes] | None
) -> ContradictionOut:
    quoted = None if examples is None else _quotes(examples[kind])
    if isinstance(found, Withheld):
        return ContradictionOut(kind=kind, share=_of_theme(found), examples=quoted)
    return ContradictionOut(
        kind=kind,
        share=_estimate(found.share),
        count=found.share.count,
        by_error=found.by_error,
        by_error_low=found.interval.low,
        by_error_high=found.interval.high,
        beyond_error=found.beyond_error,
        examples=quoted,
    )


def _allegation(one: Allegation) -> AllegationOut:
    return AllegationOut(one.key, one.n)  # type: ignore[arg-type]
