"""Scales: which part of one is shown, where a value stands on it, and the zones of grades across it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from analysis.charts.estimate import Band, Bounds
from analysis.charts.frame import (
    DOTTED,
    EDGE,
    LEADING,
    QUIET,
    RIGHT,
    TEXT,
    ZONE,
    Across,
    Page,
    text_width,
)

LEAST_SHOWN = 0.2
"""At least this share of a scale is shown, so that noise does not look like movement; our choice."""

_APART = 3


class Part(NamedTuple):
    """The part of a scale that is shown, with its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]


class Scale(NamedTuple):
    """Values from ``low`` to ``high`` laid from ``start`` to ``end`` on the page."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value stands, in units of the page."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class Place:
    """A text centred at ``x``, or at the edge of the page where there is no room to centre it.

    Attributes:
        x: where the thing is that the text belongs to.
        left: where the text begins.
        right: where it ends.
    """

    def __init__(self, x: float, text: str, *, bold: bool = False) -> None:
        width = text_width(text, bold=bold)
        self.x = x
        self.left = min(max(x - width / 2, EDGE), RIGHT - width)
        self.right = self.left + width
        self._text = text
        self._bold = bold

    def write(self, page: Page, y: float, *, colour: str = QUIET, rim: bool = False) -> None:
        """Write it with its baseline at ``y``, so that it keeps to its edge in a narrower font too."""
        at: tuple[float, Across] = (self.x, "center")
        if self.left == EDGE:
            at = (EDGE, "left")
        elif self.right == RIGHT:
            at = (RIGHT, "right")
        page.text(at[0], y, self._text, across=at[1], colour=colour, bold=self._bold, rim=rim)


def readable_part(values: Sequence[float], bounds: Bounds, steps: int = 5) -> Part:
    """A part of a scale that contains all values, with some air around them, and round ticks.

    Args:
        values: what must be in sight; nothing shows the whole scale.
        bounds: ends of the scale, never passed.
        steps: at most so many steps between ticks.
    """
    from matplotlib.ticker import MaxNLocator

    values = list(values) or list(bounds)
    whole = bounds[1] - bounds[0]
    air = max(0.03 * whole, (LEAST_SHOWN * whole - (max(values) - min(values))) / 2)
    low, high = max(bounds[0], min(values) - air), min(bounds[1], max(values) + air)
    # Where the scale ends, the air that is cut off on one side is given to the other.
    low = max(bounds[0], min(low, high - LEAST_SHOWN * whole))
    high = min(bounds[1], max(high, low + LEAST_SHOWN * whole))
    ticks = [float(tick) for tick in MaxNLocator(nbins=steps, steps=[1, 2, 5, 10]).tick_values(low, high)]
    low, high = max(bounds[0], ticks[0]), min(bounds[1], ticks[-1])
    return Part(low, high, tuple(tick for tick in ticks if low <= tick <= high))


def zones(
    page: Page, scale: Scale, top: float, bottom: float, bands: Sequence[Band], strong: str = ""
) -> None:
    """Shade every other zone from top to bottom, draw the borders, label those that are wide enough.

    Args:
        page: where to draw.
        scale: the horizontal scale.
        top: of the zones; the labels stand above it.
        bottom: of the zones.
        bands: the zones.
        strong: label of the zone to be written in bold.
    """
    for position, (start, end, label) in enumerate(sorted(bands)):
        left, right = scale(max(start, scale.low)), scale(min(end, scale.high))
        if left >= right:
            continue
        if position % 2 == 0:
            page.box((left, right), (top, bottom), fill=ZONE, order=0)
        if scale.low < start < scale.high:
            page.line((left, left), (top, bottom), width=0.7, dash=DOTTED, order=1)
        bold = label == strong
        if text_width(label, bold=bold) + 4 <= right - left:
            page.text((left + right) / 2, top - 5, label, across="center", bold=bold, colour=QUIET)


def ticks_below(
    page: Page, scale: Scale, bottom: float, ticks: Sequence[float], number: Callable[[float], str]
) -> float:
    """Draw an axis and write its ticks under it, leaving out those without room.

    Returns:
        Where the next line of text would begin.
    """
    page.line((scale.start, scale.end), (bottom, bottom), width=0.8)
    places = [Place(scale(tick), number(tick)) for tick in sorted(ticks)]
    free, last = float("-inf"), places[-1]
    for place in places:
        # The last one counts most: it says where the scale ends.
        if place.left < free or (place is not last and place.right + _APART > last.left):
            continue
        page.line((place.x, place.x), (bottom, bottom + 3), width=0.8)
        place.write(page, bottom + 5 + TEXT - 1)
        free = place.right + _APART
    return bottom + 6 + LEADING


def interval_key(page: Page, y: float, text: str) -> float:
    """Explain a dot with the line through it; returns where the next line would begin."""
    if not text:
        return y
    page.line((EDGE, EDGE + 16), (y + 7, y + 7))
    page.mark(EDGE + 8, y + 7, size=5)
    return page.paragraph(EDGE + 22, y, text)
