"""What all workers know of the providers, kept in the database: health, permits, pauses.

Whoever changes a provider's row first locks the rows of all providers, in the order of their names: there
are few, and two transactions that touch several of them, in whatever order, never wait for each other.
A provider without a row is one that nothing has happened to.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql

from survey.database import Statement, Tx
from survey.messaging import routing
from survey.messaging.gateway import Verdict
from survey.messaging.models import ProviderState
from survey.messaging.routing import Breaker, ProviderHealth
from survey.models import columns

EVERYTHING = "*"
"""The name that pauses and resumes all sending."""
TROUBLE_LENGTH = 64

_p = columns(ProviderState)
_COLUMNS = (
    _p.name,
    _p.weight,
    _p.failures,
    _p.open_until,
    _p.weight_changed_at,
    _p.next_free_ms,
    _p.paused,
    _p.trouble,
)
ALL = Statement(select(*_COLUMNS))
ALL_LOCKED = Statement(select(*_COLUMNS).order_by(_p.name).with_for_update())
# Both databases speak this; two processes that start at once add a provider once.
ADD = Statement(
    postgresql.insert(ProviderState)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=["name"])
)
_OF = update(ProviderState).where(_p.name == bindparam("of"))
SET_HEALTH = Statement(
    _OF.values(
        weight=bindparam("to_weight"),
        failures=bindparam("to_failures"),
        open_until=bindparam("to_open"),
        weight_changed_at=bindparam("to_changed"),
        trouble=bindparam("to_trouble"),
    )
)
SET_NEXT_FREE = Statement(_OF.values(next_free_ms=bindparam("to_free")))
SET_PAUSED = Statement(_OF.values(paused=bindparam("to_paused")))


class Attempted(NamedTuple):
    """What came of handing one message to a provider; ``resting`` is the provider's configured weight."""

    provider: str
    verdict: Verdict
    now: int
    resting: int
    code: str = ""


class Wanted(NamedTuple):
    """Messages to hand to a provider now; ``rate`` is a second's worth, 0 for no limit.

    ``burst`` (messages) is by default what ``routing.BURST_SECONDS`` hold.
    """

    provider: str
    rate: float
    wanted: int
    now_ms: int
    burst: int | None = None


class _Row(NamedTuple):
    """A provider's row; a negative ``open_until`` is the moment until which a probe is waited for."""

    name: str
    weight: int = 0
    failures: int = 0
    open_until: int = 0
    weight_changed_at: int = 0
    next_free_ms: int = 0
    paused: int = 0
    trouble: str | None = None


_Rows = dict[str, _Row]


def load(tx: Tx, requests: Sequence[Mapping[str, int]]) -> list[dict[str, ProviderHealth]]:
    """The health of the named providers, given their resting weights; adds the rows that are missing."""
    rows = _read(tx, ALL)
    for weights in requests:
        rows = _with_rows(tx, rows, weights)
    return [_healths(rows, weights) for weights in requests]


def look(tx: Tx, requests: Sequence[Mapping[str, int]]) -> list[dict[str, ProviderHealth]]:
    """The same for those who only read."""
    rows = _read(tx, ALL)
    return [_healths(rows, weights) for weights in requests]


def record(tx: Tx, results: Sequence[Attempted]) -> list[ProviderHealth]:
    """Learn from what providers answered; the health of each answer's provider after it.

    Writes only what changes: an answer of a provider that is well costs one read.
    """
    _, healths, changed = _after(_read(tx, ALL), results)
    if changed:
        # What was read without a lock may be out of date by now.
        rows = _with_rows(tx, _read(tx, ALL_LOCKED), {result.provider: result.resting for result in results})
        last, healths, changed = _after(rows, results)
        tx.many(SET_HEALTH, [_health_values(last[name]) for name in changed])
    return healths


def take_permits(tx: Tx, requests: Sequence[Wanted]) -> list[int]:
    """How many of the wanted messages may go to each provider now, over all workers together.

    None while the provider, or everything, is paused, or its breaker is open; one, once, when it is half
    open: that one is the probe, and it is for the caller to send. A permit that is not used is lost.
    """
    read = _read(tx, ALL_LOCKED)
    rows = _with_rows(tx, read, dict.fromkeys(request.provider for request in requests))
    before = dict(rows)
    granted = [_take(rows, request) for request in requests]
    for name, row in rows.items():
        if row.next_free_ms != before[name].next_free_ms:
            tx.run(SET_NEXT_FREE, {"of": name, "to_free": row.next_free_ms})
        if row.open_until != before[name].open_until:
            tx.run(SET_HEALTH, _health_values(row))
    return granted


def pause(tx: Tx, names: Sequence[str]) -> list[bool]:
    """Send nothing by each provider, or by any (``*``), until it is resumed; False: it was paused already."""
    rows = _with_rows(tx, _read(tx, ALL_LOCKED), dict.fromkeys(names))
    changed = [not rows[name].paused for name in names]
    tx.many(SET_PAUSED, [{"of": name, "to_paused": 1} for name in names])
    return changed


def resume(tx: Tx, names: Sequence[str]) -> list[bool]:
    """Send by each provider again, or by all (``*``), and forget its failures: somebody has mended it.

    False: it was neither paused nor in trouble. Resuming all forgets no single provider's failures.
    """
    rows = _read(tx, ALL_LOCKED)
    mended = {
        name: _Row(name, rows[name].weight, 0, 0, 0, rows[name].next_free_ms)
        for name in names
        if name in rows
    }
    tx.many(SET_PAUSED, [{"of": name, "to_paused": 0} for name in mended])
    tx.many(SET_HEALTH, [_health_values(row) for row in mended.values()])
    return [name in rows and rows[name] != mended[name] for name in names]


def is_paused(tx: Tx, names: Sequence[str]) -> list[bool]:
    """Whether each provider is paused, by itself or with everything."""
    rows = _read(tx, ALL)
    return [_paused(rows, name) for name in names]


def _read(tx: Tx, statement: Statement) -> _Rows:
    return {row[0]: _Row(*row) for row in tx.all(statement)}


def _with_rows(tx: Tx, rows: _Rows, resting: Mapping[str, int | None]) -> _Rows:
    """The rows, and those of the named providers that had none; these are added."""
    # The weight of a row that was never lowered says nothing: the configured one counts.
    missing = {name: _Row(name, weight or 0) for name, weight in resting.items() if name not in rows}
    if not missing:
        return rows
    tx.many(ADD, [missing[name]._asdict() for name in sorted(missing)])
    return _read(tx, ALL_LOCKED)


def _paused(rows: _Rows, name: str) -> bool:
    return any(rows[each].paused for each in (name, EVERYTHING) if each in rows)


def _healths(rows: _Rows, weights: Mapping[str, int]) -> dict[str, ProviderHealth]:
    return {name: _health(rows, name, resting) for name, resting in weights.items()}


def _health(rows: _Rows, name: str, resting: int) -> ProviderHealth:
    row = rows.get(name) or _Row(name)
    return ProviderHealth(
        name,
        resting,
        row.weight if row.weight_changed_at else resting,
        row.failures,
        abs(row.open_until),
        row.open_until < 0,
        row.weight_changed_at,
        _paused(rows, name),
        row.trouble,
    )


def _stored(row: _Row, health: ProviderHealth) -> _Row:
    return row._replace(
        weight=health.weight,
        failures=health.failures,
        open_until=-health.open_until if health.probing else health.open_until,
        weight_changed_at=health.weight_changed_at,
        trouble=health.trouble and health.trouble[:TROUBLE_LENGTH],
    )


def _health_values(row: _Row) -> dict[str, Any]:
    return {
        "of": row.name,
        "to_weight": row.weight,
        "to_failures": row.failures,
        "to_open": row.open_until,
        "to_changed": row.weight_changed_at,
        "to_trouble": row.trouble,
    }


def _after(rows: _Rows, results: Iterable[Attempted]) -> tuple[_Rows, list[ProviderHealth], list[str]]:
    """The rows after all results, the health after each, and the names of the rows that changed."""
    rows = dict(rows)
    healths: list[ProviderHealth] = []
    changed: dict[str, None] = {}
    for provider, verdict, now, resting, code in results:
        before = _health(rows, provider, resting)
        health = routing.after(before, verdict, now, code)
        if health is not before:
            rows[provider] = _stored(rows.get(provider) or _Row(provider), health)
            changed[provider] = None
        healths.append(health)
    return rows, healths, list(changed)


def _take(rows: _Rows, request: Wanted) -> int:
    name, now = request.provider, request.now_ms // 1000
    row = rows[name]
    # The resting weight has no part in this.
    health = _health(rows, name, row.weight)
    state = routing.breaker(health, now)
    if health.paused or state not in (Breaker.CLOSED, Breaker.HALF_OPEN):
        return 0
    wanted = request.wanted if state is Breaker.CLOSED else min(request.wanted, 1)
    burst = routing.burst_of(request.rate) if request.burst is None else request.burst
    granted, next_free_ms = routing.permits(row.next_free_ms, request.now_ms, request.rate, wanted, burst)
    row = row._replace(next_free_ms=next_free_ms)
    if granted and state is Breaker.HALF_OPEN:
        row = row._replace(open_until=-routing.probe_sent(health, now).open_until)
    rows[name] = row
    return granted
