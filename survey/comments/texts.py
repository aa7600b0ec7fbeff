"""The words of the pages about comments: labels, themes, reasons, kinds of masked things, series."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.comments.confusion import ErrorRate
from analysis.comments.contradictions import Kind
from analysis.comments.misclassification import (
    DOES_NOT_FIT,
    ILL_CONDITIONED,
    TOO_FEW_COMMENTS,
    TOO_FEW_JUDGED,
    TOO_WIDE,
    NotCorrected,
)
from analysis.intervals import Interval
from analysis.shares import Share
from analysis.withheld import NO_ANSWERS, Withheld
from survey.clock import as_date, day_in
from survey.comments.months import SHARES_FROM, SHOWN_FROM
from survey.comments.series import Series
from survey.i18n import format_date
from survey.results_texts import N_, number, percent, say

_LABELS = {
    "negative": N_("unfavourable"),
    "neutral": N_("neither"),
    "positive": N_("favourable"),
}
_INTEGRITY = {
    "bribery": N_("Illegal fees and bribes"),
    "brokers": N_("Brokers"),
    "discrimination": N_("Discrimination"),
}
_VERDICTS = {
    "rising": N_("rising"),
    "falling": N_("falling"),
    "no clear change": N_("no clear change"),
}
_NOT_CORRECTED = {
    TOO_FEW_COMMENTS: N_("not corrected: too few comments"),
    TOO_FEW_JUDGED: N_("not corrected: too few comments of known meaning have been tried"),
    ILL_CONDITIONED: N_("not corrected: the program tells the kinds apart too badly"),
    DOES_NOT_FIT: N_("not corrected: the errors were measured on comments of another kind than these"),
    TOO_WIDE: N_("not corrected: nearly every share would be possible"),
}
_MASKED = {
    "nik": N_("identity numbers (NIK)"),
    "identity": N_("other identity numbers"),
    "phone": N_("telephone numbers"),
    "email": N_("e-mail addresses"),
    "handle": N_("account names"),
    "link": N_("links"),
    "code": N_("codes"),
    "account": N_("bank accounts"),
    "plate": N_("vehicle plates"),
    "name": N_("names"),
    "address": N_("addresses"),
    "birth": N_("dates of birth"),
}
_WHYS = {
    "first": N_("the first one"),
    "changed": N_("its words or rules were changed"),
}
_CONTRADICTIONS: Mapping[Kind, str] = {
    "high_but_negative": N_("Rated high, wrote badly"),
    "low_but_positive": N_("Rated low, wrote well"),
}
_RANGE = "\u00a0–\u00a0"


def label_name(label: str, lang: str) -> str:
    """What a label is called, in small letters."""
    return say(_LABELS[label], lang)


def theme_name(key: str, names: Mapping[str, str], lang: str) -> str:
    """What a theme is called: an element as the questionnaire calls it."""
    return say(_INTEGRITY[key], lang) if key in _INTEGRITY else names.get(key, key)


def contradiction_name(kind: Kind, lang: str) -> str:
    """What a kind of contradiction is called."""
    return say(_CONTRADICTIONS[kind], lang)


def verdict_name(verdict: str, lang: str) -> str:
    """What is said of a change."""
    return say(_VERDICTS[verdict], lang)


def masked_name(kind: str, lang: str) -> str:
    """What was masked; a kind nobody has put into words yet is given as it is."""
    return say(_MASKED[kind], lang) if kind in _MASKED else kind


def share_text(found: Share | Withheld, lang: str) -> str:
    """A share with its interval, or a dash."""
    if isinstance(found, Withheld):
        return "–"
    return ranged(percent(found.value, lang), found.interval, lang)


def ranged(value: str, interval: Interval, lang: str) -> str:
    """A value with its interval of shares."""
    ends = _RANGE.join(percent(end, lang) for end in (interval.low, interval.high))
    return f"{value} ({ends})"


def few(lang: str) -> str:
    """In place of a number of comments that is not told, none included."""
    return say(N_("fewer than %(shown)s"), lang, shown=number(SHOWN_FROM, lang))


def no_shares(n: int, lang: str) -> str:
    """Why there are no shares."""
    if n == 0:
        return say(N_("no comments"), lang)
    text = N_("shares are shown from %(needed)s comments on")
    return say(text, lang, needed=number(SHARES_FROM, lang))


def few_comments(found: Withheld, lang: str) -> str:
    """Why there is no value, for a cell of a table."""
    return say(N_("no comments") if found.reason == NO_ANSWERS else N_("too few comments"), lang)


def untold(one: Share | Withheld, n: int, lang: str) -> str:
    """Why a theme's comments are not told apart."""
    if isinstance(one, Withheld) and n >= SHARES_FROM:
        text = N_("not told apart: fewer than %(shown)s raise it")
        return say(text, lang, shown=number(SHOWN_FROM, lang))
    return no_shares(n, lang)


def not_corrected(found: NotCorrected, lang: str) -> str:
    """Why shares are not corrected for misjudged comments."""
    return say(_NOT_CORRECTED[found.reason], lang)


def error_text(error: ErrorRate, lang: str) -> str:
    """How often a comment is misjudged, in words a clerk would use."""
    rate = percent(error.share.value, lang)
    if error.one_in is None:
        return say(N_("%(rate)s of the comments are misjudged"), lang, rate=rate)
    return say(N_("about 1 comment in %(k)s is misjudged"), lang, k=number(error.one_in, lang))


def error_remark(error: ErrorRate, series: Series, lang: str) -> str:
    """Where that is known from."""
    text = (
        N_("%(wrong)s of %(n)s rated comments of this installation that it had not learned from: %(rate)s")
        if series.kind == "learned"
        else N_("%(wrong)s of %(n)s comments whose meaning people had told: %(rate)s")
    )
    return say(
        text,
        lang,
        wrong=number(error.share.count, lang),
        n=number(error.share.n, lang),
        rate=ranged(percent(error.share.value, lang), error.share.interval, lang),
    )


def series_name(series: Series, lang: str) -> str:
    """What reads the comments, with its version."""
    learned = N_("learned from comments of this installation, version %(version)s")
    known = N_("a list of words and rules, version %(version)s")
    text = learned if series.kind == "learned" else known
    return say(text, lang, version=series.version)


def series_since(series: Series, lang: str) -> str:
    """The day on which a series began."""
    return format_date(as_date(day_in("Asia/Jakarta", series.begun_at)), lang)


def series_why(series: Series, lang: str) -> str:
    """Why it is used, or not, with both figures of the decision where two were compared."""
    decision = series.decision
    if "learned" in decision and "lexicon" in decision:
        text = (
            N_(
                "tried and not used: right for %(learned)s of %(n)s rated comments,"
                " the list of words for %(lexicon)s"
            )
            if series.state == "declined"
            else N_("right for %(learned)s of %(n)s rated comments, the list of words for %(lexicon)s")
        )
        return say(
            text,
            lang,
            learned=percent(decision["learned"], lang),
            lexicon=percent(decision["lexicon"], lang),
            n=number(decision.get("n", 0), lang),
        )
    reason = str(decision.get("reason", ""))
    return say(_WHYS[reason], lang) if reason in _WHYS else reason
