"""The room list's unread marks, live: which readers want to hear of which other rooms, and telling them."""

import asyncio
from dataclasses import dataclass, field

import structlog

from sampark import access, db
from sampark.fragments import Fragments
from sampark.live.doorbell import ACCESS, CHANGED, Doorbell, Ring
from sampark.live.reader import Reader

log = structlog.get_logger()

_PAUSE = 0.5
"""Seconds between looks: a hurried room costs two queries a second here, not one per message."""


@dataclass(slots=True)
class Wanted:
    """A room that readers of other rooms want to hear of. `told`: its newest message number that they know of."""

    code: str
    told: int
    readers: set[Reader] = field(default_factory=set)


class Marks:
    def __init__(self, fragments: Fragments, bell: Doorbell) -> None:
        self._fragments = fragments
        self._bell = bell
        self._wanted: dict[int, Wanted] = {}
        self._dirty: set[int] = set()
        self._recheck: set[int] = set()
        self._wake = asyncio.Event()

    async def add(self, reader: Reader) -> None:
        """Tell this reader of the other rooms of its person, and at once of what is unread in them; one query."""
        rows = await db.fetch(
            "SELECT r.id, r.code, r.last_seq, m.read_seq FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ?",
            reader.seat.user_id,
        )
        for row in rows if not reader.is_ended else ():
            if row["id"] != reader.room_id:
                wanted = self._wanted.setdefault(row["id"], Wanted(row["code"], row["last_seq"]))
                wanted.readers.add(reader)
                self._bell.listen(row["id"])
                if row["last_seq"] > row["read_seq"]:
                    self._tell(reader, row["code"])

    def remove(self, reader: Reader) -> list[int]:
        """Forget a reader; the rooms that nobody here wants to hear of any more."""
        for wanted in self._wanted.values():
            wanted.readers.discard(reader)
        empty = [room_id for room_id, wanted in self._wanted.items() if not wanted.readers]
        for room_id in empty:
            del self._wanted[room_id]
        return empty

    def wants(self, room_id: int) -> bool:
        return room_id in self._wanted

    def hear(self, ring: Ring) -> None:
        if ring.subject not in self._wanted:
            return
        if ring.kind == CHANGED:
            self._dirty.add(ring.subject)
            self._wake.set()
        elif ring.kind == ACCESS:
            self._recheck.add(ring.subject)
            self._wake.set()

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(5 if self._bell.is_whole else 1):
                    await self._wake.wait()
            except TimeoutError:
                self._dirty |= self._wanted.keys()
            self._wake.clear()
            try:
                await self._round()
            except Exception as fault:
                self._dirty |= self._wanted.keys()
                if not db.is_away(fault):
                    log.exception("marks_failed")
            await asyncio.sleep(_PAUSE)

    async def _round(self) -> None:
        # Both at once: a room that is left while these are looked through is checked before its next mark.
        recheck, self._recheck = self._recheck & self._wanted.keys(), set()
        dirty, self._dirty = self._dirty & self._wanted.keys(), set()
        for room_id in recheck:
            asked = set(self._wanted[room_id].readers) if room_id in self._wanted else set()
            welcome = await access.who_may_stay(room_id, {reader.seat for reader in asked})
            if room_id in self._wanted:  # everyone may have gone meanwhile, and others come
                self._wanted[room_id].readers -= {reader for reader in asked if reader.seat not in welcome}
        if not dirty:
            return
        rows = await db.fetch(f"SELECT id, last_seq FROM rooms WHERE id IN ({db.marks([*dirty])})", *sorted(dirty))  # noqa: S608
        for row in rows:
            wanted = self._wanted.get(row["id"])
            if wanted is not None and row["last_seq"] > wanted.told:
                wanted.told = row["last_seq"]
                for reader in wanted.readers:
                    self._tell(reader, wanted.code)

    def _tell(self, reader: Reader, code: str) -> None:
        reader.mention(reader.frames.marks(self._fragments.render("mark.html", reader.frames.language, code=code)))
