"""Drawings as SVG: the pictures of ``analysis.charts`` with every text in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analysis.charts import (
    funnel_svg,
    index_svg,
    mix_svg,
    priority_svg,
    profile_svg,
    themes_svg,
    trend_svg,
    trust_svg,
)
from survey.pictures import Drawing, Pictures, Subject
from survey.results_texts import N_, grade_bands, number, percent, say, short_months, signed

_AXIS = N_("{label} (here from {low} to {high})")
_INTERVAL = N_("The line through a point is its 95 % interval")


def draw(drawing: Drawing) -> bytes:
    """The SVG of a drawing.

    Raises:
        ValueError: the drawing is empty.
    """
    if drawing.data is None:
        raise ValueError("there is nothing to draw")
    common = {"title": f"{drawing.title}: {drawing.place}", "description": drawing.summary}
    return _DRAW[drawing.subject](drawing, drawing.lang, common)


def _scaled(drawing: Drawing) -> tuple[list[tuple[float, float, str]], str]:
    """The grades of the scale and its name."""
    ikm = drawing.ends == (25.0, 100.0)
    name = N_("IKM, 25 to 100") if ikm else N_("Perception index, at most 4")
    return (grade_bands() if ikm else []), say(name, drawing.lang)


def _index(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    bands, name = _scaled(drawing)
    reading: Any = drawing.data
    return index_svg(
        reading,
        **common,
        heading=name,
        level_text=say(_INTERVAL, lang),
        number=lambda value: number(value, lang, 2),
        bands=bands,
        bounds=drawing.ends,
    )


def _elements(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    bands, name = _scaled(drawing)
    profile: Any = drawing.data
    return profile_svg(
        profile,
        **common,
        axis_label=name,
        level_text=say(_INTERVAL, lang),
        number=lambda value: number(value, lang, 2),
        tick=lambda value: number(value, lang, 0 if value == int(value) else 2),
        bands=bands,
        bounds=drawing.ends,
        axis_text=say(_AXIS, lang),
    )


def _funnel(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    funnel: Any = drawing.data
    return funnel_svg(
        funnel,
        **common,
        count=lambda count: number(count, lang),
        percent=lambda value: percent(value, lang),
    )


def _trend(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    sentiment = drawing.subject == "sentiment"
    bands, name = ([], say(N_("Mean sentiment, −1 to 1"), lang)) if sentiment else _scaled(drawing)
    trend: Any = drawing.data
    whole = not sentiment and drawing.ends == (25.0, 100.0)
    return trend_svg(
        trend.points,
        **common,
        y_label=name,
        level_text=say(_INTERVAL, lang),
        month_names=short_months(lang),
        number=lambda value: number(value, lang, 0 if whole and value == int(value) else 2),
        bounds=drawing.ends,
        bands=bands,
        axis_text=say(_AXIS, lang),
        annotations=trend.notes,
    )


def _modes(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    mix: Any = drawing.data
    return mix_svg(
        mix,
        **common,
        count_label=say(N_("Answers"), lang),
        count=lambda count: number(count, lang),
        percent=lambda value: f"{number(100 * value, lang)}\u00a0%",
    )


def _trust(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    reading: Any = drawing.data
    return trust_svg(
        reading,
        **common,
        percent=lambda value: percent(value, lang),
        net=lambda value: signed(value, lang),
        number=lambda value: number(value, lang, 1),
        net_text=say(N_("net {net} ({low} to {high})"), lang),
    )


def _priority(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    priority: Any = drawing.data
    return priority_svg(
        priority,
        **common,
        importance_label=say(N_("Share in what is explained of trust"), lang),
        performance_label=_scaled(drawing)[1],
        first_text=say(N_("Act here first"), lang),
        lines_text=say(N_("Dotted lines: an equal share, and the mean of the elements"), lang),
        level_text=say(_INTERVAL, lang),
        number=lambda value: number(value, lang, 0 if value == int(value) else 2),
        percent=lambda value: percent(value, lang),
        bounds=drawing.ends,
        axis_text=say(_AXIS, lang),
    )


def _share(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    trend: Any = drawing.data
    name = (
        N_("Share of unfavourable comments")
        if drawing.subject == "negative"
        else N_("Share of favourable comments")
    )
    return trend_svg(
        trend.points,
        **common,
        y_label=say(name, lang),
        level_text=say(_INTERVAL, lang),
        month_names=short_months(lang),
        number=lambda value: f"{number(100 * value, lang)}\u00a0%",
        bounds=drawing.ends,
        axis_text=say(_AXIS, lang),
        annotations=trend.notes,
    )


def _themes(drawing: Drawing, lang: str, common: Mapping[str, Any]) -> bytes:
    themes: Any = drawing.data
    return themes_svg(
        themes,
        **common,
        ends=(say(N_("unfavourable"), lang), say(N_("favourable"), lang)),
        count_label=say(N_("Comments about it"), lang),
        count=lambda count: number(count, lang),
        remark=say(N_("What is neither is in the number at the right only."), lang),
    )


_DRAW: Mapping[Subject, Callable[[Drawing, str, Mapping[str, Any]], bytes]] = {
    "index": _index,
    "elements": _elements,
    "funnel": _funnel,
    "trend": _trend,
    "modes": _modes,
    "trust": _trust,
    "priority": _priority,
    "sentiment": _trend,
    "negative": _share,
    "positive": _share,
    "themes": _themes,
}

PICTURES = Pictures(draw)
