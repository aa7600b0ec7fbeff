"""The audit of one table of counts with its totals, as it stands in a printed report."""

from collections.abc import Collection, Iterator, Sequence
from math import inf, prod
from typing import Any, NamedTuple

from analysis.disclosure.bounds import Question, answers
from analysis.disclosure.groups import arrange
from analysis.disclosure.unknown import Known, unknown
from analysis.disclosure.whole import whole
from analysis.errors import Contradiction, Malformed, UnknownKey


class CellBounds(NamedTuple):
    """What the rest of a table tells about a hidden cell.

    Attributes:
        cell: its indices, from 0.
        true: its value.
        lo: smallest value that fits.
        hi: largest value that fits.
        exact: whether only one fits.
        safe: whether the interval is at least as wide as it must be.
    """

    cell: tuple[int, ...]
    true: int
    lo: float
    hi: float
    exact: bool
    safe: bool


class TableAudit(NamedTuple):
    """The audit of a table.

    Attributes:
        cells: the hidden cells, in the order in which they were given.
        safe: whether all of them are.
    """

    cells: tuple[CellBounds, ...]
    safe: bool


def audit_table(
    table: Any,
    suppressed: Collection[Sequence[int]],
    *,
    k: int = 10,
    relative: float = 0.5,
    least: int = 0,
) -> TableAudit:
    """Bounds of the hidden cells of a table whose other cells and all line totals are published.

    Tallies suffice. Bounds are those of the linear program, with fractions of respondents cut off; in a table
    of one or two dimensions every whole number between them is possible, in one of more some may not be.

    Args:
        table: counts, nested sequences or an array of one, two or more dimensions. A line is all cells that
            differ in one index; the grand total follows from the totals of lines.
        suppressed: indices of the hidden cells, from 0.
        k: an interval must be at least this wide.
        relative: and at least this share of the true value.
        least: what everybody knows of a hidden cell: 0, or 1 if empty cells are shown as such.

    Raises:
        Malformed: not a table, ragged or empty; ``relative`` is not a share, or nothing is suppressed.
        NotACount: a cell, k or least that is negative or no whole number, NaN included.
        Contradiction: a hidden cell below ``least``, or named twice.
        UnknownKey: a hidden cell outside the table.
        NotConverged: the solver gave up.
    """
    if not 0 <= relative <= 1:
        raise Malformed(f"relative: {relative!r} is not a share")
    needed = whole(k, "k")
    cells = dict(_cells(table, ()))
    shape = _shape(cells)
    hidden = _hidden(suppressed, cells, whole(least, "least"))
    position = {index: number for number, index in enumerate(cells)}
    lines: dict[tuple[int, tuple[int, ...]], set[int]] = {}
    for index, number in position.items():
        for axis in range(len(shape)):
            lines.setdefault((axis, index[:axis] + index[axis + 1 :]), set()).add(number)
    totals = [frozenset(line) for line in lines.values()]
    single = [frozenset({number}) for number in position.values()]
    groups = arrange([*single, *totals], [*(None for _ in single), *(axis for axis, _ in lines)])
    asked = [single[position[index]] for index in hidden]
    # A line of one cell tells it by its total.
    shown = frozenset(
        number for number, rows in enumerate(groups.sets) if rows in totals or rows not in asked
    )
    unseen = frozenset(range(len(groups.sets))) - shown
    system = unknown(Known(list(cells.values()), None, groups, shown, frozenset(), unseen, least), asked)
    questions = [Question(rows, inf, None) for rows in asked]
    found = []
    for index, bounds in zip(hidden, answers(system, questions), strict=True):
        width = bounds.high - bounds.low
        safe = width >= max(needed, relative * cells[index])
        found.append(CellBounds(index, cells[index], bounds.low, bounds.high, width == 0, safe))
    return TableAudit(tuple(found), all(cell.safe for cell in found))


def _cells(table: Any, index: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
    """All cells with their indices."""
    try:
        entries = None if isinstance(table, str | bytes | dict | set) else list(table)
    except TypeError:
        entries = None
    if entries is not None:
        for number, entry in enumerate(entries):
            yield from _cells(entry, (*index, number))
    elif index:
        yield index, whole(table, f"cell {index}")
    else:
        raise Malformed(f"{table!r} is not a table")


def _shape(cells: Collection[tuple[int, ...]]) -> tuple[int, ...]:
    """Length along each dimension; refuses what is ragged."""
    if not cells:
        raise Malformed("a table without cells")
    depth = max(map(len, cells))
    if min(map(len, cells)) == depth:
        shape = tuple(max(index[axis] for index in cells) + 1 for axis in range(depth))
        if prod(shape) == len(cells):
            return shape
    raise Malformed("a ragged table: its lines have different lengths")


def _hidden(
    suppressed: Collection[Sequence[int]], cells: dict[tuple[int, ...], int], least: int
) -> list[tuple[int, ...]]:
    hidden = [tuple(whole(number, "index of a hidden cell") for number in index) for index in suppressed]
    if not hidden:
        raise Malformed("nothing is hidden: there is nothing to audit")
    for index in hidden:
        if index not in cells:
            raise UnknownKey(f"the table has no cell {index}")
        if cells[index] < least:
            raise Contradiction(f"cell {index} has {cells[index]}, where hidden cells have at least {least}")
    if len(set(hidden)) < len(hidden):
        raise Contradiction("a hidden cell is named twice")
    return hidden
