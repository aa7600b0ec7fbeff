"""Days and months as integers, counted in a service unit's own zone. The time itself is an argument."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def day_in(zone: str, at: int) -> int:
    """The day (``yyyymmdd``) it is in a zone at UTC epoch second ``at``."""
    return _day_of_quarter(zone, at // 900)


@lru_cache(maxsize=65_536)
def _day_of_quarter(zone: str, quarter: int) -> int:
    # Every zone's offset is a multiple of a quarter of an hour, so a quarter lies within one day.
    moment = datetime.fromtimestamp(quarter * 900, UTC).astimezone(ZoneInfo(zone))
    return as_day(moment.date())


def as_day(day: date) -> int:
    """A date as the integer ``yyyymmdd``."""
    return day.year * 10_000 + day.month * 100 + day.day


def as_date(day: int) -> date:
    """The integer ``yyyymmdd`` as a date."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def month_of(day: int) -> int:
    """The month (``yyyymm``) of a day."""
    return day // 100


def days_of(month: int) -> tuple[int, int]:
    """The first and the last possible day of a month, as integers."""
    return month * 100 + 1, month * 100 + 31
