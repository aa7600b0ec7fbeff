"""Annotations of a trend: what happened in a month and may explain a movement."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from analysis.charts.frame import DASHED, INK, QUIET, TEXT, text_width
from analysis.errors import Malformed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LANE = 14


class Annotation(NamedTuple):
    """Something that happened and may explain a movement, such as a changed instrument or rule.

    Attributes:
        month: the first month it holds for, as yyyymm.
        text: what happened, in the reader's language.
        new_series: the figures before and after are not comparable, so that no line joins them.
    """

    month: int
    text: str
    new_series: bool = False


def check_annotations(notes: Sequence[Annotation], first: int, last: int) -> None:
    """Refuse an annotation of something that is not a month, or of one that is not drawn.

    Raises:
        Malformed: it is.
    """
    for note in notes:
        if not (first <= note.month <= last and 1 <= note.month % 100 <= 12):
            raise Malformed(f"{note.month} is not a month from {first} to {last}")


def draw_annotations(axes: "Axes", lanes: Sequence[tuple[Annotation, int]]) -> None:
    """Draw a numbered line before the first month of each annotation, between two points."""
    for position, (note, lane) in enumerate(lanes):
        where = months(note.month) - 0.5
        axes.axvline(where, color=QUIET, linewidth=0.9, linestyle=DASHED, zorder=2)
        axes.annotate(
            str(position + 1),
            (where, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4 + _LANE * lane),
            textcoords="offset points",
            ha="center",
            va="baseline",
            fontsize=TEXT,
            color=INK,
        )


def lanes_of(
    notes: Sequence[Annotation], span: tuple[int, int], plot_width: float
) -> list[tuple[Annotation, int]]:
    """The annotations in order of time, each with the lowest lane in which its number has room."""
    unit = plot_width / (span[1] - span[0] + 1.2)
    ends: list[float] = []
    placed = []
    for position, note in enumerate(sorted(notes, key=lambda note: note.month)):
        centre, half = months(note.month) * unit, text_width(str(position + 1)) / 2 + 2
        lane = next((lane for lane, end in enumerate(ends) if end <= centre - half), len(ends))
        ends[lane : lane + 1] = [centre + half]
        placed.append((note, lane))
    return placed


def height_of(lanes: Sequence[tuple[Annotation, int]]) -> int:
    """Units that the numbers need above the plot."""
    return _LANE * (1 + max((lane for _, lane in lanes), default=-1))


def told_of(note: Annotation, month_names: Sequence[str]) -> str:
    """What stands beneath about an annotation."""
    return f"{month_names[note.month % 100 - 1]} {note.month // 100}: {note.text}"


def months(period: int) -> int:
    """Months since the year 0, so that neighbours differ by one."""
    return period // 100 * 12 + period % 100 - 1
