"""Killed at any instant under load, no acknowledged answer is lost and none is taken twice."""

import queue
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest
from factories import FORM_TYPE, count, form_body, issue, rows
from servers import Server, exchange, receipt_in

from survey import responses, tallies
from survey.database import Database
from survey.platform import Platform, open_platform
from survey.settings import Settings

KILLS = 5
CITIZENS = 6
LINKS = 6000
BODY = form_body(comment="mati listrik")


@dataclass
class Told:
    """What the citizens were told: receipts by code, codes refused as used, codes with no word yet."""

    receipts: dict[str, list[str]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    other: list[tuple[str, int]] = field(default_factory=list)
    sending: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    unsure: set[str] = field(default_factory=set)

    def take_in(self, code: str, status: int, page: bytes) -> None:
        """Remember what the server said to one answer."""
        if status == 200:
            self.receipts.setdefault(code, []).append(str(receipt_in(page)))
        elif status == 410:
            self.used.append(code)
        else:
            self.other.append((code, status))


def citizen(server: Server, told: Told) -> None:
    """Answer one link after the other until the server is gone or there is none left."""
    connection = server.connect()
    while True:
        try:
            code = told.sending.get_nowait()
        except queue.Empty:
            break
        try:
            told.take_in(code, *exchange(connection, "POST", f"/{code}", BODY, FORM_TYPE))
        except (OSError, HTTPException):
            told.unsure.add(code)  # sent, and no word: it may be stored or not
            break
    connection.close()


def crowd(server: Server, told: Told) -> list[threading.Thread]:
    threads = [threading.Thread(target=citizen, args=(server, told)) for _ in range(CITIZENS)]
    for thread in threads:
        thread.start()
    return threads


@pytest.fixture
def links(platform: Platform) -> list[str]:
    # The server runs by the real clock, so the links must last from the tests' clock until then.
    made = issue(platform, LINKS)
    far = int(time.time()) + 86_400
    platform.writer.call(lambda tx, items: [_postpone(tx, far) for _ in items], None)
    return [str(one.code) for one in made]


def _postpone(tx, until: int) -> None:  # type: ignore[no-untyped-def]
    tx._connection.execute(f"UPDATE invitation SET expires_at = {until}")


@pytest.fixture
def told(links: list[str]) -> Told:
    found = Told()
    for code in links:
        found.sending.put(code)
    return found


@pytest.fixture
def after(settings: Settings, platform: Platform) -> Iterator[Platform]:
    """The installation as it is opened after everything, with nothing remembered."""
    opened = open_platform(settings, platform.now)
    yield opened
    opened.close()


def assert_nothing_is_lost_or_doubled(platform: Platform, told: Told) -> None:
    database = platform.database
    acknowledged = [receipt for receipts in told.receipts.values() for receipt in receipts]
    assert len(acknowledged) > 100, "the crowd hardly got to answer"
    assert max(len(receipts) for receipts in told.receipts.values()) == 1
    numbers = [responses.response_id(platform.settings.keys, receipt) for receipt in acknowledged]
    stored = {row[0] for row in rows(database, "SELECT id FROM response")}
    assert set(numbers) <= stored
    assert len(stored) == count(database, "invitation", "state = 'answered'")
    assert len(stored) - len(numbers) <= len(told.unsure)
    assert set(told.used) <= told.unsure
    assert told.other == []


def assert_counts_are_a_recount(platform: Platform) -> None:
    tallies.refresh_all(platform.writer, platform.definition)
    before = platform.writer.call(tallies.read_kept, None)
    for _ in tallies.rebuild(platform.writer, platform.definition):
        pass
    assert platform.writer.call(tallies.read_kept, None) == before
    answered = [tallies.unpack(row[-1])[2] for row in before if "ledger" in row and len(row) == 5]
    assert sum(answered) == count(platform.database, "response")


def assert_file_is_whole(database: Database) -> None:
    if database.sqlite:
        with sqlite3.connect(str(database.url.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


@pytest.mark.crash
def test_killed_five_times_under_load_the_server_loses_and_doubles_no_answer(
    settings: Settings, told: Told, after: Platform, tmp_path: Path
) -> None:
    drawn = random.Random(20261124)
    working = {"PERCAYA_WORK_IN_PROCESS": "true"}
    for _ in range(KILLS):
        server = Server(settings, tmp_path / "log.txt", extra=working)
        threads = crowd(server, told)
        time.sleep(drawn.uniform(0.15, 0.6))  # the random instant of the kill
        server.kill()
        for thread in threads:
            thread.join(60)
    unsure = sorted(told.unsure)
    assert unsure, "no kill met an answer on its way"
    server = Server(settings, tmp_path / "log.txt", extra=working)
    try:
        for code in unsure:  # the citizen presses the button once more
            told.take_in(code, *server.ask("POST", f"/{code}", BODY, FORM_TYPE))
    finally:
        server.kill()
    assert_file_is_whole(after.database)
    assert_nothing_is_lost_or_doubled(after, told)
    assert_counts_are_a_recount(after)


@pytest.mark.crash
def test_two_servers_on_one_database_take_each_answer_once(
    settings: Settings, platform: Platform, links: list[str], after: Platform, tmp_path: Path
) -> None:
    working = {"PERCAYA_WORK_IN_PROCESS": "true"}
    both = [Server(settings, tmp_path / f"{name}.txt", extra=working) for name in ("one", "two")]
    told = Told()
    for code in links[:150]:
        for _ in range(4):
            told.sending.put(code)
    try:
        threads = crowd(both[0], told) + crowd(both[1], told)
        for thread in threads:
            thread.join(60)
    finally:
        for server in both:
            server.stop()
    assert sorted(told.receipts) == sorted(links[:150])
    assert {len(receipts) for receipts in told.receipts.values()} == {1}
    assert len(told.used) == 3 * 150
    assert told.unsure == set()
    assert count(after.database, "response") == 150
    assert_counts_are_a_recount(after)


@pytest.mark.crash
def test_a_server_that_is_asked_to_stop_finishes_what_it_began(
    settings: Settings, told: Told, after: Platform, tmp_path: Path
) -> None:
    server = Server(settings, tmp_path / "log.txt")
    threads = crowd(server, told)
    deadline = time.monotonic() + 30
    while len(told.receipts) < 50 and time.monotonic() < deadline:
        time.sleep(0.01)
    server.stop()
    for thread in threads:
        thread.join(60)
    assert len(told.receipts) >= 50
    assert {len(receipts) for receipts in told.receipts.values()} == {1}
    assert count(after.database, "response") >= len(told.receipts)
    assert count(after.database, "response") == count(after.database, "invitation", "state = 'answered'")
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
