"""What can be reckoned with: the numbers that figures take as arguments, refused by name when they cannot be.

A bool is no number here, though Python's is one: ``True`` answers are a slip, not one answer.
"""

from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount

if TYPE_CHECKING:
    import numpy as np

MOST = 2**53
"""Beyond it floating point no longer counts one by one."""

_ROUNDING = 1e-9  # of the length of a scale: far more than sums leave, far less than anybody prints


def is_number(value: object) -> bool:
    """Whether a value is a finite number that floating point can hold (numpy's and fractions among them)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def is_count(value: object) -> bool:
    """Whether a value is a whole number from 0 to ``MOST`` (numpy's among them)."""
    return not isinstance(value, bool) and isinstance(value, Integral) and 0 <= int(value) <= MOST


def check_count(value: int, what: str, least: int = 0) -> None:
    """Refuse what is not a whole number, or fewer than there must be.

    Raises:
        NotACount: negative, not whole, or below ``least``.
    """
    if not is_count(value) or value < least:
        raise NotACount(f"{value!r} is not a number of {what}")


def check_n(n: float, *, whole: bool = True) -> None:
    """Refuse a number of answers that has no interval; ``whole=False`` admits effective numbers.

    Raises:
        NotACount: negative, not finite, or not whole where it must be.
        NoFigure: below one.
    """
    if not (is_count(n) if whole else is_number(n) and n >= 0):
        raise NotACount(f"{n!r} is not a number of answers")
    if n < 1:
        raise NoFigure(f"an interval needs at least one answer, not {n}")


def check_part(count: float, n: float) -> None:
    """Refuse a count that is no part of n; both may be effective numbers.

    Raises:
        NoFigure: n is 0.
        NotACount: negative, not finite, or more than n.
    """
    if not (is_number(n) and n >= 0):
        raise NotACount(f"no share of {n!r} answers")
    if n == 0:
        raise NoFigure("no share of 0 answers")
    if not (is_number(count) and 0 <= count <= n):
        raise NotACount(f"{count!r} of {n} is not a share")


def check_population(n: int, population: int) -> None:
    """Refuse a population that is no number of transactions or smaller than the number of answers.

    Raises:
        NotACount: negative or not whole.
        Contradiction: smaller than n.
    """
    check_count(population, "transactions")
    if population < n:
        raise Contradiction(f"{n} answers from a population of {population}")


def check_mean(mean: float, lower: float, upper: float) -> float:
    """A mean as a float on its scale; refuse one outside it, or a scale that is none.

    Sums of floating point leave 100.00000000000001 of nothing but the best answer: beyond an end by no more
    than rounding, a mean is that end. An answer never is.

    Raises:
        Malformed: the mean is outside its scale or no number, or there is no such scale.
    """
    if not (is_number(lower) and is_number(upper) and lower < upper):
        raise Malformed(f"there is no scale from {lower!r} to {upper!r}")
    if not is_number(mean):
        raise Malformed(f"a mean of {mean!r} is not a finite number")
    dust = _ROUNDING * (upper - lower)
    if not lower - dust <= mean <= upper + dust:
        raise Malformed(f"a mean of {mean!r} is outside the scale of {lower} to {upper}")
    return float(min(max(mean, lower), upper))


def check_spread(value: float, what: str) -> None:
    """Refuse a standard error or deviation that is negative or not finite.

    Raises:
        Malformed: so it is.
    """
    if not (is_number(value) and value >= 0):
        raise Malformed(f"a standard {what} of {value!r} does not exist")


def check_positive(value: float, what: str) -> None:
    """Refuse what must be above zero and finite, such as a design effect.

    Raises:
        Malformed: it is not.
    """
    if not (is_number(value) and value > 0):
        raise Malformed(f"a {what} of {value!r} is not positive")


def check_share(value: float, what: str) -> None:
    """Refuse a level or another share that is not strictly between 0 and 1.

    Raises:
        Malformed: it is not.
    """
    if not (is_number(value) and 0 < value < 1):
        raise Malformed(f"a {what} of {value!r} is not between 0 and 1")


def check_seed(seed: "int | np.random.Generator") -> "np.random.Generator":
    """The generator of a seed, which gives the same numbers again; a generator goes on where it is.

    Raises:
        Malformed: no seed at all, or one that is not a whole number from 0.
    """
    import numpy as np

    if isinstance(seed, np.random.Generator):
        return seed
    # Seeds of 128 bits are usual, so that no count is asked for here.
    given: object = seed
    if isinstance(given, bool) or not isinstance(given, Integral) or int(given) < 0:
        raise Malformed(f"a seed is a whole number from 0, not {given!r}")
    return np.random.default_rng(int(given))
