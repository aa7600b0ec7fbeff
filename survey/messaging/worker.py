"""The loop that sends: several may run at once, in the web process or as processes of their own.

A turn deals with what providers told, looks at what is due, and hands over what may go. Everything a worker
knows is in the database: one that is killed leaves leases that end, and at most the messages it was calling
about in doubt.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable

from survey.database import Unavailable
from survey.messaging import callbacks, contact_policies, inbound, promoting, reaping
from survey.messaging.contact_policies import Forgetting
from survey.messaging.dispatch import Dispatcher, Parts
from survey.messaging.routing import BURST_SECONDS

REST_SECONDS = 1.0
REAP_SECONDS = 15
MINUTE = 60
HOUR = 3600
CALLBACKS_PER_TURN = 200
PROMOTED_PER_TURN = 500
_log = logging.getLogger("percaya.sms")


class SmsWorker:
    """Sends what is due and deals with what comes back."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next_reap = 0
        self._next_minute = 0
        self._next_hour = 0
        self._looked_at = 0
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread until ``stop``."""
        self._thread = threading.Thread(target=self.run, name="sms", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let what is being sent come to its end, and stop."""
        self._stopping = True
        self.wake()
        if self._thread is not None:
            self._thread.join()

    def wake(self) -> None:
        """Something is waiting: do not sleep the second out."""
        loop, woken = self._loop, self._woken
        if loop is None or woken is None:
            return
        try:
            loop.call_soon_threadsafe(woken.set)
        except RuntimeError:  # the loop has closed meanwhile
            return

    def run(self) -> None:
        """Work until told to stop."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        dispatcher = Dispatcher(self._parts)
        try:
            while not self._stopping:
                self._woken.clear()
                if await self._safe_turn(dispatcher):
                    await dispatcher.make_room()
                else:
                    await self._rest(dispatcher, self._woken)
        finally:
            self._loop = None
            await dispatcher.close()

    async def _safe_turn(self, dispatcher: Dispatcher) -> int:
        try:
            return await self.turn(dispatcher)
        except Unavailable as error:
            _log.warning("the database is unavailable: %s", error)
        except Exception as error:  # the worker must outlive a bad turn; leases make the next one right
            _log.error("a turn of the SMS worker failed: %s", type(error).__name__)
        return 0

    async def _rest(self, dispatcher: Dispatcher, woken: asyncio.Event) -> None:
        wake = asyncio.ensure_future(woken.wait())
        await asyncio.wait(
            {wake, *dispatcher.flying},
            timeout=BURST_SECONDS if dispatcher.held_back else REST_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        wake.cancel()

    async def turn(self, dispatcher: Dispatcher) -> int:
        """One turn; how many callbacks and messages it dealt with."""
        now = self._parts.now()
        promotion = promoting.Promotion(
            now, PROMOTED_PER_TURN, self._parts.settings.keys, self._parts.national
        )
        await _apart(self._keep_house(now))
        # Begun side by side, what each looks at first is one transaction.
        done = await asyncio.gather(
            _apart(callbacks.process(self._parts, CALLBACKS_PER_TURN)),
            _apart(self._parts.writer.run(promoting.promote, promotion)),
            _apart(dispatcher.send_due()),
            return_exceptions=True,
        )
        dealt = 0
        for result in done:
            if isinstance(result, BaseException):
                raise result
            dealt += result
        return dealt

    async def _keep_house(self, now: int) -> int:
        delivery, run = self._parts.config.delivery, self._parts.writer.run
        if _is_time(self._next_reap, now, REAP_SECONDS):
            self._next_reap = now + REAP_SECONDS
            rules = reaping.Rules(
                now,
                delivery.unknown_minutes * MINUTE,
                delivery.unknown_policy,
                delivery.report_hours * HOUR,
                self._looked_at,
            )
            await run(reaping.reap, rules)
            self._looked_at = now
        if _is_time(self._next_hour, now, HOUR):
            self._next_hour = now + HOUR
            await run(reaping.end_late, now)
        if _is_time(self._next_minute, now, MINUTE):
            self._next_minute = now + MINUTE
            await run(inbound.forget, now)
            await run(callbacks.forget, now)
            await run(contact_policies.forget_contacts, Forgetting(now, self._parts.national))
            await run(reaping.forget_attempts, now)
        return 0


def _is_time(at: int, now: int, every: int) -> bool:
    """Whether something that is done regularly is due; also when the clock was put back."""
    return not 0 < at - now <= every


async def _apart(part: Awaitable[int]) -> int:
    """A part of a turn: one that fails must not keep the others from their work."""
    try:
        return await part
    except Unavailable:
        raise
    except Exception as error:  # its text may hold what it was about
        _log.error("a part of the SMS worker's turn failed: %s", type(error).__name__)
        return 0
