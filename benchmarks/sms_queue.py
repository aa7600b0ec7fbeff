"""A long queue: a worker's memory and the time of one claim, beside a short one's; and segments."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.results import Goal, Result
from benchmarks.sms import Worker, execute, providers_for, schedule, serving
from benchmarks.stores import Stores
from survey import tokens
from survey.database import Database, Insertion, Tx
from survey.i18n import LANGUAGES
from survey.messaging.models import Message
from survey.messaging.outbox import Claim, claim
from survey.messaging.segments import segment
from survey.messaging.texts import longest_text, texts
from survey.writer import Writer
from tests.smpp.kannel import Kannel

# SQLite keeps up to 16 MB of pages at hand, which a short queue does not fill.
MEMORY_GOAL = Goal(ratio=1.25)
CLAIM_GOAL = Goal(ratio=5, most=10)
CLAIMS, CLAIMED = 20, 20
SENT = 300
"""Messages a worker has sent when its memory is looked at."""
ROWS_AT_A_TIME = 20_000
QUEUE = "UPDATE message SET state = 'queued'"
INSERT = Insertion(Message)


class _Costs(NamedTuple):
    resident: float
    claim: float


def measure(stores: Stores, kannel: Kannel, *, many: int, few: int) -> list[Result]:
    """Compare a worker that sends with many messages queued and with few: MiB resident, and ms of a claim."""
    with tempfile.TemporaryDirectory() as directory:
        prepared = schedule(stores, kannel, Path(directory), few)
        execute(prepared, QUEUE)
        short = _costs(stores, kannel, Path(directory), prepared)
        fill(prepared, many - few)
        long = _costs(stores, kannel, Path(directory), prepared)
        stores.drop(prepared)
    return [
        Result(
            f"a worker's memory, {many:,} queued beside {few:,}",
            stores.name,
            "MiB resident",
            [long.resident],
            [short.resident],
            MEMORY_GOAL,
        ),
        Result(
            f"claiming {CLAIMED} messages, {many:,} queued beside {few:,}",
            stores.name,
            "ms per claim",
            [long.claim],
            [short.claim],
            CLAIM_GOAL,
        ),
    ]


def fill(url: str, count: int) -> None:
    """Queue so many more messages about the invitations that there are."""
    with closing(Database(url).connect()) as connection:
        known = connection.execute(
            "SELECT agency_id, transaction_id, timezone, expires_at, changed_at FROM message"
        ).fetchall()
    database = Database(url)
    writer = Writer(database)
    rows = _rows(known, count)
    while chunk := list(islice(rows, ROWS_AT_A_TIME)):
        writer.call(_insert, chunk)
    writer.close()
    database.close()
    # Planners must know how many there are, as after some time they do.
    execute(url, "ANALYZE")


def _rows(known: Sequence[Any], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        agency_id, transaction_id, timezone, expires_at, changed_at = known[number % len(known)]
        yield {
            "agency_id": agency_id,
            "id": tokens.draw_id(),
            "kind": "invitation",
            "transaction_id": transaction_id,
            "timezone": timezone,
            "state": "queued",
            "priority": 1,
            "not_before": changed_at - number % 3600,
            "expires_at": expires_at,
            "contact": None,
            "body": None,
            "segments": 0,
            "attempts": 0,
            "resent": 0,
            "provider": None,
            "provider_ref": None,
            "fence": 0,
            "lease_until": None,
            "changed_at": changed_at,
            "reason": None,
        }


def _insert(tx: Tx, chunks: Sequence[list[dict[str, Any]]]) -> list[None]:
    for chunk in chunks:
        tx.many(INSERT, chunk)
    return [None for _ in chunks]


def _costs(stores: Stores, kannel: Kannel, directory: Path, prepared: str) -> _Costs:
    url = stores.copy(prepared)
    kannel.smsc.reset()
    with serving(url, kannel, directory) as server:
        worker = Worker(url, providers_for(kannel, directory, server.port))
        with closing(worker):
            kannel.smsc.parts(SENT)
            resident = worker.process.memory_info().rss / 2**20
    stores.drop(url)
    untouched = stores.copy(prepared)
    took = _claim(untouched)
    stores.drop(untouched)
    return _Costs(resident, took)


def _claim(url: str) -> float:
    """The median time of a claim with its commit, in milliseconds."""
    database = Database(url)
    writer = Writer(database)
    took = []
    for _ in range(CLAIMS):
        asked = Claim(int(time.time()), CLAIMED, 60, tokens.draw_id())
        began = time.perf_counter()
        claimed = writer.call(claim, asked)
        took.append((time.perf_counter() - began) * 1000)
        if len(claimed) != CLAIMED:
            raise RuntimeError(f"{len(claimed)} messages were claimed, not {CLAIMED}")
    writer.close()
    database.close()
    return statistics.median(took)


def segments_table() -> str:
    """What citizens are sent, in each language: how many texts, and how long with the longest values."""
    lines = [
        "| language | texts | in one SMS | in two | in more | GSM-7 | invitation without names, septets |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for language in LANGUAGES:
        done = {key: segment(longest_text(language, key)) for key in texts(language).by_key}
        parts = [len(one.parts) for one in done.values()]
        gsm = sum(one.encoding == "gsm7" for one in done.values())
        lines.append(
            f"| {language} | {len(done)} | {parts.count(1)} | {parts.count(2)} | {sum(n > 2 for n in parts)}"
            f" | {gsm} | {done['invitation.full'].units} |"
        )
    return "\n".join(lines)
