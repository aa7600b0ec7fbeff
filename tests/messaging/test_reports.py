"""Delivery reports in any order: a message only moves forward, and is never sent again once delivered."""

from typing import Any

import pytest
from factories import rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outbox_world import begun, claimed, finished, invite, promoted, states

from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.reports import ReportIn, apply_reports
from survey.platform import Platform


def told(
    platform: Platform,
    status: Status,
    *,
    ref: str | None = None,
    provider_ref: str | None = None,
    provider: str = "one",
) -> bool:
    report = ReportIn(provider, ref, provider_ref, status, "code", platform.now())
    return platform.writer.call(apply_reports, report)


@pytest.fixture
def message(platform: Platform) -> Any:
    """A message that is being handed to provider `one`."""
    invite(platform)
    promoted(platform)
    (found,) = claimed(platform)
    begun(platform, found)
    return found


def test_delivered_before_the_providers_own_answer_stays_delivered(platform: Platform, message: Any) -> None:
    assert told(platform, Status.DELIVERED, ref=message.ref)
    assert not finished(platform, message, Verdict.ACCEPTED)
    assert states(platform.database) == ["delivered"]
    assert rows(platform.database, "SELECT provider_ref FROM message") == [("their-1",)]


def test_delivered_before_submitted_stays_delivered(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.ACCEPTED)
    told(platform, Status.DELIVERED, ref=message.ref)
    told(platform, Status.SUBMITTED, ref=message.ref)
    assert states(platform.database) == ["delivered"]


def test_a_report_that_comes_twice_changes_nothing_the_second_time(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.ACCEPTED)
    for _ in range(2):
        assert told(platform, Status.UNDELIVERED, ref=message.ref)
    assert states(platform.database) == ["undelivered"]


def test_a_report_of_an_unknown_message_says_so(platform: Platform) -> None:
    assert not told(platform, Status.DELIVERED, ref="1-abc")
    assert not told(platform, Status.DELIVERED, provider_ref="never-seen")
    assert not told(platform, Status.DELIVERED, ref="' OR 1=1")


def test_a_report_may_name_the_message_as_the_provider_does(platform: Platform, message: Any) -> None:
    assert not told(platform, Status.DELIVERED, provider_ref="their-1")
    finished(platform, message, Verdict.ACCEPTED)
    assert told(platform, Status.DELIVERED, provider_ref="their-1")
    assert states(platform.database) == ["delivered"]


def test_another_providers_name_for_a_message_is_not_ours(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.ACCEPTED)
    assert not told(platform, Status.DELIVERED, provider_ref="their-1", provider="two")


def test_a_report_ends_the_doubt_about_a_message(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.UNKNOWN)
    told(platform, Status.SUBMITTED, ref=message.ref)
    assert states(platform.database) == ["submitted"]


def test_a_late_delivery_lifts_a_message_that_was_given_up(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.TEMPORARY, retry_at=None)
    told(platform, Status.DELIVERED, ref=message.ref)
    assert states(platform.database) == ["delivered"]


def test_a_delivery_stops_the_message_from_being_sent_again(platform: Platform, message: Any) -> None:
    finished(platform, message, Verdict.TEMPORARY, retry_at=platform.now())
    told(platform, Status.DELIVERED, ref=message.ref)
    assert claimed(platform) == []


def test_a_provider_that_could_not_deliver_after_all_gives_the_message_back(
    platform: Platform, message: Any
) -> None:
    finished(platform, message, Verdict.ACCEPTED)
    told(platform, Status.TEMPORARY, ref=message.ref)
    assert states(platform.database) == ["queued"]
    assert len(claimed(platform)) == 1


def test_the_failure_of_a_provider_that_no_longer_has_the_message_is_ignored(
    platform: Platform, message: Any
) -> None:
    finished(platform, message, Verdict.REFUSED, retry_at=platform.now())
    (again,) = claimed(platform, fence=8)
    begun(platform, again, provider="two")
    finished(platform, again, Verdict.ACCEPTED, attempt=2, provider="two")
    told(platform, Status.UNDELIVERED, ref=message.ref, provider="one")
    assert states(platform.database) == ["submitted"]


RANK = {"submitted": 1, "unknown": 0, "undelivered": 2, "expired": 2, "rejected": 2, "delivered": 3}
FINAL = st.sampled_from(
    [Status.SUBMITTED, Status.DELIVERED, Status.UNDELIVERED, Status.EXPIRED, Status.REJECTED]
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.lists(st.one_of(FINAL, st.just("answer")), min_size=1, max_size=6))
def test_in_any_order_the_best_news_stands_and_the_state_never_goes_back(
    platform: Platform, order: list[Any]
) -> None:
    platform.writer.call(_clear, None)
    invite(platform, start=next(_NUMBERS))
    promoted(platform)
    (message,) = claimed(platform)
    begun(platform, message)
    finished(platform, message, Verdict.UNKNOWN)
    rank = 0
    for event in order:
        if event == "answer":
            finished(platform, message, Verdict.ACCEPTED, attempt=next(_NUMBERS) % 30_000 + 2)
        else:
            told(platform, event, ref=message.ref)
        (state,) = states(platform.database)
        assert RANK[state] >= rank
        rank = RANK[state]
    if Status.DELIVERED in order:
        assert state == "delivered"


_NUMBERS = iter(range(10_000, 10_000_000))


def _clear(tx: Any, items: Any) -> list[None]:
    from sqlalchemy import delete

    from survey.database import Statement
    from survey.messaging.models import LastContact, Message

    for table in (Message, LastContact):
        tx.run(Statement(delete(table)))
    return [None for _ in items]
