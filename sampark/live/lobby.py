"""Streams of people who have no room open: they are told which of their rooms have news."""

import asyncio

import structlog

from sampark import access, db
from sampark.live.audience import Audience
from sampark.live.frames import HEARTBEAT
from sampark.live.reader import Reader
from sampark.live.watch import in_parts

log = structlog.get_logger()


class Lobby:
    """What a pump is to a room, but for changes."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self._beat_at = 0.0
        self._newcomers: set[Reader] = set()
        self._check_all = False
        self._checking: asyncio.Task[None] | None = None

    def add(self, reader: Reader) -> None:
        self.audience.add(reader)
        self._newcomers.add(reader)  # the session was looked at before they stood here; it may have ended since
        self._wake()

    def remove(self, reader: Reader) -> None:
        self.audience.remove(reader)
        self._newcomers.discard(reader)

    def beat(self, now: float) -> None:
        if now - self._beat_at > HEARTBEAT - 2:
            self._beat_at = now
            self.audience.mention(lambda frames: frames.heartbeat())

    def recheck(self) -> None:
        """Somebody's session may have ended."""
        self._check_all = True
        self._wake()

    def _wake(self) -> None:
        if self._checking is None:
            self._checking = asyncio.get_running_loop().create_task(self._end_signed_out())
            self._checking.add_done_callback(self._checked)

    def stop(self) -> None:
        if self._checking is not None:
            self._checking.cancel()

    def _checked(self, task: "asyncio.Task[None]") -> None:
        self._checking = None
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            if not db.is_away(fault):
                log.error("lobby_failed", exc_info=fault)
            self._check_all = True  # at the next ring, newcomer or look
        elif self._check_all or self._newcomers:
            self._wake()

    async def _end_signed_out(self) -> None:
        await asyncio.sleep(0)  # whoever comes at the same moment is asked about together
        asked = [*self.audience] if self._check_all else [*self._newcomers]
        self._check_all = False
        self._newcomers.clear()
        for some in in_parts(asked):
            live = await access.live_sessions({reader.seat.session_id for reader in some})
            for reader in some:
                if reader.seat.session_id not in live and not reader.is_ended:
                    self.audience.remove(reader)
                    reader.end(reader.frames.gone("signed-out"))
            await asyncio.sleep(0)
