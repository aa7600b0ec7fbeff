"""After a backup was restored nothing is sent on the chance that it was not sent before."""

from typing import Any

from factories import rows
from outbox_world import begun, claimed, finished, invite, promoted, reasons, reply, states

from survey.messaging import reaping
from survey.messaging.gateway import Verdict
from survey.messaging.reaping import Rules
from survey.messaging.restoring import doubt_due
from survey.platform import Platform

HOUR = 3600


def doubted(platform: Platform) -> int:
    return platform.writer.call(doubt_due, platform.now())


def test_what_was_due_in_any_state_before_the_provider_took_it_is_in_doubt(platform: Platform) -> None:
    invite(platform, 2)
    promoted(platform)
    first, second = claimed(platform)
    begun(platform, first)
    reply(platform)
    invite(platform, start=2)
    assert doubted(platform) == 4
    assert states(platform.database) == ["unknown"] * 4
    assert reasons(platform.database) == {"restored"}
    assert begun(platform, second) == 0


def test_what_is_due_later_is_still_sent(platform: Platform, clock: Any) -> None:
    invite(platform, not_before=clock.at + HOUR)
    assert doubted(platform) == 0
    clock.at += HOUR
    promoted(platform)
    assert len(claimed(platform)) == 1


def test_what_was_handed_over_or_has_ended_stays_as_it_is(platform: Platform) -> None:
    invite(platform, 2)
    promoted(platform)
    for message, verdict in zip(claimed(platform), (Verdict.ACCEPTED, Verdict.REJECTED), strict=True):
        begun(platform, message)
        finished(platform, message, verdict)
    assert doubted(platform) == 0
    assert states(platform.database) == ["rejected", "submitted"]


def test_not_even_where_doubtful_messages_are_sent_again_is_a_restored_one(
    platform: Platform, clock: Any
) -> None:
    invite(platform)
    doubted(platform)
    clock.at += 2 * HOUR
    platform.writer.call(reaping.reap, Rules(clock.at, HOUR, "resend_once", 72 * HOUR))
    assert states(platform.database) == ["gave_up"]
    assert rows(platform.database, "SELECT contact, body FROM message") == [(None, None)]
