"""Who may come in: agencies by API key, the administrator by the key in the settings."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from survey.database import Insertion, Statement, Tx
from survey.keys import Keys
from survey.models import Agency, ApiKey, columns

START = "pcy"

_k = columns(ApiKey)
_a = columns(Agency)
FIND = Statement(
    select(_k.agency_id, _k.digest, _a.code)
    .join(Agency, _a.id == _k.agency_id)
    .where(_k.prefix == bindparam("prefix"), _k.revoked_at.is_(None))
)
INSERT = Insertion(ApiKey)
REVOKE = Statement(
    update(ApiKey)
    .where(_k.prefix == bindparam("of_prefix"), _k.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


class Caller(NamedTuple):
    """The agency on whose behalf a request comes."""

    agency_id: int
    agency_code: str


class NewKey(NamedTuple):
    """A key to be made: for which agency, under what name, when (UTC epoch seconds)."""

    agency_id: int
    name: str
    key: str
    keys: Keys
    now: int


class Presented(NamedTuple):
    """A key as it was presented."""

    key: str
    keys: Keys


def draw_api_key() -> str:
    """A fresh key: a visible prefix and a secret of 256 bits. It is shown once and never stored."""
    return f"{START}_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def _split(key: str) -> tuple[str, str] | None:
    parts = key.split("_", 2)
    # No database is asked for what no key can hold (PostgreSQL refuses a NUL in a text).
    known = len(parts) == 3 and parts[0] == START and parts[1].isascii() and parts[1].isalnum()
    return (parts[1], parts[2]) if known else None


def create_keys(tx: Tx, new_keys: Sequence[NewKey]) -> list[str]:
    """Store keys as keyed digests; their prefixes."""
    rows = []
    for new in new_keys:
        split = _split(new.key)
        if split is None:
            raise ValueError("not an API key of this platform")
        rows.append(
            {
                "agency_id": new.agency_id,
                "prefix": split[0],
                "digest": new.keys.digest("api-key", split[1]),
                "name": new.name,
                "created_at": new.now,
                "revoked_at": None,
            }
        )
    tx.many(INSERT, rows)
    return [str(row["prefix"]) for row in rows]


def revoke_keys(tx: Tx, revocations: Sequence[tuple[str, int]]) -> list[bool]:
    """Revoke keys by prefix at a time (UTC epoch seconds); whether each was valid until now."""
    return [tx.run(REVOKE, {"of_prefix": prefix, "now": now}) > 0 for prefix, now in revocations]


def find_callers(tx: Tx, presented: Sequence[Presented]) -> list[Caller | None]:
    """The agency behind each key, or None."""
    return [_find_caller(tx, one) for one in presented]


def _find_caller(tx: Tx, presented: Presented) -> Caller | None:
    split = _split(presented.key)
    row = tx.one(FIND, {"prefix": split[0]}) if split else None
    # A key that is not there costs the same digest and comparison as one that is wrong.
    expected = bytes(row[1]) if row else bytes(16)
    given = presented.keys.digest("api-key", split[1] if split else "")
    if not hmac.compare_digest(expected, given) or row is None:
        return None
    return Caller(row[0], row[2])


def credential(authorization: str | None) -> str | None:
    """The key in an ``Authorization`` header: a Bearer token, or the password of Basic."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def is_administrator(key: str | None, admin_key: str | None) -> bool:
    """Whether a presented key is the administrator's; never when there is none in the settings."""
    return bool(key and admin_key) and hmac.compare_digest(str(key).encode(), str(admin_key).encode())
