"""How often comments are misjudged, from comments whose true label is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_count, is_number
from analysis.comments.tally import LABELS
from analysis.errors import Contradiction, Malformed, NoFigure, TooFew, UnknownKey
from analysis.intervals import wilson_proportion
from analysis.shares import Share

if TYPE_CHECKING:
    import numpy as np

    from analysis.columns import Floats

PRIOR = 0.5
"""Added to each count when shares are drawn from their distribution given the counts (Jeffreys)."""

FEWEST_DRAWS = 100
"""With fewer random draws the ends of an interval are matters of chance."""


@dataclass(frozen=True)
class Confusion:
    """How comments of known label were judged.

    Attributes:
        counts: numbers of comments: a row for each true label, a column for each label given, both in the
            order of ``LABELS``.

    Raises:
        Malformed: not three rows of three.
        NotACount: a number is negative or not whole.
        NoFigure: there is no comment in it.
    """

    counts: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        if len(self.counts) != len(LABELS) or any(len(row) != len(LABELS) for row in self.counts):
            raise Malformed(f"a table of {len(LABELS)} true and {len(LABELS)} given labels is needed")
        for row in self.counts:
            for count in row:
                check_count(count, "comments")
        if self.n == 0:
            raise NoFigure("no comment of known label was judged")

    @classmethod
    def of(cls, true: Sequence[str], given: Sequence[str]) -> "Confusion":
        """Count judged comments: the true labels and the given ones, in the same order.

        Raises:
            Contradiction: the two differ in length.
            UnknownKey: a label is none of ``LABELS``.
            NoFigure: there are none.
        """
        if len(true) != len(given):
            raise Contradiction(f"{len(true)} true and {len(given)} given labels")
        counts = [[0] * len(LABELS) for _ in LABELS]
        for actual, judged in zip(true, given, strict=True):
            counts[position(actual)][position(judged)] += 1
        return cls(tuple((row[0], row[1], row[2]) for row in counts))

    @property
    def n(self) -> int:
        """Number of comments."""
        return sum(map(sum, self.counts))

    @property
    def wrong(self) -> int:
        """How many of them were given another label than their own."""
        return self.n - sum(self.counts[place][place] for place in range(len(LABELS)))


@dataclass(frozen=True)
class ErrorRate:
    """How often a comment is misjudged.

    Attributes:
        share: the share with its Wilson interval, the number misjudged and the number judged.
        one_in: k of the sentence "about 1 comment in k is misjudged", None when no such sentence is true.
    """

    share: Share
    one_in: int | None


def one_in(rate: float) -> int | None:
    """The whole k for which 1/k is nearest to a rate, to say "about 1 in k".

    None for a rate of 0, which nobody can promise, and from 3/4 on, where it would be "1 in 1".

    Raises:
        Malformed: the rate is not a number from 0 to 1.
    """
    if not (is_number(rate) and 0 <= rate <= 1):
        raise Malformed(f"{rate!r} is not a rate from 0 to 1")
    if rate == 0 or rate >= 0.75:
        return None
    below = int(1 / rate)
    return min((below, below + 1), key=lambda k: abs(1 / k - rate))


def error_rate(confusion: Confusion, *, level: float = 0.95) -> ErrorRate:
    """How often a comment is misjudged, in a set with as many comments of each label as the judged ones.

    Of comments with another mix of labels the rate is another: neutral ones are misjudged more often.

    Raises:
        Malformed: the level is not between 0 and 1.
    """
    rate = confusion.wrong / confusion.n
    interval = wilson_proportion(confusion.wrong, confusion.n, level=level)
    return ErrorRate(Share(rate, interval, confusion.wrong, confusion.n), one_in(rate))


def position(label: str) -> int:
    """Where a label stands in ``LABELS``.

    Raises:
        UnknownKey: there is no such label.
    """
    if label not in LABELS:
        raise UnknownKey(f"no label {label!r} among {', '.join(LABELS)}")
    return LABELS.index(label)


def check_draws(draws: int) -> None:
    """Refuse a number of random draws from which no interval can be told.

    Raises:
        NotACount: no whole number.
        TooFew: fewer than ``FEWEST_DRAWS``.
    """
    check_count(draws, "draws")
    if draws < FEWEST_DRAWS:
        raise TooFew("an interval from random draws", draws, FEWEST_DRAWS)


def drawn_shares(counts: Sequence[int], generator: "np.random.Generator", draws: int) -> "Floats":
    """Shares of the labels as they may be, given how often each was counted; shape (draws, labels).

    Draws from the Dirichlet distribution of the counts, ``PRIOR`` added to each.
    """
    return generator.dirichlet([count + PRIOR for count in counts], draws)


def drawn_rates(confusion: Confusion, generator: "np.random.Generator", draws: int) -> "Floats":
    """Rates at which each true label is given each label, as they may be; shape (draws, true, given)."""
    import numpy as np

    return np.stack([drawn_shares(row, generator, draws) for row in confusion.counts], axis=1)
