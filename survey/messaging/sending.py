"""The two commits around a call to a provider.

``begin`` is committed before the call, per message: a worker that dies can leave only those messages in
doubt that it was calling about. ``finish`` says what the provider answered. A message in doubt is never
sent again on a guess: it waits for its report.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql

from survey.counters import ATTEMPTS, MESSAGES, SEGMENTS
from survey.database import Insertion, Statement, Tx
from survey.messaging import opt_outs
from survey.messaging.gateway import Verdict
from survey.messaging.models import Conversation, Message, MessageAttempt
from survey.messaging.opt_outs import OptingOut
from survey.messaging.outbox import Claimed
from survey.messaging.reminding import Silent, remind
from survey.messaging.states import PURGED, in_state
from survey.models import Invitation, columns

_m = columns(Message)
_i = columns(Invitation)
_HELD = (
    _m.agency_id == bindparam("of"),
    _m.id == bindparam("number"),
    _m.fence == bindparam("held"),
)
# A worker that was away for longer than its lease still knows what the provider answered.
_WAITING = in_state("sending", "unknown")
_STILL_OPEN = exists(
    select(literal_column("1"))
    .select_from(Invitation)
    .where(
        _i.agency_id == _m.agency_id,
        _i.transaction_id == _m.transaction_id,
        _i.state == "open",
        _i.expires_at > bindparam("now"),
    )
)
BEGIN = Statement(
    update(Message)
    .where(*_HELD, in_state("claimed"), or_(_m.transaction_id.is_(None), _STILL_OPEN))
    .values(
        state="sending",
        provider=bindparam("by"),
        attempts=_m.attempts + 1,
        segments=bindparam("parts"),
        lease_until=bindparam("until"),
        changed_at=bindparam("now"),
    )
    .returning(_m.attempts)
)
STOP = Statement(
    update(Message)
    .where(*_HELD, in_state("claimed"))
    .values(state="suppressed", reason=bindparam("why"), changed_at=bindparam("now"), **PURGED)
)
SUBMITTED = Statement(
    update(Message)
    .where(*_HELD, _WAITING)
    .values(
        state="submitted",
        provider_ref=bindparam("their_ref"),
        lease_until=None,
        changed_at=bindparam("now"),
        reason=None,
    )
    .returning(_m.id)
)
DELIVERED = Statement(
    update(Message)
    .where(*_HELD, _WAITING)
    .values(
        state="delivered",
        provider_ref=bindparam("their_ref"),
        changed_at=bindparam("now"),
        reason=None,
        **PURGED,
    )
    .returning(_m.id)
)
# A report that overtook the provider's own answer has moved the message on; only its name is still missing.
NAMED = Statement(
    update(Message).where(*_HELD, _m.provider_ref.is_(None)).values(provider_ref=bindparam("their_ref"))
)
AGAIN = Statement(
    update(Message)
    .where(*_HELD, _WAITING)
    .values(
        state="queued",
        not_before=bindparam("due"),
        lease_until=None,
        reason=bindparam("why"),
        changed_at=bindparam("now"),
    )
)
UNKNOWN = Statement(
    update(Message)
    .where(*_HELD, _WAITING)
    .values(state="unknown", lease_until=None, reason=bindparam("why"), changed_at=bindparam("now"))
)
ENDED = Statement(
    update(Message)
    .where(*_HELD, _WAITING)
    .values(state=bindparam("end"), reason=bindparam("why"), changed_at=bindparam("now"), **PURGED)
)
INSERT_ATTEMPT = Insertion(MessageAttempt)


def _open_conversation() -> Statement:
    """A new invitation replaces what was talked about before; a reminder of the same changes nothing."""
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in columns(Conversation)}
    added = postgresql.insert(Conversation).values(values)
    kept = columns(Conversation)
    return Statement(
        added.on_conflict_do_update(
            index_elements=["phone_digest"],
            set_={name: added.excluded[name] for name in values if name != "phone_digest"},
            where=kept.transaction_id.is_distinct_from(added.excluded.transaction_id),
        )
    )


OPEN_CONVERSATION = _open_conversation()


class Begin(NamedTuple):
    """About to hand a message to a provider; ``digests`` are those of its number, none for a reply."""

    message: Claimed
    provider: str
    segments: int
    digests: Sequence[bytes]
    lease_seconds: int
    now: int


class Finish(NamedTuple):
    """What a provider answered about a message, ``milliseconds`` after it was asked.

    ``retry_at`` is when a try that surely failed is made again, None when it was the last; ``remind_at``
    is when a silent citizen is reminded, None for never.
    """

    message: Claimed
    provider: str
    digests: Sequence[bytes]
    attempt: int
    segments: int
    verdict: Verdict
    provider_ref: str | None
    code: str
    delivered: bool
    retry_at: int | None
    remind_at: int | None
    milliseconds: int
    today: int
    now: int


def _by_id(message: Claimed) -> dict[str, Any]:
    return {"of": message.agency_id, "number": message.id, "held": message.fence}


def begin(tx: Tx, items: Sequence[Begin]) -> list[int]:
    """Mark each message as being sent; the number of the attempt, or 0 when it must not be sent.

    This is the second look at opt-outs and at whether the invitation is still open.
    """
    asked = [item for item in items if item.digests]
    refused = {
        id(item)
        for item, out in zip(asked, opt_outs.find(tx, [item.digests for item in asked]), strict=True)
        if out
    }
    going = [item for item in items if id(item) not in refused]
    rows = tx.each(BEGIN, [_beginning(item) for item in going]) if going else []
    begun = {id(item): row[0] for item, row in zip(going, rows, strict=True) if row is not None}
    for item in items:
        if id(item) not in begun:
            # Opted out, or the invitation has ended; no longer ours, and this touches nothing.
            _stop(tx, item, "opted_out" if id(item) in refused else "answered")
    tx.many(
        OPEN_CONVERSATION,
        [_talk(item) for item in going if id(item) in begun and item.message.transaction_id is not None],
    )
    return [begun.get(id(item), 0) for item in items]


def _beginning(item: Begin) -> dict[str, Any]:
    return {
        **_by_id(item.message),
        "by": item.provider,
        "parts": item.segments,
        "until": item.now + item.lease_seconds,
        "now": item.now,
    }


def _stop(tx: Tx, item: Begin, why: str) -> None:
    if tx.run(STOP, {**_by_id(item.message), "why": why, "now": item.now}):
        MESSAGES.labels(item.message.kind, "suppressed").inc()


def _talk(item: Begin) -> dict[str, Any]:
    message = item.message
    return {
        "phone_digest": item.digests[0],
        "state": "invited",
        "agency_id": message.agency_id,
        "transaction_id": message.transaction_id,
        "instrument": message.instrument,
        "language": message.language,
        "draft": None,
        "hints": 0,
        "last_text": None,
        "changed_at": item.now,
        "expires_at": message.open_until,
    }


class Suppression(NamedTuple):
    """A claimed message that may not be sent, and why."""

    message: Claimed
    why: str
    now: int


def suppress(tx: Tx, items: Sequence[Suppression]) -> list[bool]:
    """End claimed messages that may not be sent; whether each was still held."""
    ended = []
    for item in items:
        parameters = {**_by_id(item.message), "why": item.why, "now": item.now}
        ended.append(tx.run(STOP, parameters) == 1)
        MESSAGES.labels(item.message.kind, "suppressed").inc()
    return ended


def finish(tx: Tx, items: Sequence[Finish]) -> list[bool]:
    """Store what the provider answered; whether the message was still waiting for that."""
    tx.many(INSERT_ATTEMPT, [_attempt(item) for item in items])
    for item in items:
        ATTEMPTS.labels(item.provider, item.verdict.value).inc()
    accepted = [item for item in items if item.verdict is Verdict.ACCEPTED]
    waited = dict(zip(map(id, accepted), _accept(tx, accepted), strict=True))
    return [waited[id(item)] if id(item) in waited else _finish(tx, item) for item in items]


def _attempt(item: Finish) -> dict[str, Any]:
    return {
        "agency_id": item.message.agency_id,
        "message_id": item.message.id,
        "number": item.attempt,
        "provider": item.provider,
        "at": item.now,
        "outcome": item.verdict.value,
        "code": item.code[:64],
        "milliseconds": item.milliseconds,
    }


def _finish(tx: Tx, item: Finish) -> bool:
    by_id, now = _by_id(item.message), item.now
    if item.verdict is Verdict.UNKNOWN:
        return tx.run(UNKNOWN, {**by_id, "why": item.code[:64], "now": now}) == 1
    if item.verdict is Verdict.OPTED_OUT:
        opt_outs.add(tx, [OptingOut(item.digests[0], "provider", item.today)])
        return _end(tx, item, "suppressed", "opted_out")
    if item.verdict is Verdict.REJECTED:
        return _end(tx, item, "rejected", item.code[:64])
    if item.retry_at is None:
        return _end(tx, item, "gave_up", item.code[:64])
    return tx.run(AGAIN, {**by_id, "due": item.retry_at, "why": item.code[:64], "now": now}) == 1


def _accept(tx: Tx, items: Sequence[Finish]) -> list[bool]:
    waited: set[int] = set()
    for statement, delivered in ((SUBMITTED, False), (DELIVERED, True)):
        group = [item for item in items if item.delivered is delivered]
        rows = tx.each(statement, [_named(item) for item in group]) if group else []
        waited |= {id(item) for item, row in zip(group, rows, strict=True) if row is not None}
    tx.many(NAMED, [_named(item) for item in items if id(item) not in waited and item.provider_ref])
    for item in items:
        SEGMENTS.labels(item.message.kind).inc(item.segments)
        if item.delivered and id(item) in waited:
            MESSAGES.labels(item.message.kind, "delivered").inc()
    remind(
        tx,
        [Silent(item.message, item.remind_at, item.now) for item in items if item.remind_at is not None],
    )
    return [id(item) in waited for item in items]


def _named(item: Finish) -> dict[str, Any]:
    return {**_by_id(item.message), "their_ref": item.provider_ref, "now": item.now}


def _end(tx: Tx, item: Finish, end: str, why: str) -> bool:
    MESSAGES.labels(item.message.kind, end).inc()
    return tx.run(ENDED, {**_by_id(item.message), "end": end, "why": why, "now": item.now}) == 1
