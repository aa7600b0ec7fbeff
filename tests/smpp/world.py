"""One running installation on Kannel for all tests of a file, and a citizen of its own for each.

Between Kannel and the product stands a relay in each direction. Whatever citizens are told is read at the
SMSC, never in the product's own tables.
"""

import contextlib
import itertools
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from survey.settings import Environment, Settings
from tests.conftest import ADMIN_KEY, SECRET
from tests.factories import connected
from tests.smpp.configuration import SENDER
from tests.smpp.kannel import Kannel
from tests.smpp.product import CALLBACK, Product, installed, provider_block
from tests.smpp.relay import Relay

INBOUND = f"/sms/kannel/inbound/{CALLBACK}"
REPORT = f"/sms/kannel/report/{CALLBACK}"
ACKNOWLEDGED = "ACK/Jasmin"
"""What a citizen's message is answered with over HTTP, as some gateways want it."""
UNDER_WAY = (
    "SELECT count(*) FROM message WHERE state IN ('scheduled', 'queued', 'claimed', 'sending', 'submitted')"
    " AND coalesce(reason, '') <> 'no report'"
)
OUTCOMES = "SELECT outcome, count(*) FROM sms_callback WHERE kind = 'inbound' GROUP BY outcome"
WAITING = "SELECT count(*) FROM sms_callback WHERE state = 'waiting'"
Answer = tuple[str, tuple[int, ...], str | None]
_numbers = itertools.count(1)


class World(NamedTuple):
    """A product, what hands citizens' messages and reports to it, and what it hands its messages to."""

    product: Product
    to_product: Relay
    to_kannel: Relay

    @property
    def kannel(self) -> Kannel:
        """The Kannel."""
        return self.product.kannel

    def run(self, sql: str) -> None:
        """Change something in the database, as time would."""
        with connected(self.product.database) as connection:
            connection.execute(sql)

    def citizen(self) -> "Citizen":
        """Somebody nobody has written to yet."""
        return Citizen(self, f"+62812{30_000_000 + next(_numbers)}")

    def invited(self, **changes: Any) -> "Citizen":
        """Somebody who has just been invited."""
        citizen = self.citizen()
        citizen.invite(**changes)
        return citizen

    def invite(self, *citizens: "Citizen", **changes: Any) -> list[str]:
        """Report a service for each, and wait until the SMS about it have arrived; the links' codes."""
        before = [len(citizen.heard()) for citizen in citizens]
        phones = [citizen.phone for citizen in citizens]
        links = self.product.post(*phones, start=next(_numbers) * 1000, **changes)
        self.wake()
        self.settle()
        assert [len(citizen.heard()) for citizen in citizens] == [number + 1 for number in before]
        return [urlsplit(link).path.strip("/") for link in links]

    def wake(self) -> None:
        """Have the worker look at once and not within a second: so does every callback, also a known one."""
        assert self.product.server is not None
        assert self.product.server.ask("GET", f"{INBOUND}?from=0&text=&id=wake")[0] == 200

    def settle(self) -> None:
        """Wait until every callback is dealt with and every message reported: the SMSC has all there is."""
        self.product.wait(WAITING, lambda found: found[0][0] == 0)
        self.product.wait(UNDER_WAY, lambda found: found[0][0] == 0)
        self.kannel.wait_until_idle()

    def wait_for_messages(self, count: int) -> None:
        """Wait until so many messages of citizens, of all so far, and all they led to are dealt with."""
        self.product.wait(OUTCOMES, lambda found: sum(n for word, n in found if word) >= count)
        self.settle()

    def outcomes(self) -> Counter[str]:
        """How often what citizens wrote led to what."""
        return Counter(dict(self.product.rows(OUTCOMES)))

    def count(self, what: str) -> int:
        """How many rows; ``what`` is a table and a condition."""
        return int(self.product.rows(f"SELECT count(*) FROM {what}")[0][0])


class Citizen(NamedTuple):
    """A telephone; what it is sent is what the SMSC took for it."""

    world: World
    phone: str

    def invite(self, **changes: Any) -> str:
        """Report a service for this citizen, and wait until the SMS about it has arrived; the link's code."""
        (code,) = self.world.invite(self, **changes)
        return code

    def write(self, *parts: str, arriving: Sequence[int] = ()) -> str:
        """Write an SMS and wait for what it leads to: a word.

        A long one has parts, of which those `arriving` (from 1, in this order) arrive; by default all.
        """
        before = self.world.outcomes()
        self.world.kannel.smsc.hear_parts(self.phone, SENDER, parts, arriving or range(1, len(parts) + 1))
        self.world.wait_for_messages(before.total() + 1)
        (word,) = self.world.outcomes() - before
        return word

    def heard(self) -> list[str]:
        """The texts this telephone has been sent, in order."""
        return [m.text for m in self.world.kannel.smsc.messages() if m.recipient == self.phone]

    def asks(self, *parts: str, arriving: Sequence[int] = ()) -> str:
        """Write, and get exactly one SMS; its text."""
        before = len(self.heard())
        self.write(*parts, arriving=arriving)
        told = self.heard()[before:]
        assert len(told) == 1, told
        return told[0]

    def gets_nothing(self, *parts: str) -> str:
        """Write, and get no SMS; what it led to."""
        before = len(self.heard())
        word = self.write(*parts)
        assert self.heard()[before:] == []
        return word


def stored(world: World, besides: Sequence[Answer] = ()) -> list[Answer]:
    """The answers that are stored: how each came, its nine values and its remark; without those of before."""
    rows = world.product.rows("SELECT mode, answers, comment FROM response")
    found = Counter((mode, tuple(map(int, values[:9])), comment) for mode, values, comment in rows)
    return list((found - Counter(besides)).elements())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def whole_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, running_kannel: Kannel
) -> Iterator[World]:
    """The installation of a file; a test takes `world`."""
    directory = tmp_path_factory.mktemp("world")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), directory / "world.db")
        with _opened(f"sqlite:///{directory / 'world.db'}", running_kannel, directory) as world:
            yield world
        return
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    name = f"world_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        with _opened(url, running_kannel, directory) as world:
            yield world
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def _opened(url: str, kannel: Kannel, directory: Path) -> Iterator[World]:
    settings = Settings(
        _env_file=None,
        environment=Environment.PRODUCTION,
        secret=SecretStr(SECRET),
        admin_key=SecretStr(ADMIN_KEY),
        base_url="https://ikm.go.id",
        database_url=url,
    )
    kannel.reset()
    with installed(settings, kannel, directory) as product, contextlib.ExitStack() as stack:
        to_product = Relay(lambda: f"http://127.0.0.1:{product.port}")
        stack.callback(to_product.close)
        to_kannel = Relay(lambda: kannel.send_url)
        stack.callback(to_kannel.close)
        block = provider_block(kannel, product.port, callback_url=to_product.url)
        place = urlsplit(kannel.send_url).netloc
        # Kannel sends nothing of it on: no test here would count right if it did.
        answer = f'[provider.inbound.reply]\nbody = "{ACKNOWLEDGED}"'
        product.configure([f"{block.replace(f'http://{place}', to_kannel.url)}\n{answer}"])
        product.start()
        kannel.send_inbound_to(to_product.url + INBOUND)
        world = World(product, to_product, to_kannel)
        world.wake()
        yield world


@pytest.fixture
def world(whole_world: World) -> World:
    """The installation of this file, with nothing under way and nothing remembered between the two."""
    whole_world.settle()
    whole_world.kannel.smsc.reset()
    whole_world.to_product.reset()
    whole_world.to_kannel.reset()
    return whole_world
