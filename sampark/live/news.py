"""What is new in one's rooms, for tabs in the background: they share one stream, which is told each message once, in few words.

Whoever reads a room in an open stream, on whatever device, hears nothing of it here; nor does who has muted it.
"""

import asyncio
import functools
import html
import json
import re
from collections import defaultdict
from collections.abc import Callable

from sampark import db
from sampark.chat import history, notices, reading
from sampark.live.audience import Audience
from sampark.live.doorbell import CHANGED, READ, Doorbell, Ring
from sampark.live.frames import Frames
from sampark.live.marks import Pair
from sampark.live.presence import Presence
from sampark.live.reader import Reader
from sampark.live.rounds import Rounds
from sampark.live.watch import in_parts
from sampark.text import language
from sampark.text.language import N_

_AT_ONCE = 400
_MOST = 20
"""Messages of one room that are told at once; of more, the newest."""
_WORDS = 140
"""Characters of a message that a notification shows."""

_INSTEAD = {
    "image": N_("Picture"),
    "video": N_("Video"),
    "voice": N_("Voice message"),
    "gif": N_("GIF"),
    "file": N_("File"),
}
"""What is said of a message without words."""

_IN_LINE = re.compile(r"</?(?:a|code|del|em|s|span|strong)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_HALF = re.compile(r"(?:<[^>]*|&[^;<>\s]{0,31})\Z")
"""A tag or an entity that was cut."""
_BEGINNING = 4_000
"""Characters of a message's HTML that nearly always hold the few words wanted: to read all of it takes long."""

_Brief = Callable[[int, str], dict[str, object]]
"""What is said of one of the messages at hand, in a language."""


class News:
    """Readers of `Marks`, too, who listens to their rooms."""

    def __init__(self, bell: Doorbell, presence: Presence) -> None:
        self._bell = bell
        self._presence = presence
        self._rooms: dict[int, dict[Reader, int]] = defaultdict(dict)
        """By room: who is to hear of it, and the last message that they have been told of."""
        self._last: dict[int, int] = {}
        self._of: dict[Reader, dict[int, db.Row]] = {}
        self._by_person: dict[int, set[Reader]] = defaultdict(set)
        self._dirty: set[Pair] = set()
        self._changed: set[int] = set()
        self._rounds = Rounds(bell, self._round, self._look_around)

    def add(self, reader: Reader, rows: list[db.Row]) -> None:
        """Tell this reader of messages in these rooms (`Marks.rooms_of`), beginning with what `reader.behind` lacks."""
        if reader.behind is None:
            return
        self._of[reader] = {row["id"]: row for row in rows}
        self._by_person[reader.seat.user_id].add(reader)
        for row in rows:
            last = self._last.setdefault(row["id"], row["last_seq"])
            told = self._rooms[row["id"]][reader] = reader.behind.seen.get(row["code"], row["told_seq"])
            # Something may have come since it was seen, and since these rows were read; a look has told it to the others.
            if row["code"] in reader.behind.seen or max(last, row["last_seq"]) > told:
                self._doubt(row["id"], reader.seat.user_id)

    def came_back(self, reader: Reader) -> None:
        """It was not told of news for a while."""
        for room_id in self._of.get(reader, ()):
            self._doubt(room_id, reader.seat.user_id)

    def remove(self, reader: Reader) -> None:
        if reader not in self._of:
            return
        mine = self._by_person[reader.seat.user_id]
        mine.discard(reader)
        if not mine:
            del self._by_person[reader.seat.user_id]
        for room_id in self._of.pop(reader):
            del self._rooms[room_id][reader]
            if not self._rooms[room_id]:
                del self._rooms[room_id], self._last[room_id]

    def hear(self, ring: Ring) -> None:
        if ring.subject not in self._rooms:
            return
        if ring.kind == CHANGED:
            self._changed.add(ring.subject)
            self._rounds.wake()
        elif ring.kind == READ and self._listens(
            ring.value, ring.subject
        ):  # also when a stream has closed: from then on they are to hear of that room here
            self._doubt(ring.subject, ring.value)

    def _listens(self, user_id: int, room_id: int) -> bool:
        return any(room_id in self._of[reader] for reader in self._by_person.get(user_id, ()))

    def _doubt(self, room_id: int, user_id: int) -> None:
        self._dirty.add((room_id, user_id))
        self._rounds.wake()

    async def run(self) -> None:
        await self._rounds.run()

    async def _look_around(self) -> None:
        """Rooms that changed without a ring that was heard."""
        for room_ids in in_parts([*self._rooms]):
            for row in await db.fetch(f"SELECT id, last_seq FROM rooms WHERE id IN ({db.marks(room_ids)})", *room_ids):  # noqa: S608
                if row["last_seq"] > self._last.get(row["id"], row["last_seq"]):
                    self._last[row["id"]] = row["last_seq"]
                    self._changed.add(row["id"])

    async def _round(self) -> None:
        changed, self._changed = self._changed, set()
        dirty, self._dirty = self._dirty, set()
        try:
            pairs = await self._behind(changed, dirty)
            for room_id in {room_id for room_id, _ in pairs}:
                await self._tell(room_id, pairs)
        except Exception:
            self._changed |= changed
            self._dirty |= dirty
            self._rounds.wake()
            raise

    async def _behind(self, changed: set[int], dirty: set[Pair]) -> dict[Pair, int]:
        """Who is to hear of which room, and how far they have read it themselves."""
        rooms = [room_id for room_id in changed if room_id in self._rooms]
        pairs = dirty | {(room_id, reader.seat.user_id) for room_id in rooms for reader in self._rooms[room_id]}
        every = sorted(pairs - await self._presence.readers_of(pairs)) if pairs else []
        found: dict[Pair, int] = {}
        for first in range(0, len(every), _AT_ONCE):
            found |= await reading.waiting(every[first : first + _AT_ONCE])
        return found

    async def _tell(self, room_id: int, pairs: dict[Pair, int]) -> None:
        """One block for all who lack the same."""
        alike: dict[int, list[Reader]] = defaultdict(list)
        for reader, told in self._rooms.get(room_id, {}).items():
            read = pairs.get((room_id, reader.seat.user_id))
            if read is not None:
                alike[max(told, read)].append(reader)
        if not alike:
            return
        messages = (await history.newest(room_id, _MOST)).messages
        brief = functools.cache(lambda at, code: _brief(messages[at], code))
        for told, readers in alike.items():
            await asyncio.sleep(0)  # what is told to many in many ways leaves others their turn
            news = [at for at, message in enumerate(messages) if message["seq"] > told]
            # Those for whom much waits would not get it, and so they lack it until `came_back`.
            here = [reader for reader in readers if reader in self._of and not reader.is_ended and not _is_slow(reader)]
            if not news or not here:
                continue
            for reader in here:
                self._rooms[room_id][reader] = messages[-1]["seq"]
            self._send(here, self._of[here[0]][room_id], news, brief)

    @staticmethod
    def _send(readers: list[Reader], room: db.Row, news: list[int], brief: _Brief) -> None:
        def framed(frames: Frames) -> bytes | None:
            said = {
                "room": room["code"],
                "name": room["name"],
                "messages": [brief(at, frames.language) for at in news],
            }
            return frames.news(json.dumps(said, ensure_ascii=False, separators=(",", ":")))

        Audience.just(*readers).mention(framed)


def _is_slow(reader: Reader) -> bool:
    return reader.wire is not None and reader.wire.is_slow


def _brief(message: db.Row, code: str) -> dict[str, object]:
    kind = message["message_type"]
    if kind == "system":
        came = message["content"].startswith(notices.JOINED)
        return {"seq": message["seq"], "author": message["username"], "kind": notices.JOINED if came else kind}
    return {
        "seq": message["seq"],
        "author": message["username"],
        "kind": kind,
        "who": message["display_name"],
        "words": words_of(message, code),
    }


def words_of(message: db.Row, code: str, most: int = _WORDS) -> str:
    """A message in one plain line of at most so many characters; one without words by what it is."""
    whole, cut, words = message["html"] or "", _BEGINNING, ""
    while len(words) <= most:
        words = _plain(whole[:cut] if cut >= len(whole) else _HALF.sub("", whole[:cut]))
        if cut >= len(whole):
            break
        cut *= 4  # long addresses stand before few words
    kind = message["message_type"]
    if not words and kind in _INSTEAD:
        words = language.sentences(code).gettext(_INSTEAD[kind])
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _IN_LINE.sub("", markup))).split())
