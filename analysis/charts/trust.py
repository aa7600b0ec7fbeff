"""Picture of trust: its level, its change, and the drivers that should explain it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from analysis.charts.axis import Scale
from analysis.charts.estimate import (
    Bounds,
    Cell,
    Estimate,
    Table,
    check_count,
    check_estimate,
    check_value,
    written,
)
from analysis.charts.frame import (
    EDGE,
    HAIR,
    LEADING,
    PAPER,
    QUIET,
    RIGHT,
    TEXT,
    Across,
    Page,
    text_width,
    wrap,
)
from analysis.errors import Contradiction, NoFigure
from analysis.intervals import Interval

_BAR = 14
_SWATCH = 14
_NET: Bounds = (-100.0, 100.0)
_INDEX: Bounds = (0.0, 100.0)


@dataclass(frozen=True)
class TrustItem:
    """The answers to one item, or why they are withheld.

    Attributes:
        name: in the reader's language.
        n: number of answers.
        disagree: share, 0 to 1, of the answers at the lower end.
        neutral: share of those in the middle.
        agree: share of those at the upper end; the three sum to one.
        interval: of the net, in points from -100 to 100.
        reason: why the answers are withheld, in the reader's language; the shares are ignored then.
    """

    name: str
    n: int
    disagree: float = 0.0
    neutral: float = 0.0
    agree: float = 0.0
    interval: Interval | None = None
    reason: str = ""

    @property
    def net(self) -> float:
        """Share of the upper end minus share of the lower end, in points from -100 to 100."""
        return 100 * (self.agree - self.disagree)


@dataclass(frozen=True)
class TrustGroup:
    """Items that share their answers.

    Attributes:
        heading: what the items are about.
        ends: what the three kinds of answer are called: lower end, middle, upper end.
        items: at least one.
    """

    heading: str
    ends: tuple[str, str, str]
    items: tuple[TrustItem, ...]


@dataclass(frozen=True)
class TrustReading:
    """Trust as it was answered, the outcome apart from what should explain it.

    Attributes:
        groups: level, change and drivers, one after the other.
        index: the driver index, 0 to 100, to which the level does not belong; None when there is none.
    """

    groups: tuple[TrustGroup, ...]
    index: Estimate | None = None

    def table(self) -> Table:
        """One row per item in the order of the picture, and one for the index with its value."""
        columns = ("group", "item", "disagree", "neutral", "agree", "net", "low", "high", "n", "reason")
        rows = [_cells(group, item) for group in self.groups for item in group.items]
        if self.index is not None:
            ends = self.index.ends
            rows.append((None, self.index.label, None, None, None, self.index.value, *ends, None, None))
        return Table(columns, tuple(rows))


def _cells(group: TrustGroup, item: TrustItem) -> tuple[Cell, ...]:
    if item.reason:
        return (group.heading, item.name, *(None,) * 6, item.n, item.reason)
    ends = (None, None) if item.interval is None else (item.interval.low, item.interval.high)
    return (group.heading, item.name, item.disagree, item.neutral, item.agree, item.net, *ends, item.n, None)


def trust_svg(
    reading: TrustReading,
    *,
    title: str,
    description: str,
    percent: Callable[[float], str],
    net: Callable[[float], str],
    number: Callable[[float], str],
    net_text: str = "{net} ({low}–{high})",
    index_text: str = "{value} ({low}–{high})",
    remark: str = "",
) -> bytes:
    """Draw a bar for each item, disagreement to the left of the middle and agreement to the right.

    The neutral answers lie astride the middle. What each kind of answer is called stands above the bars, the
    shares of the ends beside them, and the net with its interval at the right. The scale is the same for all
    items and all readings. The driver index is a dot on a scale of its own.

    Args:
        reading: the shares and the index.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        percent: writes a share, 0 to 1, in the reader's language, without decimals.
        net: writes a net in points with its sign.
        number: writes a value of the index.
        net_text: how a net, its interval and the number of answers ({n}) are put together.
        index_text: how the index and its interval are put together.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no items.
        Malformed: a share is outside 0 to 1, a net's interval outside -100 to 100, or the index outside 0 to
            100.
        Contradiction: the shares of an item do not sum to one, or an interval is upside down.
        NotACount: a number of answers is not one.
    """
    _check(reading)
    page = Page()
    room = max((text_width(text) for text in _ends_written(reading, percent, number)), default=0.0) + 9
    scale = Scale(-1, 1, EDGE + room, RIGHT - room)
    y = float(EDGE)
    for group in reading.groups:
        y = _group_head(page, y, group)
        for item in group.items:
            y = _item(page, scale, y, item, percent, _net_written(item, net, net_text))
        y += EDGE
    if reading.index is not None:
        y = _index(page, scale, y, reading.index, number, index_text) + EDGE
    y = page.paragraph(EDGE, y, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(reading: TrustReading) -> None:
    items = [item for group in reading.groups for item in group.items]
    if not items or not all(group.items for group in reading.groups):
        raise NoFigure("a group without items to draw")
    for item in items:
        check_count(item.name, item.n)
        if item.reason:
            continue
        shares = (item.disagree, item.neutral, item.agree)
        for share in shares:
            check_value(item.name, share, (0.0, 1.0))
        if not isclose(sum(shares), 1, abs_tol=1e-6):
            raise Contradiction(f"{item.name}: shares that sum to {sum(shares):g}, not to 1")
        check_estimate(Estimate(item.name, item.net, item.interval), _NET)
    if reading.index is not None:
        check_estimate(reading.index, _INDEX)


def _ends_written(
    reading: TrustReading, percent: Callable[[float], str], number: Callable[[float], str]
) -> Iterator[str]:
    """What stands beside the bars and beside the scale of the index."""
    if reading.index is not None:
        yield from map(number, _INDEX)
    for group in reading.groups:
        for item in group.items:
            if not item.reason:
                yield percent(item.disagree)
                yield percent(item.agree)


def _net_written(item: TrustItem, net: Callable[[float], str], template: str) -> str:
    if item.reason:
        return ""
    if item.interval is None:
        return net(item.net)
    low, high = net(item.interval.low), net(item.interval.high)
    return template.format(net=net(item.net), low=low, high=high, n=item.n)


def _group_head(page: Page, y: float, group: TrustGroup) -> float:
    """Write what the items are about, and over the bars what their ends mean."""
    for line in wrap(group.heading, RIGHT - EDGE, bold=True):
        page.text(EDGE, y + TEXT - 1, line, bold=True)
        y += LEADING
    room = (RIGHT - EDGE) / 3 - _SWATCH - 12
    words = [wrap(text, room) for text in group.ends]
    middle = (EDGE + RIGHT - _SWATCH - 5 - max((text_width(line) for line in words[1]), default=0.0)) / 2
    lowest = y
    for kind, (left, lines) in enumerate(zip((EDGE, middle, RIGHT - _SWATCH), words, strict=True)):
        _answers(page, (left, left + _SWATCH), (y + 2, y + 12), kind)
        # The word for the upper end stands before its sample, so that the row ends where the page ends.
        at: tuple[float, Across] = (left - 5, "right") if kind == 2 else (left + _SWATCH + 5, "left")
        lowest = max(lowest, page.lines(at[0], y, lines, across=at[1], colour=QUIET))
    return lowest + 3


def _answers(page: Page, across: tuple[float, float], down: tuple[float, float], kind: int) -> None:
    """Fill a rectangle as the answers of the lower end (0), the middle (1) or the upper end (2) are."""
    fill, hatch = ((PAPER, "/////"), (PAPER, None), (QUIET, None))[kind]
    page.box(across, down, fill=fill, edge=QUIET, hatch=hatch)


def _item(
    page: Page, scale: Scale, y: float, item: TrustItem, percent: Callable[[float], str], net: str
) -> float:
    """Draw one item; returns where the next one begins."""
    page.text(RIGHT, y + TEXT - 1, net, across="right")
    beside = text_width(net) + 10 if net else 0
    y = page.lines(EDGE, y, wrap(item.name, RIGHT - EDGE - beside))
    if item.reason:
        return page.paragraph(EDGE, y, item.reason) + 7
    y += 2
    half = item.neutral / 2
    borders = scale(-half - item.disagree), scale(-half), scale(half), scale(half + item.agree)
    for kind, (start, end) in enumerate(pairwise(borders)):
        if end > start:
            _answers(page, (start, end), (y, y + _BAR), kind)
    for tick in ((y - 3, y), (y + _BAR, y + _BAR + 3)):
        page.line((scale(0), scale(0)), tick, width=0.8)
    baseline = y + _BAR - 3
    page.text(borders[0] - 5, baseline, percent(item.disagree), across="right", colour=QUIET)
    page.text(borders[-1] + 5, baseline, percent(item.agree), colour=QUIET)
    return y + _BAR + 9


def _index(
    page: Page, scale: Scale, y: float, index: Estimate, number: Callable[[float], str], template: str
) -> float:
    """Draw the driver index on its own scale from 0 to 100; returns where the next thing begins."""
    text = written(index, number, template)
    page.text(RIGHT, y + TEXT - 1, text, across="right", bold=True)
    y = page.lines(EDGE, y, wrap(index.label, RIGHT - EDGE - text_width(text, bold=True) - 10)) + 9
    across = Scale(*_INDEX, scale.start, scale.end)
    page.line((across.start, across.end), (y, y), colour=HAIR, width=0.8)
    for end in _INDEX:
        page.line((across(end), across(end)), (y - 4, y + 4), width=0.8)
    page.text(across.start - 9, y + 4, number(_INDEX[0]), across="right", colour=QUIET)
    page.text(across.end + 9, y + 4, number(_INDEX[1]), colour=QUIET)
    if index.interval is not None:
        page.line((across(index.interval.low), across(index.interval.high)), (y, y), width=1.6)
    page.mark(across(index.value), y, size=8)
    return y + 9
