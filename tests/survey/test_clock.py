"""Days are counted in the unit's own zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import clock

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC", "Asia/Kathmandu", "Etc/GMT+12")


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("zone", "last_second"),
    [
        ("Asia/Jakarta", (2026, 11, 18, 16, 59, 59)),
        ("Asia/Makassar", (2026, 11, 18, 15, 59, 59)),
        ("Asia/Jayapura", (2026, 11, 18, 14, 59, 59)),
    ],
)
def test_a_day_ends_at_midnight_of_its_own_zone(zone: str, last_second: tuple[int, ...]) -> None:
    assert clock.day_in(zone, at(*last_second)) == 20261118
    assert clock.day_in(zone, at(*last_second) + 1) == 20261119


@given(st.sampled_from(ZONES), st.integers(min_value=0, max_value=4_102_444_800))
def test_a_day_is_the_date_a_calendar_in_that_zone_shows(zone: str, moment: int) -> None:
    shown = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
    assert clock.as_date(clock.day_in(zone, moment)) == shown


@given(st.dates())
def test_a_date_survives_being_an_integer(day: date) -> None:
    assert clock.as_date(clock.as_day(day)) == day


@given(st.dates(), st.dates())
def test_days_as_integers_are_in_the_order_of_the_calendar(one: date, other: date) -> None:
    assert (clock.as_day(one) < clock.as_day(other)) == (one < other)


@given(st.dates())
def test_a_day_lies_between_the_first_and_last_day_of_its_month_and_of_no_other(day: date) -> None:
    number = clock.as_day(day)
    month = clock.month_of(number)
    first, last = clock.days_of(month)
    assert first <= number <= last
    assert not clock.days_of(month + 1)[0] <= number <= clock.days_of(month + 1)[1]
