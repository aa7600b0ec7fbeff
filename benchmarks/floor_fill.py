"""The floor of a complete fill: the least that returns the same bytes and stores the same rows.

A bare ASGI application under the settings of `percaya serve`. It neither reads the answer nor checks
anything, and commits each answer alone. `python -m benchmarks.floor_fill` reads the database, the pages
and an example row of the response table as JSON from its input.
"""

import base64
import hashlib
import json
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg

from benchmarks.bare import run_bare

REDEEM = (
    "UPDATE invitation SET state='answered', contact=NULL, language=NULL WHERE token_digest=? AND"
    " state='open' AND expires_at>? AND instrument=? RETURNING agency_id, unit_id, day"
)
DIRTY = "INSERT INTO dirty (id, agency_id, unit_id, day) VALUES (?, ?, ?, ?)"


def open_sqlite(path: str) -> sqlite3.Connection:
    """SQLite as durable as the product has it, and nothing else of its settings."""
    connection = sqlite3.connect(path, isolation_level="IMMEDIATE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def open_store(url: str) -> tuple[Any, Callable[[str], str]]:
    """A raw connection, and what turns the question marks of a statement into its own style."""
    if url.startswith("sqlite"):
        return open_sqlite(url.removeprefix("sqlite:///")), str
    return psycopg.connect(url), lambda statement: statement.replace("?", "%s")


class Floor:
    """The ASGI application."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._connection, styled = open_store(given["url"])
        self._key = bytes.fromhex(given["token_digest_key"])
        self._row: dict[str, Any] = given["row"]
        self._pages = {method: base64.b64decode(page) for method, page in given["pages"].items()}
        self._redeem, self._dirty = styled(REDEEM), styled(DIRTY)
        names, marks = ", ".join(self._row), ", ".join("?" * len(self._row))
        self._insert = styled(f"INSERT INTO response ({names}) VALUES ({marks})")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
            self._store(scope["path"][1:])
        page = self._pages[scope["method"]]
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-encoding", b"gzip"),
            (b"content-length", str(len(page)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    def _store(self, code: str) -> None:
        digest = hashlib.blake2b(code.encode(), key=self._key, digest_size=16).digest()
        execute = self._connection.execute
        found = execute(self._redeem, (digest, int(time.time()), self._row["instrument"])).fetchone()
        agency_id, unit_id, day = found
        today = self._row["day"]
        execute(self._insert, tuple({**self._row, "id": secrets.randbits(63), "unit_id": unit_id}.values()))
        for marked in {day, today}:
            execute(self._dirty, (secrets.randbits(63), agency_id, unit_id, marked))
        self._connection.commit()


if __name__ == "__main__":
    run_bare(Floor(json.load(sys.stdin)))
