"""Periods of figures: a month, a quarter, a semester or a year, or the latest twelve months."""

import re
from dataclasses import dataclass

_WRITTEN = re.compile(
    r"(?P<year>[12][0-9]{3})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|S(?P<half>[12])))?"
)


@dataclass(frozen=True)
class Period:
    """Whole months from ``first`` to ``last`` (``yyyymm``), and how the period is written."""

    first: int
    last: int
    text: str

    def covers(self, month: int) -> bool:
        """Whether a month lies in the period."""
        return self.first <= month <= self.last


def read_period(text: str) -> Period:
    """Read ``2026``, ``2026-S1``, ``2026-Q3`` or ``2026-11``.

    Raises:
        ValueError: anything else.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("write a period as 2026, 2026-S1, 2026-Q3 or 2026-11")
    year = int(match["year"]) * 100
    first, last = 1, 12
    if match["month"]:
        first = last = int(match["month"])
    elif match["quarter"]:
        last = int(match["quarter"]) * 3
        first = last - 2
    elif match["half"]:
        last = int(match["half"]) * 6
        first = last - 5
    return Period(year + first, year + last, text)


def latest_year(month: int) -> Period:
    """The twelve months that end with a month."""
    year, number = divmod(month, 100)
    first = (year - 1) * 100 + number + 1 if number < 12 else year * 100 + 1
    return Period(first, month, f"{first // 100}-{first % 100:02d}…{year}-{number:02d}")


def choices(months: list[int]) -> list[str]:
    """The periods worth offering for the months there are data for, newest first."""
    years = sorted({month // 100 for month in months}, reverse=True)
    found: list[str] = []
    for year in years:
        own = sorted((month % 100 for month in months if month // 100 == year), reverse=True)
        found.append(str(year))
        found += [f"{year}-S{half}" for half in sorted({(m + 5) // 6 for m in own}, reverse=True)]
        found += [f"{year}-Q{quarter}" for quarter in sorted({(m + 2) // 3 for m in own}, reverse=True)]
        found += [f"{year}-{month:02d}" for month in own]
    return found


def before(period: Period) -> Period:
    """As many months as a period has, directly before it."""
    first, last = (month // 100 * 12 + month % 100 - 1 for month in (period.first, period.last))
    start, end = (number // 12 * 100 + number % 12 + 1 for number in (2 * first - last - 1, first - 1))
    return Period(start, end, f"{start // 100}-{start % 100:02d}…{end // 100}-{end % 100:02d}")
