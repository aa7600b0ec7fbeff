"""What the pictures show: figures with intervals, and the same as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from numbers import Real
from typing import NamedTuple

from analysis.errors import Contradiction, Malformed, NotACount
from analysis.intervals import Interval

Band = tuple[float, float, str]
"""A zone of a scale, such as a grade: from, to, label."""

Bounds = tuple[float, float]
"""Lowest and highest possible value."""

Cell = str | int | float | None


class Table(NamedTuple):
    """The data of a picture, for a table beside it.

    Attributes:
        columns: what each column holds, as lowercase keys.
        rows: one per thing drawn, in the order of the picture; None where there is nothing.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        label: what it is, in the reader's language.
        value: the figure in its own unit.
        interval: its interval in the same unit; None when there is none.
    """

    label: str
    value: float
    interval: Interval | None = None

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Lower and upper end of the interval, for a table."""
        return (None, None) if self.interval is None else (self.interval.low, self.interval.high)


def reach(estimates: Sequence[Estimate]) -> list[float]:
    """All values and ends of intervals: what an axis has to contain."""
    return [
        value for estimate in estimates for value in (estimate.value, *estimate.ends) if value is not None
    ]


def check_estimate(estimate: Estimate, bounds: Bounds) -> None:
    """Refuse a value or interval that is not within ``bounds``, or an interval upside down.

    The interval need not contain the value: a bootstrap interval may lie beside it.

    Raises:
        Malformed: a value or an end is not a number, or outside.
        Contradiction: the lower end lies above the upper one.
    """
    for value in (estimate.value, *estimate.ends):
        if value is not None:
            check_value(estimate.label, value, bounds)
    if estimate.interval is not None and estimate.interval.low > estimate.interval.high:
        raise Contradiction(
            f"{estimate.label}: an interval from {estimate.interval.low} to {estimate.interval.high}"
        )


def check_value(label: str, value: object, bounds: Bounds) -> None:
    """Refuse what is not a number from ``bounds``; NaN lies outside of everything.

    Raises:
        Malformed: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise Malformed(f"{label}: {value!r} is not a number")
    if not bounds[0] <= float(value) <= bounds[1]:
        raise Malformed(f"{label}: {value} is outside {bounds[0]} to {bounds[1]}")


def check_count(label: str, value: int) -> None:
    """Refuse what is not a number of people, answers or transactions.

    Raises:
        NotACount: not an integer, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotACount(f"{label}: {value!r} is not a number of anything")


def check_bands(bands: Sequence[Band]) -> None:
    """Refuse zones that are empty, upside down or overlap.

    Raises:
        Malformed: one is empty, upside down or not finite.
        Contradiction: two overlap.
    """
    for start, end, label in bands:
        if not (isfinite(start) and isfinite(end) and start < end):
            raise Malformed(f"a zone {label!r} from {start} to {end}")
    ordered = sorted(bands)
    for (_, end, label), (start, _, other) in pairwise(ordered):
        if start < end:
            raise Contradiction(f"the zones {label!r} and {other!r} overlap")


def written(estimate: Estimate, number: Callable[[float], str], template: str) -> str:
    """A figure with its interval as text: ``template`` with {value}, {low} and {high}; or the value alone."""
    if estimate.interval is None:
        return number(estimate.value)
    low, high = estimate.interval.low, estimate.interval.high
    return template.format(value=number(estimate.value), low=number(low), high=number(high))
