"""A worker that sends many side by side looks for more when half of them have landed, not one by one."""

import asyncio
import time

import pytest

from survey.messaging import dispatch
from survey.messaging.config import Delivery, SmsConfig, console_config
from survey.messaging.dispatch import Dispatcher, Parts
from survey.messaging.policy import Rules
from survey.platform import Platform


@pytest.fixture
def parts(platform: Platform) -> Parts:
    config = SmsConfig(sender="IKM", providers=console_config().providers, delivery=Delivery(concurrency=4))
    settings, writer = platform.settings, platform.writer
    return Parts(
        config, Rules(), settings, platform.instruments, writer, platform.now, platform.now_ms, print
    )


def fly(dispatcher: Dispatcher, until: asyncio.Event) -> None:
    """Something that is being sent until then."""

    async def flight() -> None:
        await until.wait()

    task = asyncio.create_task(flight())
    dispatcher.flying.add(task)
    task.add_done_callback(dispatcher._landed)


def test_there_is_room_at_once_while_half_or_less_is_flying(parts: Parts) -> None:
    async def scene() -> None:
        dispatcher, end = Dispatcher(parts), asyncio.Event()
        for _ in range(2):
            fly(dispatcher, end)
        await asyncio.wait_for(dispatcher.make_room(), 1e-9 + dispatch.ROOM_SECONDS / 10)
        end.set()
        await dispatcher.close()

    asyncio.run(scene())


def test_room_is_waited_for_until_half_has_landed(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "ROOM_SECONDS", 60)

    async def scene() -> None:
        dispatcher = Dispatcher(parts)
        ends = [asyncio.Event() for _ in range(4)]
        for end in ends:
            fly(dispatcher, end)
        waiting = asyncio.create_task(dispatcher.make_room())
        for end, landed in zip(ends, (False, True), strict=False):
            end.set()
            await asyncio.wait({waiting}, timeout=0.05)
            assert waiting.done() is landed
        for end in ends:
            end.set()
        await dispatcher.close()

    asyncio.run(scene())


def test_what_is_stuck_holds_the_others_up_for_a_moment_only(parts: Parts) -> None:
    async def scene() -> float:
        dispatcher, end = Dispatcher(parts), asyncio.Event()
        for _ in range(4):
            fly(dispatcher, end)
        began = time.monotonic()
        await dispatcher.make_room()
        took = time.monotonic() - began
        end.set()
        await dispatcher.close()
        return took

    assert dispatch.ROOM_SECONDS * 0.9 <= asyncio.run(scene()) < 30
