"""Sending while processes are killed: the workers, Kannel's boxes, the moments, and the accounts afterwards.

Three books are kept by three parties and compared: what the database says became of each message, what the
SMSC took, and which requests Kannel's HTTP interface got, by its own log. So it can be told whose doing a
message is that went twice or not at all.
"""

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from survey.messaging import provider_states, troubled
from survey.messaging.outbox import ref_of
from survey.messaging.troubled import Retried, Retry
from survey.settings import Settings
from survey.writer import Writer
from tests.servers import ROOT
from tests.smpp.product import Product

DEADLINE_SECONDS = 180.0
COMMAND = (sys.executable, "-m", "survey.cli", "sms", "work")
WORKERS = 2
IN_FLIGHT = 20
SENDING = "sending; stop with Ctrl-C"
MESSAGES = (
    "SELECT i.contact, m.state, m.agency_id, m.id FROM message m"
    " JOIN invitation i ON i.agency_id = m.agency_id AND i.transaction_id = m.transaction_id"
)
_REQUESTED = re.compile(rb"sendsms sender:<[^>]*> \([^)]*\) to:<([^>]*)>")
Victim = Literal["worker", "smsbox", "bearerbox"]


class Kill(NamedTuple):
    """Kill ``victim`` once the SMSC has taken ``taken`` messages, ``after`` seconds later."""

    victim: Victim
    which: int
    taken: int
    after: float


def plan(seed: int, messages: int, workers: int, boxes: int) -> list[Kill]:
    """So many kills of workers and of boxes, at random moments while messages are being sent."""
    drawn = random.Random(seed)
    victims: list[Victim] = ["worker"] * workers
    victims += [("smsbox", "bearerbox")[number % 2] for number in range(boxes)]  # type: ignore[misc]
    drawn.shuffle(victims)
    step = messages * 0.9 / len(victims)
    return [
        Kill(victim, drawn.randrange(WORKERS), int(step * (number + drawn.random())), drawn.uniform(0, 0.1))
        for number, victim in enumerate(victims)
    ]


class Worker:
    """`percaya sms work` as a process of its own."""

    def __init__(self, settings: Settings, sms_file: Path, log: Path) -> None:
        self._log, self._path = log.open("wb"), log
        self.process = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PERCAYA_SECRET": settings.secret.get_secret_value(),
                "PERCAYA_BASE_URL": str(settings.base_url),
                "PERCAYA_DATABASE_URL": settings.database_url,
                "PERCAYA_SMS_FILE": str(sms_file),
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait_until_it_sends(self) -> None:
        """Wait until it has begun; AssertionError when it has ended."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while SENDING not in self._path.read_text():
            assert self.process.poll() is None, self._path.read_text()
            assert time.monotonic() < deadline, "the worker did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        self._log.close()


class Crash:
    """An installation with two workers of its own, and the kills it lives through."""

    def __init__(self, product: Product, directory: Path) -> None:
        self.product, self.kannel = product, product.kannel
        self.killed: Counter[str] = Counter()
        self._directory = directory
        self._started = 0
        self._workers: list[Worker] = []
        self._writer = Writer(product.database)

    def start(self) -> None:
        """Start the workers."""
        self._workers = [self._start_worker() for _ in range(WORKERS)]

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        self._writer.close()

    def lose_workers(self) -> None:
        """Kill every worker where it stands; `start` starts others."""
        for worker in self._workers:
            worker.kill()
        self.killed["worker"] += len(self._workers)
        self._workers.clear()

    def _start_worker(self) -> Worker:
        self._started += 1
        log = self._directory / f"worker-{self._started}.log"
        return Worker(self.product.settings, self.product.sms_file, log)

    def live_through(self, kills: Sequence[Kill]) -> None:
        """Kill what is to be killed when its moment has come, and start it again."""
        for kill in kills:
            if kill.victim == "worker":
                self._workers[kill.which].wait_until_it_sends()
            self._wait_until_taken(kill.taken)
            time.sleep(kill.after)  # the random instant of the kill
            self._kill(kill)
            self.killed[kill.victim] += 1

    def _kill(self, kill: Kill) -> None:
        if kill.victim == "worker":
            self._workers[kill.which].kill()
            self._workers[kill.which] = self._start_worker()
            return
        self.kannel.restart(kill.victim)
        self.mend()

    def mend(self) -> None:
        """What an operator does who has mended a provider: `percaya sms resume kannel`."""
        self._writer.call(provider_states.resume, "kannel")

    def retry(self, refs: Sequence[str]) -> None:
        """What an operator does about messages in doubt: `percaya sms retry REF --yes`."""
        for ref in refs:
            done = self._writer.call(troubled.retry, Retry(ref, int(time.time()), True))
            assert done is Retried.QUEUED, f"{ref}: {done}"

    def _wait_until_taken(self, count: int) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        mended = time.monotonic()
        while (taken := self.kannel.smsc.counters()["parts"]) < count:
            assert time.monotonic() < deadline, f"{taken} of {count} messages were taken: {self.states()}"
            if time.monotonic() - mended > 2:
                self.mend()
                mended = time.monotonic()
            time.sleep(0.01)

    def wait_until_nothing_moves(self) -> None:
        """Wait until every message is delivered, or in doubt and nothing is under way that could tell."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        before: tuple[object, ...] = ()
        since = time.monotonic()
        while time.monotonic() - since < 4:  # more than Kannel waits before it tells us again
            assert time.monotonic() < deadline, f"not settled: {self.states()}\n{self.kannel.logs()}"
            moving = self._moving()
            if moving != before or any(moving[1:]):
                before, since = moving, time.monotonic()
                self.mend()
            time.sleep(0.2)

    def wait_for_states(self, *states: str) -> None:
        """Wait until every message is in one of these states."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not set(found := self.states()) <= set(states):
            assert time.monotonic() < deadline, f"{found}\n{self.kannel.logs()}"
            time.sleep(0.1)

    def wait_for_counts(self, **counts: int) -> None:
        """Wait until exactly so many messages are in these states, and none in another."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (found := self.states()) != counts:
            assert time.monotonic() < deadline, f"{found}\n{self.kannel.logs()}"
            time.sleep(0.1)

    def _moving(self) -> tuple[object, ...]:
        states = self.states()
        going = sum(states[state] for state in ("scheduled", "queued", "claimed", "sending"))
        return (
            tuple(sorted(states.items())),
            going,
            self.product.rows("SELECT COUNT(*) FROM sms_callback WHERE state <> 'done'")[0][0],
            self.kannel.smsc.counters()["owed"],
            not self.kannel.status().idle,
        )

    def states(self) -> Counter[str]:
        """How many messages are in each state."""
        return Counter(dict(self.product.rows("SELECT state, COUNT(*) FROM message GROUP BY state")))


class Books:
    """What three parties say of each number: the database, the SMSC and Kannel's HTTP interface."""

    def __init__(self, product: Product, log: Path) -> None:
        keys = product.settings.keys
        found = [(keys.open_contact(bytes(sealed)), *known) for sealed, *known in product.rows(MESSAGES)]
        self.states: dict[str, str] = {phone: state for phone, state, _, _ in found}
        self.refs = {phone: ref_of(agency, number) for phone, _, agency, number in found}
        self.taken = Counter(part.recipient for part in product.kannel.smsc.parts())
        self.requested = Counter(number.decode() for number in _REQUESTED.findall(log.read_bytes()))

    def of_state(self, *states: str) -> set[str]:
        """The numbers whose message is in one of these states."""
        return {phone for phone, state in self.states.items() if state in states}

    @property
    def twice_asked(self) -> set[str]:
        """The numbers for which Kannel was asked more than once: the product's doing."""
        return {phone for phone, count in self.requested.items() if count > 1}

    @property
    def twice_taken(self) -> set[str]:
        """The numbers that were written to more than once."""
        return {phone for phone, count in self.taken.items() if count > 1}

    @property
    def never_taken(self) -> set[str]:
        """The numbers that were never written to."""
        return set(self.states) - set(self.taken)


def phones(count: int) -> list[str]:
    """Different mobile numbers, E.164."""
    return [f"+62812{30_000_000 + number}" for number in range(count)]
