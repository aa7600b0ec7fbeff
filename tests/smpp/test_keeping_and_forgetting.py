"""What is left of a conversation when it is over, when the secret changes, and when a backup comes back."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url
from sqlmodel import SQLModel

from survey.access import NewKey, create_keys, draw_api_key
from survey.keys import Keys
from survey.messaging.restoring import doubt_due
from survey.platform import Platform, open_platform
from tests.conftest import ADMIN_KEY, SECRET
from tests.factories import FORM_TYPE, form_body
from tests.smpp.world import REPORT, Citizen, World, stored
from tests.smpp.world import whole_world as whole_world
from tests.smpp.world import world as world

NINE = "4 3 4 4 4 3 4 4 4"
VALUES = (4, 3, 4, 4, 4, 3, 4, 4, 4)
NEW_SECRET = "another-secret-for-tests-of-more-than-32-characters"
OPEN = "SELECT count(*) FROM invitation WHERE state = 'open'"
TALKING = "SELECT count(*) FROM conversation WHERE state IN ('invited', 'asking')"
SEALED_BYTES = 28
"""A nonce and a tag: what is sealed is longer."""


def cells(world: World) -> list[tuple[str, object]]:
    """Every value in every table, with the name of its table."""
    tables = SQLModel.metadata.tables
    rows = {name: world.product.rows(f'SELECT * FROM "{name}"') for name in tables}
    return [(name, value) for name, found in rows.items() for row in found for value in row]


def sealed(world: World) -> list[str]:
    """The tables that hold something our keys open."""
    keys = world.product.settings.keys
    return [name for name, value in cells(world) if isinstance(value, bytes) and _opens(keys, value)]


def _opens(keys: Keys, value: bytes) -> bool:
    for opening in (keys.open_contact, keys.open_text):
        with contextlib.suppress(ValueError):
            return bool(opening(value))
    return False


def readable(secret: str, world: World) -> set[str]:
    """The tables, and other places, in which a text can be read."""
    ways = {secret, quote(secret), quote(secret, safe="").replace("%20", "+"), secret.encode().hex()}
    places = {name: "" for name, _ in cells(world)}
    for name, value in cells(world):
        places[name] += f"\n{bytes(value).decode('latin-1') if isinstance(value, bytes) else value}"
    places |= {"log": world.product.log(), "metrics": _metrics(world)}
    if world.product.database.sqlite:
        path = Path(make_url(world.product.settings.database_url).database or "")
        for file in (path, Path(f"{path}-wal")):
            places[file.name] = file.read_bytes().decode("latin-1") if file.exists() else ""
    return {name for name, text in places.items() if any(way.lower() in text.lower() for way in ways)}


def _metrics(world: World) -> str:
    assert world.product.server is not None
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    status, body = world.product.server.ask("GET", "/metrics", headers=headers)
    assert status == 200
    return body.decode()


def end_everything(world: World) -> None:
    """Let the time of every invitation be over, and the worker do its work."""
    world.product.stop()
    world.run("UPDATE invitation SET expires_at = 1000 WHERE state = 'open'")
    world.run("UPDATE conversation SET expires_at = 1000")
    world.product.start()
    for sql in (OPEN, TALKING):
        world.product.wait(sql, lambda found: found[0][0] == 0)


def test_when_all_has_ended_no_number_and_no_text_can_be_read_or_decrypted_anywhere(world: World) -> None:
    answered, on_the_web, quiet, stopped = (world.citizen() for _ in range(4))
    code, _, _ = world.invite(on_the_web, quiet, stopped)
    answered.invite()
    answered.asks(f"{NINE} loketnya bersih")
    assert world.product.server is not None
    world.product.server.ask("POST", f"/{code}", form_body(), FORM_TYPE)
    quiet.asks("anak saya sakit tipes")
    stopped.asks("MULAI")
    stopped.asks("3")
    assert {"invitation", "conversation"} <= set(sealed(world))
    stopped.asks("STOP")
    stranger = world.citizen()
    stranger.asks("siapa ini sebenarnya")
    end_everything(world)
    assert sealed(world) == []
    people = (answered, on_the_web, quiet, stopped, stranger)
    for secret in [citizen.phone[3:] for citizen in people] + [
        f"{NINE} loketnya bersih",
        "sakit tipes",
        "siapa ini",
        code,
        world.product.settings.secret.get_secret_value(),
    ]:
        assert readable(secret, world) == set(), secret
    # The remark is the answer itself, and stands nowhere else.
    assert readable("loketnya bersih", world) - {"world.db", "world.db-wal"} == {"response"}


@contextlib.contextmanager
def another_secret(world: World) -> Iterator[None]:
    """Run the installation under another secret, the earlier one named as such, for a while."""
    world.product.stop()
    opened, first, key = open_platform(world.product.settings), world.product.key, draw_api_key()
    opened.writer.call(create_keys, NewKey(1, "after the change", key, Keys(NEW_SECRET), opened.now()))
    opened.close()
    world.product.key = key
    world.product.start(PERCAYA_SECRET=NEW_SECRET, PERCAYA_PREVIOUS_SECRETS=json.dumps([SECRET]))
    yield
    world.product.stop()
    world.product.key = first
    world.product.start()


def test_a_new_secret_forgets_no_opt_out_and_loses_no_answer_on_its_way(world: World) -> None:
    stopped, asked, before = world.invited(), world.invited(), stored(world)
    stopped.asks("STOP")
    asked.asks("MULAI")
    asked.asks("4")
    suppressed = "message WHERE state = 'suppressed' AND reason = 'opted_out'"
    told, known = stopped.heard(), world.count(suppressed)
    with another_secret(world):
        world.product.post(stopped.phone, external_ref="after-the-change")
        world.product.wait(f"SELECT count(*) FROM {suppressed}", lambda found: found[0][0] == known + 1)
        assert stopped.heard() == told
        assert asked.asks("3").startswith("3/9 ")
        asked.asks(NINE)
        assert stored(world, before) == [("sms", VALUES, None)]
        assert stopped.asks("MULAI").startswith("Anda dapat dikirimi SMS survei lagi.")
        stopped.invite(external_ref="after-the-return")


class Backup:
    """A copy of a database that nobody is connected to, and its way back."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url = make_url(url)
        self._name = str(self._url.database)
        self._copy = directory / "backup.db"
        self._copied(self._name, f"{self._name}_backup")

    def restore(self) -> None:
        """Put the database back to where it was."""
        self._copied(f"{self._name}_backup", self._name)

    def _copied(self, source: str, target: str) -> None:
        if self._url.get_backend_name() == "sqlite":
            live = Path(self._name)
            back = target == self._name
            for left in live.parent.glob(f"{live.name}-*"):
                left.unlink()  # what a closed database leaves beside it holds nothing, and is not part of it
            shutil.copy(self._copy if back else live, live if back else self._copy)
            return
        server = self._url.set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


def on_restored(world: World) -> Platform:
    """The restored installation, as the command line opens it before any worker runs."""
    return open_platform(world.product.settings)


def test_a_restored_backup_sends_nothing_twice_once_the_operator_said_so_and_else_what_it_had_to_send(
    world: World, tmp_path: Path
) -> None:
    sent, waiting = world.invited(), [world.citizen(), world.citizen()]
    world.product.stop()
    world.product.start(PERCAYA_WORK_IN_PROCESS="false")
    world.product.post(*(citizen.phone for citizen in waiting), start=900_000)
    world.product.stop()
    backup = Backup(world.product.settings.database_url, tmp_path)
    world.product.start()
    world.settle()
    assert times(sent, *waiting) == [1, 1, 1]
    reported = re.compile(r"[?&]type=1&")
    told = [path for path in world.to_product.asked(REPORT) if reported.search(path)]
    world.product.stop()

    backup.restore()
    opened = on_restored(world)
    assert opened.writer.call(doubt_due, opened.now()) == 2
    opened.close()
    world.product.start()
    world.settle()
    assert times(sent, *waiting) == [1, 1, 1]
    assert world.count("message WHERE state = 'unknown' AND reason = 'restored'") == 2
    # A report that the provider still tells decides.
    assert world.product.server is not None
    assert {world.product.server.ask("GET", path)[0] for path in told} == {200}
    world.product.wait("SELECT count(*) FROM message WHERE state = 'unknown'", lambda found: found[0][0] == 0)
    world.product.stop()

    backup.restore()
    world.product.start()
    world.settle()
    assert times(sent, *waiting) == [1, 2, 2]


def times(*citizens: Citizen) -> list[int]:
    """How many SMS each has been sent."""
    return [len(citizen.heard()) for citizen in citizens]
