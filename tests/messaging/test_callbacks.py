"""What providers tell, in a real database: stored once, dealt with in order, wiped, and never in the way."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from factories import count, rows
from outbox_world import NATIONAL, PHONE, begun, claimed, finished, invite, promoted, states
from provider_world import configured, packaged

from survey.database import Tx, Unavailable
from survey.keys import Keys
from survey.messaging import callbacks, inbound
from survey.messaging.callbacks import (
    FORGOTTEN_AFTER,
    HOUR,
    MOST_TRIES,
    SECOND,
    UNKNOWN_AFTER,
    Kind,
    Raw,
    Take,
    forget,
    process,
    store,
    take,
)
from survey.messaging.dispatch import Parts
from survey.messaging.gateway import Verdict
from survey.messaging.inbound import InboundIn
from survey.messaging.incoming import Heard, Reported, Status
from survey.platform import Platform
from survey.writer import Writer

TEXT = "4 3 4 4 4 3 4 4 4 rahasia saya"


@pytest.fixture
def parts(platform: Platform, tmp_path: Path) -> Parts:
    return Parts(
        config=configured(tmp_path, packaged("kannel")),
        national=NATIONAL,
        settings=platform.settings,
        instruments=platform.instruments,
        writer=platform.writer,
        now=platform.now,
        now_ms=lambda: platform.now() * SECOND,
        write=print,
    )


def heard(external_id: str = "u-1", text: str = TEXT, phone: str = PHONE, **changes: Any) -> Heard:
    return Heard(external_id, phone, "99777", text)._replace(**changes)


def reported(ref: str | None, status: Status = Status.DELIVERED, **changes: Any) -> Reported:
    return Reported(f"{ref}-{status}", ref, None, status, "1")._replace(**changes)


def keep(platform: Platform, item: Heard | Reported, after_ms: int = 0, provider: str = "kannel") -> bool:
    kind: Kind = "inbound" if isinstance(item, Heard) else "report"
    at = platform.now() * SECOND + after_ms
    return platform.writer.call(store, Raw(platform.settings.keys, provider, kind, item, at))


def dealt(parts: Parts) -> int:
    return asyncio.run(process(parts, 200))


def outcomes(platform: Platform) -> list[tuple[str, str | None]]:
    return [
        tuple(row) for row in rows(platform.database, "SELECT state, outcome FROM sms_callback ORDER BY 1, 2")
    ]


class Listener:
    """Stands where the conversation is, and notes in which order it hears what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poison: str = "") -> None:
        self.heard: list[InboundIn] = []
        self.poison = poison
        monkeypatch.setattr(inbound, "receive", self.receive)

    def receive(self, _tx: Any, items: list[InboundIn]) -> list[str]:
        for item in items:
            if self.poison and item.text == self.poison:
                raise RuntimeError("this message breaks us")
            self.heard.append(item)
        return ["answered" for _ in items]


def test_an_item_is_stored_once_however_often_it_comes(platform: Platform) -> None:
    assert keep(platform, heard())
    assert not keep(platform, heard())
    assert not keep(platform, heard(text="another text under the same name"))
    assert keep(platform, heard("u-2"))
    assert keep(platform, heard(), provider="another")
    assert keep(platform, reported("7-1f")._replace(external_id="u-1"))
    assert count(platform.database, "sms_callback") == 4


def test_the_same_item_twice_in_one_batch_is_stored_once(platform: Platform) -> None:
    raw = Raw(platform.settings.keys, "kannel", "inbound", heard(), 1)

    def both(tx: Tx, items: Sequence[Raw]) -> list[list[bool]]:
        return [store(tx, [item, item]) for item in items]

    assert platform.writer.call(both, raw) == [True, False]


def test_two_processes_store_the_same_item_once(platform: Platform) -> None:
    found: list[bool] = []
    writers = [Writer(platform.database) for _ in range(2)]
    start = threading.Barrier(2)

    def one(writer: Writer) -> None:
        start.wait()
        for number in range(50):
            raw = Raw(platform.settings.keys, "kannel", "inbound", heard(f"u-{number}"), 1)
            found.append(writer.call(store, raw))

    threads = [threading.Thread(target=one, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer in writers:
        writer.close()
    assert found.count(True) == 50
    assert count(platform.database, "sms_callback") == 50


def test_nothing_of_a_callback_can_be_read_in_the_database(platform: Platform) -> None:
    keep(platform, heard("provider-id-77"))
    (row,) = rows(platform.database, "SELECT * FROM sms_callback")
    stored = b" ".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row
    )
    for told in (PHONE, "rahasia", "provider-id-77", "99777"):
        assert told.encode() not in stored


def test_what_is_dealt_with_is_wiped_with_its_effect(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch)
    keep(platform, heard(), after_ms=1234)
    assert dealt(parts) == 1
    assert outcomes(platform) == [("done", "answered")]
    ((body, received),) = rows(platform.database, "SELECT body, received_ms FROM sms_callback")
    assert body is None
    assert received % HOUR == 0
    told = listener.heard[0]
    assert (told.phone, told.text, told.provider, told.opted_out) == (PHONE, TEXT, "kannel", False)
    assert told.now == platform.now() + 1
    assert dealt(parts) == 0


def test_a_repetition_after_the_effect_changes_nothing(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The provider never got our answer and calls again: the citizen's answer counts once.
    listener = Listener(monkeypatch)
    keep(platform, heard())
    dealt(parts)
    assert not keep(platform, heard())
    dealt(parts)
    assert len(listener.heard) == 1


def test_messages_are_dealt_with_in_the_order_they_came(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch)
    for number in (3, 1, 4, 2, 0):
        keep(platform, heard(f"u-{number}", text=str(number)), after_ms=number)
    dealt(parts)
    assert [item.text for item in listener.heard] == ["0", "1", "2", "3", "4"]


def test_a_message_that_breaks_us_holds_up_nobody_and_is_given_up_in_the_end(
    platform: Platform, parts: Parts, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch, poison="poison")
    keep(platform, heard("u-0", text="poison"))
    for number in range(1, 4):
        keep(platform, heard(f"u-{number}", text=str(number)), after_ms=number)
    dealt(parts)
    assert [item.text for item in listener.heard] == ["1", "2", "3"]
    tried = 1
    while rows(platform.database, "SELECT 1 FROM sms_callback WHERE state = 'waiting'"):
        clock.at += 600
        assert dealt(parts) == 1
        tried += 1
    assert tried == MOST_TRIES
    assert ("done", "failed") in outcomes(platform)
    assert count(platform.database, "sms_callback", "body IS NOT NULL") == 0


def test_a_message_that_broke_us_is_not_tried_again_at_once(
    platform: Platform, parts: Parts, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch, poison="poison")
    keep(platform, heard(text="poison"))
    assert dealt(parts) == 1
    assert dealt(parts) == 0
    clock.at += 2
    listener.poison = ""
    assert dealt(parts) == 1
    assert outcomes(platform) == [("done", "answered")]


def test_what_was_sealed_with_another_secret_ends_as_failed(
    platform: Platform, parts: Parts, clock: Any
) -> None:
    raw = Raw(Keys("another secret of thirty-two characters"), "kannel", "inbound", heard(), 1)
    platform.writer.call(store, raw)
    for _ in range(MOST_TRIES):
        clock.at += 600
        dealt(parts)
    assert outcomes(platform) == [("done", "failed")]


def test_an_effect_that_fails_leaves_nothing_half_done(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(platform, heard())

    def half(tx: Any, items: list[InboundIn]) -> list[str]:
        tx.many(
            callbacks.STORE,
            [callbacks._row(Raw(item.keys, "half", "inbound", heard("h"), 1)) for item in items],
        )
        raise RuntimeError("after the first half")

    monkeypatch.setattr(inbound, "receive", half)
    dealt(parts)
    assert count(platform.database, "sms_callback", "provider = 'half'") == 0
    assert (
        count(platform.database, "sms_callback", "state = 'waiting' AND body IS NOT NULL AND tries = 1") == 1
    )


def submitted_message(platform: Platform, provider_ref: str = "their-1") -> str:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    attempt = begun(platform, message, provider="kannel")
    finished(platform, message, Verdict.ACCEPTED, attempt, provider="kannel", provider_ref=provider_ref)
    return message.ref


def test_a_report_moves_its_message_on(platform: Platform, parts: Parts) -> None:
    ref = submitted_message(platform)
    keep(platform, reported(ref))
    dealt(parts)
    assert states(platform.database) == ["delivered"]
    assert outcomes(platform) == [("done", "applied")]


def test_a_report_that_came_before_the_provider_s_answer_is_not_lost(
    platform: Platform, parts: Parts, clock: Any
) -> None:
    # Its provider names the message only in its own words, which are not known yet.
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    attempt = begun(platform, message, provider="kannel")
    keep(platform, reported(None, provider_ref="their-9"))
    dealt(parts)
    assert outcomes(platform) == [("unmatched", None)]
    assert dealt(parts) == 0
    finished(platform, message, Verdict.ACCEPTED, attempt, provider="kannel", provider_ref="their-9")
    clock.at += 5
    dealt(parts)
    assert states(platform.database) == ["delivered"]
    assert outcomes(platform) == [("done", "applied")]


def test_a_report_of_a_message_nobody_knows_is_kept_for_a_day(
    platform: Platform, parts: Parts, clock: Any
) -> None:
    keep(platform, reported("1-abc"))
    looked = 0
    while not rows(platform.database, "SELECT 1 FROM sms_callback WHERE state = 'done'"):
        assert count(platform.database, "sms_callback", "body IS NOT NULL") == 1
        looked += dealt(parts)
        clock.at += 900
        assert clock.at * SECOND - 1_795_000_000 * SECOND < UNKNOWN_AFTER + 2 * HOUR
    assert clock.at * SECOND - 1_795_000_000 * SECOND > UNKNOWN_AFTER
    assert outcomes(platform) == [("done", "unknown_message")]
    assert looked < 40


def test_reports_nobody_can_match_do_not_starve_what_is_new(
    platform: Platform, parts: Parts, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch)
    for number in range(20):
        keep(platform, reported(f"1-{number:x}"))
    asyncio.run(process(parts, 20))
    clock.at += 3600
    keep(platform, heard())
    asyncio.run(process(parts, 5))
    assert [item.text for item in listener.heard] == [TEXT]


def test_an_opt_out_in_a_report_is_honoured(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch)
    ref = submitted_message(platform)
    keep(platform, reported(ref, Status.UNDELIVERED, opted_out=PHONE))
    dealt(parts)
    assert [(item.phone, item.opted_out) for item in listener.heard] == [(PHONE, True)]
    assert states(platform.database) == ["undelivered"]


def test_a_number_that_opted_out_at_its_provider_is_not_written_to(platform: Platform, parts: Parts) -> None:
    keep(platform, heard(text="stop dong", opted_out=True))
    dealt(parts)
    assert count(platform.database, "opt_out", "source = 'provider'") == 1


def test_two_workers_never_deal_with_the_same_callback(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(monkeypatch)
    for number in range(60):
        keep(platform, heard(f"u-{number}"), after_ms=number)
    other = Writer(platform.database)
    both = [parts, parts._replace(writer=other)]
    start = threading.Barrier(2)

    def work(which: Parts) -> None:
        start.wait()
        asyncio.run(process(which, 200))

    threads = [threading.Thread(target=work, args=(which,)) for which in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert len(listener.heard) == 60
    assert outcomes(platform) == [("done", "answered")] * 60


def test_what_was_dealt_with_is_forgotten_after_two_days(
    platform: Platform, parts: Parts, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Listener(monkeypatch)
    keep(platform, heard())
    dealt(parts)
    keep(platform, heard("u-2"))
    clock.at += (FORGOTTEN_AFTER - HOUR) // SECOND - 60
    assert platform.writer.call(forget, clock.at) == 0
    clock.at += HOUR // SECOND + 60
    assert platform.writer.call(forget, clock.at) == 1
    assert [state for state, _ in outcomes(platform)] == ["waiting"]


def test_only_so_much_is_taken_at_once(platform: Platform) -> None:
    for number in range(5):
        keep(platform, heard(f"u-{number}"), after_ms=number)
    assert len(platform.writer.call(take, Take(platform.now() * SECOND, 3))) == 3


def test_a_database_that_is_away_is_said_so_and_counts_as_no_failure(
    platform: Platform, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(platform, heard())

    def away(_tx: Any, _items: list[InboundIn]) -> list[str]:
        raise Unavailable("away")

    monkeypatch.setattr(inbound, "receive", away)
    with pytest.raises(Unavailable):
        dealt(parts)
    assert count(platform.database, "sms_callback", "tries = 0 AND state = 'waiting'") == 1
