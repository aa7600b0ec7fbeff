"""Pictures of trends as SVG: the only place that draws.

The same input gives the same bytes, so a picture can be cached and compared. Text stays text in the reader's
own sans-serif font, ink is grey, and nothing depends on colour.
"""

import io
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from analysis.trends import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 420
"""Units of the viewBox: a text of 12 units is 9 pixels high on a phone of 320 and can still be read."""

LINE = 60
"""Characters of a text of 12 units that surely fit in the width."""

MOST_MONTH_LABELS = 8
"""So many month names fit side by side."""

_NO_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""The characters that no XML document may contain."""

_LATEST = "latest"
_SVG = "http://www.w3.org/2000/svg"
_INK, _QUIET, _HAIR, _ZONE = "#1a1a1a", "#595959", "#c4c4c4", "#f2f2f2"
_LEFT, _RIGHT, _PLOT, _MONTHS, _LEADING, _EDGE = 42, 14, 184, 40, 15, 6

Band = tuple[float, float, str]
"""A horizontal zone: from, to, label."""


def trend_svg(
    points: Sequence[Point],
    *,
    title: str,
    description: str,
    y_label: str,
    level_text: str,
    month_names: Sequence[str],
    number: Callable[[float], str],
    bounds: tuple[float, float] = (25.0, 100.0),
    bands: Sequence[Band] = (),
    axis_text: str = "{label} ({low}–{high})",
) -> bytes:
    """Draw a line through monthly values, a whisker for each interval, and a gap where there is no value.

    The vertical axis covers a readable part of ``bounds`` that contains all values and intervals; which part,
    stands above it. The latest value is written beside its point.

    Args:
        points: the months, see ``analysis.trends``; their order does not matter.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        y_label: what the vertical axis measures.
        level_text: what a whisker means, such as "95 % interval".
        month_names: twelve short names, January first.
        number: writes a value in the reader's language.
        bounds: lowest and highest possible value; ``(-1, 1)`` for sentiment.
        bands: zones such as grades, drawn quietly behind the line and labelled at the right.
        axis_text: how the label and the ends of the axis are put together.

    Returns:
        An SVG document in UTF-8.

    Raises:
        ValueError: no points, not twelve month names, or a value or interval outside ``bounds``.
    """
    _check(points, month_names, bounds)
    _matplotlib()
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    points = sorted(points, key=lambda point: point.period)
    low, high, ticks = _scale(points, bounds)
    heading = textwrap.wrap(_plain(axis_text.format(label=y_label, low=number(low), high=number(high))), LINE)
    key = textwrap.wrap(_plain(level_text), LINE)
    above, below = 2 * _EDGE + _LEADING * len(heading), _MONTHS + 2 * _EDGE + _LEADING * len(key)
    right = _RIGHT + 8 * max((len(label) for _, _, label in bands), default=0)
    height = above + _PLOT + below
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    FigureCanvasSVG(figure)
    axes = figure.add_axes((_LEFT / WIDTH, below / height, (WIDTH - _LEFT - right) / WIDTH, _PLOT / height))
    _vertical(axes, low, high, ticks, number)
    _horizontal(axes, points, month_names)
    _zones(axes, bands, low, high)
    _line(axes, points)
    _latest(axes, points, number)
    page = figure.add_axes((0, 0, 1, 1))
    page.set_axis_off()
    page.set_xlim(0, WIDTH)
    page.set_ylim(height, 0)
    for position, line in enumerate(heading):
        page.text(_EDGE, 16 + _LEADING * position, line, fontsize=12, color=_INK)
    _key(page, key, height - _EDGE - _LEADING * len(key))
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return _document(drawn.getvalue(), title, description)


@cache
def _matplotlib() -> ModuleType:
    """Import matplotlib and set its parameters, once for the process."""
    import matplotlib

    matplotlib.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "percaya",
            "text.parse_math": False,
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same measures everywhere
        }
    )
    return matplotlib


def _check(points: Sequence[Point], month_names: Sequence[str], bounds: tuple[float, float]) -> None:
    if not points:
        raise ValueError("no points to draw")
    if len(month_names) != 12:
        raise ValueError(f"twelve month names are needed, not {len(month_names)}")
    for point in points:
        for value in (point.value, point.low, point.high):
            if value is not None and not bounds[0] <= value <= bounds[1]:
                raise ValueError(f"{point.period}: {value} is outside {bounds[0]} to {bounds[1]}")


def _scale(points: Sequence[Point], bounds: tuple[float, float]) -> tuple[float, float, list[float]]:
    """Ends and ticks of the vertical axis: all values and intervals with some air around them.

    At least a fifth of the scale is shown, so that noise does not look like movement.
    """
    from matplotlib.ticker import MaxNLocator

    values = [
        value for point in points for value in (point.value, point.low, point.high) if value is not None
    ] or list(bounds)
    whole = bounds[1] - bounds[0]
    air = max(0.03 * whole, (0.2 * whole - (max(values) - min(values))) / 2)
    low, high = max(bounds[0], min(values) - air), min(bounds[1], max(values) + air)
    ticks = [float(tick) for tick in MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(low, high)]
    low, high = max(bounds[0], ticks[0]), min(bounds[1], ticks[-1])
    return low, high, [tick for tick in ticks if low <= tick <= high]


def _vertical(
    axes: "Axes", low: float, high: float, ticks: Sequence[float], number: Callable[[float], str]
) -> None:
    axes.set_ylim(low, high)
    axes.set_yticks(ticks, [_plain(number(tick)) for tick in ticks])
    axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=_QUIET, pad=5)
    axes.grid(axis="y", color=_HAIR, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)


def _horizontal(axes: "Axes", points: Sequence[Point], month_names: Sequence[str]) -> None:
    """Name as many months as fit, with the year under the first name and under each January."""
    first, last = _month(points[0]), _month(points[-1])
    axes.set_xlim(first - 0.6, last + 0.6)
    strides = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
    stride = next(
        (s for s in strides if (last - first) // s < MOST_MONTH_LABELS), (last - first) // MOST_MONTH_LABELS
    )
    named = [month for month in range(first, last + 1) if month % stride == 0] or [first]
    labels = []
    for month in named:
        year, name = month // 12, month_names[month % 12]
        with_year = month == named[0] or month % 12 == 0
        # Every label has two lines, or those with one would stand a little higher.
        labels.append(_plain(str(year) if stride >= 12 else f"{name}\n{year if with_year else ''}"))
    axes.set_xticks(named, labels)
    axes.tick_params(axis="x", length=3, color=_QUIET, labelsize=12, labelcolor=_QUIET, pad=4)


def _zones(axes: "Axes", bands: Sequence[Band], low: float, high: float) -> None:
    """Shade every other zone, draw their borders, and label those that are tall enough."""
    for position, (start, end, label) in enumerate(sorted(bands)):
        bottom, top = max(start, low), min(end, high)
        if bottom >= top:
            continue
        if position % 2 == 0:
            axes.axhspan(bottom, top, color=_ZONE, linewidth=0, zorder=0)
        if low < start < high:
            axes.axhline(start, color=_QUIET, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1)
        if (top - bottom) / (high - low) > 0.07:
            axes.annotate(
                _plain(label),
                (1, (bottom + top) / 2),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=12,
                color=_QUIET,
            )


def _line(axes: "Axes", points: Sequence[Point]) -> None:
    for run in _runs(points):
        months = [_month(point) for point, _ in run]
        values = [value for _, value in run]
        axes.plot(months, values, color=_INK, linewidth=1.5, zorder=4)
        for point, _ in run:
            if point.low is not None and point.high is not None:
                axes.vlines(_month(point), point.low, point.high, color=_QUIET, linewidth=1.1, zorder=3)
        _dots(axes, months, values, size=5.0 if _month(points[-1]) - _month(points[0]) < 24 else 3.0)


def _dots(axes: "Axes", across: Sequence[float], up: Sequence[float], *, size: float) -> None:
    axes.plot(
        across,
        up,
        linestyle="none",
        marker="o",
        markersize=size,
        markerfacecolor=_INK,
        markeredgecolor="white",
        markeredgewidth=0.8,
        zorder=5,
        clip_on=False,
    )


def _runs(points: Sequence[Point]) -> Iterator[list[tuple[Point, float]]]:
    """Successive months that have a value; a month without one, or a missing month, ends a run."""
    run: list[tuple[Point, float]] = []
    for point in points:
        if run and (point.value is None or _month(point) != _month(run[-1][0]) + 1):
            yield run
            run = []
        if point.value is not None:
            run.append((point, point.value))
    if run:
        yield run


def _latest(axes: "Axes", points: Sequence[Point], number: Callable[[float], str]) -> None:
    """Write the latest value above its whisker, or below where there is no room above."""
    latest = next((point for point in reversed(points) if point.value is not None), None)
    if latest is None or latest.value is None:
        return
    low, high = axes.get_ylim()
    top = latest.value if latest.high is None else latest.high
    bottom = latest.value if latest.low is None else latest.low
    few = _month(points[-1]) - _month(points[0]) < 12
    room = 0.1 * (high - low)
    if high - top > room:
        height, offset, across, down = top, (0, 4), "center" if few else "right", "bottom"
    elif bottom - low > room:
        height, offset, across, down = bottom, (0, -4), "center" if few else "right", "top"
    else:
        height, offset, across, down = latest.value, (-7, 0), "right", "center"
    axes.annotate(
        _plain(number(latest.value)),
        (_month(latest), height),
        xytext=offset,
        textcoords="offset points",
        ha=across,
        va=down,
        fontsize=12,
        fontweight="bold",
        color=_INK,
        zorder=6,
        gid=_LATEST,
    )


def _key(page: "Axes", lines: Sequence[str], top: float) -> None:
    """Explain the whisker under the picture. ``page`` is in units of the viewBox, downwards from the top."""
    middle = top + _LEADING / 2
    page.plot([11, 11], [middle - 7, middle + 7], color=_QUIET, linewidth=1.1)
    _dots(page, [11], [middle], size=5.0)
    for position, line in enumerate(lines):
        page.text(19, middle + 4 + _LEADING * position, line, fontsize=12, color=_QUIET)


def _month(point: Point) -> int:
    """Months since the year 0, so that neighbours differ by one."""
    return point.period // 100 * 12 + point.period % 100 - 1


def _plain(text: str) -> str:
    return _NO_XML.sub("", text)


def _document(drawn: str, title: str, description: str) -> bytes:
    """Give the drawing a title and a description, and leave the choice of the font to the reader."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - written by ourselves a moment ago
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    root.set("role", "img")
    for side in ("width", "height"):
        root.set(side, root.get(side, "").removesuffix("pt"))
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}")
        element.text = _plain(text)
        root.insert(position, element)
    for element in root.findall(f".//{{{_SVG}}}g[@id='{_LATEST}']//{{{_SVG}}}text"):
        # A white rim keeps the number readable where it crosses a whisker.
        element.set("paint-order", "stroke")
        element.set("stroke", "white")
        element.set("stroke-width", "3")
    for element in root.iter(f"{{{_SVG}}}text"):
        element.set("style", element.get("style", "").replace("'DejaVu Sans', ", ""))
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
