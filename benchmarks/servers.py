"""Servers as processes of their own: started, found by the port the kernel chose, measured, stopped."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a-secret-for-benchmarks-of-at-least-32-characters"
MOST_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running server process and the port it listens on, on 127.0.0.1."""

    process: psutil.Process
    port: int

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children until now, in seconds."""
        return cpu_seconds(self.process)

    def resident_bytes(self) -> int:
        """Resident memory of the process and its children."""
        return sum(one.memory_info().rss for one in _tree(self.process))


def cpu_seconds(process: psutil.Process, *, with_ended: bool = False) -> float:
    """User and system time of a process and its children until now, in seconds (steps of 10 ms each)."""
    total = 0.0
    for one in _tree(process):
        with suppress(psutil.NoSuchProcess):  # a child may end between the listing and the look
            times = one.cpu_times()
            total += times.user + times.system
    if with_ended:
        times = process.cpu_times()
        total += times.children_user + times.children_system
    return total


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


@contextmanager
def serve_percaya(url: str, *, quiet_work: bool = True, sms_file: Path | None = None) -> Iterator[Server]:
    """`percaya serve` as production runs it, on a database; with a file of SMS providers when it has SMS."""
    environment = {
        "PERCAYA_ENVIRONMENT": "production",
        "PERCAYA_SECRET": SECRET,
        "PERCAYA_BASE_URL": "https://ikm.go.id",
        "PERCAYA_DATABASE_URL": url,
        "PERCAYA_HOST": "127.0.0.1",
        "PERCAYA_PORT": "0",
        "PERCAYA_WORK_IN_PROCESS": str(quiet_work),
        **({"PERCAYA_SMS_FILE": str(sms_file)} if sms_file else {}),
    }
    with _serving(["survey.cli", "serve"], environment) as server:
        yield server


@contextmanager
def serve_floor(module: str, given: Any = None) -> Iterator[Server]:
    """A bare server, `python -m benchmarks.<module>`, which reads `given` as JSON from its input."""
    with _serving([f"benchmarks.{module}"], {}, json.dumps(given)) as server:
        yield server


@contextmanager
def _serving(arguments: Sequence[str], environment: Mapping[str, str], given: str = "") -> Iterator[Server]:
    with tempfile.TemporaryFile("w+") as asked, tempfile.TemporaryFile("w+") as said:
        asked.write(given)
        asked.seek(0)
        started = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=asked,
            stdout=said,
            stderr=said,
        )
        try:
            yield Server(psutil.Process(started.pid), _port(started, said))
        finally:
            started.terminate()
            try:
                started.wait(30)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _port(started: "subprocess.Popen[bytes]", said: IO[str]) -> int:
    process = psutil.Process(started.pid)
    deadline = time.monotonic() + MOST_SECONDS_TO_START
    while started.poll() is None and time.monotonic() < deadline:
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                return int(connection.laddr.port)
        time.sleep(0.02)
    said.seek(0)
    raise RuntimeError(f"the server did not start: {said.read()[-2000:]}")
