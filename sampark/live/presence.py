"""Who is online: whoever has a stream open, and for ten seconds after it closed, so that a reload flickers nothing."""

import asyncio
import datetime
from collections.abc import Coroutine

import structlog

from sampark import db
from sampark.live import tasks
from sampark.live.doorbell import Doorbell
from sampark.live.leases import Leases

log = structlog.get_logger()

GRACE = 10.0


class Presence:
    def __init__(self, leases: Leases, bell: Doorbell, grace: float = GRACE) -> None:
        self._leases = leases
        self._bell = bell
        self._grace = grace
        self._here: dict[int, int] = {}
        """User id → how many of their streams this process holds, grace included."""
        self._later: set[asyncio.Task[None]] = set()

    async def enter(self, room_id: int, user_id: int) -> None:
        self._here[user_id] = (
            self._here.get(user_id, 0) + 1
        )  # first, so that `leave` may follow wherever this is cut short
        is_first = str(user_id) not in await self._leases.held(_room(room_id))
        await self._leases.hold(_room(room_id), str(user_id))
        if self._here[user_id] == 1:
            self._soon(self._note(user_id, True))
        if is_first:
            self._bell.people(room_id)

    def leave(self, room_id: int, user_id: int) -> None:
        self._soon(self._leave_later(room_id, user_id))

    async def online(self, room_id: int) -> set[int]:
        return {int(name) for name in await self._leases.held(_room(room_id)) if name.isdigit()}

    async def stop(self) -> None:
        """End at once what would end after its grace, and say that those who were here are gone."""
        await tasks.end(self._later)
        for user_id in list(self._here):
            await self._note(user_id, False)

    async def _leave_later(self, room_id: int, user_id: int) -> None:
        await asyncio.sleep(self._grace)
        await self._leases.release(_room(room_id), str(user_id))
        self._here[user_id] -= 1
        if not self._here[user_id]:
            del self._here[user_id]
            await self._note(user_id, False)
        if user_id not in await self.online(room_id):
            self._bell.people(room_id)

    async def _note(self, user_id: int, is_online: bool) -> None:
        try:
            await db.run(
                "UPDATE users SET is_online = ?, last_seen = ? WHERE id = ?",
                is_online,
                datetime.datetime.now(datetime.UTC),
                user_id,
            )
        except Exception as fault:
            # A note for people who read the table; presence itself does not depend on it.
            log.warning("presence_not_noted", fault=type(fault).__name__)

    def _soon(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _room(room_id: int) -> str:
    return f"room:{room_id}"
