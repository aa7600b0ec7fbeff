"""Citizens who open their link and answer, at once on keep-alive connections.

A process of its own, so that its processor time is not the server's: `python -m benchmarks.citizens`
reads what to do as JSON from its input and writes what it saw as JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvloop

from benchmarks.servers import ROOT

MOST_SECONDS = 300
_HEADERS = (
    "Host: ikm.go.id\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Accept-Language: id-ID,id;q=0.9\r\n"
)


@dataclass(frozen=True)
class Seen:
    """What the citizens saw, in seconds: all of it, and the median and 99th percentile of one fill."""

    fills: int
    seconds: float
    p50: float
    p99: float


def answer_all(port: int, codes: Sequence[str], form: str, clients: int) -> Seen:
    """Let that many citizens at a time open each link and send the form (urlencoded).

    Raises:
        RuntimeError: an answer was not 200.
    """
    task = {"port": port, "codes": list(codes), "form": form, "clients": clients}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.citizens"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=MOST_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return Seen(**json.loads(done.stdout))


async def _all(port: int, codes: Sequence[str], form: str, clients: int) -> dict[str, Any]:
    latencies: list[float] = []
    waiting = iter(codes)
    began = time.perf_counter()
    await asyncio.gather(*(_citizen(port, waiting, form.encode(), latencies) for _ in range(clients)))
    seconds = time.perf_counter() - began
    latencies.sort()
    p50, p99 = (latencies[int(share * (len(latencies) - 1))] for share in (0.5, 0.99))
    return {"fills": len(latencies), "seconds": seconds, "p50": p50, "p99": p99}


async def _citizen(port: int, codes: Iterator[str], form: bytes, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    for code in codes:
        began = time.perf_counter()
        writer.write(f"GET /{code} HTTP/1.1\r\n{_HEADERS}\r\n".encode())
        await _read(reader)
        writer.write(f"POST /{code} HTTP/1.1\r\n{_HEADERS}{content}".encode() + form)
        await _read(reader)
        latencies.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"http/1.1 200 ") or not body:
        raise RuntimeError(f"not the answer of a working server: {head[:12]!r}")
    return body


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_all(**json.load(sys.stdin)))))
