"""The choice of a provider: by weight, past the broken and the tried; and never faster than it allows."""

from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.messaging.gateway import Verdict
from survey.messaging.routing import (
    LONGEST_OPEN_SECONDS,
    PROBE_SECONDS,
    TOLERATED_FAILURES,
    Breaker,
    ProviderHealth,
    after,
    breaker,
    burst_of,
    choose,
    open_seconds,
    permits,
    probe_sent,
    recovered,
    resting,
    retry_at,
)

NOW = 1_795_000_000
MINUTE, QUARTER = 60, 15 * 60
WELL = resting("kannel", 100)
FAILING = (Verdict.TEMPORARY, Verdict.REFUSED, Verdict.UNKNOWN)
SPEAKING_FOR_IT = (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPTED_OUT)

weights = st.integers(0, 100)
moments = st.integers(NOW - 10_000, NOW + 10_000)
draws = st.floats(0, 1, exclude_max=True)
healths = st.builds(
    ProviderHealth,
    st.sampled_from("abcdef"),
    st.just(100),
    weights,
    st.integers(0, 20),
    st.one_of(st.just(0), moments),
    st.booleans(),
    st.one_of(st.just(0), moments),
    st.booleans(),
)


class Rules(NamedTuple):
    retry_seconds: int = 30
    retry_most_seconds: int = 3600


def failed(
    health: ProviderHealth, times: int, at: int = NOW, verdict: Verdict = Verdict.TEMPORARY
) -> ProviderHealth:
    for _ in range(times):
        health = after(health, verdict, at)
    return health


def opened(at: int = NOW) -> ProviderHealth:
    return failed(WELL, TOLERATED_FAILURES + 1, at)


def drawn(
    candidates: list[ProviderHealth], *, tried: tuple[str, ...] = (), of: int = 1000
) -> Counter[str | None]:
    """How often each is chosen when the draws are spread evenly."""
    evenly = iter(range(of))
    return Counter(choose(candidates, lambda: next(evenly) / of, NOW, tried) for _ in range(of))


# --- choosing


def test_providers_are_chosen_in_the_proportion_of_their_weights() -> None:
    assert drawn([resting("a", 50), resting("b", 30), resting("c", 20)]) == {"a": 500, "b": 300, "c": 200}


def test_a_weight_that_was_lowered_counts_as_time_has_mended_it() -> None:
    sunk = resting("a", 100)._replace(weight=10, weight_changed_at=NOW - 2 * QUARTER)
    assert drawn([sunk, resting("b", 70)]) == {"a": 300, "b": 700}


def test_a_provider_of_no_weight_is_chosen_only_when_no_other_has_any() -> None:
    assert drawn([resting("a", 0), resting("b", 1)]) == {"b": 1000}
    assert drawn([resting("a", 0), resting("c", 0)]) == {"a": 500, "c": 500}


def test_a_message_goes_to_a_provider_that_has_not_failed_it_yet() -> None:
    assert drawn([resting("a", 90), resting("b", 10)], tried=("a",)) == {"b": 1000}


def test_a_message_that_all_providers_have_failed_may_go_to_any_again() -> None:
    assert drawn([resting("a", 90), resting("b", 10)], tried=("b", "a")) == {"a": 900, "b": 100}


def test_a_message_goes_back_to_the_provider_that_failed_it_when_the_other_is_out() -> None:
    out = opened()._replace(name="b")
    assert drawn([resting("a", 90), out], tried=("a",)) == {"a": 1000}


def test_nothing_is_chosen_among_none_or_paused_or_broken_providers() -> None:
    assert drawn([]) == {None: 1000}
    assert drawn([WELL._replace(paused=True), opened(), probe_sent(opened(), NOW)]) == {None: 1000}


def test_a_half_open_provider_takes_part_in_the_draw() -> None:
    half_open = opened(NOW - 30)
    weight = half_open.weight
    assert drawn([half_open, resting("b", 100 - weight)], of=100)["kannel"] == weight


@given(
    st.lists(healths, max_size=6, unique_by=lambda health: health.name),
    draws,
    st.sets(st.sampled_from("abcdef")),
)
def test_only_a_provider_that_may_be_asked_is_ever_chosen(
    candidates: list[ProviderHealth], draw: float, tried: set[str]
) -> None:
    name = choose(candidates, lambda: draw, NOW, tried)
    may = {
        each.name
        for each in candidates
        if not each.paused and breaker(each, NOW) in (Breaker.CLOSED, Breaker.HALF_OPEN)
    }
    expected: set[str | None] = {*(may - tried or may)}
    assert name in (expected or {None})


# --- the breaker


@pytest.mark.parametrize("verdict", FAILING)
def test_five_failures_in_a_row_are_tolerated_and_the_sixth_opens_the_breaker(verdict: Verdict) -> None:
    assert breaker(failed(WELL, 5, verdict=verdict), NOW) is Breaker.CLOSED
    assert breaker(failed(WELL, 6, verdict=verdict), NOW) is Breaker.OPEN


@pytest.mark.parametrize("verdict", SPEAKING_FOR_IT)
def test_an_answer_about_the_message_alone_ends_the_row_of_failures(verdict: Verdict) -> None:
    health = after(failed(WELL, 5), verdict, NOW)
    assert health.failures == 0
    assert breaker(failed(health, 5), NOW) is Breaker.CLOSED


@pytest.mark.parametrize("verdict", SPEAKING_FOR_IT)
def test_a_success_of_a_provider_that_is_well_is_nothing_new(verdict: Verdict) -> None:
    sunk = WELL._replace(weight=60, weight_changed_at=NOW - QUARTER)
    assert after(WELL, verdict, NOW) is WELL
    assert after(sunk, verdict, NOW) is sunk


def test_the_breaker_opens_for_thirty_seconds_and_says_why() -> None:
    health = after(failed(WELL, 5), Verdict.TEMPORARY, NOW, "http 503")
    assert breaker(health, NOW + 29) is Breaker.OPEN
    assert breaker(health, NOW + 30) is Breaker.HALF_OPEN
    assert health.trouble == "http 503"


def test_the_breaker_stays_open_twice_as_long_each_time_a_probe_fails_up_to_a_quarter_of_an_hour() -> None:
    health, at, waited = opened(), NOW, []
    for _ in range(8):
        waited.append(health.open_until - at)
        at = health.open_until
        assert breaker(health, at) is Breaker.HALF_OPEN
        health = after(probe_sent(health, at), Verdict.REFUSED, at + 1)
        at += 1
    assert waited == [30, 60, 120, 240, 480, 900, 900, 900]


def test_failures_of_messages_that_went_before_the_breaker_opened_do_not_keep_it_open_longer() -> None:
    health = opened()
    assert failed(health, 14, NOW + 3) is health


def test_a_late_success_does_not_close_an_open_breaker() -> None:
    health = opened()
    assert after(health, Verdict.ACCEPTED, NOW + 3) is health


def test_while_a_probe_is_out_no_other_message_may_go_until_it_is_given_up() -> None:
    probing = probe_sent(opened(), NOW + 30)
    assert breaker(probing, NOW + 30) is Breaker.PROBING
    assert breaker(probing, NOW + 30 + PROBE_SECONDS - 1) is Breaker.PROBING
    assert breaker(probing, NOW + 30 + PROBE_SECONDS) is Breaker.HALF_OPEN


def test_a_probe_that_succeeds_closes_the_breaker_and_clears_the_trouble() -> None:
    health = after(probe_sent(opened(), NOW + 30), Verdict.ACCEPTED, NOW + 31)
    assert breaker(health, NOW + 31) is Breaker.CLOSED
    assert (health.failures, health.probing, health.trouble) == (0, False, None)


def test_a_provider_that_refuses_our_account_is_left_alone_for_a_quarter_of_an_hour_at_once() -> None:
    health = after(WELL, Verdict.ACCOUNT, NOW, "http 403")
    assert breaker(health, NOW + QUARTER - 1) is Breaker.OPEN
    assert breaker(health, NOW + QUARTER) is Breaker.HALF_OPEN
    assert health.trouble == "http 403"


def test_a_refused_account_is_told_even_when_the_breaker_is_open_already() -> None:
    health = after(opened(), Verdict.ACCOUNT, NOW + 1, "http 403")
    assert health.trouble == "http 403"
    assert health.open_until == NOW + 1 + QUARTER


def test_a_breaker_that_a_wrong_clock_left_open_for_years_is_tried() -> None:
    health = opened(NOW + 10**8)
    assert breaker(health, NOW) is Breaker.HALF_OPEN


# --- the weight


def test_one_failure_between_successes_leaves_the_weight_alone() -> None:
    health = failed(WELL, 1)
    assert health.weight == 100
    assert failed(after(health, Verdict.ACCEPTED, NOW), 1).weight == 100


def test_failures_in_a_row_lower_the_weight_by_ten_once_a_minute() -> None:
    health = failed(WELL, 4)
    assert health.weight == 90
    assert failed(health, 1, NOW + MINUTE - 1).weight == 90
    assert failed(health, 1, NOW + MINUTE).weight == 80


def test_the_weight_never_sinks_below_nothing() -> None:
    low = resting("a", 5)
    assert failed(low, 3).weight == 0


def test_the_weight_comes_back_by_ten_a_quarter_of_an_hour_up_to_its_rest() -> None:
    sunk = WELL._replace(weight=75, weight_changed_at=NOW)
    after_quarters = [recovered(sunk, NOW + number * QUARTER).weight for number in range(5)]
    assert after_quarters == [75, 85, 95, 100, 100]
    assert recovered(sunk, NOW + QUARTER - 1).weight == 75


def test_the_time_on_the_way_to_the_next_ten_is_not_lost_when_the_health_is_kept() -> None:
    sunk = WELL._replace(weight=50, weight_changed_at=NOW)
    kept = recovered(sunk, NOW + QUARTER + 800)
    assert recovered(kept, NOW + 2 * QUARTER).weight == 70


@given(weights, st.integers(0, 20_000), st.integers(0, 20_000))
def test_recovering_twice_is_recovering_once(weight: int, first: int, second: int) -> None:
    sunk = WELL._replace(weight=weight, weight_changed_at=NOW)
    at_once = recovered(sunk, NOW + first + second)
    assert recovered(recovered(sunk, NOW + first), NOW + first + second) == at_once


def test_a_weight_that_rests_follows_the_configuration() -> None:
    assert recovered(WELL._replace(resting=40), NOW).weight == 40
    assert recovered(WELL._replace(weight=20, resting=80), NOW).weight == 80


def test_a_weight_lowered_by_a_clock_years_ahead_is_forgiven() -> None:
    ahead = WELL._replace(weight=10, weight_changed_at=NOW + 10**8)
    assert recovered(ahead, NOW).weight == 100
    a_little = WELL._replace(weight=10, weight_changed_at=NOW + 5)
    assert recovered(a_little, NOW).weight == 10


@given(st.lists(st.tuples(st.sampled_from(Verdict), st.integers(-50, 2000)), max_size=60), weights)
def test_whatever_happens_health_stays_in_its_bounds(story: list[tuple[Verdict, int]], rest: int) -> None:
    health, at = resting("a", rest), NOW
    for verdict, passed in story:
        at += passed
        if breaker(health, at) is Breaker.HALF_OPEN:
            health = probe_sent(health, at)
        before, health = health, after(health, verdict, at, "code")
        assert 0 <= health.weight <= rest
        assert 0 <= health.failures <= before.failures + TOLERATED_FAILURES + 1
        assert health is before or health.open_until - at <= LONGEST_OPEN_SECONDS
        assert (health.trouble is not None) == (health.open_until > 0)
        assert not health.probing or health.open_until


@given(st.integers(0, 10**6))
def test_the_breaker_is_never_open_for_longer_than_a_quarter_of_an_hour(failures: int) -> None:
    assert 30 <= open_seconds(failures) <= LONGEST_OPEN_SECONDS


# --- trying again


def test_the_wait_for_the_next_try_doubles_up_to_its_cap() -> None:
    longest = [retry_at(attempts, Rules(), NOW, lambda: 1 - 1e-12) - NOW for attempts in range(1, 10)]
    assert longest == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_half_of_the_wait_is_drawn() -> None:
    assert retry_at(3, Rules(), NOW, lambda: 0.0) == NOW + 60
    assert retry_at(3, Rules(), NOW, lambda: 0.5) == NOW + 90


@given(st.integers(0, 10**6), draws, st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_next_try_is_always_later_and_never_later_than_the_cap(
    attempts: int, draw: float, first: int, most: int
) -> None:
    at = retry_at(attempts, Rules(first, most), NOW, lambda: draw)
    assert NOW < at <= NOW + max(1, most)


# --- throughput


class Steps(NamedTuple):
    """Requests for permits: the milliseconds since the one before, how many, how far the clock goes back."""

    rate: float
    burst: int
    asked: list[tuple[int, int, int]]


def steps(*, back: bool) -> st.SearchStrategy[Steps]:
    passed = st.one_of(st.integers(0, 50), st.integers(0, 100_000))
    put_back = st.one_of(st.just(0), st.integers(0, 10**7)) if back else st.just(0)
    return st.builds(
        Steps,
        st.one_of(st.floats(0.01, 2000), st.integers(1, 50).map(float)),
        st.integers(1, 30),
        st.lists(st.tuples(passed, st.integers(0, 60), put_back), min_size=1, max_size=25),
    )


def granted_by(story: Steps) -> list[tuple[int, int]]:
    """The true moment (ms) of each request and what it was granted."""
    true_ms = 0
    shown_ms = NOW * 1000
    next_free_ms = 0
    given_out = []
    for passed, wanted, back in story.asked:
        true_ms += passed
        shown_ms += passed - back
        count, next_free_ms = permits(next_free_ms, shown_ms, story.rate, wanted, story.burst)
        assert 0 <= count <= wanted
        given_out.append((true_ms, count))
    return given_out


def most_over_the_limit(story: Steps) -> Fraction:
    """By how many messages any window of true time goes over rate · t + burst; never above 0."""
    given_out = granted_by(story)
    return max(
        sum(count for _, count in given_out[first : last + 1])
        - Fraction(story.rate) * (given_out[last][0] - given_out[first][0]) / 1000
        - story.burst
        for first in range(len(given_out))
        for last in range(first, len(given_out))
    )


@given(steps(back=False))
def test_in_no_window_of_time_do_more_go_than_the_rate_and_a_burst(story: Steps) -> None:
    assert most_over_the_limit(story) <= 0


@given(steps(back=True))
def test_a_clock_that_is_put_back_grants_nothing_extra(story: Steps) -> None:
    assert most_over_the_limit(story) <= 0


@given(st.floats(0.01, 2000), st.integers(1, 30), st.integers(-(10**6), 10**10))
@example(1.0, 3, 10**9)
def test_whatever_was_kept_nobody_waits_for_longer_than_a_burst_takes(
    rate: float, burst: int, ahead_ms: int
) -> None:
    now_ms = NOW * 1000
    first, kept = permits(now_ms + ahead_ms, now_ms, rate, burst, burst)
    one_ms = int(1000 / rate) + 2
    assert first or permits(kept, now_ms + one_ms, rate, 1, burst)[0] == 1
    whole_burst_ms = int(1000 * burst / rate) + 2
    assert permits(kept, now_ms + whole_burst_ms, rate, burst, burst)[0] == burst


def test_a_provider_that_rested_takes_a_burst_and_then_only_its_rate() -> None:
    now_ms = NOW * 1000
    first, kept = permits(0, now_ms, 10.0, 50, 3)
    second, kept = permits(kept, now_ms, 10.0, 50, 3)
    third, kept = permits(kept, now_ms + 99, 10.0, 50, 3)
    fourth, kept = permits(kept, now_ms + 100, 10.0, 50, 3)
    assert (first, second, third, fourth) == (3, 0, 0, 1)


@pytest.mark.parametrize("rate", [4.0, 7.0, 10.0, 30.0, 399.5])
def test_who_comes_back_in_time_can_use_the_whole_rate(rate: float) -> None:
    now_ms, kept, total = NOW * 1000, 0, 0
    for step in range(401):
        count, kept = permits(kept, now_ms + 250 * step, rate, 10_000, burst_of(rate))
        total += count
    assert 0.99 * 100 * rate <= total <= 100 * rate + burst_of(rate)


@given(st.integers(-5, 100), st.integers(0, 2 * NOW * 1000))
def test_a_rate_of_nothing_is_no_limit(wanted: int, next_free_ms: int) -> None:
    assert permits(next_free_ms, NOW * 1000, 0.0, wanted, 1) == (max(0, wanted), next_free_ms)


@pytest.mark.parametrize(("rate", "burst"), [(0.1, 1), (1.0, 1), (3.9, 1), (4.0, 2), (10.0, 4), (100.0, 26)])
def test_a_slow_provider_gets_one_message_at_a_time_and_a_fast_one_a_quarter_of_a_second(
    rate: float, burst: int
) -> None:
    assert burst_of(rate) == burst
