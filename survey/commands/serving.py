"""Serve the application with uvicorn, the same way for an installation and for the demonstration."""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from litestar import Litestar

from survey.commands.console import Refusal

WAITING = 2048  # connections that the system keeps while the server is busy


class _Server(uvicorn.Server):
    """Uvicorn that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(host: str, port: int) -> socket.socket:
    """Take the address to serve on; port 0 lets the system choose one.

    Raises:
        Refusal: it is taken, or is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"port {port} is in use: stop the program that uses it, or choose another, PORT={port + 1}"
            ) from None
        reason = error.strerror or str(error)
        raise Refusal(f"cannot listen on {host} port {port}: {reason}; set HOST and PORT") from None


def make_server(app: Litestar, ready: Callable[[], None]) -> uvicorn.Server:
    """A server of the application; `ready` is called once, when the pages answer.

    There is no access log, since its lines would hold the codes of links, and no proxy header is trusted.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    return _Server(config, ready)


def serve(app: Litestar, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve on a taken address until interrupted."""
    # Uvicorn raises the signal that ended it once more, after it has closed everything.
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        make_server(app, ready).run(sockets=[listening])
