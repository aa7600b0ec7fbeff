"""The kept tallies of the comments of a place: by series, by what is counted of it, and by month."""

from collections import defaultdict
from collections.abc import Mapping

from analysis.comments import CommentTally
from analysis.comments.trend import CommentPoint, drawn, points
from analysis.trends import Point
from survey.comments.counting import ALL, split_name
from survey.comments.series import Series
from survey.periods import Period

SHOWN_FROM = 5
"""Nothing is said of fewer comments, as of fewer answers (``survey.figures``)."""

SHARES_FROM = 30
"""Of fewer comments there are no shares: one misjudged comment would move them by several points."""


class CommentMonths:
    """Tallies of comments; those of different series are never added up."""

    def __init__(self) -> None:
        self._kept: dict[int, dict[str, dict[int, CommentTally]]] = defaultdict(lambda: defaultdict(dict))

    def add(self, month: int, name: str, counts: tuple[int, ...]) -> None:
        """Keep the tally of a month (``yyyymm``) under the name that tallies have for it."""
        series, what = split_name(name)
        self._kept[series][what][month] = CommentTally(*counts)

    def of(self, series: int, what: str = ALL) -> Mapping[int, CommentTally]:
        """The tallies of what is counted of a series, by month; empty when there are none."""
        return self._kept[series][what] if series in self._kept else {}

    def total(self, series: int, what: str, period: Period) -> CommentTally:
        """The tallies of a period added up."""
        chosen = (tally for month, tally in self.of(series, what).items() if period.covers(month))
        return sum(chosen, CommentTally.zero())

    def counted(self, series: int) -> list[str]:
        """Everything that is counted of a series."""
        return sorted(self._kept.get(series, ()))

    def written(self, period: Period) -> int:
        """How many comments of a period any series has read: those of the series that read most, by month."""
        most: dict[int, int] = defaultdict(int)
        for of_series in self._kept.values():
            for month, tally in of_series[ALL].items():
                if period.covers(month):
                    most[month] = max(most[month], tally.n)
        return sum(most.values())

    def trend(self) -> list[CommentPoint]:
        """The figures of each month from the first to the last with comments, whichever series read them.

        A month is shown as the series tells it that read most of its comments, of equal ones the latest; a
        month without comments belongs to the series before it.
        """
        chosen: dict[int, tuple[int, int]] = {}
        for series in sorted(self._kept):
            for month, tally in self._kept[series][ALL].items():
                if tally.n >= chosen.get(month, (0, 0))[0]:
                    chosen[month] = (tally.n, series)
        if not chosen:
            return []
        span, name, found = (min(chosen), max(chosen)), "", []
        for month in (point.period for point in points({}, series="", between=span)):
            name = str(chosen[month][1]) if month in chosen else name
            tallies = {month: self.of(int(name))[month]} if month in chosen else {}
            found += points(tallies, series=name, between=(month, month), shares_from=SHARES_FROM)
        return found


def figures_of(tally: CommentTally, series: int) -> CommentPoint:
    """The figures of comments that were added up: those of one period, in the month ``000101``."""
    (found,) = points({101: tally}, series=str(series), polarity_from=SHOWN_FROM, shares_from=SHARES_FROM)
    return found


def sentiment_of(kept: CommentMonths, current: Series | None) -> list[Point]:
    """Mean polarity, -1 to 1, of each month that the current series has read."""
    if current is None:
        return []
    found = points(kept.of(current.id), series=str(current.id), polarity_from=SHOWN_FROM)
    return drawn(found, "polarity")
