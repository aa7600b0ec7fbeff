"""What the pictures of trust are drawn from: its level and drivers, and what goes along with it.

Pure. Nothing is computed here; the figures come from ``evidence``.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.agreement import Agreement
from analysis.charts import Candidate, Estimate, Priority, TrustGroup, TrustItem, TrustReading
from analysis.drivers import KeyDrivers
from analysis.intervals import Interval
from analysis.trust import CHANGE, LEVEL, DriverIndex
from analysis.withheld import Withheld
from survey.evidence import Trust
from survey.figures import Figure
from survey.results import Results
from survey.results_texts import N_, number, percent, say, short_reason, signed, span

_UNSTATED = {
    "too few answers": N_(
        "Not shown: telling the elements apart takes at least 100 complete answers with the level of trust."
    ),
    "no variation": N_("Not shown: the answers to an element, or to the level of trust, are all the same."),
    "collinear": N_("Not shown: the answers to one element follow from those to the others."),
    "too little explained": N_("Not shown: the elements say too little about trust here."),
    "unstable": N_("Not shown: the answers are too uniform for a firm result."),
    "no order": N_(
        "Not shown: no element clearly goes along with trust more than another; an order would be chance."
    ),
}


def read_trust(results: Results, names: Mapping[str, str], lang: str) -> tuple[TrustReading | None, str]:
    """Trust to be drawn, None where too few answered, and what it says in words."""
    trust = results.evidence.trust if results.evidence else None
    if trust is None or isinstance(trust.figure.level, Withheld):
        return None, say(N_("Too few answers to the questions about trust."), lang)
    level, index = trust.figure.level, trust.index
    text = N_("Net trust %(net)s points (%(agree)s agree, %(disagree)s disagree), from %(n)s answers.")
    return _trust_reading(trust, names, lang), say(
        text,
        lang,
        net=signed(level.net.value, lang),
        agree=percent(level.agree.value, lang),
        disagree=percent(level.disagree.value, lang),
        n=number(level.n, lang),
    ) + ("" if isinstance(index, Withheld) else " " + index_of_drivers(index, lang))


def _trust_reading(trust: Trust, names: Mapping[str, str], lang: str) -> TrustReading:
    agree = tuple(say(text, lang) for text in (N_("disagree"), N_("neutral"), N_("agree")))
    moved = tuple(say(text, lang) for text in (N_("fell"), N_("unchanged"), N_("rose")))
    figure = trust.figure
    groups = (
        (N_("Level: the office will serve rightly"), agree, {LEVEL: figure.level}),
        (N_("Change by this service"), moved, {CHANGE: figure.change}),
        (N_("Drivers: what should explain it"), agree, figure.drivers),
    )
    index = trust.index
    return TrustReading(
        tuple(
            TrustGroup(
                say(heading, lang),
                (ends[0], ends[1], ends[2]),
                tuple(_trust_item(names.get(key, key), item, lang) for key, item in items.items()),
            )
            for heading, ends, items in groups
        ),
        None
        if isinstance(index, Withheld)
        else Estimate(say(N_("Driver index, 0 to 100"), lang), index.value, index.interval),
    )


def _trust_item(name: str, item: Agreement | Withheld, lang: str) -> TrustItem:
    if isinstance(item, Withheld):
        return TrustItem(name, item.n, reason=short_reason("no_answers" if not item.n else "too_few", lang))
    return TrustItem(
        name,
        item.n,
        item.disagree.value,
        item.neutral.value,
        item.agree.value,
        item.net.interval,
    )


def index_of_drivers(index: DriverIndex, lang: str) -> str:
    """The driver index with its interval, in a sentence."""
    text = N_("The index of its drivers is %(value)s of 100 (%(span)s).")
    ends = span(index.interval.low, index.interval.high, lang)
    return say(text, lang, value=number(index.value, lang, 1), span=ends)


def read_priority(results: Results, names: Mapping[str, str], lang: str) -> tuple[Priority | None, str]:
    """The elements by what goes along with trust to be drawn, and what they say in words, or why not."""
    drivers = results.evidence.drivers if results.evidence else None
    if drivers is None:
        return None, say(_UNSTATED["too few answers"], lang)
    if not drivers.stated or not drivers.r2:
        return None, say(_UNSTATED[drivers.reason or "unstable"], lang)
    figure = results.figure
    shown = [one.key for one in drivers.drivers]
    hidden = figure is None or set(shown) & set(figure.elements_withheld)
    if hidden:
        return None, short_reason("too_few", lang)
    first = max(drivers.drivers, key=lambda one: one.importance)
    text = N_(
        "The elements account for %(r2)s of the differences in trust among %(n)s answers; what goes along"
        " most is %(first)s. This is association, not effect."
    )
    return _priorities(drivers, names, figure), say(
        text, lang, r2=percent(drivers.r2, lang), n=number(drivers.n, lang), first=names[first.key]
    )


def _priorities(drivers: KeyDrivers, names: Mapping[str, str], figure: Figure | None) -> Priority:
    whole, factor = drivers.r2 or 1.0, 25.0 if figure is None or figure.kind == "ikm" else figure.ends[0]
    return Priority(
        tuple(
            Candidate(
                names[one.key],
                one.importance / whole,
                factor * one.performance,
                Interval(
                    max(0.0, one.interval.low / whole),
                    min(1.0, one.interval.high / whole),
                    one.interval.level,
                    one.interval.method,
                ),
            )
            for one in drivers.drivers
        )
    )
