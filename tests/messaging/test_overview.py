"""What a person on duty is told: what waits, what is wrong, how the providers are, and what was sent."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from factories import connected

from survey.database import Statement
from survey.messaging import backlog, costs, opt_outs, overview, provider_states, troubled
from survey.messaging.backlog import Backlog, Looking, read_backlog
from survey.messaging.callbacks import Raw, store
from survey.messaging.costs import Cost, Period, read_costs, spans
from survey.messaging.gateway import Verdict
from survey.messaging.gauges import gauges_of
from survey.messaging.incoming import Reported, Status
from survey.messaging.opt_outs import OptingOut
from survey.messaging.overview import Condition, Overview, percentile, question_of, read_overview
from survey.messaging.provider_states import Attempted
from survey.messaging.troubled import Asked, Troubled, list_troubled
from survey.platform import Platform, open_platform
from survey.settings import Settings
from tests.conftest import Clock, register
from tests.messaging.outbox_world import LEASE, begun, claimed, finished
from tests.messaging.sms_world import Messages, with_sms

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def platform(settings: Settings, clock: Clock, tmp_path: Path) -> Iterator[Platform]:
    """An open platform with one agency and two SMS providers."""
    opened = open_platform(with_sms(settings, tmp_path), clock)
    register(opened)
    yield opened
    opened.close()


@pytest.fixture
def messages(platform: Platform) -> Messages:
    return Messages(platform)


def waiting(platform: Platform, most: int = backlog.MOST_COUNTED) -> Backlog:
    return platform.writer.call(read_backlog, Looking(platform.now(), 72 * HOUR, most))


def seen(platform: Platform) -> Overview:
    assert platform.sms is not None
    return platform.writer.call(read_overview, question_of(platform.sms.config, platform.now()))


def listed(platform: Platform, most: int = 50) -> list[Troubled]:
    return platform.writer.call(list_troubled, Asked(platform.now(), most))


def pause(platform: Platform, name: str) -> None:
    assert platform.writer.call(provider_states.pause, name)


def failing(platform: Platform, name: str, times: int = 6) -> None:
    for _ in range(times):
        result = Attempted(name, Verdict.TEMPORARY, platform.now(), 100, "http 503")
        platform.writer.call(provider_states.record, result)


def told(platform: Platform, external_id: str = "a") -> None:
    reported = Reported(external_id, "9-f", None, Status.DELIVERED, "")
    keys = platform.settings.keys
    platform.writer.call(store, Raw(keys, "one", "report", reported, platform.now() * 1000))


def test_nothing_waits_in_an_empty_installation(platform: Platform) -> None:
    found = waiting(platform)
    assert (found.due, found.later) == ({"reply": 0, "invitation": 0}, {"reply": 0, "invitation": 0})
    assert (found.oldest_due, found.oldest_callback) == (None, None)
    assert (found.in_doubt, found.stuck, found.unreported) == (0, 0, 0)
    assert seen(platform).condition is Condition.WELL


def test_what_is_due_is_told_apart_from_what_is_for_later(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.later(60)
    messages.later(0)
    messages.due(2)
    messages.reply()
    found = waiting(platform)
    assert found.due == {"reply": 1, "invitation": 3}
    assert found.later == {"reply": 0, "invitation": 1}
    clock.at += 60
    assert waiting(platform).due == {"reply": 1, "invitation": 4}


def test_the_oldest_is_the_longest_due_of_all_that_are_due(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.later(500)
    assert waiting(platform).oldest_due is None
    messages.due()
    clock.at += 40
    messages.reply()
    clock.at += 2
    assert waiting(platform).oldest_due == 42


def test_no_count_goes_further_than_it_is_asked_to(platform: Platform, messages: Messages) -> None:
    messages.due(5)
    for _ in range(3):
        messages.later(60)
    found = waiting(platform, most=2)
    assert (found.due["invitation"], found.later["invitation"]) == (2, 2)


def test_a_message_is_stuck_when_its_worker_kept_it_longer_than_it_may(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.sending()
    found = waiting(platform)
    assert (found.on_their_way["sending"], found.stuck) == (1, 0)
    clock.at += LEASE + 1
    assert waiting(platform).stuck == 1
    (one,) = listed(platform)
    assert (one.state, one.stuck, one.verdict) == ("sending", True, "on_its_way")


def test_a_report_is_late_when_it_has_not_come_in_its_time_and_forgotten_after_a_month(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.sent()
    assert waiting(platform).unreported == 0
    clock.at += 72 * HOUR
    found = waiting(platform)
    assert (found.unreported, found.on_their_way["submitted"]) == (1, 1)
    clock.at += 30 * DAY
    assert waiting(platform).unreported == 0


def test_what_providers_told_waits_until_it_is_dealt_with(platform: Platform, clock: Clock) -> None:
    told(platform, "a")
    clock.at += 7
    told(platform, "b")
    found = waiting(platform)
    assert found.callbacks == {"waiting": 2, "unmatched": 0}
    assert found.oldest_callback == 7


def test_what_ended_is_counted_by_state_and_kind_for_a_day(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.reported(Status.DELIVERED)
    messages.reported(Status.DELIVERED)
    messages.reported(Status.UNDELIVERED)
    messages.sent_reply(Verdict.REJECTED)
    ended = seen(platform).ended
    assert ended["delivered"] == {"invitation": 2, "reminder": 0, "reply": 0}
    assert ended["rejected"] == {"invitation": 0, "reminder": 0, "reply": 1}
    assert sum(sum(kinds.values()) for kinds in ended.values()) == 4
    clock.at += DAY
    assert sum(sum(kinds.values()) for kinds in seen(platform).ended.values()) == 0


def test_a_provider_is_judged_by_its_own_tries_of_a_day(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.sent(Verdict.REJECTED)
    clock.at += DAY
    messages.sent()
    messages.sent(Verdict.TEMPORARY, retry_at=None)
    messages.sent(provider="two")
    one, two = seen(platform).providers
    assert (one.name, one.tries, one.tried, one.accepted) == ("one", {"accepted": 1, "temporary": 1}, 2, 1)
    assert (two.name, two.tries, two.resting) == ("two", {"accepted": 1}, 50)
    assert one.last_try == clock.at


def test_delivered_is_a_share_of_what_was_taken_with_its_number_and_interval(
    platform: Platform, messages: Messages
) -> None:
    for _ in range(3):
        messages.reported(Status.DELIVERED)
    messages.reported(Status.UNDELIVERED)
    messages.sent()
    messages.sent(Verdict.REJECTED)
    delivery = seen(platform).providers[0].delivery
    assert delivery is not None
    assert (delivery.taken, delivery.delivered, delivery.open) == (5, 3, 1)
    # Wilson's interval of 3 of 5, as published calculators give it.
    assert (round(delivery.low, 4), round(delivery.high, 4)) == (0.2307, 0.8824)
    assert delivery.share == pytest.approx(0.6)


def test_what_another_provider_delivered_is_not_the_first_ones_merit(
    platform: Platform, messages: Messages
) -> None:
    message = messages.sent()
    messages.report(message, Status.TEMPORARY)
    (again,) = claimed(platform)
    assert begun(platform, again, "two") == 2
    finished(platform, again, Verdict.ACCEPTED, attempt=2, provider="two")
    messages.report(again, Status.DELIVERED, "two")
    one, two = (provider.delivery for provider in seen(platform).providers)
    assert one is not None
    assert two is not None
    assert (one.taken, one.delivered, two.taken, two.delivered) == (1, 0, 1, 1)


def test_a_provider_nobody_asked_has_no_shares(platform: Platform) -> None:
    provider = seen(platform).providers[0]
    assert (provider.tried, provider.delivery, provider.median, provider.p95) == (0, None, None, None)
    assert provider.last_try is None


def test_how_long_a_provider_takes_is_its_median_and_its_95th_percentile(
    platform: Platform, messages: Messages
) -> None:
    for milliseconds in (100, 2, 4, 3, 1):
        messages.sent(milliseconds=milliseconds)
    provider = seen(platform).providers[0]
    assert (provider.median, provider.p95) == (3, 100)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7], 50, 7), ([7], 95, 7), ([1, 2], 50, 1), ([1, 2, 3], 50, 2), (list(range(1, 101)), 95, 95)],
)
def test_a_percentile_is_the_nearest_rank(values: list[int], percent: int, expected: int) -> None:
    assert percentile(values, percent) == expected


def test_a_failing_provider_is_shown_with_its_trouble_and_when_it_is_asked_again(
    platform: Platform, clock: Clock
) -> None:
    failing(platform, "one")
    provider = seen(platform).providers[0]
    assert (provider.breaker, provider.trouble, provider.asked) == ("open", "http 503", False)
    assert provider.open_until == clock.at + 30
    assert provider.weight < provider.resting
    clock.at += 31
    provider = seen(platform).providers[0]
    assert (provider.breaker, provider.open_until, provider.asked) == ("half_open", 0, True)


def test_opted_out_numbers_are_counted(platform: Platform) -> None:
    for number in range(3):
        platform.writer.call(opt_outs.add, OptingOut(bytes([number]) * 16, "word", 20261118))
    assert seen(platform).opted_out == 3


def test_the_worst_that_holds_is_what_is_said(platform: Platform, messages: Messages, clock: Clock) -> None:
    assert seen(platform).condition is Condition.WELL
    messages.sent(Verdict.UNKNOWN, code="timeout")
    assert seen(platform).condition is Condition.ATTENTION
    messages.due()
    clock.at += 121
    assert seen(platform).condition is Condition.STALLED
    messages.sent_reply(Verdict.ACCEPTED)
    assert seen(platform).condition is Condition.BEHIND
    failing(platform, "one")
    failing(platform, "two")
    assert seen(platform).condition is Condition.NO_PROVIDER
    pause(platform, "*")
    assert seen(platform).condition is Condition.PAUSED


def test_one_paused_provider_needs_attention_and_two_leave_none(platform: Platform) -> None:
    pause(platform, "one")
    assert seen(platform).condition is Condition.ATTENTION
    pause(platform, "two")
    found = seen(platform)
    assert (found.condition, found.everything_paused) == (Condition.NO_PROVIDER, False)


def test_callbacks_nobody_deals_with_say_that_nobody_works(platform: Platform, clock: Clock) -> None:
    told(platform)
    clock.at += 120
    assert seen(platform).condition is Condition.WELL
    clock.at += 1
    assert seen(platform).condition is Condition.STALLED


def test_what_is_due_for_less_than_two_minutes_is_no_cause_for_alarm(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.due()
    clock.at += 120
    assert seen(platform).condition is Condition.WELL


def test_the_troubled_are_the_undecided_first_and_then_the_latest_that_ended_badly(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    made = []
    for make in (
        lambda: messages.sent(Verdict.UNKNOWN, code="timeout"),
        messages.gave_up,
        lambda: messages.sent(Verdict.REJECTED, code="http 400"),
        lambda: messages.reported(Status.UNDELIVERED),
    ):
        made.append(make().ref)
        clock.at += 1
    messages.reported(Status.DELIVERED)
    messages.sent()
    found = listed(platform)
    assert [one.ref for one in found] == [made[0], made[3], made[2], made[1]]
    assert [one.state for one in found] == ["unknown", "undelivered", "rejected", "gave_up"]
    first = found[0]
    assert (first.agency, first.provider, first.attempts, first.reason) == ("duk", "one", 1, "timeout")
    assert [one.ref for one in listed(platform, most=2)] == [made[0], made[3]]
    clock.at += 7 * DAY
    assert [one.ref for one in listed(platform)] == [made[0]]


def test_nothing_of_the_troubled_shows_a_number_or_a_text(platform: Platform, messages: Messages) -> None:
    messages.sent(Verdict.UNKNOWN, code="timeout")
    messages.sent_reply(Verdict.UNKNOWN)
    shown = repr(listed(platform)) + repr(seen(platform))
    assert "812345" not in shown
    assert "terima kasih" not in shown


def test_cost_counts_the_segments_of_what_was_taken_by_month_kind_and_agency(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.sent()
    messages.reported(Status.DELIVERED)
    messages.reported(Status.UNDELIVERED)
    messages.sent(Verdict.REJECTED)
    messages.sent(Verdict.UNKNOWN)
    messages.sent_reply(Verdict.ACCEPTED)
    clock.at += 30 * DAY  # the 18th of December
    messages.sent()
    found = platform.writer.call(read_costs, Period(platform.now()))
    assert found == [
        Cost(202612, "invitation", "duk", 1),
        Cost(202611, "invitation", "duk", 3),
        Cost(202611, "reply", None, 1),
    ]
    assert platform.writer.call(read_costs, Period(platform.now(), 1)) == found[:1]


def test_months_begin_at_midnight_in_jakarta_and_leave_no_gap() -> None:
    found = spans(1_798_736_400, 14)  # the first second of 2027 in Jakarta
    assert [span.month for span in found][:3] == [202701, 202612, 202611]
    assert found[-1].month == 202512
    assert found[0].since == 1_798_736_400
    assert all(later.since == earlier.until for later, earlier in pairwise(found))
    assert spans(1_798_736_399, 1)[0].month == 202612


def test_a_monitor_is_told_what_waits_in_a_fixed_few_words(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    messages.due(2)
    clock.at += 5
    failing(platform, "two")
    pause(platform, "one")
    assert platform.sms is not None
    asked = question_of(platform.sms.config, platform.now())
    found, healths = platform.writer.call(overview.read_glance, asked)
    values = {one.name: dict(one.values) for one in gauges_of(found, list(healths.values()))}
    assert values["percaya_messages_due"] == {"reply": 0, "invitation": 2}
    assert values["percaya_sms_oldest_seconds"] == {"message": 5, "callback": 0}
    assert values["percaya_sms_provider_open"] == {"one": 0, "two": 1}
    assert values["percaya_sms_provider_paused"] == {"one": 1, "two": 0}


# What must not read the whole table, and the index that spares it.
SERVED: list[tuple[str, Statement, str]] = [
    *((f"due {state}", statement, "message_due") for state, statement in backlog.DUE.items()),
    *((f"later {state}", statement, "message_due") for state, statement in backlog.LATER.items()),
    *((f"oldest {state}", statement, "message_due") for state, statement in backlog.OLDEST.items()),
    *((state, backlog.ON_THEIR_WAY[state], "message_leased") for state in backlog.LEASED_STATES),
    *((state, backlog.ON_THEIR_WAY[state], "message_waiting") for state in backlog.WAITING_STATES),
    *((state, statement, "message_ended") for state, statement in overview.ENDED.items()),
    *((f"ended {at}", statement, "message_ended") for at, statement in enumerate(troubled.ENDED)),
    *((f"cost {at}", statement, "message_ended") for at, statement in enumerate(costs.TAKEN[:3])),
    ("cost 3", costs.TAKEN[3], "message_waiting"),
    ("stuck", backlog.STUCK, "message_leased"),
    ("unreported", backlog.UNREPORTED, "message_waiting"),
    *(
        (f"callbacks {state}", statement, "callback_waiting")
        for state, statement in backlog.CALLBACKS.items()
    ),
    ("oldest callback", backlog.OLDEST_CALLBACK, "callback_waiting"),
    ("tries", overview.TRIES, "message_attempt_provider"),
    ("durations", overview.DURATIONS, "message_attempt_provider"),
    ("delivered", overview.DELIVERED, "message_attempt_provider"),
    ("stuck ones", troubled.STUCK, "message_leased"),
    ("in doubt", troubled.IN_DOUBT, "message_waiting"),
]


@pytest.mark.parametrize(("name", "statement", "index"), SERVED, ids=[name for name, _, _ in SERVED])
def test_an_index_spares_reading_the_whole_table(
    platform: Platform, name: str, statement: Statement, index: str
) -> None:
    database = platform.database
    sql, constants = statement.compiled(database.dialect)
    names = set(re.findall(r":(\w+)" if database.sqlite else r"%\((\w+)\)s", sql))
    of_provider = index == "message_attempt_provider"
    values = {one: "one" if of_provider and one in ("of", "by") else 1 for one in names} | constants
    with connected(database) as connection:
        if database.sqlite:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        else:
            # A table this small is read whole unless that is forbidden.
            connection.execute("SET enable_seqscan = off")
            connection.execute("SET enable_bitmapscan = off")
            plan = [row[0] for row in connection.execute(f"EXPLAIN {sql}", values)]
    text = "\n".join(plan)
    assert index in text
    assert not re.search(r"SCAN (message|sms_callback)|Seq Scan", text)
