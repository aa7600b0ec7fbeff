"""Sampling: by the first stratum that fits, drawn by the key and by nobody's choice, and recorded."""

from random import Random

import pytest
from factories import recording, reported, rows
from hypothesis import given
from hypothesis import strategies as st

from survey import tallies
from survey.keys import Keys
from survey.ledger import Outcome, Report, Verdict, record
from survey.messaging import contact_policies
from survey.messaging.contact_policies import PolicyIn
from survey.messaging.policy import Rules, Sampling, Stratum
from survey.messaging.sampling import drawn, probability
from survey.platform import Platform

KEYS = Keys("a-secret-for-sampling-of-at-least-32-characters")
STRATA = (
    Stratum(unit="u1", channel="online", probability=0.1),
    Stratum(unit="u1", probability=0.2),
    Stratum(service="ktp", probability=0.3),
    Stratum(channel="phone", probability=0.4),
)
RULES = Rules(sampling=Sampling(probability=0.9, strata=STRATA))
NOBODY = Rules(sampling=Sampling(probability=0.0))


@pytest.mark.parametrize(
    ("unit", "service", "channel", "expected"),
    [
        ("u1", "ktp", "online", 0.1),
        ("u1", "ktp", "phone", 0.2),
        ("u1", "sim", "counter", 0.2),
        ("u2", "ktp", "online", 0.3),
        ("u2", "ktp", "phone", 0.3),
        ("u2", "sim", "phone", 0.4),
        ("u2", "sim", "online", 0.9),
    ],
)
def test_the_first_stratum_that_fits_says_the_probability(
    unit: str, service: str, channel: str, expected: float
) -> None:
    assert probability(RULES, unit, service, channel) == expected


def test_without_strata_everybody_has_the_general_probability() -> None:
    assert probability(Rules(), "u1", "ktp", "online") == 1.0


@given(st.integers(0, (1 << 63) - 1))
def test_certainty_and_impossibility_are_exact(transaction_id: int) -> None:
    assert drawn(KEYS, transaction_id, 1.0)
    assert not drawn(KEYS, transaction_id, 0.0)


@given(st.integers(0, (1 << 63) - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_draw_is_the_same_again_and_holds_at_every_higher_probability(
    transaction_id: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert drawn(KEYS, transaction_id, low) == drawn(KEYS, transaction_id, low)
    assert drawn(KEYS, transaction_id, high) or not drawn(KEYS, transaction_id, low)


@pytest.mark.parametrize("p", [0.01, 0.3, 0.5, 0.95])
def test_of_many_transactions_the_share_that_was_meant_is_drawn(p: float) -> None:
    rng, count = Random(7), 20_000
    chosen = sum(drawn(KEYS, rng.getrandbits(63), p) for _ in range(count))
    assert abs(chosen - count * p) < 4 * (count * p * (1 - p)) ** 0.5


def test_without_the_key_a_draw_cannot_be_known() -> None:
    others = Keys("another-secret-for-sampling-of-32-characters-or-more")
    agreed = sum(drawn(KEYS, number, 0.5) == drawn(others, number, 0.5) for number in range(10_000))
    assert abs(agreed - 5_000) < 200


def test_a_stratums_draw_says_nothing_about_the_next_transaction() -> None:
    pairs = [(drawn(KEYS, number, 0.5), drawn(KEYS, number + 1, 0.5)) for number in range(10_000)]
    assert abs(sum(first == second for first, second in pairs) - 5_000) < 200


def reports(platform: Platform, count: int, **changes: str) -> list[Report]:
    return [reported(f"r-{number}", platform.now() - 3600, **changes) for number in range(count)]


def recorded(
    platform: Platform, given: list[Report], rules: Rules | None, **changes: object
) -> list[Outcome]:
    return platform.writer.call(record, recording(platform, given, rules=rules, **changes))


def test_every_transaction_is_recorded_with_its_probability_and_only_the_drawn_are_invited(
    platform: Platform,
) -> None:
    outcomes = recorded(platform, reports(platform, 300), Rules(sampling=Sampling(probability=0.3)))
    stored = rows(platform.database, "SELECT id, sampling_probability FROM service_transaction")
    assert len(stored) == 300
    assert {p for _, p in stored} == {0.3}
    invited = {number for (number,) in rows(platform.database, "SELECT transaction_id FROM invitation")}
    assert invited == {number for number, p in stored if drawn(platform.settings.keys, number, p)}
    assert 40 < len(invited) < 140
    for outcome in outcomes:
        assert outcome.verdict is Verdict.ACCEPTED
        assert (outcome.code is not None) == (outcome.transaction_id in invited)
        assert (outcome.expires_at > 0) == (outcome.transaction_id in invited)


def test_without_rules_of_contact_everybody_is_invited(platform: Platform) -> None:
    outcomes = recorded(platform, reports(platform, 5), None)
    assert all(outcome.code for outcome in outcomes)
    assert rows(platform.database, "SELECT DISTINCT sampling_probability FROM service_transaction") == [
        (1.0,)
    ]


def test_the_agencys_own_rules_are_read_and_its_strata_go_by_code(platform: Platform) -> None:
    said = {"sampling": {"probability": 1.0, "strata": [{"unit": "u2", "probability": 0.25}]}}
    platform.writer.call(contact_policies.store, PolicyIn(1, said, Rules()))
    given = [
        reported("one", platform.now() - 3600),
        reported("two", platform.now() - 3600, unit="u2"),
    ]
    recorded(platform, given, Rules())
    query = "SELECT external_ref, sampling_probability FROM service_transaction"
    assert dict(rows(platform.database, query)) == {"one": 1.0, "two": 0.25}


def test_whoever_was_not_drawn_is_not_drawn_again_however_often_the_row_is_sent(platform: Platform) -> None:
    half = Rules(sampling=Sampling(probability=0.5))
    given = reports(platform, 60)
    first = recorded(platform, given, half, request_id=5)
    again = recorded(platform, given, half, request_id=5)
    later = recorded(platform, given, Rules(), request_id=6)
    assert again == first
    assert [outcome.code for outcome in later] == [outcome.code for outcome in first]
    assert {outcome.verdict for outcome in later} == {Verdict.DUPLICATE}
    assert any(outcome.code is None for outcome in first)


def test_a_row_twice_in_one_chunk_is_drawn_once(platform: Platform) -> None:
    given = [report for report in reports(platform, 40) for _ in range(2)]
    outcomes = recorded(platform, given, Rules(sampling=Sampling(probability=0.5)))
    assert [outcome.code for outcome in outcomes[::2]] == [outcome.code for outcome in outcomes[1::2]]
    assert {outcome.verdict for outcome in outcomes[1::2]} == {Verdict.DUPLICATE}


def test_another_row_under_the_reference_of_an_uninvited_one_is_still_a_conflict(platform: Platform) -> None:
    recorded(platform, reports(platform, 1), NOBODY)
    (outcome,) = recorded(platform, reports(platform, 1, channel="online"), NOBODY)
    assert outcome.conflict


def test_the_number_of_somebody_who_is_not_invited_is_not_kept(platform: Platform) -> None:
    phone = "+6281234567890"
    recorded(platform, reports(platform, 1, phone=phone), NOBODY)
    recorded(platform, reports(platform, 1, phone=phone), NOBODY)
    assert rows(platform.database, "SELECT count(*) FROM invitation") == [(0,)]
    stored = rows(platform.database, "SELECT * FROM service_transaction")
    assert phone[1:] not in repr(stored)


def test_whoever_is_not_invited_counts_as_served_and_not_as_invited(platform: Platform) -> None:
    strata = (Stratum(channel="counter", probability=0.0),)
    rules = Rules(sampling=Sampling(strata=strata))
    given = [
        reported(f"r-{number}", platform.now() - 3600, channel="counter" if number < 7 else "online")
        for number in range(10)
    ]
    recorded(platform, given, rules)
    platform.writer.call(tallies.refresh, platform.definition)
    counted = rows(platform.database, "SELECT counts FROM tally_unit_day WHERE source = 'ledger'")
    assert counted == [("[10,3,0]",)]
