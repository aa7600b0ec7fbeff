"""Workers that a test starts and stops as it likes: processes of their own, or turns within the test."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from survey.database import Database, Tx
from survey.ledger import record
from survey.messaging.dispatch import Dispatcher, Parts
from survey.messaging.outbox import ReplyOut, enqueue_replies
from survey.messaging.worker import SmsWorker
from survey.platform import Platform, open_platform
from survey.settings import Settings
from survey.writer import Work, Writer
from tests.conftest import Clock, register
from tests.factories import recording, reported, rows
from tests.servers import ROOT
from tests.smpp.kannel import Kannel
from tests.smpp.product import QUICKLY, provider_block, sms_file

DEADLINE_SECONDS = 60.0
LEASE_SECONDS: int = QUICKLY["lease_seconds"]
WORK = "from survey.cli import main; main(['sms', 'work'])"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "


class SmsWork:
    """A process of `percaya sms work`; with `most_bytes` no file of it can grow beyond that."""

    def __init__(self, settings: Settings, file: Path, log: Path, most_bytes: int | None = None) -> None:
        limited = "" if most_bytes is None else LIMITED.format(most=most_bytes)
        self.log = log
        self._written = log.open("wb")
        self._process = subprocess.Popen(
            (sys.executable, "-c", limited + WORK),
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PERCAYA_SECRET": settings.secret.get_secret_value(),
                "PERCAYA_BASE_URL": "https://ikm.go.id",
                "PERCAYA_DATABASE_URL": settings.database_url,
                "PERCAYA_SMS_FILE": str(file),
            },
            stdout=self._written,
            stderr=subprocess.STDOUT,
        )
        self.wait_for("sending;")

    def wait_for(self, words: str) -> None:
        """Wait until it has written some words; AssertionError if it never does."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while words not in (said := self.log.read_text(errors="replace")):
            assert self._process.poll() is None, f"the worker ended by itself:\n{said}"
            assert time.monotonic() < deadline, f"the worker did not say {words!r}:\n{said}"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let what is being sent come to its end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(how)
        self._process.wait(DEADLINE_SECONDS)
        self._written.close()


class Hindered(Writer):
    """A writer that tells of each piece of work before it is done, and waits for whoever was told."""

    def __init__(self, database: Database, told: Callable[[Any], Awaitable[None]]) -> None:
        super().__init__(database)
        self._told = told

    async def run(self, work: "Work[Any, Any]", item: Any) -> Any:
        """Do it, afterwards."""
        await self._told(work)
        return await super().run(work, item)


class Desk:
    """An installation within the test, at the test's time, that sends through Kannel when it is told to.

    What becomes of a message is told to Kannel's receiver and not to the installation.
    """

    def __init__(self, settings: Settings, kannel: Kannel, directory: Path, clock: Clock) -> None:
        self._settings, self._kannel, self._directory, self._clock = settings, kannel, directory, clock
        self._opened = ExitStack()
        self.platform = self.another()
        register(self.platform)

    def another(self, url: str | None = None, **changes: Any) -> Platform:
        """One more process on the same database, so to speak; `changes` are keys of its provider."""
        block = provider_block(self._kannel, self._kannel.receiver.port, **changes)
        if url is not None:
            block = block.replace(self._kannel.send_url, url)
        file = sms_file(self._directory, [block])
        platform = open_platform(self._settings.model_copy(update={"sms_file": file}), self._clock)
        self._opened.callback(platform.close)
        return platform

    def hindered(self, told: Callable[[Any], Awaitable[None]]) -> Parts:
        """What a worker works with whose every piece of work is told before it is done."""
        writer = Hindered(self.platform.database, told)
        self._opened.callback(writer.close)
        return parts_of(self.platform)._replace(writer=writer)

    def invite(self, *phones: str, start: int = 0, **changes: Any) -> None:
        """Record a transaction for each number, whose invitation is due at once."""
        at = self._clock() - 3600
        reports = [
            reported(f"sms-{number}", at, phone=phone, **changes)
            for number, phone in enumerate(phones, start)
        ]
        asked = recording(self.platform, reports, sms=True, rules=self.platform.national)
        outcomes = self.platform.writer.call(record, asked)
        assert all(outcome.code for outcome in outcomes), outcomes

    def reply(self, phone: str, text: str) -> None:
        """Queue a reply, as the conversation does."""
        keys, now = self.platform.settings.keys, self._clock()
        self.platform.writer.call(_replied, ReplyOut(keys, phone, text, now))

    def send(self, platform: Platform | None = None) -> None:
        """Send whatever is due now and may go, and wait until it has landed."""
        asyncio.run(drain(parts_of(platform or self.platform)))

    def rows(self, sql: str) -> list[Any]:
        """What a query finds."""
        return list(rows(self.platform.database, sql))

    def close(self) -> None:
        """Close everything that was opened."""
        self._opened.close()


def _replied(tx: Tx, replies: Sequence[ReplyOut]) -> list[None]:
    enqueue_replies(tx, replies)
    return [None for _ in replies]


def parts_of(platform: Platform) -> Parts:
    """What the worker of an installation works with."""
    assert platform.sms is not None
    return platform.sms.parts


async def drain(parts: Parts) -> None:
    """Take turns until nothing is due and everything has landed."""
    worker, dispatcher = SmsWorker(parts), Dispatcher(parts)
    try:
        while await worker.turn(dispatcher):
            if dispatcher.flying:
                await asyncio.wait(dispatcher.flying)
    finally:
        await dispatcher.close()
