"""The tables of the pages about comments: rows of plain texts."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.comments.misclassification import Corrected
from analysis.comments.trend import CommentPoint
from analysis.withheld import Withheld
from survey.comments.findings import Findings, ThemeFigure
from survey.comments.series import Series
from survey.comments.texts import (
    few,
    few_comments,
    ranged,
    series_name,
    series_since,
    series_why,
    share_text,
    theme_name,
    verdict_name,
)
from survey.i18n import translator
from survey.results_tables import Row, Table
from survey.results_texts import N_, month_name, number, percent, say, signed

_STATES = {
    "current": N_("in use"),
    "past": N_("earlier"),
    "declined": N_("not used"),
}


def months_table(findings: Findings, caption: str, lang: str, *, corrected: bool) -> Table:
    """The months, latest first; ``corrected`` adds the shares once misjudgements are reckoned with."""
    _ = translator(lang).gettext
    columns = [_("Unfavourable"), _("Favourable")]
    if corrected:
        columns += [_("Unfavourable, corrected"), _("Favourable, corrected")]
    rows = tuple(
        Row(
            month_name(point.period, lang),
            (
                share_text(point.negative, lang),
                share_text(point.positive, lang),
                *(_corrected(findings, point, lang) if corrected else ()),
                number(point.n, lang),
            ),
            remark=few_comments(point.negative, lang) if isinstance(point.negative, Withheld) else "",
        )
        for point in reversed(findings.trend)
    )
    return Table(caption, _("Month"), (*columns, _("Comments")), rows)


def _corrected(findings: Findings, point: CommentPoint, lang: str) -> tuple[str, str]:
    found = findings.trend_corrected.get(point.period)
    if not isinstance(found, Corrected) or isinstance(point.negative, Withheld):
        return "–", "–"
    one, other = (found.share(label) for label in ("negative", "positive"))
    return (
        ranged(percent(one.value, lang), one.interval, lang),
        ranged(percent(other.value, lang), other.interval, lang),
    )


def themes_table(findings: Findings, caption: str, names: Mapping[str, str], lang: str) -> Table:
    """The themes, most mentioned first, each with how it is spoken of and how that changed."""
    _ = translator(lang).gettext
    rows = tuple(
        Row(
            theme_name(one.key, names, lang),
            (
                few(lang) if one.n is None else number(one.n, lang),
                share_text(one.negative, lang),
                share_text(one.positive, lang),
                _change(one, lang),
            ),
        )
        for one in findings.themes
    )
    columns = (_("Comments"), _("Unfavourable"), _("Favourable"), _("Change of complaints"))
    return Table(caption, _("Theme"), columns, rows)


def _change(one: ThemeFigure, lang: str) -> str:
    """The verdict, and where nobody is given away by it the change in points of all comments."""
    found = one.change
    if isinstance(found, Withheld):
        return few_comments(found, lang)
    verdict = verdict_name(found.verdict, lang)
    if not one.countable:
        return verdict
    ends = (signed(100 * end, lang) for end in (found.interval.low, found.interval.high))
    low, high = ends
    text = N_("%(verdict)s: %(points)s points (%(low)s to %(high)s)")
    return say(text, lang, verdict=verdict, points=signed(100 * found.difference, lang), low=low, high=high)


def allegations_table(findings: Findings, caption: str, lang: str) -> Table:
    """How many comments raise each matter of integrity."""
    _ = translator(lang).gettext
    rows = tuple(
        Row(theme_name(one.key, {}, lang), (few(lang) if one.n is None else number(one.n, lang),))
        for one in findings.allegations
    )
    return Table(caption, _("Matter"), (_("Comments"),), rows)


def series_table(series: tuple[Series, ...], caption: str, lang: str) -> Table:
    """Every series with its state, since when it is, and why."""
    _ = translator(lang).gettext
    rows = tuple(
        Row(
            series_name(one, lang),
            (say(_STATES[one.state], lang), series_since(one, lang), series_why(one, lang)),
        )
        for one in series
    )
    return Table(caption, _("Version"), (_("State"), _("Since"), _("Why")), rows)
