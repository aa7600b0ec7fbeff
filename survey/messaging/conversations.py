"""What is remembered of a conversation with a number, and for how long.

A conversation is known by the number's keyed digest. While it is open it knows its invitation and keeps the
answers given so far, sealed. When it ends it forgets both; of one that was answered, also the agency, and
soon when that was and in which language: of an answer nobody is to know more than the response itself says.
It also ends at a full day, since the second at which an invitation ends would tell which one it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, case, delete, exists, literal_column, select, update

from survey.database import Insertion, Row, Statement, Tx
from survey.i18n import DEFAULT_LANGUAGE
from survey.keys import Keys
from survey.messaging.models import INSTALLATION, Conversation
from survey.models import Agency, Invitation, ServiceUnit, columns

DAY_SECONDS = 86_400
KEEP_CLOSED_SECONDS = 14 * DAY_SECONDS
"""How long somebody who answers too late is still told so."""
BLUR_SECONDS = 60
"""The time of an answer is kept at least so long, to know what was sent twice."""
SLICES = 60
"""In how many turns, one a minute, all conversations are looked at: in one they would hold up answers."""
MINUTE = 60

_c = columns(Conversation)
_i = columns(Invitation)
_a = columns(Agency)
_u = columns(ServiceUnit)
_KEPT = ("state", "agency_id", "transaction_id", "instrument", "language", "draft", "hints", "last_text")
_TIMES = ("changed_at", "expires_at")
_EMPTIED = {
    "state": "ended",
    "transaction_id": None,
    "instrument": "",
    "draft": None,
    "hints": 0,
    "last_text": None,
    "changed_at": 0,
}
# The language of an invitation goes with its answer, here as there.
_NO_LANGUAGE: ColumnElement[str] = literal_column(f"'{DEFAULT_LANGUAGE}'")

# Locked, so that of two messages that come at once the second sees what the first has changed.
FIND = Statement(
    select(
        _c.phone_digest,
        *(_c[name] for name in (*_KEPT, *_TIMES)),
        _i.state,
        _i.expires_at,
        _i.token_digest,
        _a.name,
        _u.name,
    )
    .select_from(Conversation)
    .outerjoin(Invitation, (_i.agency_id == _c.agency_id) & (_i.transaction_id == _c.transaction_id))
    .outerjoin(Agency, _a.id == _c.agency_id)
    .outerjoin(ServiceUnit, (_u.agency_id == _i.agency_id) & (_u.id == _i.unit_id))
    .where(_c.phone_digest == bindparam("of"))
    .with_for_update(of=Conversation)
)
STORE = Statement(
    update(Conversation)
    .where(_c.phone_digest == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in (*_KEPT, *_TIMES)})
)
ADD = Insertion(Conversation)
_OPEN = _c.state.in_([literal_column("'invited'"), literal_column("'asking'")])
DELETE = Statement(delete(Conversation).where(~_OPEN, _c.expires_at <= bindparam("now")))
# Digests are spread evenly, so their first bytes cut the table into equal parts.
_IN_SLICE = (_c.phone_digest >= bindparam("low"), _c.phone_digest < bindparam("high"))
CLOSE = Statement(
    update(Conversation)
    .where(_OPEN, _c.expires_at <= bindparam("now"))
    .values(**_EMPTIED, expires_at=bindparam("until"))
)
ANSWERED = Statement(
    update(Conversation)
    .where(
        *_IN_SLICE,
        _OPEN,
        exists(
            select(literal_column("1"))
            .select_from(Invitation)
            .where(
                _i.agency_id == _c.agency_id,
                _i.transaction_id == _c.transaction_id,
                _i.state == "answered",
            )
        ),
    )
    .values(
        **_EMPTIED,
        agency_id=INSTALLATION,
        language=_NO_LANGUAGE,
        expires_at=_c.expires_at + (DAY_SECONDS - _c.expires_at % DAY_SECONDS) % DAY_SECONDS,
    )
)
BLUR = Statement(
    update(Conversation)
    .where(*_IN_SLICE, ~_OPEN, _c.changed_at > 0, _c.changed_at <= bindparam("before"))
    .values(
        changed_at=0,
        language=case(
            ((_c.state == "ended") & (_c.agency_id == INSTALLATION), _NO_LANGUAGE), else_=_c.language
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored about a number; times are UTC epoch seconds.

    ``draft`` holds the answers by element, None for a skipped question. ``open_until`` is the end of its
    invitation, 0 where that is no longer open, ``answered`` whether it, or the conversation, was answered.
    """

    phone_digest: bytes
    state: str
    language: str
    expires_at: int
    agency_id: int = INSTALLATION
    transaction_id: int | None = None
    instrument: str = ""
    draft: dict[str, int | None] | None = None
    hints: int = 0
    last_text: bytes | None = None
    changed_at: int = 0
    open_until: int = 0
    answered: bool = False
    token_digest: bytes = b""
    agency: str = ""
    unit: str = ""

    @property
    def language_known(self) -> bool:
        """Whether ``language`` still is that of the citizen; soon after an answer it is wiped."""
        return not (self.state == "ended" and self.agency_id == INSTALLATION and self.changed_at == 0)


def end_of_day(at: int) -> int:
    """The end of the day (UTC) of an epoch second; of a whole day the day itself."""
    return at + -at % DAY_SECONDS


def find(tx: Tx, keys: Keys, digests: Sequence[bytes]) -> Kept | None:
    """What is stored about a number, by any of its digests; on PostgreSQL locked until the commit."""
    for digest in digests:
        row = tx.one(FIND, {"of": digest})
        if row is not None:
            return _kept(row, keys)
    return None


def _kept(row: Row, keys: Keys) -> Kept:
    digest, state, agency_id, transaction_id, instrument, language, draft, hints, last_text, *rest = row
    changed_at, expires_at, invitation, open_until, token_digest, agency, unit = rest
    return Kept(
        phone_digest=bytes(digest),
        state=state,
        language=language,
        expires_at=expires_at,
        agency_id=agency_id,
        transaction_id=transaction_id,
        instrument=instrument,
        draft=None if draft is None else _opened(keys, bytes(draft)),
        hints=hints,
        last_text=None if last_text is None else bytes(last_text),
        changed_at=changed_at,
        open_until=open_until if invitation == "open" else 0,
        answered=invitation == "answered" or (state == "ended" and agency_id == INSTALLATION),
        token_digest=b"" if token_digest is None else bytes(token_digest),
        agency=agency or "",
        unit=unit or "",
    )


def _opened(keys: Keys, draft: bytes) -> dict[str, int | None]:
    return msgspec.json.decode(keys.open_text(draft), type=dict[str, int | None])


def store(tx: Tx, keys: Keys, kept: Kept) -> None:
    """Store what has changed about a number that was found."""
    known = {f"new_{name}": value for name, value in _row(keys, kept).items() if name != "phone_digest"}
    tx.run(STORE, {"of": kept.phone_digest, **known})


def add(tx: Tx, keys: Keys, kept: Kept) -> None:
    """Store a number nothing was known about; of two at the same moment one fails, and is tried again."""
    tx.many(ADD, [_row(keys, kept)])


def _row(keys: Keys, kept: Kept) -> dict[str, Any]:
    draft = keys.seal_text(msgspec.json.encode(kept.draft).decode()) if kept.draft else None
    known = {name: getattr(kept, name) for name in ("phone_digest", *_KEPT, *_TIMES)}
    return {**known, "draft": draft}


def forget(tx: Tx, moments: Sequence[int]) -> list[int]:
    """Forget at each moment (UTC epoch seconds) what may be forgotten; how many conversations were deleted.

    To be called every minute. What has expired goes at once. Of the rest a part has its turn: conversations
    answered on the web end, and the time of answers by SMS is wiped.
    """
    deleted = []
    for now in moments:
        deleted.append(tx.run(DELETE, {"now": now}))
        tx.run(CLOSE, {"now": now, "until": end_of_day(now + KEEP_CLOSED_SECONDS)})
        part = _slice(now // MINUTE % SLICES)
        tx.run(ANSWERED, part)
        tx.run(BLUR, {**part, "before": now - BLUR_SECONDS})
    return deleted


def _slice(number: int) -> dict[str, bytes]:
    low, high = (at * 0x10000 // SLICES for at in (number, number + 1))
    # Beyond the last slice lies nothing: a digest has sixteen bytes.
    return {
        "low": low.to_bytes(2, "big"),
        "high": high.to_bytes(2, "big") if high < 0x10000 else b"\xff" * 17,
    }
