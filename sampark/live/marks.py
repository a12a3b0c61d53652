"""The room list's unread marks, live: which readers want to hear of which other rooms, and telling them."""

import asyncio
from collections import defaultdict

import structlog

from sampark import access, db
from sampark.fragments import Fragments
from sampark.live.doorbell import ACCESS, CHANGED, Doorbell, Ring
from sampark.live.reader import Reader

log = structlog.get_logger()

_PAUSE = 0.5
"""Seconds between looks: a hurried room costs two queries a second here, not one per message."""


class Marks:
    def __init__(self, fragments: Fragments, bell: Doorbell) -> None:
        self._fragments = fragments
        self._bell = bell
        self._wanted: dict[int, set[Reader]] = defaultdict(set)
        self._codes: dict[int, str] = {}
        self._seen: dict[int, int] = {}
        """Room id → the newest message number that was told or known."""
        self._dirty: set[int] = set()
        self._recheck: set[int] = set()
        self._wake = asyncio.Event()

    async def add(self, reader: Reader) -> None:
        """Tell this reader of the other rooms of its person; one query."""
        rows = await db.fetch(
            "SELECT r.id, r.code, r.last_seq FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ?",
            reader.seat.user_id,
        )
        for row in rows:
            if row["id"] != reader.room_id and not reader.is_ended:
                self._wanted[row["id"]].add(reader)
                self._codes[row["id"]] = row["code"]
                self._seen.setdefault(row["id"], row["last_seq"])
                self._bell.listen(row["id"])

    def remove(self, reader: Reader) -> list[int]:
        """Forget a reader; the rooms that nobody here wants to hear of any more."""
        for room_id in [room_id for room_id, readers in self._wanted.items() if reader in readers]:
            self._wanted[room_id].discard(reader)
        empty = [room_id for room_id, readers in self._wanted.items() if not readers]
        for room_id in empty:
            del self._wanted[room_id], self._codes[room_id], self._seen[room_id]
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
                # Whatever was missed shows with the next page or the next look.
                if not isinstance(fault, db.AWAY):
                    log.exception("marks_failed")
            await asyncio.sleep(_PAUSE)

    async def _round(self) -> None:
        for room_id in self._recheck & self._wanted.keys():
            welcome = await access.who_may_stay(room_id, {reader.seat for reader in self._wanted[room_id]})
            self._wanted[room_id] = {reader for reader in self._wanted[room_id] if reader.seat in welcome}
        self._recheck.clear()
        dirty, self._dirty = self._dirty & self._wanted.keys(), set()
        if not dirty:
            return
        rows = await db.fetch(f"SELECT id, last_seq FROM rooms WHERE id IN ({db.marks([*dirty])})", *sorted(dirty))  # noqa: S608
        for row in rows:
            if row["id"] in self._wanted and row["last_seq"] > self._seen[row["id"]]:
                self._seen[row["id"]] = row["last_seq"]
                for reader in self._wanted[row["id"]]:
                    reader.mention(
                        reader.frames.marks(
                            self._fragments.render("mark.html", reader.frames.language, code=self._codes[row["id"]])
                        )
                    )
