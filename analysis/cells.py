"""Cells: the transactions of one kind in the ledger, and what those who answered about them said.

A cell is for example one service, one channel and one month. The ledger knows all of its transactions; its
answers are known by their number and by the mean and deviation of the respondents' scores, which tallies
give. Cells with too few answers to speak for their transactions are joined to others before anything is
weighted, see ``analysis.collapse``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, sqrt
from numbers import Integral

from analysis.checks import check_count
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount
from analysis.index import SCALE
from analysis.tally import Tally


@dataclass(frozen=True)
class Cell:
    """Transactions of one kind with their answers.

    Attributes:
        keys: what kind, most important first: (service, channel, month) for example. Months are written so
            that they sort in time (2025-04).
        population: number of transactions in the ledger. It can be below ``n`` at the edge of a month, since
            an answer counts when it is given; ``analysis.collapse`` mends that.
        n: number of respondents with a score.
        mean: mean of their scores, 25 to 100 for the index; None when there are none.
        sd: standard deviation (n - 1) of their scores; None below two respondents.
        members: keys of the cells this one was joined from; itself alone when it was not.
        unheard: transactions of those members that had no answer, for which the answers of others now speak.

    Raises:
        NotACount: ``population`` or ``n`` is negative or not whole.
        Malformed: no keys, or a mean or deviation that the number of respondents does not allow.
    """

    keys: tuple[str, ...]
    population: int
    n: int
    mean: float | None
    sd: float | None
    members: tuple[tuple[str, ...], ...] = ()
    unheard: int = -1

    def __post_init__(self) -> None:
        if not self.keys or not all(isinstance(key, str) for key in self.keys):
            raise Malformed(f"the keys of a cell are words, not {self.keys!r}")
        where = name(self.keys)
        check_count(self.population, f"transactions of {where}")
        check_count(self.n, f"answers of {where}")
        if (self.mean is None) != (self.n == 0) or not isfinite(self.mean or 0.0):
            raise Malformed(f"{where}: a mean of {self.mean} of {self.n} scores")
        if (self.sd is None) != (self.n < 2) or not (isfinite(self.sd or 0.0) and (self.sd or 0.0) >= 0):
            raise Malformed(f"{where}: a deviation of {self.sd} of {self.n} scores")
        if not self.members:
            object.__setattr__(self, "members", (self.keys,))
        if self.unheard < 0:
            object.__setattr__(self, "unheard", 0 if self.n else self.population)

    @classmethod
    def from_moments(
        cls,
        keys: tuple[str, ...],
        population: int,
        n: int,
        total: int,
        squares: int,
        *,
        step: Fraction | int = 1,
    ) -> "Cell":
        """A cell from the number, sum and sum of squares of whole numbers × ``step`` = scores; exact.

        Raises:
            NotACount: a number is not whole, or that of the answers negative.
            Contradiction: no scores have this sum and sum of squares.
        """
        check_count(n, f"answers of {name(keys)}")
        total, squares = _whole(total, keys), _whole(squares, keys)
        # Cauchy: n x sum of squares is at least the squared sum, and equal when all scores are.
        spread = n * squares - total * total
        if spread < 0 or (n == 0 and (total or squares)) or (n == 1 and spread):
            raise Contradiction(f"{name(keys)}: no {n} scores have the sum {total} and squares {squares}")
        mean = float(Fraction(step) * Fraction(total, n)) if n else None
        sd = float(abs(step)) * sqrt(Fraction(spread, n * (n - 1))) if n > 1 else None
        return cls(keys, population, n, mean, sd)

    @classmethod
    def from_tally(cls, keys: tuple[str, ...], population: int, tally: Tally) -> "Cell":
        """A cell of the respondents' mean element scores, 25 to 100, from a tally.

        Raises:
            Malformed: the elements are not answered on four steps.
            NotACount, Contradiction: see ``from_moments``.
        """
        if tally.layout.element_scale != SCALE:
            raise Malformed(f"the index needs answers 1 to {SCALE}, not 1 to {tally.layout.element_scale}")
        n, total, squares = (tally.count(measure) for measure in ("score_n", "score_sum", "score_sumsq"))
        return cls.from_moments(
            keys, population, n, total, squares, step=Fraction(100 // SCALE, tally.layout.unit)
        )


def _whole(value: object, keys: tuple[str, ...]) -> int:
    """A sum of whole numbers. It may be more than floating point can count: squares of fine steps are."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise NotACount(f"{value!r} is not a sum of whole scores of {name(keys)}")
    return int(value)


def name(keys: Sequence[str]) -> str:
    """A cell or level in one word for messages."""
    return " × ".join(map(str, keys))


def check(cells: Sequence[Cell]) -> None:
    """Whether these can be the cells of one population.

    Raises:
        NoFigure: there are no cells, or no transactions in them.
        Malformed: cells with different numbers of keys.
        Contradiction: two cells with the same keys.
    """
    if not cells:
        raise NoFigure("there are no cells")
    if len({len(cell.keys) for cell in cells}) > 1:
        raise Malformed("all cells have as many keys")
    if len({cell.keys for cell in cells}) < len(cells):
        twice = next(cell.keys for at, cell in enumerate(cells) if cell.keys in {c.keys for c in cells[:at]})
        raise Contradiction(f"two cells are {name(twice)}")
    if not sum(cell.population for cell in cells):
        raise NoFigure("there are no transactions in these cells")
