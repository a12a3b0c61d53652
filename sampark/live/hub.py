"""All open streams of this process: a pump for each room with readers, and the one place where rings arrive."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

import structlog

from sampark import access, db
from sampark.access import OpenRoom, Person, Seat
from sampark.fragments import Fragments
from sampark.live import tasks
from sampark.live.doorbell import SIGNED_OUT, Doorbell, Ring
from sampark.live.frames import Frames
from sampark.live.leases import Leases
from sampark.live.marks import Marks
from sampark.live.presence import Presence
from sampark.live.pump import Pump
from sampark.live.reader import Reader

_WATCH = 1.5
"""Seconds: who is signed out must be gone within two."""


log = structlog.get_logger()


class Hub:
    def __init__(self, fragments: Fragments, bell: Doorbell, leases: Leases) -> None:
        self.fragments = fragments
        self.bell = bell
        self.leases = leases
        self.presence = Presence(leases, bell)
        self.is_draining = False
        self._marks = Marks(fragments, bell)
        self._pumps: dict[int, Pump] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._open: dict[Reader, asyncio.Task[object] | None] = {}
        self._jobs: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self.leases.start()
        await self.bell.start(self.hear)
        self._jobs = [asyncio.create_task(self._marks.run()), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        self.drain()
        await self.empty()
        await tasks.end([*self._jobs, *self._running])
        await self.presence.stop()
        await self.bell.stop()
        await self.leases.stop()

    def hear(self, ring: Ring) -> None:
        """A ring, from here or from another process."""
        if ring.kind == SIGNED_OUT:
            for pump in self._pumps.values():
                if any(reader.seat.user_id == ring.subject for reader in pump.readers):
                    pump.recheck()
            return
        self._marks.hear(ring)
        if ring.subject in self._pumps:
            self._pumps[ring.subject].hear(ring)

    @property
    def open_streams(self) -> int:
        return len(self._open)

    async def streams_of(self, person: Person) -> int:
        """How many streams this person has open, in all processes."""
        return len(await self.leases.held(_streams(person.id)))

    @contextlib.asynccontextmanager
    async def reading(self, person: Person, room: OpenRoom, frames: Frames, cursor: int) -> AsyncIterator[Reader]:
        """A reader of this room from `cursor` on, as long as the block lasts. Enter it inside the response's generator: one that
        is never started must leave nothing behind."""
        reader = Reader(room.id, Seat(person.session_id, person.id), frames, cursor)
        name = secrets.token_hex(6)
        self._open[reader] = asyncio.current_task()
        if self.is_draining:
            reader.end(frames.bye())
        is_present = False
        try:
            await self.leases.hold(_streams(person.id), name)
            is_present = True
            await self.presence.enter(room.id, person.id)
            if not reader.is_ended:
                self._join(reader)
                await self._marks.add(reader)
            yield reader
        finally:
            self._part(reader)
            if is_present:
                self.presence.leave(room.id, person.id)
            await self.leases.release(_streams(person.id), name)

    def _join(self, reader: Reader) -> None:
        room_id = reader.room_id
        pump = self._pumps.get(room_id)
        if pump is None or pump.is_over:
            pump = self._pumps[room_id] = Pump(room_id, self.fragments, self.presence, self.bell)
            self.bell.listen(room_id)
            pump.add(reader)
            task = asyncio.create_task(pump.run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            pump.add(reader)

    def _part(self, reader: Reader) -> None:
        self._open.pop(reader, None)
        room_id = reader.room_id
        pump = self._pumps.get(room_id)
        if pump is not None:
            pump.remove(reader)
            if not pump.readers:
                del self._pumps[room_id]
        for quiet in {*self._marks.remove(reader), room_id}:
            if quiet not in self._pumps and not self._marks.wants(quiet):
                self.bell.unlisten(quiet)

    def drain(self) -> None:
        """Give every reader its last block; new ones get it at once."""
        self.is_draining = True
        for reader in list(self._open):
            reader.end(reader.frames.bye())

    async def empty(self, within: float = 3.0) -> None:
        """Wait until every stream has ended, but not longer than this many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._open:  # noqa: ASYNC110 - once, at the end
                    await asyncio.sleep(0.02)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH)
            try:
                self._give_up_stuck()
                await self._notice_ended_sessions()
            except Exception as fault:
                if not db.is_away(fault):
                    log.exception("watch_failed")

    def _give_up_stuck(self) -> None:
        """A peer that silently vanished keeps its writer waiting for ever."""
        for reader, task in list(self._open.items()):
            if reader.is_stuck and task is not None:
                task.cancel()

    async def _notice_ended_sessions(self) -> None:
        """Sessions that end without a ring: by the command line, or because their time is over. One query for all streams."""
        sessions = {reader.seat.session_id for reader in self._open}
        ended = sessions - await access.live_sessions(sessions)
        for pump in self._pumps.values() if ended else ():
            if any(reader.seat.session_id in ended for reader in pump.readers):
                pump.recheck()


def _streams(user_id: int) -> str:
    return f"streams:{user_id}"
