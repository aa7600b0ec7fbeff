"""The ledger: record every transaction, invite its citizen if drawn, say what happened to each row.

A row is recorded once per (agency, external reference). The same row again is a duplicate and gives the
same link, or none again; another row under the same reference is a conflict and changes nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from survey import tokens
from survey.clock import day_in
from survey.database import Insertion, Tx
from survey.dirty import mark
from survey.keys import Keys
from survey.messaging import contact_policies
from survey.messaging.outbox import Invited, enqueue_invitations
from survey.messaging.policy import Rules, first_moment
from survey.messaging.sampling import drawn, probability
from survey.models import Invitation, Transaction
from survey.recorded import Directory, Known, find_known, read_directory

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
    """What became of one row: a link code and its expiry, or the reason it was rejected.

    Recorded without a code: the transaction was not drawn, so nobody is invited.
    """

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
    """One request's chunk of reports and everything needed to record them.

    ``rules`` are the national rules of contact, which the agency's own complete; None: everybody is invited.
    ``sms`` tells whether those who left a number are written to.
    """

    agency_id: int
    reports: Sequence[Report]
    request_id: int
    now: int
    keys: Keys
    instrument: str
    invitation_seconds: int
    dry_run: bool = False
    rules: Rules | None = None
    sms: bool = False


INSERT_TRANSACTION = Insertion(Transaction)
INSERT_INVITATION = Insertion(Invitation)


@dataclass
class _Chunk:
    """A recording, what is known before its rows are judged, and the rows that it will store."""

    recording: Recording
    directory: Directory
    rules: Rules | None
    known: dict[str, Known]
    transactions: list[dict[str, Any]] = field(default_factory=list)
    invitations: list[dict[str, Any]] = field(default_factory=list)
    messages: list[Invited] = field(default_factory=list)


def record(tx: Tx, recordings: Sequence[Recording]) -> list[list[Outcome]]:
    """Record chunks of reports in one transaction; one outcome per report, in order.

    Everything of a chunk is stored or, when its transaction fails, nothing.
    """
    return [_record(tx, recording) for recording in recordings]


def _record(tx: Tx, recording: Recording) -> list[Outcome]:
    references = {report.external_ref for report in recording.reports}
    chunk = _Chunk(
        recording,
        read_directory(tx, [recording.agency_id])[0],
        _rules(tx, recording),
        find_known(tx, recording.agency_id, references, recording.keys),
    )
    outcomes = [_judge(report, chunk) for report in recording.reports]
    if not recording.dry_run:
        tx.many(INSERT_TRANSACTION, chunk.transactions)
        tx.many(INSERT_INVITATION, chunk.invitations)
        enqueue_invitations(tx, chunk.messages)
        mark(tx, {(row["agency_id"], row["unit_id"], row["day"]) for row in chunk.transactions})
    return outcomes


def _rules(tx: Tx, recording: Recording) -> Rules | None:
    if recording.rules is None:
        return None
    return contact_policies.read(tx, [recording.agency_id], recording.rules)[0]


def _judge(report: Report, chunk: _Chunk) -> Outcome:
    recording = chunk.recording
    fingerprint = fingerprint_of(recording.keys, recording.agency_id, report)
    earlier = chunk.known.get(report.external_ref)
    if earlier is not None:
        return _met_before(report, recording, fingerprint, earlier)
    unit = chunk.directory.units.get(report.unit)
    if unit is None:
        return _rejected(report, "unit", f"no unit has the code {report.unit!r}")
    service_id = chunk.directory.services.get(report.service)
    if service_id is None:
        return _rejected(report, "service", f"no service has the code {report.service!r}")
    transaction = _transaction(report, chunk, unit, service_id, fingerprint)
    chunk.transactions.append(transaction)
    number, code, expires_at = transaction["id"], None, 0
    if drawn(recording.keys, number, transaction["sampling_probability"]):
        code = tokens.link_code(recording.keys.token, number)
        expires_at = recording.now + recording.invitation_seconds
        chunk.invitations.append(_invitation(report, recording, transaction, unit[1], code))
        _write_to(report, chunk, number, unit[1])
    chunk.known[report.external_ref] = Known(
        number, fingerprint, -1, expires_at, "open" if code else None, report.phone
    )
    return Outcome(Verdict.ACCEPTED, report.external_ref, number, code, expires_at)


def _write_to(report: Report, chunk: _Chunk, transaction_id: int, timezone: str) -> None:
    """Schedule the message of an invitation, unless its service is so long ago that nobody remembers it."""
    recording, rules = chunk.recording, chunk.rules
    if report.phone is None or rules is None or not recording.sms:
        return
    if recording.now - report.finished_at > recording.invitation_seconds:
        return
    expires_at = recording.now + recording.invitation_seconds
    due = first_moment(rules, timezone, report.finished_at, recording.now)
    if due < expires_at:
        chunk.messages.append(
            Invited(recording.agency_id, transaction_id, timezone, due, expires_at, recording.now)
        )


def _transaction(
    report: Report, chunk: _Chunk, unit: tuple[int, str], service_id: int, fingerprint: bytes
) -> dict[str, Any]:
    recording, rules = chunk.recording, chunk.rules
    return {
        "agency_id": recording.agency_id,
        "id": tokens.draw_id(),
        "unit_id": unit[0],
        "service_id": service_id,
        "channel": report.channel,
        "outcome": report.outcome,
        "finished_at": report.finished_at,
        "day": day_in(unit[1], report.finished_at),
        "officer_digest": _officer(recording, report),
        "external_ref": report.external_ref,
        "fingerprint": fingerprint,
        "request_id": recording.request_id,
        "sampling_probability": (
            1.0 if rules is None else probability(rules, report.unit, report.service, report.channel)
        ),
        "recorded_at": recording.now,
    }


def _invitation(
    report: Report, recording: Recording, transaction: dict[str, Any], timezone: str, code: str
) -> dict[str, Any]:
    return {
        "agency_id": recording.agency_id,
        "transaction_id": transaction["id"],
        "token_digest": tokens.digest(recording.keys.token_digest, code),
        "state": "open",
        "unit_id": transaction["unit_id"],
        "service_id": transaction["service_id"],
        "channel": report.channel,
        "day": transaction["day"],
        "timezone": timezone,
        "instrument": recording.instrument,
        "language": report.language,
        "contact": recording.keys.seal_contact(report.phone) if report.phone else None,
        "expires_at": recording.now + recording.invitation_seconds,
    }


def _met_before(report: Report, recording: Recording, fingerprint: bytes, earlier: Known) -> Outcome:
    if earlier.fingerprint != fingerprint or (earlier.state == "open" and earlier.phone != report.phone):
        return Outcome(
            Verdict.REJECTED,
            report.external_ref,
            field="external_ref",
            reason="another transaction is already recorded under this reference",
            conflict=True,
        )
    # A repeated request (same Idempotency-Key) gives the very outcome it gave the first time.
    verdict = Verdict.ACCEPTED if earlier.request_id == recording.request_id else Verdict.DUPLICATE
    number = earlier.transaction_id
    code = tokens.link_code(recording.keys.token, number) if earlier.state else None
    return Outcome(verdict, report.external_ref, number, code, earlier.expires_at)


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
