"""The ledger: record every transaction, invite its citizen, say what happened to each row.

A row is recorded once per (agency, external reference). The same row again is a duplicate and gives the
same link; another row under the same reference is a conflict and changes nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from survey import tokens
from survey.clock import day_in
from survey.database import Insertion, Statement, Tx
from survey.dirty import mark
from survey.keys import Keys
from survey.models import Invitation, Service, ServiceUnit, Transaction, columns

DAY_SECONDS = 86_400


class Report(NamedTuple):
    """A finished transaction as an agency reports it, already checked field by field.

    ``finished_at`` is UTC epoch seconds; ``phone``, the last field, is E.164 or None.
    """

    unit: str
    service: str
    channel: str
    outcome: str
    finished_at: int
    external_ref: str
    officer: str | None
    language: str
    phone: str | None


class Verdict(StrEnum):
    """What became of a reported row."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Outcome(NamedTuple):
    """What became of one row: a link code and its expiry, or the reason it was rejected."""

    verdict: Verdict
    external_ref: str
    transaction_id: int = 0
    code: str | None = None
    expires_at: int = 0
    field: str | None = None
    reason: str | None = None
    conflict: bool = False


@dataclass(frozen=True)
class Recording:
    """One request's chunk of reports and everything needed to record them."""

    agency_id: int
    reports: Sequence[Report]
    request_id: int
    now: int
    keys: Keys
    instrument: str
    invitation_seconds: int
    dry_run: bool = False


class Known(NamedTuple):
    """What is already recorded under an external reference; ``phone`` only while the invitation is open."""

    transaction_id: int
    fingerprint: bytes
    request_id: int
    expires_at: int
    open: bool
    phone: str | None


class Directory(NamedTuple):
    """An agency's units and services by code."""

    units: dict[str, tuple[int, str]]  # code -> (id, time zone)
    services: dict[str, int]


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
INSERT_TRANSACTION = Insertion(Transaction)
INSERT_INVITATION = Insertion(Invitation)


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


def record(tx: Tx, recordings: Sequence[Recording]) -> list[list[Outcome]]:
    """Record chunks of reports in one transaction; one outcome per report, in order.

    Everything of a chunk is stored or, when its transaction fails, nothing.
    """
    return [_record(tx, recording) for recording in recordings]


def _record(tx: Tx, recording: Recording) -> list[Outcome]:
    directory = read_directory(tx, [recording.agency_id])[0]
    known = _known(tx, recording)
    transactions: list[dict[str, Any]] = []
    invitations: list[dict[str, Any]] = []
    outcomes = [
        _judge(report, recording, directory, known, transactions, invitations) for report in recording.reports
    ]
    if not recording.dry_run:
        tx.many(INSERT_TRANSACTION, transactions)
        tx.many(INSERT_INVITATION, invitations)
        mark(tx, {(row["agency_id"], row["unit_id"], row["day"]) for row in transactions})
    return outcomes


def _known(tx: Tx, recording: Recording) -> dict[str, Known]:
    references = list({report.external_ref for report in recording.reports})
    if not references:
        return {}
    # A few sizes only, so that the statement is prepared once and not once per length.
    size = 1 if len(references) == 1 else 32 * -(-len(references) // 32)
    padded = references + [references[0]] * (size - len(references))
    parameters: dict[str, Any] = {f"r{position}": value for position, value in enumerate(padded)}
    rows = tx.all(_known_statement(size), parameters | {"agency_id": recording.agency_id})
    return {
        reference: Known(
            number,
            bytes(fingerprint),
            request_id,
            expires_at or 0,
            state == "open",
            recording.keys.open_contact(bytes(contact)) if contact else None,
        )
        for reference, number, fingerprint, request_id, expires_at, state, contact in rows
    }


def _judge(
    report: Report,
    recording: Recording,
    directory: Directory,
    known: dict[str, Known],
    transactions: list[dict[str, Any]],
    invitations: list[dict[str, Any]],
) -> Outcome:
    fingerprint = fingerprint_of(recording.keys, recording.agency_id, report)
    earlier = known.get(report.external_ref)
    if earlier is not None:
        return _met_before(report, recording, fingerprint, earlier)
    unit = directory.units.get(report.unit)
    if unit is None:
        return _rejected(report, "unit", f"no unit has the code {report.unit!r}")
    service_id = directory.services.get(report.service)
    if service_id is None:
        return _rejected(report, "service", f"no service has the code {report.service!r}")
    transaction_id = tokens.draw_id()
    expires_at = recording.now + recording.invitation_seconds
    code = tokens.link_code(recording.keys.token, transaction_id)
    day = day_in(unit[1], report.finished_at)
    transactions.append(
        {
            "agency_id": recording.agency_id,
            "id": transaction_id,
            "unit_id": unit[0],
            "service_id": service_id,
            "channel": report.channel,
            "outcome": report.outcome,
            "finished_at": report.finished_at,
            "day": day,
            "officer_digest": _officer(recording, report),
            "external_ref": report.external_ref,
            "fingerprint": fingerprint,
            "request_id": recording.request_id,
            "sampling_probability": 1.0,
            "recorded_at": recording.now,
        }
    )
    invitations.append(
        {
            "agency_id": recording.agency_id,
            "transaction_id": transaction_id,
            "token_digest": tokens.digest(recording.keys.token_digest, code),
            "state": "open",
            "unit_id": unit[0],
            "service_id": service_id,
            "channel": report.channel,
            "day": day,
            "timezone": unit[1],
            "instrument": recording.instrument,
            "language": report.language,
            "contact": recording.keys.seal_contact(report.phone) if report.phone else None,
            "expires_at": expires_at,
        }
    )
    known[report.external_ref] = Known(transaction_id, fingerprint, -1, expires_at, True, report.phone)
    return Outcome(Verdict.ACCEPTED, report.external_ref, transaction_id, code, expires_at)


def _met_before(report: Report, recording: Recording, fingerprint: bytes, earlier: Known) -> Outcome:
    if earlier.fingerprint != fingerprint or (earlier.open and earlier.phone != report.phone):
        return Outcome(
            Verdict.REJECTED,
            report.external_ref,
            field="external_ref",
            reason="another transaction is already recorded under this reference",
            conflict=True,
        )
    # A repeated request (same Idempotency-Key) gives the very outcome it gave the first time.
    verdict = Verdict.ACCEPTED if earlier.request_id == recording.request_id else Verdict.DUPLICATE
    code = tokens.link_code(recording.keys.token, earlier.transaction_id)
    return Outcome(verdict, report.external_ref, earlier.transaction_id, code, earlier.expires_at)


def _rejected(report: Report, field: str, reason: str) -> Outcome:
    return Outcome(Verdict.REJECTED, report.external_ref, field=field, reason=reason)


def _officer(recording: Recording, report: Report) -> bytes | None:
    if report.officer is None:
        return None
    return recording.keys.digest("officer", str(recording.agency_id), report.officer)


def fingerprint_of(keys: Keys, agency_id: int, report: Report) -> bytes:
    """Keyed digest (16 bytes) of what a row says; tells a repetition from a conflict.

    Without the telephone number: a digest stays when the number must be gone.
    """
    said = msgspec.json.encode(report[:-1])
    return keys.digest("transaction", str(agency_id), said.decode())


def digest_body(chunks: Iterable[bytes]) -> bytes:
    """Digest (16 bytes) of a request body, to compare repeated requests."""
    mac = hashlib.blake2b(digest_size=16)
    for chunk in chunks:
        mac.update(chunk)
    return mac.digest()
