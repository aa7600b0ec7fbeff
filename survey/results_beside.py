"""What stands beside the official index, in words: the adjusted index, the silent, modes, trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.differences import HIGHER, LOWER
from analysis.nonresponse import SideBySide
from analysis.ratings import Ces, Csat, Nps
from analysis.shares import Share
from analysis.trust_checks import NOT_SUPPORTED, SUPPORTED, Correlation
from analysis.withheld import Withheld
from survey.evidence import Evidence, Rating, Trust
from survey.modes import Contrast, ModeFigure, Modes
from survey.results_modes import mode_name
from survey.results_texts import N_, number, percent, say, short_reason, signed, span
from survey.trust_drawings import index_of_drivers

_NO_ADJUSTED = {
    "too_few": N_("too few answers to weigh services, channels and months against each other"),
    "weights_too_unequal": N_("some kinds of transactions would count for too many others"),
    "empty_level": N_("nobody answered about a part of the transactions"),
}
_VERDICTS = {
    SUPPORTED: N_("the drivers go along with the level of trust"),
    NOT_SUPPORTED: N_("not supported: the drivers hardly go along with the level of trust here"),
}


_APART = {
    HIGHER: N_("those who answered by SMS judge higher"),
    LOWER: N_("those who answered by SMS judge lower"),
}
_CHOSEN = N_(
    "In brackets is the 95 % interval. People choose how they answer, and where the signal is weak more of"
    " them answer by SMS: a difference can be one of places, services and people, and is not by itself an"
    " effect of the way of answering."
)


@dataclass(frozen=True)
class Fact:
    """A name and a value, with a remark that explains it; ``long`` values are sentences."""

    name: str
    value: str
    remark: str = ""
    long: bool = False


def beside_of(evidence: Evidence, lang: str) -> list[Fact]:
    """What to know beside an index: never mixed with it."""
    facts = []
    if evidence.weighed is not None:
        facts += [_adjusted(evidence.weighed, lang), _silent(evidence.weighed, lang)]
    cases = evidence.cases
    if cases is not None and cases.differ and cases.complete is not None:
        remark = N_("from the %(n)s who answered every element: those who skip some judge otherwise")
        facts.append(
            Fact(
                say(N_("Complete answers only"), lang),
                number(float(cases.complete.rounded), lang, 2),
                say(remark, lang, n=number(cases.complete_n, lang)),
            )
        )
    return facts


def _adjusted(weighed: SideBySide, lang: str) -> Fact:
    name, found = say(N_("Adjusted to all transactions"), lang), weighed.adjusted
    if found is None or found.value is None or found.interval is None:
        why = _NO_ADJUSTED.get(weighed.withheld or "", _NO_ADJUSTED["too_few"])
        return Fact(name, "–", say(N_("withheld: %(why)s"), lang, why=say(why, lang)))
    value = N_("%(value)s (%(span)s)")
    written = say(
        value,
        lang,
        value=number(found.value, lang, 2),
        span=span(found.interval.low, found.interval.high, lang),
    )
    remark = say(
        N_("weighted by service, channel and month (%(cells)s groups); the official index is not"),
        lang,
        cells=number(found.cells, lang),
    )
    if found.unheard:
        unheard = N_("for %(unheard)s transactions of kinds nobody answered about, others speak")
        remark += "; " + say(unheard, lang, unheard=number(found.unheard, lang))
    if weighed.noteworthy and weighed.difference is not None:
        apart = N_("it differs from the official index by %(points)s points, which is a finding in itself")
        remark += "; " + say(apart, lang, points=signed(weighed.difference, lang))
    return Fact(name, written, remark)


def _silent(weighed: SideBySide, lang: str) -> Fact:
    remark = N_(
        "%(rate)s answered; without any assumption about the others, the index of all lies between these"
    )
    return Fact(
        say(N_("If the silent are counted"), lang),
        span(weighed.bias_low, weighed.bias_high, lang),
        say(remark, lang, rate=percent(weighed.response_rate, lang)),
    )


def mode_facts(modes: Modes, lang: str) -> list[Fact]:
    """The index by mode of answering, and how far two modes are apart; nothing where only one was used."""
    if not modes.several:
        return []
    facts = [_of_mode(one, lang) for one in modes.figures]
    return facts if modes.contrast is None else [*facts, _contrast(modes.contrast, lang)]


def mode_caution(lang: str) -> str:
    """Why a difference between modes is no effect of the mode."""
    return say(_CHOSEN, lang)


def _of_mode(one: ModeFigure, lang: str) -> Fact:
    figure, name = one.figure, mode_name(one.mode, lang)
    answers = N_("%(n)s answers, %(share)s of all")
    remark = say(answers, lang, n=number(one.n, lang), share=percent(one.share, lang))
    if figure.value is None or figure.interval is None:
        why = say(N_("withheld: %(why)s"), lang, why=short_reason(figure.withheld or "no_answers", lang))
        return Fact(name, "–", f"{remark}; {why}")
    if figure.grade:
        remark += "; " + say(N_("grade %(grade)s"), lang, grade=figure.grade)
    if figure.unanswered:
        remark += "; " + say(N_("of %(k)s elements"), lang, k=number(figure.k, lang))
    written = say(
        N_("%(value)s (%(span)s)"),
        lang,
        value=number(float(figure.value), lang, 2),
        span=span(figure.interval.low, figure.interval.high, lang),
    )
    return Fact(name, written, remark)


def _contrast(contrast: Contrast, lang: str) -> Fact:
    name, found = say(N_("SMS less web form"), lang), contrast.found
    if found is None:
        why = short_reason(contrast.withheld or "no_answers", lang)
        return Fact(name, "–", say(N_("withheld: %(why)s"), lang, why=why))
    text = N_("%(points)s points (%(low)s to %(high)s)")
    ends = (signed(end, lang, 2) for end in (found.interval.low, found.interval.high))
    low, high = ends
    written = say(text, lang, points=signed(found.difference, lang, 2), low=low, high=high)
    return Fact(name, written, say(_APART.get(found.verdict, N_("no clear difference")), lang))


def trust_facts(trust: Trust, lang: str) -> list[Fact]:
    """The driver index and what tells whether it deserves its name."""
    facts, checks = [], trust.checks
    if not isinstance(trust.index, Withheld):
        name = say(N_("Driver index"), lang)
        remark = N_("the level of trust is not in it: it is what the drivers should explain")
        facts.append(Fact(name, index_of_drivers(trust.index, lang), say(remark, lang), long=True))
    facts.append(_correlation(checks.correlation, checks.verdict, lang))
    if not isinstance(checks.alpha, Withheld):
        ends = span(checks.alpha.interval.low, checks.alpha.interval.high, lang)
        text = say(N_("%(alpha)s (%(span)s)"), lang, alpha=number(checks.alpha.alpha, lang, 2), span=ends)
        facts.append(Fact(say(N_("Cronbach’s alpha"), lang), text))
    about = N_(
        "Trust of people who were served and answered; it is not trust in government among the public."
    )
    facts.append(Fact(say(N_("About"), lang), say(about, lang), long=True))
    return facts


def _correlation(found: Correlation | Withheld, verdict: str, lang: str) -> Fact:
    name = say(N_("Drivers and level"), lang)
    if isinstance(found, Withheld):
        text = N_("not known yet: too few people answered both of two questions")
        return Fact(name, say(text, lang), long=True)
    value, interval = found.value, found.interval
    text = say(
        N_("correlation %(r)s (%(span)s)"),
        lang,
        r=number(value, lang, 2),
        span=span(interval.low, interval.high, lang),
    )
    return Fact(name, text, say(_VERDICTS[verdict], lang))


def rating_facts(
    ratings: tuple[tuple[str, Rating | Withheld], ...], names: Mapping[str, str], lang: str
) -> list[Fact]:
    """The further questions of an instrument, each under its own name; none of them is in an index."""
    return [Fact(names.get(key, key), *_rating(rating, lang)) for key, rating in ratings]


def _rating(rating: Rating | Withheld, lang: str) -> tuple[str, str]:
    if isinstance(rating, Withheld):
        return "–", short_reason("no_answers" if not rating.n else "too_few", lang)
    if isinstance(rating, Csat):
        text = N_("best answer (CSAT top box); best two %(two)s; mean %(mean)s; %(n)s answers")
        return percent(rating.top.value, lang), say(
            text,
            lang,
            two=percent(rating.top_two.value, lang),
            mean=number(rating.mean.value, lang, 2),
            n=number(rating.top.n, lang),
        )
    if isinstance(rating, Nps):
        text = N_("net promoter score (%(span)s); %(n)s answers")
        ends = span(rating.score.interval.low, rating.score.interval.high, lang)
        return signed(rating.score.value, lang), say(text, lang, span=ends, n=number(rating.score.n, lang))
    if isinstance(rating, Ces):
        text = N_("found it easy (5 to 7); mean effort score %(mean)s of 7; %(n)s answers")
        return percent(rating.easy.value, lang), say(
            text, lang, mean=number(rating.mean.value, lang, 2), n=number(rating.easy.n, lang)
        )
    return _share(rating, lang)


def _share(rating: Share, lang: str) -> tuple[str, str]:
    text = N_("said yes (%(low)s to %(high)s); %(n)s answers")
    ends = (percent(end, lang) for end in (rating.interval.low, rating.interval.high))
    low, high = ends
    return percent(rating.value, lang), say(text, lang, low=low, high=high, n=number(rating.n, lang))
