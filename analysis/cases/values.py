"""Values as JSON writes them, each checked before anything is computed from it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from analysis.errors import Malformed, NotACount
from analysis.exact import exact
from analysis.matrix import Matrix, read_matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

V = TypeVar("V")

MOST = 10**9
"""Larger counts are of no survey."""

SMALLEST, LARGEST = 1e-60, 1e12
"""Numbers beyond these are no figures of a survey, and their powers or sums may be no numbers at all."""


def read_cells(rows: Sequence[Sequence[object]], columns: Sequence[str], scale: int = 4) -> Matrix:
    """A table of answers from cells that may hold anything; ``read_matrix`` refuses what is no answer."""
    return read_matrix(rows, columns, scale=scale)  # type: ignore[arg-type]


def array(values: Sequence[float] | Sequence[Sequence[float]]) -> "Floats":
    """Numbers that were read, as an array."""
    import numpy as np

    return np.array(values, np.float64)


def entries_of(value: object, name: str) -> list[object]:
    """A list.

    Raises:
        Malformed: it is none.
    """
    if not isinstance(value, list | tuple):
        raise Malformed(f"{name}: {value!r} is not a list")
    return list(value)


def count_of(value: object, name: str) -> int:
    """A whole number from 0, however JSON wrote it.

    Raises:
        NotACount: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST:
        whole = int(value)
        if whole == value:
            return whole
    raise NotACount(f"{name}: {value!r} is not a whole number from 0 to {MOST}")


def printed(value: object, name: str) -> Decimal:
    """A figure as it is printed, which is the shortest number that JSON reads the same.

    Raises:
        Malformed: not a number, nor its digits.
    """
    if isinstance(value, str):
        exact(value, name)
        return Decimal(value)
    return Decimal(repr(number_of(value, name)))


def exactly(value: object, name: str) -> Fraction:
    """A printed figure as the fraction it stands for; see ``printed``."""
    return exact(printed(value, name), name)


def number_of(value: object, name: str) -> float:
    """A number that can be reckoned with.

    Raises:
        Malformed: it is none, or nearer to 0 or farther from it than ``SMALLEST`` and ``LARGEST``.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        near, far = abs(value) >= SMALLEST, abs(value) <= LARGEST
        if value == 0 or (near and far):
            return value
    raise Malformed(f"{name}: {value!r} is not a number that can be reckoned with")


def cell_of(cell: object) -> object:
    """An answer as it is: 4.0 as 4, NaN as None, and anything else unchanged."""
    if isinstance(cell, float) and isnan(cell):
        return None
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def nested(value: object, name: str, read: Callable[[object, str], V]) -> "list[Any] | V":
    """Lists in lists with every entry read; 40.0 is a count if ``count_of`` reads it."""
    if isinstance(value, list | tuple):
        return [nested(entry, name, read) for entry in value]
    return read(value, name)
