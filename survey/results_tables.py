"""The tables of the results pages: rows of plain texts, with a strip that draws an interval or a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from analysis.charts import Mix, Priority, TrustReading
from analysis.trends import Point
from survey.figures import Figure, Funnel
from survey.i18n import translator
from survey.pictures import Drawing
from survey.results_texts import grade_bands, month_name, number, percent, short_reason, span

STRIP = 400
"""Units across a strip."""
TICK = 5


@dataclass(frozen=True)
class Strip:
    """A bar, and a tick on it, in units of ``STRIP``; the numbers it draws stand beside it in words."""

    start: float
    length: float
    tick: float | None = None


@dataclass(frozen=True)
class Scale:
    """The whole scale with its grades as (start, length, letter), and an interval with its value on it."""

    grades: tuple[tuple[float, float, str], ...]
    strip: Strip


@dataclass(frozen=True)
class Row:
    """A row: its name, where the name leads, its cells in the order of the columns."""

    name: str
    cells: tuple[str, ...]
    address: str = ""
    strip: Strip | None = None
    remark: str = ""


@dataclass(frozen=True)
class Table:
    """A table; ``strips`` says what the strips are, empty when there are none."""

    caption: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    strips: str = ""


def figures_table(
    figures: Sequence[Figure], caption: str, head: str, lang: str, address: str, query: str
) -> Table:
    """One row per agency or unit with its index, interval, grade, answers and response rate, by name."""
    _ = translator(lang).gettext
    low, high = _common_scale(figures)
    return Table(
        caption,
        head,
        (_("IKM"), _("95 % interval"), _("Grade"), _("Answers"), _("Transactions"), _("Response rate")),
        tuple(_figure_row(figure, lang, address, query, low, high) for figure in figures),
        _("%(low)s to %(high)s") % {"low": number(low, lang), "high": number(high, lang)},
    )


def _figure_row(figure: Figure, lang: str, address: str, query: str, low: float, high: float) -> Row:
    _ = translator(lang).gettext
    place, interval = figure.place, figure.interval
    code = place.agency if place.unit is None else place.unit
    remark = short_reason(figure.withheld, lang) if figure.withheld else ""
    if figure.grade and not figure.grade_certain:
        remark = _("grade not certain")
    return Row(
        place.name,
        (
            "–" if figure.value is None else number(float(figure.value), lang, 2),
            span(interval.low, interval.high, lang) if interval else "–",
            figure.grade or "–",
            number(figure.n, lang),
            number(figure.funnel.transactions, lang) if figure.funnel else "–",
            _rate(figure.funnel, lang),
        ),
        f"{address}/{code}{query}",
        _interval_strip(figure, low, high),
        remark,
    )


def _interval_strip(figure: Figure, low: float, high: float) -> Strip | None:
    if figure.interval is None or figure.exact is None:
        return None
    start, end = (_place(one, low, high) for one in (figure.interval.low, figure.interval.high))
    return Strip(start, round(end - start, 1), _place(figure.exact, low, high) - TICK / 2)


def scale_of(figure: Figure) -> Scale | None:
    """The figure on the whole scale; None when it is withheld."""
    strip = _interval_strip(figure, 25, 100)
    if strip is None:
        return None
    starts = [_place(start, 25, 100) for start, _end, _letter in grade_bands()]
    ends = [*starts[1:], STRIP]
    letters = [letter for _start, _end, letter in grade_bands()]
    grades = [
        (start, round(end - start, 1), letter)
        for start, end, letter in zip(starts, ends, letters, strict=True)
    ]
    return Scale(tuple(grades), strip)


def _rate(funnel: Funnel | None, lang: str) -> str:
    rate = funnel.response_rate if funnel else None
    return "–" if rate is None else percent(rate, lang)


def _common_scale(figures: Sequence[Figure]) -> tuple[float, float]:
    """Where the strips of a table begin and end: tens around all intervals."""
    intervals = [figure.interval for figure in figures if figure.interval]
    if not intervals:
        return 25, 100
    low = max(25, floor(min(one.low for one in intervals) / 10) * 10)
    return low, min(100, ceil(max(one.high for one in intervals) / 10) * 10)


def _place(value: float, low: float, high: float) -> float:
    return round(STRIP * (value - low) / (high - low), 1)


def funnel_table(funnel: Funnel, lang: str) -> Table:
    """From all transactions to the answered ones, each with its share of all transactions."""
    _ = translator(lang).gettext
    stages = (
        (_("Transactions"), funnel.transactions),
        (_("Invited"), funnel.invited),
        (_("Answered"), funnel.answered),
    )
    shares = [count / funnel.transactions if funnel.transactions else 0.0 for _name, count in stages]
    return Table(
        _("From transactions to answers"),
        _("Stage"),
        (_("Number"), _("Share of transactions")),
        tuple(
            Row(name, (number(count, lang), percent(share, lang)), strip=Strip(0, round(STRIP * share, 1)))
            for (name, count), share in zip(stages, shares, strict=True)
        ),
        _("share"),
    )


def elements_table(figure: Figure, names: Mapping[str, str], lang: str) -> Table:
    """The elements of an index, lowest first; ties stay in the order of the questionnaire."""
    _ = translator(lang).gettext
    shown = sorted(figure.elements, key=lambda element: element.value)
    rows = [
        Row(
            names[element.key],
            (
                number(float(element.nrr), lang, 2),
                number(float(element.value), lang, 2),
                span(element.interval.low, element.interval.high, lang),
                element.grade or "–",
                number(element.answered, lang),
            ),
            strip=Strip(0, _place(float(element.value), *figure.ends)),
            remark=_("lowest") if element.key in figure.lowest else "",
        )
        for element in shown
    ]
    hidden = [
        Row(names[key], ("–",) * 5, remark=short_reason("too_few", lang)) for key in figure.elements_withheld
    ]
    return Table(
        _("Elements, lowest first"),
        _("Element"),
        (_("Mean answer"), _("Value"), _("95 % interval"), _("Grade"), _("Answers")),
        (*rows, *hidden),
        _("%(low)s to %(high)s") % {"low": _end(figure.ends[0], lang), "high": _end(figure.ends[1], lang)},
    )


def _end(value: float, lang: str) -> str:
    return number(value, lang, 0 if value == int(value) else 2)


def picture_table(drawing: Drawing, lang: str) -> Table | None:
    """The numbers of a picture of modes, of trust or of priorities; None when there is nothing to draw."""
    if isinstance(drawing.data, Mix):
        return _mix_table(drawing.data, drawing.title, lang)
    if isinstance(drawing.data, TrustReading):
        return _trust_table(drawing.data, drawing.title, lang)
    if isinstance(drawing.data, Priority):
        return _priority_table(drawing.data, drawing.title, lang)
    return None


def _mix_table(mix: Mix, caption: str, lang: str) -> Table:
    """The months of a mix, latest first as in every table of months."""
    _ = translator(lang).gettext
    rows = tuple(
        Row(
            one.name,
            (
                *([percent(share, lang) for share in one.shares] or ["–"] * len(mix.modes)),
                number(one.n, lang),
            ),
            remark=one.reason,
        )
        for one in reversed(mix.months)
    )
    return Table(caption, _("Month"), (*mix.modes, _("Answers")), tuple(rows))


def _trust_table(reading: TrustReading, caption: str, lang: str) -> Table:
    _ = translator(lang).gettext
    rows = []
    for group in reading.groups:
        for item in group.items:
            if item.reason:
                rows.append(Row(item.name, ("–", "–", "–", "–", number(item.n, lang)), remark=item.reason))
                continue
            shares = (percent(share, lang) for share in (item.disagree, item.neutral, item.agree))
            rows.append(Row(item.name, (*shares, number(item.net, lang, 1), number(item.n, lang))))
    columns = (_("Disagree, or fell"), _("Neutral"), _("Agree, or rose"), _("Net, in points"), _("Answers"))
    return Table(caption, _("Question"), columns, tuple(rows))


def _priority_table(priority: Priority, caption: str, lang: str) -> Table:
    _ = translator(lang).gettext
    rows = tuple(
        Row(
            one.name,
            (
                percent(one.importance, lang),
                "–"
                if one.interval is None
                else f"{percent(one.interval.low, lang)} – {percent(one.interval.high, lang)}",
                number(one.performance, lang, 2),
            ),
            remark=_("act here first") if priority.first(one) else "",
        )
        for one in priority.ordered
    )
    return Table(caption, _("Element"), (_("Share"), _("95 % interval"), _("Value")), rows)


def months_table(points: Sequence[Point], caption: str, value: str, counted: str, lang: str) -> Table:
    """The months of a trend, latest first, each with its value and interval or why it has none.

    ``value`` and ``counted`` are the names of their columns.
    """
    _ = translator(lang).gettext
    return Table(
        caption,
        _("Month"),
        (value, _("95 % interval"), counted),
        tuple(_month_row(point, lang) for point in reversed(points)),
    )


def _month_row(point: Point, lang: str) -> Row:
    known = point.value is not None and point.low is not None and point.high is not None
    return Row(
        month_name(point.period, lang),
        (
            number(point.value or 0.0, lang, 2) if known else "–",
            span(point.low or 0.0, point.high or 0.0, lang) if known else "–",
            number(point.n, lang),
        ),
        remark=short_reason(point.reason, lang) if point.reason else "",
    )
