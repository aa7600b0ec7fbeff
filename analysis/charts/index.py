"""Picture of one index against the grades."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.charts.axis import Place, Scale, ticks_below, zones
from analysis.charts.estimate import (
    Band,
    Bounds,
    Estimate,
    Table,
    check_bands,
    check_estimate,
    written,
)
from analysis.charts.frame import EDGE, INK, LEADING, RIGHT, TEXT, Form, Page, text_width, wrap

_ROW = 20
_MAIN = 40
"""Height of the row of the main figure, which has its value above it."""


@dataclass(frozen=True)
class IndexReading:
    """One index, and what stands beside it.

    Attributes:
        official: the index with its interval.
        grade: label of the zone that is its grade; empty when there is none. It is not worked out here,
            because a grade is read from the exact value.
        adjusted: the index weighted to the known transactions.
        without_cost: the index without the element "cost", where "free" is a fact about the tariff.
    """

    official: Estimate
    grade: str = ""
    adjusted: Estimate | None = None
    without_cost: Estimate | None = None

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The figures that there are, in the order of the picture."""
        return tuple(one for one in (self.official, self.adjusted, self.without_cost) if one is not None)

    def table(self) -> Table:
        """The figures, one per row."""
        rows = tuple((one.label, one.value, *one.ends) for one in self.estimates)
        return Table(("figure", "value", "low", "high"), rows)


def index_svg(
    reading: IndexReading,
    *,
    title: str,
    description: str,
    heading: str,
    level_text: str,
    number: Callable[[float], str],
    tick: Callable[[float], str] | None = None,
    bands: Sequence[Band],
    bounds: Bounds = (25.0, 100.0),
    figure_text: str = "{value} ({low}–{high})",
    remark: str = "",
) -> bytes:
    """Draw an index on its whole scale, so that an interval across a border shows how sure the grade is.

    The official figure is a dot with its value above it, the adjusted one a hollow dot, the one without cost
    a hollow diamond; names and numbers stand in a list beneath.

    Args:
        reading: the figures.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        heading: what the scale measures.
        level_text: what the line through a mark means, such as "95 % interval".
        number: writes a value in the reader's language.
        tick: writes a border of the grades; ``number`` unless given.
        bands: the grades.
        bounds: ends of the scale.
        figure_text: how a value and its interval are put together.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        Malformed: a figure is outside ``bounds``, or a zone is not one.
        Contradiction: an interval is upside down, or zones overlap.
    """
    for estimate in reading.estimates:
        check_estimate(estimate, bounds)
    check_bands(bands)
    page = Page()
    scale = Scale(*bounds, EDGE, RIGHT)
    y = page.lines(EDGE, EDGE, wrap(heading, RIGHT - EDGE))
    top = y + LEADING + 3
    bottom = top + _MAIN + _ROW * (len(reading.estimates) - 1)
    zones(page, scale, top, bottom, bands, reading.grade)
    _official(page, scale, top + _MAIN - 11, reading.official, number)
    for position, (form, estimate) in enumerate(_beside(reading)):
        _figure(page, scale, top + _MAIN + _ROW * position + 8, estimate, form, hollow=True)
    borders = sorted({*bounds, *(end for start, end, _ in bands), *(start for start, _, _ in bands)})
    borders = [border for border in borders if bounds[0] <= border <= bounds[1]]
    y = ticks_below(page, scale, bottom, borders, tick or number) + EDGE
    y = _list(page, y, reading, number, figure_text)
    if level_text:
        page.line((EDGE, EDGE + 14), (y + 7, y + 7), width=1.6)
        y = page.paragraph(EDGE + 20, y, level_text)
    y = page.paragraph(EDGE, y + 2, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _beside(reading: IndexReading) -> list[tuple[Form, Estimate]]:
    both: tuple[tuple[Form, Estimate | None], ...] = (("o", reading.adjusted), ("D", reading.without_cost))
    return [(form, estimate) for form, estimate in both if estimate is not None]


def _official(page: Page, scale: Scale, y: float, estimate: Estimate, number: Callable[[float], str]) -> None:
    _figure(page, scale, y, estimate, "o", hollow=False)
    place = Place(scale(estimate.value), number(estimate.value), bold=True)
    place.write(page, y - 9, colour=INK, rim=True)


def _figure(page: Page, scale: Scale, y: float, estimate: Estimate, form: Form, *, hollow: bool) -> None:
    if estimate.interval is not None:
        ends = scale(estimate.interval.low), scale(estimate.interval.high)
        page.line(ends, (y, y), width=1.6)
    page.mark(scale(estimate.value), y, form=form, hollow=hollow, size=7 if hollow else 8)


def _list(
    page: Page, y: float, reading: IndexReading, number: Callable[[float], str], template: str
) -> float:
    """Name the marks and write their figures at the right; returns where the next line would begin."""
    named: list[tuple[Form, Estimate]] = [("o", reading.official), *_beside(reading)]
    for position, (form, estimate) in enumerate(named):
        text = written(estimate, number, template)
        page.mark(EDGE + 7, y + 7, form=form, hollow=position > 0, size=7)
        names = wrap(estimate.label, RIGHT - EDGE - 20 - 8 - text_width(text, bold=position == 0))
        page.text(RIGHT, y + TEXT - 1, text, across="right", bold=position == 0)
        y = page.lines(EDGE + 20, y, names or [""]) + 3
    return y
