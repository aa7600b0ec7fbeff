"""The quiet work behind the pages: score comments, count dirty cells, end old invitations, seal the night."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, delete, update

from survey.comments.scoring import MOST_PER_TURN, Scorer
from survey.counting import Definition
from survey.database import Database, Statement, Tx, Unavailable
from survey.models import IdempotencyKey, Invitation, columns
from survey.sealing import find_open_days, seal
from survey.tallies import CELLS_PER_COMMIT, count_marked, refresh
from survey.writer import Writer

TURN_SECONDS = 1.0
MINUTE = 60
COUNT_WITHIN_SECONDS = 10
KEEP_KEYS_SECONDS = 7 * 86_400

T = TypeVar("T")
_i = columns(Invitation)
EXPIRE = Statement(
    update(Invitation)
    .where(_i.state == "open", _i.expires_at <= bindparam("now"))
    .values(state="expired", contact=None, language=None)
)
FORGET_KEYS = Statement(
    delete(IdempotencyKey).where(columns(IdempotencyKey).created_at < bindparam("before"))
)
_log = logging.getLogger("percaya.work")


def expire(tx: Tx, moments: Sequence[int]) -> list[int]:
    """End the invitations whose time is over, purge their contacts and old request keys; how many ended."""
    ended = []
    for now in moments:
        ended.append(tx.run(EXPIRE, {"now": now}))
        tx.run(FORGET_KEYS, {"before": now - KEEP_KEYS_SECONDS})
    return ended


class Worker:
    """Does the quiet work, in a thread of the web process or as a process of its own."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        definition: Definition,
        scorer: Scorer,
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._writer = writer
        self._definition = definition
        self._scorer = scorer
        self._now = now
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_minute = 0
        self._count_by = 0
        self._sealed_before = 0

    def start(self) -> None:
        """Work in a thread until ``stop``."""
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the turn and stop."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Take turns until told to stop; a database that is away for a while only makes it wait."""
        while not self._stopping.is_set():
            try:
                busy = self.turn()
            except Unavailable as error:
                _log.warning("the database is unavailable: %s", error)
                busy = False
            except Exception as error:  # the worker must outlive a bad turn; the next one tries again
                _log.error("a turn of the worker failed: %s", type(error).__name__)
                busy = False
            self._stopping.wait(0 if busy else TURN_SECONDS)

    def turn(self) -> bool:
        """One turn; whether more was waiting than one turn takes."""
        now = self._now()
        more = self._apart(self._scorer.turn) == MOST_PER_TURN
        # Many comments that wait touch the same days again and again: these are counted now and then only.
        if not more or now >= self._count_by:
            self._count_by = now + COUNT_WITHIN_SECONDS
            self._apart(self._count)
        if now >= self._next_minute:
            self._next_minute = now + MINUTE
            self._apart(lambda: self._writer.call(expire, now))
            self._apart(lambda: self._seal_when_a_day_is_over(now))
        return more

    def _apart(self, part: Callable[[], T]) -> T | None:
        """Do a part of the turn; what fails in it keeps no other part from being done, the seal above all."""
        try:
            return part()
        except Unavailable:
            raise
        except Exception as error:  # the worker must outlive a bad turn; the next one tries again
            _log.error("a part of the worker's turn failed: %s", type(error).__name__)
            return None

    def _count(self) -> None:
        # As many cells as are marked now: what comes meanwhile waits for the next second, so that a cell
        # that changes all the time is not counted all the time.
        waiting = self._writer.call(count_marked, None)
        for _ in range(0, waiting, CELLS_PER_COMMIT):
            if self._stopping.is_set():
                return
            self._writer.call(refresh, self._definition)

    def _seal_when_a_day_is_over(self, now: int) -> None:
        open_day = self._writer.call(find_open_days, now)
        if open_day != self._sealed_before:
            seal(self._database, now)
            self._sealed_before = open_day
