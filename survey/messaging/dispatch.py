"""Handing over what is due: who carries it, as many as may go, side by side."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import SystemRandom
from typing import NamedTuple

from survey import tokens
from survey.clock import day_in
from survey.database import Tx, Unavailable
from survey.instruments import Instrument
from survey.messaging import contact_policies, provider_states, sending
from survey.messaging.config import SmsConfig
from survey.messaging.gateway import Gateway, Outgoing, Sent, Verdict, open_gateway
from survey.messaging.outbox import Claim, Claimed, Due, Release, claim, count_due, release
from survey.messaging.policy import Rules, reminder_moment
from survey.messaging.preparing import Against, Desk, Later, Ready, prepare
from survey.messaging.promoting import UNREADABLE_SECONDS
from survey.messaging.provider_states import Attempted, Wanted
from survey.messaging.routing import ProviderHealth, choose, retry_at
from survey.messaging.sending import Begin, Finish, Suppression
from survey.settings import Settings
from survey.writer import Writer

FINISH_TRIES = 20
RULES_SECONDS = 60
ROOM_SECONDS = 0.05
_log = logging.getLogger("percaya.sms")
_FAILED = (Verdict.TEMPORARY, Verdict.REFUSED, Verdict.ACCOUNT)


class Parts(NamedTuple):
    """What sending works with; ``now`` is UTC epoch seconds, ``write`` is where the console writes."""

    config: SmsConfig
    national: Rules
    settings: Settings
    instruments: Mapping[str, Instrument]
    writer: Writer
    now: Callable[[], int]
    now_ms: Callable[[], int]
    write: Callable[[str], None]


class Asked(NamedTuple):
    """Messages to claim, as many as these permits allow."""

    wanted: tuple[Wanted, ...]
    claim: Claim


def take(tx: Tx, items: Sequence[Asked]) -> list[tuple[list[int], list[Claimed]]]:
    """Take permits, and claim a message for each; the permits of each provider, and what was claimed."""
    taken = []
    for wanted, asked in items:
        permits = provider_states.take_permits(tx, wanted)
        most = sum(permits)
        taken.append((permits, claim(tx, [asked._replace(most=most)])[0] if most else []))
    return taken


class Dispatcher:
    """Hands messages to providers. Lives in one event loop; several may share a database."""

    def __init__(self, parts: Parts) -> None:
        self.flying: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self.held_back = False  # whether more was due than the providers' limits let go
        self._parts = parts
        self._run = parts.writer.run
        self._delivery = parts.config.delivery
        self._random = SystemRandom()
        self._providers = {provider.name: provider for provider in parts.config.providers}
        self._weights = {provider.name: provider.weight for provider in parts.config.providers}
        self._gateways: dict[str, Gateway] = {}
        self._in_flight: Counter[str] = Counter()
        self._healths: dict[str, ProviderHealth] = {}
        self._rules: dict[int, Rules] = {}
        self._rules_until: dict[int, int] = {}
        settings = parts.settings
        self._desk = Desk(settings.keys, settings.public_url, parts.instruments, self._rules.__getitem__)

    async def close(self) -> None:
        """Let what is flying land, and let go of the connections."""
        if self.flying:
            await asyncio.wait(self.flying)
        for gateway in self._gateways.values():
            await gateway.close()
        self._gateways.clear()

    async def make_room(self) -> None:
        """Wait a moment for half of what may fly to have landed, so that a look and a claim serve many."""
        self._room.clear()
        if len(self.flying) > self._delivery.concurrency // 2:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), ROOM_SECONDS)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self.flying.discard(task)
        if len(self.flying) <= self._delivery.concurrency // 2:
            self._room.set()

    async def send_due(self) -> int:
        """Claim and hand over as many messages as may go now; how many were claimed."""
        now = self._parts.now()
        free = min(self._delivery.concurrency - len(self.flying), self._delivery.batch)
        self.held_back = False
        if free <= 0:
            return 0
        # Asked for together, they are one transaction; and so they are with what else a turn looks at.
        due, self._healths = await asyncio.gather(
            self._run(count_due, Due(now, free)), self._run(provider_states.load, self._weights)
        )
        wanted = self._wanted(due, now)
        asked = Asked(wanted, Claim(now, due, self._delivery.lease_seconds, tokens.draw_id()))
        permits, claimed = await self._run(take, asked) if wanted else ([], [])
        self.held_back = sum(permits) < due
        slots = [one.provider for one, granted in zip(wanted, permits, strict=True) for _ in range(granted)]
        self._random.shuffle(slots)
        await self._know_rules({message.agency_id for message in claimed if message.kind != "reply"}, now)
        for message, provider in zip(claimed, slots, strict=False):
            await self._take_off(message, provider, now)
        return len(claimed)

    def _wanted(self, due: int, now: int) -> tuple[Wanted, ...]:
        """How many messages each provider is asked to let go, drawn by weight."""
        candidates = list(self._healths.values())
        drawn: Counter[str] = Counter()
        for _ in range(due):
            name = choose(candidates, self._random.random, now, ())
            if name is not None:
                drawn[name] += 1
        asked = (self._asked_of(name, count) for name, count in drawn.items())
        return tuple(one for one in asked if one.wanted > 0)

    def _asked_of(self, name: str, count: int) -> Wanted:
        provider = self._providers[name]
        wanted = min(count, provider.in_flight - self._in_flight[name])
        return Wanted(name, provider.throughput, wanted, self._parts.now_ms())

    async def _know_rules(self, agencies: set[int], now: int) -> None:
        until = self._rules_until
        # One that is further away was set by a clock that has been put back since.
        known = {agency for agency in agencies if 0 < until.get(agency, 0) - now <= RULES_SECONDS}
        old = tuple(sorted(agencies - known))
        if old:
            found = await self._run(_read_rules, (old, self._parts.national))
            for agency in old:
                self._rules.pop(agency, None)
            self._rules.update(found)
            self._rules_until.update(dict.fromkeys(old, now + RULES_SECONDS))

    async def _take_off(self, message: Claimed, provider: str, now: int) -> None:
        try:
            ready = prepare(message, self._desk, now)
        except Exception as error:  # its number or its agency's rules cannot be read: it waits for somebody
            _log.error("message %s cannot be prepared: %s", message.ref, type(error).__name__)
            ready = Later(message, now + UNREADABLE_SECONDS)
        if isinstance(ready, Against):
            await self._run(sending.suppress, Suppression(message, ready.why, now))
        elif isinstance(ready, Later):
            await self._run(release, Release(message, ready.due, now))
        else:
            carrier = await self._carrier(message, provider, now)
            if carrier is None:
                await self._run(release, Release(message, now + 1, now))
                return
            self._in_flight[carrier] += 1
            task = asyncio.create_task(self._hand_over(ready, carrier))
            self.flying.add(task)
            task.add_done_callback(self._landed)

    async def _carrier(self, message: Claimed, drawn: str, now: int) -> str | None:
        """The provider for a message: not the one that just failed it, when another may be asked."""
        if message.attempts == 0 or message.provider != drawn:
            return drawn
        other = choose(list(self._healths.values()), self._random.random, now, (drawn,))
        if other is None or other == drawn:
            return drawn
        asked = self._asked_of(other, 1)
        if asked.wanted <= 0 or not await self._run(provider_states.take_permits, asked):
            return None
        return other

    async def _hand_over(self, ready: Ready, carrier: str) -> None:
        try:
            now = self._parts.now()
            begin = Begin(
                ready.message, carrier, ready.segments, ready.digests, self._delivery.lease_seconds, now
            )
            attempt = await self._run(sending.begin, begin)
            if not attempt:
                return
            started = time.monotonic()
            outgoing = Outgoing(ready.message.ref, ready.phone, ready.text, ready.ucs2)
            sent = await self._gateway(carrier).send(outgoing)
            milliseconds = int((time.monotonic() - started) * 1000)
            await self._land(ready, carrier, attempt, sent, milliseconds)
        except Unavailable:
            # Not begun: the lease ends and another takes it. Begun: it is in doubt until its report comes.
            return
        except Exception as error:  # the same holds; its text may hold what it was about
            _log.error("sending message %s failed: %s", ready.message.ref, type(error).__name__)
        finally:
            self._in_flight[carrier] -= 1

    async def _land(self, ready: Ready, carrier: str, attempt: int, sent: Sent, milliseconds: int) -> None:
        message, now = ready.message, self._parts.now()
        finish = Finish(
            message=message,
            provider=carrier,
            # A reply is not asked about opt-outs, but the provider may answer with one.
            digests=ready.digests or self._desk.keys.phone_digests(ready.phone),
            attempt=attempt,
            segments=ready.segments,
            verdict=sent.verdict,
            provider_ref=sent.provider_ref,
            code=sent.code,
            delivered=self._providers[carrier].kind == "console",
            retry_at=self._retry_at(carrier, attempt, sent.verdict, now) if sent.verdict in _FAILED else None,
            remind_at=self._remind_at(message, now),
            milliseconds=milliseconds,
            today=day_in("UTC", now),
            now=now,
        )
        await self._persist(finish)
        health = self._healths.get(carrier)
        if sent.verdict in _FAILED or sent.verdict is Verdict.UNKNOWN or _was_ill(health):
            result = Attempted(carrier, sent.verdict, now, self._weights[carrier], sent.code)
            self._healths[carrier] = await self._run(provider_states.record, result)

    async def _persist(self, finish: Finish) -> None:
        """Store what the provider said, also when the database is away for a moment."""
        for left in reversed(range(FINISH_TRIES)):
            try:
                await self._run(sending.finish, finish)
                return
            except Unavailable:
                if not left:
                    raise
                await asyncio.sleep(1)

    def _retry_at(self, carrier: str, attempt: int, verdict: Verdict, now: int) -> int | None:
        # That nobody was reached, or our account is refused, is no fault of the message: its own end ends it.
        if attempt >= self._delivery.attempts and verdict not in (Verdict.REFUSED, Verdict.ACCOUNT):
            return None
        other = choose(list(self._healths.values()), self._random.random, now, (carrier,))
        # Each provider is tried once without waiting; then everything waits longer and longer.
        if other not in (None, carrier) and attempt < len(self._providers):
            return now
        return retry_at(attempt, self._delivery, now, self._random.random)

    def _remind_at(self, message: Claimed, now: int) -> int | None:
        rules = self._rules.get(message.agency_id)
        if message.kind != "invitation" or message.timezone is None or rules is None:
            return None
        return reminder_moment(rules, message.timezone, now)

    def _gateway(self, name: str) -> Gateway:
        if name not in self._gateways:
            self._gateways[name] = open_gateway(self._providers[name], self._parts.config, self._parts.write)
        return self._gateways[name]


def _was_ill(health: ProviderHealth | None) -> bool:
    return health is not None and bool(health.failures or health.open_until)


def _read_rules(tx: Tx, items: Sequence[tuple[tuple[int, ...], Rules]]) -> list[dict[int, Rules]]:
    return [contact_policies.read_known(tx, agencies, national) for agencies, national in items]
