"""One open stream: who reads, how far they are, and what waits to be written to them."""

import asyncio
import time
from collections import deque

from sampark.access import Seat
from sampark.live.frames import HEARTBEAT, Frames

MOST_WAITING = 256 * 1024
"""Bytes. A reader further behind than this loses its connection and resumes by version from the database."""
MOST_PASSING = 64 * 1024
"""Bytes waiting beyond which typing and presence are dropped for this reader."""
STUCK = 30.0
"""Seconds without taking what waits, after which the connection is given up."""


class Reader:
    def __init__(self, room_id: int, seat: Seat, frames: Frames, cursor: int) -> None:
        self.room_id = room_id
        self.seat = seat
        self.frames = frames
        self.cursor = cursor
        self.is_ended = False
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._waiting_since: float | None = None
        self._news = asyncio.Event()

    @property
    def is_stuck(self) -> bool:
        return self._waiting_since is not None and time.monotonic() - self._waiting_since > STUCK

    def give(self, block: bytes) -> None:
        """A durable block. Past the bound the stream ends; nothing is lost, because the reader knows its version."""
        if (
            self._size > MOST_WAITING
        ):  # not counting this block: one that is larger must arrive too, or its reader never catches up
            self.end()
        else:
            self._put(block)

    def mention(self, block: bytes | None) -> None:
        """A passing block (typing, presence, marks): dropped while much waits."""
        if block and self._size < MOST_PASSING:
            self._put(block)

    def end(self, last: bytes = b"") -> None:
        """Write what waits and `last`, then end."""
        if not self.is_ended:
            self._put(last)
            self.is_ended = True

    def _put(self, block: bytes) -> None:
        if self.is_ended:
            return
        self._blocks.append(block)
        self._size += len(block)
        self._waiting_since = self._waiting_since or time.monotonic()
        self._news.set()

    async def take(self) -> bytes | None:
        """All that waits, joined; a heartbeat if nothing comes for a while; None at the end."""
        if not self._blocks and not self.is_ended:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._news.wait()
            except TimeoutError:
                return self.frames.heartbeat()
        self._news.clear()
        if not self._blocks:
            return None
        block = b"".join(self._blocks)
        self._blocks.clear()
        self._size = 0
        self._waiting_since = None
        return block or self.frames.heartbeat()
