"""The whole product on Kannel: a server with its SMS worker, an agency, and what is in its database."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from survey.database import Database
from survey.platform import open_platform
from survey.settings import Settings
from tests.conftest import register
from tests.factories import connected
from tests.servers import Server, free_port
from tests.smpp.configuration import PASSWORD, SENDER, USER
from tests.smpp.kannel import Kannel

DEADLINE_SECONDS = 60.0
CALLBACK = "callback-secret-of-the-tests"
URL = "/api/v1/transactions"
# At any hour, at once and as often as a test likes: the rules of contact have tests of their own.
AT_ONCE: Mapping[str, Any] = {
    "quiet_from": "00:00",
    "quiet_until": "00:00",
    "holidays": False,
    "cap_days": 0,
    "wait_minutes": 0,
    "reminder_days": 0,
}
# Tried again soon; waited for longer than a busy machine takes.
QUICKLY: Mapping[str, Any] = {"retry_seconds": 1, "lease_seconds": 30}
HOUR_PASSED = "UPDATE message SET lease_until = lease_until - 3600 WHERE state IN ('claimed', 'sending')"
SQL_STATES = "SELECT state FROM message WHERE kind <> 'reply'"


def _table(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())


def provider_block(kannel: Kannel, port: int, **changes: Any) -> str:
    """The packaged block of Kannel, for a server on a port; `changes` are keys of the block."""
    fields = {
        "use": "kannel",
        "name": "kannel",
        "callback_url": f"http://127.0.0.1:{port}",
        "timeout_seconds": 20,
    } | changes
    return "\n".join(
        [
            "[[provider]]",
            _table(fields),
            "[provider.send]",
            _table({"url": kannel.send_url}),
            "[provider.secrets]",
            _table({"USER": USER, "PASSWORD": PASSWORD, "CALLBACK": CALLBACK}),
        ]
    )


def sms_file(
    directory: Path,
    providers: Sequence[str],
    rules: Mapping[str, Any] = AT_ONCE,
    delivery: Mapping[str, Any] = QUICKLY,
) -> Path:
    """Write a file of SMS providers; its path."""
    path = directory / "sms.toml"
    general = _table({"sender": SENDER})
    text = f"[sms]\n{general}\n[rules]\n{_table(rules)}\n[delivery]\n{_table(delivery)}\n"
    path.write_text(text + "\n".join(providers) + "\n")
    return path


class Product:
    """A running installation that sends through Kannel; `restart` and `kill` it."""

    def __init__(self, settings: Settings, kannel: Kannel, directory: Path) -> None:
        self.kannel = kannel
        self.settings = settings
        self.database = Database(settings.database_url)
        self.port = free_port()
        self._directory = directory
        opened = open_platform(settings)
        self.key = register(opened)
        opened.close()
        self.configure([provider_block(kannel, self.port)])
        self.server: Server | None = None

    def configure(self, providers: Sequence[str], **tables: Mapping[str, Any]) -> None:
        """Write the file of providers anew; heeded by the next start."""
        self.sms_file = sms_file(self._directory, providers, **tables)

    def start(self, **variables: str) -> None:
        """Start the server, and have Kannel hand it what citizens write."""
        self.server = Server(
            self.settings,
            self._directory / "server.log",
            extra={
                "PERCAYA_PORT": str(self.port),
                "PERCAYA_SMS_FILE": str(self.sms_file),
                **variables,
            },
            port=self.port,
        )

    def hear_from_kannel(self) -> None:
        """Have Kannel hand in what citizens write."""
        self.kannel.send_inbound_to(f"http://127.0.0.1:{self.port}/sms/kannel/inbound/{CALLBACK}")

    def stop(self) -> None:
        """Ask the server to end, and wait."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self.server is not None:
            self.server.kill()
            self.server = None

    def close(self) -> None:
        """End everything of this installation."""
        self.kill()
        self.database.close()

    def post(self, *phones: str, start: int = 0, **changes: Any) -> list[str]:
        """Report a finished transaction for each number; the links."""
        assert self.server is not None
        finished = datetime.now(UTC).isoformat()
        rows = [
            {
                "unit": "u1",
                "service": "ktp",
                "channel": "counter",
                "outcome": "approved",
                "finished_at": finished,
                "external_ref": f"sms-{start + number}",
                "phone": phone,
                **changes,
            }
            for number, phone in enumerate(phones)
        ]
        body = "\n".join(map(json.dumps, rows)).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"}
        status, answer = self.server.ask("POST", URL, body, headers)
        assert status in (200, 201), answer
        return [row["link"] for row in json.loads(answer)["results"]]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        connection = self.database.connect()
        try:
            return [tuple(row) for row in connection.execute(sql).fetchall()]
        finally:
            connection.close()

    def wait(self, sql: str, expected: Callable[[list[tuple[Any, ...]]], bool]) -> list[tuple[Any, ...]]:
        """Wait until a query finds what is expected; AssertionError with what it found at last."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not expected(found := self.rows(sql)):
            log = (self._directory / "server.log").read_text()[-2000:]
            assert time.monotonic() < deadline, f"{sql}: {found}\n{log}\n{self.kannel.logs()}"
            time.sleep(0.05)
        return found

    def wait_for_states(self, *states: str) -> None:
        """Wait until the messages about invitations are in these states, in any order."""
        self.wait(SQL_STATES, lambda found: sorted(row[0] for row in found) == sorted(states))

    def let_leases_end(self) -> None:
        """Let an hour pass for every message a worker has in hand: no lease of the tests is as long."""
        with connected(self.database) as connection:
            connection.execute(HOUR_PASSED)

    def log(self) -> str:
        """Everything the server has logged."""
        return (self._directory / "server.log").read_text()


@contextlib.contextmanager
def installed(settings: Settings, kannel: Kannel, directory: Path) -> Iterator[Product]:
    """An installation that is not started yet."""
    product = Product(settings, kannel, directory)
    try:
        yield product
    finally:
        product.close()


@pytest.fixture
def product(settings: Settings, kannel: Kannel, tmp_path: Path) -> Iterator[Product]:
    """A running installation on Kannel, on SQLite and on PostgreSQL, that hears nothing from citizens yet."""
    with installed(settings, kannel, tmp_path) as made:
        made.start()
        yield made
