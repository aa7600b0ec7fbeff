"""A hundred thousand rows in one request are taken in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from factories import count
from servers import Server

from survey.access import NewKey, create_keys, draw_api_key
from survey.platform import Platform

ROWS = 100_000
MOST_GROWTH = 60 * 1024 * 1024
HEADER = "unit,service,channel,outcome,finished_at,external_ref,phone\n"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of another process's memory is read from /proc"
)


def memory(pid: int, what: str) -> int:
    """``VmRSS`` (now) or ``VmHWM`` (the most so far) of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {what}")


def csv_lines(first: int, last: int) -> bytes:
    lines = [
        f"u1,ktp,counter,approved,2026-11-18T10:00:00+07:00,{number},"
        + (f"+62812{number:07d}" if number % 10 == 0 else "")
        for number in range(first, last)
    ]
    return (HEADER + "\n".join(lines)).encode()


@pytest.fixture
def server(platform: Platform, tmp_path: Path) -> Iterator[Server]:
    # The rows' moment must be recent by the server's own clock.
    started = Server(
        platform.settings,
        tmp_path / "log.txt",
        extra={"PERCAYA_OLDEST_TRANSACTION_DAYS": "3660", "PERCAYA_WORK_IN_PROCESS": "false"},
    )
    yield started
    started.stop()


def test_a_hundred_thousand_rows_of_csv_are_recorded_in_bounded_memory(
    platform: Platform, server: Server
) -> None:
    key = draw_api_key()
    platform.writer.call(create_keys, NewKey(1, "x", key, platform.settings.keys, platform.now()))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}

    def post(body: bytes) -> tuple[int, bytes]:
        return server.ask("POST", "/api/v1/transactions", body, headers)

    assert post(csv_lines(0, 1000))[0] == 200  # everything that is loaded once is now loaded
    before = memory(server.pid, "VmRSS")
    status, told = post(csv_lines(1000, 1000 + ROWS))
    growth = memory(server.pid, "VmHWM") - before
    assert status == 200
    result = msgspec.json.decode(told)
    assert result["accepted"] == len(result["results"]) == ROWS
    assert count(platform.database, "invitation") == ROWS + 1000
    assert growth < MOST_GROWTH, f"grew by {growth / 1024 / 1024:.0f} MiB"
