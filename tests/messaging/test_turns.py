"""A worker's turns when something is wrong: what fails holds up nobody else; nothing is lost or doubled."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from factories import connected, count, rows
from outbox_world import PHONE, begun, claimed, finished, invite, promoted, reply, states

from survey.messaging import callbacks, dispatch, opt_outs, provider_states, reaping
from survey.messaging.callbacks import Raw, count_failure, store
from survey.messaging.config import Delivery, SmsConfig, console_config
from survey.messaging.contact_policies import PolicyIn
from survey.messaging.contact_policies import store as store_policy
from survey.messaging.dispatch import Dispatcher, Parts
from survey.messaging.gateway import Outgoing, Sent, Verdict
from survey.messaging.incoming import Reported, Status
from survey.messaging.policy import Rules
from survey.messaging.reports import ReportIn, apply_reports
from survey.messaging.worker import SmsWorker
from survey.platform import Platform

NATIONAL = Rules(holidays=False, reminder_days=0)
YEAR = 366 * 86_400
OTHER = "+6281234567891"
NO_SMS = "a text that nobody may read"


class Saying:
    """A gateway that answers as it is told, or breaks."""

    def __init__(self, verdict: Verdict | Exception) -> None:
        self.verdict = verdict
        self.sent: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Sent:
        self.sent.append(outgoing)
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return Sent(self.verdict, None, "said so")

    async def close(self) -> None:
        """Nothing is held."""


class Turns:
    """A worker whose turns are taken one by one; ``written`` is what the console was given."""

    def __init__(self, platform: Platform, config: SmsConfig) -> None:
        self.written: list[str] = []
        self.parts = Parts(
            config,
            NATIONAL,
            platform.settings,
            platform.instruments,
            platform.writer,
            platform.now,
            platform.now_ms,
            self.written.append,
        )
        self.worker = SmsWorker(self.parts)

    def take(self, number: int = 1, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Take turns with one dispatcher, letting all that is sent land after each."""

        async def work() -> None:
            dispatcher = Dispatcher(self.parts)
            for turn in range(number):
                if turn:
                    meanwhile()
                await self.worker.turn(dispatcher)
                if dispatcher.flying:
                    await asyncio.wait(dispatcher.flying)
            await dispatcher.close()

        asyncio.run(work())


@pytest.fixture
def turns(platform: Platform) -> Turns:
    return Turns(platform, console_config())


@pytest.fixture
def saying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Verdict | Exception], Saying]:
    def say(verdict: Verdict | Exception) -> Saying:
        gateway = Saying(verdict)
        monkeypatch.setattr(dispatch, "open_gateway", lambda *_: gateway)
        return gateway

    return say


def execute(platform: Platform, sql: str, *values: Any) -> None:
    with connected(platform.database) as connection:
        connection.execute(sql if platform.database.sqlite else sql.replace("?", "%s"), values)
        connection.commit()


def spoil_first_contact(platform: Platform) -> None:
    """The number of the first invitation is sealed with a secret nobody has any more."""
    first = rows(platform.database, "SELECT min(transaction_id) FROM invitation")[0][0]
    execute(platform, "UPDATE invitation SET contact = ? WHERE transaction_id = ?", b"\0" * 40, first)


def spoil_rules(platform: Platform) -> None:
    """The agency's rules were stored by a version that knew other ones."""
    execute(platform, "INSERT INTO contact_policy VALUES (?, ?)", 1, json.dumps({"of_another_version": 1}))


def test_a_number_that_cannot_be_read_waits_and_holds_up_nobody(platform: Platform, turns: Turns) -> None:
    invite(platform, 2)
    spoil_first_contact(platform)
    turns.take()
    assert states(platform.database) == ["delivered", "scheduled"]
    assert count(platform.database, "message", f"not_before > {platform.now()}") == 1


def test_a_number_that_cannot_be_read_any_more_once_queued_waits_too(
    platform: Platform, turns: Turns
) -> None:
    invite(platform, 3)
    promoted(platform)
    spoil_first_contact(platform)
    turns.take()
    assert states(platform.database) == ["delivered", "delivered", "queued"]
    assert count(platform.database, "message", f"not_before > {platform.now()}") == 1


def test_a_reply_that_cannot_be_read_holds_up_no_other(platform: Platform, turns: Turns) -> None:
    reply(platform)
    execute(platform, "UPDATE message SET body = ?", b"\0" * 40)
    reply(platform, "yang kedua", OTHER)
    turns.take()
    assert turns.written == [f"SMS to {OTHER}: yang kedua"]
    assert states(platform.database) == ["delivered", "queued"]


@pytest.mark.parametrize("already_queued", [False, True])
def test_an_agency_whose_rules_cannot_be_read_holds_up_no_other_message(
    platform: Platform, turns: Turns, already_queued: bool
) -> None:
    invite(platform)
    if already_queued:
        promoted(platform)
    spoil_rules(platform)
    reply(platform)
    turns.take(2)
    assert len(turns.written) == 1
    assert states(platform.database) == ["delivered", "queued" if already_queued else "scheduled"]


def test_a_part_of_a_turn_that_fails_keeps_no_message_from_going(
    platform: Platform, turns: Turns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: Any) -> int:
        raise RuntimeError(NO_SMS)

    monkeypatch.setattr(callbacks, "process", fails)
    reply(platform)
    with caplog.at_level(logging.WARNING):
        turns.take()
    assert len(turns.written) == 1
    assert "RuntimeError" in caplog.text
    assert NO_SMS not in caplog.text


def test_a_provider_may_say_of_a_reply_that_its_number_opted_out(
    platform: Platform, turns: Turns, saying: Any
) -> None:
    saying(Verdict.OPTED_OUT)
    reply(platform)
    turns.take()
    digests = platform.settings.keys.phone_digests(PHONE)
    assert platform.writer.call(opt_outs.find, digests)
    assert states(platform.database) == ["suppressed"]
    assert count(platform.database, "message_attempt") == 1


def test_a_gateway_that_breaks_leaves_its_message_in_doubt_and_says_nothing_of_it(
    platform: Platform, turns: Turns, saying: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = saying(RuntimeError(NO_SMS))
    reply(platform)
    with caplog.at_level(logging.WARNING):
        turns.take()
    clock.at += 120
    turns.take(2)
    assert len(gateway.sent) == 1
    assert states(platform.database) == ["unknown"]
    assert "RuntimeError" in caplog.text
    assert NO_SMS not in caplog.text


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.REFUSED, "queued"), (Verdict.ACCOUNT, "queued"), (Verdict.TEMPORARY, "gave_up")],
)
def test_a_message_is_not_given_up_for_a_provider_that_is_away(
    platform: Platform, saying: Any, verdict: Verdict, state: str
) -> None:
    config = SmsConfig(
        sender="IKM", providers=console_config().providers, delivery=Delivery(attempts=1, retry_seconds=60)
    )
    saying(verdict)
    reply(platform)
    Turns(platform, config).take()
    assert states(platform.database) == [state]


def test_what_a_clock_leased_that_was_wrong_is_taken_again(platform: Platform, clock: Any) -> None:
    invite(platform, 2, expires_at=platform.now() + 2 * YEAR)
    promoted(platform)
    clock.at += YEAR
    first, second = claimed(platform)
    clock.at -= YEAR
    execute(platform, "UPDATE message SET state = 'sending' WHERE id = ?", second.id)
    platform.writer.call(reaping.reap, reaping.Rules(platform.now(), 3600, "hold", 72 * 3600))
    assert states(platform.database) == ["queued", "unknown"]
    assert begun(platform, first) == 0


def test_a_clock_that_is_put_back_does_not_stop_the_housekeeping(
    platform: Platform, turns: Turns, clock: Any
) -> None:
    clock.at += YEAR
    turns.take()
    clock.at -= YEAR
    invite(platform)
    promoted(platform)
    claimed(platform)
    clock.at += 61
    turns.take(2)
    assert states(platform.database) == ["delivered"]


def test_rules_are_read_again_after_a_clock_was_put_back(
    platform: Platform, turns: Turns, clock: Any
) -> None:
    def put_back() -> None:
        clock.at -= YEAR
        platform.writer.call(store_policy, PolicyIn(1, {"quiet_from": "12:00"}, NATIONAL))
        invite(platform, start=1)
        execute(platform, "UPDATE message SET state = 'queued' WHERE state = 'scheduled'")

    invite(platform)
    clock.at += YEAR
    execute(platform, "UPDATE invitation SET expires_at = expires_at + ?", 2 * YEAR)
    execute(platform, "UPDATE message SET state = 'queued', expires_at = expires_at + ?", 2 * YEAR)
    turns.take(2, put_back)  # 18:06 in Jakarta
    assert len(turns.written) == 1


@pytest.mark.parametrize(("their_ref", "state"), [("first", "submitted"), ("second", "queued")])
def test_a_late_word_on_an_earlier_try_sends_no_third(platform: Platform, their_ref: str, state: str) -> None:
    invite(platform)
    promoted(platform)
    for attempt, name in enumerate(("first", "second"), 1):
        (message,) = claimed(platform, fence=attempt)
        begun(platform, message)
        finished(platform, message, Verdict.ACCEPTED, attempt=attempt, provider_ref=name)
        if attempt == 1:
            temporary(platform, message.ref, name)
    temporary(platform, message.ref, their_ref)
    assert states(platform.database) == [state]


def temporary(platform: Platform, ref: str, provider_ref: str) -> None:
    said = ReportIn("one", ref, provider_ref, Status.TEMPORARY, "busy", platform.now())
    assert platform.writer.call(apply_reports, said)


def test_a_report_that_always_breaks_us_is_given_up_in_the_end(platform: Platform) -> None:
    item = Reported("r-1", "1-abc", None, Status.DELIVERED, "1")
    platform.writer.call(store, Raw(platform.settings.keys, "one", "report", item, platform.now_ms()))
    tried = len(callbacks.UNMATCHED_DELAYS) - 1
    execute(platform, "UPDATE sms_callback SET state = 'unmatched', tries = ?", tried)
    (number,) = rows(platform.database, "SELECT id FROM sms_callback")[0]
    assert platform.writer.call(count_failure, number)
    assert rows(platform.database, "SELECT state, outcome FROM sms_callback") == [("done", "failed")]


def test_a_worker_that_is_always_there_also_stops_waiting_for_reports(
    platform: Platform, turns: Turns, clock: Any
) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.ACCEPTED)
    for _ in range(4):
        clock.at += 24 * 3600
        turns.take()
    assert rows(platform.database, "SELECT state, reason FROM message") == [("submitted", "no report")]


def test_what_expired_while_everything_was_paused_is_ended_without_being_claimed(
    platform: Platform, turns: Turns, clock: Any
) -> None:
    invite(platform, 2)
    promoted(platform)
    platform.writer.call(provider_states.pause, provider_states.EVERYTHING)
    clock.at += 15 * 86_400
    turns.take()
    assert states(platform.database) == ["suppressed", "suppressed"]


def test_tries_of_long_ago_are_forgotten(platform: Platform, turns: Turns, clock: Any) -> None:
    reply(platform)
    turns.take()
    clock.at += 89 * 86_400
    turns.take()
    assert count(platform.database, "message_attempt") == 1
    clock.at += 2 * 86_400
    turns.take()
    assert count(platform.database, "message_attempt") == 0
