"""The real server as a process of its own: started on a port the kernel chose, polled until it answers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import IO

from survey.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "survey.cli", "serve")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server on a database; kill it, or stop it kindly."""

    def __init__(
        self,
        settings: Settings,
        log: Path,
        command: tuple[str, ...] = COMMAND,
        extra: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        admin_key = settings.admin_key
        environment = {
            "PATH": os.environ["PATH"],
            "MPLCONFIGDIR": str(log.parent),
            "PERCAYA_SECRET": settings.secret.get_secret_value(),
            "PERCAYA_ADMIN_KEY": admin_key.get_secret_value() if admin_key else "",
            "PERCAYA_BASE_URL": "https://ikm.go.id",
            "PERCAYA_DATABASE_URL": settings.database_url,
            "PERCAYA_PORT": str(self.port),
            **(extra or {}),
        }
        self._log: IO[bytes] = log.open("ab")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self._log, stderr=subprocess.STDOUT
        )
        self._wait_until_it_answers(log)

    def _wait_until_it_answers(self, log: Path) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended by itself:\n{log.read_text()}")
            try:
                status, _ = self.ask("GET", "/readyz")
            except (OSError, HTTPException):
                time.sleep(0.05)
                continue
            if status == 200:
                return
        self.kill()
        raise AssertionError(f"the server did not come up:\n{log.read_text()}")

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def connect(self) -> HTTPConnection:
        """A connection that is kept open between requests."""
        return HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one request on a connection of its own."""
        connection = self.connect()
        try:
            return exchange(connection, method, path, body, headers)
        finally:
            connection.close()

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(how)
        self._process.wait(DEADLINE_SECONDS)
        self._log.close()


def exchange(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of one request."""
    connection.request(method, path, body, dict(headers or {}))
    answer: HTTPResponse = connection.getresponse()
    return answer.status, answer.read()


def receipt_in(page: bytes) -> str | None:
    """The receipt code on a page of thanks."""
    found = re.search(rb"([2-9A-Y]{4})\W+([2-9A-Y]{4})\W+([2-9A-Y]{4})", page)
    return b"".join(found.groups()).decode() if found else None
