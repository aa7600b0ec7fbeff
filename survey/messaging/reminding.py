"""Scheduling the one reminder of an invitation, in the transaction that says it was handed over."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from survey.database import Statement, Tx
from survey.messaging.models import Message
from survey.messaging.outbox import Claimed, Invited, enqueue_invitations
from survey.models import columns

_m = columns(Message)
REMINDED = Statement(
    select(func.count())
    .select_from(Message)
    .where(
        _m.agency_id == bindparam("of"),
        _m.transaction_id == bindparam("about"),
        _m.kind == "reminder",
    )
)


class Silent(NamedTuple):
    """A message that was handed over at ``now``, and when its citizen is reminded, if silent until then."""

    message: Claimed
    at: int
    now: int


def remind(tx: Tx, items: Sequence[Silent]) -> None:
    """Schedule the reminders of invitations that have none and are still open then."""
    due = [item for item in items if item.message.kind == "invitation" and item.at < item.message.open_until]
    if not due:
        return
    about = [{"of": item.message.agency_id, "about": item.message.transaction_id} for item in due]
    enqueue_invitations(
        tx,
        [
            Invited(
                message.agency_id,
                message.transaction_id,
                message.timezone or "UTC",
                at,
                message.open_until,
                now,
                "reminder",
            )
            for (message, at, now), row in zip(due, tx.each(REMINDED, about), strict=True)
            if message.transaction_id is not None and row is not None and row[0] == 0
        ],
    )
