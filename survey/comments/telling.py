"""The facts of the page of the comments: names and values with remarks, in words."""

from __future__ import annotations

from analysis.comments.contradictions import Contradictions, Kind
from analysis.comments.misclassification import TOO_FEW_JUDGED, NotCorrected
from analysis.shares import Share
from analysis.withheld import Withheld
from survey.comments.findings import Findings
from survey.comments.months import SHOWN_FROM
from survey.comments.results import CommentResults
from survey.comments.texts import (
    error_remark,
    error_text,
    masked_name,
    no_shares,
    not_corrected,
    ranged,
    series_name,
    series_since,
    series_why,
    share_text,
)
from survey.comments.written import MOST_READ, TEXTS_FROM
from survey.results_beside import Fact
from survey.results_texts import N_, language_name, number, percent, say, span

_SHARES = {
    "negative": N_("Unfavourable"),
    "neutral": N_("Neither"),
    "positive": N_("Favourable"),
}
_CORRECTED = {
    "negative": N_("Unfavourable, corrected"),
    "neutral": N_("Neither, corrected"),
    "positive": N_("Favourable, corrected"),
}


def how_facts(results: CommentResults, findings: Findings, lang: str, *, corrected: bool) -> list[Fact]:
    """How citizens wrote, and how far that can be relied on."""
    overall = findings.overall
    of_answers = N_("from %(answers)s answers; nobody has to write anything")
    facts = [
        Fact(
            say(N_("Comments"), lang),
            number(overall.n, lang),
            say(of_answers, lang, answers=number(results.answers, lang)),
        )
    ]
    for label, name in _SHARES.items():
        found: Share | Withheld = getattr(overall, label)
        remark = no_shares(overall.n, lang) if isinstance(found, Withheld) else ""
        facts.append(Fact(say(name, lang), share_text(found, lang), remark))
    if corrected:
        facts += _corrected(findings, lang)
    facts.append(_mean(findings, lang))
    error = findings.error
    if results.series is not None and error is not None:
        name = say(N_("How far to rely on it"), lang)
        facts.append(Fact(name, error_text(error, lang), error_remark(error, results.series, lang)))
    return facts


def _corrected(findings: Findings, lang: str) -> list[Fact]:
    found = findings.corrected
    if isinstance(found, NotCorrected):
        return [Fact(say(N_("Corrected"), lang), "–", not_corrected(found, lang))]
    moved = N_("the nearest shares that are possible; the errors alone would lead beyond them")
    why = N_("estimated from how often which kind is taken for which; its interval knows of both doubts")
    facts: list[Fact] = []
    for label, name in _CORRECTED.items():
        share = found.share(label)
        written = ranged(percent(share.value, lang), share.interval, lang)
        # Once is enough: it holds for all three.
        remark = "" if facts else say(moved if found.moved else why, lang)
        facts.append(Fact(say(name, lang), written, remark))
    return facts


def _mean(findings: Findings, lang: str) -> Fact:
    name, found = say(N_("Mean"), lang), findings.overall.polarity
    if isinstance(found, Withheld):
        text = N_("shown from %(needed)s comments on")
        return Fact(name, "–", say(text, lang, needed=number(SHOWN_FROM, lang)))
    written = f"{number(found.value, lang, 2)} ({span(found.interval.low, found.interval.high, lang)})"
    return Fact(name, written, say(N_("from −1, entirely unfavourable, to 1, entirely favourable"), lang))


def contradiction_facts(kind: Kind, found: Contradictions | Withheld, lang: str) -> list[Fact]:
    """How many contradict their rating, and how many would seem to if the program alone erred."""
    if isinstance(found, Withheld):
        return [Fact(say(N_("Comments"), lang), "–", _too_few(kind, found, lang))]
    share = found.share
    of = (
        N_("of %(n)s comments of people who rated high")
        if kind == "high_but_negative"
        else N_("of %(n)s comments of people who rated low")
    )
    expected = N_("%(expected)s (%(low)s to %(high)s) of these would be so by errors of reading alone")
    verdict = (
        N_("there are more than errors explain: some are real")
        if found.beyond_error
        else N_("errors of reading could explain all of them")
    )
    return [
        Fact(say(N_("Share"), lang), share_text(share, lang), say(of, lang, n=number(share.n, lang))),
        Fact(
            say(N_("Number"), lang),
            number(share.count, lang),
            say(
                expected,
                lang,
                expected=number(found.by_error, lang),
                low=number(found.interval.low, lang),
                high=number(found.interval.high, lang),
            ),
        ),
        Fact(say(N_("What that says"), lang), say(verdict, lang), long=True),
    ]


def _too_few(kind: Kind, found: Withheld, lang: str) -> str:
    if found.reason == TOO_FEW_JUDGED:
        return say(N_("not told: too few comments of known meaning have been tried"), lang)
    text = (
        N_("told from %(needed)s comments of people who rated high on")
        if kind == "high_but_negative"
        else N_("told from %(needed)s comments of people who rated low on")
    )
    return say(text, lang, needed=number(found.needed, lang))


def why_no_texts(results: CommentResults, lang: str) -> str:
    """Why no text is shown at all; empty when texts are."""
    if results.texts is None:
        text = N_(
            "Texts are shown from %(needed)s answers in the period on, so that nobody can be told by what he"
            " or she wrote; here are %(answers)s."
        )
        return say(text, lang, needed=number(TEXTS_FROM, lang), answers=number(results.answers, lang))
    if results.texts.chosen is None and not any(one.quotes for one in results.texts.themes.values()):
        text = N_("No theme has %(needed)s comments yet of which the texts may be shown.")
        return say(text, lang, needed=number(SHOWN_FROM, lang))
    return ""


def reading_facts(results: CommentResults, findings: Findings, lang: str) -> list[Fact]:
    """How the comments were read: by what, in which languages, what was masked, what waits."""
    facts, series = [], results.series
    if series is not None:
        facts.append(Fact(say(N_("Read by"), lang), series_name(series, lang), long=True))
        facts.append(
            Fact(say(N_("In use since"), lang), series_since(series, lang), series_why(series, lang))
        )
    told = [f"{language_name(code, lang)}: {number(n, lang)}" for code, n in findings.languages]
    remark = N_("languages of few comments are not listed")
    facts.append(Fact(say(N_("Languages"), lang), "; ".join(told) or "–", say(remark, lang)))
    facts += _looked_at(results, lang)
    facts.append(Fact(say(N_("Waiting to be read"), lang), number(results.waiting, lang)))
    if results.elsewhere:
        text = N_("comments of this period that only an earlier version has read; they are in no figure here")
        facts.append(
            Fact(
                say(N_("Not read yet by this version"), lang),
                number(results.elsewhere, lang),
                say(text, lang),
            )
        )
    nowhere = N_(
        "Everything is done on this computer: no comment is ever sent to anybody, and no service is asked."
    )
    facts.append(Fact(say(N_("Where"), lang), say(nowhere, lang), long=True))
    return facts


def _looked_at(results: CommentResults, lang: str) -> list[Fact]:
    comments = results.comments
    if comments is None or len(comments.written) < SHOWN_FROM:
        return []
    masked = [f"{masked_name(kind, lang)}: {number(n, lang)}" for kind, n in comments.masked.items()]
    before = N_("taken out before a comment was stored; nobody has it, and this counts it only")
    facts = [Fact(say(N_("Masked"), lang), "; ".join(masked) or say(N_("nothing"), lang), say(before, lang))]
    if comments.sampled:
        text = N_(
            "Texts and masked things are from %(n)s comments drawn at random, the same at every look; this"
            " page reads %(most)s at most. All other figures are from all comments."
        )
        found = say(text, lang, n=number(len(comments.written), lang), most=number(MOST_READ, lang))
        facts.append(Fact(say(N_("Sample"), lang), found, long=True))
    return facts
