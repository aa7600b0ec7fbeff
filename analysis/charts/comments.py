"""Picture of what comments are about: of each theme, how many speak badly and how many speak well of it."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.charts.axis import Scale
from analysis.charts.estimate import Cell, Table, check_count
from analysis.charts.frame import EDGE, LEADING, PAPER, QUIET, RIGHT, TEXT, Page, text_width, wrap
from analysis.errors import Contradiction, NoFigure

_BAR = 14
_SWATCH = 14
_BESIDE = 5


@dataclass(frozen=True)
class ThemeBar:
    """The comments about one theme.

    Attributes:
        name: in the reader's language.
        n: number of comments about it.
        negative: how many of them are unfavourable.
        positive: how many are favourable; the others are neither.
        reason: why the two are withheld, in the reader's language; they are ignored then.
    """

    name: str
    n: int
    negative: int = 0
    positive: int = 0
    reason: str = ""


@dataclass(frozen=True)
class ThemeBars:
    """Themes, in the order in which they are to be drawn."""

    bars: tuple[ThemeBar, ...]

    def table(self) -> Table:
        """One row per theme in the order of the picture."""
        return Table(("theme", "n", "negative", "positive", "reason"), tuple(map(_cells, self.bars)))


def _cells(bar: ThemeBar) -> tuple[Cell, ...]:
    if bar.reason:
        return bar.name, bar.n, None, None, bar.reason
    return bar.name, bar.n, bar.negative, bar.positive, None


def themes_svg(
    themes: ThemeBars,
    *,
    title: str,
    description: str,
    ends: tuple[str, str],
    count_label: str,
    count: Callable[[int], str],
    remark: str = "",
) -> bytes:
    """Draw a bar for each theme: unfavourable comments to the left of the middle, favourable to the right.

    All bars have one scale, which reaches as far to either side as the longest of them. The name of a theme
    and the number of all comments about it stand above its bar, the numbers of both kinds beside it.

    Args:
        themes: the numbers of comments.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        ends: what unfavourable and favourable comments are called.
        count_label: what the numbers at the right are.
        count: writes a number of comments in the reader's language.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no themes, or none with more than its number of comments.
        NotACount: a number of comments is not one.
        Contradiction: more unfavourable and favourable comments than comments.
    """
    _check(themes)
    drawn = [bar for bar in themes.bars if not bar.reason]
    longest = max(1, max(max(bar.negative, bar.positive) for bar in drawn))
    widest = max(text_width(count(n)) for bar in drawn for n in (bar.negative, bar.positive))
    room = EDGE + widest + _BESIDE
    scale = Scale(-longest, longest, room, EDGE + RIGHT - room)
    page = Page()
    y = _key(page, ends)
    y = page.lines(RIGHT, y, wrap(count_label, (RIGHT - EDGE) / 2), across="right", colour=QUIET) + 3
    for bar in themes.bars:
        y = _theme(page, scale, y, bar, count)
    y = page.paragraph(EDGE, y, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(themes: ThemeBars) -> None:
    for bar in themes.bars:
        check_count(bar.name, bar.n)
        if bar.reason:
            continue
        for part in (bar.negative, bar.positive):
            check_count(bar.name, part)
        if bar.negative + bar.positive > bar.n:
            raise Contradiction(f"{bar.name}: {bar.negative} and {bar.positive} of {bar.n} comments")
    if all(bar.reason for bar in themes.bars):
        raise NoFigure("no theme with comments to draw")


def _key(page: Page, ends: tuple[str, str]) -> float:
    """What each side is, with a sample of it, at the edge on which it is drawn."""
    room = (RIGHT - EDGE) / 2 - _SWATCH - 12
    left, right = (wrap(text, room) for text in ends)
    _part(page, (EDGE, EDGE + _SWATCH), (EDGE + 2, EDGE + 12), favourable=False)
    _part(page, (RIGHT - _SWATCH, RIGHT), (EDGE + 2, EDGE + 12), favourable=True)
    return 3 + max(
        page.lines(EDGE + _SWATCH + 5, EDGE, left, colour=QUIET),
        page.lines(RIGHT - _SWATCH - 5, EDGE, right, across="right", colour=QUIET),
    )


def _part(page: Page, across: tuple[float, float], down: tuple[float, float], *, favourable: bool) -> None:
    fill, hatch = (QUIET, None) if favourable else (PAPER, "/////")
    page.box(across, down, fill=fill, edge=QUIET, hatch=hatch)


def _theme(page: Page, scale: Scale, y: float, bar: ThemeBar, count: Callable[[int], str]) -> float:
    """Draw one theme; returns where the next one begins."""
    number = count(bar.n)
    page.text(RIGHT, y + TEXT - 1, number, across="right")
    y = page.lines(EDGE, y, wrap(bar.name, RIGHT - EDGE - text_width(number) - 10))
    if bar.reason:
        return page.paragraph(EDGE, y, bar.reason) + 7
    y += 2
    middle, ends = scale(0), (scale(-bar.negative), scale(bar.positive))
    if bar.negative:
        _part(page, (ends[0], middle), (y, y + _BAR), favourable=False)
    if bar.positive:
        _part(page, (middle, ends[1]), (y, y + _BAR), favourable=True)
    page.line((middle, middle), (y - 3, y + _BAR + 3), width=0.8)
    baseline = y + _BAR - 3
    page.text(ends[0] - _BESIDE, baseline, count(bar.negative), across="right", colour=QUIET)
    page.text(ends[1] + _BESIDE, baseline, count(bar.positive), colour=QUIET)
    return y + _BAR + LEADING - 6
