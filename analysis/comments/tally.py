"""Tallies of judged comments: whole numbers that add up in any order."""

from collections.abc import Iterable
from typing import NamedTuple

from analysis.checks import is_count
from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey
from analysis.sentiment import FIXED_UNIT

LABELS = ("negative", "neutral", "positive")
"""The three judgements of a comment, in the order of every table here."""


class CommentTally(NamedTuple):
    """How a set of comments was judged.

    It can be made of any six numbers, as rows of a table are; ``check`` refuses those that count no comments.

    Attributes:
        n: number of comments.
        negative: how many of them are judged unfavourable.
        neutral: how many are judged neither.
        positive: how many are judged favourable.
        sum: sum of their polarities in thousandths, -1000 to 1000 each.
        sumsq: sum of the squares of these.
    """

    n: int
    negative: int
    neutral: int
    positive: int
    sum: int
    sumsq: int

    @classmethod
    def zero(cls) -> "CommentTally":
        """The tally of no comments, where a sum of tallies starts."""
        return cls(0, 0, 0, 0, 0, 0)

    @classmethod
    def of(cls, readings: Iterable[tuple[str, int]]) -> "CommentTally":
        """Count comments one by one.

        Args:
            readings: label and polarity in thousandths of each.

        Raises:
            UnknownKey: a label is none of ``LABELS``.
            Malformed: a polarity is not a whole number from -1000 to 1000.
        """
        counts = dict.fromkeys(LABELS, 0)
        total = squares = 0
        for label, polarity in readings:
            if label not in counts:
                raise UnknownKey(f"no label {label!r} among {', '.join(LABELS)}")
            if type(polarity) is not int or abs(polarity) > FIXED_UNIT:
                raise Malformed(f"a polarity of {polarity!r} thousandths")
            counts[label] += 1
            total += polarity
            squares += polarity * polarity
        negative, neutral, positive = counts.values()
        return cls(negative + neutral + positive, negative, neutral, positive, total, squares)

    def __add__(self, other: object) -> "CommentTally":
        if not isinstance(other, CommentTally):
            return NotImplemented
        return CommentTally(*(one + another for one, another in zip(self, other, strict=True)))

    @property
    def labels(self) -> tuple[int, int, int]:
        """The counts of ``LABELS``, in that order."""
        return self.negative, self.neutral, self.positive

    def check(self) -> "CommentTally":
        """The tally itself, when it can be one of comments.

        Raises:
            NotACount: a number of comments is negative or not whole.
            Malformed: a sum is not whole.
            Contradiction: the labels are not as many as the comments, or no polarities have such sums.
        """
        for name, count in zip(self._fields, self[:4], strict=False):
            if not is_count(count):
                raise NotACount(f"{name}: {count!r} is not a number of comments")
        if type(self.sum) is not int or type(self.sumsq) is not int:
            raise Malformed(f"sums of {self.sum!r} and {self.sumsq!r} are not whole")
        if sum(self.labels) != self.n:
            raise Contradiction(f"{sum(self.labels)} labels of {self.n} comments")
        # The mean of squares lies between the square of the mean (Cauchy and Schwarz) and the largest square.
        squares = self.n * self.sumsq
        if not self.sum**2 <= squares <= (self.n * FIXED_UNIT) ** 2:
            raise Contradiction(
                f"{self.n} polarities cannot sum to {self.sum}, and their squares to {self.sumsq}"
            )
        return self


MEASURES = CommentTally._fields
"""Names of the whole numbers of a tally, in order."""
