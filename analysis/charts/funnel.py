"""Picture of the way from transactions to answers."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from analysis.charts.axis import Scale
from analysis.charts.estimate import Cell, Table, check_count
from analysis.charts.frame import (
    EDGE,
    LEADING,
    QUIET,
    RIGHT,
    SOFT,
    TEXT,
    ZONE,
    Page,
    text_width,
    wrap,
)
from analysis.errors import Contradiction, Malformed, NoFigure

_BAR = 13


@dataclass(frozen=True)
class Stage:
    """How many transactions got so far.

    Attributes:
        name: of the stage, in the reader's language.
        count: of transactions that reached it.
        whole: what later stages are shares of, in words ("of the invited"); empty for a stage that is no
            denominator, such as delivery.
        definition: which transactions count, in a sentence; may be empty.
    """

    name: str
    count: int
    whole: str = ""
    definition: str = ""


@dataclass(frozen=True)
class Funnel:
    """The stages from all transactions to the answered ones.

    The denominators are those that the United States ask of their agencies for every survey of customers:
    customers, customers offered the survey, respondents (OMB Circular A-11, section 280); a customer is a
    transaction here.

    Attributes:
        stages: the first has all, each later one a part of the one before.
    """

    stages: tuple[Stage, ...]

    def shares(self, position: int) -> tuple[tuple[str, float], ...]:
        """A stage as a share, 0 to 1, of each denominator before it, which is named; none of an empty one."""
        count = self.stages[position].count
        return tuple(
            (stage.whole, count / stage.count)
            for stage in self.stages[:position]
            if stage.whole and stage.count
        )

    def table(self) -> Table:
        """One row per stage, with its share of each denominator before it."""
        wholes = [place for place, stage in enumerate(self.stages[:-1]) if stage.whole]
        rows = []
        for position, stage in enumerate(self.stages):
            row: list[Cell] = [stage.name, stage.count]
            for place in wholes:
                whole = self.stages[place].count
                row.append(stage.count / whole if place < position and whole else None)
            rows.append((*row, stage.definition or None))
        shares = (f"share_of_{place + 1}" for place in wholes)
        return Table(("stage", "count", *shares, "definition"), tuple(rows))


def funnel_svg(
    funnel: Funnel,
    *,
    title: str,
    description: str,
    count: Callable[[int], str],
    percent: Callable[[float], str],
    share_text: str = "{share} {whole}",
    separator: str = " · ",
    heading: str = "",
    remark: str = "",
) -> bytes:
    """Draw a bar for each stage, as long as its share of all transactions, with counts and shares in words.

    Bars of denominators are dark, those of the stages between are lighter, and the pale rest of the way is
    what was lost.

    Args:
        funnel: the stages.
        title: name of the picture for assistive technology; not drawn.
        description: what it shows in words; not drawn.
        count: writes a number of transactions in the reader's language.
        percent: writes a share, 0 to 1, in the reader's language.
        share_text: how a share and what it is a share of are put together.
        separator: stands between two shares.
        heading: a line above the bars.
        remark: a sentence beneath.

    Returns:
        An SVG document in UTF-8.

    Raises:
        NoFigure: no stages, or no transactions.
        NotACount: a number of transactions is not one.
        Contradiction: a stage has more than the one before.
        Malformed: the first stage is no denominator.
    """
    _check(funnel)
    page = Page()
    scale = Scale(0, funnel.stages[0].count, EDGE, RIGHT)
    y = page.paragraph(EDGE, EDGE, heading) + 3 if heading else float(EDGE)
    for position, stage in enumerate(funnel.stages):
        shares = separator.join(
            share_text.format(share=percent(share), whole=whole) for whole, share in funnel.shares(position)
        )
        is_whole = bool(stage.whole) or position == len(funnel.stages) - 1
        y = _stage(page, scale, y, stage, count(stage.count), shares, is_whole)
    y = page.paragraph(EDGE, y, remark) if remark else y
    return page.svg(y + EDGE, title, description)


def _check(funnel: Funnel) -> None:
    if not funnel.stages:
        raise NoFigure("no stages to draw")
    for stage in funnel.stages:
        check_count(stage.name, stage.count)
    if funnel.stages[0].count == 0:
        raise NoFigure("no transactions, so that nothing is a share of them")
    if not funnel.stages[0].whole:
        raise Malformed(f"{funnel.stages[0].name}: the first stage is what all others are shares of")
    for before, after in pairwise(funnel.stages):
        if after.count > before.count:
            raise Contradiction(f"{after.name}: {after.count} of {before.count} in {before.name}")


def _stage(
    page: Page, scale: Scale, y: float, stage: Stage, number: str, shares: str, is_whole: bool
) -> float:
    """Draw one stage; returns where the next one begins."""
    names = wrap(stage.name, RIGHT - EDGE - text_width(number, bold=True) - 8)
    page.text(RIGHT, y + TEXT - 1, number, across="right", bold=True)
    y = page.lines(EDGE, y, names) + 2
    page.box((scale.start, scale.end), (y, y + _BAR), fill=ZONE, order=1)
    page.box((scale.start, scale(stage.count)), (y, y + _BAR), fill=QUIET if is_whole else SOFT)
    y += _BAR + 3
    for text in (shares, stage.definition):
        y = page.paragraph(EDGE, y, text) if text else y
    return y + LEADING * 0.7
