"""Picture of the mix of modes, month by month: by which way how large a share of the answers came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import isclose

from analysis.charts.axis import Scale, ticks_below
from analysis.charts.estimate import Table, check_count, check_value
from analysis.charts.frame import (
    EDGE,
    LEADING,
    PAPER,
    QUIET,
    RIGHT,
    SOFT,
    TEXT,
    Page,
    text_width,
    wrap,
)
from analysis.errors import Contradiction, Malformed, NoFigure

_BAR = 13
_ROW = 18
_SWATCH = 14
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FILLS = ((QUIET, None), (PAPER, "/////"), (PAPER, None), (SOFT, None))
"""Of the modes in their order: neighbours differ in tone and hatching, so that black and white will do."""


@dataclass(frozen=True)
class MixedMonth:
    """The answers of one month.

    Attributes:
        name: of the month, in the reader's language.
        n: number of answers.
        shares: of each mode, 0 to 1, in the order of the modes; they sum to one. Empty when withheld.
        reason: why there are no shares, in the reader's language; empty when there are.
    """

    name: str
    n: int
    shares: tuple[float, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Mix:
    """The modes of answering by month.

    Attributes:
        modes: what the modes are called, two to four.
        months: in time.
    """

    modes: tuple[str, ...]
    months: tuple[MixedMonth, ...]

    def table(self) -> Table:
        """One row per month in the order of the picture, with the share of each mode in theirs."""
        shares = (f"share_of_{position}" for position in range(1, len(self.modes) + 1))
        none = (None,) * len(self.modes)
        rows = tuple((one.name, one.n, *(one.shares or none), one.reason or None) for one in self.months)
        return Table(("month", "n", *shares, "reason"), rows)


def mix_svg(
    mix: Mix,
    *,
    title: str,
    description: str,
    count_label: str,
    count: Callable[[int], str],
    percent: Callable[[float], str],
    remark: str = "",
) -> bytes:
    """Draw a bar for each month, all equally long, parted by the shares of the modes.

    Which part is which mode stands above the bars, the number of answers beside them. A month without shares
    says why in place of its bar.

    Args:
        mix: the modes and their months.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        count_label: what the numbers beside the bars are.
        count: writes a number of answers in the reader's language.
        percent: writes a share, 0 to 1, in the reader's language, without decimals.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no months, or no month with shares.
        Malformed: fewer than two or more than four modes, a month with another number of shares, with shares
            and a reason or with neither, or a share outside 0 to 1.
        Contradiction: the shares of a month do not sum to one.
        NotACount: a number of answers is not one.
    """
    _check(mix)
    page = Page()
    counts = [count(one.n) for one in mix.months]
    label = wrap(count_label, (RIGHT - EDGE) / 3)
    names = max(text_width(one.name) for one in mix.months)
    beside = max(map(text_width, (*counts, *label)))
    room = min(names, (RIGHT - EDGE) / 3)
    # The ends of the axis are written below its ends: half of them needs room at the left and the right.
    scale = Scale(0, 1, EDGE + room + 10, RIGHT - beside - 10)
    y = _key(page, mix.modes)
    y = page.lines(RIGHT, y, label, across="right", colour=QUIET) + 3
    for one, number in zip(mix.months, counts, strict=True):
        y = _month(page, scale, y, one, number, room)
    y = ticks_below(page, scale, y + 1, _TICKS, percent) + EDGE
    y = page.paragraph(EDGE, y, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(mix: Mix) -> None:
    if not 2 <= len(mix.modes) <= len(_FILLS):
        raise Malformed(f"{len(mix.modes)} modes, where two to {len(_FILLS)} can be told apart")
    if not any(one.shares for one in mix.months):
        raise NoFigure("no month with shares to draw")
    for one in mix.months:
        check_count(one.name, one.n)
        if bool(one.shares) == bool(one.reason):
            raise Malformed(f"{one.name}: either shares or a reason why there are none")
        if one.shares and len(one.shares) != len(mix.modes):
            raise Malformed(f"{one.name}: {len(one.shares)} shares of {len(mix.modes)} modes")
        for share in one.shares:
            check_value(one.name, share, (0.0, 1.0))
        if one.shares and not isclose(sum(one.shares), 1, abs_tol=1e-6):
            raise Contradiction(f"{one.name}: shares that sum to {sum(one.shares):g}, not to 1")


def _key(page: Page, modes: Sequence[str]) -> float:
    """A sample of each mode with its name, one below the other; returns where the next line begins."""
    y = float(EDGE)
    for kind, name in enumerate(modes):
        _part(page, (EDGE, EDGE + _SWATCH), (y + 2, y + 12), kind)
        y = page.lines(EDGE + _SWATCH + 6, y, wrap(name, RIGHT - EDGE - _SWATCH - 6))
    return y + 2


def _part(page: Page, across: tuple[float, float], down: tuple[float, float], kind: int) -> None:
    fill, hatch = _FILLS[kind]
    page.box(across, down, fill=fill, edge=QUIET, hatch=hatch)


def _month(page: Page, scale: Scale, y: float, month: MixedMonth, number: str, room: float) -> float:
    """Draw one month; returns where the next one begins."""
    page.text(RIGHT, y + TEXT, number, across="right")
    bottom = page.lines(EDGE, y + 1, wrap(month.name, room), colour=QUIET)
    if month.reason:
        lines = wrap(month.reason, scale.end - scale.start)
        return max(bottom, page.lines(scale.start, y + 1, lines, colour=QUIET)) + _ROW - LEADING
    borders = [scale(end) for end in accumulate(month.shares, initial=0.0)]
    for kind, (start, end) in enumerate(pairwise(borders)):
        if end > start:
            _part(page, (start, min(end, scale.end)), (y + 2, y + 2 + _BAR), kind)
    return bottom + _ROW - LEADING
