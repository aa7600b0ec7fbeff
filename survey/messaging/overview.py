"""Everything a person on duty is shown: what waits, how it went lately, how the providers are, what it means.

Beside what ``backlog`` counts, read here with these indexes:

====================================  =====================================================================
what                                  index
====================================  =====================================================================
messages ended in the last 24 h       ``message_ended`` (state, kind, changed_at)
tries of the last 24 h, durations     ``message_attempt_provider`` (provider, at), then the rows
delivered of those handed over        the same, then each message by its primary key
opt-outs                              the primary key
====================================  =====================================================================

Each number is bounded, like those of ``backlog``. With 1,000,000 messages and two busy providers all
of it takes about 0.2 s on SQLite and on PostgreSQL, and what ``backlog`` reads of it less than 0.1 s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, case, func, literal_column, select

from survey.database import Statement, Tx
from survey.messaging import provider_states
from survey.messaging.backlog import (
    MOST_COUNTED,
    ONE,
    Backlog,
    Looking,
    bounded,
    count,
    ended_as,
    read_backlog,
)
from survey.messaging.gateway import Verdict
from survey.messaging.models import ENDED_STATES, MESSAGE_KINDS, Message, MessageAttempt, OptOut
from survey.messaging.routing import Breaker, ProviderHealth, breaker, recovered
from survey.models import columns

if TYPE_CHECKING:
    from survey.messaging.config import SmsConfig

DAY_SECONDS = 86_400
JUDGED_SECONDS = 7 * DAY_SECONDS
MOST_TRIED = 5_000
MOST_JUDGED = 2_000
"""So many of the latest messages say what share is delivered to within two points."""
MOST_TIMED = 1_000
STALLED_SECONDS = 120
"""A worker takes a turn every second: what is due for longer has nobody to send it."""

_m = columns(Message)
_a = columns(MessageAttempt)

ENDED = {
    state: bounded(
        select(ONE).where(ended_as(state), _m.kind == bindparam("of"), _m.changed_at > bindparam("since"))
    )
    for state in ENDED_STATES
}
_BY_PROVIDER = _a.provider == bindparam("of")
_latest_tries = (
    select(_a.outcome.label("outcome"))
    .where(_BY_PROVIDER, _a.at > bindparam("since"))
    .order_by(_a.at.desc())
    .limit(bindparam("most"))
    .subquery()
)
TRIES = Statement(select(_latest_tries.c.outcome, func.count()).group_by(_latest_tries.c.outcome))
DURATIONS = Statement(
    select(_a.milliseconds, _a.at).where(_BY_PROVIDER).order_by(_a.at.desc()).limit(bindparam("most"))
)
_handed_over = (
    select(_a.agency_id.label("agency_id"), _a.message_id.label("message_id"))
    .where(_BY_PROVIDER, _a.at > bindparam("since"), _a.outcome == literal_column(f"'{Verdict.ACCEPTED}'"))
    .order_by(_a.at.desc())
    .limit(bindparam("most"))
    .subquery()
)
_THEIRS = _m.provider == bindparam("by")
# Of a message that another provider carries by now, this one delivered nothing.
DELIVERED = Statement(
    select(
        func.count(),
        func.sum(case((_THEIRS & (_m.state == "delivered"), 1), else_=0)),
        func.sum(case((_THEIRS & (_m.state == "submitted"), 1), else_=0)),
    )
    .select_from(_handed_over)
    .join(Message, (_m.agency_id == _handed_over.c.agency_id) & (_m.id == _handed_over.c.message_id))
)
OPTED_OUT = bounded(select(ONE).select_from(OptOut))


class Question(NamedTuple):
    """Ask how things are at ``now`` (UTC epoch s); ``weights`` are those of the configured providers."""

    now: int
    weights: Mapping[str, int]
    report_seconds: int
    most: int = MOST_COUNTED


@dataclass(frozen=True)
class Delivery:
    """What became of the latest messages a provider took, at most ``MOST_JUDGED`` of the last seven days.

    ``low`` and ``high`` are the ends of the 95 % Wilson interval of ``delivered / taken``, each 0 to 1.
    ``open`` are those no report has come of; they count as not delivered.
    """

    taken: int
    delivered: int
    open: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Delivered of those taken, 0 to 1."""
        return self.delivered / self.taken


@dataclass(frozen=True)
class ProviderView:
    """How a provider is.

    Attributes:
        name: its name in the configuration.
        weight: its share of what is sent, now, 0 to 100.
        resting: the same when all is well.
        breaker: whether it is asked: closed, half open or being probed; open means not.
        open_until: until when it is not asked (UTC epoch s), 0 when it is.
        trouble: the code its breaker opened with.
        paused: by itself or with everything.
        tries: tries of the last 24 hours by verdict, the latest ``MOST_TRIED`` of them.
        last_try: when it was last asked (UTC epoch s), None for never.
        delivery: what became of what it took lately, None when it took nothing.
        median: of the milliseconds of its last 1,000 tries; None without any.
        p95: the 95th percentile of the same (nearest rank).
    """

    name: str
    weight: int
    resting: int
    breaker: Breaker
    open_until: int
    trouble: str | None
    paused: bool
    tries: Mapping[str, int]
    last_try: int | None
    delivery: Delivery | None
    median: int | None
    p95: int | None

    @property
    def tried(self) -> int:
        """How many tries those are."""
        return sum(self.tries.values())

    @property
    def accepted(self) -> int:
        """In how many of them it took the message."""
        return self.tries.get(Verdict.ACCEPTED, 0)

    @property
    def asked(self) -> bool:
        """Whether messages go to it."""
        return not self.paused and self.breaker is not Breaker.OPEN


class Condition(StrEnum):
    """The one thing to know first, the worst that holds."""

    PAUSED = "paused"
    NO_PROVIDER = "no_provider"
    STALLED = "stalled"
    BEHIND = "behind"
    ATTENTION = "attention"
    WELL = "well"


@dataclass(frozen=True)
class Overview:
    """How things are; ``ended`` counts the messages that ended in the last 24 hours, by state and kind."""

    backlog: Backlog
    ended: Mapping[str, Mapping[str, int]]
    providers: tuple[ProviderView, ...]
    opted_out: int
    everything_paused: bool

    @property
    def condition(self) -> Condition:
        """What it all means."""
        if self.everything_paused:
            return Condition.PAUSED
        if not any(provider.asked for provider in self.providers):
            return Condition.NO_PROVIDER
        if self._nobody_works:
            return Condition.STALLED
        if (self.backlog.oldest_due or 0) > STALLED_SECONDS:
            return Condition.BEHIND
        ill = any(not one.asked or one.trouble or one.breaker is not Breaker.CLOSED for one in self.providers)
        if ill or self.backlog.in_doubt or self.backlog.stuck:
            return Condition.ATTENTION
        return Condition.WELL

    @property
    def _nobody_works(self) -> bool:
        if (self.backlog.oldest_callback or 0) > STALLED_SECONDS:
            return True
        last = max((provider.last_try or 0 for provider in self.providers), default=0)
        tried_lately = self.backlog.now - last <= STALLED_SECONDS
        return (self.backlog.oldest_due or 0) > STALLED_SECONDS and not tried_lately


def question_of(config: "SmsConfig", now: int) -> Question:
    """What is asked of an installation with this configuration."""
    weights = {provider.name: provider.weight for provider in config.providers}
    return Question(now, weights, config.delivery.report_hours * 3600)


def read_overview(tx: Tx, questions: Sequence[Question]) -> list[Overview]:
    """How things are, for each question."""
    return [_read(tx, question) for question in questions]


def read_glance(tx: Tx, questions: Sequence[Question]) -> list[tuple[Backlog, dict[str, ProviderHealth]]]:
    """The little of it that a monitor asks for every few seconds: what waits, and the providers' health."""
    return [
        (read_backlog(tx, [_looking(question)])[0], provider_states.look(tx, [question.weights])[0])
        for question in questions
    ]


def _looking(question: Question) -> Looking:
    return Looking(question.now, question.report_seconds, question.most)


def _read(tx: Tx, question: Question) -> Overview:
    since, most = question.now - DAY_SECONDS, question.most
    backlog, healths = read_glance(tx, [question])[0]
    return Overview(
        backlog=backlog,
        ended={
            state: {kind: count(tx, one, of=kind, since=since, most=most) for kind in MESSAGE_KINDS}
            for state, one in ENDED.items()
        },
        providers=tuple(_provider(tx, health, question) for health in healths.values()),
        opted_out=count(tx, OPTED_OUT, most=most),
        everything_paused=provider_states.is_paused(tx, [provider_states.EVERYTHING])[0],
    )


def _provider(tx: Tx, health: ProviderHealth, question: Question) -> ProviderView:
    now, of = question.now, {"of": health.name}
    timed = tx.all(DURATIONS, {**of, "most": MOST_TIMED})
    durations = sorted(milliseconds for milliseconds, _ in timed)
    state = breaker(health, now)
    return ProviderView(
        name=health.name,
        weight=recovered(health, now).weight,
        resting=health.resting,
        breaker=state,
        open_until=health.open_until if state is Breaker.OPEN else 0,
        trouble=health.trouble,
        paused=health.paused,
        tries=dict(tx.all(TRIES, {**of, "since": now - DAY_SECONDS, "most": MOST_TRIED})),
        last_try=timed[0][1] if timed else None,
        delivery=_delivery(tx, health.name, now),
        median=percentile(durations, 50) if durations else None,
        p95=percentile(durations, 95) if durations else None,
    )


def _delivery(tx: Tx, name: str, now: int) -> Delivery | None:
    # Loads the numbers' libraries only where somebody looks.
    from analysis.intervals import wilson_proportion

    asked = {"of": name, "by": name, "since": now - JUDGED_SECONDS, "most": MOST_JUDGED}
    taken, delivered, waiting = tx.one(DELIVERED, asked) or (0, 0, 0)
    if not taken:
        return None
    interval = wilson_proportion(delivered, taken)
    return Delivery(taken, delivered, waiting, interval.low, interval.high)


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The percentile of values in ascending order, at least one, by nearest rank."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
