"""A real server and a real Chromium for the pages."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from pydantic import SecretStr

from app import create_app
from survey.commands.serving import listen, make_server
from survey.settings import Environment, Settings
from tests.conftest import SECRET, Clock, register

DAY = 86_400
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenPage = Callable[..., Page]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium: run `apt-get install chromium`, or name one in PERCAYA_CHROMIUM"


@dataclass
class Site:
    """A running installation with one agency, whose clock the tests may set."""

    url: str
    key: str
    clock: Clock
    references: int = 0

    def link(self, language: str = "id", days_ago: int = 0) -> str:
        """A fresh link, as an agency's system gets it from the API; `days_ago` makes it an old one."""
        now = self.clock.at
        self.clock.at = now - days_ago * DAY
        self.references += 1
        finished = datetime.fromtimestamp(self.clock.at - 60, UTC)
        try:
            answer = httpx.post(
                f"{self.url}/api/v1/transactions",
                headers={"Authorization": f"Bearer {self.key}"},
                json={
                    "unit": "u1",
                    "service": "ktp",
                    "channel": "counter",
                    "outcome": "approved",
                    "finished_at": finished.isoformat(),
                    "external_ref": f"B-{self.references}",
                    "language": language,
                },
            )
        finally:
            self.clock.at = now
        answer.raise_for_status()
        return str(answer.json()["link"])


@dataclass
class Witness:
    """What a page did besides showing itself."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note every request, error and complaint on the console."""
        page.on("request", self._on_request)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._on_console)

    def _on_request(self, request: Request) -> None:
        # Data addresses ask nobody.
        if not request.url.startswith("data:"):
            self.requests.append(request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium complains of every page with an error status; such pages are meant here.
        of_page = message.location["url"] in self.pages
        meant = of_page and message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not meant:
            self.complaints.append(message.text)

    @property
    def hosts(self) -> set[str]:
        """The hosts that were asked."""
        return {urlsplit(request.url).netloc for request in self.requests}

    @property
    def pages(self) -> set[str]:
        """The addresses of the pages themselves."""
        return {request.url for request in self.requests if request.is_navigation_request()}


@contextmanager
def running(settings: Settings, clock: Clock, listening: socket.socket) -> Iterator[Litestar]:
    """The application under the real server, in a thread."""
    ready = threading.Event()
    app = create_app(settings, clock)
    server = make_server(app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert ready.wait(30), "the server did not start"
        yield app
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def installed(template: Path, directory: Path, clock: Clock) -> Iterator[tuple[str, Litestar]]:
    """An open demonstration on a fresh SQLite file, with its address."""
    path = directory / "site.db"
    shutil.copy(template, path)
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(
            _env_file=None,
            environment=Environment.DEMO,
            secret=SecretStr(SECRET),
            base_url=url,
            database_url=f"sqlite:///{path}",
            work_in_process=False,
        )
        with running(settings, clock, listening) as app:
            yield url, app


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with one agency."""
    clock = Clock()
    with installed(sqlite_template, tmp_path_factory.mktemp("site"), clock) as (url, app):
        yield Site(url, register(app.state.platform), clock)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The Chromium of this machine; it leaves nothing in anybody's home directory.

    It ends with its file: its driver runs an event loop in this thread, and other tests need their own.
    """
    named = os.environ.get("PERCAYA_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        home = str(tmp_path_factory.mktemp("home"))
        places = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env={**os.environ, **places}
        )
        yield browser
        browser.close()


@contextmanager
def opening(chromium: Browser, witness: Witness) -> Iterator[OpenPage]:
    """Opens empty pages, each in a browser of its own, and closes them in the end."""
    contexts = []

    def make(*, width: int = 1280, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="id-ID"
        )
        contexts.append(context)
        page = context.new_page()
        witness.watch(page)
        return page

    try:
        yield make
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def witness() -> Witness:
    """Notes what the pages of this test do."""
    return Witness()


@pytest.fixture
def open_page(chromium: Browser, witness: Witness) -> Iterator[OpenPage]:
    """Opens an empty page: `open_page(width=320, scripts=False)`."""
    with opening(chromium, witness) as make:
        yield make
