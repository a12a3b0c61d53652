"""All open streams of this process: a pump for each room with readers, and the one place where rings arrive."""

import asyncio
import contextlib
import itertools
import secrets
from functools import partial

from sampark.access import OpenRoom, Person, Ticket, seat_of
from sampark.fragments import Fragments
from sampark.live import changes, tasks
from sampark.live.audience import Audience
from sampark.live.company import Company
from sampark.live.doorbell import CHANGED, PEOPLE, SIGNED_OUT, Doorbell, Ring
from sampark.live.frames import HEARTBEAT, EventFrames, Frames
from sampark.live.gathering import Gatherings
from sampark.live.leases import Leases
from sampark.live.lobby import Lobby
from sampark.live.marks import Marks
from sampark.live.news import News
from sampark.live.parting import Parting
from sampark.live.presence import Presence
from sampark.live.pump import Pump
from sampark.live.reader import Behind, Reader
from sampark.live.rounds import pause
from sampark.live.typing import Patience
from sampark.live.watch import Watch, attempt, in_parts
from sampark.live.wire import Wire
from sampark.metrics import Metrics

LOOK_EVERY = 5.0
"""Seconds between looks at all rooms when nothing rings."""
LOOK_OFTEN = 1.0
"""The same while rings may not reach us."""
RECHECK = 3
"""At each so manieth look everybody is asked for at the door again, for what neither a ring nor a version told of."""
NOTE_EVERY = 30.0
"""Seconds between two notes of what those have read who have a room open."""


class Hub:
    """A `reader.Keeper`."""

    def __init__(self, fragments: Fragments, bell: Doorbell, leases: Leases, metrics: Metrics) -> None:
        self.fragments = fragments
        self.bell = bell
        self.leases = leases
        self.presence = Presence(leases, bell)
        self.is_draining = False
        self._metrics = metrics
        self.gatherings = Gatherings(fragments)
        self._marks = Marks(fragments, bell, self.presence)
        self._news = News(bell, self.presence)
        self._lobby = Lobby(Audience(metrics.dropped))
        self._patience = Patience()
        self._pumps: dict[int, Pump] = {}
        self._open: set[Reader] = set()
        self._frames: dict[tuple[type[EventFrames], str], EventFrames] = {}
        self._jobs: list[asyncio.Task[None]] = []
        self._parting = Parting(self.presence, bell)
        self._watch = Watch(self._open, self._recheck, metrics)
        metrics.watch_rooms(lambda: len(self._pumps))

    async def start(self) -> None:
        await self.leases.start()
        await self.bell.start(self.hear)
        jobs = (self._marks.run, self._news.run, self.presence.run, self._watch.run, self._look, self._beat, self._note)
        self._jobs = [asyncio.create_task(job()) for job in jobs]

    async def stop(self) -> None:
        self.drain()
        await self.empty()
        await tasks.end(self._jobs)
        for pump in [*self._pumps.values()]:
            pump.stop()
            await pump.finish()
        self._lobby.stop()
        await self._parting.finish()
        await self.presence.stop()
        await self.bell.stop()
        await self.leases.stop()

    def hear(self, ring: Ring) -> None:
        """A ring, from here or from another process."""
        if ring.kind == SIGNED_OUT:
            self._recheck({reader.room_id for reader in self._open if reader.seat.user_id == ring.subject})
            return
        if ring.kind == CHANGED and ring.change is not None and ring.change.posted is not None:
            self._patience.posted(ring.subject, ring.change.posted["username"])
        self._marks.hear(ring)
        self._news.hear(ring)
        if ring.subject in self._pumps:
            self._pumps[ring.subject].hear(ring)

    @property
    def open_streams(self) -> int:
        return len(self._open)

    def readers_at(self, place: str) -> int:
        """How many read in this process under a stream name that begins so."""
        return sum(reader.stream.startswith(place) for reader in self._open)

    def types(self, person: Person, room: OpenRoom) -> None:
        """Somebody says that they are writing."""
        if self._patience.may_ring(room.id, person.username):
            self.bell.typing(room.id, person.id)

    def event_frames(self, language: str, kind: type[EventFrames] = EventFrames) -> EventFrames:
        """The same for all readers of this language."""
        if (kind, language) not in self._frames:
            self._frames[kind, language] = kind(self.fragments, language)
        return self._frames[kind, language]

    async def enter(
        self,
        person: Person | Ticket,
        room: OpenRoom | None,
        frames: Frames,
        cursor: int,
        stamp: str | None = "",
        stream: str = "",
        behind: Behind | None = None,
    ) -> Reader:
        """A reader of this room from `cursor` on, who counts as open and online from now on. `attach` or `lost` must follow.

        Without a room, of the marks of all one's rooms. `stamp`: which people the page shows that opens it. `stream`: the name
        under which `presence.reserve` has counted it. `behind`: of a stream for tabs in the background.
        Who reads by a ticket is nobody: not online, not told of other rooms, and nothing is noted of what they read.
        """
        reader = Reader(room.id if room else 0, seat_of(person), frames, cursor, self)
        reader.stamp, reader.behind = stamp, behind
        if room:
            reader.code, reader.known_seq, reader.opened_seq = room.code, room.read_seq, room.last_seq
        reader.stream = stream or secrets.token_hex(6)
        reader.opened_at, reader.task = asyncio.get_running_loop().time(), asyncio.current_task()
        self._open.add(reader)
        self._metrics.stream_opened(frames.transport)
        # In a task of its own: redis-py may take the cancellation of a visitor who hangs up for a connection that failed.
        entering = asyncio.get_running_loop().create_task(self._enter(reader))
        try:
            await asyncio.shield(entering)
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError  # taken so before: nobody would tell again that this visitor has gone
        except BaseException:
            self.lost(reader, entering)
            raise
        return reader

    async def _enter(self, reader: Reader) -> None:
        if not (user_id := reader.seat.user_id):
            return
        has_others = await self.presence.enter(reader.room_id, user_id, reader.stream)
        if has_others and reader.room_id:
            self.bell.read(reader.room_id, user_id)
        if reader.frames.transport == "embed":
            return
        reader.rooms = await self._marks.rooms_of(user_id, reader.behind.since if reader.behind else None)
        if reader.behind and reader.behind.seen:
            reader.held = [row["id"] for row in reader.rooms if row["code"] in reader.behind.seen]
            await self.presence.stand_in(reader.held, user_id)

    def attach(self, reader: Reader, wire: Wire) -> None:
        """From now on this reader is told what changes, beginning with what it has missed."""
        reader.wire, reader.task = wire, None
        if reader not in self._open:
            wire.abort()
        elif self.is_draining:
            reader.end(reader.frames.bye())
        else:
            self._marks.add(reader, reader.rooms)
            self._news.add(reader, reader.rooms)
            reader.rooms = []
            if reader.room_id:
                self._pump(reader).add(reader)
            else:
                self._lobby.add(reader)

    def slow(self, reader: Reader) -> None:
        audience = self._audience_of(reader)
        if audience is not None:
            audience.slow(reader)

    def swift(self, reader: Reader) -> None:
        audience = self._audience_of(reader)
        if audience is not None and reader in audience:
            audience.swift(reader)
            # While much waited for them, passing things were not told them.
            reader.stamp = None
            self._marks.came_back(reader)
            self._news.came_back(reader)
            if reader.room_id:
                self._pumps[reader.room_id].company.came(reader)

    def _audience_of(self, reader: Reader) -> Audience | None:
        if not reader.room_id:
            return self._lobby.audience
        pump = self._pumps.get(reader.room_id)
        return pump.live if pump is not None else None

    def lost(self, reader: Reader, entering: "asyncio.Task[None] | None" = None) -> None:
        """This reader has gone, however that came."""
        if reader not in self._open:
            return
        self._open.discard(reader)
        self._metrics.stream_closed(reader.frames.transport, asyncio.get_running_loop().time() - reader.opened_at)
        reader.is_ended = True
        room_id = reader.room_id
        pump = self._pumps.get(room_id)
        self._lobby.remove(reader)
        self._news.remove(reader)
        if pump is not None:
            pump.remove(reader)
            if pump.is_empty:
                pump.stop()
                del self._pumps[room_id]
        for quiet in {*self._marks.remove(reader), room_id}:
            if quiet not in self._pumps and not self._marks.wants(quiet):
                self.bell.unlisten(quiet)
        if reader.seat.ticket is None:
            self._parting.leave(reader, reader.seen_seq, entering)

    async def _note(self) -> None:
        """For those who stay, so that little is forgotten if this process dies."""
        while True:
            await asyncio.sleep(NOTE_EVERY)
            for pump in [*self._pumps.values()]:
                read = [(r, max(pump.read_seq, r.opened_seq)) for r in pump.live if r.seat.ticket is None]
                await attempt(partial(self._parting.note, read))

    def _pump(self, reader: Reader) -> Pump:
        room_id = reader.room_id
        pump = self._pumps.get(room_id)
        if pump is None:
            audience = Audience(self._metrics.dropped)
            company = Company(room_id, reader.code, audience, self.fragments, self.presence, self.gatherings)
            pump = self._pumps[room_id] = Pump(room_id, company, audience, self._metrics)
            self.bell.listen(room_id)
        return pump

    def drain(self) -> None:
        """Give every reader its last block; new ones get it at once."""
        self.is_draining = True
        for reader in [*self._open]:
            if reader.wire is None:
                continue  # `attach` says goodbye to those who are just coming
            # Behind the last block nothing may follow.
            if reader.room_id in self._pumps:
                self._pumps[reader.room_id].remove(reader)
            self._lobby.remove(reader)
            reader.end(reader.frames.bye())

    async def empty(self, within: float = 3.0) -> None:
        """Wait until every stream has ended; those that have not after so many seconds are cut off."""
        for patience in (within, 0.5):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    while self._open:  # noqa: ASYNC110 - once, at the end
                        await asyncio.sleep(0.02)
            for reader in [*self._open]:
                reader.abort()

    async def _beat(self) -> None:
        """Comments on quiet streams, so that no proxy takes them for dead."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            self._lobby.beat(loop.time())
            for pump in [*self._pumps.values()]:
                if loop.time() - pump.wrote_at > HEARTBEAT - 2:
                    pump.heartbeat()

    async def _look(self) -> None:
        """Rooms that changed without a ring that was heard: a ring that is lost costs moments."""
        was_whole = True
        for turn in itertools.count(1):
            is_whole = self.bell.is_whole
            await pause(self.bell, LOOK_EVERY if is_whole and was_whole else LOOK_OFTEN, LOOK_OFTEN)
            was_whole = is_whole
            await attempt(self._look_around)
            if turn % RECHECK == 0:
                self._recheck({*self._pumps})

    async def _look_around(self) -> None:
        for room_ids in in_parts([*self._pumps]):
            versions = await changes.versions_of(room_ids)
            for room_id in room_ids:
                pump = self._pumps.get(room_id)
                if pump is not None and versions.get(room_id, -1) != pump.cursor:
                    pump.look()
                    pump.hear(Ring(PEOPLE, room_id))  # a ring that was lost was seldom alone
            for room_id, online in zip(room_ids, await self.presence.online_in(room_ids), strict=True):
                if room_id in self._pumps:
                    self._pumps[room_id].company.saw(online)

    def _recheck(self, room_ids: set[int]) -> None:
        if 0 in room_ids:
            self._lobby.recheck()
        for room_id in room_ids & self._pumps.keys():
            self._pumps[room_id].recheck()
