"""Sending through the real Kannel to an SMSC, from the queue to the report; beside it the bare HTTP calls."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from benchmarks.agency import Reporting, batches, links_in, register
from benchmarks.results import Goal, Result
from benchmarks.servers import ROOT, SECRET, Server, cpu_seconds, serve_percaya
from benchmarks.stores import Stores
from survey.database import Database
from tests.smpp.configuration import PASSWORD, SENDER, USER
from tests.smpp.kannel import ALL_REPORTS, Kannel
from tests.smpp.product import CALLBACK, provider_block, sms_file

CONCURRENCY = 32
"""Messages that are handed over side by side, on both sides."""
FEWEST_PER_SECOND = 400
GOAL = Goal(ratio=2)
RATE_GOAL = Goal(ratio=2, most=1e6 / FEWEST_PER_SECOND)
MOST_SECONDS = 600
WARM = 100
"""Messages that are sent first and do not count: the libraries are loaded with them."""
FAR = 2**40
READY = "sending; stop with Ctrl-C"
DELIVERED = "SELECT COUNT(*) FROM message WHERE state = 'delivered'"
WARM_ONLY = f"UPDATE message SET not_before = {FAR} WHERE id NOT IN (SELECT id FROM message LIMIT {WARM})"
THE_REST = f"UPDATE message SET not_before = 0 WHERE not_before = {FAR}"
CALLBACKS = "SELECT COUNT(*) FROM sms_callback"
# As long as an invitation usually is.
TEXT = (
    "Bagaimana layanan KTP-el di Loket 1? Isi ikm.go.id/ABCD2345EFGH atau balas 9 angka 1-4,"
    " mis. 4 3 4 4 4 3 4 4 4. Rahasia. STOP: berhenti"
)


@dataclass(frozen=True)
class Run:
    """One repetition: µs per message by the clock until its report was stored, and of the sending process;
    besides, of the web process that takes the reports, and of the database's processes."""

    wall: float
    process: float
    web: float
    database: float


class Worker:
    """`percaya sms work` as a process of its own, on a database and a file of providers."""

    def __init__(self, url: str, providers: Path) -> None:
        self._log = providers.parent / "worker.log"
        said = self._log.open("wb")
        started = subprocess.Popen(
            [sys.executable, "-m", "survey.cli", "sms", "work"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PERCAYA_ENVIRONMENT": "production",
                "PERCAYA_SECRET": SECRET,
                "PERCAYA_BASE_URL": "https://ikm.go.id",
                "PERCAYA_DATABASE_URL": url,
                "PERCAYA_SMS_FILE": str(providers),
            },
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        said.close()
        self._started = started
        self.process = psutil.Process(started.pid)

    def wait_until_ready(self) -> None:
        """Wait until it has begun; RuntimeError when it ends instead."""
        while READY not in (said := self._log.read_text()):
            if self._started.poll() is not None:
                raise RuntimeError(f"the worker did not start: {said[-2000:]}")
            time.sleep(0.02)

    def close(self) -> None:
        """Ask it to end, and wait."""
        self._started.terminate()
        self._started.wait()


def measure(stores: Stores, kannel: Kannel, *, messages: int, repeats: int) -> list[Result]:
    """Compare sending that many messages with making their HTTP calls, in time and in processor time."""
    with tempfile.TemporaryDirectory() as directory:
        bench = _Bench(stores, kannel, Path(directory), messages)
        ours: list[Run] = []
        floor: list[Run] = []
        for _ in range(repeats):
            ours.append(bench.send())
            floor.append(bench.call())
        stores.drop(bench.prepared)
    best, least = min(ours, key=lambda run: run.wall), min(floor, key=lambda run: run.wall)
    notes = {
        "messages a second until reported, ours and floor": (
            f"{1e6 / best.wall:,.0f} and {1e6 / least.wall:,.0f}"
        ),
        "besides, the web process that takes two reports a message": (
            f"{best.web:.0f} and {least.web:.0f} µs CPU"
        ),
    }
    if best.database:
        notes["besides, processes of the database"] = f"{best.database:.0f} and {least.database:.0f} µs CPU"
    work = f"sending {messages:,} SMS through Kannel"
    return [
        Result(
            work,
            stores.name,
            "µs per message",
            [run.wall for run in ours],
            [run.wall for run in floor],
            RATE_GOAL,
            notes,
        ),
        Result(
            work,
            stores.name,
            "µs CPU per message",
            [run.process for run in ours],
            [run.process for run in floor],
            GOAL,
        ),
    ]


class _Bench:
    """A database in which the messages are scheduled, and the two ways to send as many."""

    def __init__(self, stores: Stores, kannel: Kannel, directory: Path, messages: int) -> None:
        self._stores, self._kannel, self._messages = stores, kannel, messages
        self._directory = directory
        self.prepared = schedule(stores, kannel, directory, messages + WARM)

    def send(self) -> Run:
        """Send them with a worker that has begun to send."""
        url = self._stores.copy(self.prepared)
        self._kannel.smsc.reset()
        execute(url, WARM_ONLY)
        with serving(url, self._kannel, self._directory) as server:
            file = providers_for(self._kannel, self._directory, server.port)
            with closing(Worker(url, file)) as worker:
                worker.wait_until_ready()
                wait_for(url, DELIVERED, WARM)
                used = self._clocks(server, worker.process)[1:]
                execute(url, THE_REST)
                self._kannel.smsc.parts(WARM + 1)
                began = time.perf_counter()
                wait_for(url, DELIVERED, WARM + self._messages)
                wall = time.perf_counter() - began
                used = _since(used, self._clocks(server, worker.process)[1:])
        self._stores.drop(url)
        return self._per_message(wall, *used)

    def call(self) -> Run:
        """Make the same calls to the same Kannel; its reports come to the same kind of web process."""
        url = self._stores.copy(self.prepared)
        self._kannel.smsc.reset()
        with serving(url, self._kannel, self._directory) as server:
            given = {
                "url": self._kannel.send_url,
                "concurrency": CONCURRENCY,
                "phones": [f"+62812{number:08d}" for number in range(self._messages)],
                "report_url": f"http://127.0.0.1:{server.port}/sms/kannel/report/{CALLBACK}"
                "?ref={ref}&type=%d&answer=%A&name=%F&at=%T",
                "params": {
                    "username": USER,
                    "password": PASSWORD,
                    "from": SENDER,
                    "text": TEXT,
                    "dlr-mask": str(ALL_REPORTS),
                },
            }
            started = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.floor_sms"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            began = self._clocks(server, None)
            said, _ = started.communicate(json.dumps(given))
            ended = time.perf_counter()
            wait_for(url, CALLBACKS, 2 * self._messages)
            after, _, web, database = _since(began, self._clocks(server, None))
            took = json.loads(said)
            # The process's own start does not count; what came after its end does.
            wall = took["wall"] + after - (ended - began[0])
        self._stores.drop(url)
        return self._per_message(wall, took["cpu"], web, database)

    def _clocks(self, server: Server, process: psutil.Process | None) -> tuple[float, float, float, float]:
        own = cpu_seconds(process) if process else 0.0
        return time.perf_counter(), own, server.cpu_seconds(), self._stores.cpu_seconds()

    def _per_message(self, *seconds: float) -> Run:
        return Run(*(second / self._messages * 1e6 for second in seconds))


def _since(before: tuple[float, ...], after: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(then - first for first, then in zip(before, after, strict=True))


def schedule(stores: Stores, kannel: Kannel, directory: Path, messages: int) -> str:
    """A database with an agency whose finished transactions were reported by its system, with numbers."""
    url, now = stores.empty(), int(time.time())
    key = register(url, now)
    with serving(url, kannel, directory) as server:
        reporting = Reporting(server.port, key)
        for body in batches(1, now, phones=True, rows=messages):
            links_in(reporting.send(body))
        reporting.close()
    return url


@contextmanager
def serving(url: str, kannel: Kannel, directory: Path) -> Iterator[Server]:
    """A web process that schedules messages and takes what Kannel tells, and sends nothing."""
    with serve_percaya(url, quiet_work=False, sms_file=providers_for(kannel, directory)) as server:
        yield server


def providers_for(kannel: Kannel, directory: Path, port: int = 0) -> Path:
    """A file of providers with this Kannel alone, which tells a web process on ``port`` what became of it."""
    where = directory / str(port)
    where.mkdir(exist_ok=True)
    block = provider_block(kannel, port, in_flight=CONCURRENCY, timeout_seconds=15)
    return sms_file(where, [block], delivery={"concurrency": CONCURRENCY, "batch": CONCURRENCY})


def execute(url: str, sql: str) -> None:
    """Run one statement and commit it."""
    with closing(Database(url).connect()) as connection:
        connection.execute(sql)
        connection.commit()


def wait_for(url: str, counting: str, wanted: int) -> None:
    """Wait until a query counts as many.

    Raises:
        TimeoutError: it does not.
    """
    deadline = time.monotonic() + MOST_SECONDS
    with closing(Database(url).connect()) as connection:
        while True:
            row: Any = connection.execute(counting).fetchone()
            connection.rollback()
            if row[0] == wanted:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{counting}: {row[0]}, not {wanted}")
            time.sleep(0.05)
