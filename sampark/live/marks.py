"""The room list's unread marks, live, on every page that shows the list.

A message costs the same however many read or do not: a room is marked once for each person, and not again until they have read it.
Whoever has a room open in a stream reads it, on whatever process.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from sampark import db
from sampark.chat import reading
from sampark.fragments import Fragments
from sampark.live.audience import Audience
from sampark.live.doorbell import CHANGED, READ, Doorbell, Ring
from sampark.live.presence import Presence
from sampark.live.reader import Reader
from sampark.live.rounds import Rounds

_AT_ONCE = 400
_TOLD = (
    "COALESCE((SELECT b.seq FROM messages b WHERE b.room_id = r.id AND b.seq > r.last_seq - 1000 AND b.timestamp < ?"
    " ORDER BY b.seq DESC LIMIT 1), CASE WHEN r.last_seq > 1000 THEN r.last_seq - 1000 ELSE 0 END)"
)
"""The newest message older than a moment; of the newest thousand, because a clock that was set back would make it all of them."""

Pair = tuple[int, int]
"""A room's id and a person's."""


@dataclass(slots=True)
class _Wanted:
    """A room that readers of other rooms want to hear of."""

    code: str
    last_seq: int
    readers: dict[int, set[Reader]] = field(default_factory=dict)
    """By person."""
    unmarked: set[int] = field(default_factory=set)
    """Those of these people who see no mark."""


class Marks:
    def __init__(self, fragments: Fragments, bell: Doorbell, presence: Presence) -> None:
        self._fragments = fragments
        self._bell = bell
        self._presence = presence
        self._wanted: dict[int, _Wanted] = {}
        self._rooms: dict[Reader, list[int]] = {}
        self._dirty: set[int] = set()
        self._doubtful: set[Pair] = set()
        self._rounds = Rounds(bell, self._round, self._look_around)

    async def rooms_of(self, user_id: int, since: datetime.datetime | None = None) -> list[db.Row]:
        """What `add` needs to know of a person's rooms; one query. `told_seq`: the newest message older than `since`."""
        told = "r.last_seq" if since is None else _TOLD
        return await db.fetch(
            f"SELECT r.id, r.code, r.name, r.last_seq, m.read_seq, {told} AS told_seq"  # noqa: S608 - one of two constants
            " FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ?",
            *([] if since is None else [since]), user_id,
        )  # fmt: skip

    def add(self, reader: Reader, rows: list[db.Row]) -> None:
        """Tell this reader of the other rooms of its person, and at once of what has to be looked at since its page was made."""
        user_id = reader.seat.user_id
        others = [row for row in rows if row["id"] != reader.room_id]
        self._rooms[reader] = [row["id"] for row in others]
        for row in others:
            wanted = self._wanted.get(row["id"])
            if wanted is None:
                wanted = self._wanted[row["id"]] = _Wanted(row["code"], row["last_seq"])
                self._bell.listen(row["id"])
            if user_id not in wanted.readers:
                wanted.readers[user_id] = set()
                wanted.unmarked.add(user_id)
            wanted.readers[user_id].add(reader)
        # Also what a look has found since these rows were read, and so finds no more.
        unread = {
            row["id"] for row in others if max(row["last_seq"], self._wanted[row["id"]].last_seq) > row["read_seq"]
        }
        self._doubt(user_id, unread)
        if reader.stamp is None:  # what was read elsewhere meanwhile may still be marked there
            self._show([reader], tuple((row["code"], False) for row in others if row["id"] not in unread))

    def came_back(self, reader: Reader) -> None:
        """It was not told of marks for a while."""
        self._doubt(reader.seat.user_id, self._rooms.get(reader, ()))

    def _doubt(self, user_id: int, room_ids: Iterable[int]) -> None:
        """Nobody knows which marks this person sees: they are told them, whatever they are."""
        for room_id in room_ids:
            self._wanted[room_id].unmarked.discard(user_id)
            self._doubtful.add((room_id, user_id))
            self._rounds.wake()

    def remove(self, reader: Reader) -> list[int]:
        """Forget a reader; the rooms that nobody here wants to hear of any more."""
        user_id, empty = reader.seat.user_id, []
        for room_id in self._rooms.pop(reader, ()):
            wanted = self._wanted[room_id]
            wanted.readers[user_id].discard(reader)
            if not wanted.readers[user_id]:
                del wanted.readers[user_id]
                wanted.unmarked.discard(user_id)
            if not wanted.readers:
                del self._wanted[room_id]
                empty.append(room_id)
        return empty

    def wants(self, room_id: int) -> bool:
        return room_id in self._wanted

    def hear(self, ring: Ring) -> None:
        wanted = self._wanted.get(ring.subject)
        if wanted is None:
            return
        if ring.kind == CHANGED and wanted.unmarked:
            self._dirty.add(ring.subject)
            self._rounds.wake()
        elif ring.kind == READ and ring.value in wanted.readers:
            self._doubtful.add((ring.subject, ring.value))
            self._rounds.wake()

    async def run(self) -> None:
        await self._rounds.run()

    async def _look_around(self) -> None:
        """Rooms that changed without a ring that was heard."""
        room_ids = [*self._wanted]
        for first in range(0, len(room_ids), _AT_ONCE):
            part = room_ids[first : first + _AT_ONCE]
            for row in await db.fetch(f"SELECT id, last_seq FROM rooms WHERE id IN ({db.marks(part)})", *part):  # noqa: S608
                wanted = self._wanted.get(row["id"])
                if wanted is not None and row["last_seq"] > wanted.last_seq:
                    wanted.last_seq = row["last_seq"]
                    self._dirty.add(row["id"])

    async def _round(self) -> None:
        """Everyone who may need another mark: those who see none in a room that rang, and those who read somewhere."""
        dirty, self._dirty = self._dirty, set()
        doubtful, self._doubtful = self._doubtful, set()
        unmarked = {
            (room_id, user_id) for room_id in dirty & self._wanted.keys() for user_id in self._wanted[room_id].unmarked
        }
        if not unmarked and not doubtful:
            return
        pairs = unmarked | doubtful
        try:
            unread = await self._unread(pairs - await self._presence.readers_of(pairs))
        except Exception:
            self._doubtful |= pairs
            self._rounds.wake()
            raise
        self._tell(unread, doubtful - unread)

    async def _unread(self, pairs: set[Pair]) -> set[Pair]:
        every, unread = sorted(pairs), set[Pair]()
        for first in range(0, len(every), _AT_ONCE):
            unread |= await reading.unread(every[first : first + _AT_ONCE])
        return unread

    def _tell(self, unread: set[Pair], read: set[Pair]) -> None:
        """One block for each reader, and the same one for all who are to be told the same."""
        news: dict[Reader, dict[str, bool]] = {}
        for pairs, is_unread in ((unread, True), (read, False)):
            for room_id, user_id in sorted(pairs):
                wanted = self._wanted.get(room_id)
                if wanted is None or user_id not in wanted.readers:
                    continue  # gone meanwhile
                if is_unread or user_id not in wanted.unmarked:
                    (wanted.unmarked.discard if is_unread else wanted.unmarked.add)(user_id)
                    for reader in wanted.readers[user_id]:
                        news.setdefault(reader, {})[wanted.code] = is_unread
        alike: dict[tuple[tuple[str, bool], ...], list[Reader]] = {}
        for reader, marks in news.items():
            alike.setdefault(tuple(marks.items()), []).append(reader)
        for same, readers in alike.items():
            self._show(readers, same)

    def _show(self, readers: list[Reader], marks: tuple[tuple[str, bool], ...]) -> None:
        Audience.just(*(reader for reader in readers if not reader.is_ended)).mention(
            lambda frames: frames.marks(self._fragments.render("mark.html", frames.language, marks=marks))
        )
