"""Who is writing just now, in one room and one process. Kept for five seconds, never stored."""

import time

from sampark import db

SHOWN_FOR = 5.0
MOST_NAMES = 3


class Typists:
    def __init__(self, room_id: int) -> None:
        self._room_id = room_id
        self._until: dict[int, float] = {}
        self._names: dict[int, tuple[str, str]] = {}
        """User id → username, display name."""

    async def heard(self, user_ids: set[int]) -> bool:
        """People who say that they type (negative: that they stopped). Only members are believed. True if what is shown changes."""
        before = self.shown()
        for user_id in user_ids:
            if user_id < 0:
                self._until.pop(-user_id, None)
            elif user_id in self._names or await self._look_up(user_id):
                self._until[user_id] = time.monotonic() + SHOWN_FOR
        return self.shown() != before

    def posted(self, usernames: set[str]) -> bool:
        """Whoever posts has stopped typing. True if what is shown changes."""
        done = [user_id for user_id in self._until if self._names[user_id][0] in usernames]
        for user_id in done:
            del self._until[user_id], self._names[user_id]
        return bool(done)

    def expire(self) -> bool:
        """True if somebody's time ran out."""
        now = time.monotonic()
        over = [user_id for user_id, until in self._until.items() if until <= now]
        for user_id in over:
            del self._until[user_id]
            self._names.pop(user_id, None)  # asked anew next time: names change, and members leave
        return bool(over)

    @property
    def next_end(self) -> float | None:
        """When `expire` has something to do, in monotonic seconds."""
        return min(self._until.values(), default=None)

    def shown(self, to: int | None = None) -> tuple[str, ...]:
        """Display names of those who type, without the one who looks."""
        return tuple(self._names[user_id][1] for user_id in sorted(self._until) if user_id != to)

    async def _look_up(self, user_id: int) -> bool:
        row = await db.one(
            "SELECT u.username, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = ? AND m.user_id = ?",
            self._room_id,
            user_id,
        )
        if row is not None:
            self._names[user_id] = (row["username"], row["display_name"])
        return row is not None
