"""Rules of contact: nobody is written to at night or on a holiday, and no agency is laxer than the nation."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.messaging.policy import (
    PolicyRefused,
    Rules,
    Sampling,
    Stratum,
    earliest,
    first_moment,
    held_to,
    read_rules,
    reminder_moment,
)

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
# No zone of these has changed its clocks since 2000 but the last two, which do so twice a year.
STEADY = (WIB, WITA, WIT, "UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago")
CHANGING = ("Europe/Berlin", "Australia/Lord_Howe")
DAYS_OFF = holidays.country_holidays("ID", years=range(1999, 2041))
NATIONAL = Rules()


def local(text: str, zone: str = WIB) -> int:
    """UTC epoch seconds of a local time, as ``2026-11-18 20:00``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def said(at: int, zone: str = WIB) -> str:
    """The local time at a UTC epoch second."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def allowed(rules: Rules, zone: str, at: int) -> bool:
    """Whether an invitation may go out, said a second time and in another way."""
    here = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    clock, start, end = here.strftime("%H:%M"), rules.quiet_from, rules.quiet_until
    quiet = start <= clock < end if start <= end else clock >= start or clock < end
    return not quiet and not (rules.holidays and here.date() in DAYS_OFF)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-18 07:59:59", "2026-11-18 08:00:00"),
        ("2026-11-18 08:00:00", "2026-11-18 08:00:00"),
        ("2026-11-18 12:34:56", "2026-11-18 12:34:56"),
        ("2026-11-18 19:59:59", "2026-11-18 19:59:59"),
        ("2026-11-18 20:00:00", "2026-11-19 08:00:00"),
        ("2026-11-18 23:59:59", "2026-11-19 08:00:00"),
        ("2026-11-19 00:00:00", "2026-11-19 08:00:00"),
        ("2026-12-24 20:00:00", "2026-12-26 08:00:00"),
        ("2026-12-25 12:00:00", "2026-12-26 08:00:00"),
        ("2026-03-20 20:00:00", "2026-03-23 08:00:00"),
    ],
)
@pytest.mark.parametrize("zone", [WIB, WITA, WIT])
def test_an_invitation_waits_for_the_morning_after_the_night_and_after_the_holidays(
    at: str, then: str, zone: str
) -> None:
    assert said(earliest(NATIONAL, zone, local(at, zone)), zone) == then


def test_at_the_same_moment_it_is_night_in_jayapura_and_still_day_in_jakarta() -> None:
    at = local("2026-11-18 18:30")
    assert earliest(NATIONAL, WIB, at) == at
    assert earliest(NATIONAL, WITA, at) == at
    assert said(earliest(NATIONAL, WIT, at), WIT) == "2026-11-19 08:00:00"


def test_a_holiday_is_over_in_jayapura_while_it_lasts_in_jakarta() -> None:
    rules = Rules(quiet_from="00:00", quiet_until="00:00")
    at = local("2026-12-25 22:30")
    assert earliest(rules, WIT, at) == at
    assert said(earliest(rules, WIB, at)) == "2026-12-26 00:00:00"


def test_without_holidays_only_the_night_counts() -> None:
    at = local("2026-12-25 12:00")
    assert earliest(Rules(holidays=False), WIB, at) == at


def test_quiet_hours_need_not_cross_midnight() -> None:
    rules = Rules(quiet_from="12:00", quiet_until="13:00")
    assert said(earliest(rules, WIB, local("2026-11-18 12:00"))) == "2026-11-18 13:00:00"
    assert said(earliest(rules, WIB, local("2026-11-18 03:00"))) == "2026-11-18 03:00:00"


def test_quiet_hours_that_end_where_a_holiday_begins_end_with_the_holiday() -> None:
    rules = Rules(quiet_from="22:00", quiet_until="00:00")
    assert said(earliest(rules, WIB, local("2026-12-24 23:00"))) == "2026-12-26 00:00:00"


CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
# 2000 to 2040; around a midnight more often than chance would have it.
MOMENTS = st.integers(946_684_800, 2_208_988_800) | st.builds(
    lambda day, around: 946_684_800 + day * 86_400 + around, st.integers(0, 14_600), st.integers(-3, 3)
)


def check_first(rules: Rules, zone: str, at: int, between: float) -> None:
    found = earliest(rules, zone, at)
    assert found >= at
    assert allowed(rules, zone, found)
    if found > at:
        assert not allowed(rules, zone, at)
        assert not allowed(rules, zone, found - 1)
        assert not allowed(rules, zone, at + int((found - 1 - at) * between))
        assert all(not allowed(rules, zone, moment) for moment in range(at, found, 1801))


@given(CLOCKS, CLOCKS, st.booleans(), st.sampled_from(STEADY), MOMENTS, st.floats(0, 1))
def test_the_moment_found_is_the_first_that_is_allowed(
    start: str, end: str, days_off: bool, zone: str, at: int, between: float
) -> None:
    check_first(Rules(quiet_from=start, quiet_until=end, holidays=days_off), zone, at, between)


@given(CLOCKS, st.integers(-3, 3), st.booleans(), st.sampled_from(STEADY), MOMENTS)
def test_quiet_hours_of_no_length_and_of_nearly_a_day_leave_a_moment(
    start: str, minutes: int, days_off: bool, zone: str, at: int
) -> None:
    end = (datetime.fromisoformat(f"2026-01-01 {start}") + timedelta(minutes=minutes)).strftime("%H:%M")
    check_first(Rules(quiet_from=start, quiet_until=end, holidays=days_off), zone, at, 0.5)


@given(CLOCKS, CLOCKS, st.sampled_from(CHANGING), MOMENTS, st.floats(0, 1))
def test_where_clocks_change_the_moment_found_is_the_first_too(
    start: str, end: str, zone: str, at: int, between: float
) -> None:
    check_first(Rules(quiet_from=start, quiet_until=end), zone, at, between)


@given(MOMENTS, st.integers(0, 5000), st.integers(0, 30 * 86_400), st.sampled_from((WIB, WITA, WIT)))
def test_the_first_invitation_waits_after_the_service_and_is_never_before_now(
    finished: int, wait: int, ago: int, zone: str
) -> None:
    rules = Rules(wait_minutes=wait)
    found = first_moment(rules, zone, finished, finished + ago)
    assert found == earliest(rules, zone, max(finished + ago, finished + wait * 60))
    assert found >= finished + wait * 60


def test_a_service_that_ends_at_closing_time_is_asked_about_in_the_morning() -> None:
    finished = local("2026-11-18 19:45")
    assert said(first_moment(NATIONAL, WIB, finished, finished)) == "2026-11-19 08:00:00"
    assert said(first_moment(Rules(wait_minutes=10), WIB, finished, finished)) == "2026-11-18 19:55:00"


def test_a_reminder_comes_days_later_at_an_allowed_moment_or_never() -> None:
    invited = local("2026-12-22 10:15")
    found = reminder_moment(NATIONAL, WIB, invited)
    assert found is not None
    assert said(found) == "2026-12-26 08:00:00"
    assert reminder_moment(Rules(reminder_days=0), WIB, invited) is None


def test_what_is_not_said_is_the_national_rule_and_the_national_default_is_kept() -> None:
    national = read_rules({"cap_days": 60, "countries": ["ID", "MY"], "quiet_from": "21:00"}, None)
    assert (national.cap_days, national.countries, national.quiet_until) == (60, ("ID", "MY"), "08:00")
    rules = read_rules({"reminder_days": 7}, national)
    assert rules == Rules(cap_days=60, countries=("ID", "MY"), quiet_from="21:00", reminder_days=7)
    assert read_rules({}, None) == NATIONAL


STRICTER: list[dict[str, Any]] = [
    {"quiet_from": "18:00"},
    {"quiet_until": "09:30"},
    {"quiet_from": "08:01", "quiet_until": "08:00"},
    {"cap_days": 31},
    {"cap_days": 400},
    {"reminder_days": 0},
    {"reminder_days": 4},
    {"wait_minutes": 31},
    {"sampling": {"probability": 0.001}},
    {"sampling": {"strata": [{"unit": "u1", "probability": 0.5}]}},
]
LAXER: list[tuple[dict[str, Any], str]] = [
    ({"quiet_from": "20:01"}, "quiet_from and quiet_until: must cover 20:00 to 08:00"),
    ({"quiet_until": "07:59"}, "quiet_from and quiet_until: must cover 20:00 to 08:00"),
    ({"quiet_from": "08:00", "quiet_until": "20:00"}, "quiet_from and quiet_until"),
    ({"quiet_from": "07:00", "quiet_until": "07:00"}, "quiet_from and quiet_until"),
    ({"quiet_from": "21:00", "quiet_until": "20:30"}, "quiet_from and quiet_until"),
    ({"holidays": False}, "holidays: must stay true"),
    ({"cap_days": 29}, "cap_days: must be at least 30"),
    ({"cap_days": 0}, "cap_days: must be at least 30"),
    ({"reminder_days": 2}, "reminder_days: must be 0 or at least 3"),
    ({"wait_minutes": 29}, "wait_minutes: must be at least 30"),
    ({"countries": ["ID", "MY"]}, "countries: must be among ID"),
]


@pytest.mark.parametrize("rules", STRICTER, ids=str)
def test_an_agency_may_be_stricter(rules: dict[str, Any]) -> None:
    taken = read_rules(rules, NATIONAL)
    assert taken != NATIONAL
    assert held_to(rules, NATIONAL) == taken


@pytest.mark.parametrize(("rules", "reason"), LAXER, ids=str)
def test_an_agency_may_not_be_laxer_and_is_told_the_floor(rules: dict[str, Any], reason: str) -> None:
    with pytest.raises(PolicyRefused, match=reason):
        read_rules(rules, NATIONAL)


def test_every_breach_is_told_at_once() -> None:
    with pytest.raises(PolicyRefused, match=r"cap_days: .*; wait_minutes: "):
        read_rules({"cap_days": 1, "wait_minutes": 1}, NATIONAL)


def test_where_the_nation_reminds_nobody_no_agency_does() -> None:
    national = Rules(reminder_days=0)
    with pytest.raises(PolicyRefused, match="reminder_days: must be 0"):
        read_rules({"reminder_days": 30}, national)


def test_where_the_nation_has_no_quiet_hours_an_agency_may_have_any() -> None:
    national = Rules(quiet_from="00:00", quiet_until="00:00", holidays=False)
    assert read_rules({"quiet_from": "12:00", "quiet_until": "13:00", "holidays": False}, national)


@given(CLOCKS, CLOCKS, CLOCKS, CLOCKS)
def test_quiet_hours_are_taken_when_no_minute_of_the_national_ones_is_missing(
    start: str, end: str, least_start: str, least_end: str
) -> None:
    national = Rules(quiet_from=least_start, quiet_until=least_end, holidays=False)
    rules = Rules(quiet_from=start, quiet_until=end, holidays=False)
    midnight = local("2026-11-18 00:00")
    minutes = range(midnight, midnight + 86_400, 60)
    missing = any(allowed(rules, WIB, at) and not allowed(national, WIB, at) for at in minutes)
    given_rules = {"quiet_from": start, "quiet_until": end}
    if missing:
        with pytest.raises(PolicyRefused, match="quiet_from"):
            read_rules(given_rules, national)
        assert held_to(given_rules, national) == national
    else:
        assert read_rules(given_rules, national) == rules


@pytest.mark.parametrize(("rules", "reason"), LAXER, ids=str)
def test_rules_given_before_the_nation_became_stricter_are_held_to_it(
    rules: dict[str, Any], reason: str
) -> None:
    assert held_to({**rules, "sampling": {"probability": 0.5}}, NATIONAL) == Rules(
        sampling=Sampling(probability=0.5)
    )


def test_only_the_rule_that_became_too_lax_is_replaced() -> None:
    rules = held_to({"cap_days": 40, "wait_minutes": 60}, Rules(cap_days=50))
    assert (rules.cap_days, rules.wait_minutes) == (50, 60)


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"cap": 30}, "cap"),
        ({"cap_days": "30"}, "cap_days"),
        ({"cap_days": 30.5}, "cap_days"),
        ({"cap_days": True}, "cap_days"),
        ({"cap_days": 401}, "cap_days"),
        ({"cap_days": -1}, "cap_days"),
        ({"reminder_days": 91}, "reminder_days"),
        ({"wait_minutes": 10_081}, "wait_minutes"),
        ({"quiet_from": "24:00"}, "quiet_from"),
        ({"quiet_from": "8:00"}, "quiet_from"),
        ({"quiet_until": "08:00\n"}, "quiet_until"),
        ({"quiet_until": "٠٨:٠٠"}, "quiet_until"),
        ({"holidays": "yes"}, "holidays"),
        ({"countries": []}, "countries"),
        ({"countries": ["Indonesia"]}, "countries"),
        ({"countries": "ID"}, "countries"),
        ({"sampling": {"probability": 0}}, "sampling.probability"),
        ({"sampling": {"probability": 1.01}}, "sampling.probability"),
        ({"sampling": {"probability": float("nan")}}, "sampling.probability"),
        ({"sampling": {"chance": 0.5}}, "chance"),
        ({"sampling": 0.5}, "sampling"),
        ({"sampling": {"strata": [{"unit": "u1"}]}}, "probability"),
        ({"sampling": {"strata": [{"probability": 0.5}]}}, "name a unit, a service or a channel"),
        ({"sampling": {"strata": [{"channel": "pigeon", "probability": 0.5}]}}, "channel"),
        ({"sampling": {"strata": [{"unit": "", "probability": 0.5}]}}, "unit"),
    ],
    ids=str,
)
@pytest.mark.parametrize("national", [None, NATIONAL], ids=["nation", "agency"])
def test_what_is_no_rule_is_refused_by_its_key(
    rules: dict[str, Any], key: str, national: Rules | None
) -> None:
    with pytest.raises(PolicyRefused, match=key):
        read_rules(rules, national)


@pytest.mark.parametrize("key", ["outcome", "officer"])
def test_sampling_by_outcome_or_officer_is_refused_with_the_reason(key: str) -> None:
    rules = {"sampling": {"strata": [{"unit": "u1", "probability": 1}, {key: "x", "probability": 1}]}}
    with pytest.raises(PolicyRefused, match=rf"strata\[1\]: nobody is sampled by {key}: whoever is chosen"):
        read_rules(rules, NATIONAL)


def test_a_stratum_that_an_earlier_one_leaves_nothing_is_refused() -> None:
    wide, narrow = {"unit": "u1", "probability": 0.5}, {"unit": "u1", "channel": "online", "probability": 1.0}
    assert read_rules({"sampling": {"strata": [narrow, wide]}}, NATIONAL).sampling.strata == (
        Stratum(unit="u1", channel="online", probability=1.0),
        Stratum(unit="u1", probability=0.5),
    )
    with pytest.raises(PolicyRefused, match=r"strata\[1\]: an earlier stratum takes all of it"):
        read_rules({"sampling": {"strata": [wide, narrow]}}, NATIONAL)
