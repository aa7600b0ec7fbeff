"""Numbers that must not be written to, by any agency: known by keyed digests only."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, delete, literal_column, select
from sqlalchemy.dialects import postgresql

from survey.database import Statement, Tx
from survey.messaging.models import OptOut
from survey.models import columns

Source = Literal["word", "provider", "operator"]

_o = columns(OptOut)
FIND = Statement(select(literal_column("1")).where(_o.phone_digest == bindparam("of")))
# SQLite understands PostgreSQL's ON CONFLICT.
ADD = Statement(
    postgresql.insert(OptOut)
    .values({name: bindparam(name) for name in ("phone_digest", "source", "day")})
    .on_conflict_do_nothing(index_elements=["phone_digest"])
)
REMOVE = Statement(delete(OptOut).where(_o.phone_digest == bindparam("of")))


class OptingOut(NamedTuple):
    """A number that opts out on a day (``yyyymmdd``), by the digest under the secret in use."""

    phone_digest: bytes
    source: Source
    day: int


def find(tx: Tx, digest_lists: Sequence[Sequence[bytes]]) -> list[bool]:
    """Whether each number has opted out; a number is all its digests, under this secret and earlier ones."""
    asked = [digest for digests in digest_lists for digest in digests]
    rows = tx.each(FIND, _keyed(asked)) if asked else []
    found = {digest for digest, row in zip(asked, rows, strict=True) if row is not None}
    return [any(digest in found for digest in digests) for digests in digest_lists]


def add(tx: Tx, items: Sequence[OptingOut]) -> list[bool]:
    """Opt numbers out; whether each was not before. The first source and day stay."""
    return [tx.run(ADD, item._asdict()) == 1 for item in items]


def remove(tx: Tx, digest_lists: Sequence[Sequence[bytes]]) -> list[bool]:
    """Let numbers be written to again, as their owners asked; whether each had opted out."""
    return [sum(tx.run(REMOVE, row) for row in _keyed(digests)) > 0 for digests in digest_lists]


def _keyed(digests: Sequence[bytes]) -> list[dict[str, object]]:
    return [{"of": digest} for digest in digests]
