"""What waits: messages to be sent, messages on their way, and what providers told.

Each count goes through an index, and each stops at ``MOST_COUNTED``: what a person on duty needs to know of
a larger number is that it is large.

=====================  =================================================================================
what                   index
=====================  =================================================================================
due, later, oldest     ``message_due`` (state, priority, not_before)
claimed, sending       ``message_leased`` (lease_until), then the rows: as many as are being sent now
stuck                  ``message_leased``
submitted, unknown     ``message_waiting`` (state, changed_at)
without a report       ``message_waiting``
callbacks              ``callback_waiting`` (state, received_ms)
=====================  =================================================================================
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select

from survey.database import Statement, Tx
from survey.messaging.models import CALLBACK_STATES, ENDED_STATES, Callback, Message
from survey.messaging.states import in_state
from survey.models import columns

MOST_COUNTED = 100_000
"""No count goes further: one that reaches it means at least so many."""
REPLY_PRIORITY = 0
PRIORITIES = (REPLY_PRIORITY, 1)
NO_REPORT_SECONDS = 30 * 86_400
"""A report that did not come within a month is not waited for, and not counted, any more."""
MILLISECONDS = 1000

DUE_STATES = ("scheduled", "queued")
LEASED_STATES = ("claimed", "sending")
WAITING_STATES = ("submitted", "unknown")
UNDEALT_STATES = CALLBACK_STATES[:2]

_m = columns(Message)
_c = columns(Callback)


def ended_as(state: str) -> ColumnElement[bool]:
    """Whether a message ended in a state, said so that ``message_ended`` serves it."""
    return and_(in_state(*ENDED_STATES), _m.state == literal_column(f"'{state}'"))


def bounded(rows: Select[Any]) -> Statement:
    """How many rows there are, up to ``most``."""
    return Statement(select(func.count()).select_from(rows.limit(bindparam("most")).subquery()))


# One row, for counting.
ONE: Any = literal_column("1").label("one")


def _when(state: str, condition: ColumnElement[bool]) -> Statement:
    urgency = _m.priority == bindparam("of")
    return bounded(select(ONE).where(in_state(state), urgency, condition))


DUE = {state: _when(state, _m.not_before <= bindparam("now")) for state in DUE_STATES}
LATER = {state: _when(state, _m.not_before > bindparam("now")) for state in DUE_STATES}
OLDEST = {
    state: Statement(select(func.min(_m.not_before)).where(in_state(state), _m.priority == bindparam("of")))
    for state in DUE_STATES
}
STUCK = bounded(select(ONE).where(in_state(*LEASED_STATES), _m.lease_until < bindparam("now")))
UNREPORTED = bounded(
    select(ONE).where(
        in_state("submitted"),
        _m.changed_at <= bindparam("before"),
        _m.changed_at > bindparam("long_before"),
    )
)
ON_THEIR_WAY = {
    **{state: bounded(select(ONE).where(in_state(state), _m.lease_until > 0)) for state in LEASED_STATES},
    **{state: bounded(select(ONE).where(in_state(state))) for state in WAITING_STATES},
}


def _undealt(state: str) -> ColumnElement[bool]:
    family: list[ColumnElement[str]] = [literal_column(f"'{one}'") for one in UNDEALT_STATES]
    return and_(_c.state.in_(family), _c.state == literal_column(f"'{state}'"))


CALLBACKS = {state: bounded(select(ONE).where(_undealt(state))) for state in UNDEALT_STATES}
OLDEST_CALLBACK = Statement(select(func.min(_c.received_ms)).where(_undealt("waiting")))


class Looking(NamedTuple):
    """Look at what waits at ``now`` (UTC epoch s); a report is late after ``report_seconds``."""

    now: int
    report_seconds: int
    most: int = MOST_COUNTED


@dataclass(frozen=True)
class Backlog:
    """What waits at ``now``; every count is at most ``most``, and then means at least that many.

    Attributes:
        now: UTC epoch seconds.
        most: where the counting stopped.
        due: messages that may be sent now, by ``reply`` and ``invitation`` (reminders among them).
        later: the same of those whose time has not come: quiet hours, reminders, and further tries.
        oldest_due: for how many seconds the oldest message that is due has been due; None when none is.
        on_their_way: messages by state: claimed, sending, submitted, unknown.
        stuck: messages a worker holds for longer than it may: it is gone, or the database was.
        unreported: messages handed over whose report is late.
        callbacks: what providers told and nobody has dealt with, by state: waiting, unmatched.
        oldest_callback: for how many seconds the oldest of the waiting has waited; None when none does.
    """

    now: int
    most: int
    due: Mapping[str, int]
    later: Mapping[str, int]
    oldest_due: int | None
    on_their_way: Mapping[str, int]
    stuck: int
    unreported: int
    callbacks: Mapping[str, int]
    oldest_callback: int | None

    @property
    def in_doubt(self) -> int:
        """Messages nobody knows whether they were sent."""
        return self.on_their_way["unknown"]


def read_backlog(tx: Tx, items: Sequence[Looking]) -> list[Backlog]:
    """What waits, for each look."""
    return [_read(tx, looking) for looking in items]


def _read(tx: Tx, looking: Looking) -> Backlog:
    now, most = looking.now, looking.most
    late = now - looking.report_seconds
    oldest = [
        moment
        for statement in OLDEST.values()
        for priority in PRIORITIES
        if (moment := _earliest(tx, statement, of=priority)) is not None
    ]
    oldest_callback = _earliest(tx, OLDEST_CALLBACK)
    return Backlog(
        now=now,
        most=most,
        due=_by_urgency(tx, DUE, now, most),
        later=_by_urgency(tx, LATER, now, most),
        oldest_due=_age(min(oldest), now) if oldest else None,
        on_their_way={state: count(tx, one, most=most) for state, one in ON_THEIR_WAY.items()},
        stuck=count(tx, STUCK, now=now, most=most),
        unreported=count(tx, UNREPORTED, before=late, long_before=late - NO_REPORT_SECONDS, most=most),
        callbacks={state: count(tx, one, most=most) for state, one in CALLBACKS.items()},
        oldest_callback=None if oldest_callback is None else max(0, now - oldest_callback // MILLISECONDS),
    )


def count(tx: Tx, statement: Statement, **parameters: Any) -> int:
    """The number a ``bounded`` statement gives."""
    row = tx.one(statement, parameters)
    return 0 if row is None else int(row[0])


def _by_urgency(tx: Tx, statements: Mapping[str, Statement], now: int, most: int) -> dict[str, int]:
    counts = {
        priority: sum(count(tx, one, of=priority, now=now, most=most) for one in statements.values())
        for priority in PRIORITIES
    }
    return {
        "reply" if priority == REPLY_PRIORITY else "invitation": min(count, most)
        for priority, count in counts.items()
    }


def _age(moment: int, now: int) -> int | None:
    return now - moment if moment <= now else None


def _earliest(tx: Tx, statement: Statement, **parameters: Any) -> int | None:
    row = tx.one(statement, parameters)
    return None if row is None else row[0]
