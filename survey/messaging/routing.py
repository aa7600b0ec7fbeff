"""Which provider a message goes by next, when a failed one is tried again, and how fast a provider is fed.

Pure. Three things bear on the choice: the weight, which failures lower and time restores; the breaker,
which stops asking a provider that only fails and then lets one message through to see; and the
throughput, which is the provider's to allow. Weights that sink by 10 and creep back by 10 follow the
publicly documented behaviour of GOV.UK Notify; the breaker follows M. Nygard, "Release It!".

Times are UTC epoch seconds unless a name ends in ``_ms``. A clock that was wrong and has been put right
leaves moments far in the future behind: they are taken for what they are and forgotten.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple, Protocol

from survey.messaging.gateway import Verdict

TOLERATED_FAILURES = 5
"""So many failures in a row leave the breaker closed; one more opens it."""
OPEN_SECONDS = 30
LONGEST_OPEN_SECONDS = 15 * 60
PROBE_SECONDS = 60
"""How long a probe may be out before another may go: longer than any provider is waited for."""
BURST_OF_FAILURES = 2
"""So many failures in a row lower the weight: one between successes says nothing of the provider."""
WEIGHT_STEP = 10
LOWERED_AGAIN_SECONDS = 60
RECOVERY_SECONDS = 15 * 60
BURST_SECONDS = 0.25
"""Unused throughput is kept for so long: who comes back within it can use the whole of a higher rate."""
_MOST_FAILURES = 1_000

Draw = Callable[[], float]
"""A random number in [0, 1), such as ``random.Random().random``."""

# The provider could not or would not take it; a verdict about the message alone speaks for the provider.
_FAILURES = frozenset({Verdict.TEMPORARY, Verdict.REFUSED, Verdict.UNKNOWN})


class Breaker(StrEnum):
    """Whether a provider may be asked: only closed, or half open and then by one message."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    PROBING = "probing"


class ProviderHealth(NamedTuple):
    """What is known of a provider.

    ``resting`` is the weight its configuration gives (0 to 100), ``weight`` the one it had at
    ``weight_changed_at``, which is 0 while it rests. ``failures`` counts those in a row. ``open_until``
    is 0 while the breaker is closed; with ``probing`` it is the moment until which the probe is waited
    for. ``trouble`` is the code the breaker opened with.
    """

    name: str
    resting: int
    weight: int
    failures: int = 0
    open_until: int = 0
    probing: bool = False
    weight_changed_at: int = 0
    paused: bool = False
    trouble: str | None = None


class RetryRules(Protocol):
    """How long to wait after a failed try: first ``retry_seconds``, doubled up to ``retry_most_seconds``."""

    @property
    def retry_seconds(self) -> int: ...  # noqa: D102
    @property
    def retry_most_seconds(self) -> int: ...  # noqa: D102


def resting(name: str, weight: int) -> ProviderHealth:
    """A provider nothing has happened to, with the weight of its configuration."""
    return ProviderHealth(name, weight, weight)


def breaker(health: ProviderHealth, now: int) -> Breaker:
    """The state of a provider's breaker at ``now``."""
    if not health.open_until:
        return Breaker.CLOSED
    if 0 < health.open_until - now <= LONGEST_OPEN_SECONDS:
        return Breaker.PROBING if health.probing else Breaker.OPEN
    return Breaker.HALF_OPEN


def recovered(health: ProviderHealth, now: int) -> ProviderHealth:
    """The same provider with the weight that time has given back: 10 per 15 minutes, up to its rest."""
    if health.weight_changed_at == 0 or health.weight_changed_at - now > LOWERED_AGAIN_SECONDS:
        return health._replace(weight=health.resting, weight_changed_at=0)
    steps = max(0, now - health.weight_changed_at) // RECOVERY_SECONDS
    weight = min(health.resting, health.weight + steps * WEIGHT_STEP)
    at_rest = weight == health.resting
    changed_at = 0 if at_rest else health.weight_changed_at + steps * RECOVERY_SECONDS
    return health._replace(weight=weight, weight_changed_at=changed_at)


def choose(candidates: Sequence[ProviderHealth], draw: Draw, now: int, tried: Collection[str]) -> str | None:
    """Draw a provider by weight for a message that ``tried`` these before; None when none may be asked.

    A provider that failed this message is drawn again only when no other may be asked, and one of weight
    0 only when no other has any weight. A provider whose breaker is half open takes part in the draw;
    that one message only goes there is seen to where the permits are given.
    """
    askable = [
        health
        for health in candidates
        if not health.paused and breaker(health, now) in (Breaker.CLOSED, Breaker.HALF_OPEN)
    ]
    fresh = [health for health in askable if health.name not in tried] or askable
    if not fresh:
        return None
    weights = [recovered(health, now).weight for health in fresh]
    if not any(weights):
        weights = [1] * len(fresh)
    heaps = list(accumulate(weights))
    return fresh[bisect_right(heaps, draw() * heaps[-1], hi=len(fresh) - 1)].name


def after(health: ProviderHealth, verdict: Verdict, now: int, code: str = "") -> ProviderHealth:
    """What is known of a provider after it answered, or failed to answer, about one message.

    The very same object comes back when there is nothing new to know. While the breaker is open and no
    probe is out, an answer belongs to a message that went before it opened, and says nothing new.
    """
    state = breaker(health, now)
    if verdict is Verdict.ACCOUNT:
        return _refused_us(health, now, code or verdict.value)
    if state is Breaker.OPEN:
        return health
    if verdict not in _FAILURES:
        if not health.failures and not health.open_until:
            return health
        return health._replace(failures=0, open_until=0, probing=False, trouble=None)
    failures = min(health.failures + 1, _MOST_FAILURES)
    failed = _lowered(health, failures, now)._replace(failures=failures)
    if state is Breaker.CLOSED and failures <= TOLERATED_FAILURES:
        return failed
    return failed._replace(
        failures=max(failures, TOLERATED_FAILURES + 1),
        open_until=now + open_seconds(failures),
        probing=False,
        trouble=code or verdict.value,
    )


def _refused_us(health: ProviderHealth, now: int, trouble: str) -> ProviderHealth:
    # Wrong credentials or an empty account do not mend themselves: somebody has to see it.
    return health._replace(
        failures=max(health.failures, TOLERATED_FAILURES + 1),
        open_until=now + LONGEST_OPEN_SECONDS,
        probing=False,
        trouble=trouble,
    )


def _lowered(health: ProviderHealth, failures: int, now: int) -> ProviderHealth:
    current = recovered(health, now)
    lately = current.weight_changed_at > 0 and now - current.weight_changed_at < LOWERED_AGAIN_SECONDS
    if failures < BURST_OF_FAILURES or lately:
        return current
    return current._replace(weight=max(0, current.weight - WEIGHT_STEP), weight_changed_at=now)


def open_seconds(failures: int) -> int:
    """How long the breaker stays open after so many failures in a row: 30 s, doubling, at most 15 min."""
    doublings = min(max(0, failures - TOLERATED_FAILURES - 1), 10)
    return min(OPEN_SECONDS << doublings, LONGEST_OPEN_SECONDS)


def probe_sent(health: ProviderHealth, now: int) -> ProviderHealth:
    """A half-open provider whose one message is on its way."""
    return health._replace(open_until=now + PROBE_SECONDS, probing=True)


def retry_at(attempts: int, rules: RetryRules, now: int, draw: Draw) -> int:
    """When a message is tried again after ``attempts`` (1 or more) failed tries.

    Exponential with equal jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): half of the
    wait is sure, half drawn, so that what failed together does not come back together.
    """
    # Doublings beyond 30 are past any cap, and would only make a large number.
    wait = min(rules.retry_seconds << min(max(0, attempts - 1), 30), rules.retry_most_seconds)
    return now + max(1, math.ceil(wait / 2 + draw() * wait / 2))


def burst_of(rate: float) -> int:
    """How many messages may go at once at ``rate`` a second: one to a slow provider.

    To one that takes a message or more in ``BURST_SECONDS``, as many as fall into that time, and one for
    the fraction left over from the time before.
    """
    held = rate * BURST_SECONDS
    return 1 + math.ceil(held) if held >= 1 else 1


def permits(next_free_ms: int, now_ms: int, rate: float, wanted: int, burst: int) -> tuple[int, int]:
    """How many of ``wanted`` messages may go now, and the ``next_free_ms`` to keep.

    The generic cell rate algorithm as virtual scheduling (ITU-T I.371, ATM Forum TM 4.0):
    ``next_free_ms`` is the theoretical arrival time of the next message. In any t seconds at most
    rate · t + burst go, and rounding up to whole milliseconds errs towards fewer: few at a time lose up to
    1 ms each. ``rate`` is messages a second, 0 for no limit; ``burst`` is 1 or more. The second number
    must be kept even when nothing is granted.
    """
    if rate <= 0:
        return max(0, wanted), next_free_ms
    exact = Fraction(rate)
    start = max(next_free_ms, now_ms)
    room = math.floor(burst - (start - now_ms) * exact / 1000)
    granted = max(0, min(wanted, room))
    if granted == 0:
        # Further ahead than a whole burst only when the clock was put back or the limit raised: then all
        # is used up, and no more than that.
        return 0, min(next_free_ms, now_ms + math.ceil(1000 * burst / exact))
    return granted, start + math.ceil(1000 * granted / exact)
