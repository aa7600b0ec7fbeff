"""The least that hands messages to Kannel: the same HTTP calls in a loop, as many side by side.

Reads from its input where to, for whom and with what; prints the seconds it took by the clock and of the
processor. It keeps nothing, decides nothing and hears no report.
"""

import asyncio
import json
import sys
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL


async def send_all(given: dict[str, Any]) -> dict[str, float]:
    """Send every message, each over a connection of its own, as many at a time as the sender under test.

    Raises:
        RuntimeError: Kannel did not take one.
    """
    left = iter(enumerate(given["phones"]))

    async def send(session: aiohttp.ClientSession) -> None:
        for number, phone in left:
            fields = {
                **given["params"],
                "to": phone,
                "dlr-url": given["report_url"].format(ref=f"0-{number:x}"),
            }
            async with session.get(URL(f"{given['url']}?{urlencode(fields)}", encoded=True)) as answer:
                text = await answer.text()
                if answer.status != 202:
                    raise RuntimeError(f"{answer.status}: {text}")

    at_a_time = given["concurrency"]
    connector = aiohttp.TCPConnector(limit=at_a_time, force_close=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        began, before = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send(session) for _ in range(at_a_time)))
        return {"wall": time.perf_counter() - began, "cpu": time.process_time() - before}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send_all(json.load(sys.stdin)))))
