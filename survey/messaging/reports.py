"""Delivery reports: what became of a message, in whatever order providers tell it.

A message only moves forward: a report that comes twice, late or after a better one changes nothing.
"Delivered" is believed from any provider that had the message; a failure only from the one that has it
now, since another may be carrying it by then.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, select, update

from survey.counters import MESSAGES
from survey.database import Row, Statement, Tx
from survey.messaging.incoming import Status
from survey.messaging.models import Message
from survey.messaging.outbox import in_state, read_ref
from survey.models import columns

MOST_ATTEMPTS = 8
RETRY_SECONDS = 60

_m = columns(Message)
_BY_ID = (_m.agency_id == bindparam("of"), _m.id == bindparam("number"))
_THEIRS = (*_BY_ID, _m.provider == bindparam("by"))
_PURGED = {"contact": None, "body": None, "lease_until": None}
_FOUND = (_m.agency_id, _m.id, _m.kind, _m.attempts, _m.provider_ref)
FIND_BY_REF = Statement(select(*_FOUND).where(*_BY_ID))
FIND_BY_PROVIDER = Statement(
    select(*_FOUND).where(_m.provider == bindparam("by"), _m.provider_ref == bindparam("their_ref"))
)
DELIVERED = Statement(
    update(Message)
    .where(*_BY_ID, _m.state != "delivered")
    .values(state="delivered", reason=None, changed_at=bindparam("now"), **_PURGED)
)
SUBMITTED = Statement(
    update(Message)
    .where(*_THEIRS, in_state("sending", "unknown"))
    .values(state="submitted", reason=None, lease_until=None, changed_at=bindparam("now"))
)
FAILED = Statement(
    update(Message)
    .where(*_THEIRS, in_state("sending", "submitted", "unknown", "gave_up"))
    .values(state=bindparam("end"), reason=bindparam("why"), changed_at=bindparam("now"), **_PURGED)
)
# Surely not delivered, and by no fault of the number: another provider may carry it.
AGAIN = Statement(
    update(Message)
    .where(
        *_THEIRS,
        in_state("sending", "submitted", "unknown"),
        _m.attempts < MOST_ATTEMPTS,
    )
    .values(
        state="queued",
        reason=bindparam("why"),
        not_before=case((_m.attempts < 2, bindparam("now")), else_=bindparam("later")),
        lease_until=None,
        changed_at=bindparam("now"),
    )
)


class ReportIn(NamedTuple):
    """What a provider says of a message, named by our reference, by theirs, or by both."""

    provider: str
    ref: str | None
    provider_ref: str | None
    status: Status
    code: str
    now: int


def apply_reports(tx: Tx, reports: Sequence[ReportIn]) -> list[bool]:
    """Move each message on; False when there is no such message (yet)."""
    return [_apply(tx, report) for report in reports]


def _apply(tx: Tx, report: ReportIn) -> bool:
    found = _find(tx, report)
    if found is None:
        return False
    agency_id, number, kind, attempts, provider_ref = found
    parameters: dict[str, Any] = {"of": agency_id, "number": number, "now": report.now}
    if report.status is Status.DELIVERED:
        moved = tx.run(DELIVERED, parameters)
    elif report.status is Status.SUBMITTED:
        moved = tx.run(SUBMITTED, {**parameters, "by": report.provider})
    elif attempts > 1 and provider_ref and report.provider_ref not in (None, provider_ref):
        moved = 0  # said late of an earlier try: another is on its way, and must not be followed by a third
    else:
        moved = _failed(tx, report, {**parameters, "by": report.provider, "why": report.code[:64]})
    if moved:
        MESSAGES.labels(kind, report.status.value).inc()
    return True


def _failed(tx: Tx, report: ReportIn, parameters: dict[str, Any]) -> int:
    if report.status is Status.TEMPORARY:
        again = {**parameters, "later": report.now + RETRY_SECONDS}
        if moved := tx.run(AGAIN, again):
            return moved
        return tx.run(FAILED, {**parameters, "end": "undelivered"})
    return tx.run(FAILED, {**parameters, "end": report.status.value})


def _find(tx: Tx, report: ReportIn) -> Row | None:
    ours = read_ref(report.ref) if report.ref else None
    if ours is not None:
        return tx.one(FIND_BY_REF, {"of": ours[0], "number": ours[1]})
    if report.provider_ref:
        return tx.one(FIND_BY_PROVIDER, {"by": report.provider, "their_ref": report.provider_ref})
    return None
