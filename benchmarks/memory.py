"""Resident memory of the idle web process, and of a Litestar application that does nothing."""

import http.client
import time
from contextlib import AbstractContextManager

from benchmarks.results import Goal, Result
from benchmarks.servers import Server, serve_floor, serve_percaya
from benchmarks.stores import Stores

GOAL = Goal(ratio=2)
SETTLING_SECONDS = 2.5  # the quiet work takes a turn every second


def measure(stores: Stores, *, repeats: int, settling: float = SETTLING_SECONDS) -> Result:
    """Compare both after one request each and a few seconds of rest, in MiB."""
    url = stores.empty()
    ours = [_resident(serve_percaya(url), settling) for _ in range(repeats)]
    floor = [_resident(serve_floor("floor_memory"), settling) for _ in range(repeats)]
    stores.drop(url)
    return Result("idle web process", stores.name, "MiB resident", ours, floor, GOAL)


def _resident(serving: AbstractContextManager[Server], settling: float) -> float:
    with serving as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        connection.close()
        time.sleep(settling)
        return server.resident_bytes() / 2**20
