"""Messages that need eyes, and sending one of them again.

A message in doubt may have reached its citizen: who sends it again says so. Nothing here shows a number or a
text; a message is named by its reference.

Indexes: ``message_leased`` for the stuck, ``message_waiting`` for those in doubt, ``message_ended`` for the
others, each kind for itself; then every message by its primary key.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal_column, select, update

from survey.counters import MESSAGES
from survey.database import Row, Statement, Tx
from survey.messaging.backlog import LEASED_STATES, ended_as
from survey.messaging.models import MESSAGE_KINDS, Message
from survey.messaging.outbox import read_ref, ref_of
from survey.messaging.states import in_state
from survey.models import Agency, Invitation, columns

MOST_LISTED = 50
LISTED_SECONDS = 7 * 86_400
"""What ended longer ago is no longer anybody's trouble."""
ENDED_BADLY = ("gave_up", "rejected", "undelivered")
RETRIABLE = ("unknown", *ENDED_BADLY, "expired")

_m = columns(Message)
_i = columns(Invitation)
_agency = columns(Agency)

STUCK = Statement(
    select(_m.agency_id, _m.id)
    .where(in_state(*LEASED_STATES), _m.lease_until < bindparam("now"))
    .order_by(_m.lease_until)
    .limit(bindparam("most"))
)
IN_DOUBT = Statement(
    select(_m.agency_id, _m.id)
    .where(in_state("unknown"))
    .order_by(_m.changed_at.desc())
    .limit(bindparam("most"))
)
ENDED = tuple(
    Statement(
        select(_m.agency_id, _m.id, _m.changed_at)
        .where(
            ended_as(state),
            _m.kind == literal_column(f"'{kind}'"),
            _m.changed_at > bindparam("since"),
        )
        .order_by(_m.changed_at.desc())
        .limit(bindparam("most"))
    )
    for state in ENDED_BADLY
    for kind in MESSAGE_KINDS
)
LOOK = Statement(
    select(
        _m.agency_id,
        _m.id,
        _m.kind,
        _m.state,
        _m.changed_at,
        _m.expires_at,
        _m.provider,
        _m.attempts,
        _m.resent,
        _m.reason,
        (_m.contact.is_not(None) & _m.body.is_not(None)).label("kept"),
        _i.state.label("invitation"),
        _i.expires_at.label("open_until"),
        _i.contact.is_not(None).label("known"),
        _agency.code,
    )
    .select_from(Message)
    .outerjoin(Invitation, (_i.agency_id == _m.agency_id) & (_i.transaction_id == _m.transaction_id))
    .outerjoin(Agency, _agency.id == _m.agency_id)
    .where(_m.agency_id == bindparam("of"), _m.id == bindparam("number"))
)
AGAIN = Statement(
    update(Message)
    .where(
        _m.agency_id == bindparam("of"),
        _m.id == bindparam("number"),
        _m.state == bindparam("seen"),
        _m.changed_at == bindparam("seen_at"),
    )
    .values(
        state="queued",
        not_before=bindparam("now"),
        resent=bindparam("now_resent"),
        reason="retried",
        changed_at=bindparam("now"),
    )
)


class Retried(StrEnum):
    """What came of asking to send a message again; only ``queued`` changed anything."""

    QUEUED = "queued"
    CONFIRM = "confirm"
    """The citizen may have it already: ask again with ``twice``."""
    NO_SUCH = "no_such"
    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"
    ANSWERED = "answered"
    CLOSED = "closed"
    """Its invitation has expired, or nobody waits for the reply any more."""
    WIPED = "wiped"
    """The number, or the text of a reply, is no longer kept."""


class Retry(NamedTuple):
    """Send the message of a reference again at ``now``; ``twice``: also when it may arrive a second time."""

    ref: str
    now: int
    twice: bool = False


class Asked(NamedTuple):
    """Ask for the messages that need eyes at ``now`` (UTC epoch s), at most ``most``."""

    now: int
    most: int = MOST_LISTED


class Troubled(NamedTuple):
    """A message that needs eyes.

    ``since`` is UTC epoch s; ``agency`` a code, None for a reply; ``stuck``: its worker is gone. ``verdict``
    is what asking to send it again would give: ``queued``, ``confirm``, or why not.
    """

    ref: str
    kind: str
    agency: str | None
    state: str
    stuck: bool
    since: int
    provider: str | None
    attempts: int
    reason: str | None
    verdict: Retried


class _Found(NamedTuple):
    """A row of ``LOOK``."""

    agency_id: int
    id: int
    kind: str
    state: str
    changed_at: int
    expires_at: int
    provider: str | None
    attempts: int
    resent: int
    reason: str | None
    kept: bool
    invitation: str | None
    open_until: int | None
    known: bool
    agency: str | None

    @property
    def doubtful(self) -> bool:
        """Whether its citizen may have it already."""
        # What was sent again while in doubt stays doubtful: a later refusal says nothing of the earlier try.
        return self.state == "unknown" or self.reason == "no report" or bool(self.resent)


def list_troubled(tx: Tx, items: Sequence[Asked]) -> list[list[Troubled]]:
    """What is stuck or in doubt, then what ended badly in the last seven days, each the latest first."""
    return [_list(tx, asked) for asked in items]


def look(tx: Tx, retries: Sequence[Retry]) -> list[Troubled | None]:
    """The messages of references as they are, None for one that is not known."""
    return [
        None if (found := _find(tx, retry.ref)) is None else _troubled(found, retry.now) for retry in retries
    ]


def retry(tx: Tx, retries: Sequence[Retry]) -> list[Retried]:
    """Queue messages again, each if it may be; a message that moves on meanwhile is left alone."""
    return [_retry(tx, one) for one in retries]


def _list(tx: Tx, asked: Asked) -> list[Troubled]:
    most = {"most": asked.most}
    open_ones = [*tx.all(STUCK, {**most, "now": asked.now}), *tx.all(IN_DOUBT, most)][: asked.most]
    since = {**most, "since": asked.now - LISTED_SECONDS}
    ended = [row for statement in ENDED for row in tx.all(statement, since)]
    ended.sort(key=lambda row: (-row[2], row[:2]))
    chosen = [*open_ones, *ended[: asked.most - len(open_ones)]]
    rows = tx.each(LOOK, [{"of": row[0], "number": row[1]} for row in chosen]) if chosen else []
    return [_troubled(_Found(*row), asked.now) for row in rows if row is not None]


def _find(tx: Tx, ref: str) -> _Found | None:
    named = read_ref(ref)
    row: Row | None = None
    if named is not None:
        row = tx.one(LOOK, {"of": named[0], "number": named[1]})
    return None if row is None else _Found(*row)


def _troubled(found: _Found, now: int) -> Troubled:
    return Troubled(
        ref=ref_of(found.agency_id, found.id),
        kind=found.kind,
        agency=found.agency,
        state=found.state,
        stuck=found.state in LEASED_STATES,
        since=found.changed_at,
        provider=found.provider,
        attempts=found.attempts,
        reason=found.reason,
        verdict=_judge(found, now),
    )


def _judge(found: _Found, now: int) -> Retried:
    if found.state in ("delivered", "suppressed"):
        return Retried(found.state)
    if found.state not in RETRIABLE:
        return Retried.ON_ITS_WAY
    against = _against(found, now)
    return against or (Retried.CONFIRM if found.doubtful else Retried.QUEUED)


def _against(found: _Found, now: int) -> Retried | None:
    """Why a citizen is not written to again, if so."""
    if found.kind == "reply":
        kept, until = found.kept, found.expires_at
    elif found.invitation == "answered":
        return Retried.ANSWERED
    else:
        open_until = found.open_until or 0 if found.invitation == "open" else 0
        kept, until = found.known or not open_until, min(found.expires_at, open_until)
    if not kept:
        return Retried.WIPED
    return Retried.CLOSED if until <= now else None


def _retry(tx: Tx, asked: Retry) -> Retried:
    found = _find(tx, asked.ref)
    if found is None:
        return Retried.NO_SUCH
    verdict = _judge(found, asked.now)
    if verdict is Retried.CONFIRM and asked.twice:
        verdict = Retried.QUEUED
    if verdict is not Retried.QUEUED:
        return verdict
    parameters: dict[str, Any] = {
        "of": found.agency_id,
        "number": found.id,
        "seen": found.state,
        "seen_at": found.changed_at,
        "now": asked.now,
        # What may have arrived once is never sent yet again without being asked.
        "now_resent": int(found.doubtful),
    }
    if not tx.run(AGAIN, parameters):
        return Retried.ON_ITS_WAY
    MESSAGES.labels(found.kind, "retried").inc()
    return Retried.QUEUED
