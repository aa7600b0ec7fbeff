"""What workers share about providers: kept once, for all of them, and right when two change it at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, TypeVar

import pytest
from factories import connected, count, rows

from survey.database import Tx
from survey.messaging import provider_states
from survey.messaging.gateway import Verdict
from survey.messaging.provider_states import (
    EVERYTHING,
    Attempted,
    Wanted,
    is_paused,
    load,
    look,
    pause,
    record,
    resume,
    take_permits,
)
from survey.messaging.routing import PROBE_SECONDS, Breaker, ProviderHealth, breaker, resting
from survey.platform import Platform
from survey.writer import Work, Writer

T = TypeVar("T")
R = TypeVar("R")
WEIGHTS = {"kannel": 100, "zenziva": 40}
ROUNDS = 15

on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def now(platform: Platform) -> int:
    return platform.now()


@pytest.fixture
def other(platform: Platform) -> Iterator[Writer]:
    """The writer of another worker."""
    writer = Writer(platform.database)
    yield writer
    writer.close()


def attempt(
    platform: Platform, verdict: Verdict, at: int, provider: str = "kannel", code: str = ""
) -> ProviderHealth:
    return platform.writer.call(record, Attempted(provider, verdict, at, WEIGHTS[provider], code))


def break_it(platform: Platform, at: int, provider: str = "kannel") -> ProviderHealth:
    return [attempt(platform, Verdict.REFUSED, at, provider, "refused") for _ in range(6)][-1]


def take(platform: Platform, wanted: int, at: int, rate: float = 0, burst: int | None = None) -> int:
    return platform.writer.call(take_permits, Wanted("kannel", rate, wanted, at * 1000, burst))


def health(platform: Platform, provider: str = "kannel") -> ProviderHealth:
    return platform.writer.call(look, WEIGHTS)[provider]


def stored(platform: Platform) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = rows(platform.database, "SELECT * FROM sms_provider_state ORDER BY name")
    return found


def at_once(*jobs: Callable[[], R]) -> list[R]:
    """What each job gives; all start together, each on a thread of its own."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], R]) -> R:
        start.wait(20)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


# --- what is kept


def test_loading_adds_each_provider_once_with_its_resting_weight(platform: Platform) -> None:
    first = platform.writer.call(load, WEIGHTS)
    assert first == {name: resting(name, weight) for name, weight in WEIGHTS.items()}
    assert platform.writer.call(load, WEIGHTS) == first
    assert rows(platform.database, "SELECT name, weight FROM sms_provider_state ORDER BY name") == [
        ("kannel", 100),
        ("zenziva", 40),
    ]


def test_looking_gives_the_same_and_adds_nothing(platform: Platform) -> None:
    assert platform.writer.call(look, WEIGHTS) == {
        name: resting(name, weight) for name, weight in WEIGHTS.items()
    }
    assert count(platform.database, "sms_provider_state") == 0


def test_a_provider_at_rest_has_the_weight_of_the_configuration_of_today(platform: Platform) -> None:
    platform.writer.call(load, WEIGHTS)
    assert platform.writer.call(load, {"kannel": 30})["kannel"] == resting("kannel", 30)


def test_what_is_stored_is_what_was_learnt(platform: Platform, now: int) -> None:
    platform.writer.call(load, WEIGHTS)
    learnt = [attempt(platform, Verdict.TEMPORARY, now, code="http 503") for _ in range(6)][-1]
    assert learnt == ProviderHealth("kannel", 100, 90, 6, now + 30, False, now, False, "http 503")
    assert health(platform) == learnt
    assert health(platform, "zenziva") == resting("zenziva", 40)


def test_failures_that_come_in_one_batch_are_all_counted(platform: Platform, now: int) -> None:
    def several(tx: Tx, _: Sequence[None]) -> list[list[ProviderHealth]]:
        return [record(tx, [Attempted("kannel", Verdict.UNKNOWN, now, 100)] * 3)]

    learnt: list[ProviderHealth] = platform.writer.call(several, None)
    assert [each.failures for each in learnt] == [1, 2, 3]
    assert health(platform).failures == 3


def test_a_success_after_failures_is_kept(platform: Platform, now: int) -> None:
    attempt(platform, Verdict.UNKNOWN, now)
    attempt(platform, Verdict.ACCEPTED, now)
    assert health(platform).failures == 0


def test_an_accepted_message_of_a_provider_that_is_well_writes_nothing(platform: Platform, now: int) -> None:
    assert attempt(platform, Verdict.ACCEPTED, now) == resting("kannel", 100)
    assert stored(platform) == []


@on_postgres
def test_an_accepted_message_of_a_provider_that_is_well_waits_for_no_other_worker(
    platform: Platform, now: int
) -> None:
    platform.writer.call(load, WEIGHTS)
    with connected(platform.database) as connection, connection.transaction():
        Tx(connection, platform.database.dialect).all(provider_states.ALL_LOCKED)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(attempt, platform, Verdict.ACCEPTED, now).result(20).failures == 0


def test_trouble_is_kept_short(platform: Platform, now: int) -> None:
    attempt(platform, Verdict.ACCOUNT, now, code="x" * 500)
    assert health(platform).trouble == "x" * 64


# --- permits


def test_without_a_limit_all_that_is_wanted_may_go(platform: Platform, now: int) -> None:
    assert take(platform, 5000, now) == 5000


def test_the_limit_holds_for_all_workers_together_and_over_a_restart(
    platform: Platform, other: Writer, now: int
) -> None:
    wanted = Wanted("kannel", 10.0, 3, now * 1000, burst=4)
    assert platform.writer.call(take_permits, wanted) == 3
    assert other.call(take_permits, wanted) == 1
    started_again = Writer(platform.database)
    later = [started_again.call(take_permits, wanted._replace(now_ms=now * 1000 + ms)) for ms in (0, 99, 200)]
    started_again.close()
    assert later == [0, 0, 2]


def test_permits_of_one_batch_share_the_limit(platform: Platform, now: int) -> None:
    def several(tx: Tx, _: Sequence[None]) -> list[list[int]]:
        return [take_permits(tx, [Wanted("kannel", 1.0, 2, now * 1000, 3)] * 3)]

    assert platform.writer.call(several, None) == [2, 1, 0]


def test_the_limit_of_one_provider_is_not_another_s(platform: Platform, now: int) -> None:
    assert take(platform, 9, now, 1.0, 1) == 1
    assert platform.writer.call(take_permits, Wanted("zenziva", 1.0, 9, now * 1000, 1)) == 1


def test_a_clock_that_was_put_back_does_not_stop_sending_for_long(platform: Platform, now: int) -> None:
    assert take(platform, 2, now + 86_400, 1.0, 2) == 2
    assert [take(platform, 9, now + passed, 1.0, 2) for passed in (0, 1, 2)] == [0, 1, 1]


@pytest.mark.parametrize("name", ["kannel", EVERYTHING])
def test_nothing_may_go_while_the_provider_or_everything_is_paused(
    platform: Platform, now: int, name: str
) -> None:
    platform.writer.call(load, WEIGHTS)
    assert platform.writer.call(pause, name)
    assert take(platform, 9, now) == 0
    assert health(platform).paused
    assert health(platform, "zenziva").paused == (name == EVERYTHING)
    assert platform.writer.call(resume, name)
    assert take(platform, 9, now) == 9


def test_nothing_may_go_while_the_breaker_is_open(platform: Platform, now: int) -> None:
    break_it(platform, now)
    assert take(platform, 9, now + 29) == 0


# --- the probe


def test_one_message_goes_to_a_half_open_provider_and_one_worker_sends_it(
    platform: Platform, other: Writer, now: int
) -> None:
    break_it(platform, now)
    half_open = Wanted("kannel", 0, 9, (now + 30) * 1000)
    assert platform.writer.call(take_permits, half_open) == 1
    assert other.call(take_permits, half_open) == 0
    assert breaker(health(platform), now + 30) is Breaker.PROBING


def test_a_provider_that_passes_its_probe_is_fed_again(platform: Platform, now: int) -> None:
    break_it(platform, now)
    take(platform, 1, now + 30)
    assert attempt(platform, Verdict.ACCEPTED, now + 31).trouble is None
    assert take(platform, 9, now + 31) == 9


def test_a_provider_that_fails_its_probe_is_left_alone_for_twice_as_long(
    platform: Platform, now: int
) -> None:
    break_it(platform, now)
    take(platform, 1, now + 30)
    attempt(platform, Verdict.UNKNOWN, now + 40)
    assert [take(platform, 9, now + passed) for passed in (40, 99, 100)] == [0, 0, 1]


def test_a_probe_that_was_lost_with_its_worker_is_followed_by_another(platform: Platform, now: int) -> None:
    break_it(platform, now)
    sent = now + 30
    asked = [take(platform, 9, at) for at in (sent, sent + PROBE_SECONDS - 1, sent + PROBE_SECONDS)]
    assert asked == [1, 0, 1]


def test_no_probe_is_spent_when_nothing_is_wanted_or_the_rate_is_used_up(
    platform: Platform, now: int
) -> None:
    assert take(platform, 1, now + 30, 0.1, 1) == 1
    break_it(platform, now)
    assert take(platform, 0, now + 30) == 0
    assert take(platform, 9, now + 31, 0.1, 1) == 0
    assert breaker(health(platform), now + 31) is Breaker.HALF_OPEN


# --- pausing


def test_pausing_says_whether_it_changed_anything(platform: Platform) -> None:
    assert platform.writer.call(pause, "kannel")
    assert not platform.writer.call(pause, "kannel")
    assert platform.writer.call(resume, "kannel")
    assert not platform.writer.call(resume, "kannel")


def test_resuming_a_provider_nobody_knows_changes_nothing(platform: Platform) -> None:
    assert not platform.writer.call(resume, "nobody")
    assert stored(platform) == []


def test_a_provider_is_paused_by_itself_or_with_everything(platform: Platform) -> None:
    def asked() -> list[bool]:
        names = ("kannel", "zenziva", EVERYTHING)
        return [platform.writer.call(is_paused, name) for name in names]

    assert asked() == [False, False, False]
    platform.writer.call(pause, "kannel")
    assert asked() == [True, False, False]
    platform.writer.call(pause, EVERYTHING)
    assert asked() == [True, True, True]


def test_a_provider_paused_before_anything_was_sent_rests_at_its_configured_weight(
    platform: Platform,
) -> None:
    platform.writer.call(pause, "kannel")
    assert platform.writer.call(load, WEIGHTS)["kannel"] == resting("kannel", 100)._replace(paused=True)


def test_an_operator_who_resumes_a_provider_need_not_wait_for_its_breaker(
    platform: Platform, now: int
) -> None:
    platform.writer.call(load, WEIGHTS)
    attempt(platform, Verdict.TEMPORARY, now)
    attempt(platform, Verdict.TEMPORARY, now)
    attempt(platform, Verdict.ACCOUNT, now, code="http 403")
    assert platform.writer.call(resume, "kannel")
    assert health(platform) == resting("kannel", 100)
    assert take(platform, 9, now) == 9


def test_resuming_a_provider_gives_no_permits_back(platform: Platform, now: int) -> None:
    assert take(platform, 9, now, 1.0, 2) == 2
    platform.writer.call(pause, "kannel")
    platform.writer.call(resume, "kannel")
    assert take(platform, 9, now, 1.0, 2) == 0


def test_resuming_everything_leaves_broken_and_paused_providers_as_they_are(
    platform: Platform, now: int
) -> None:
    broken = break_it(platform, now)
    for name in ("zenziva", EVERYTHING):
        platform.writer.call(pause, name)
    platform.writer.call(resume, EVERYTHING)
    assert health(platform) == broken
    assert health(platform, "zenziva").paused


# --- two workers at once


class Counting:
    """A work that counts its transactions: one that failed is tried again by the writer, and shows."""

    def __init__(self, work: Work[T, R]) -> None:
        self.work = work
        self.times = 0

    def __call__(self, tx: Tx, items: Sequence[Any]) -> Sequence[Any]:
        self.times += 1
        return self.work(tx, items)


def test_two_workers_that_start_at_once_add_each_provider_once_and_without_failing(
    platform: Platform, other: Writer
) -> None:
    mine, theirs = Counting(load), Counting(load)
    for number in range(ROUNDS):
        weights = {f"a{number}": 100, f"b{number}": 40}
        first, second = at_once(
            partial(platform.writer.call, mine, weights),
            partial(other.call, theirs, dict(reversed(weights.items()))),
        )
        assert first == second == {name: resting(name, weight) for name, weight in weights.items()}
    assert count(platform.database, "sms_provider_state") == 2 * ROUNDS
    assert (mine.times, theirs.times) == (ROUNDS, ROUNDS)


def test_no_failure_is_lost_when_two_workers_report_at_once(
    platform: Platform, other: Writer, now: int
) -> None:
    failure = Attempted("kannel", Verdict.TEMPORARY, now, 100)
    for _ in range(ROUNDS):
        platform.writer.call(resume, "kannel")
        at_once(
            *[partial(platform.writer.call, record, failure)] * 2,
            *[partial(other.call, record, failure)] * 2,
        )
        assert health(platform).failures == 4


def test_two_workers_at_once_never_get_more_than_the_limit(
    platform: Platform, other: Writer, now: int
) -> None:
    for number in range(ROUNDS):
        wanted = Wanted("kannel", 10.0, 3, (now + 60 * number) * 1000, burst=4)
        granted = at_once(
            *[partial(platform.writer.call, take_permits, wanted)] * 2,
            *[partial(other.call, take_permits, wanted)] * 2,
        )
        assert sum(granted) == 4


def test_two_workers_at_once_send_one_probe(platform: Platform, other: Writer, now: int) -> None:
    break_it(platform, now)
    for number in range(ROUNDS):
        half_open = Wanted("kannel", 0, 5, (now + 60 + PROBE_SECONDS * number) * 1000)
        granted = at_once(
            partial(platform.writer.call, take_permits, half_open),
            partial(other.call, take_permits, half_open),
        )
        assert sorted(granted) == [0, 1]


class Crossing:
    """Touches two providers in one transaction, the second after the first."""

    def __init__(self, first: str, second: str) -> None:
        self.names = (first, second)

    def __call__(self, tx: Tx, items: Sequence[int]) -> list[None]:
        first, second = self.names
        record(tx, [Attempted(first, Verdict.TEMPORARY, items[0], 100)])
        take_permits(tx, [Wanted(second, 1000.0, 1, items[0] * 1000)])
        record(tx, [Attempted(second, Verdict.TEMPORARY, items[0], 100)])
        return [None] * len(items)


def test_transactions_that_touch_providers_in_opposite_order_never_wait_for_each_other(
    platform: Platform, other: Writer, now: int
) -> None:
    platform.writer.call(load, WEIGHTS)
    there, back = Counting(Crossing("kannel", "zenziva")), Counting(Crossing("zenziva", "kannel"))
    for number in range(ROUNDS):
        at_once(
            partial(platform.writer.call, there, now + 1000 * number),
            partial(other.call, back, now + 1000 * number),
        )
    # A transaction that was ended for a deadlock would have been tried again.
    assert (there.times, back.times) == (ROUNDS, ROUNDS)
