"""Results as plain JSON values."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from analysis.intervals import Interval


def plain(value: object) -> object:
    """A result as JSON holds it: exact numbers as floats, arrays as lists, an interval as [low, high].

    What is not a finite number (a deviation of one answer) becomes None.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, Interval):
        return [value.low, value.high]
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float | Fraction | Decimal):
        number = float(value)
        return number if isfinite(number) else None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value
