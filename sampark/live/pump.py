"""One room's delivery in this process: what its readers have not seen is read once, rendered once per kind of reader, and written."""

import asyncio
import contextlib
from collections import defaultdict

import structlog

from sampark import access, db
from sampark.chat import notices
from sampark.chat.bell import Change
from sampark.live import changes
from sampark.live.audience import Audience
from sampark.live.changes import Changes
from sampark.live.company import Company
from sampark.live.doorbell import ACCESS, CHANGED, Ring
from sampark.live.reader import Reader
from sampark.live.watch import in_parts
from sampark.metrics import Metrics
from sampark.models.message import SYSTEM

log = structlog.get_logger()

PACE = 0.010
"""Seconds between two writes while a burst lasts: what comes meanwhile goes out together. The first goes at once."""
TRY_AGAIN = 1.0
"""Seconds until what failed is tried again."""
_MOST_CARRIED = 1000


class Pump:
    """Readers are live, all at `cursor`, or behind and brought there. One turn at a time: what rings meanwhile waits for the next."""

    def __init__(self, room_id: int, company: Company, audience: Audience, metrics: Metrics) -> None:
        self.room_id = room_id
        self.cursor = -1
        self.read_seq = 0
        """The newest message that live readers were told of."""
        self.wrote_at = 0.0
        self.company = company
        self.live = audience
        self._metrics = metrics
        self._behind: set[Reader] = set()
        self._rung = 0
        self._rung_at = 0.0
        self._carried: dict[int, Change] = {}
        self._newcomers: set[Reader] = set()
        self._check_all = False
        self._look = False
        self._not_before = 0.0
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle | None = None
        self._round: asyncio.Task[None] | None = None

    @property
    def readers(self) -> list[Reader]:
        return [*self.live, *self._behind]

    @property
    def is_empty(self) -> bool:
        return not self._behind and not len(self.live)

    def add(self, reader: Reader) -> None:
        if reader.cursor == self.cursor and len(self.live):
            self._make_live(reader)
        else:
            self._behind.add(reader)
        self._newcomers.add(reader)  # the door was checked before they stood here; somebody may have shut it since
        self._wake()

    def _make_live(self, reader: Reader) -> None:
        self._behind.discard(reader)
        self.live.add(reader)
        self.company.came(reader)

    def remove(self, reader: Reader) -> None:
        if reader in self.live:
            reader.seen_seq = max(self.read_seq, reader.opened_seq)
        self.live.remove(reader)
        self._behind.discard(reader)
        self._newcomers.discard(reader)

    def hear(self, ring: Ring) -> None:
        if ring.kind == CHANGED:
            self._hear_changed(ring)
        elif ring.kind == ACCESS:
            self.recheck()
        else:
            self.company.hear(ring)

    def recheck(self) -> None:
        """Somebody may no longer read here."""
        self._check_all = True
        self._wake()

    def look(self) -> None:
        """Something may have changed without a ring that was heard."""
        self._look = True
        self.recheck()

    def heartbeat(self) -> None:
        self.wrote_at = self._loop.time()
        self.live.renew()
        self.live.mention(lambda frames: frames.heartbeat())

    def stop(self) -> None:
        """The last reader has gone."""
        if self._handle is not None:
            self._handle.cancel()
        self.company.stop()

    async def finish(self) -> None:
        """Wait for a turn that is under way."""
        if self._round is not None:
            with contextlib.suppress(Exception):
                await self._round

    def _hear_changed(self, ring: Ring) -> None:
        if self._rung <= self.cursor:
            self._rung_at = self._loop.time()
        self._rung = max(self._rung, ring.value)
        if ring.change is not None and ring.value > self.cursor:
            self._carried[ring.value] = ring.change
        if ring.value == 0:
            self._look = True
        self._wake()

    def _wake(self) -> None:
        if self._handle is None and self._round is None and not self.is_empty:
            wait = self._not_before - self._loop.time()
            self._handle = self._loop.call_later(wait, self._turn) if wait > 0.001 else self._loop.call_soon(self._turn)

    @property
    def _is_due(self) -> bool:
        return self._must_read or self._rung > self.cursor

    @property
    def _must_read(self) -> bool:
        return bool(self._check_all or self._newcomers or self._look or self._behind)

    def _turn(self) -> None:
        self._handle = None
        if not self._must_read:
            self._deliver_carried()
        if self._is_due and not self.is_empty:
            self._round = self._loop.create_task(self._read_and_deliver())
            self._round.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._round = None
        if task.cancelled():
            return
        fault = task.exception()
        if fault is not None:
            # Whatever failed is tried again: the database keeps what is owed.
            if not db.is_away(fault):
                log.error("pump_failed", room=self.room_id, exc_info=fault)
            self._look = self._check_all = True
            self._not_before = self._loop.time() + TRY_AGAIN
        if self._is_due:
            self._wake()

    def _deliver_carried(self) -> None:
        """What rings brought along, as far as it follows what the readers have."""
        version, run = self.cursor, []
        while (change := self._carried.pop(version + 1, None)) is not None:
            run.append(change)
            version += 1
        if run and len(self.live):
            self._tell(changes.of(version, run))

    async def _read_and_deliver(self) -> None:
        await self._end_unwelcome()
        await self._bring_up()
        await self._catch_up()

    async def _end_unwelcome(self) -> None:
        # Only these are judged: whoever comes while the database answers was not asked about.
        asked = self.readers if self._check_all else [*self._newcomers]
        self._check_all = False
        self._newcomers.clear()
        for some in in_parts(asked):
            await self._judge(some)
            await asyncio.sleep(0)  # SQLite answers without giving anybody else a turn

    async def _end_leavers(self, found: Changes, asked: list[Reader]) -> None:
        """Whoever this tells of as gone is not told it, nor what was said behind their back: the ring for the door may be lost."""
        rows = found.page.messages if found.page is not None else found.new + found.changed
        if any(row["message_type"] == SYSTEM and row["content"] != notices.JOINED for row in rows):
            for some in in_parts(asked):
                await self._judge(some)
                await asyncio.sleep(0)

    async def _judge(self, asked: list[Reader]) -> None:
        seats = {reader.seat for reader in asked}
        welcome = await access.who_may_stay(self.room_id, seats)
        if welcome == seats:
            return
        reason = "left" if await changes.versions_of([self.room_id]) else "deleted"
        sessions = await access.live_sessions({seat.session_id for seat in seats - welcome})
        for reader in asked:
            if reader.seat not in welcome and not reader.is_ended:
                self._end(reader, reason if reader.seat.ticket or reader.seat.session_id in sessions else "signed-out")

    async def _bring_up(self) -> None:
        """Those who are live, to what the database says now."""
        if not len(self.live) or not (self._look or self._rung > self.cursor):
            self._look = False
            return
        self._look = False
        self._rung = 0  # a forged ring costs this one query; what rings from here on may be newer than its answer
        found = await changes.since(self.room_id, self.cursor)
        if found is None:
            self._end_all()
            return
        if found.version != self.cursor:
            await self._end_leavers(found, [*self.live])
            self._tell(found)

    async def _catch_up(self) -> None:
        """Those who are behind, one query for each place where some of them are."""
        behind: dict[int, list[Reader]] = defaultdict(list)
        for reader in self._behind:
            behind[reader.cursor].append(reader)
        for cursor, readers in behind.items():
            found = await changes.since(self.room_id, cursor)
            if found is None:
                self._end_all()
                return
            self._metrics.resumed("reset" if found.page is not None else "replayed", len(readers))
            await self._end_leavers(found, readers)
            self._tell_apart([reader for reader in readers if reader in self._behind], found)

    def _tell_apart(self, readers: list[Reader], found: Changes) -> None:
        apart = Audience(self._metrics.dropped)
        for reader in readers:
            apart.add(reader)
        if readers and found.version != readers[0].cursor:
            apart.tell(lambda frames: frames.changes(found))
            self._note_read(found)
        if not len(self.live):
            self.cursor = found.version
            self._forget_carried()
        for reader in readers:
            reader.cursor = found.version
            if reader.is_ended:
                self._behind.discard(reader)
            elif found.version == self.cursor:
                self._make_live(reader)
        # Those who are left have seen more than the live ones, who are brought there next.
        self._look = self._look or any(reader in self._behind for reader in readers)

    def _tell(self, found: Changes) -> None:
        now = self._loop.time()
        self.company.posted({row["username"] for row in found.new})
        self.live.tell(lambda frames: frames.changes(found))
        self.cursor = found.version
        self._forget_carried()
        self._note_read(found)
        self.wrote_at = now
        self._not_before = now + PACE
        # The loop writes to the sockets before it comes here. A room that takes long to write to leaves as much time to others.
        self._loop.call_soon(self._wrote, now)
        if self._rung_at:
            self._metrics.fanout(self._loop.time() - self._rung_at)
            self._rung_at = 0.0

    def _note_read(self, found: Changes) -> None:
        newest = found.page.messages if found.page is not None else found.new
        if newest:
            self.read_seq = max(self.read_seq, newest[-1]["seq"])

    def _wrote(self, began: float) -> None:
        self._not_before = max(self._not_before, began + 2 * (self._loop.time() - began))

    def _forget_carried(self) -> None:
        if self._carried:
            late = len(self._carried) > _MOST_CARRIED
            self._carried = {version: c for version, c in self._carried.items() if version > self.cursor and not late}

    def _end(self, reader: Reader, reason: str) -> None:
        self.remove(reader)
        reader.end(reader.frames.gone(reason))

    def _end_all(self) -> None:
        for reader in self.readers:
            self._end(reader, "deleted")
