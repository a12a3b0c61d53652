"""The beat of what is told of many rooms at once: a look when something rang, and one around at times, because rings may be lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from sampark import db
from sampark.live.doorbell import Doorbell

log = structlog.get_logger()

PAUSE = 0.5
"""Seconds between looks: a hurried room costs a few queries in it, not as many per message."""
_WHOLE = 5.0
_BROKEN = 1.0
"""Seconds from one look around to the next while rings reach everyone, and while they may not."""


async def pause(bell: Doorbell, seconds: float, often: float) -> None:
    """Sleep so long, but once rings may not reach everyone no longer than `often`."""
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    while (left := due - loop.time()) > 0:
        await asyncio.sleep(min(left, often))
        if not bell.is_whole:
            return


class Rounds:
    def __init__(
        self, bell: Doorbell, look: Callable[[], Awaitable[None]], look_around: Callable[[], Awaitable[None]]
    ) -> None:
        """`look`: at what rang; if it fails it keeps what it has not done. `look_around`: for what changed without a ring."""
        self._bell = bell
        self._look = look
        self._look_around = look_around
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something rang."""
        self._wake.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BROKEN):
                    await self._wake.wait()
            # Asked after the wait, in which rings may have begun to be lost; and also while rings come all the time.
            is_late = loop.time() >= looked + (_WHOLE if self._bell.is_whole else _BROKEN)
            if not is_late and not self._wake.is_set():
                continue
            looked = loop.time() if is_late else looked
            self._wake.clear()
            try:
                if is_late:
                    await self._look_around()
                await self._look()
            except Exception as fault:
                self._wake.set()  # what rang has not been looked at
                if not db.is_away(fault):
                    log.exception("look_failed", of=self._look.__qualname__)
            await asyncio.sleep(PAUSE)
