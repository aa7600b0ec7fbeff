"""Record a whole request or file of transactions, chunk by chunk, with an outcome for every row."""

import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, Annotated, Any, NamedTuple

import msgspec
from anyio import to_thread
from sqlalchemy import bindparam, select

from survey import tokens
from survey.counters import TRANSACTIONS
from survey.database import Insertion, Statement, Tx
from survey.intake import Entry, RowProblem, Rules
from survey.ledger import DAY_SECONDS, Outcome, Recording, Report, Verdict
from survey.messaging import policy
from survey.models import IdempotencyKey, columns
from survey.settings import Settings

ROWS_PER_CHUNK = 500

_k = columns(IdempotencyKey)
FIND_KEY = Statement(
    select(_k.fingerprint, _k.request_id).where(
        _k.agency_id == bindparam("agency_id"), _k.key_digest == bindparam("key_digest")
    )
)
INSERT_KEY = Insertion(IdempotencyKey)


Invited = Annotated[
    bool,
    msgspec.Meta(
        description="Said only when false: the transaction is recorded and counted, but was not drawn for an"
        " invitation, so there is no link."
    ),
]


class RowResult(msgspec.Struct, omit_defaults=True):
    """What became of one row."""

    row: int
    status: str
    external_ref: str | None = None
    link: str | None = None
    expires_at: str | None = None
    invited: Invited = True
    field: str | None = None
    reason: str | None = None
    conflict: bool = False
    qr_svg: str | None = None
    qr_png: str | None = None


class Claim(NamedTuple):
    """An ``Idempotency-Key`` with the body it came with (digest), at UTC epoch second ``now``."""

    agency_id: int
    key_digest: bytes
    fingerprint: bytes
    now: int


@dataclass
class Context:
    """Who records, under which rules, and where the links will point.

    ``contact_rules`` are the national rules of contact, None: everybody is invited. ``sms`` tells whether
    those who left a number are written to.
    """

    agency_id: int
    settings: Settings
    now: int
    request_id: int = field(default_factory=tokens.draw_id)
    dry_run: bool = False
    contact_rules: policy.Rules | None = None
    sms: bool = False
    accepted: set[str] = field(default_factory=set)  # references this request has already recorded

    @property
    def rules(self) -> Rules:
        """The rules for reading rows at this moment."""
        return Rules(
            self.now,
            self.settings.oldest_transaction_days * DAY_SECONDS,
            self.settings.phone_region,
            self.settings.default_language,
        )

    def recording(self, reports: Sequence[Report]) -> Recording:
        """A chunk of reports, ready for the ledger."""
        return Recording(
            agency_id=self.agency_id,
            reports=reports,
            request_id=self.request_id,
            now=self.now,
            keys=self.settings.keys,
            instrument=self.settings.instrument,
            invitation_seconds=self.settings.invitation_days * DAY_SECONDS,
            dry_run=self.dry_run,
            rules=self.contact_rules,
            sms=self.sms,
        )


def claim_keys(tx: Tx, claims: Sequence[Claim]) -> list[int | None]:
    """The request id of each ``Idempotency-Key``, the same for the same body; None for another body."""
    found: list[int | None] = []
    for claim in claims:
        row = tx.one(FIND_KEY, {"agency_id": claim.agency_id, "key_digest": claim.key_digest})
        if row is not None:
            found.append(row[1] if bytes(row[0]) == claim.fingerprint else None)
            continue
        request_id = tokens.draw_id()
        tx.many(
            INSERT_KEY,
            [
                {
                    "agency_id": claim.agency_id,
                    "key_digest": claim.key_digest,
                    "fingerprint": claim.fingerprint,
                    "request_id": request_id,
                    "created_at": claim.now,
                }
            ],
        )
        found.append(request_id)
    return found


def chunked(entries: Iterator[Entry], size: int = ROWS_PER_CHUNK) -> Iterator[list[Entry]]:
    """Entries in lists of at most ``size``."""
    chunk: list[Entry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def results_of(entries: Sequence[Entry], outcomes: Sequence[Outcome], context: Context) -> list[RowResult]:
    """The results of a chunk in the order of its rows; ``outcomes`` are those of its readable reports."""
    waiting = iter(outcomes)
    results = []
    for row, entry in entries:
        if isinstance(entry, RowProblem):
            results.append(RowResult(row, Verdict.REJECTED.value, field=entry.field, reason=entry.reason))
        else:
            results.append(result_of(row, next(waiting), context))
    counts = Counter("dry_run" if context.dry_run else result.status for result in results)
    for status, count in counts.items():
        TRANSACTIONS.labels(status).inc(count)
    return results


def result_of(row: int, outcome: Outcome, context: Context) -> RowResult:
    """The result of one recorded row. A dry run makes no link, and draws nobody."""
    verdict = outcome.verdict
    if verdict is Verdict.ACCEPTED:
        # Only the first of a request's equal rows is new, however far apart and however often it is sent.
        verdict = Verdict.DUPLICATE if outcome.external_ref in context.accepted else verdict
        context.accepted.add(outcome.external_ref)
    if verdict is Verdict.REJECTED or context.dry_run:
        return RowResult(
            row,
            verdict.value,
            outcome.external_ref,
            field=outcome.field,
            reason=outcome.reason,
            conflict=outcome.conflict,
        )
    if outcome.code is None:
        return RowResult(row, verdict.value, outcome.external_ref, invited=False)
    return RowResult(
        row,
        verdict.value,
        outcome.external_ref,
        link=f"{context.settings.public_url}/{outcome.code}",
        expires_at=as_utc(outcome.expires_at),
    )


@lru_cache(maxsize=256)  # all links of a request end at the same second
def as_utc(at: int) -> str:
    """UTC epoch seconds as an ISO 8601 text."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Record = Callable[[Recording], Awaitable[list[Outcome]]]
Draw = Callable[[Sequence[RowResult]], Awaitable[None]]


class Tallied:
    """The results of a batch, written to a file as they come, and how many of each kind."""

    def __init__(self) -> None:
        self.counts = {verdict.value: 0 for verdict in Verdict}
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the answer

    def add(self, results: Sequence[RowResult]) -> None:
        """Add the results of a chunk."""
        for result in results:
            self.counts[result.status] += 1
            self._file.write(b",\n" if self._file.tell() else b"\n")
            self._file.write(msgspec.json.encode(result))

    def stream(self, extra: dict[str, Any]) -> Iterator[bytes]:
        """The whole answer as JSON, in pieces: the summary, then ``results``."""
        head = msgspec.json.encode({**self.counts, **extra})
        yield head[:-1] + b',"results":['
        self._file.seek(0)
        while piece := self._file.read(1 << 16):
            yield piece
        yield b"\n]}\n"
        self.close()

    def close(self) -> None:
        """Let go of the file; for a batch whose answer is not streamed."""
        self._file.close()


async def record_entries(
    entries: Iterator[Entry], context: Context, recorder: Record, tallied: Tallied, draw: Draw
) -> None:
    """Record all entries, a chunk per transaction; a failure leaves whole chunks, which a retry continues.

    ``draw`` adds the pictures that were asked for to a chunk's results.
    """
    chunks = chunked(entries)
    # Checking five hundred rows takes a while: off the event loop, so that citizens are not kept waiting.
    while chunk := await to_thread.run_sync(next, chunks, None):
        reports = [entry for _, entry in chunk if isinstance(entry, Report)]
        outcomes = await recorder(context.recording(reports)) if reports else []
        results = results_of(chunk, outcomes, context)
        await draw(results)
        tallied.add(results)
