"""Who is in a room just now, as its page and its blocks show it."""

import hashlib
import time
from dataclasses import dataclass, field

from sampark import db
from sampark.chat import members
from sampark.fragments import Fragments
from sampark.live import presence

_COUNT_KEPT = 5.0
"""Seconds for which the members of a large room are not counted anew by its pages: the number only stands in a line of text."""
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Gathering:
    """Of a crowd counts only: a list of all who are online would go to all of them at each coming."""

    code: str
    online: set[int]
    total: int
    members: list[db.Row] = field(default_factory=list)

    @property
    def is_crowd(self) -> bool:
        return len(self.online) > presence.CROWD

    @property
    def count(self) -> int:
        """How many are online; where the members are known, how many of them."""
        return sum(row["user_id"] in self.online for row in self.members) if self.members else len(self.online)

    @property
    def stamp(self) -> str:
        """The same for the same sight: a page that shows this need not be told it."""
        people = [(*row.values(), row["user_id"] in self.online) for row in self.members]
        return hashlib.blake2s(repr((self.count, self.total, people)).encode(), digest_size=6).hexdigest()


class Gatherings:
    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        self._counts: dict[int, tuple[float, int]] = {}
        self._pages: dict[tuple[str, str], tuple[str, str]] = {}

    async def of(self, room_id: int, code: str, online: set[int]) -> Gathering:
        if len(online) > presence.CROWD:
            return Gathering(code, online, await self._count(room_id))
        rows = await members.some(room_id, online)
        return Gathering(code, online, await self._count(room_id) if len(rows) == members.SHOWN else len(rows), rows)

    def recount(self, room_id: int) -> None:
        """Somebody came to this room or left it."""
        self._counts.pop(room_id, None)

    def html(self, gathering: Gathering, stamp: str, language: str) -> str:
        """The members' part of a room's page. The last one of each room is kept: most pages show what the one before showed."""
        key = (gathering.code, language)
        known, html = self._pages.pop(key, ("", ""))
        if known != stamp:
            html = self._fragments.render("people.html", language, gathering=gathering)
        _make_room(self._pages)
        self._pages[key] = (stamp, html)
        return html

    async def _count(self, room_id: int) -> int:
        counted_at, count = self._counts.get(room_id, (0.0, 0))
        if not counted_at or time.monotonic() - counted_at > _COUNT_KEPT:
            count = await members.count(room_id)
            _make_room(self._counts)
            self._counts[room_id] = (time.monotonic(), count)
        return count


def _make_room(kept: "dict[int, tuple[float, int]] | dict[tuple[str, str], tuple[str, str]]") -> None:
    while len(kept) >= _MOST_KEPT:
        del kept[next(iter(kept))]  # type: ignore[arg-type]
