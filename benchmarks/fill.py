"""A complete fill: open the form, send it. Processor time of the server per fill, and the floor's."""

import base64
import gzip
import http.client
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from benchmarks.agency import ROWS_PER_BATCH, Reporting, batches, links_in, register, settings
from benchmarks.citizens import Seen, answer_all
from benchmarks.floor_fill import open_store
from benchmarks.results import Goal, Result
from benchmarks.servers import Server, serve_floor, serve_percaya
from benchmarks.stores import Stores, wait_until_quiet
from survey.platform import read_instruments

GOAL = Goal(ratio=5, most=600)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
COMMENT = "Petugasnya ramah dan cepat, tetapi ruang tunggunya panas dan kursinya kurang."
Start = Callable[[str], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Prepared:
    """A database with open links, the form to send, and all the floor must know to do the same."""

    url: str
    codes: list[str]
    form: str
    floor: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One repetition: µs of processor time per fill, of the server and of the database's processes."""

    server: float
    database: float
    seen: Seen


def measure(stores: Stores, *, fills: int, repeats: int, clients: int) -> Result:
    """Compare `fills` complete fills by `clients` citizens at a time with the floor."""
    prepared = _prepare(stores, warmup := max(clients, fills // 10), fills)
    starts: dict[str, Start] = {
        "ours": serve_percaya,
        "alone": lambda url: serve_percaya(url, quiet_work=False),
        "floor": lambda url: serve_floor("floor_fill", {**prepared.floor, "url": url}),
    }
    runs: dict[str, list[Run]] = {name: [] for name in starts}
    for _ in range(repeats):
        for name, start in starts.items():
            quiet = name == "ours"
            runs[name].append(_run(stores, prepared, start, warmup, clients, quiet=quiet))
    stores.drop(prepared.url)
    ours, alone, floor = (min(runs[name], key=lambda run: run.server) for name in starts)
    notes = {
        "without the quiet work": f"{alone.server:.0f} µs, {alone.server / floor.server:.2f} × the floor",
        "latency of a fill, ours": _latency(ours.seen),
        "latency of a fill, floor": _latency(floor.seen),
        "fills a second seen, ours and floor": f"{_rate(ours.seen):.0f} and {_rate(floor.seen):.0f}",
    }
    if stores.cpu_seconds() > 0:
        notes["besides, processes of the database, ours and floor"] = (
            f"{ours.database:.0f} and {floor.database:.0f} µs"
        )
    return Result(
        work="complete fill",
        database=stores.name,
        unit="µs CPU per fill",
        ours=[run.server for run in runs["ours"]],
        floor=[run.server for run in runs["floor"]],
        goal=GOAL,
        notes=notes,
    )


def _latency(seen: Seen) -> str:
    return f"p50 {seen.p50 * 1000:.1f} ms, p99 {seen.p99 * 1000:.1f} ms"


def _rate(seen: Seen) -> float:
    return seen.fills / seen.seconds


def _run(stores: Stores, prepared: Prepared, start: Start, warmup: int, clients: int, *, quiet: bool) -> Run:
    url = stores.copy(prepared.url)
    codes = prepared.codes
    with start(url) as server:
        answer_all(server.port, codes[:warmup], prepared.form, clients)
        if quiet:
            wait_until_quiet(url)
        before, database_before = server.cpu_seconds(), stores.cpu_seconds()
        seen = answer_all(server.port, codes[warmup:], prepared.form, clients)
        if quiet:
            # The counting that the answers caused belongs to their cost, also what comes after the last.
            wait_until_quiet(url)
        used, database_used = server.cpu_seconds() - before, stores.cpu_seconds() - database_before
    stores.drop(url)
    fills = len(codes) - warmup
    return Run(used / fills * 1e6, database_used / fills * 1e6, seen)


def _prepare(stores: Stores, warmup: int, fills: int) -> Prepared:
    url, now = stores.empty(), int(time.time())
    key = register(url, now)
    wanted = warmup + fills
    rows = min(ROWS_PER_BATCH, wanted + 1)
    with serve_percaya(url) as server:
        reporting = Reporting(server.port, key)
        codes: list[str] = []
        for batch in batches(-(-(wanted + 1) // rows), now, phones=False, rows=rows):
            codes += links_in(reporting.send(batch))
        reporting.close()
        example = codes.pop()
        shown = _page(server.port, example)
        form = urlencode(_answer(shown))
        thanks = _page(server.port, example, form)
        wait_until_quiet(url)
    floor = {
        "pages": {"GET": base64.b64encode(shown).decode(), "POST": base64.b64encode(thanks).decode()},
        "token_digest_key": settings().keys.token_digest.hex(),
        "row": _example_row(url),
    }
    return Prepared(url, codes[:wanted], form, floor)


def _answer(page: bytes) -> dict[str, str]:
    """What a citizen sends from this form: its hidden fields, every question it asks, and a comment."""
    instrument = read_instruments()[settings().instrument]
    hidden = dict(_HIDDEN.findall(gzip.decompress(page).decode()))
    chosen = instrument.variants[int(hidden["v"])]
    asked = [*instrument.elements, *(item for item in instrument.trust if item.key in chosen)]
    ratings = {item.key: str(2 + position % 3) for position, item in enumerate(asked)}
    return {**hidden, **ratings, "comment": COMMENT}


def _page(port: int, code: str, form: str | None = None) -> bytes:
    """A link's page as gzip: the form, or with a filled form the thanks."""
    headers = {"Accept-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    method = "GET" if form is None else "POST"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, f"/{code}", form, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{method} was answered with {answer.status}")
    return body


def _example_row(url: str) -> dict[str, Any]:
    connection, _ = open_store(url)
    cursor = connection.execute("SELECT * FROM response")
    names = [column[0] for column in cursor.description or ()]
    row = dict(zip(names, cursor.fetchone(), strict=True))
    connection.close()
    # A new answer has not been read nor sealed yet.
    return {**row, "reading": None, "sealed": 0}
