"""What is there before a row is judged: an agency's units and services, and what its references stand for."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from survey.database import Statement, Tx
from survey.keys import Keys
from survey.models import Invitation, Service, ServiceUnit, Transaction, columns

_u = columns(ServiceUnit)
_s = columns(Service)
_t = columns(Transaction)
_i = columns(Invitation)

UNITS = Statement(select(_u.code, _u.id, _u.timezone).where(_u.agency_id == bindparam("agency_id")))
SERVICES = Statement(select(_s.code, _s.id).where(_s.agency_id == bindparam("agency_id")))
_KNOWN_COLUMNS = (
    _t.external_ref,
    _t.id,
    _t.fingerprint,
    _t.request_id,
    _i.expires_at,
    _i.state,
    _i.contact,
)


class Known(NamedTuple):
    """What is already recorded under an external reference; ``phone`` only while the invitation is open.

    ``state`` is that of the invitation, None when there is none.
    """

    transaction_id: int
    fingerprint: bytes
    request_id: int
    expires_at: int
    state: str | None
    phone: str | None


class Directory(NamedTuple):
    """An agency's units and services by code."""

    units: dict[str, tuple[int, str]]  # code -> (id, time zone)
    services: dict[str, int]


@lru_cache(maxsize=64)
def _known_statement(count: int) -> Statement:
    """Transactions under any of ``count`` external references (``r0``, ``r1``, …)."""
    return Statement(
        select(*_KNOWN_COLUMNS)
        .outerjoin(Invitation, (_i.agency_id == _t.agency_id) & (_i.transaction_id == _t.id))
        .where(
            _t.agency_id == bindparam("agency_id"),
            _t.external_ref.in_([bindparam(f"r{position}") for position in range(count)]),
        ),
        # Planned while the ledger was small, it would read all of the agency's rows for every chunk.
        keep_plan=False,
    )


def read_directory(tx: Tx, agency_ids: Sequence[int]) -> list[Directory]:
    """The units and services of each agency, by code."""
    return [
        Directory(
            {code: (number, zone) for code, number, zone in tx.all(UNITS, {"agency_id": agency_id})},
            {code: number for code, number in tx.all(SERVICES, {"agency_id": agency_id})},
        )
        for agency_id in agency_ids
    ]


def find_known(tx: Tx, agency_id: int, references: Collection[str], keys: Keys) -> dict[str, Known]:
    """What an agency has recorded under some external references, by reference."""
    if not references:
        return {}
    # A few sizes only, so that the statement is prepared once and not once per length.
    size = 1 if len(references) == 1 else 32 * -(-len(references) // 32)
    padded = [*references, *[next(iter(references))] * (size - len(references))]
    parameters: dict[str, Any] = {f"r{position}": value for position, value in enumerate(padded)}
    rows = tx.all(_known_statement(size), parameters | {"agency_id": agency_id})
    return {
        reference: Known(
            number,
            bytes(fingerprint),
            request_id,
            expires_at or 0,
            state,
            keys.open_contact(bytes(contact)) if contact else None,
        )
        for reference, number, fingerprint, request_id, expires_at, state, contact in rows
    }
