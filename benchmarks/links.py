"""Issuing links in batches of 1,000 through the API, and a raw executemany of the same rows."""

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.agency import ROWS_PER_BATCH, Reporting, batches, links_in, register
from benchmarks.floor_fill import open_store
from benchmarks.results import Goal, Result
from benchmarks.servers import serve_percaya
from benchmarks.stores import Stores, wait_until_quiet

FEWEST_PER_SECOND = 20_000
GOAL = Goal(ratio=3, most=1e6 / FEWEST_PER_SECOND)


@dataclass(frozen=True)
class Run:
    """One repetition: µs per link, by the clock, of the process and of the database's processes."""

    wall: float
    process: float
    database: float


def measure(stores: Stores, *, links: int, repeats: int, phones: bool) -> list[Result]:
    """Compare issuing that many links with inserting their rows, in time and in processor time."""
    empty, now = stores.empty(), int(time.time())
    key = register(empty, now)
    bodies = batches(links // ROWS_PER_BATCH + 1, now, phones=phones)
    ours: list[Run] = []
    floor: list[Run] = []
    for _ in range(repeats):
        url, bare = stores.copy(empty), stores.copy(empty)
        ours.append(_issue(stores, url, key, bodies))
        floor.append(_insert(stores, bare, _rows(url, "service_transaction"), _rows(url, "invitation")))
        stores.drop(url)
        stores.drop(bare)
    stores.drop(empty)
    work = f"issuing links {'with' if phones else 'without'} numbers"
    best, least = min(ours, key=lambda run: run.wall), min(floor, key=lambda run: run.wall)
    notes = {"links a second, ours and floor": f"{1e6 / best.wall:,.0f} and {1e6 / least.wall:,.0f}"}
    used = min(ours, key=lambda run: run.process), min(floor, key=lambda run: run.process)
    backends = {}
    if stores.cpu_seconds() > 0:
        backends["besides, processes of the database, ours and floor"] = (
            f"{used[0].database:.1f} and {used[1].database:.1f} µs"
        )
    walls, floor_walls = [run.wall for run in ours], [run.wall for run in floor]
    return [
        Result(work, stores.name, "µs per link", walls, floor_walls, GOAL, notes),
        Result(
            work,
            stores.name,
            "µs CPU per link",
            [run.process for run in ours],
            [run.process for run in floor],
            Goal(GOAL.ratio),
            backends,
        ),
    ]


def _issue(stores: Stores, url: str, key: str, bodies: list[bytes]) -> Run:
    with serve_percaya(url) as server:
        reporting = Reporting(server.port, key)
        links_in(reporting.send(bodies[0]))
        wait_until_quiet(url)
        before, database_before = server.cpu_seconds(), stores.cpu_seconds()
        began = time.perf_counter()
        answers = [reporting.send(body) for body in bodies[1:]]
        wall = time.perf_counter() - began
        wait_until_quiet(url)
        used, database_used = server.cpu_seconds() - before, stores.cpu_seconds() - database_before
        reporting.close()
    links = sum(len(links_in(answer)) for answer in answers)
    return Run(*(seconds / links * 1e6 for seconds in (wall, used, database_used)))


Table = tuple[str, list[tuple[Any, ...]]]


def _rows(url: str, table: str) -> Table:
    """An INSERT for the table, and its rows as they were stored, in the order they came."""
    connection, _ = open_store(url)
    cursor = connection.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description or ()]
    rows = [tuple(row) for row in cursor.fetchall()]
    connection.close()
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows


def _insert(stores: Stores, url: str, transactions: Table, invitations: Table) -> Run:
    connection, styled = open_store(url)
    insert_transaction, insert_invitation = styled(transactions[0]), styled(invitations[0])
    cursor = connection.cursor()
    links = len(transactions[1])
    database_before = stores.cpu_seconds()
    began, before = time.perf_counter(), time.process_time()
    for first in range(0, links, ROWS_PER_BATCH):
        batch = slice(first, first + ROWS_PER_BATCH)
        cursor.executemany(insert_transaction, transactions[1][batch])
        cursor.executemany(insert_invitation, invitations[1][batch])
        connection.commit()
    wall, used = time.perf_counter() - began, time.process_time() - before
    database_used = stores.cpu_seconds() - database_before
    connection.close()
    return Run(*(seconds / links * 1e6 for seconds in (wall, used, database_used)))
