"""Which statistics are sums of which others.

Statistics become sets of rows. A line is a set that is cut into parts which are statistics themselves, as an
agency is into its units: a table has its rows and columns as lines, a lattice has one for every step down any
of its hierarchies.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

Rows = frozenset[int]


class Line(NamedTuple):
    """A set and the disjoint sets that it is cut into.

    Attributes:
        whole: position of the set.
        parts: positions of the smaller sets in it.
        rest: rows of the whole that are in none of the parts.
    """

    whole: int
    parts: tuple[int, ...]
    rest: Rows


class Equation(NamedTuple):
    """What a published statistic tells that its published parts do not.

    Attributes:
        whole: position of the set.
        parts: positions of the published sets that are subtracted from it.
        rows: the rows that are left, whose sum is thereby known.
    """

    whole: int
    parts: tuple[int, ...]
    rows: Rows


@dataclass(frozen=True)
class Groups:
    """Distinct sets of rows, and the lines between them.

    Attributes:
        sets: the rows of each set.
        of: position of the set of each statistic; two statistics may select the same rows.
        lines: all lines.
        below: positions of the lines of which a set is the whole.
        through: positions of the lines of which it is a part.
    """

    sets: tuple[Rows, ...]
    of: tuple[int, ...]
    lines: tuple[Line, ...]
    below: tuple[tuple[int, ...], ...]
    through: tuple[tuple[int, ...], ...]


def arrange(selected: Sequence[Rows], tables: Sequence[Hashable]) -> Groups:
    """Find the distinct sets and their lines.

    Args:
        selected: the rows of each statistic.
        tables: which table each statistic belongs to; statistics of one table share no row.
    """
    position: dict[Rows, int] = {}
    of = tuple(position.setdefault(rows, len(position)) for rows in selected)
    by_table: dict[Hashable, dict[int, int]] = {}
    for table, rows, group in zip(tables, selected, of, strict=True):
        by_table.setdefault(table, {}).update(dict.fromkeys(rows, group))
    sets = tuple(position)
    lines = list(dict.fromkeys(_lines(sets, by_table.values())))
    below: list[list[int]] = [[] for _ in sets]
    through: list[list[int]] = [[] for _ in sets]
    for number, line in enumerate(lines):
        below[line.whole].append(number)
        for part in line.parts:
            through[part].append(number)
    return Groups(sets, of, tuple(lines), tuple(map(tuple, below)), tuple(map(tuple, through)))


def _lines(sets: Sequence[Rows], tables: Iterable[dict[int, int]]) -> Iterable[Line]:
    tables = list(tables)
    for whole, rows in enumerate(sets):
        if len(rows) < 2:
            continue
        for table in tables:
            found = Counter(table[row] for row in rows if row in table)
            parts = tuple(
                sorted(
                    group for group, count in found.items() if count == len(sets[group]) and group != whole
                )
            )
            if parts:
                yield Line(whole, parts, rows.difference(*(sets[part] for part in parts)))


def equations(groups: Groups, published: Set[int]) -> list[Equation]:
    """The published sums with everything subtracted that is published about their parts.

    Together they say exactly what the published sums say, but each speaks of few rows, so that the unknown
    falls apart into small independent systems. A sum that its parts tell already says nothing and is left
    out.

    Args:
        groups: the sets.
        published: positions of those whose sum is known.
    """
    told = []
    for whole in sorted(published):
        left = set(groups.sets[whole])
        parts: list[int] = []
        lines = [groups.lines[number] for number in groups.below[whole]]
        for line in sorted(
            lines, key=lambda line: -sum(len(groups.sets[part]) for part in line.parts if part in published)
        ):
            for part in line.parts:
                if part in published and groups.sets[part] <= left:
                    left -= groups.sets[part]
                    parts.append(part)
        if left:
            told.append(Equation(whole, tuple(parts), frozenset(left)))
    return told
