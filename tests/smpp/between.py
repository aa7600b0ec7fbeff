"""What stands between the product and Kannel on bad days: it reads requests, and does something else."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.smpp.kannel import Answer

Way = Literal["pass", "hold", "swallow", "portal", "break", "503", "429"]
"""Hand on and answer; hand on and answer only when released; neither hand on nor answer until released;
answer 200 with a page; close the connection; answer with a status. All but the first two take nothing."""
DEADLINE_SECONDS = 60.0
PORTAL = Answer(200, "<html><body>Selamat datang. Silakan masuk ke WiFi.</body></html>")


class Asked(NamedTuple):
    """A request to send: the recipient, and when it came (time.monotonic)."""

    to: str
    at: float


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    between: "Between"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        query = urlsplit(self.path).query
        answer = self.server.between._deal_with(dict(parse_qsl(query))["to"], query)
        if answer is None:
            self.close_connection = True
            return
        content = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # whoever asked has given up meanwhile
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class Between:
    """Takes requests on loopback in place of Kannel's own interface; hands them on unless told otherwise."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._changed = threading.Condition()
        self._ways: dict[str | None, deque[Way]] = {}
        self._asked: list[Asked] = []
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.between = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/cgi-bin/sendsms"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def behave(self, *ways: Way, to: str | None = None) -> None:
        """Treat the next requests (for a recipient, or any) so, one each, and all later ones as the last."""
        with self._changed:
            self._ways[to] = deque(ways)

    def release(self) -> None:
        """Answer what is held, let go of what was swallowed, and hold nothing any more."""
        self._released.set()

    def asked(self, until: int = 0) -> list[Asked]:
        """The requests so far, once there are so many; AssertionError if never."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self._asked) >= until, DEADLINE_SECONDS)
            assert arrived, f"{len(self._asked)} of {until} requests came"
            return list(self._asked)

    def close(self) -> None:
        """Take nothing any more."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _deal_with(self, to: str, query: str) -> Answer | None:
        way = self._note(to)
        if way == "portal":
            return PORTAL
        if way == "break":
            return None
        if way == "swallow":
            self._released.wait(DEADLINE_SECONDS)
            return None
        if way in ("503", "429"):
            return Answer(int(way), "")
        answer = self._hand_on(query)
        if way == "hold":
            self._released.wait(DEADLINE_SECONDS)
        return answer

    def _hand_on(self, query: str) -> Answer:
        connection = HTTPConnection(self._upstream.netloc, timeout=DEADLINE_SECONDS)
        try:
            connection.request("GET", f"{self._upstream.path}?{query}")
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()

    def _note(self, to: str) -> Way:
        with self._changed:
            self._asked.append(Asked(to, time.monotonic()))
            self._changed.notify_all()
            ways = self._ways.get(to) or self._ways.get(None) or deque[Way](["pass"])
            return ways.popleft() if len(ways) > 1 else ways[0]


@contextmanager
def between(upstream: str) -> Iterator[Between]:
    """One that is closed in the end."""
    opened = Between(upstream)
    try:
        yield opened
    finally:
        opened.close()
