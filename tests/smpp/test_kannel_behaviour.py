"""What the product relies on in Kannel, as facts that can be checked again when Kannel changes."""

import time
from pathlib import Path

import pytest

from tests.smpp.configuration import Options
from tests.smpp.kannel import Answer, Kannel, running
from tests.smpp.receiver import Told
from tests.smpp.smsc import BAD_DESTINATION, QUEUE_FULL, THROTTLED

PHONE = "+6281234567890"
OTHER = "+6281355554444"
TEXT = "Bagaimana layanan kami? Balas 4 3 4 4 4 3 4 4 4"
SHORT_CODE = "99777"
ACCEPTED, REFUSED, DELIVERED, UNDELIVERED = "8", "16", "1", "2"
RESENT = 3
"""Tries of a message that is refused for the moment: the first, and sms-resend-retry more."""


def reports(kannel: Kannel, ref: str, count: int = 2) -> list[str]:
    """The types reported of a message, in the order of arrival, once there are so many."""
    return [told.query["type"] for told in kannel.receiver.wait("/report", count, lambda told: of(ref, told))]


def of(ref: str, told: Told) -> bool:
    return told.query["ref"] == ref


def refs_of(kannel: Kannel, kind: str, count: int) -> set[str]:
    """The messages of which this type was reported, once there were so many reports of it."""
    told = kannel.receiver.wait("/report", count, lambda told: told.query["type"] == kind)
    return {one.query["ref"] for one in told}


def after_another(kannel: Kannel) -> None:
    """Wait until a message sent now has been reported: what was still to come before it has come."""
    assert kannel.send(OTHER, "sesudahnya", "after").status == 202
    assert set(reports(kannel, "after")) == {ACCEPTED, DELIVERED}
    kannel.wait_until_idle()


def test_an_accepted_message_is_reported_accepted_and_delivered(kannel: Kannel) -> None:
    assert kannel.send(PHONE, TEXT, "a") == Answer(202, "0: Accepted for delivery")
    assert set(reports(kannel, "a")) == {ACCEPTED, DELIVERED}
    (message,) = kannel.smsc.messages(1)
    assert (message.sender, message.recipient, message.text) == (SHORT_CODE, PHONE, TEXT)
    (told,) = [told for told in kannel.receiver.told("/report") if told.query["type"] == DELIVERED]
    assert told.query["smsc_id"] == message.parts[0].id
    assert "stat:DELIVRD" in told.query["answer"]


@pytest.mark.parametrize(("state", "kind"), [("UNDELIV", "2"), ("EXPIRED", "34"), ("REJECTD", "2")])
def test_the_type_of_a_report_is_a_bitmask(kannel: Kannel, state: str, kind: str) -> None:
    kannel.smsc.rule(reports=[state])
    kannel.send(PHONE, TEXT, "a")
    assert set(reports(kannel, "a")) == {ACCEPTED, kind}


def test_delivered_may_be_told_before_accepted(tmp_path: Path) -> None:
    with running(tmp_path, Options(http_request_retry=1000)) as kannel:
        kannel.receiver.fail(lambda told: told.query["type"] == ACCEPTED)
        kannel.send(PHONE, TEXT, "a")
        assert refs_of(kannel, DELIVERED, 1) == {"a"}
        so_far = len(kannel.receiver.told("/report"))
        kannel.receiver.fail(None)
        told = reports(kannel, "a", so_far + 1)
    assert DELIVERED in told[:so_far]
    assert set(told[so_far:]) == {ACCEPTED}


def test_a_report_that_precedes_the_response_is_dropped_for_ever(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, early=True)
    kannel.send(PHONE, TEXT, "a")
    after_another(kannel)
    assert reports(kannel, "a", 1) == [ACCEPTED]
    assert kannel.smsc.counters(reports=2)["reports"] == 2


def test_a_report_that_names_the_message_otherwise_than_the_response_is_dropped(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, hex=True)
    kannel.send(PHONE, TEXT, "a")
    after_another(kannel)
    assert reports(kannel, "a", 1) == [ACCEPTED]


def test_the_second_of_two_final_reports_is_dropped(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, reports=["DELIVRD", "DELIVRD", "UNDELIV"])
    kannel.send(PHONE, TEXT, "a")
    after_another(kannel)
    assert sorted(reports(kannel, "a")) == [DELIVERED, ACCEPTED]


def test_a_message_of_several_parts_is_reported_once_for_its_first(kannel: Kannel) -> None:
    kannel.send(PHONE, "a" * 400, "a")
    after_another(kannel)
    assert sorted(reports(kannel, "a")) == [DELIVERED, ACCEPTED]
    first, _ = kannel.smsc.messages()
    assert [part.reported for part in first.parts] == [True, False, False]


def test_without_an_smsc_a_message_is_accepted_for_later_and_goes_then(kannel: Kannel) -> None:
    kannel.smsc.stop()
    kannel.wait_until_offline()
    assert kannel.send(PHONE, TEXT, "a") == Answer(202, "3: Queued for later delivery")
    kannel.smsc.start()
    assert set(reports(kannel, "a")) == {ACCEPTED, DELIVERED}
    assert len(kannel.smsc.messages()) == 1


def test_a_wrong_password_is_refused(kannel: Kannel) -> None:
    assert kannel.send(PHONE, TEXT, password="salah").status == 403
    assert kannel.smsc.messages() == []


def test_a_message_without_a_recipient_is_refused(kannel: Kannel) -> None:
    assert kannel.send("", TEXT).status == 400


def test_what_gsm7_lacks_becomes_a_question_mark_unless_sent_as_unicode(kannel: Kannel) -> None:
    kannel.send(PHONE, "“baik” ★ `a`")
    kannel.smsc.messages(1)
    kannel.send_unicode(PHONE, "“baik” ★ `a` 👍")
    folded, kept = kannel.smsc.messages(2)
    assert (folded.text, folded.coding) == ("?baik? ? ?a?", 0)
    assert (kept.text, kept.coding) == ("“baik” ★ `a` 👍", 8)


def test_the_extension_table_of_gsm7_goes_through(kannel: Kannel) -> None:
    kannel.send(PHONE, "{x} [y] €5 ^~|\\ @£è")
    (message,) = kannel.smsc.messages(1)
    assert (message.text, message.coding) == ("{x} [y] €5 ^~|\\ @£è", 0)


def test_a_text_longer_than_its_most_parts_is_cut_off_in_silence(kannel: Kannel) -> None:
    assert kannel.send(PHONE, "a" * 800).status == 202
    (message,) = kannel.smsc.messages(5)
    assert message.text == "a" * 765


@pytest.mark.parametrize("status", [THROTTLED, QUEUE_FULL])
def test_refused_for_the_moment_is_tried_again_and_then_given_up(kannel: Kannel, status: int) -> None:
    kannel.smsc.rule(PHONE, status=status)
    kannel.send(PHONE, TEXT, "a")
    (told,) = kannel.receiver.wait("/report")
    assert (told.query["type"], told.query["answer"]) == (REFUSED, "NACK/Retries Exceeded")
    assert kannel.smsc.counters()["refused"] == RESENT


def test_refused_once_is_sent_once_a_little_later(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, 1, status=THROTTLED)
    kannel.send(PHONE, TEXT, "a")
    assert set(reports(kannel, "a")) == {ACCEPTED, DELIVERED}
    assert len(kannel.smsc.messages()) == 1
    assert kannel.smsc.counters()["submits"] == 2


def test_a_bad_destination_is_refused_at_once_and_says_why(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, status=BAD_DESTINATION)
    kannel.send(PHONE, TEXT, "a")
    (told,) = kannel.receiver.wait("/report")
    assert told.query["type"] == REFUSED
    assert told.query["answer"] == "NACK/0x0000000b/Invalid Destination Address"
    assert kannel.smsc.counters()["submits"] == 1


def test_a_message_the_smsc_does_not_answer_in_time_is_sent_again(tmp_path: Path) -> None:
    with running(tmp_path, Options(wait_ack=2)) as kannel:
        kannel.smsc.rule(PHONE, 1, silent=True)
        kannel.send(PHONE, TEXT, "a")
        assert [message.text for message in kannel.smsc.messages(2)[:2]] == [TEXT, TEXT]
        assert set(reports(kannel, "a")) == {ACCEPTED, DELIVERED}


@pytest.mark.parametrize(("drop", "sent"), [("before", 1), ("after", 2)])
def test_a_message_whose_connection_broke_is_sent_again(kannel: Kannel, drop: str, sent: int) -> None:
    kannel.smsc.rule(PHONE, 1, drop=drop)
    kannel.send(PHONE, TEXT, "a")
    assert set(reports(kannel, "a")) == {ACCEPTED, DELIVERED}
    assert [message.text for message in kannel.smsc.messages()] == [TEXT] * sent


def test_what_was_accepted_survives_a_power_cut_and_is_reported(tmp_path: Path) -> None:
    phones = {f"r{number}": f"+62812000{number:05d}" for number in range(100)}
    with running(tmp_path) as kannel:
        kannel.smsc.stop()
        kannel.wait_until_offline()
        for ref, phone in phones.items():
            assert kannel.send(phone, TEXT, ref) == Answer(202, "3: Queued for later delivery")
        kannel.kill("bearerbox")
        kannel.smsc.rule(reports=[])
        kannel.smsc.start()
        kannel.restart("bearerbox")
        parts = kannel.smsc.parts(len(phones))
        assert refs_of(kannel, ACCEPTED, len(phones)) == set(phones)
        for part in parts:  # not before Kannel has told us something: see `Kannel.restart`
            kannel.smsc.report(part, "DELIVRD")
        assert refs_of(kannel, DELIVERED, len(phones)) == set(phones)
        kannel.wait_until_idle()
        assert sorted(message.recipient for message in kannel.smsc.messages()) == sorted(phones.values())


def test_what_the_smsc_had_taken_but_not_answered_goes_twice_after_a_power_cut(kannel: Kannel) -> None:
    kannel.smsc.rule(reports=[])
    kannel.smsc.rule(PHONE, 1, silent=True)
    kannel.send(PHONE, TEXT, "a")
    kannel.smsc.messages(1)
    kannel.restart("bearerbox")
    assert reports(kannel, "a", 1) == [ACCEPTED]
    _, again = kannel.smsc.parts(2)
    kannel.smsc.report(again, "DELIVRD")
    assert reports(kannel, "a") == [ACCEPTED, DELIVERED]
    assert [message.text for message in kannel.smsc.messages()] == [TEXT, TEXT]


@pytest.mark.parametrize("durable", [True, False])
def test_a_report_after_a_power_cut_arrives_only_from_durable_storage(tmp_path: Path, durable: bool) -> None:
    with running(tmp_path, Options(durable_reports=durable)) as kannel:
        kannel.smsc.rule(PHONE, reports=[])
        kannel.send(PHONE, TEXT, "a")
        assert reports(kannel, "a", 1) == [ACCEPTED]
        (part,) = kannel.smsc.parts(1)
        kannel.restart("bearerbox")
        kannel.send(OTHER, "sebelumnya", "before")
        reports(kannel, "before", 1)  # from now on every report is taken: see `Kannel.restart`
        kannel.smsc.report(part, "DELIVRD")
        after_another(kannel)
        assert reports(kannel, "a", 1 + durable) == [ACCEPTED, DELIVERED][: 1 + durable]


def test_a_limit_of_throughput_holds_messages_back(tmp_path: Path) -> None:
    with running(tmp_path, Options(throughput=10)) as kannel:
        kannel.smsc.stop()
        kannel.wait_until_offline()
        for number in range(40):
            kannel.send(f"+62812000{number:05d}", TEXT)
        began = time.monotonic()
        kannel.smsc.start()
        assert len(kannel.smsc.parts(40)) == 40
        # Ten at once and then ten a second; a slow machine takes longer, and never less.
        assert time.monotonic() - began >= 2.5
