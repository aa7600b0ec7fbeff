"""Why there is no figure: every refusal of the analysis has a name, and its message says what to mend.

All of them are ``ValueError``; whoever only wants to know that something was wrong can catch that.
"""


class Refused(ValueError):
    """What was given cannot give a figure."""


class OutOfScale(Refused):
    """A value is not an answer of its scale; it is never clamped.

    Attributes:
        row: which row, counted from 1.
        column: key or position of the item.
        value: what stands there.
    """

    def __init__(self, row: int, column: str, value: object, lowest: int, highest: int) -> None:
        super().__init__(f"row {row}, column {column}: {value!r} is not an answer from {lowest} to {highest}")
        self.row = row
        self.column = column
        self.value = value


class Malformed(Refused):
    """A table has the wrong shape, or something in it is not the number it should be (NaN among them)."""


class NotACount(Refused):
    """A number of answers, people or transactions is negative, not whole or not finite."""


class Contradiction(Refused):
    """Two numbers that must agree do not; the message says which."""


class NoFigure(Refused):
    """Nobody answered: there is no figure, and it is not zero."""


class TooFew(Refused):
    """Too few answers for this figure.

    Attributes:
        n: how many there are.
        needed: how many there must be.
    """

    def __init__(self, what: str, n: float, needed: float) -> None:
        super().__init__(f"{what} needs at least {needed:g}, there are {n:g}")
        self.n = n
        self.needed = needed


class NoVariation(Refused):
    """All answers are equal, so that a share of their variation is not defined."""


class UnknownKey(Refused):
    """There is no such item, table, method or level."""


class WrongWeights(Refused):
    """Weights or margins are negative, not finite, or do not sum to what they must."""


class EmptyLevel(Refused):
    """A level of a margin, or a cell of the population, has no respondent to stand for it.

    Attributes:
        margin: which margin.
        level: which of its levels.
    """

    def __init__(self, margin: str, level: str) -> None:
        super().__init__(
            f"nobody answered in {margin} = {level}; no weight can speak for it: join it with another"
        )
        self.margin = margin
        self.level = level


class NotConverged(Refused):
    """An iteration did not settle within its limit.

    Attributes:
        iterations: how many were tried.
        off: how far the worst constraint still was, relative.
    """

    def __init__(self, what: str, iterations: int, off: float) -> None:
        super().__init__(f"{what} did not settle in {iterations} iterations: still off by {off:.3g}")
        self.iterations = iterations
        self.off = off
