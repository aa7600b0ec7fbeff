"""What was sent, in segments, which is what providers charge for: by month, kind and agency.

A message counts with the segments of its last try, in the month (Asia/Jakarta) of the last thing that
happened to it, once a provider took it. A message that a second provider had to carry counts once, so a bill
may be slightly higher. Replies belong to no agency.

The messages that ended come from ``message_ended`` (state, kind, changed_at, agency_id, segments) alone;
those without a report from ``message_waiting`` and their rows. All of twelve months are added up: with a
million messages that takes about a second, so this is for a page of its own.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, func, select

from survey.database import Statement, Tx
from survey.messaging.backlog import ended_as
from survey.messaging.models import MESSAGE_KINDS, Message
from survey.messaging.states import in_state
from survey.models import Agency, columns

MONTHS = 12
ZONE = ZoneInfo("Asia/Jakarta")

_m = columns(Message)
_agency = columns(Agency)
CODES = Statement(select(_agency.id, _agency.code))


def _segments(state: ColumnElement[bool]) -> Statement:
    return Statement(
        select(_m.agency_id, func.sum(_m.segments))
        .where(
            state,
            _m.kind == bindparam("of"),
            _m.changed_at >= bindparam("since"),
            _m.changed_at < bindparam("until"),
        )
        .group_by(_m.agency_id)
    )


TAKEN = (
    *(_segments(ended_as(state)) for state in ("delivered", "undelivered", "expired")),
    _segments(in_state("submitted")),
)


class Cost(NamedTuple):
    """Segments of a month (``yyyymm``) by kind; ``agency`` is a code, None for replies."""

    month: int
    kind: str
    agency: str | None
    segments: int


class Period(NamedTuple):
    """Ask for the month of a moment (UTC epoch s) and those before it, ``months`` in all."""

    now: int
    months: int = MONTHS


class Span(NamedTuple):
    """A month and where it begins and ends, UTC epoch seconds."""

    month: int
    since: int
    until: int


def read_costs(tx: Tx, periods: Sequence[Period]) -> list[list[Cost]]:
    """The segments of each period, the latest month first."""
    return [_read(tx, period) for period in periods]


def _read(tx: Tx, period: Period) -> list[Cost]:
    codes: dict[int, str] = {row[0]: row[1] for row in tx.all(CODES)}
    costs = []
    for span in spans(*period):
        for kind in MESSAGE_KINDS:
            added: dict[str | None, int] = {}
            for statement in TAKEN:
                for agency_id, segments in tx.all(
                    statement, {"of": kind, "since": span.since, "until": span.until}
                ):
                    code = codes.get(agency_id)
                    added[code] = added.get(code, 0) + int(segments)
            ordered = sorted(added.items(), key=lambda item: (item[0] or "", item[1]))
            costs += [Cost(span.month, kind, code, segments) for code, segments in ordered if segments]
    return costs


def spans(now: int, months: int) -> list[Span]:
    """The month of a moment and those before it, the latest first."""
    begun = datetime.datetime.fromtimestamp(now, ZONE).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    until = _first_of(begun.year, begun.month + 1)
    found = []
    for back in range(months):
        since = _first_of(begun.year, begun.month - back)
        found.append(Span(since.year * 100 + since.month, int(since.timestamp()), int(until.timestamp())))
        until = since
    return found


def _first_of(year: int, month: int) -> datetime.datetime:
    """The first moment of a month, counted on from, or back from, January (1)."""
    years, month = divmod(month - 1, 12)
    return datetime.datetime(year + years, month + 1, 1, tzinfo=ZONE)
