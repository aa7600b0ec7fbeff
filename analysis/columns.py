"""Columns of numbers as the statistics take them: one entry per unit, period, window or cell.

Whatever is not the number it should be is refused with its position, counted from 1, before anything is
computed from it: a NaN that slipped into a mean would come out as a verdict.
"""

from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias

from analysis.checks import MOST
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, Refused, TooFew

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = Sequence[Any] | NDArray[Any]
    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]


def finite(
    values: "Numbers", what: str, *, needed: int = 1, dimensions: int = 1, missing: bool = False
) -> "Floats":
    """The values as floats, none of them NaN or infinite.

    Whole numbers, floats, fractions and decimals are numbers; booleans and text are not.

    Args:
        values: sequence or array; nested or two-dimensional with ``dimensions`` 2.
        what: name of the column, for the message.
        needed: how many entries (rows) there must be.
        dimensions: 1 for a column, 2 for a table.
        missing: whether a NaN may stand for an entry that does not exist.

    Raises:
        NoFigure: there is no entry at all.
        TooFew: fewer than ``needed``.
        Malformed: the wrong shape, or an entry that is not a finite number.
    """
    import numpy as np

    column = _column(values, what, needed, dimensions, Malformed, Real)
    try:
        numbers = column.astype(np.float64)
    except (OverflowError, ValueError) as error:
        raise Malformed(f"{what}: an entry is not a finite number: {error}") from None
    wrong = np.isinf(numbers) if missing else ~np.isfinite(numbers)
    if wrong.any():
        raise Malformed(f"{what}: {_first(wrong)} is {numbers[wrong][0]}, not a finite number")
    return numbers


def positive(values: "Numbers", what: str, *, size: int) -> "Floats":
    """Standard errors, standard deviations or expected numbers: finite and above zero.

    Raises:
        NoVariation: an entry is zero. A standard error of zero comes from answers that are all equal and is
            not certainty; put the pooled one in its place (``analysis.funnels.pooled_sd``).
        Malformed: an entry is negative or not a finite number.
        Contradiction: there are not ``size`` entries.
    """
    numbers = finite(values, what)
    same_length(numbers.size, size, what)
    if (numbers < 0).any():
        raise Malformed(f"{what}: {_first(numbers < 0)} is {numbers[numbers < 0][0]:g}, which is negative")
    if (numbers == 0).any():
        raise NoVariation(f"{what}: {_first(numbers == 0)} is zero, so nothing can be measured against it")
    return numbers


def whole(values: "Numbers", what: str, *, needed: int = 1, dimensions: int = 1) -> "Integers":
    """Numbers of answers, people or transactions: whole and not negative.

    Raises:
        NoFigure: there is no entry at all.
        TooFew: fewer than ``needed``.
        NotACount: an entry is negative, larger than ``analysis.checks.MOST``, a float, a boolean or text.
        Malformed: the wrong shape.
    """
    import numpy as np

    column = _column(values, what, needed, dimensions, NotACount, Integral)
    # Before the type is changed: what does not fit would come out as another number.
    negative = np.asarray(column < 0, np.bool_)
    if negative.any():
        raise NotACount(f"{what}: {_first(negative)} is {column[negative][0]}, which is negative")
    if column.max() > MOST:
        raise NotACount(f"{what}: an entry is too large to be a number of answers")
    numbers: Integers = column.astype(np.int64)
    return numbers


def part_of(counts: "Numbers", n: "Numbers | int", *, needed: int = 1) -> "tuple[Integers, Integers]":
    """Counts and of how many they are; ``n`` may be one number for all.

    Raises:
        NoFigure: there is no entry, or one is of nobody.
        TooFew: fewer entries than ``needed``.
        NotACount: a number is negative or not whole.
        Contradiction: a part is larger than its whole, or the columns differ in length.
    """
    import numpy as np

    part = whole(counts, "counts", needed=needed)
    given = whole(np.full(part.size, n) if np.ndim(n) == 0 else np.asarray(n, dtype=object), "n")
    same_length(given.size, part.size, "n")
    if (given == 0).any():
        raise NoFigure(f"n: {_first(given == 0)} is zero: there are no answers to take a share of")
    if (part > given).any():
        place = int((part > given).argmax())
        raise Contradiction(f"entry {place + 1}: {part[place]} of {given[place]} is not a share")
    return part, given


def same_length(length: int, size: int, what: str) -> None:
    """See that a column belongs to the ones before it.

    Raises:
        Contradiction: it does not.
    """
    if length != size:
        raise Contradiction(f"{what} has {length} entries where there are {size}")


def number(value: object, what: str) -> float:
    """One finite number.

    Raises:
        Malformed: it is not one.
    """
    return float(finite([value], what)[0])


def _column(
    values: "Numbers", what: str, needed: int, dimensions: int, refusal: type[Refused], kind: type
) -> "NDArray[Any]":
    import numpy as np

    # As objects first: numpy would turn [1, True] into whole numbers and [1, "2"] into text.
    given = values if isinstance(values, np.ndarray) else np.asarray(values, dtype=object)
    if given.size == 0:
        raise NoFigure(f"{what}: there is nothing in it")
    if given.ndim != dimensions:
        raise Malformed(f"{what}: {dimensions} dimension(s) are needed, there are {given.ndim}")
    kinds, noun = ("iu", "whole number") if kind is Integral else ("iuf", "number")
    if given.dtype.kind not in kinds:
        for position, entry in enumerate(given.ravel().tolist()):
            # Decimal is deliberately not registered as a real number in Python.
            number_like = isinstance(entry, kind) or (kind is Real and isinstance(entry, Decimal))
            if isinstance(entry, bool) or not number_like:
                raise refusal(f"{what}: {_place(position, given.shape)} is {entry!r}, not a {noun}")
    if len(given) < needed:
        raise TooFew(f"{what} ({'entries' if dimensions == 1 else 'rows'})", len(given), needed)
    return given


def _first(wrong: "NDArray[np.bool_]") -> str:
    return _place(int(wrong.argmax()), wrong.shape)


def _place(position: int, shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"entry {position + 1}"
    return f"row {position // shape[1] + 1}, column {position % shape[1] + 1}"
