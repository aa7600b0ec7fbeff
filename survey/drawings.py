"""What each picture of a place is drawn from: its data, its name, and what it says in words.

Pure. Nothing is computed here; the figures come from ``results`` and ``evidence``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.charts import (
    Annotation,
    Element,
    Estimate,
    Funnel,
    IndexReading,
    Profile,
    Stage,
)
from analysis.trends import Point
from survey.figures import Figure
from survey.pictures import Drawing, Subject
from survey.results import Results
from survey.results_modes import read_mix
from survey.results_texts import (
    N_,
    month_name,
    number,
    reason,
    say,
    short_reason,
    span,
)
from survey.trust_drawings import read_priority, read_trust


@dataclass(frozen=True)
class Trend:
    """Months in time, and what may explain a movement."""

    points: tuple[Point, ...]
    notes: tuple[Annotation, ...] = ()


_TITLES: Mapping[Subject, str] = {
    "index": N_("The index on its scale"),
    "elements": N_("Elements, lowest first"),
    "funnel": N_("From transactions to answers"),
    "trend": N_("Index by month"),
    "modes": N_("How people answered"),
    "trust": N_("Trust of those served"),
    "priority": N_("What goes along with trust"),
    "sentiment": N_("Sentiment of comments by month"),
}


def drawing_of(results: Results, subject: Subject, names: Mapping[str, str], lang: str) -> Drawing:
    """What a picture of a place is drawn from; ``names`` are those of all items, by key, in the language."""
    data, summary = _MAKERS[subject](results, names, lang)
    figure = results.figure
    ends = (-1.0, 1.0) if subject == "sentiment" else figure.ends if figure else (25.0, 100.0)
    return Drawing(subject, results.place.name, data, lang, say(_TITLES[subject], lang), summary, ends)


_Made = tuple[object | None, str]


def _index(results: Results, _names: Mapping[str, str], lang: str) -> _Made:
    figure = results.figure
    if figure is None or figure.exact is None or figure.interval is None:
        return None, _no_figure(figure, lang)
    weighed = results.evidence.weighed if results.evidence else None
    adjusted = weighed.adjusted if weighed else None
    name = say(N_("IKM") if figure.kind == "ikm" else N_("Index"), lang)
    reading = IndexReading(
        official=Estimate(name, figure.exact, figure.interval),
        grade=figure.grade or "",
        adjusted=None
        if adjusted is None or adjusted.value is None
        else Estimate(say(N_("Adjusted to all transactions"), lang), adjusted.value, adjusted.interval),
        without_cost=None
        if figure.without_cost is None
        else Estimate(say(N_("Without cost"), lang), float(figure.without_cost)),
    )
    text = N_("%(name)s %(value)s, 95 %% interval %(span)s, from %(n)s answers.")
    return reading, say(
        text,
        lang,
        name=name,
        value=number(figure.exact, lang, 2),
        span=span(figure.interval.low, figure.interval.high, lang),
        n=number(figure.n, lang),
    )


def _elements(results: Results, names: Mapping[str, str], lang: str) -> _Made:
    figure = results.figure
    if figure is None or not figure.elements:
        return None, _no_figure(figure, lang)
    shown = [
        Element(names[one.key], one.answered, Estimate(names[one.key], float(one.value), one.interval))
        for one in figure.elements
    ]
    hidden = [Element(names[key], 0, None, short_reason("too_few", lang)) for key in figure.elements_withheld]
    lowest, highest = (choose(figure.elements, key=lambda one: one.value) for choose in (min, max))
    text = N_("Lowest: %(lowest)s with %(low)s. Highest: %(highest)s with %(high)s.")
    return Profile((*shown, *hidden)), say(
        text,
        lang,
        lowest=names[lowest.key],
        low=number(float(lowest.value), lang, 2),
        highest=names[highest.key],
        high=number(float(highest.value), lang, 2),
    )


def _funnel(results: Results, _names: Mapping[str, str], lang: str) -> _Made:
    funnel = results.funnel
    if not funnel.transactions or not funnel.answered <= funnel.invited <= funnel.transactions:
        return None, say(N_("No transaction has been reported in this period."), lang)
    stages = (
        Stage(
            say(N_("Transactions"), lang),
            funnel.transactions,
            say(N_("of transactions"), lang),
            say(N_("all that were reported"), lang),
        ),
        Stage(
            say(N_("Invited"), lang),
            funnel.invited,
            say(N_("of the invited"), lang),
            say(N_("given a link of their own"), lang),
        ),
        Stage(say(N_("Answered"), lang), funnel.answered, "", say(N_("gave a valid answer"), lang)),
    )
    text = N_("Of %(all)s transactions %(invited)s were invited and %(answered)s answered.")
    return Funnel(stages), say(
        text,
        lang,
        all=number(funnel.transactions, lang),
        invited=number(funnel.invited, lang),
        answered=number(funnel.answered, lang),
    )


def _trend(results: Results, _names: Mapping[str, str], lang: str) -> _Made:
    trend = results.trend
    if not any(point.value is not None for point in trend):
        return _months(trend, lang)
    first, last = trend[0].period, trend[-1].period
    text = N_("from here another questionnaire; before: %(name)s")
    earlier = [name for month, name in results.earlier if month < first]
    notes = [Annotation(first, say(text, lang, name=name), new_series=True) for name in earlier]
    notes += [
        Annotation(month, say(N_("questionnaire %(name)s begins"), lang, name=name))
        for month, name in results.earlier
        if first <= month <= last
    ]
    return Trend(tuple(trend), tuple(notes)), _months(trend, lang)[1]


def _sentiment(results: Results, _names: Mapping[str, str], lang: str) -> _Made:
    return _months(results.sentiment, lang)


def _months(points: list[Point], lang: str) -> _Made:
    valued = [(point.value, point.period) for point in points if point.value is not None]
    if not valued:
        return None, say(N_("No month has a value yet."), lang)
    (latest, when), (highest, top), (lowest, bottom) = valued[-1], max(valued), min(valued)
    text = N_(
        "%(first)s to %(last)s. Latest: %(latest)s in %(when)s. Highest: %(highest)s in %(top)s."
        " Lowest: %(lowest)s in %(bottom)s. Months without a value: %(gaps)s."
    )
    return Trend(tuple(points)), say(
        text,
        lang,
        first=month_name(points[0].period, lang),
        last=month_name(points[-1].period, lang),
        latest=number(latest, lang, 2),
        when=month_name(when, lang),
        highest=number(highest, lang, 2),
        top=month_name(top, lang),
        lowest=number(lowest, lang, 2),
        bottom=month_name(bottom, lang),
        gaps=str(len(points) - len(valued)),
    )


def _modes(results: Results, _names: Mapping[str, str], lang: str) -> _Made:
    if results.evidence is None:
        return None, _no_figure(results.figure, lang)
    return read_mix(results.evidence.modes, lang)


def _no_figure(figure: Figure | None, lang: str) -> str:
    return reason((figure.withheld if figure else None) or "no_answers", lang)


_MAKERS: Mapping[Subject, Callable[[Results, Mapping[str, str], str], _Made]] = {
    "index": _index,
    "elements": _elements,
    "funnel": _funnel,
    "trend": _trend,
    "modes": _modes,
    "trust": read_trust,
    "priority": read_priority,
    "sentiment": _sentiment,
}
