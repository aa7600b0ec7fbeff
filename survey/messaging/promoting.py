"""From scheduled to queued: the first of two looks at whether a citizen may be written to now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal_column, select, update

from survey.counters import MESSAGES
from survey.database import Statement, Tx
from survey.keys import Keys
from survey.messaging import contact_policies, opt_outs
from survey.messaging.contact_policies import ContactIn
from survey.messaging.models import Message
from survey.messaging.outbox import URGENCIES, in_state
from survey.messaging.policy import Rules, earliest
from survey.models import Invitation, columns
from survey.phones import reachable

_m = columns(Message)
_i = columns(Invitation)
DUE = Statement(
    select(
        _m.agency_id,
        _m.id,
        _m.kind,
        _m.timezone,
        _m.expires_at,
        _i.state,
        _i.contact,
        _i.expires_at,
    )
    .outerjoin(Invitation, (_i.agency_id == _m.agency_id) & (_i.transaction_id == _m.transaction_id))
    .where(
        in_state("scheduled"),
        # All that is scheduled is equally urgent; said, it makes what is due one range of the index.
        _m.priority == literal_column(str(URGENCIES[1])),
        _m.not_before <= bindparam("now"),
    )
    .order_by(_m.not_before)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Message)
)
_BY_ID = (_m.agency_id == bindparam("of"), _m.id == bindparam("number"), in_state("scheduled"))
QUEUE = Statement(update(Message).where(*_BY_ID).values(state="queued", changed_at=bindparam("now")))
POSTPONE = Statement(update(Message).where(*_BY_ID).values(not_before=bindparam("due")))
SUPPRESS = Statement(
    update(Message)
    .where(*_BY_ID)
    .values(state="suppressed", reason=bindparam("why"), changed_at=bindparam("now"))
)


UNREADABLE_SECONDS = 3600
"""What cannot be read waits so long for somebody to mend it: it must neither be lost nor hold up others."""


class Promotion(NamedTuple):
    """Look at what is due at ``now``, at most ``most`` messages."""

    now: int
    most: int
    keys: Keys
    national: Rules


@dataclass(slots=True)
class _Due:
    """A message that is due, and what becomes of it: a reason against it, or a later moment."""

    agency_id: int
    id: int
    kind: str
    zone: str
    phone: str = ""
    against: str | None = None
    due: int = 0

    @property
    def by_id(self) -> dict[str, Any]:
        return {"of": self.agency_id, "number": self.id}


def promote(tx: Tx, promotions: Sequence[Promotion]) -> list[int]:
    """Queue what may be sent now, postpone what falls in quiet hours, suppress what may not; how many."""
    return [_promote(tx, promotion) for promotion in promotions]


def _promote(tx: Tx, promotion: Promotion) -> int:
    rows = tx.all(DUE, {"now": promotion.now, "most": promotion.most})
    due = [_read(row, promotion) for row in rows]
    agencies = sorted({item.agency_id for item in due})
    rules = contact_policies.read_known(tx, agencies, promotion.national)
    for item in due:
        _judge(item, rules.get(item.agency_id), promotion.now)
    _suppress_opted_out(tx, [item for item in due if item.against is None and item.phone], promotion.keys)
    ready = [item for item in due if item.against is None and not item.due]
    _suppress_capped(tx, ready, rules, promotion)
    _store(tx, due, promotion.now)
    return len(due)


def _read(row: Sequence[Any], promotion: Promotion) -> _Due:
    agency_id, number, kind, zone, expires_at, state, contact, open_until = row
    item = _Due(agency_id, number, kind, zone)
    if state == "answered":
        item.against = "answered"
    elif state != "open" or min(expires_at, open_until) <= promotion.now:
        item.against = "expired"
    elif contact is None:
        item.against = "no_number"
    else:
        try:
            item.phone = promotion.keys.open_contact(bytes(contact))
        except ValueError:  # sealed with a secret that is not among those of this process
            item.due = promotion.now + UNREADABLE_SECONDS
    return item


def _judge(item: _Due, rules: Rules | None, now: int) -> None:
    if item.against is not None or item.due:
        return
    if rules is None:
        item.due = now + UNREADABLE_SECONDS
        return
    item.against = reachable(item.phone, rules.countries)
    moment = earliest(rules, item.zone, now)
    item.due = moment if moment > now else 0


def _suppress_opted_out(tx: Tx, items: Sequence[_Due], keys: Keys) -> None:
    if not items:
        return
    digests = [keys.phone_digests(item.phone) for item in items]
    for item, opted_out in zip(items, opt_outs.find(tx, digests), strict=True):
        if opted_out:
            item.against = "opted_out"


def _suppress_capped(tx: Tx, ready: Sequence[_Due], rules: dict[int, Rules], promotion: Promotion) -> None:
    # A reminder belongs to an invitation that already counts.
    invited = [item for item in ready if item.against is None and item.kind == "invitation"]
    if not invited:
        return
    asked = [
        ContactIn(
            tuple(promotion.keys.phone_digests(item.phone)), promotion.now, rules[item.agency_id].cap_days
        )
        for item in invited
    ]
    for item, free in zip(invited, contact_policies.claim_contact(tx, asked), strict=True):
        if not free:
            item.against = "capped"


def _store(tx: Tx, due: Sequence[_Due], now: int) -> None:
    suppressed = [item for item in due if item.against is not None]
    postponed = [item for item in due if item.against is None and item.due]
    queued = [item for item in due if item.against is None and not item.due]
    tx.many(SUPPRESS, [{**item.by_id, "why": item.against, "now": now} for item in suppressed])
    tx.many(POSTPONE, [{**item.by_id, "due": item.due} for item in postponed])
    tx.many(QUEUE, [{**item.by_id, "now": now} for item in queued])
    for item in suppressed:
        MESSAGES.labels(item.kind, "suppressed").inc()
