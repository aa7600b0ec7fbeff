"""What the pictures of the comments are drawn from: their data, their names, and what they say in words.

Pure. Nothing is computed here; the figures come from ``findings``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from analysis.charts import Annotation, ThemeBar, ThemeBars
from analysis.comments.trend import breaks, drawn, drawn_corrected
from analysis.shares import Share
from analysis.trends import Point
from analysis.withheld import TOO_FEW_ANSWERS
from survey.comments.findings import Findings, ThemeFigure
from survey.comments.results import CommentResults
from survey.comments.texts import no_shares, theme_name, untold
from survey.drawings import Trend
from survey.pictures import CommentSubject, Drawing
from survey.results_texts import N_, month_name, number, percent, reason, say

SHARES = (0.0, 1.0)
_TITLES: Mapping[CommentSubject, str] = {
    "negative": N_("Unfavourable comments by month"),
    "positive": N_("Favourable comments by month"),
    "themes": N_("What the comments are about"),
}
_CORRECTED: Mapping[str, str] = {
    "negative": N_("Unfavourable comments by month, corrected for misjudged ones"),
    "positive": N_("Favourable comments by month, corrected for misjudged ones"),
}


def comment_drawing(
    results: CommentResults,
    subject: CommentSubject,
    names: Mapping[str, str],
    lang: str,
    *,
    corrected: bool = False,
) -> Drawing:
    """What a picture of the comments of a place is drawn from.

    ``names`` are those of the elements by key; ``corrected`` draws the shares as they are once misjudged
    comments are reckoned with.
    """
    title = say(_CORRECTED[subject] if corrected and subject in _CORRECTED else _TITLES[subject], lang)
    findings = results.findings
    data: Trend | ThemeBars | None = None
    summary = reason("no_answers", lang)
    if findings is not None and subject == "themes":
        data, summary = _themes(findings, names, lang)
    elif findings is not None:
        data, summary = _trend(findings, subject, lang, corrected=corrected)
    return Drawing(subject, results.place.name, data, lang, title, summary, SHARES)


def _trend(
    findings: Findings, label: CommentSubject, lang: str, *, corrected: bool
) -> tuple[Trend | None, str]:
    found = _corrected(findings, label) if corrected else drawn(findings.trend, _figure(label))
    valued = [(point.value, point.period) for point in found if point.value is not None]
    if not valued:
        return None, no_shares(max((point.n for point in found), default=0), lang)
    text = N_("from here read by another version; what was before does not compare")
    notes = tuple(Annotation(month, say(text, lang), new_series=True) for month in breaks(findings.trend))
    return Trend(tuple(found), notes), _told(found, valued, lang)


def _figure(label: CommentSubject) -> Literal["negative", "positive"]:
    return "negative" if label == "negative" else "positive"


def _corrected(findings: Findings, label: CommentSubject) -> list[Point]:
    """Only of months that the current series has read: of others the errors are not known."""
    known = {one.period: one for one in drawn_corrected(findings.trend_corrected, _figure(label))}
    return [
        one
        if (one := known.get(point.period)) is not None and one.value is not None
        else Point(point.period, None, None, None, point.n, TOO_FEW_ANSWERS)
        for point in findings.trend
    ]


def _told(points: Sequence[Point], valued: Sequence[tuple[float, int]], lang: str) -> str:
    (latest, when), (highest, top), (lowest, bottom) = valued[-1], max(valued), min(valued)
    text = N_(
        "%(first)s to %(last)s. Latest: %(latest)s in %(when)s. Highest: %(highest)s in %(top)s."
        " Lowest: %(lowest)s in %(bottom)s. Months without a value: %(gaps)s."
    )
    return say(
        text,
        lang,
        first=month_name(points[0].period, lang),
        last=month_name(points[-1].period, lang),
        latest=percent(latest, lang),
        when=month_name(when, lang),
        highest=percent(highest, lang),
        top=month_name(top, lang),
        lowest=percent(lowest, lang),
        bottom=month_name(bottom, lang),
        gaps=str(len(points) - len(valued)),
    )


def _themes(findings: Findings, names: Mapping[str, str], lang: str) -> tuple[ThemeBars | None, str]:
    bars = tuple(_bar(one, names, lang) for one in findings.themes if one.n is not None)
    divided = [bar for bar in bars if not bar.reason]
    if not divided:
        return None, say(N_("No theme has comments enough for a picture."), lang)
    most, worst = divided[0], max(divided, key=lambda bar: bar.negative / bar.n)
    text = N_(
        "Most written about: %(most)s, %(n)s comments. Largest share of unfavourable ones: %(worst)s,"
        " %(negative)s of %(of)s."
    )
    return ThemeBars(bars), say(
        text,
        lang,
        most=most.name,
        n=number(most.n, lang),
        worst=worst.name,
        negative=number(worst.negative, lang),
        of=number(worst.n, lang),
    )


def _bar(one: ThemeFigure, names: Mapping[str, str], lang: str) -> ThemeBar:
    name, n = theme_name(one.key, names, lang), one.n or 0
    if isinstance(one.negative, Share) and isinstance(one.positive, Share):
        return ThemeBar(name, n, one.negative.count, one.positive.count)
    return ThemeBar(name, n, reason=untold(one.negative, n, lang))
