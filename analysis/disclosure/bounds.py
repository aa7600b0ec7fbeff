"""Between which values something hidden can lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, nan
from typing import TYPE_CHECKING, NamedTuple

from analysis.disclosure.groups import Equation, Rows
from analysis.disclosure.programs import NEGLIGIBLE, Block, Extreme, joined
from analysis.disclosure.thresholds import POINTS
from analysis.disclosure.unknown import System

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


ROUNDS = 8
"""How often everything that is still in question is moved together before the rest is measured."""

FEW = 4
"""From so few questions on in a block it is cheaper to measure each."""


class Question(NamedTuple):
    """What is asked about a set of rows.

    Attributes:
        rows: the rows; together whole unknowns.
        width: an interval of this width is wide enough; one that is seen to be is not measured. Infinite to
            measure it in any case, minus infinite not to ask.
        mean_width: the same for the mean score, in points; it is measured as well where the number is not
            safe. 0 to do only that, None not to ask.
    """

    rows: Rows
    width: float
    mean_width: float | None


class Bounds(NamedTuple):
    """What is possible.

    Attributes:
        low: smallest number of respondents; where the interval was seen to be wide enough, a number that is
            possible, the smallest being lower.
        high: largest number, with the same reservation.
        told_by: the equations that bound it.
        mean: smallest and largest mean score, in points of 25 to 100; None if not asked or seen to be wide
            enough.
        mean_told_by: the equations that bound it.
    """

    low: float
    high: float
    told_by: tuple[Equation, ...]
    mean: tuple[float, float] | None
    mean_told_by: tuple[Equation, ...]


@dataclass
class _Part:
    """The part of a question that lies in one block.

    Attributes:
        marks: 1 for the unknowns of the block that are in question, else 0.
        low: smallest number seen in any solution so far.
        high: largest number seen.
        worst: scores and number of the solution with the lowest mean score so far.
        best: the same with the highest.
        told_by: equations that bound the number, once it is measured.
        measured: whether low and high are the extremes.
    """

    marks: "Floats"
    low: float = inf
    high: float = -inf
    worst: tuple[float, float] | None = None
    best: tuple[float, float] | None = None
    told_by: tuple[Equation, ...] = ()
    measured: bool = False

    def see(self, number: float, scores: float | None = None) -> None:
        """Widen the intervals to what is possible.

        People are whole: fractions of one, which a linear program allows, are cut off.
        """
        self.low = min(self.low, float(ceil(number - NEGLIGIBLE)))
        self.high = max(self.high, float(floor(number + NEGLIGIBLE)))
        if scores is not None and number > NEGLIGIBLE:
            mean = scores / number
            if self.worst is None or mean < self.worst[0] / self.worst[1]:
                self.worst = (scores, number)
            if self.best is None or mean > self.best[0] / self.best[1]:
                self.best = (scores, number)


@dataclass
class _Asked:
    """A question with its parts by block."""

    question: Question
    parts: dict[int, _Part]
    open_above: bool

    @property
    def number_open(self) -> bool:
        """Whether the interval of the number must be measured to answer."""
        if self.question.width == -inf or (self.open_above and self.question.width < inf):
            return False
        width = sum(part.high - part.low for part in self.parts.values())
        return not width >= self.question.width  # written so that it holds before anything was seen

    @property
    def mean_open(self) -> bool:
        """Whether the interval of the mean must be measured to answer."""
        if not self.question.mean_width or self.open_above or not self.parts:
            return False
        low, high = self.means_seen
        return not high - low >= self.question.mean_width

    @property
    def means_seen(self) -> tuple[float, float]:
        """Smallest and largest mean seen in any solution, in points; solutions of blocks combine freely."""
        ends = []
        for seen in zip(*((part.worst, part.best) for part in self.parts.values()), strict=True):
            known = [each for each in seen if each is not None]
            number = sum(each[1] for each in known)
            ends.append(points(sum(each[0] for each in known) / number) if number else nan)
        return ends[0], ends[1]


def answers(system: System, questions: Sequence[Question]) -> list[Bounds]:
    """Bounds for every question.

    Every solution of a linear program is a possible truth for all unknowns of its block, so it widens the
    intervals of all questions at once. First a few programs move many unknowns together; what is not seen to
    be wide enough by then is measured one by one.

    Args:
        system: what is unknown.
        questions: about which rows.
    """
    asked = [_asked(system, question) for question in questions]
    in_block: dict[int, list[_Part]] = {}
    for each in asked:
        for number, part in each.parts.items():
            in_block.setdefault(number, []).append(part)
    for number in in_block:
        _explore(system.blocks[number], number, [each for each in asked if number in each.parts])
    return [_answer(system, each, in_block) for each in asked]


def points(share: float) -> float:
    """A score from 0, the lowest, to 1, the highest, in points of 25 to 100."""
    return POINTS[0] + (POINTS[1] - POINTS[0]) * share


def _asked(system: System, question: Question) -> _Asked:
    import numpy as np

    unknowns = system.of_rows(question.rows)
    parts = {
        number: _Part(np.array([float(one in unknowns) for one in system.blocks[number].unknowns]))
        for number in sorted({system.block_of[one] for one in unknowns})
    }
    return _Asked(question, parts, not all(system.bounded[one] for one in unknowns))


def _explore(block: Block, number: int, asked: Sequence[_Asked]) -> None:
    """Move everything that is in question at once: down, up, and its scores down and up."""
    import numpy as np

    everything = [each.parts[number] for each in asked]

    def seen(point: "Floats | None") -> None:
        if point is not None:
            _see(block, everything, point)

    for kind in ("number", "mean"):
        for _ in range(ROUNDS):
            still = [each for each in asked if (each.number_open if kind == "number" else each.mean_open)]
            still = [each for each in still if each.question.width < inf and not each.open_above]
            if len(still) < FEW:
                break
            marks = np.array([each.parts[number].marks for each in still])
            if kind == "number":
                seen(block.extreme(marks.sum(axis=0), 1).point)
                enough = [max(0.0, each.parts[number].low) + each.question.width + 1 for each in still]
                seen(block.large_together(marks, np.array(enough)))
            else:
                for sign in (1, -1):
                    seen(block.extreme(marks.sum(axis=0), sign, scores=True).point)


def _see(block: Block, parts: Sequence[_Part], point: "Floats") -> None:
    m = len(block.unknowns)
    for part in parts:
        if not part.measured:
            part.see(float(part.marks @ point[:m]), float(part.marks @ point[m:]) if block.scored else None)


def _answer(system: System, asked: _Asked, in_block: dict[int, list[_Part]]) -> Bounds:
    question, parts = asked.question, asked.parts
    for number, part in parts.items():
        if asked.number_open:
            _measure(system.blocks[number], part, in_block[number], asked.open_above)
    low = sum(part.low for part in parts.values())
    high = inf if asked.open_above else sum(part.high for part in parts.values())
    told_by = tuple(equation for part in parts.values() for equation in part.told_by)
    unsafe = high - low < question.width
    if question.mean_width is None or not parts or not (unsafe or asked.mean_open):
        return Bounds(low, high, told_by, None, ())
    if asked.open_above:
        # As many answers of any score as it takes.
        return Bounds(low, high, told_by, POINTS, ())
    least, most = _mean(system, parts)
    means = (points(least.value), points(most.value))
    return Bounds(low, high, told_by, means, tuple(dict.fromkeys(least.told_by + most.told_by)))


def _measure(block: Block, part: _Part, others: Sequence[_Part], open_above: bool) -> None:
    if part.measured:
        return
    extremes: list[Extreme] = [block.extreme(part.marks, 1)]
    if not open_above:
        extremes.append(block.extreme(part.marks, -1))
    for extreme in extremes:
        if extreme.point is not None:
            _see(block, others, extreme.point)
    part.see(extremes[0].value)
    part.high = inf if open_above else part.high
    part.told_by = tuple(dict.fromkeys(equation for extreme in extremes for equation in extreme.told_by))
    part.measured = True


def _mean(system: System, parts: dict[int, _Part]) -> tuple[Extreme, Extreme]:
    import numpy as np

    block = joined([system.blocks[number] for number in parts])
    marks = np.concatenate([part.marks for part in parts.values()])
    return block.mean(marks, 1), block.mean(marks, -1)
