"""The linear programs that bound what is unknown; solved by HiGHS through scipy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.disclosure.groups import Equation
from analysis.errors import Contradiction, NotConverged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NEGLIGIBLE = 1e-6
"""Differences below this are those of floating point: feasibility of the solver is 1e-7."""


class Extreme(NamedTuple):
    """A smallest or largest possible value.

    Attributes:
        value: the value; infinite if there is no bound.
        point: numbers of respondents of all unknowns of the block, then their scores, that give it; None if
            there is no bound.
        told_by: the equations that hold it there.
    """

    value: float
    point: "Floats | None"
    told_by: tuple[Equation, ...]


@dataclass(frozen=True)
class Block:
    """Unknowns that are linked by published sums.

    The arrays speak of the unknowns' numbers of respondents and, if there are scores, in as many further
    columns, of their sums of scores.

    Attributes:
        unknowns: positions of its unknowns.
        told: one equation per row of ``equal``.
        equal: coefficients of what is known exactly.
        values: what it equals.
        at_most: coefficients of what is bounded from above.
        bounds: by what.
        scored: whether there are scores.
    """

    unknowns: tuple[int, ...]
    told: tuple[Equation, ...]
    equal: Any  # sparse, unknowns in columns
    values: "Floats"
    at_most: Any
    bounds: "Floats"
    scored: bool

    def extreme(self, sought: "Floats", sign: int, *, scores: bool = False) -> Extreme:
        """Smallest (sign 1) or largest (-1) number of respondents, or of scores, of unknowns.

        Args:
            sought: how often each unknown counts.
            sign: see above.
            scores: whether their scores are meant.

        Raises:
            NotConverged: the solver gave up.
        """
        import numpy as np

        m = len(self.unknowns)
        cost = np.zeros(self.equal.shape[1])
        cost[m if scores else 0 :][:m] = sign * sought
        solved = _solve(cost, self.at_most, self.bounds, self.equal, self.values)
        if solved is None:
            return Extreme(-sign * np.inf, None, ())
        return Extreme(sign * solved.fun, solved.x, self._told_by(solved))

    def large_together(self, sought: "Floats", enough: "Floats") -> "Floats | None":
        """Numbers with which as many sets of unknowns as possible are large, all at the same time.

        Args:
            sought: 1 for the unknowns (columns) of each set (rows).
            enough: number from which on each set is large enough.

        Returns:
            Numbers and scores of all unknowns; None if nothing bounds some set that is not large.

        Raises:
            NotConverged: the solver gave up.
        """
        import numpy as np
        from scipy.sparse import csr_array, eye_array, hstack, vstack

        sets, m = sought.shape
        columns = self.equal.shape[1]
        counted = hstack([csr_array(-sought), csr_array((sets, columns - m)), eye_array(sets)])
        at_most = vstack([hstack([self.at_most, csr_array((len(self.bounds), sets))]), counted]).tocsr()
        equal = hstack([self.equal, csr_array((len(self.values), sets))]).tocsr()
        cost = np.concatenate([np.zeros(columns), -np.ones(sets)])
        most = np.concatenate([np.full(columns, np.inf), enough])
        solved = _solve(
            cost, at_most, np.concatenate([self.bounds, np.zeros(sets)]), equal, self.values, most
        )
        return None if solved is None else solved.x[:columns]

    def mean(self, sought: "Floats", sign: int) -> Extreme:
        """Smallest or largest mean score, 0 to 1, of the respondents of the unknowns in ``sought``.

        The ratio of two unknown sums is made linear by dividing everything by the lower of them (Charnes &
        Cooper 1962, Naval Research Logistics Quarterly 9:181-186). No point is returned.

        Raises:
            NotConverged: the solver gave up.
        """
        import numpy as np
        from scipy.sparse import csr_array, hstack, vstack

        m = len(self.unknowns)
        cost = np.concatenate([np.zeros(m), sign * sought, [0.0]])
        one = csr_array(np.concatenate([sought, np.zeros(m + 1)])[np.newaxis])
        equal = vstack([hstack([self.equal, csr_array(-self.values[:, np.newaxis])]), one])
        at_most = hstack([self.at_most, csr_array(-self.bounds[:, np.newaxis])])
        values = np.concatenate([np.zeros(len(self.values)), [1.0]])
        solved = _solve(cost, at_most.tocsr(), np.zeros(len(self.bounds)), equal.tocsr(), values)
        if solved is None:  # cannot be: the mean of scores is between 0 and 1
            raise NotConverged("the bounds of a mean", 0, np.inf)
        return Extreme(sign * solved.fun, None, self._told_by(solved))

    def _told_by(self, solved: Any) -> tuple[Equation, ...]:
        weights = solved.eqlin.marginals[: len(self.told)]
        return tuple(
            equation for equation, weight in zip(self.told, weights, strict=True) if abs(weight) > NEGLIGIBLE
        )


def joined(blocks: Sequence[Block]) -> Block:
    """Several blocks as one, for a question that concerns them together."""
    import numpy as np
    from scipy.sparse import block_diag

    if len(blocks) == 1:
        return blocks[0]
    order: list[int] = []
    start = 0
    for block in blocks:
        order += range(start, start + len(block.unknowns))
        start += block.equal.shape[1]
    if blocks[0].scored:
        # Numbers of respondents of all blocks first, then their scores.
        order += sorted(set(range(start)).difference(order))
    return Block(
        tuple(number for block in blocks for number in block.unknowns),
        tuple(equation for block in blocks for equation in block.told),
        block_diag([block.equal for block in blocks], format="csr")[:, order],
        np.concatenate([block.values for block in blocks]),
        block_diag([block.at_most for block in blocks], format="csr")[:, order],
        np.concatenate([block.bounds for block in blocks]),
        blocks[0].scored,
    )


def _solve(
    cost: "Floats",
    at_most: Any,
    bounds: "Floats",
    equal: Any,
    values: "Floats",
    most: "Floats | None" = None,
) -> Any:
    """The solution with variables from 0 to ``most``, or None if there is no bound."""
    import numpy as np
    from scipy.optimize import linprog

    limits: Any = (0, None) if most is None else np.stack([np.zeros(len(most)), most], axis=1)
    solved = linprog(
        cost,
        A_ub=at_most if len(bounds) else None,
        b_ub=bounds if len(bounds) else None,
        A_eq=equal if len(values) else None,
        b_eq=values if len(values) else None,
        bounds=limits,
        method="highs",
    )
    if solved.status == 3:
        return None
    if solved.status == 2:
        raise Contradiction("what is published cannot all be true at once")
    if solved.status != 0:
        raise NotConverged("the linear program of a hidden cell", int(solved.nit), float("nan"))
    return solved
