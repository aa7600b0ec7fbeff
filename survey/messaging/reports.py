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
from survey.messaging.outbox import read_ref
from survey.messaging.states import PURGED, in_state
from survey.models import columns

MOST_ATTEMPTS = 8
RETRY_SECONDS = 60

_m = columns(Message)
_BY_ID = (_m.agency_id == bindparam("of"), _m.id == bindparam("number"))
_THEIRS = (*_BY_ID, _m.provider == bindparam("by"))
_FOUND = (_m.agency_id, _m.id, _m.kind, _m.attempts, _m.provider_ref)
FIND_BY_REF = Statement(select(*_FOUND).where(*_BY_ID))
FIND_BY_PROVIDER = Statement(
    select(*_FOUND).where(_m.provider == bindparam("by"), _m.provider_ref == bindparam("their_ref"))
)
DELIVERED = Statement(
    update(Message)
    .where(*_BY_ID, _m.state != "delivered")
    .values(state="delivered", reason=None, changed_at=bindparam("now"), **PURGED)
    .returning(_m.id)
)
SUBMITTED = Statement(
    update(Message)
    .where(*_THEIRS, in_state("sending", "unknown"))
    .values(state="submitted", reason=None, lease_until=None, changed_at=bindparam("now"))
    .returning(_m.id)
)
FAILED = Statement(
    update(Message)
    .where(*_THEIRS, in_state("sending", "submitted", "unknown", "gave_up"))
    .values(state=bindparam("end"), reason=bindparam("why"), changed_at=bindparam("now"), **PURGED)
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
    """Move each message on; False when there is no such message (yet).

    Of several about one message the order does not matter: first what was submitted, then what failed, last
    what was delivered, which stands.
    """
    known = [(report, found) for report, found in zip(reports, _find(tx, reports), strict=True) if found]
    _advance(tx, SUBMITTED, [one for one in known if one[0].status is Status.SUBMITTED])
    for report, found in known:
        if report.status not in (Status.SUBMITTED, Status.DELIVERED) and _failed(tx, report, found):
            _count(found, report.status)
    _advance(tx, DELIVERED, [one for one in known if one[0].status is Status.DELIVERED])
    found_of = {id(report) for report, _ in known}
    return [id(report) in found_of for report in reports]


def _advance(tx: Tx, statement: Statement, known: Sequence[tuple[ReportIn, Row]]) -> None:
    if not known:
        return
    moved = tx.each(statement, [_values(report, found) for report, found in known])
    for (report, found), row in zip(known, moved, strict=True):
        if row is not None:
            _count(found, report.status)


def _values(report: ReportIn, found: Row) -> dict[str, Any]:
    return {"of": found[0], "number": found[1], "by": report.provider, "now": report.now}


def _count(found: Row, status: Status) -> None:
    MESSAGES.labels(found[2], status.value).inc()


def _failed(tx: Tx, report: ReportIn, found: Row) -> int:
    _, _, _, attempts, provider_ref = found
    if attempts > 1 and provider_ref and report.provider_ref not in (None, provider_ref):
        return 0  # said late of an earlier try: another is on its way, and must not be followed by a third
    parameters = {**_values(report, found), "why": report.code[:64]}
    if report.status is Status.TEMPORARY:
        again = {**parameters, "later": report.now + RETRY_SECONDS}
        if moved := tx.run(AGAIN, again):
            return moved
        return tx.run(FAILED, {**parameters, "end": "undelivered"})
    return tx.run(FAILED, {**parameters, "end": report.status.value})


def _find(tx: Tx, reports: Sequence[ReportIn]) -> list[Row | None]:
    """The message of each report, by our reference where the provider gives it, else by theirs."""
    found: dict[int, Row | None] = {}
    ours = {id(report): read_ref(report.ref) if report.ref else None for report in reports}
    by_ref = [(id(report), ref) for report in reports if (ref := ours[id(report)]) is not None]
    by_theirs = [report for report in reports if ours[id(report)] is None and report.provider_ref]
    if by_ref:
        rows = tx.each(FIND_BY_REF, [{"of": ref[0], "number": ref[1]} for _, ref in by_ref])
        found.update(zip((key for key, _ in by_ref), rows, strict=True))
    if by_theirs:
        rows = tx.each(
            FIND_BY_PROVIDER,
            [{"by": report.provider, "their_ref": report.provider_ref} for report in by_theirs],
        )
        found.update(zip(map(id, by_theirs), rows, strict=True))
    return [found.get(id(report)) for report in reports]
