"""Numbers without binary rounding: read as they are printed, rounded as the rules round."""

import re
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from analysis.errors import Contradiction, Malformed

_DIGITS = 30  # more places than anybody prints; without a bound 1e999999999 would be computed


def exact(value: Fraction | Decimal | int | str, name: str = "value") -> Fraction:
    """A printed number as the fraction it stands for.

    Raises:
        Malformed: a float, a bool, something endless, or a text other than plain digits with a decimal point.
    """
    if isinstance(value, str) and re.fullmatch(rf"\d{{1,{_DIGITS}}}(\.\d{{1,{_DIGITS}}})?", value, re.ASCII):
        return Fraction(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _DIGITS:
        return Fraction(value)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Fraction(value)
    raise Malformed(f"{name}: {value!r} is not an exact number such as '3.868'")


def round_half_up(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round to a number of decimals, halves away from zero, without passing through binary.

    Raises:
        TypeError: a float, whose halves are not where they seem (76.605 is stored as a little less).
        Malformed: not finite.
    """
    if isinstance(value, float):
        raise TypeError("a float has no exact half to round: pass a Fraction or a Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise Malformed(f"{value} cannot be rounded")
    scaled = abs(Fraction(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if value < 0 else 1
    # As text: arithmetic of decimals would round once more, to the digits of the caller's context.
    return Decimal(f"{sign * whole}e{-places}")


def deviation(n: int, total: int, squares: int) -> float | None:
    """Standard deviation (n - 1) of whole numbers from their sum and sum of squares; one has none.

    In whole numbers up to the root, so that equal ones deviate by exactly zero.

    Raises:
        Contradiction: the sum of squares is smaller than the sum allows: no numbers have such sums.
    """
    if n < 2:
        return None
    around = n * squares - total * total
    if around < 0:
        raise Contradiction(f"{n} numbers of sum {total} cannot have a sum of squares of {squares}")
    return sqrt(Fraction(around, n * (n - 1)))
