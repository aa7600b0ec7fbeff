"""What time does to messages: leases end, doubts end, reports that never come are not waited for."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, delete, update

from survey.counters import MESSAGES
from survey.database import Statement, Tx
from survey.messaging.models import Message, MessageAttempt
from survey.messaging.outbox import in_state
from survey.models import columns

MONTH_SECONDS = 30 * 86_400
KEEP_ATTEMPTS_SECONDS = 90 * 86_400

_m = columns(Message)
_PURGED = {"contact": None, "body": None, "lease_until": None}
# Claimed but not begun: surely not sent, so another worker may take it.
UNCLAIM = Statement(
    update(Message)
    .where(in_state("claimed"), _m.lease_until < bindparam("now"))
    .values(state="queued", lease_until=None, fence=0, changed_at=bindparam("now"))
)
# Begun, and the worker was never heard of again: in doubt.
DOUBT = Statement(
    update(Message)
    .where(in_state("sending"), _m.lease_until < bindparam("now"))
    .values(state="unknown", lease_until=None, reason="worker lost", changed_at=bindparam("now"))
)
RESEND = Statement(
    update(Message)
    .where(in_state("unknown"), _m.changed_at <= bindparam("before"), _m.resent == 0)
    .values(state="queued", not_before=bindparam("now"), resent=1, changed_at=bindparam("now"))
)
GIVE_UP = Statement(
    update(Message)
    .where(in_state("unknown"), _m.changed_at <= bindparam("before"))
    .values(state="gave_up", reason="no report", changed_at=bindparam("now"), **_PURGED)
)
# Handed over, but nobody ever reported: not a failure, and nothing to wait for.
NO_REPORT = Statement(
    update(Message)
    .where(
        in_state("submitted"),
        _m.changed_at <= bindparam("before"),
        _m.changed_at > bindparam("long_before"),
        _m.reason.is_(None),
    )
    .values(reason="no report", contact=None, body=None)
)
TOO_LATE = Statement(
    update(Message)
    .where(in_state("scheduled", "queued"), _m.expires_at <= bindparam("now"))
    .values(state="suppressed", reason="expired", changed_at=bindparam("now"), **_PURGED)
)
FORGET_ATTEMPTS = Statement(delete(MessageAttempt).where(columns(MessageAttempt).at < bindparam("before")))


class Rules(NamedTuple):
    """How long is waited: for reports of messages in doubt (s), and of those handed over (s)."""

    now: int
    unknown_seconds: int
    unknown_policy: Literal["hold", "resend_once"]
    report_seconds: int


def reap(tx: Tx, items: Sequence[Rules]) -> list[int]:
    """Move on what has waited long enough; how many messages that were."""
    return [_reap(tx, rules) for rules in items]


def _reap(tx: Tx, rules: Rules) -> int:
    now = {"now": rules.now}
    moved = tx.run(UNCLAIM, now) + tx.run(DOUBT, now)
    doubtful = {**now, "before": rules.now - rules.unknown_seconds}
    if rules.unknown_policy == "resend_once":
        moved += tx.run(RESEND, doubtful)
    given_up = tx.run(GIVE_UP, doubtful)
    MESSAGES.labels("any", "gave_up").inc(given_up)
    waited = rules.now - rules.report_seconds
    unreported = tx.run(NO_REPORT, {"before": waited, "long_before": waited - MONTH_SECONDS})
    return moved + given_up + unreported + tx.run(TOO_LATE, now)


def forget_attempts(tx: Tx, moments: Sequence[int]) -> list[int]:
    """Delete the record of tries of long ago; how many."""
    return [tx.run(FORGET_ATTEMPTS, {"before": now - KEEP_ATTEMPTS_SECONDS}) for now in moments]
