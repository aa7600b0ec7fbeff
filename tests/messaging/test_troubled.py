"""Sending one message again: only what may be, never twice on a guess, and told plainly why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import answer, rows
from hypothesis import given
from hypothesis import strategies as st

from survey.messaging import reaping, troubled
from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.opt_outs import OptingOut, add
from survey.messaging.outbox import Claimed, read_ref, ref_of
from survey.messaging.sending import Suppression, suppress
from survey.messaging.troubled import Retried, Retry
from survey.platform import Platform, open_platform
from survey.settings import Settings
from survey.tokens import link_code
from survey.work import expire
from tests.conftest import Clock, register
from tests.messaging.outbox_world import PHONE, begun, claimed, finished, invite, promoted, states
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


def retry(platform: Platform, message: Claimed | str, *, twice: bool = False) -> Retried:
    ref = message if isinstance(message, str) else message.ref
    return platform.writer.call(troubled.retry, Retry(ref, platform.now(), twice))


def reap(platform: Platform, policy: str = "hold") -> None:
    rules = reaping.Rules(platform.now(), HOUR, policy, 72 * HOUR)  # type: ignore[arg-type]
    platform.writer.call(reaping.reap, rules)


@pytest.mark.parametrize("status", [Status.UNDELIVERED, Status.EXPIRED, Status.REJECTED])
def test_what_a_report_says_has_not_arrived_is_sent_again_without_asking(
    platform: Platform, messages: Messages, status: Status
) -> None:
    message = messages.reported(status)
    assert retry(platform, message) is Retried.QUEUED
    (again,) = claimed(platform)
    assert (again.id, again.contact is not None) == (message.id, True)
    assert begun(platform, again) == 2


def test_what_was_given_up_after_sure_failures_is_sent_again_without_asking(
    platform: Platform, messages: Messages
) -> None:
    message = messages.gave_up()
    assert retry(platform, message) is Retried.QUEUED
    assert states(platform.database) == ["queued"]
    assert retry(platform, message) is Retried.ON_ITS_WAY


def test_a_message_in_doubt_is_sent_again_only_by_one_who_says_so(
    platform: Platform, messages: Messages
) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    assert retry(platform, message) is Retried.CONFIRM
    assert states(platform.database) == ["unknown"]
    assert retry(platform, message, twice=True) is Retried.QUEUED
    assert states(platform.database) == ["queued"]


def test_a_message_sent_again_in_doubt_is_not_sent_a_third_time_by_the_policy(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    retry(platform, message, twice=True)
    (again,) = claimed(platform)
    assert begun(platform, again) == 2
    finished(platform, again, Verdict.UNKNOWN, attempt=2)
    clock.at += HOUR
    reap(platform, "resend_once")
    assert states(platform.database) == ["gave_up"]


def test_doubt_that_was_given_up_is_still_doubt(platform: Platform, messages: Messages, clock: Clock) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    clock.at += HOUR
    reap(platform)
    assert states(platform.database) == ["gave_up"]
    assert retry(platform, message) is Retried.CONFIRM


def test_doubt_of_a_lost_worker_is_still_doubt_once_it_was_given_up(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    message = messages.sending()
    clock.at += 2 * HOUR
    reap(platform)
    clock.at += HOUR
    reap(platform)
    assert states(platform.database) == ["gave_up"]
    assert retry(platform, message) is Retried.CONFIRM


def test_a_doubtful_first_try_is_remembered_when_the_second_is_rejected(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    clock.at += HOUR
    reap(platform, "resend_once")
    (again,) = claimed(platform)
    assert begun(platform, again) == 2
    finished(platform, again, Verdict.REJECTED, attempt=2)
    assert retry(platform, message) is Retried.CONFIRM


def test_doubt_that_a_report_has_ended_is_none(platform: Platform, messages: Messages) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    messages.report(message, Status.UNDELIVERED)
    assert retry(platform, message) is Retried.QUEUED


def test_what_is_on_its_way_or_delivered_is_left_alone(platform: Platform, messages: Messages) -> None:
    delivered = messages.reported(Status.DELIVERED)
    submitted = messages.sent()
    sending = messages.sending()
    before = states(platform.database)
    assert retry(platform, delivered, twice=True) is Retried.DELIVERED
    assert retry(platform, submitted, twice=True) is Retried.ON_ITS_WAY
    assert retry(platform, sending, twice=True) is Retried.ON_ITS_WAY
    assert states(platform.database) == before


def test_what_a_rule_is_against_is_never_sent(platform: Platform, messages: Messages) -> None:
    messages.due()
    message = messages.claim()
    platform.writer.call(suppress, Suppression(message, "opted_out", platform.now()))
    assert retry(platform, message, twice=True) is Retried.SUPPRESSED


def test_whoever_opts_out_before_a_message_is_sent_again_is_not_written_to(
    platform: Platform, messages: Messages
) -> None:
    message = messages.gave_up()
    assert retry(platform, message) is Retried.QUEUED
    (again,) = claimed(platform)
    digest = platform.settings.keys.phone_digests(PHONE)[0]
    platform.writer.call(add, OptingOut(digest, "word", 20261118))
    assert begun(platform, again) == 0
    assert states(platform.database) == ["suppressed"]


def test_an_answered_invitation_is_not_written_about(platform: Platform, messages: Messages) -> None:
    message = messages.gave_up()
    assert message.transaction_id is not None
    answer(platform, link_code(platform.settings.keys.token, message.transaction_id))
    assert retry(platform, message, twice=True) is Retried.ANSWERED


def test_an_invitation_that_has_ended_is_not_written_about(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    message = messages.gave_up()
    clock.at = message.open_until - 1
    assert platform.writer.call(troubled.look, Retry(message.ref, clock.at)).verdict is Retried.QUEUED  # type: ignore[union-attr]
    clock.at += 1
    assert retry(platform, message) is Retried.CLOSED
    platform.writer.call(expire, platform.now())
    assert retry(platform, message) is Retried.CLOSED


@pytest.mark.parametrize("longer", [-DAY, DAY])
def test_whichever_ends_first_the_message_or_its_invitation_ends_it(
    platform: Platform, clock: Clock, longer: int
) -> None:
    end = clock.at + 14 * DAY
    invite(platform, expires_at=end + longer)
    promoted(platform)
    (message,) = claimed(platform)
    assert begun(platform, message) == 1
    finished(platform, message, Verdict.REJECTED)
    clock.at = end + min(longer, 0) - 1
    assert platform.writer.call(troubled.look, Retry(message.ref, clock.at)).verdict is Retried.QUEUED  # type: ignore[union-attr]
    clock.at += 1
    assert retry(platform, message) is Retried.CLOSED


def test_a_try_that_surely_failed_after_a_doubt_a_report_ended_needs_no_question(
    platform: Platform, messages: Messages
) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    messages.report(message, Status.TEMPORARY)
    (again,) = claimed(platform)
    assert begun(platform, again) == 2
    finished(platform, again, Verdict.REJECTED, attempt=2)
    assert retry(platform, message) is Retried.QUEUED


def test_a_reply_that_ended_has_neither_number_nor_text_left(platform: Platform, messages: Messages) -> None:
    message = messages.sent_reply(Verdict.REJECTED)
    assert retry(platform, message, twice=True) is Retried.WIPED


def test_a_reply_in_doubt_is_sent_again_while_somebody_waits_for_it(
    platform: Platform, messages: Messages, clock: Clock
) -> None:
    message = messages.sent_reply(Verdict.UNKNOWN)
    assert retry(platform, message) is Retried.CONFIRM
    clock.at += 12 * HOUR
    assert retry(platform, message, twice=True) is Retried.CLOSED
    clock.at -= 1
    assert retry(platform, message, twice=True) is Retried.QUEUED


@pytest.mark.parametrize("ref", ["", "1-abc", "1-", "-1", "x-1", "1-zz", "0-0", "9" * 40, "1-ABC", "§-1"])
def test_a_reference_nobody_knows_is_no_message(platform: Platform, messages: Messages, ref: str) -> None:
    messages.gave_up()
    assert retry(platform, ref, twice=True) is Retried.NO_SUCH


@given(agency=st.integers(0, 999_999_999), number=st.integers(0, 2**63 - 1))
def test_a_reference_names_its_message_and_no_other(agency: int, number: int) -> None:
    assert read_ref(ref_of(agency, number)) == (agency, number)


def test_a_late_report_of_the_first_try_still_counts_for_a_message_queued_again(
    platform: Platform, messages: Messages
) -> None:
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    retry(platform, message, twice=True)
    messages.report(message, Status.DELIVERED)
    assert states(platform.database) == ["delivered"]
    assert claimed(platform) == []


def test_a_message_sent_again_says_so(platform: Platform, messages: Messages, clock: Clock) -> None:
    message = messages.gave_up()
    clock.at += 5
    retry(platform, message)
    found = rows(platform.database, "SELECT reason, changed_at, not_before FROM message")
    assert found == [("retried", clock.at, clock.at)]
