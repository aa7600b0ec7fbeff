"""What is counted must be a count."""

from operator import index
from typing import SupportsIndex

from analysis.errors import NotACount


def whole(value: SupportsIndex, what: str, *, negative: bool = False) -> int:
    """A whole number as an int; numpy integers are whole numbers, booleans, floats and text are not.

    Raises:
        NotACount: it is not one, or is negative where ``negative`` does not allow it.
    """
    # A numpy boolean refuses index() itself.
    if isinstance(value, bool):
        raise NotACount(f"{what}: {value!r} is not a count")
    try:
        number = index(value)
    except TypeError:
        raise NotACount(f"{what}: {value!r} is not a count") from None
    if number < 0 and not negative:
        raise NotACount(f"{what}: {number} is less than none")
    return number
