"""The single writer: many jobs in one commit, none lost, none harmed by its neighbour."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest
from factories import kill_connections, rows
from sqlalchemy import bindparam, insert

from survey.database import Database, Statement, Tx, Unavailable
from survey.models import Agency, columns
from survey.writer import MOST_PER_COMMIT, Writer

on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
ADD = Statement(insert(Agency).values({c.name: bindparam(c.name) for c in columns(Agency)}))


class Gate:
    """A job that keeps the writer busy until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.free = threading.Event()

    def __call__(self, tx: Tx, items: Sequence[None]) -> list[None]:
        self.entered.set()
        assert self.free.wait(20)
        return [None] * len(items)


class Adding:
    """Adds agencies by number; remembers in which transaction and with which neighbours."""

    def __init__(self, *, fails_on: int | None = None) -> None:
        self.fails_on = fails_on
        self.calls: list[tuple[Tx, list[int]]] = []

    def __call__(self, tx: Tx, numbers: Sequence[int]) -> list[int]:
        self.calls.append((tx, list(numbers)))
        for number in numbers:
            tx.many(ADD, [{"id": number, "code": f"a{number}", "name": "x"}])
            if number == self.fails_on:
                raise RuntimeError("this job is broken")
        return [number * 10 for number in numbers]


def queued(writer: Writer, jobs: Sequence[tuple[Any, Any]]) -> list[Future[Any]]:
    """Jobs that gathered behind a gate, now let go; their futures, all done."""
    futures: list[Future[Any]] = []
    gate = Gate()
    futures.append(given(writer, gate, None))
    assert gate.entered.wait(20)
    futures += [given(writer, work, item) for work, item in jobs]
    gate.free.set()
    for future in futures:
        future.exception(20)
    return futures[1:]


def given(writer: Writer, work: Any, item: Any) -> Future[Any]:
    """A job given to the writer in a thread of its own, which is waited for until it stands in the queue."""
    future: Future[Any] = Future()
    waiting = writer._jobs.qsize()

    def call() -> None:
        try:
            future.set_result(writer.call(work, item))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    if not isinstance(work, Gate):
        deadline = threading.Event()
        for _ in range(2000):
            if writer._jobs.qsize() > waiting:
                break
            deadline.wait(0.005)
        else:
            raise AssertionError("the job never came into the queue")
    return future


def stored(database: Database) -> list[int]:
    return [row[0] for row in rows(database, "SELECT id FROM agency ORDER BY id")]


def test_what_a_job_gave_is_given_back_after_its_commit(database: Database, writer: Writer) -> None:
    assert writer.call(Adding(), 7) == 70
    assert stored(database) == [7]


def test_jobs_that_gathered_share_one_transaction(database: Database, writer: Writer) -> None:
    one, other = Adding(), Adding()
    futures = queued(writer, [(one, 1), (one, 2), (one, 3), (other, 4)])
    assert [future.result() for future in futures] == [10, 20, 30, 40]
    assert [numbers for _, numbers in one.calls] == [[1, 2, 3]]
    assert one.calls[0][0] is other.calls[0][0]
    assert stored(database) == [1, 2, 3, 4]


def test_jobs_are_done_in_the_order_they_came_also_between_kinds(writer: Writer) -> None:
    one, other = Adding(), Adding()
    queued(writer, [(one, 1), (other, 2), (one, 3)])
    assert [numbers for _, numbers in one.calls] == [[1], [3]]


def test_a_commit_never_grows_without_bound(writer: Writer) -> None:
    adding = Adding()
    gate = Gate()
    gate_future = given(writer, gate, None)
    assert gate.entered.wait(20)

    async def give_all() -> list[int]:
        tasks = [asyncio.ensure_future(writer.run(adding, number)) for number in range(1, 1201)]
        await asyncio.sleep(0)  # every task has now put its job
        gate.free.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(give_all()) == [number * 10 for number in range(1, 1201)]
    gate_future.result(20)
    assert max(len(numbers) for _, numbers in adding.calls) <= MOST_PER_COMMIT
    assert len(adding.calls) == 3


def test_a_job_beyond_the_limit_is_refused_and_those_that_wait_are_done(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.writer.MOST_WAITING", 3)
    adding, gate = Adding(), Gate()
    given(writer, gate, None)
    assert gate.entered.wait(20)

    async def give_too_many() -> list[int]:
        waiting = [asyncio.ensure_future(writer.run(adding, number)) for number in (1, 2, 3)]
        await asyncio.sleep(0)  # the three are gathered …
        await asyncio.sleep(0)  # … and handed over together
        with pytest.raises(Unavailable, match="too much is waiting"):
            await writer.run(adding, 4)
        gate.free.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(give_too_many()) == [10, 20, 30]


def test_a_failing_job_leaves_its_neighbours_stored(database: Database, writer: Writer) -> None:
    adding = Adding(fails_on=2)
    futures = queued(writer, [(adding, 1), (adding, 2), (adding, 3)])
    assert futures[0].result() == 10
    assert isinstance(futures[1].exception(), RuntimeError)
    assert futures[2].result() == 30
    assert stored(database) == [1, 3]


def test_a_failing_job_leaves_nothing_of_itself(database: Database, writer: Writer) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        writer.call(Adding(fails_on=5), 5)
    assert stored(database) == []
    assert writer.call(Adding(), 5) == 50


def test_a_job_that_meets_what_another_process_stored_is_tried_once_more(
    database: Database, writer: Writer
) -> None:
    class Racing:
        tries = 0

        def __call__(self, tx: Tx, items: Sequence[int]) -> list[int]:
            self.tries += 1
            if self.tries == 1:
                tx.many(ADD, [{"id": 1, "code": "taken", "name": "x"}] * 2)
            return list(items)

    racing = Racing()
    assert writer.call(racing, 3) == 3
    assert racing.tries == 2
    assert stored(database) == []


def test_work_that_gives_too_few_results_is_an_error_and_stores_nothing(
    database: Database, writer: Writer
) -> None:
    def forgetful(tx: Tx, items: Sequence[int]) -> list[int]:
        tx.many(ADD, [{"id": number, "code": str(number), "name": "x"} for number in items])
        return []

    with pytest.raises(RuntimeError, match="another number of results"):
        writer.call(forgetful, 1)
    assert stored(database) == []


def test_a_client_that_went_away_loses_nothing_for_anybody(database: Database, writer: Writer) -> None:
    adding = Adding()
    gate = Gate()
    gate_future = given(writer, gate, None)
    assert gate.entered.wait(20)

    async def go_away() -> int:
        staying = asyncio.ensure_future(writer.run(adding, 1))
        leaving = asyncio.ensure_future(writer.run(adding, 2))
        await asyncio.sleep(0)  # both have put their jobs
        leaving.cancel()
        gate.free.set()
        result = await staying
        assert leaving.cancelled()
        return result

    assert asyncio.run(go_away()) == 10
    gate_future.result(20)
    assert stored(database) == [1, 2]
    assert writer.call(adding, 3) == 30


def test_a_whole_event_loop_that_went_away_does_not_stop_the_writer(
    database: Database, writer: Writer
) -> None:
    adding = Adding()
    gate = Gate()
    gate_future = given(writer, gate, None)
    assert gate.entered.wait(20)

    async def give_and_leave() -> None:
        task = asyncio.ensure_future(writer.run(adding, 1))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(give_and_leave())
    gate.free.set()
    gate_future.result(20)
    assert writer.call(adding, 2) == 20
    assert stored(database) == [1, 2]


def test_a_closed_writer_first_finishes_and_then_refuses(database: Database) -> None:
    writer = Writer(database)
    gate = Gate()
    given(writer, gate, None)
    assert gate.entered.wait(20)
    waiting = given(writer, Adding(), 1)
    closing = threading.Thread(target=writer.close)
    closing.start()
    gate.free.set()
    closing.join(20)
    assert waiting.result(20) == 10
    with pytest.raises(Unavailable):
        writer.call(Adding(), 2)
    assert stored(database) == [1]


def test_closing_twice_is_no_error(database: Database) -> None:
    writer = Writer(database)
    writer.close()
    writer.close()


@on_postgres
def test_a_killed_connection_is_replaced_and_no_job_notices(database: Database, writer: Writer) -> None:
    writer.call(Adding(), 1)
    assert kill_connections(database) >= 1
    assert writer.call(Adding(), 2) == 20
    assert stored(database) == [1, 2]


@on_postgres
def test_a_connection_killed_in_the_middle_of_a_job_leaves_nothing_half_done(
    database: Database, writer: Writer
) -> None:
    class Killed:
        tries = 0

        def __call__(self, tx: Tx, numbers: Sequence[int]) -> list[int]:
            self.tries += 1
            tx.many(ADD, [{"id": numbers[0], "code": "x", "name": "x"}])
            if self.tries == 1:
                kill_connections(database)
            tx.many(ADD, [{"id": numbers[0] + 1, "code": "y", "name": "y"}])
            return list(numbers)

    assert writer.call(Killed(), 1) == 1
    assert stored(database) == [1, 2]


def test_a_database_that_is_away_is_said_and_the_writer_lives_on(
    database: Database, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise Unavailable("nobody there")

    with monkeypatch.context() as without:
        without.setattr(database, "connect", away)
        with pytest.raises(Unavailable):
            writer.call(Adding(), 1)
    assert writer.call(Adding(), 1) == 10


def test_a_constraint_that_stays_broken_reaches_the_caller(database: Database, writer: Writer) -> None:
    writer.call(Adding(), 1)
    with pytest.raises((psycopg.IntegrityError, sqlite3.IntegrityError)):
        writer.call(Adding(), 1)
