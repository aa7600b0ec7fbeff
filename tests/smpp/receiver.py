"""A small HTTP server on loopback that keeps what it is told, and can be made to fail."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

DEADLINE_SECONDS = 30.0


class Told(NamedTuple):
    """One request: its path, its query as it was sent (the last of equal names), and its body."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    allow_reuse_address = True
    receiver: "Receiver"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(split.query, keep_blank_values=True, encoding="utf-8"))
        status = self.server.receiver._hear(Told(self.command, split.path, query, body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class Receiver:
    """Answers 200 with an empty body and keeps every request, those it refused with a status too."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._told: list[Told] = []
        self._failures: list[int] = []
        self._fails: Callable[[Told], bool] | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.failed = False
        """Whether anybody may still be trying again what failed here since the last reset."""
        self.listen()

    def listen(self) -> None:
        """Take connections (again), always on the same port."""
        if self._server:
            return
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.receiver = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def refuse(self) -> None:
        """Let nobody connect until `listen`."""
        self.failed = True
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None

    close = refuse

    def answer(self, *statuses: int) -> None:
        """Answer the next requests with these statuses, one each."""
        with self._changed:
            self.failed = True
            self._failures.extend(statuses)

    def fail(self, which: Callable[[Told], bool] | None) -> None:
        """Answer every request that fits with 503, until told otherwise (None: nothing any more)."""
        with self._changed:
            self.failed = True
            self._fails = which

    def _hear(self, told: Told) -> int:
        with self._changed:
            self._told.append(told)
            self._changed.notify_all()
            if self._fails and self._fails(told):
                return 503
            return self._failures.pop(0) if self._failures else 200

    def url(self, path: str = "/") -> str:
        """The address of a path here."""
        return f"http://127.0.0.1:{self.port}{path}"

    def told(self, path: str | None = None) -> list[Told]:
        """What was told so far, in the order of arrival; of one path only when it is given."""
        with self._changed:
            return [told for told in self._told if path in (None, told.path)]

    def wait(self, path: str, count: int = 1, fits: Callable[[Told], bool] = lambda told: True) -> list[Told]:
        """What was told at a path and fits, once there are `count` of it; AssertionError if never."""

        def found() -> list[Told]:
            return [told for told in self._told if told.path == path and fits(told)]

        with self._changed:
            arrived = self._changed.wait_for(lambda: len(found()) >= count, DEADLINE_SECONDS)
            assert arrived, f"{len(found())} of {count} requests came to {path}; in all {self._told[-9:]}"
            return found()

    def reset(self) -> None:
        """Listen, forget everything and answer 200 again."""
        self.listen()
        with self._changed:
            self._told.clear()
            self._failures.clear()
            self._fails = None
            self.failed = False
