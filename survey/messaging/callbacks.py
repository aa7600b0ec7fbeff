"""What providers tell: stored once, answered at once, dealt with afterwards.

A callback is stored sealed, under a keyed digest of its external id, before the provider gets its answer; so
nothing is lost when dealing with it fails, and nothing counts twice when the provider repeats it. It is
dealt with in the order it came, each in a transaction that also ends it: its content is wiped with its
effect, and of its time the hour stays. Digests are kept for two days, longer than providers repeat
themselves.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import msgspec
from sqlalchemy import ColumnElement, bindparam, case, delete, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql

from survey import tokens
from survey.database import Row, Statement, Tx, Unavailable
from survey.keys import Keys
from survey.messaging import inbound
from survey.messaging.inbound import InboundIn, Surroundings
from survey.messaging.incoming import Heard, Reported
from survey.messaging.models import Callback
from survey.messaging.reports import ReportIn, apply_reports
from survey.models import columns

if TYPE_CHECKING:
    from survey.messaging.dispatch import Parts

Kind = Literal["report", "inbound"]
T = TypeVar("T")
SECOND = 1000
HOUR = 3600 * SECOND
UNKNOWN_AFTER = 24 * HOUR
FORGOTTEN_AFTER = 48 * HOUR
MOST_TRIES = 5
# How long after it came a callback is tried again: one that failed, and a report of an unknown message.
FAILED_DELAYS = (0, SECOND, 5 * SECOND, 30 * SECOND, 120 * SECOND)
UNMATCHED_DELAYS = (
    0,
    SECOND,
    5 * SECOND,
    30 * SECOND,
    120 * SECOND,
    600 * SECOND,
    *(n * HOUR for n in range(1, 25)),
)

_c = columns(Callback)


def _delay(delays: Sequence[int]) -> ColumnElement[int]:
    return case(*((_c.tries == tries, delay) for tries, delay in enumerate(delays)), else_=delays[-1])


def _due(state: str, delays: Sequence[int]) -> Statement:
    # The state is written out so that the partial index serves it, and for SQLite the index's own condition.
    written: list[ColumnElement[str]] = [literal_column(f"'{one}'") for one in ("waiting", "unmatched")]
    return Statement(
        select(_c.id)
        .where(
            _c.state.in_(written),
            _c.state == literal_column(f"'{state}'"),
            or_(_c.tries == 0, _c.received_ms + _delay(delays) <= bindparam("now")),
        )
        .order_by(_c.received_ms, _c.id)
        .limit(bindparam("most"))
    )


# Both databases speak this; of two processes that store the same, one finds nothing to do.
STORE = Statement(
    postgresql.insert(Callback)
    .values({column.name: bindparam(column.name) for column in _c})
    .on_conflict_do_nothing(index_elements=["provider", "kind", "external_digest"])
    .returning(_c.id)
)
WAITING = _due("waiting", FAILED_DELAYS)
UNMATCHED = _due("unmatched", UNMATCHED_DELAYS)
LOAD = Statement(
    select(_c.provider, _c.kind, _c.body, _c.received_ms)
    .where(_c.id == bindparam("of"), _c.state != "done")
    .with_for_update()
)
# What was dealt with keeps only the hour it came: nobody needs to know when somebody answered.
END = Statement(
    update(Callback)
    .where(_c.id == bindparam("of"))
    .values(
        state="done",
        outcome=bindparam("word"),
        body=None,
        received_ms=_c.received_ms - _c.received_ms % HOUR,
    )
)
LEAVE = Statement(
    update(Callback).where(_c.id == bindparam("of")).values(state="unmatched", tries=bindparam("now_tried"))
)
COUNT = Statement(
    update(Callback)
    .where(_c.id == bindparam("of"), _c.state != "done")
    .values(tries=_c.tries + 1)
    .returning(_c.tries, _c.state)
)
FORGET = Statement(delete(Callback).where(_c.state == "done", _c.received_ms < bindparam("before")))


class Raw(NamedTuple):
    """One item of a callback, to be stored; ``received_ms`` orders what came (UTC epoch milliseconds)."""

    keys: Keys
    provider: str
    kind: Kind
    item: Reported | Heard
    received_ms: int


class Take(NamedTuple):
    """Ask for callbacks that are due at ``now_ms``: at most ``most`` new ones and as many unmatched."""

    now_ms: int
    most: int


class Job(NamedTuple):
    """A callback to be dealt with at ``now_ms``."""

    id: int
    parts: "Parts"
    now_ms: int


def store(tx: Tx, items: Sequence[Raw]) -> list[bool]:
    """Store items; False for one that was seen before."""
    rows = tx.each(STORE, [_row(raw) for raw in items])
    return [row is not None for row in rows]


def _row(raw: Raw) -> dict[str, Any]:
    kept = raw.item._replace(external_id="")
    return {
        "id": tokens.draw_id(),
        "provider": raw.provider,
        "kind": raw.kind,
        "external_digest": raw.keys.digest("callback", raw.provider, raw.kind, raw.item.external_id),
        "state": "waiting",
        "body": raw.keys.seal_text(msgspec.json.encode(kept).decode()),
        "received_ms": raw.received_ms,
        "tries": 0,
        "outcome": None,
    }


class Turn(NamedTuple):
    """Deal with at most ``most`` new callbacks and as many unmatched that are due at ``now_ms``."""

    parts: "Parts"
    now_ms: int
    most: int


async def process(parts: "Parts", most: int) -> int:
    """Deal with what is due; how many were looked at.

    All at once when all goes well. Otherwise each is a job of its own for the writer: one that fails is tried
    again later, and never holds up others.

    Raises:
        Unavailable: the database is away; what was not dealt with stays.
    """
    run, now_ms = parts.writer.run, parts.now_ms()
    try:
        return await run(deal_due, Turn(parts, now_ms, most))
    except Unavailable:
        raise
    except Exception:  # nothing was stored: whose fault it is shows when each is a job of its own
        return await _process_apart(parts, now_ms, most)


async def _process_apart(parts: "Parts", now_ms: int, most: int) -> int:
    run = parts.writer.run
    due = await run(take, Take(now_ms, most))
    done = await asyncio.gather(
        *(run(deal, Job(number, parts, now_ms)) for number in due), return_exceptions=True
    )
    failed = [number for number, result in zip(due, done, strict=True) if isinstance(result, Exception)]
    for result in done:
        if isinstance(result, Unavailable) or (
            isinstance(result, BaseException) and not isinstance(result, Exception)
        ):
            raise result
    for number in failed:
        await run(count_failure, number)
    return len(due)


def deal_due(tx: Tx, turns: Sequence[Turn]) -> list[int]:
    """Deal with what is due, in one transaction; how many callbacks that were."""
    dealt = []
    for turn in turns:
        due = take(tx, [Take(turn.now_ms, turn.most)])[0]
        deal(tx, [Job(number, turn.parts, turn.now_ms) for number in due])
        dealt.append(len(due))
    return dealt


def take(tx: Tx, asked: Sequence[Take]) -> list[list[int]]:
    """The callbacks that are due, in the order they came; unmatched reports after the new."""
    found = []
    for one in asked:
        parameters = {"now": one.now_ms, "most": one.most}
        rows = [*tx.all(WAITING, parameters), *tx.all(UNMATCHED, parameters)]
        found.append([row[0] for row in rows])
    return found


def deal(tx: Tx, jobs: Sequence[Job]) -> list[str]:
    """Apply callbacks and end them, in one transaction; a word for what became of each."""
    rows = tx.each(LOAD, [{"of": job.id} for job in jobs]) if jobs else []
    words = ["gone" if row is None else "" for row in rows]  # gone: another worker was quicker
    reports: list[tuple[int, ReportIn]] = []
    for at, (job, row) in enumerate(zip(jobs, rows, strict=True)):
        if row is not None and row[1] == "inbound":
            words[at] = _hear(tx, job, row[0], _opened(job, row, Heard), row[3] // SECOND)
        elif row is not None:
            reports.append((at, _report(tx, job, row)))
    applied = apply_reports(tx, [report for _, report in reports])
    for (at, _), known in zip(reports, applied, strict=True):
        words[at] = "applied" if known else _unknown(jobs[at], rows[at])
    left = [at for at, word in enumerate(words) if word == "unmatched"]
    ended = [at for at, word in enumerate(words) if word not in ("unmatched", "gone")]
    tx.many(LEAVE, [{"of": jobs[at].id, "now_tried": _tried(_age(jobs[at], rows[at]))} for at in left])
    tx.many(END, [{"of": jobs[at].id, "word": words[at]} for at in ended])
    return words


def _opened(job: Job, row: Row, kind: type[T]) -> T:
    return msgspec.json.decode(job.parts.settings.keys.open_text(bytes(row[2])), type=kind)


def _report(tx: Tx, job: Job, row: Row) -> ReportIn:
    provider, told = row[0], _opened(job, row, Reported)
    if told.opted_out:
        _hear(tx, job, provider, Heard("", told.opted_out, "", "", opted_out=True), row[3] // SECOND)
    return ReportIn(provider, told.ref, told.provider_ref, told.status, told.code, job.now_ms // SECOND)


def _unknown(job: Job, row: Row | None) -> str:
    return "unknown_message" if _age(job, row) >= UNKNOWN_AFTER else "unmatched"


def _age(job: Job, row: Row | None) -> int:
    return job.now_ms - row[3] if row is not None else 0


def _tried(age: int) -> int:
    """How many of the delays have passed, so that the next is in the future."""
    return max(1, sum(delay <= age for delay in UNMATCHED_DELAYS))


def _hear(tx: Tx, job: Job, provider: str, heard: Heard, now: int) -> str:
    parts = job.parts
    told = InboundIn(
        keys=parts.settings.keys,
        phone=heard.sender,
        text=heard.text,
        provider=provider,
        opted_out=heard.opted_out,
        now=now,
        surroundings=Surroundings(parts.instruments, parts.settings),
    )
    return inbound.receive(tx, [told])[0]


def count_failure(tx: Tx, ids: Sequence[int]) -> list[bool]:
    """Count a try that failed; True for a callback that is given up with it."""
    given_up = []
    for number in ids:
        row = tx.one(COUNT, {"of": number})
        most = {"waiting": MOST_TRIES, "unmatched": len(UNMATCHED_DELAYS)}
        over = row is not None and row[0] >= most.get(row[1], MOST_TRIES)
        if over:
            tx.run(END, {"of": number, "word": "failed"})
        given_up.append(over)
    return given_up


def forget(tx: Tx, moments: Sequence[int]) -> list[int]:
    """Delete what was dealt with two days before each moment (UTC epoch seconds); how many."""
    return [tx.run(FORGET, {"before": now * SECOND - FORGOTTEN_AFTER}) for now in moments]
