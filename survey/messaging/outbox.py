"""The outbox: what is to be sent, since the transaction that decided it.

A message about an invitation holds neither number nor text. Both are read from the invitation when it is
sent, so an answered or expired invitation cannot be written about by mistake. A reply holds both, sealed,
until it has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import bindparam, func, literal_column, select, tuple_, update

from survey import tokens
from survey.database import Insertion, Statement, Tx
from survey.keys import Keys
from survey.messaging.models import INSTALLATION, Message
from survey.messaging.states import in_state as in_state
from survey.models import Agency, Invitation, Service, ServiceUnit, columns

REPLY_SECONDS = 12 * 3600
"""A reply that could not be sent for so long is not sent any more: nobody remembers the question."""

URGENCIES = (0, 1)
"""Replies, then what is written unasked. Each is asked for by itself: only so is what is due one range of the
index, however much waits for its time beside it."""

_m = columns(Message)
_i = columns(Invitation)
INSERT = Insertion(Message)


_DUE = (in_state("queued"), _m.priority == bindparam("urgency"), _m.not_before <= bindparam("now"))
# The most urgent first, skipping what another worker holds. PostgreSQL never merges a locking part into the
# rest, so the limit holds.
_CHOSEN: Any = (
    select(_m.agency_id, _m.id)
    .where(*_DUE)
    .order_by(_m.not_before)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("chosen")
)
CLAIM = Statement(
    update(Message)
    .where(tuple_(_m.agency_id, _m.id).in_(select(_CHOSEN.c.agency_id, _CHOSEN.c.id)))
    .values(
        state="claimed",
        fence=bindparam("new_fence"),
        lease_until=bindparam("until"),
        changed_at=bindparam("now"),
    )
    .returning(_m.agency_id, _m.id)
)
_WAITING = select(literal_column("1").label("one")).where(*_DUE).limit(bindparam("most")).subquery()
COUNT_DUE = Statement(select(func.count()).select_from(_WAITING))
LOAD = Statement(
    select(
        _m.kind,
        _m.timezone,
        _m.expires_at,
        _m.contact,
        _m.body,
        _m.attempts,
        _m.provider,
        _m.transaction_id,
        _i.state,
        _i.contact,
        _i.language,
        _i.instrument,
        _i.expires_at,
        columns(ServiceUnit).name,
        columns(Service).name,
        columns(Agency).code,
    )
    .select_from(Message)
    .outerjoin(Invitation, (_i.agency_id == _m.agency_id) & (_i.transaction_id == _m.transaction_id))
    .outerjoin(
        ServiceUnit,
        (columns(ServiceUnit).agency_id == _i.agency_id) & (columns(ServiceUnit).id == _i.unit_id),
    )
    .outerjoin(Service, (columns(Service).agency_id == _i.agency_id) & (columns(Service).id == _i.service_id))
    .outerjoin(Agency, columns(Agency).id == _i.agency_id)
    .where(_m.agency_id == bindparam("of"), _m.id == bindparam("number"))
)
RELEASE = Statement(
    update(Message)
    .where(
        _m.agency_id == bindparam("of"),
        _m.id == bindparam("number"),
        _m.fence == bindparam("held"),
        in_state("claimed"),
    )
    .values(state="queued", lease_until=None, not_before=bindparam("due"), changed_at=bindparam("now"))
)


class Invited(NamedTuple):
    """An invitation whose citizen is to be written to; times are UTC epoch seconds."""

    agency_id: int
    transaction_id: int
    timezone: str
    not_before: int
    expires_at: int
    now: int
    kind: Literal["invitation", "reminder"] = "invitation"


class ReplyOut(NamedTuple):
    """An answer to somebody's own message; `phone` is E.164."""

    keys: Keys
    phone: str
    text: str
    now: int


class Claim(NamedTuple):
    """Ask for messages to send until ``now + lease_seconds``; ``fence`` is a fresh random number."""

    now: int
    most: int
    lease_seconds: int
    fence: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this worker may send, with everything its text is made of.

    Of a message about an invitation, ``contact``, ``language`` and ``instrument`` are the invitation's and
    ``open_until`` is its end, 0 when it has ended.
    """

    agency_id: int
    id: int
    fence: int
    kind: str
    timezone: str | None
    expires_at: int
    contact: bytes | None
    body: bytes | None
    attempts: int
    provider: str | None
    transaction_id: int | None
    language: str
    instrument: str
    open_until: int
    unit: str
    service: str
    agency: str

    @property
    def ref(self) -> str:
        """How providers name the message when they report."""
        return ref_of(self.agency_id, self.id)


def ref_of(agency_id: int, message_id: int) -> str:
    """The public reference of a message; says nothing about anybody."""
    return f"{agency_id}-{message_id:x}"


def read_ref(text: str) -> tuple[int, int] | None:
    """Agency and message of a reference, or None when it cannot be one of ours."""
    agency, dash, number = text.partition("-")
    if not dash or not agency.isascii() or not agency.isdigit() or len(agency) > 9 or len(number) > 16:
        return None
    try:
        found = int(number, 16)
    except ValueError:
        return None
    return (int(agency), found) if 0 <= found < 1 << 63 and f"{found:x}" == number else None


def _row(**known: Any) -> dict[str, Any]:
    return {
        "transaction_id": None,
        "timezone": None,
        "contact": None,
        "body": None,
        "segments": 0,
        "attempts": 0,
        "resent": 0,
        "provider": None,
        "provider_ref": None,
        "fence": 0,
        "lease_until": None,
        "reason": None,
        **known,
    }


def enqueue_invitations(tx: Tx, invited: Sequence[Invited]) -> None:
    """Schedule the messages of invitations, in the transaction that makes or reminds of them."""
    tx.many(
        INSERT,
        [
            _row(
                agency_id=item.agency_id,
                id=tokens.draw_id(),
                kind=item.kind,
                transaction_id=item.transaction_id,
                timezone=item.timezone,
                state="scheduled",
                priority=URGENCIES[1],
                not_before=item.not_before,
                expires_at=item.expires_at,
                changed_at=item.now,
            )
            for item in invited
        ],
    )


def enqueue_replies(tx: Tx, replies: Sequence[ReplyOut]) -> None:
    """Queue replies, before everything else and at any hour: somebody is waiting for each."""
    tx.many(
        INSERT,
        [
            _row(
                agency_id=INSTALLATION,
                id=tokens.draw_id(),
                kind="reply",
                state="queued",
                priority=URGENCIES[0],
                not_before=reply.now,
                expires_at=reply.now + REPLY_SECONDS,
                contact=reply.keys.seal_contact(reply.phone),
                body=reply.keys.seal_text(reply.text),
                changed_at=reply.now,
            )
            for reply in replies
        ],
    )


class Due(NamedTuple):
    """How many messages are due at ``now``, counted up to ``most``."""

    now: int
    most: int


def count_due(tx: Tx, items: Sequence[Due]) -> list[int]:
    """How many messages are due, up to as many as are asked for."""
    return [min(item.most, sum(_count_due(tx, item, urgency) for urgency in URGENCIES)) for item in items]


def _count_due(tx: Tx, item: Due, urgency: int) -> int:
    row = tx.one(COUNT_DUE, {"now": item.now, "most": item.most, "urgency": urgency})
    return 0 if row is None else int(row[0])


def claim(tx: Tx, claims: Sequence[Claim]) -> list[list[Claimed]]:
    """Take messages that are due, for a while; no other worker gets them before the lease is over."""
    return [_claim(tx, asked) for asked in claims]


def _claim(tx: Tx, asked: Claim) -> list[Claimed]:
    taken: list[Any] = []
    for urgency in URGENCIES:
        parameters = {
            "now": asked.now,
            "most": asked.most - len(taken),
            "until": asked.now + asked.lease_seconds,
            "new_fence": asked.fence,
            "urgency": urgency,
        }
        if parameters["most"] > 0:
            taken += tx.all(CLAIM, parameters)
    rows = tx.each(LOAD, [{"of": agency_id, "number": number} for agency_id, number in taken])
    return [
        _claimed(agency_id, number, asked.fence, row)
        for (agency_id, number), row in zip(taken, rows, strict=True)
        if row is not None
    ]


def _claimed(agency_id: int, number: int, fence: int, row: Sequence[Any]) -> Claimed:
    (kind, zone, expires_at, contact, body, attempts, provider, transaction_id, *invitation) = row
    state, invited, language, instrument, open_until, unit, service, agency = invitation
    sealed = contact if kind == "reply" else invited
    return Claimed(
        agency_id=agency_id,
        id=number,
        fence=fence,
        kind=kind,
        timezone=zone,
        expires_at=expires_at,
        contact=bytes(sealed) if sealed else None,
        body=bytes(body) if body else None,
        attempts=attempts,
        provider=provider,
        transaction_id=transaction_id,
        language=language or "",
        instrument=instrument or "",
        open_until=open_until if state == "open" else 0,
        unit=unit or "",
        service=service or "",
        agency=agency or "",
    )


class Release(NamedTuple):
    """Give a claimed message back, to be taken again at ``due``."""

    message: Claimed
    due: int
    now: int


def release(tx: Tx, items: Sequence[Release]) -> list[bool]:
    """Give claimed messages back; whether each was still held."""
    return [
        tx.run(
            RELEASE,
            {
                "of": item.message.agency_id,
                "number": item.message.id,
                "held": item.message.fence,
                "due": item.due,
                "now": item.now,
            },
        )
        == 1
        for item in items
    ]
