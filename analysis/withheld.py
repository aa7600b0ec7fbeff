"""Why a figure is not given: a result that says so in place of a number."""

from dataclasses import dataclass

NOT_ASKED = "not asked"
NO_ANSWERS = "no answers"
TOO_FEW_ANSWERS = "too few answers"
TOO_FEW_DRIVERS = "too few drivers"
NO_VARIATION = "no variation"


@dataclass(frozen=True)
class Withheld:
    """In place of a figure.

    Attributes:
        reason: a machine word, such as ``TOO_FEW_ANSWERS``.
        n: how many there are (answers, or drivers for ``TOO_FEW_DRIVERS``).
        needed: how many there must be.
    """

    reason: str
    n: int
    needed: int
