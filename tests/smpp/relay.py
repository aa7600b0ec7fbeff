"""A relay on loopback between Kannel and the product: it loses answers, holds them back, and keeps requests.

What goes wrong between two programs goes wrong here, while both ends are real.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

DEADLINE_SECONDS = 30.0
LOST = 503
"""What the caller is told when the answer to what it said was lost."""


@dataclass
class Failures:
    """How many of the next requests whose path begins so are to fail."""

    beginning: str = ""
    left: int = 0

    def befall(self, path: str) -> bool:
        """Whether this request is one of them."""
        if self.left == 0 or not path.startswith(self.beginning):
            return False
        self.left -= 1
        return True


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    relay: "Relay"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        status, answer = self.server.relay._pass_on(self.command, self.path, body, kept)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class Relay:
    """Hands every request to ``target()``, an address without path; ``url`` is its own."""

    def __init__(self, target: Callable[[], str]) -> None:
        self._target = target
        self._changed = threading.Condition()
        self._lost, self._refused = Failures(), Failures()
        self._forgetful: str | None = None
        self._late: Callable[[str], bool] | None = None
        self._open, self._due = threading.Event(), threading.Event()
        self._open.set()
        self._paths: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.relay = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def lose_answers(self, beginning: str, count: int) -> None:
        """Pass the next requests to a path on, and tell their callers 503: it was heard, and nobody knows."""
        self._lost = Failures(beginning, count)

    def lose_first_answers(self, beginning: str) -> None:
        """Do so with the first request to every address that begins so; tried again, it is answered."""
        self._forgetful = beginning

    def refuse(self, beginning: str, count: int) -> None:
        """Answer the next requests to a path with 503 and pass nothing on."""
        self._refused = Failures(beginning, count)

    def delay(self, which: Callable[[str], bool]) -> None:
        """Pass requests to such paths on only after `release`."""
        self._due.clear()
        self._late = which

    def hold_answers(self) -> None:
        """Pass requests on, but hand no answer back until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Hand back every answer that was held, pass on what was delayed, and hold no more."""
        self._late = None
        self._open.set()
        self._due.set()

    def asked(self, beginning: str = "", count: int = 0) -> list[str]:
        """The paths, with their queries, answered so far, once there are ``count`` that begin so."""

        def found() -> list[str]:
            return [path for path in self._paths if path.startswith(beginning)]

        with self._changed:
            came = self._changed.wait_for(lambda: len(found()) >= count, DEADLINE_SECONDS)
            assert came, f"{len(found())} of {count} requests came to {beginning}"
            return found()

    def reset(self) -> None:
        """Be an ordinary relay that has seen nothing."""
        with self._changed:
            self._lost, self._refused, self._forgetful = Failures(), Failures(), None
            self._paths.clear()
        self.release()

    def close(self) -> None:
        """Take no more."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _pass_on(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._late and self._late(path):
            self._due.wait(DEADLINE_SECONDS)
        with self._changed:
            refused = self._refused.befall(path)
            lost = not refused and (self._lost.befall(path) or self._forgets(path))
        answer = (LOST, b"") if refused else self._ask(method, path, body, headers)
        with self._changed:
            self._paths.append(path)
            self._changed.notify_all()
        self._open.wait(DEADLINE_SECONDS)
        return (LOST, b"") if lost else answer

    def _forgets(self, path: str) -> bool:
        new = path not in self._paths
        return new and self._forgetful is not None and path.startswith(self._forgetful)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        place = urlsplit(self._target()).netloc
        connection = HTTPConnection(place, timeout=DEADLINE_SECONDS)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return LOST, b""
        finally:
            connection.close()
