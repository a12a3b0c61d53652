"""One room's delivery in this process: reads what its readers have not seen, renders it once per kind of reader, hands it out."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable

import structlog

from sampark import access, db
from sampark.chat import messages, rooms
from sampark.fragments import Fragments
from sampark.live import changes
from sampark.live.doorbell import ACCESS, PEOPLE, TYPING, Doorbell, Ring
from sampark.live.frames import Frames
from sampark.live.presence import Presence
from sampark.live.reader import Reader
from sampark.live.typing import Typists

log = structlog.get_logger()

LOOK_EVERY = 5.0
"""Seconds between looks when nothing rings."""
LOOK_OFTEN = 1.0
"""The same while rings may not reach us."""
MEMBERS_EVERY = 1.0
"""At most one list of members per room and so many seconds."""
NOTE_EVERY = 1.0
MOST_MEMBERS = 200
"""The page shows so many; the rest stand on the page of members."""


class Pump:
    def __init__(self, room_id: int, fragments: Fragments, presence: Presence, bell: Doorbell) -> None:
        self._room_id = room_id
        self._fragments = fragments
        self._presence = presence
        self._bell = bell
        self.readers: set[Reader] = set()
        self.is_over = False
        """Whoever comes now needs another pump."""
        self._wake = asyncio.Event()
        self._check_access = False
        self._people_due = False
        self._people_after = 0.0
        self._online: set[int] | None = None
        self._version = 0
        self._read_seq = self._noted_seq = 0
        self._note_after = 0.0
        self._next_look = 0.0
        self._typing: set[int] = set()
        self._typists = Typists(room_id)

    def add(self, reader: Reader) -> None:
        self.readers.add(reader)
        self._check_access = True  # the door was checked before the reader stood here; somebody may have shut it since
        self._people_due = True
        self._wake.set()

    def remove(self, reader: Reader) -> None:
        self.readers.discard(reader)
        self._wake.set()

    def hear(self, ring: Ring) -> None:
        if ring.kind == ACCESS:
            self._check_access = True
        elif ring.kind == PEOPLE:
            self._people_due = True
        elif ring.kind == TYPING:
            self._typing.add(ring.value)
        self._wake.set()

    def recheck(self) -> None:
        self._check_access = True
        self._wake.set()

    async def run(self) -> None:
        """Until the last reader has gone. Whatever fails is tried again: the database keeps what is owed."""
        try:
            while self.readers:
                await self._turn()
        finally:
            self.is_over = True

    async def _turn(self) -> None:
        try:
            await self._wait()
            if self.readers:
                await self._round()
        except Exception as fault:
            if not db.is_away(fault):
                log.exception("pump_failed", room=self._room_id)
            self._check_access = self._people_due = True
            await asyncio.sleep(LOOK_OFTEN)
            self._wake.set()

    async def _wait(self) -> None:
        now = time.monotonic()
        if not self._bell.is_whole:
            self._next_look = min(self._next_look, now + LOOK_OFTEN)
        ends = [self._next_look]
        if self._read_seq > self._noted_seq:
            ends.append(self._note_after)
        if self._typists.next_end is not None:
            ends.append(self._typists.next_end)
        if self._people_due:
            ends.append(self._people_after)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(ends) - now)):
                await self._wake.wait()
        self._wake.clear()
        # However busy the bell is: a ring that was lost must not be waited for until the room falls quiet.
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + (LOOK_EVERY if self._bell.is_whole else LOOK_OFTEN)
            self._check_access = True
            await self._notice_who_vanished()

    async def _round(self) -> None:
        if self._check_access:
            self._check_access = False
            await self._end_unwelcome()
        version = await changes.version_of(self._room_id)
        if version is None:
            self._end_all("deleted")
            return
        await self._deliver(version)
        await self._note_read()
        await self._tell_typing()
        if self._people_due and time.monotonic() >= self._people_after:
            self._people_due = False
            self._people_after = time.monotonic() + MEMBERS_EVERY
            await self._tell_members()

    async def _end_unwelcome(self) -> None:
        # Only these are judged: whoever comes while the database answers was not asked about.
        asked = list(self.readers)
        seats = {reader.seat for reader in asked}
        welcome = await access.who_may_stay(self._room_id, seats)
        if welcome == seats:
            return
        reason = "left" if await changes.version_of(self._room_id) is not None else "deleted"
        sessions = await access.live_sessions({seat.session_id for seat in seats - welcome})
        for reader in asked:
            if reader.seat not in welcome and reader in self.readers:
                self._end(reader, reason if reader.seat.session_id in sessions else "signed-out")

    async def _deliver(self, version: int) -> None:
        behind: dict[int, list[Reader]] = defaultdict(list)
        for reader in self.readers:
            if reader.cursor < version:
                behind[reader.cursor].append(reader)
        for cursor, readers in behind.items():
            found = await changes.since(self._room_id, cursor, version)
            just_posted = {row["username"] for row in found.new if row["posted_version"] > self._version}
            if self._typists.posted(just_posted):
                self._typing.add(0)
            if found.new:
                self._read_seq = max(self._read_seq, found.new[-1]["seq"])
            self._hand_out(readers, lambda frames, found=found: frames.changes(found))  # type: ignore[misc]
            for reader in readers:
                reader.cursor = found.version
        self._version = version

    def _hand_out(
        self, readers: list[Reader], make: Callable[[Frames], bytes | None], *, passing: bool = False
    ) -> None:
        made: dict[object, bytes | None] = {}
        for reader in readers:
            key = reader.frames.kind
            if key not in made:
                made[key] = make(reader.frames)
            block = made[key]
            if passing:
                reader.mention(block)
            elif block is not None:
                reader.give(block)
            else:
                reader.end(reader.frames.bye())

    async def _note_read(self) -> None:
        """What was brought to a reader has been read: one statement a second at most, however many messages and readers."""
        if self._read_seq > self._noted_seq and time.monotonic() >= self._note_after:
            seq = self._read_seq
            await messages.mark_all_read(self._room_id, {reader.seat.user_id for reader in self.readers}, seq)
            self._noted_seq = seq
            self._note_after = time.monotonic() + NOTE_EVERY

    async def _tell_typing(self) -> None:
        heard, self._typing = self._typing, set()
        changed = await self._typists.heard(heard - {0}) if heard - {0} else False
        if self._typists.expire() or changed or 0 in heard:
            made: dict[object, bytes | None] = {}
            for reader in self.readers:
                names = self._typists.shown(to=reader.seat.user_id)
                key = (reader.frames.kind, names)
                if key not in made:
                    html = self._fragments.render("typing.html", reader.frames.language, names=names)
                    made[key] = reader.frames.typing(html)
                reader.mention(made[key])

    async def _notice_who_vanished(self) -> None:
        if self._online is not None and await self._presence.online(self._room_id) != self._online:
            self._people_due = True

    async def _tell_members(self) -> None:
        online = self._online = await self._presence.online(self._room_id)
        members = await rooms.members(self._room_id, MOST_MEMBERS)
        self._hand_out(
            list(self.readers),
            lambda frames: frames.members(
                self._fragments.render("members.html", frames.language, members=members, online=online)
            ),
            passing=True,
        )

    def _end(self, reader: Reader, reason: str) -> None:
        reader.end(reader.frames.gone(reason))
        self.readers.discard(reader)

    def _end_all(self, reason: str) -> None:
        for reader in list(self.readers):
            self._end(reader, reason)
