"""What time does to messages: leases end, doubts end, reports that never come are not waited for."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update

from survey.counters import MESSAGES
from survey.database import Statement, Tx
from survey.messaging.models import Message, MessageAttempt, ProviderState
from survey.messaging.outbox import URGENCIES
from survey.messaging.states import PURGED, in_state
from survey.models import columns

DAY_SECONDS = 86_400
MONTH_SECONDS = 30 * DAY_SECONDS
KEEP_ATTEMPTS_SECONDS = 90 * DAY_SECONDS
KEEP_REPLIES_SECONDS = 3600
OVERLAP_SECONDS = 3600
"""What was looked at is looked at again for so long: clocks of several workers differ."""

_m = columns(Message)
# No lease is so long: the clock that made it was wrong.
_OVER = or_(_m.lease_until < bindparam("now"), _m.lease_until > bindparam("now") + DAY_SECONDS)
# Claimed but not begun: surely not sent, so another worker may take it.
UNCLAIM = Statement(
    update(Message)
    .where(in_state("claimed"), _OVER)
    .values(state="queued", lease_until=None, fence=0, changed_at=bindparam("now"))
)
# Begun, and the worker was never heard of again: in doubt.
DOUBT = Statement(
    update(Message)
    .where(in_state("sending"), _OVER)
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
    .values(state="gave_up", reason="no report", changed_at=bindparam("now"), **PURGED)
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
# The thanks hold a receipt beside a number: whoever has database and secret could join the two. They are
# kept for a provider's second thoughts, and no longer.
WIPE_REPLIES = Statement(
    update(Message)
    .where(
        in_state("submitted"),
        _m.kind == "reply",
        _m.contact.is_not(None),
        _m.changed_at <= bindparam("before"),
        _m.changed_at > bindparam("long_before"),
    )
    .values(contact=None, body=None)
)
TOO_LATE = Statement(
    update(Message)
    .where(
        in_state("scheduled", "queued"),
        _m.priority == bindparam("urgency"),
        _m.not_before <= bindparam("now"),
        _m.expires_at <= bindparam("now"),
    )
    .values(state="suppressed", reason="expired", changed_at=bindparam("now"), **PURGED)
)
# Every provider that was ever chosen has a row of its state; named, its index serves.
FORGET_ATTEMPTS = Statement(
    delete(MessageAttempt).where(
        columns(MessageAttempt).provider.in_(select(columns(ProviderState).name)),
        columns(MessageAttempt).at < bindparam("before"),
    )
)


class Rules(NamedTuple):
    """How long is waited: for reports of messages in doubt (s), and of those handed over (s).

    ``looked_at`` is when the latter were last looked through; 0: not yet.
    """

    now: int
    unknown_seconds: int
    unknown_policy: Literal["hold", "resend_once"]
    report_seconds: int
    looked_at: int = 0


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
    # Without reports everything that was handed over stays: that is not read through every time.
    long_before = max(waited - MONTH_SECONDS, rules.looked_at - rules.report_seconds - OVERLAP_SECONDS)
    unreported = tx.run(NO_REPORT, {"before": waited, "long_before": long_before})
    _wipe_replies(tx, rules)
    return moved + given_up + unreported + tx.run(TOO_LATE, {**now, "urgency": URGENCIES[0]})


def _wipe_replies(tx: Tx, rules: Rules) -> None:
    before = rules.now - KEEP_REPLIES_SECONDS
    long_before = max(before - MONTH_SECONDS, rules.looked_at - KEEP_REPLIES_SECONDS - OVERLAP_SECONDS)
    tx.run(WIPE_REPLIES, {"before": before, "long_before": long_before})


def end_late(tx: Tx, moments: Sequence[int]) -> list[int]:
    """End invitations' messages that were due and not sent before they expired; how many.

    For once in an hour: it reads everything that is due, and what is claimed is looked at anyway.
    """
    return [tx.run(TOO_LATE, {"now": now, "urgency": URGENCIES[1]}) for now in moments]


def forget_attempts(tx: Tx, moments: Sequence[int]) -> list[int]:
    """Delete the record of tries of long ago; how many."""
    return [tx.run(FORGET_ATTEMPTS, {"before": now - KEEP_ATTEMPTS_SECONDS}) for now in moments]
