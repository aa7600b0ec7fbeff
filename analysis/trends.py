"""Figures month by month, with their uncertainty and without hiding the months that have none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.checks import check_count
from analysis.errors import Contradiction, Malformed
from analysis.index import index, spread
from analysis.intervals import wilson_calibrated
from analysis.perception import of_four, perception
from analysis.tally import Tally

NO_ANSWERS = "no answers"
TOO_FEW_ANSWERS = "too few answers"


@dataclass(frozen=True)
class Point:
    """One month of a trend.

    Attributes:
        period: the month as yyyymm.
        value: the figure in its own unit, or None when there is none to show.
        low: lower end of its 95 % interval, None without a value.
        high: upper end of its 95 % interval, None without a value.
        n: number of answers behind it, also when it is withheld.
        reason: why there is no value, ``NO_ANSWERS`` or ``TOO_FEW_ANSWERS``; None when there is one.
    """

    period: int
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None


def monthly(cells: Mapping[int, Tally], *, minimum: int = 5) -> list[Point]:
    """The index, 25 to 100, of each month from the first to the last one given.

    Intervals are variance-calibrated Wilson intervals without finite population correction, because months
    are compared with each other as results of the same process.

    Args:
        cells: the tally of each month, by yyyymm. Months between that are missing become points without a
            value.
        minimum: months with fewer respondents are withheld; a public page needs 10.

    Raises:
        Malformed: a period is not a month, or the minimum is below one.
        NotACount: the minimum is not a whole number.
        Contradiction: a tally counts scores but no answers, or its sums cannot be of any answers.
    """
    return _points(cells, minimum, _index_point)


def monthly_perception(cells: Mapping[int, Tally], *, minimum: int = 5) -> list[Point]:
    """The perception index, at most 4, of each month; arguments and errors as for ``monthly``."""
    return _points(cells, minimum, _perception_point)


def _points(
    cells: Mapping[int, Tally], minimum: int, figure: Callable[[int, Tally, int], Point]
) -> list[Point]:
    check_count(minimum, "answers")
    if minimum < 1:
        raise Malformed(f"a minimum of {minimum} answers withholds nothing")
    for period in cells:
        if type(period) is not int or period < 1 or not 1 <= period % 100 <= 12:
            raise Malformed(f"{period!r} is not a month written yyyymm")
    points = []
    for period in _months(cells):
        n = cells[period].count("score_n") if period in cells else 0
        if n == 0:
            points.append(Point(period, None, None, None, 0, NO_ANSWERS))
        elif n < minimum:
            points.append(Point(period, None, None, None, n, TOO_FEW_ANSWERS))
        else:
            points.append(figure(period, cells[period], n))
    return points


def _months(cells: Mapping[int, Tally]) -> list[int]:
    if not cells:
        return []
    first, last = (period // 100 * 12 + period % 100 - 1 for period in (min(cells), max(cells)))
    return [number // 12 * 100 + number % 12 + 1 for number in range(first, last + 1)]


def _index_point(period: int, tally: Tally, n: int) -> Point:
    result, scores = index(tally), spread(tally)
    if result is None or scores is None:
        raise Contradiction(f"{period}: the tally counts {n} scores but no answers")
    value = float(result.ikm)
    interval = wilson_calibrated(value, scores.sd or 0.0, n)
    return Point(period, value, interval.low, interval.high, n, None)


def _perception_point(period: int, tally: Tally, n: int) -> Point:
    result = perception(tally)
    if result is None or result.interval is None:
        raise Contradiction(f"{period}: the tally counts {n} scores but no answers")
    interval = of_four(result.interval, result.scale)
    return Point(period, float(result.of_four), interval.low, interval.high, n, None)
