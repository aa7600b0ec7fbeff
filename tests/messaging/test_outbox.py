"""The outbox: nothing is sent twice, nothing is lost, and nobody is written to who must not be."""

import threading
from typing import Any

import pytest
from factories import answer, rows
from outbox_world import (
    LEASE,
    PHONE,
    begun,
    claimed,
    finished,
    invite,
    promoted,
    reasons,
    reply,
    states,
)

from survey.messaging import opt_outs, reaping
from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.opt_outs import OptingOut
from survey.messaging.outbox import Release, read_ref, ref_of, release
from survey.messaging.policy import Rules
from survey.messaging.reports import ReportIn, apply_reports
from survey.platform import Platform
from survey.work import expire
from survey.writer import Writer

DAY = 86_400


def opt_out(platform: Platform, phone: str = PHONE) -> None:
    digest = platform.settings.keys.phone_digests(phone)[0]
    platform.writer.call(opt_outs.add, OptingOut(digest, "word", 20261118))


def reap(platform: Platform, policy: Any = "hold") -> int:
    return platform.writer.call(reaping.reap, reaping.Rules(platform.now(), 3600, policy, 72 * 3600))


def report(platform: Platform, message: Any, status: Status, provider: str = "one") -> bool:
    said = ReportIn(provider, message.ref, None, status, "code", platform.now())
    return platform.writer.call(apply_reports, said)


def test_a_message_waits_until_it_is_due(platform: Platform) -> None:
    invite(platform, not_before=platform.now() + 60)
    assert promoted(platform) == 0
    assert claimed(platform) == []


def test_a_due_message_is_queued_claimed_sent_and_submitted(platform: Platform) -> None:
    invite(platform)
    assert promoted(platform) == 1
    (message,) = claimed(platform)
    assert states(platform.database) == ["claimed"]
    assert begun(platform, message) == 1
    assert states(platform.database) == ["sending"]
    assert finished(platform, message, Verdict.ACCEPTED)
    assert states(platform.database) == ["submitted"]


def test_a_message_about_an_invitation_holds_neither_number_nor_text(platform: Platform) -> None:
    invite(platform)
    assert rows(platform.database, "SELECT contact, body FROM message") == [(None, None)]


def test_a_claimed_invitation_brings_what_its_text_is_made_of(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    assert message.contact is not None
    assert platform.settings.keys.open_contact(message.contact) == PHONE
    assert (message.service, message.unit, message.language) == ("KTP-el", "Loket Satu", "id")
    assert message.open_until > platform.now()


def test_two_claims_never_take_the_same_message(platform: Platform) -> None:
    invite(platform, 5)
    promoted(platform)
    first, second = claimed(platform, 3, fence=1), claimed(platform, 3, fence=2)
    assert len({message.id for message in first + second}) == 5
    assert (len(first), len(second)) == (3, 2)


def test_workers_that_claim_at_once_share_the_messages(platform: Platform) -> None:
    invite(platform, 30)
    promoted(platform)
    taken: list[list[int]] = [[], [], []]

    def work(number: int) -> None:
        writer = Writer(platform.database)
        other = Platform(**{**vars(platform), "writer": writer})
        while found := claimed(other, 4, fence=number + 1):
            taken[number] += [message.id for message in found]
        writer.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [number for numbers in taken for number in numbers]
    # A worker may find the last ones held by another and stop; what it left is still queued.
    left = [message.id for message in claimed(platform, 100, fence=9)]
    assert sorted(everything + left) == sorted({*everything, *left})
    assert len(everything + left) == 30


def test_replies_go_before_invitations(platform: Platform) -> None:
    invite(platform, 3)
    promoted(platform)
    reply(platform)
    assert [message.kind for message in claimed(platform, 1)] == ["reply"]


def test_a_worker_that_lost_its_lease_before_sending_cannot_send(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (late,) = claimed(platform, fence=1)
    clock.at += LEASE + 1
    reap(platform)
    (message,) = claimed(platform, fence=2)
    assert begun(platform, late) == 0
    assert begun(platform, message) == 1


def test_a_message_whose_worker_was_killed_while_sending_is_in_doubt_and_not_sent_again(
    platform: Platform, clock: Any
) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    clock.at += LEASE + 1
    reap(platform)
    assert states(platform.database) == ["unknown"]
    assert claimed(platform) == []


def test_a_late_answer_of_the_provider_ends_the_doubt(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    clock.at += LEASE + 1
    reap(platform)
    assert finished(platform, message, Verdict.ACCEPTED)
    assert states(platform.database) == ["submitted"]


def test_a_reply_that_was_handed_over_is_wiped_within_the_hour_though_nobody_reports_it(
    platform: Platform, clock: Any
) -> None:
    reply(platform, "Tanda terima: XXXX XXXX XXXX")
    (message,) = claimed(platform)
    assert begun(platform, message) == 1
    assert finished(platform, message, Verdict.ACCEPTED)
    kept = "SELECT count(contact), count(body) FROM message"
    clock.at += reaping.KEEP_REPLIES_SECONDS - 1
    reap(platform)
    assert rows(platform.database, kept) == [(1, 1)]
    clock.at += 1
    reap(platform)
    assert rows(platform.database, kept) == [(0, 0)]
    # A second thought of the provider's comes too late then, and does no harm.
    assert report(platform, message, Status.TEMPORARY)
    clock.at += 3600
    (again,) = claimed(platform)
    assert (again.contact, again.body) == (None, None)


def test_a_message_in_doubt_that_is_never_reported_is_given_up(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.UNKNOWN)
    clock.at += 3600
    reap(platform)
    assert states(platform.database) == ["gave_up"]


def test_by_configuration_a_message_in_doubt_is_sent_again_exactly_once(
    platform: Platform, clock: Any
) -> None:
    invite(platform)
    promoted(platform)
    for fence in (1, 2):
        (message,) = claimed(platform, fence=fence)
        begun(platform, message)
        finished(platform, message, Verdict.UNKNOWN, attempt=fence)
        clock.at += 3600
        reap(platform, "resend_once")
    assert states(platform.database) == ["gave_up"]


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.ACCEPTED, "submitted"),
        (Verdict.TEMPORARY, "queued"),
        (Verdict.REFUSED, "queued"),
        (Verdict.ACCOUNT, "queued"),
        (Verdict.REJECTED, "rejected"),
        (Verdict.OPTED_OUT, "suppressed"),
        (Verdict.UNKNOWN, "unknown"),
    ],
)
def test_what_the_provider_answers_decides_what_becomes_of_a_message(
    platform: Platform, verdict: Verdict, state: str
) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    assert finished(platform, message, verdict)
    assert states(platform.database) == [state]


def test_after_the_last_try_a_message_is_given_up(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.TEMPORARY, retry_at=None)
    assert states(platform.database) == ["gave_up"]


def test_a_message_that_failed_is_not_claimed_before_its_next_try(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.TEMPORARY)
    assert claimed(platform) == []
    clock.at += 30
    assert len(claimed(platform)) == 1


def test_a_message_given_back_is_taken_again_when_it_is_due(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    assert platform.writer.call(release, Release(message, platform.now() + 5, platform.now()))
    assert claimed(platform) == []
    clock.at += 5
    assert len(claimed(platform)) == 1


def test_a_provider_that_says_opted_out_is_believed_for_every_agency(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.OPTED_OUT)
    digests = platform.settings.keys.phone_digests(PHONE)
    assert platform.writer.call(opt_outs.find, digests)
    assert reasons(platform.database) == {"opted_out"}


def test_an_opt_out_before_queueing_suppresses(platform: Platform) -> None:
    invite(platform)
    opt_out(platform)
    promoted(platform)
    assert (states(platform.database), reasons(platform.database)) == (["suppressed"], {"opted_out"})


def test_an_opt_out_between_claiming_and_sending_suppresses(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    opt_out(platform)
    assert begun(platform, message) == 0
    assert (states(platform.database), reasons(platform.database)) == (["suppressed"], {"opted_out"})


def test_the_confirmation_of_a_stop_goes_to_a_number_that_opted_out(platform: Platform) -> None:
    opt_out(platform)
    reply(platform, "berhenti")
    (message,) = claimed(platform)
    assert begun(platform, message) == 1


def test_an_answered_invitation_is_not_written_about(platform: Platform) -> None:
    invite(platform)
    answer(platform, _code(platform))
    promoted(platform)
    assert (states(platform.database), reasons(platform.database)) == (["suppressed"], {"answered"})


def test_an_invitation_answered_between_claiming_and_sending_is_not_written_about(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    answer(platform, _code(platform))
    assert begun(platform, message) == 0
    assert states(platform.database) == ["suppressed"]


def _code(platform: Platform) -> str:
    from survey import tokens

    ((number,),) = rows(platform.database, "SELECT transaction_id FROM invitation")
    return tokens.link_code(platform.settings.keys.token, number)


def test_an_expired_invitation_is_not_written_about(platform: Platform, clock: Any) -> None:
    invite(platform)
    clock.at += 15 * DAY
    platform.writer.call(expire, platform.now())
    promoted(platform)
    assert states(platform.database) == ["suppressed"]


def test_quiet_hours_postpone_to_the_morning_of_the_units_own_zone(platform: Platform, clock: Any) -> None:
    clock.at = 1_795_010_400  # 2026-11-18 14:00 UTC: 21:00 in Jakarta, 23:00 in Jayapura
    invite(platform)
    invite(platform, start=1, timezone="Asia/Jayapura")
    promoted(platform)
    found = {row[0]: row[1] for row in rows(platform.database, "SELECT timezone, not_before FROM message")}
    assert states(platform.database) == ["scheduled", "scheduled"]
    assert found["Asia/Jakarta"] == 1_795_050_000  # 08:00 in Jakarta is 01:00 UTC
    assert found["Asia/Jayapura"] == found["Asia/Jakarta"] - 2 * 3600


def test_a_number_is_invited_once_in_the_capped_days_whoever_asks(platform: Platform) -> None:
    invite(platform, 2, phones=[PHONE, PHONE])
    promoted(platform)
    assert states(platform.database) == ["queued", "suppressed"]
    assert "capped" in reasons(platform.database)


@pytest.mark.parametrize(("phone", "why"), [("+62215551234", "landline"), ("+60123456789", "foreign")])
def test_numbers_that_cannot_be_written_to_are_suppressed_with_the_reason(
    platform: Platform, phone: str, why: str
) -> None:
    invite(platform, 1, phones=[phone])
    promoted(platform)
    assert reasons(platform.database) == {why}


def test_a_stricter_agency_is_heeded(platform: Platform) -> None:
    from survey.messaging.contact_policies import PolicyIn, store

    platform.writer.call(store, PolicyIn(1, {"quiet_from": "12:00"}, NATIONAL_RULES))
    invite(platform)  # 18:06 in Jakarta
    promoted(platform, NATIONAL_RULES)
    assert states(platform.database) == ["scheduled"]


NATIONAL_RULES = Rules(holidays=False)


def test_a_reminder_is_scheduled_once_for_an_invitation_that_was_handed_over(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.ACCEPTED, remind_at=platform.now() + 3 * DAY)
    finished(platform, message, Verdict.ACCEPTED, attempt=2, remind_at=platform.now() + 3 * DAY)
    found = rows(platform.database, "SELECT kind, state FROM message WHERE kind = 'reminder'")
    assert found == [("reminder", "scheduled")]


def test_a_reminder_is_not_sent_to_those_who_answered(platform: Platform, clock: Any) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.ACCEPTED, remind_at=platform.now() + 3 * DAY)
    answer(platform, _code(platform))
    clock.at += 3 * DAY
    promoted(platform)
    assert states(platform.database) == ["submitted", "suppressed"]


def test_a_reply_nobody_could_send_for_half_a_day_is_dropped_with_its_number(
    platform: Platform, clock: Any
) -> None:
    reply(platform)
    clock.at += 13 * 3600
    reap(platform)
    assert rows(platform.database, "SELECT state, contact, body FROM message") == [("suppressed", None, None)]


def test_what_is_sent_opens_a_conversation_with_its_number(platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    (found,) = rows(platform.database, "SELECT phone_digest, state, transaction_id FROM conversation")
    assert bytes(found[0]) == platform.settings.keys.phone_digests(PHONE)[0]
    assert found[1:] == ("invited", message.transaction_id)


def test_references_are_read_back_and_nothing_else_is() -> None:
    assert read_ref(ref_of(12, 0xABC)) == (12, 0xABC)
    for text in ("", "12", "12-", "-1", "a-1", "1-g", "1-0x1", "1-ABC", "1--1", "1- 1", "1-" + "f" * 17):
        assert read_ref(text) is None


def test_an_ended_message_forgets_number_and_text(platform: Platform) -> None:
    reply(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.ACCEPTED)
    report(platform, message, Status.DELIVERED)
    assert rows(platform.database, "SELECT contact, body, state FROM message") == [(None, None, "delivered")]


def test_a_message_nobody_reports_forgets_its_number_after_three_days(platform: Platform, clock: Any) -> None:
    reply(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.ACCEPTED)
    clock.at += 72 * 3600
    reap(platform)
    assert rows(platform.database, "SELECT contact, body, state, reason FROM message") == [
        (None, None, "submitted", "no report")
    ]
