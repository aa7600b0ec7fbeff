"""What is still possible about rows that are not published, given everything that is.

The number of respondents of every unknown row is at least zero, its sum of scores between the lowest and the
highest score times that number, and the published sums hold: a system of linear constraints. Rows that occur
in the same sums cannot be told apart and become one unknown; unknowns that share no sum are independent and
become separate blocks.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from analysis.disclosure.groups import Equation, Groups, Rows, equations
from analysis.disclosure.programs import Block


@dataclass(frozen=True)
class Known:
    """What is published about sets of rows, and what is true.

    Attributes:
        n: true number of respondents of each row.
        scores: true sum of (score - lowest) of each row, in units of highest - lowest; None without scores.
        groups: the sets.
        counted: sets whose n is published.
        scored: sets whose sum of scores is published as well.
        hidden: sets of which everybody knows that they hold at least ``least`` respondents.
        least: see ``hidden``.
    """

    n: Sequence[int]
    scores: Sequence[float] | None
    groups: Groups
    counted: Set[int]
    scored: Set[int]
    hidden: Set[int]
    least: int


@dataclass(frozen=True)
class System:
    """Everything that is unknown.

    Attributes:
        unknowns: the rows that make up each unknown.
        of: position of the unknown of each row; rows that are known to be empty have none.
        blocks: the blocks.
        block_of: position of the block of each unknown.
        bounded: for each unknown, whether any published sum contains it.
        told: what the published numbers of respondents say beyond their parts.
        scores_told: the same for sums of scores.
    """

    unknowns: tuple[tuple[int, ...], ...]
    of: dict[int, int]
    blocks: tuple[Block, ...]
    block_of: tuple[int, ...]
    bounded: tuple[bool, ...]
    told: tuple[Equation, ...]
    scores_told: tuple[Equation, ...]

    def of_rows(self, rows: Iterable[int]) -> frozenset[int]:
        """The unknowns that rows belong to."""
        return frozenset(self.of[row] for row in rows if row in self.of)


def unknown(known: Known, apart: Sequence[Rows]) -> System:
    """Set up the system.

    Args:
        known: what is published.
        apart: sets of rows about which there will be questions: none of them is split by an unknown.
    """
    told = equations(known.groups, known.counted)
    scores_told = [] if known.scores is None else equations(known.groups, known.scored)
    empty = {
        row for equation in told if not any(known.n[row] for row in equation.rows) for row in equation.rows
    }
    at_least = _smallest_hidden(known)
    every = [equation.rows for equation in (*told, *scores_told)]
    every += [known.groups.sets[group] for group in at_least]
    marks: list[list[int]] = [[] for _ in known.n]
    for number, rows in enumerate((*every, *apart)):
        for row in rows:
            marks[row].append(number)
    by_mark: dict[tuple[int, ...], list[int]] = {}
    for row, mark in enumerate(marks):
        if row not in empty:
            by_mark.setdefault(tuple(mark), []).append(row)
    unknowns = tuple(map(tuple, by_mark.values()))
    of = {row: number for number, rows in enumerate(unknowns) for row in rows}
    bounded = [False] * len(unknowns)
    for equation in told:
        for row in equation.rows - empty:
            bounded[of[row]] = True
    block_of = _linked(len(unknowns), [sorted({of[row] for row in rows - empty}) for rows in every])
    system = System(unknowns, of, (), tuple(block_of), tuple(bounded), tuple(told), tuple(scores_told))
    blocks = _blocks(known, system, at_least)
    return System(unknowns, of, blocks, system.block_of, system.bounded, system.told, system.scores_told)


def _smallest_hidden(known: Known) -> list[int]:
    """Hidden sets that hold no other: what is known of the larger ones follows."""
    if not known.least:
        return []
    lines, parts_of = known.groups.lines, known.groups.below
    return [
        group
        for group in sorted(known.hidden)
        if not any(part in known.hidden for number in parts_of[group] for part in lines[number].parts)
    ]


def _linked(count: int, sums: Iterable[Sequence[int]]) -> list[int]:
    """Number of the connected component of each unknown."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [(numbers[0], other) for numbers in sums for other in numbers[1:]]
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def _blocks(known: Known, system: System, at_least: Sequence[int]) -> tuple[Block, ...]:
    members: dict[int, list[int]] = {}
    for number, block in enumerate(system.block_of):
        members.setdefault(block, []).append(number)
    sums: dict[int, tuple[list[Equation], list[Equation], list[frozenset[int]]]] = {
        block: ([], [], []) for block in members
    }
    for kind, told in enumerate((system.told, system.scores_told)):
        for equation in told:
            touched = system.of_rows(equation.rows)
            if touched:
                sums[system.block_of[min(touched)]][kind].append(equation)  # type: ignore[arg-type]
    for group in at_least:
        touched = system.of_rows(known.groups.sets[group])
        sums[system.block_of[min(touched)]][2].append(touched)
    return tuple(_block(known, system, tuple(members[block]), *sums[block]) for block in range(len(members)))


def _block(
    known: Known,
    system: System,
    unknowns: tuple[int, ...],
    counted: Sequence[Equation],
    scored: Sequence[Equation],
    at_least: Sequence[frozenset[int]],
) -> Block:
    import numpy as np
    from scipy.sparse import block_diag, csr_array, eye_array, hstack, vstack

    column = {number: position for position, number in enumerate(unknowns)}

    def coefficients(sets: Sequence[Iterable[int]]) -> Any:
        pairs = [(i, column[number]) for i, numbers in enumerate(sets) for number in numbers]
        ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(sets), len(unknowns)))

    equal = coefficients([system.of_rows(equation.rows) for equation in counted])
    values = [float(sum(known.n[row] for row in equation.rows)) for equation in counted]
    at_most = -coefficients(at_least)
    bounds = [-float(known.least)] * len(at_least)
    if known.scores is not None:
        m = len(unknowns)
        equal = block_diag(
            [equal, coefficients([system.of_rows(equation.rows) for equation in scored])], format="csr"
        )
        values += [float(sum(known.scores[row] for row in equation.rows)) for equation in scored]
        scores_within = hstack([-eye_array(m), eye_array(m)])
        at_most = vstack([hstack([at_most, csr_array((len(at_least), m))]), scores_within]).tocsr()
        bounds += [0.0] * m
    return Block(
        unknowns,
        (*counted, *scored),
        equal,
        np.array(values),
        at_most,
        np.array(bounds),
        known.scores is not None,
    )
