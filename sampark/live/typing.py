"""Who is writing just now, in one room and one process. Kept for five seconds, never stored."""

import time

from sampark.chat import members

SHOWN_FOR = 5.0
RING_EVERY = 2.0
"""Seconds: the page says it every three; a person who says it more often is not heard more often."""
_MOST_HEARD = 200
"""People who say at once that they type. More need not be asked about: the line would only count them."""


class Typists:
    def __init__(self, room_id: int) -> None:
        self._room_id = room_id
        self._heard: dict[int, float] = {}
        """User id → when they said that they type; not yet looked at."""
        self._posted: dict[str, float] = {}
        self._is_asking = False
        self._until: dict[int, float] = {}
        self._names: dict[int, tuple[str, str]] = {}
        """User id → username, display name."""
        self._told: tuple[str, ...] = ()

    def hear(self, user_id: int) -> None:
        """Somebody says that they type (negative: that they stopped)."""
        if user_id < 0:
            self._heard.pop(-user_id, None)
            self._until.pop(-user_id, None)
        elif len(self._heard) < _MOST_HEARD:
            self._heard[user_id] = time.monotonic()

    def posted(self, usernames: set[str]) -> None:
        """Whoever posts has stopped typing, also if it has not been looked up yet who said that they type."""
        if self._heard or self._is_asking:
            self._posted |= dict.fromkeys(usernames, time.monotonic())
        for user_id in [user_id for user_id in self._until if self._names[user_id][0] in usernames]:
            del self._until[user_id]

    async def settle(self) -> bool:
        """Look at what was heard, and at the clock. True if another line is to be shown than the last time."""
        heard, self._heard = self._heard, {}
        await self._look_up([user_id for user_id in heard if user_id not in self._names])
        for user_id, when in heard.items():
            if user_id in self._names and self._posted.get(self._names[user_id][0], 0.0) < when:
                self._until[user_id] = when + SHOWN_FOR
        self._posted.clear()
        self._expire()
        before, self._told = self._told, self.shown()
        return before != self._told

    @property
    def is_due(self) -> bool:
        return bool(self._heard) or self._told != self.shown()

    @property
    def next_end(self) -> float | None:
        """When somebody's time runs out, in monotonic seconds."""
        return min(self._until.values(), default=None)

    @property
    def user_ids(self) -> set[int]:
        return {*self._until}

    def shown(self, to: int | None = None) -> tuple[str, ...]:
        """Display names of those who type, without the one who looks."""
        return tuple(self._names[user_id][1] for user_id in sorted(self._until) if user_id != to)

    def _expire(self) -> None:
        now = time.monotonic()
        self._until = {user_id: until for user_id, until in self._until.items() if until > now}
        # Asked anew next time: names change, and members leave.
        self._names = {user_id: name for user_id, name in self._names.items() if user_id in self._until}

    async def _look_up(self, user_ids: list[int]) -> None:
        """Only members are believed."""
        self._is_asking = True
        try:
            for row in await members.these(self._room_id, user_ids):
                self._names[row["user_id"]] = (row["username"], row["display_name"])
        finally:
            self._is_asking = False


class Patience:
    """Lets one ring pass for each room and person in two seconds, however often they say that they type."""

    def __init__(self) -> None:
        self._rung: dict[tuple[int, str], float] = {}

    def may_ring(self, room_id: int, username: str) -> bool:
        now = time.monotonic()
        if now - self._rung.get((room_id, username), 0.0) < RING_EVERY:
            return False
        if len(self._rung) > 10_000:
            self._rung = {key: rung for key, rung in self._rung.items() if now - rung < RING_EVERY}
        self._rung[room_id, username] = now
        return True

    def posted(self, room_id: int, username: str) -> None:
        """The next message of this person is another matter."""
        self._rung.pop((room_id, username), None)
