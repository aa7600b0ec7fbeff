"""Joining cells that have too few answers to speak for their transactions, before anything is weighted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt
from typing import Self

from analysis.cells import Cell, check
from analysis.checks import check_count

COLLAPSE_BELOW = 20
"""Cells with fewer answers are joined to another. A judgement, configurable."""


@dataclass(frozen=True)
class _Group:
    """Cells on their way to become one.

    Attributes:
        cells: the cells.
        values: what stands at each position of their keys.
        first: place of the first of them in sorted order.
        last: place of the last.
        n: their answers.
        population: their transactions.
    """

    cells: tuple[Cell, ...]
    values: tuple[frozenset[str], ...]
    first: int
    last: int
    n: int
    population: int

    def __add__(self, other: Self) -> "_Group":
        return _Group(
            self.cells + other.cells,
            tuple(a | b for a, b in zip(self.values, other.values, strict=True)),
            min(self.first, other.first),
            max(self.last, other.last),
            self.n + other.n,
            self.population + other.population,
        )

    def thin(self, minimum: int) -> bool:
        """Whether its answers cannot speak for its transactions."""
        return self.n < minimum or self.n > self.population

    def distance(self, other: Self) -> tuple[int, ...]:
        """How far another is: each position of the keys in turn, then the place in sorted order."""
        apart = (
            0 if mine == theirs else 1 if mine & theirs else 2
            for mine, theirs in zip(self.values, other.values, strict=True)
        )
        gap = max(other.first - self.last, self.first - other.last, 0)
        return (*apart, gap, other.n, other.first)


def collapse(cells: Sequence[Cell], minimum: int = COLLAPSE_BELOW) -> tuple[Cell, ...]:
    """Join every thin cell to the nearest one, until none is thin or one is left.

    A cell is thin when it has fewer than ``minimum`` answers, or more answers than transactions. The thinnest
    is joined first. Nearest is what has the same first key, among these the same second key, and so on (same
    service, then same channel, then same month); among equals the one next to it in sorted order, so that
    months join their neighbours; then the one with fewer answers. Where cells differ, their joint keys are
    joined by ``+``; ``members`` tells what was joined, and ``unheard`` how many transactions were of kinds
    that nobody answered about, a silence that joining would hide. The result does not depend on the order
    given, and no transaction or answer is lost. Tallies suffice.

    The time grows with the square of the number of cells: about a second for a thousand.

    Raises:
        NoFigure: there are no cells, or no transactions in them.
        Malformed: cells with different numbers of keys.
        Contradiction: two cells with the same keys.
        NotACount: ``minimum`` is not a whole number.
    """
    check(cells)
    check_count(minimum, "answers to ask for")
    groups = [
        _Group((cell,), tuple(frozenset((key,)) for key in cell.keys), place, place, cell.n, cell.population)
        for place, cell in enumerate(sorted(cells, key=lambda cell: cell.keys))
    ]
    while len(groups) > 1:
        thin = [group for group in groups if group.thin(minimum)]
        if not thin:
            break
        thinnest = min(thin, key=lambda group: (group.n, group.first))
        groups.remove(thinnest)
        nearest = min(groups, key=thinnest.distance)
        groups.remove(nearest)
        groups.append(thinnest + nearest)
    return tuple(
        pool(group.cells, tuple("+".join(sorted(values)) for values in group.values))
        for group in sorted(groups, key=lambda group: group.first)
    )


def join_levels(cells: Sequence[Cell], minimum: int = COLLAPSE_BELOW) -> tuple[Cell, ...]:
    """Join thin levels of each key, so that every margin has answers to rest on; for raking.

    Key by key, the thinnest level (see ``collapse``) joins the one before or after it in sorted order that
    has fewer answers; months stay with their neighbours. Cells that come to have the same keys are pooled.
    The result does not depend on the order given, and no transaction or answer is lost. Tallies suffice.

    Raises:
        NoFigure, Malformed, Contradiction, NotACount: see ``collapse``.
    """
    check(cells)
    check_count(minimum, "answers to ask for")
    joint = [_joint_levels(cells, position, minimum) for position in range(len(cells[0].keys))]
    grouped: defaultdict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in sorted(cells, key=lambda cell: cell.keys):
        grouped[tuple(levels[key] for levels, key in zip(joint, cell.keys, strict=True))].append(cell)
    return tuple(pool(grouped[keys], keys) for keys in sorted(grouped))


def _joint_levels(cells: Sequence[Cell], position: int, minimum: int) -> dict[str, str]:
    """The name of each level of one key after joining."""
    n, population = defaultdict[str, int](int), defaultdict[str, int](int)
    for cell in cells:
        n[cell.keys[position]] += cell.n
        population[cell.keys[position]] += cell.population
    groups = [
        _Group((), (frozenset((level,)),), place, place, n[level], population[level])
        for place, level in enumerate(sorted(n))
    ]
    while len(groups) > 1:
        thin = [(group.n, at) for at, group in enumerate(groups) if group.thin(minimum)]
        if not thin:
            break
        at = min(thin)[1]
        beside = [other for other in (at - 1, at + 1) if 0 <= other < len(groups)]
        left = min(at, min(beside, key=lambda other: (groups[other].n, other)))
        groups[left : left + 2] = [groups[left] + groups[left + 1]]
    return {level: "+".join(sorted(group.values[0])) for group in groups for level in group.values[0]}


def joined(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Those that were joined from several, with their ``members``: to be told beside the figure."""
    return tuple(cell for cell in cells if len(cell.members) > 1)


def pool(cells: Sequence[Cell], keys: tuple[str, ...]) -> Cell:
    """One cell of several, with the mean and deviation of all their scores together."""
    population, n, mean, squares = reduce(_pooled, cells, (0, 0, 0.0, 0.0))
    members = tuple(sorted(member for cell in cells for member in cell.members))
    sd = sqrt(squares / (n - 1)) if n > 1 else None
    unheard = sum(cell.unheard for cell in cells)
    return Cell(keys, population, n, mean if n else None, sd, members, unheard)


def _pooled(sofar: tuple[int, int, float, float], cell: Cell) -> tuple[int, int, float, float]:
    """Add a cell to (population, n, mean, squares around the mean); large squares never cancel."""
    population, n, mean, squares = sofar
    if cell.mean is None:
        return population + cell.population, n, mean, squares
    both, away = n + cell.n, cell.mean - mean
    within = (cell.n - 1) * (cell.sd or 0.0) ** 2
    return (
        population + cell.population,
        both,
        mean + away * cell.n / both,
        squares + within + away**2 * n * cell.n / both,
    )
