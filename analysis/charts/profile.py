"""Picture of the elements of an index, lowest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.charts.axis import Scale, interval_key, readable_part, ticks_below, zones
from analysis.charts.estimate import (
    Band,
    Bounds,
    Estimate,
    Table,
    check_bands,
    check_count,
    check_estimate,
    reach,
)
from analysis.charts.frame import (
    EDGE,
    HAIR,
    INK,
    LEADING,
    QUIET,
    RIGHT,
    TEXT,
    Page,
    text_width,
    wrap,
)
from analysis.errors import Malformed, NoFigure

_NAMES = 148
"""Room for the names."""

_BETWEEN = 9


@dataclass(frozen=True)
class Element:
    """One element of an index, or why it is withheld.

    Attributes:
        name: in the reader's language.
        n: number of answers to it.
        estimate: its figure; None when it is withheld.
        reason: why it is withheld, in the reader's language; empty when it is not.
    """

    name: str
    n: int
    estimate: Estimate | None = None
    reason: str = ""


@dataclass(frozen=True)
class Profile:
    """The elements of an index, in any order."""

    elements: tuple[Element, ...]

    @property
    def ordered(self) -> tuple[Element, ...]:
        """Lowest first, equal ones as they were given, those without a figure at the end."""
        return tuple(
            sorted(self.elements, key=lambda one: (one.estimate is None, one.estimate and one.estimate.value))
        )

    def table(self) -> Table:
        """The elements in the order of the picture."""
        rows = tuple(
            (
                one.name,
                *((None, None, None) if one.estimate is None else (one.estimate.value, *one.estimate.ends)),
                one.n,
                one.reason or None,
            )
            for one in self.ordered
        )
        return Table(("element", "value", "low", "high", "n", "reason"), rows)


def profile_svg(
    profile: Profile,
    *,
    title: str,
    description: str,
    axis_label: str,
    level_text: str,
    number: Callable[[float], str],
    tick: Callable[[float], str] | None = None,
    bands: Sequence[Band] = (),
    bounds: Bounds = (25.0, 100.0),
    axis_text: str = "{label} ({low}–{high})",
    remark: str = "",
) -> bytes:
    """Draw a dot with its interval for each element, lowest first, and write its value at the right.

    Names are broken into lines. The horizontal axis covers a readable part of ``bounds`` that contains all
    values and intervals; which part, stands above it. Elements without a figure are listed last with the
    reason.

    Args:
        profile: the elements.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        axis_label: what the horizontal axis measures.
        level_text: what the line through a dot means, such as "95 % interval".
        number: writes a value in the reader's language.
        tick: writes a round value of the axis; ``number`` unless given.
        bands: zones such as grades, drawn quietly behind the dots and labelled above.
        bounds: ends of the scale.
        axis_text: how the label and the ends of the axis are put together.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no elements.
        Malformed: a figure is outside ``bounds``, an element has neither a figure nor a reason or has both,
            or a zone is not one.
        Contradiction: an interval is upside down, or zones overlap.
        NotACount: a number of answers is not one.
    """
    _check(profile, bounds)
    check_bands(bands)
    page = Page()
    shown = [one.estimate for one in profile.ordered if one.estimate is not None]
    part = readable_part(reach(shown), bounds, steps=4)
    column = max((text_width(number(one.value)) for one in shown), default=0.0)
    scale = Scale(part.low, part.high, EDGE + _NAMES + 14, RIGHT - column - 12)
    tick = tick or number
    heading = axis_text.format(label=axis_label, low=tick(part.low), high=tick(part.high))
    y = page.lines(EDGE, EDGE, wrap(heading, RIGHT - EDGE)) + (LEADING + 3 if bands and shown else 3)
    if shown:
        bottom = y + 4 + sum(_height(one) for one in profile.ordered if one.estimate is not None)
        zones(page, scale, y, bottom, bands)
        y += 4
    for element in profile.ordered:
        if element.estimate is not None:
            y = _row(page, scale, y, element, element.estimate, number)
    y = ticks_below(page, scale, y, part.ticks, tick) + EDGE if shown else y
    for element in profile.ordered:
        if element.estimate is None:
            y = _withheld(page, y, element)
    y = interval_key(page, y, level_text) if shown else y
    y = page.paragraph(EDGE, y + 2, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(profile: Profile, bounds: Bounds) -> None:
    if not profile.elements:
        raise NoFigure("no elements to draw")
    for element in profile.elements:
        check_count(element.name, element.n)
        if (element.estimate is None) != bool(element.reason):
            raise Malformed(f"{element.name}: either a figure or a reason why there is none")
        if element.estimate is not None:
            check_estimate(element.estimate, bounds)


def _height(element: Element) -> float:
    return LEADING * max(1, len(wrap(element.name, _NAMES))) + _BETWEEN


def _row(
    page: Page,
    scale: Scale,
    y: float,
    element: Element,
    estimate: Estimate,
    number: Callable[[float], str],
) -> float:
    """Draw one element; returns where the next one begins."""
    height = _height(element)
    middle = y + height / 2
    page.lines(EDGE, y + _BETWEEN / 2, wrap(element.name, _NAMES), colour=INK)
    page.line((scale.start, scale.end), (middle, middle), colour=HAIR, width=0.5, order=1)
    if estimate.interval is not None:
        page.line((scale(estimate.interval.low), scale(estimate.interval.high)), (middle, middle), width=1.6)
    page.mark(scale(estimate.value), middle)
    page.text(RIGHT, middle + TEXT * 0.36, number(estimate.value), across="right")
    return y + height


def _withheld(page: Page, y: float, element: Element) -> float:
    """Name an element and say why it has no figure; returns where the next one begins."""
    left = EDGE + _NAMES + 14
    names = page.lines(EDGE, y, wrap(element.name, _NAMES), colour=QUIET)
    return max(names, page.lines(left, y, wrap(element.reason, RIGHT - left), colour=QUIET)) + EDGE
