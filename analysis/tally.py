"""Tallies: the whole numbers from which every figure is computed.

A tally holds the sufficient statistics of a set of responses. All of it is integers, so tallies of days,
units or workers add up to the same result in any order and on any engine, without a rounding that could
differ.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from analysis.errors import Contradiction, Malformed, NotACount, OutOfScale, UnknownKey

SKIPPED = "0"
NOT_ASKED = "-"
MARKS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The character of answer i stands at position i, so that a response has one character per item."""

LONGEST_SCALE = len(MARKS) - 1

_SCORE = ("score_n", "score_sum", "score_sumsq")


@dataclass(frozen=True)
class Layout:
    """Which items an instrument asks, in the order in which a response stores its answers.

    Attributes:
        elements: keys of the elements of the index, answered 1 to ``element_scale``.
        element_scale: highest answer to an element, 2 to ``LONGEST_SCALE``.
        trust: keys of the trust items, answered 1 to ``trust_scale``.
        trust_scale: highest answer to a trust item, 2 to ``LONGEST_SCALE``.
        others: further items, each with its own highest answer. A scale that begins at zero is counted from
            one here: of a recommendation from 0 to 10, answer 1 is the 0 and answer 11 the 10.

    Raises:
        Malformed: two items share a key, or a scale does not end between 2 and ``LONGEST_SCALE``.
    """

    elements: tuple[str, ...]
    element_scale: int = 4
    trust: tuple[str, ...] = ()
    trust_scale: int = 5
    others: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.items)) != len(self.items):
            raise Malformed(f"two items share a key: {', '.join(self.items)}")
        for scale in (self.element_scale, self.trust_scale, *(scale for _, scale in self.others)):
            if type(scale) is not int or not 2 <= scale <= LONGEST_SCALE:
                raise Malformed(f"a scale ends between 2 and {LONGEST_SCALE}, not at {scale!r}")

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Keys of all items: the elements, then the trust items, then the others."""
        return self.elements + self.trust + tuple(key for key, _ in self.others)

    @cached_property
    def scales(self) -> tuple[int, ...]:
        """The highest answer to each of ``items``."""
        elements = (self.element_scale,) * len(self.elements)
        trust = (self.trust_scale,) * len(self.trust)
        return elements + trust + tuple(scale for _, scale in self.others)

    @cached_property
    def unit(self) -> int:
        """What makes every respondent's mean element score whole: lcm(1..k).

        2520 for nine elements, 720,720 for sixteen. The sum of squared scores soon outgrows 64 bits, which
        is why the engines add up answers and only Python, whose integers have no end, makes scores of them.
        """
        return math.lcm(*range(1, len(self.elements) + 1))

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of the integers of a tally, in order.

        ``n``; ``<key>_1`` to ``<key>_<scale>`` for each item; ``score_n``, ``score_sum`` and ``score_sumsq``
        of the respondents' mean element scores × ``unit``. Comments are counted apart
        (``analysis.comments``): whoever judges them may change, and the answers may not change with that.
        """
        answers = (
            f"{key}_{value}"
            for key, scale in zip(self.items, self.scales, strict=True)
            for value in range(1, scale + 1)
        )
        return ("n", *answers, *_SCORE)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each of ``measures`` stands in ``Tally.counts``."""
        return {measure: position for position, measure in enumerate(self.measures)}

    def scale(self, key: str) -> int:
        """The highest answer to an item.

        Raises:
            UnknownKey: the layout has no such item.
        """
        if key not in self.items:
            raise UnknownKey(f"no item {key!r} among {', '.join(self.items)}")
        return self.scales[self.items.index(key)]


@dataclass(frozen=True)
class Answered:
    """What a tally needs of one response.

    Attributes:
        answers: one character per item of the layout, in its order: ``1`` to ``9`` and on with ``a`` (10) to
            the end of the scale is an answer, ``0`` was skipped, ``-`` was not asked.
    """

    answers: str


@dataclass(frozen=True)
class Tally:
    """Counts of a set of responses, one integer per measure of the layout.

    Raises:
        Malformed: the number of counts is not the number of measures.
        NotACount: a count is not an ``int`` or is negative.
    """

    layout: Layout
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.layout.measures):
            raise Malformed(f"{len(self.counts)} counts for {len(self.layout.measures)} measures")
        for measure, count in zip(self.layout.measures, self.counts, strict=True):
            if type(count) is not int or count < 0:
                raise NotACount(f"{measure}: {count!r} is not a count")

    @classmethod
    def zero(cls, layout: Layout) -> "Tally":
        """The tally of no responses, where a sum of tallies starts."""
        return cls(layout, (0,) * len(layout.measures))

    def __add__(self, other: "Tally") -> "Tally":
        if self.layout != other.layout:
            raise Malformed(
                "tallies of different layouts do not add up: "
                f"{', '.join(self.layout.items)} and {', '.join(other.layout.items)}"
            )
        return Tally(self.layout, tuple(map(int.__add__, self.counts, other.counts)))

    @property
    def n(self) -> int:
        """Number of responses, whatever they answered."""
        return self.counts[0]

    def count(self, measure: str) -> int:
        """One integer of the tally by its name.

        Raises:
            UnknownKey: the layout has no such measure.
        """
        if measure not in self.layout.positions:
            raise UnknownKey(f"no measure {measure!r} in this layout")
        return self.counts[self.layout.positions[measure]]

    def answers(self, key: str) -> tuple[int, ...]:
        """How often an item was answered 1, 2, up to the end of its scale.

        Raises:
            UnknownKey: the layout has no such item.
        """
        scale = self.layout.scale(key)
        first = self.layout.positions[f"{key}_1"]
        return self.counts[first : first + scale]

    def answered(self, key: str) -> int:
        """How many responses answered an item."""
        return sum(self.answers(key))

    def total(self, key: str) -> int:
        """Sum of the answers to an item."""
        return sum(value * count for value, count in enumerate(self.answers(key), start=1))


def require_element(tally: Tally, key: str) -> None:
    """See that the layout of a tally has an element.

    Raises:
        UnknownKey: it has none of that name.
    """
    if key not in tally.layout.elements:
        raise UnknownKey(f"no element {key!r} among {', '.join(tally.layout.elements)}")


def check_not_applicable(tally: Tally, keys: Collection[str]) -> None:
    """See that elements configured not to exist for a service were not answered.

    Raises:
        UnknownKey: the layout has no such element.
        Contradiction: one of them was answered.
    """
    for key in sorted(keys):
        require_element(tally, key)
        if answered := tally.answered(key):
            raise Contradiction(f"{answered} answers to {key}, which is configured as not applicable")


def tally_responses(layout: Layout, responses: Iterable[Answered]) -> Tally:
    """Count responses one by one: the definition that every faster way of counting must reproduce.

    The score of a respondent is the mean of the elements he or she answered, × ``layout.unit``, which is a
    whole number; who answered no element has no score.

    Raises:
        Malformed: a response has too many or too few answers.
        OutOfScale: an answer that is not of its scale; it names the response, counted from 1, and the item.
    """
    counts = [0] * len(layout.measures)
    for number, response in enumerate(responses, start=1):
        _count(layout, counts, response, number)
    return Tally(layout, tuple(counts))


def _count(layout: Layout, counts: list[int], response: Answered, number: int) -> None:
    values = _values(layout, response.answers, number)
    at = layout.positions
    counts[at["n"]] += 1
    for key, value in zip(layout.items, values, strict=True):
        if value:
            counts[at[f"{key}_{value}"]] += 1
    elements = [value for value in values[: len(layout.elements)] if value]
    if elements:
        _moments(counts, at["score_n"], sum(elements) * layout.unit // len(elements))


def _moments(counts: list[int], first: int, value: int) -> None:
    counts[first] += 1
    counts[first + 1] += value
    counts[first + 2] += value * value


def _values(layout: Layout, answers: str, number: int) -> list[int]:
    """Answers as numbers, 0 for none. An answer out of scale is refused, never clamped."""
    if len(answers) != len(layout.items):
        raise Malformed(f"response {number}: {len(answers)} answers for {len(layout.items)} items")
    values = []
    for mark, key, scale in zip(answers, layout.items, layout.scales, strict=True):
        value = 0 if mark in (SKIPPED, NOT_ASKED) else MARKS.find(mark)
        if not 0 <= value <= scale:
            raise OutOfScale(number, key, mark, 1, scale)
        values.append(value)
    return values
