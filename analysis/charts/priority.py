"""Picture of importance and performance: what to act on first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.charts.axis import Part, Scale, readable_part, ticks_below
from analysis.charts.estimate import Bounds, Estimate, Table, check_estimate, check_value, reach
from analysis.charts.frame import (
    DASHED,
    EDGE,
    INK,
    LEADING,
    QUIET,
    RIGHT,
    TEXT,
    ZONE,
    Page,
    text_width,
    wrap,
)
from analysis.charts.placing import Box, place
from analysis.errors import TooFew
from analysis.intervals import Interval

_PLOT = 216
_DOT = 6
_COLUMN = 18
_NEAR = 18
"""A number farther from its dot is joined to it by a line."""


@dataclass(frozen=True)
class Candidate:
    """One element with what it counts for and how it does.

    Attributes:
        name: in the reader's language.
        importance: its share, 0 to 1, of the explained variation.
        performance: its figure, in the unit of the vertical axis.
        interval: of the importance; None when there is none.
    """

    name: str
    importance: float
    performance: float
    interval: Interval | None = None

    @property
    def share(self) -> Estimate:
        """The importance with its interval."""
        return Estimate(self.name, self.importance, self.interval)


@dataclass(frozen=True)
class Priority:
    """The elements of an index by importance and performance.

    Attributes:
        candidates: two or more; in any order.
    """

    candidates: tuple[Candidate, ...]

    @property
    def ordered(self) -> tuple[Candidate, ...]:
        """Lowest performance first, which is the order the rule of the survey asks for and the numbering."""
        return tuple(sorted(self.candidates, key=lambda one: one.performance))

    @property
    def mean(self) -> float:
        """Mean performance: below it lies what does worse than the rest."""
        return sum(one.performance for one in self.candidates) / len(self.candidates)

    @property
    def even_share(self) -> float:
        """The importance each would have if all had the same."""
        return 1 / len(self.candidates)

    def first(self, candidate: Candidate) -> bool:
        """Whether it is to be acted on first: more important than an even share, and below the mean."""
        return candidate.importance > self.even_share and candidate.performance < self.mean

    def table(self) -> Table:
        """The elements in the order of their numbers."""
        rows = tuple(
            (
                number,
                one.name,
                one.importance,
                *one.share.ends,
                one.performance,
                "first" if self.first(one) else None,
            )
            for number, one in enumerate(self.ordered, start=1)
        )
        columns = ("number", "element", "importance", "low", "high", "performance", "priority")
        return Table(columns, rows)


def priority_svg(
    priority: Priority,
    *,
    title: str,
    description: str,
    importance_label: str,
    performance_label: str,
    first_text: str,
    lines_text: str,
    level_text: str,
    number: Callable[[float], str],
    percent: Callable[[float], str],
    bounds: Bounds = (25.0, 100.0),
    axis_text: str = "{label} ({low}–{high})",
    remark: str = "",
) -> bytes:
    """Draw each element as a numbered dot, importance to the right, performance upwards.

    Dashed lines at the mean performance and at an even share of importance make four fields; the one of what
    is important and does badly is shaded and named, and its dots are filled. Elements are numbered from the
    lowest performance upwards and named beneath.

    Args:
        priority: the elements.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        importance_label: what the horizontal axis measures.
        performance_label: what the vertical axis measures.
        first_text: name of the field to act on first.
        lines_text: what the dashed lines mean.
        level_text: what the line through a dot means, such as "95 % interval of the importance".
        number: writes a value of the vertical axis in the reader's language.
        percent: writes a share, 0 to 1.
        bounds: ends of the scale of performance.
        axis_text: how the label and the ends of the vertical axis are put together.
        remark: a sentence beneath, such as that an association is not an effect.

    Returns:
        An SVG document in UTF-8.

    Raises:
        TooFew: fewer than two elements, of which none could come first.
        Malformed: an importance is outside 0 to 1, or a performance outside ``bounds``.
        Contradiction: an interval is upside down.
    """
    _check(priority, bounds)
    page = Page()
    part = readable_part([one.performance for one in priority.candidates], bounds)
    label = axis_text.format(label=performance_label, low=number(part.low), high=number(part.high))
    top = page.lines(EDGE, EDGE, wrap(label, RIGHT - EDGE)) + 5
    across = _across(priority, EDGE + 6 + max(text_width(number(tick)) for tick in part.ticks))
    named = wrap(first_text, (RIGHT - across.start) / 2 - 8)
    # Under the lowest value the shaded field goes on, so that its name has room.
    floor = top + _PLOT
    bottom = floor + LEADING * len(named) + 5
    up = Scale(part.low, part.high, floor, top + 8)
    _fields(page, priority, across, up, bottom, named)
    _vertical(page, across.start, up, part, (top, bottom), number)
    _dots(page, priority, across, up, Box(across.start + 3, top, RIGHT, floor + 2))
    ticks = readable_part((across.low, across.high), (across.low, across.high), steps=4).ticks
    y = ticks_below(page, across, bottom, ticks, percent)
    y = page.lines(RIGHT, y, wrap(importance_label, RIGHT - EDGE), across="right") + EDGE
    y = _names(page, y, priority) + EDGE
    if lines_text:
        page.line((EDGE, EDGE + 16), (y + 7, y + 7), dash=DASHED, width=0.9)
        y = page.paragraph(EDGE + 22, y, lines_text)
    if level_text and any(one.interval is not None for one in priority.candidates):
        page.line((EDGE, EDGE + 16), (y + 7, y + 7))
        y = page.paragraph(EDGE + 22, y, level_text)
    y = page.paragraph(EDGE, y + 2, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(priority: Priority, bounds: Bounds) -> None:
    if len(priority.candidates) < 2:
        raise TooFew("an order of priority", len(priority.candidates), 2)
    for one in priority.candidates:
        check_estimate(one.share, (0.0, 1.0))
        check_value(one.name, one.performance, bounds)


def _across(priority: Priority, left: float) -> Scale:
    """The horizontal scale: from nothing to the highest share or interval, and at least twice an even share.

    So the shaded field takes at least half of the width, and its name fits.
    """
    highest = max(2 * priority.even_share, *reach([one.share for one in priority.candidates]))
    return Scale(0.0, min(1.0, highest * 1.04), left, RIGHT)


def _fields(
    page: Page, priority: Priority, across: Scale, up: Scale, bottom: float, named: Sequence[str]
) -> None:
    """Shade and name the field to act on first, and draw the lines between the fields."""
    middle, level = across(priority.even_share), up(priority.mean)
    page.box((middle, RIGHT), (level, bottom), fill=ZONE, order=0)
    page.line((middle, middle), (up.end - 8, bottom), width=0.9, dash=DASHED, order=1)
    page.line((across.start, RIGHT), (level, level), width=0.9, dash=DASHED, order=1)
    page.lines(RIGHT - 4, bottom - 3 - LEADING * len(named), named, across="right", colour=QUIET)


def _vertical(
    page: Page,
    left: float,
    up: Scale,
    part: Part,
    down: tuple[float, float],
    number: Callable[[float], str],
) -> None:
    page.line((left, left), down, width=0.8)
    for tick in part.ticks:
        page.line((left - 3, left), (up(tick), up(tick)), width=0.8)
        page.text(left - 5, up(tick) + TEXT * 0.36, number(tick), across="right", colour=QUIET)


def _dots(page: Page, priority: Priority, across: Scale, up: Scale, inside: Box) -> None:
    """Draw the dots with their intervals, and their numbers beside them, joined by a line when far."""
    points = [(across(one.importance), up(one.performance)) for one in priority.ordered]
    texts = [str(number) for number in range(1, len(points) + 1)]
    sizes = [(text_width(text, bold=True) + 2, float(TEXT)) for text in texts]
    centres = place(points, sizes, inside, _DOT + 1)
    for one, (x, y), text, (label_x, label_y) in zip(priority.ordered, points, texts, centres, strict=True):
        if one.interval is not None:
            page.line((across(one.interval.low), across(one.interval.high)), (y, y))
        page.mark(x, y, size=_DOT + 1, hollow=not priority.first(one))
        if abs(label_x - x) + abs(label_y - y) > _NEAR:
            page.line((x, label_x), (y, label_y), width=0.6, order=2)
        page.text(label_x, label_y + TEXT * 0.36, text, across="center", bold=True, rim=True)


def _names(page: Page, y: float, priority: Priority) -> float:
    """Name the numbers in two columns; returns where the next line would begin."""
    half = (len(priority.ordered) + 1) // 2
    middle = (EDGE + RIGHT) / 2 + 4
    columns = ((EDGE, 0, half), (middle, half, len(priority.ordered)))
    lowest = y
    for left, start, end in columns:
        line = y
        for position in range(start, end):
            one = priority.ordered[position]
            page.mark(left + 4, line + 7, size=_DOT, hollow=not priority.first(one))
            page.text(left + 12, line + TEXT - 1, str(position + 1), bold=True)
            names = wrap(one.name, middle - EDGE - 12 - _COLUMN - 6)
            line = page.lines(left + 12 + _COLUMN, line, names or [""], colour=INK) + 2
        lowest = max(lowest, line)
    return lowest
