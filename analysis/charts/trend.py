"""Picture of a figure month by month."""

from collections.abc import Callable, Collection, Iterator, Sequence
from math import nan
from typing import TYPE_CHECKING

from analysis.charts.annotations import (
    Annotation,
    check_annotations,
    draw_annotations,
    height_of,
    lanes_of,
    months,
    told_of,
)
from analysis.charts.axis import Part, readable_part
from analysis.charts.estimate import Band, Bounds, Table, check_bands, check_value
from analysis.charts.frame import (
    DOTTED,
    EDGE,
    HAIR,
    INK,
    LEADING,
    PAPER,
    QUIET,
    RIGHT,
    TEXT,
    WIDTH,
    ZONE,
    Page,
    plain,
    text_width,
    wrap,
)
from analysis.errors import Contradiction, Malformed, NoFigure
from analysis.trends import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_MONTH_LABELS = 8
"""So many month names fit side by side."""

_LEFT, _MARGIN, _PLOT, _MONTHS = 42, 14, 184, 40
_INDENT = 19


def trend_table(points: Sequence[Point]) -> Table:
    """The months in order: values, intervals, numbers of answers, and reasons why there is no value."""
    ordered = sorted(points, key=lambda point: point.period)
    rows = tuple((one.period, one.value, one.low, one.high, one.n, one.reason) for one in ordered)
    return Table(("month", "value", "low", "high", "n", "reason"), rows)


def trend_svg(
    points: Sequence[Point],
    *,
    title: str,
    description: str,
    y_label: str,
    level_text: str,
    month_names: Sequence[str],
    number: Callable[[float], str],
    bounds: Bounds = (25.0, 100.0),
    bands: Sequence[Band] = (),
    axis_text: str = "{label} ({low}–{high})",
    annotations: Sequence[Annotation | tuple[int, str]] = (),
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
        annotations: what may explain a movement: numbered lines before the months they begin with, told
            beneath. One that starts a new series interrupts the line of the figure.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no points.
        Malformed: not twelve month names, a value or interval outside ``bounds``, something that is not a
            month, an annotation outside of the months, or a zone that is not one.
        Contradiction: an interval is upside down, or zones overlap.
    """
    notes = [Annotation(*annotation) for annotation in annotations]
    _check(points, month_names, bounds, notes)
    check_bands(bands)
    page = Page()
    points = sorted(points, key=lambda point: point.period)
    part = readable_part(
        [value for one in points for value in (one.value, one.low, one.high) if value is not None], bounds
    )
    label = axis_text.format(label=y_label, low=number(part.low), high=number(part.high))
    heading, key = wrap(label, RIGHT - EDGE), wrap(level_text, RIGHT - _INDENT)
    right = _MARGIN + 8 * max((len(label) for _, _, label in bands), default=0)
    left = max(_LEFT, EDGE + 5 + max(text_width(number(tick)) for tick in part.ticks))
    width = WIDTH - left - right
    lanes = lanes_of(notes, (_month(points[0]), _month(points[-1])), width)
    indent = _INDENT if len(notes) < 10 else _INDENT + 6
    told = [wrap(told_of(note, month_names), RIGHT - indent) for note, _ in lanes]
    top = 2 * EDGE + LEADING * len(heading) + height_of(lanes)
    key_top = top + _PLOT + _MONTHS + EDGE
    height = key_top + LEADING * (len(key) + sum(map(len, told))) + EDGE
    box = (left / WIDTH, 1 - (top + _PLOT) / height, width / WIDTH, _PLOT / height)
    axes = page.figure.add_axes(box)
    _vertical(axes, part, number)
    _horizontal(axes, points, month_names)
    _zones(axes, bands, part)
    _line(axes, points, {note.month for note in notes if note.new_series})
    _latest(page, axes, points, number)
    draw_annotations(axes, lanes)
    page.lines(EDGE, 5, heading)
    _key(page, key_top, key, told, indent)
    return page.svg(height, title, description)


def _check(
    points: Sequence[Point], month_names: Sequence[str], bounds: Bounds, notes: Sequence[Annotation]
) -> None:
    if not points:
        raise NoFigure("no points to draw")
    if len(month_names) != 12:
        raise Malformed(f"twelve month names are needed, not {len(month_names)}")
    for point in points:
        if not 1 <= point.period % 100 <= 12:
            raise Malformed(f"{point.period} is not a month written yyyymm")
        for value in (point.value, point.low, point.high):
            if value is not None:
                check_value(str(point.period), value, bounds)
        if point.low is not None and point.high is not None and point.low > point.high:
            raise Contradiction(f"{point.period}: an interval from {point.low} to {point.high}")
    check_annotations(notes, min(point.period for point in points), max(point.period for point in points))


def _vertical(axes: "Axes", part: Part, number: Callable[[float], str]) -> None:
    axes.set_ylim(part.low, part.high)
    axes.set_yticks(part.ticks, [plain(number(tick)) for tick in part.ticks])
    axes.tick_params(axis="y", length=0, labelsize=TEXT, labelcolor=QUIET, pad=5)
    axes.grid(axis="y", color=HAIR, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)


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
        labels.append(plain(str(year) if stride >= 12 else f"{name}\n{year if with_year else ''}"))
    axes.set_xticks(named, labels)
    axes.tick_params(axis="x", length=3, color=QUIET, labelsize=TEXT, labelcolor=QUIET, pad=5)


def _zones(axes: "Axes", bands: Sequence[Band], part: Part) -> None:
    """Shade every other zone, draw their borders, and label those that are tall enough."""
    low, high = part.low, part.high
    for position, (start, end, label) in enumerate(sorted(bands)):
        bottom, top = max(start, low), min(end, high)
        if bottom >= top:
            continue
        if position % 2 == 0:
            axes.axhspan(bottom, top, color=ZONE, linewidth=0, zorder=0)
        if low < start < high:
            axes.axhline(start, color=QUIET, linewidth=0.7, linestyle=DOTTED, zorder=1)
        if (top - bottom) / (high - low) > 0.07:
            axes.annotate(
                plain(label),
                (1, (bottom + top) / 2),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=TEXT,
                color=QUIET,
            )


def _line(axes: "Axes", points: Sequence[Point], starts: Collection[int]) -> None:
    for run in _runs(points, starts):
        months = [_month(point) for point, _ in run]
        values = [value for _, value in run]
        axes.plot(months, values, color=INK, linewidth=1.5, zorder=4)
        # One path for all whiskers of a run: ten years of them would weigh more than all the rest.
        across: list[float] = []
        up: list[float] = []
        for point, _ in run:
            if point.low is not None and point.high is not None:
                across += (_month(point), _month(point), nan)
                up += (point.low, point.high, nan)
        axes.plot(
            across,
            up,
            color=QUIET,
            linewidth=1.1,
            solid_capstyle="butt",
            zorder=3,
        )
        _dots(axes, months, values, size=5.0 if _month(points[-1]) - _month(points[0]) < 24 else 3.0)


def _dots(axes: "Axes", across: Sequence[float], up: Sequence[float], *, size: float) -> None:
    axes.plot(
        across,
        up,
        linestyle="none",
        marker="o",
        markersize=size,
        markerfacecolor=INK,
        markeredgecolor=PAPER,
        markeredgewidth=0.8,
        zorder=5,
        clip_on=False,
    )


def _runs(points: Sequence[Point], starts: Collection[int]) -> Iterator[list[tuple[Point, float]]]:
    """Successive months that have a value; a missing value, a missing month or a new series ends a run."""
    run: list[tuple[Point, float]] = []
    for point in points:
        joined = point.value is not None and point.period not in starts
        if run and not (joined and _month(point) == _month(run[-1][0]) + 1):
            yield run
            run = []
        if point.value is not None:
            run.append((point, point.value))
    if run:
        yield run


def _latest(page: Page, axes: "Axes", points: Sequence[Point], number: Callable[[float], str]) -> None:
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
        plain(number(latest.value)),
        (_month(latest), height),
        xytext=offset,
        textcoords="offset points",
        ha=across,
        va=down,
        fontsize=TEXT,
        fontweight="bold",
        color=INK,
        zorder=6,
        gid=page.rim(),
    )


def _key(page: Page, y: float, level: Sequence[str], notes: Sequence[Sequence[str]], indent: float) -> None:
    """Explain the whisker under the picture, and tell what the numbered lines stand for."""
    middle = y + LEADING / 2
    page.line((11, 11), (middle - 7, middle + 7))
    page.mark(11, middle, size=5)
    y = page.lines(_INDENT, y, level, colour=QUIET)
    for position, lines in enumerate(notes):
        page.text(11, y + TEXT - 1, str(position + 1), across="center")
        y = page.lines(indent, y, lines, colour=QUIET)


def _month(point: Point) -> int:
    return months(point.period)
