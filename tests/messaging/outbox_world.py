"""What tests of the outbox share: invitations with numbers, messages about them, and a look at the rows."""

from collections.abc import Sequence
from typing import Any

from factories import issue, rows

from survey.database import Database
from survey.messaging import sending
from survey.messaging.gateway import Verdict
from survey.messaging.outbox import (
    Claim,
    Claimed,
    Invited,
    ReplyOut,
    claim,
    enqueue_invitations,
    enqueue_replies,
)
from survey.messaging.policy import Rules
from survey.messaging.promoting import Promotion, promote
from survey.messaging.sending import Begin, Finish
from survey.platform import Platform

PHONE = "+6281234567890"
LEASE = 60
NATIONAL = Rules(holidays=False)


def enqueued(tx: Any, items: Sequence[Any]) -> list[None]:
    """Enqueue as a piece of work of its own."""
    for item in items:
        (enqueue_replies if isinstance(item, ReplyOut) else enqueue_invitations)(tx, [item])
    return [None for _ in items]


def invite(
    platform: Platform, count: int = 1, start: int = 0, phones: Sequence[str] | None = None, **changes: Any
) -> None:
    """Record transactions with numbers, and schedule their messages for now."""
    now = platform.now()
    for number in range(count):
        phone = phones[number] if phones else f"+62812{34567890 + start + number}"
        (outcome,) = issue(platform, start=start + number, phone=phone)
        fields: dict[str, Any] = {
            "agency_id": 1,
            "transaction_id": outcome.transaction_id,
            "timezone": "Asia/Jakarta",
            "not_before": now,
            "expires_at": outcome.expires_at,
            "now": now,
        }
        platform.writer.call(enqueued, Invited(**(fields | changes)))


def reply(platform: Platform, text: str = "terima kasih", phone: str = PHONE) -> None:
    """Queue a reply."""
    platform.writer.call(enqueued, ReplyOut(platform.settings.keys, phone, text, platform.now()))


def promoted(platform: Platform, national: Rules = NATIONAL) -> int:
    """Look at what is due."""
    return platform.writer.call(promote, Promotion(platform.now(), 500, platform.settings.keys, national))


def claimed(platform: Platform, most: int = 10, fence: int = 7) -> list[Claimed]:
    """Claim what is queued."""
    return platform.writer.call(claim, Claim(platform.now(), most, LEASE, fence))


def begun(platform: Platform, message: Claimed, provider: str = "one", phone: str = PHONE) -> int:
    """Begin to send a message; the number of the attempt."""
    digests = tuple(platform.settings.keys.phone_digests(phone)) if message.kind != "reply" else ()
    return platform.writer.call(sending.begin, Begin(message, provider, 1, digests, LEASE, platform.now()))


def finished(
    platform: Platform,
    message: Claimed,
    verdict: Verdict,
    attempt: int = 1,
    phone: str = PHONE,
    **changes: Any,
) -> bool:
    """Say what the provider answered."""
    fields: dict[str, Any] = {
        "message": message,
        "provider": "one",
        "digests": tuple(platform.settings.keys.phone_digests(phone)) if message.kind != "reply" else (),
        "attempt": attempt,
        "segments": 1,
        "verdict": verdict,
        "provider_ref": "their-1",
        "code": "http 202",
        "delivered": False,
        "retry_at": platform.now() + 30,
        "remind_at": None,
        "milliseconds": 5,
        "today": 20261118,
        "now": platform.now(),
    }
    return platform.writer.call(sending.finish, Finish(**(fields | changes)))


def states(database: Database) -> list[str]:
    """The states of all messages, sorted."""
    return sorted(row[0] for row in rows(database, "SELECT state FROM message"))


def reasons(database: Database) -> set[str | None]:
    """The reasons of all messages."""
    return {row[0] for row in rows(database, "SELECT reason FROM message")}
