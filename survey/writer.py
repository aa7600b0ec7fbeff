"""The single writer, and the reader beside it: one thread, one connection, many answers per commit.

An answer is acknowledged after its commit, and a commit waits for the disk. Waiting once for all the
work that has gathered meanwhile (group commit) is what makes full durability affordable. Work is a
function ``work(tx, items) -> results`` over a list, so that a batch of equal work can share statements.
"""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from survey.database import Database, Tx, Unavailable

T = TypeVar("T")
R = TypeVar("R")
Work = Callable[[Tx, Sequence[T]], Sequence[R]]

MOST_PER_COMMIT = 500
MOST_WAITING = 10_000


class _Job(NamedTuple):
    work: Any
    item: Any
    loop: asyncio.AbstractEventLoop | None
    future: Any


class Writer:
    """Runs work in transactions, in the order it came, one commit for many.

    A failing job never takes its neighbours with it: the batch is rolled back and each job runs alone.
    """

    def __init__(self, database: Database, *, reading: bool = False) -> None:
        self._database = database
        self._reading = reading
        self._jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._waiting = 0  # jobs that were given and not yet taken, guarded by the lock
        self._lock = threading.Lock()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        self._connection: Any = None
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._closed = False
        self._thread.start()

    async def run(self, work: "Work[T, R]", item: T) -> R:
        """Run ``work`` for one item, together with equal work that waits, and give its result.

        Raises:
            Unavailable: the database cannot take it; nothing was stored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        job = _Job(work, item, loop, future)
        if loop in self._gathered:
            self._gathered[loop].append(job)
        else:
            # What comes in this turn of the loop goes to the writer together, and wakes it once.
            self._gathered[loop] = [job]
            loop.call_soon(self._hand_over, loop)
        return await future

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs = self._gathered.pop(loop)
        try:
            self._put(jobs)
        except Unavailable as error:
            _settle_now([(job, None, error) for job in jobs])

    def call(self, work: "Work[T, R]", item: T) -> R:
        """The same for code outside an event loop; blocks until committed."""
        future: Future[R] = Future()
        self._put([_Job(work, item, None, future)])
        return future.result()

    def close(self) -> None:
        """Finish what was given and stop."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()

    def _put(self, jobs: list[_Job]) -> None:
        if self._closed:
            raise Unavailable("the writer has stopped")
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise Unavailable("too much is waiting to be written")
            self._waiting += len(jobs)
        self._jobs.put(jobs)

    def _serve(self) -> None:
        going_on = True
        while going_on:
            jobs: list[_Job] = []
            first = self._jobs.get()
            going_on = first is not None
            if first is not None:
                jobs.extend(first)
            while going_on and len(jobs) < MOST_PER_COMMIT:
                try:
                    more = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    going_on = False
                else:
                    jobs.extend(more)
            with self._lock:
                self._waiting -= len(jobs)
            for start in range(0, len(jobs), MOST_PER_COMMIT):
                self._commit(jobs[start : start + MOST_PER_COMMIT])
        self._disconnect()

    def _commit(self, jobs: list[_Job], *, retried: bool = False) -> None:
        try:
            results = self._transact(jobs)
        except Exception as error:
            if isinstance(error, Unavailable):  # nobody there: asking for each job would only wait longer
                _settle([(job, None, error) for job in jobs])
                return
            if len(jobs) == 1 and (retried or not self._worth_another_try(error)):
                _settle([(jobs[0], None, _plain(error, self._database))])
                return
            for job in jobs:
                self._commit([job], retried=len(jobs) == 1)
            return
        _settle([(job, result, None) for job, result in zip(jobs, results, strict=True)])

    def _worth_another_try(self, error: Exception) -> bool:
        # Two processes that store the same thing at once: the later one finds it when it tries again. And a
        # PostgreSQL that was restarted, or ended a deadlock, takes the same job on a fresh connection.
        driver = self._database.driver
        if isinstance(error, driver.IntegrityError):
            return True
        return not self._database.sqlite and isinstance(error, driver.OperationalError)

    def _transact(self, jobs: list[_Job]) -> list[Any]:
        if self._connection is None:
            self._connection = self._database.connect()
            if self._reading and not self._database.sqlite:
                self._connection.autocommit = True
        connection = self._connection
        try:
            if self._database.sqlite and not self._reading:
                connection.execute("BEGIN IMMEDIATE")
            tx = Tx(connection, self._database.dialect)
            results: list[Any] = []
            for work, group in itertools.groupby(jobs, key=lambda job: job.work):
                results.extend(work(tx, [job.item for job in group]))
            if len(results) != len(jobs):
                raise RuntimeError("work gave another number of results than it got items")
            if not self._reading:
                connection.commit()
        except BaseException:
            self._roll_back()
            raise
        return results

    def _roll_back(self) -> None:
        try:
            # After "disk full" SQLite has already ended the transaction itself.
            if not self._database.sqlite or self._connection.in_transaction:
                self._connection.rollback()
        except self._database.driver.Error:
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Reader:
    """Short look-ups: SQLite at once on the calling thread, PostgreSQL many in one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tx: Tx | None = None
        self._group = None if database.sqlite else Writer(database, reading=True)

    async def run(self, work: "Work[T, R]", item: T) -> R:
        """Run a reading ``work`` for one item.

        Raises:
            Unavailable: the database cannot be reached.
        """
        if self._group is not None:
            return await self._group.run(work, item)
        if self._tx is None:
            self._connection = self._database.connect()
            self._tx = Tx(self._connection, self._database.dialect)
        try:
            return work(self._tx, [item])[0]
        except self._database.driver.OperationalError as error:
            raise Unavailable(type(error).__name__) from error

    def close(self) -> None:
        """Close what was opened."""
        if self._group is not None:
            self._group.close()
        elif self._tx is not None:
            self._connection.close()
            self._tx = None


def _plain(error: Exception, database: Database) -> Exception:
    if isinstance(error, database.driver.OperationalError):
        return Unavailable(type(error).__name__)
    return error


def _settle(outcomes: list[tuple[_Job, Any, Exception | None]]) -> None:
    for loop, group in itertools.groupby(outcomes, key=lambda outcome: outcome[0].loop):
        if loop is None:
            _settle_now(list(group))
        else:
            try:
                loop.call_soon_threadsafe(_settle_now, list(group))
            except RuntimeError:  # the loop has closed: nobody waits for the result any more
                continue


def _settle_now(outcomes: list[tuple[_Job, Any, Exception | None]]) -> None:
    for job, result, error in outcomes:
        if job.future.done():  # the client went away; what was written stays written
            continue
        if error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
