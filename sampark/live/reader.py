"""One open stream: who reads, how far they are, and the wire that leads to them."""

import asyncio
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sampark.access import Seat
from sampark.db import Row
from sampark.live.frames import Frames
from sampark.live.wire import STUCK, Wire


class Keeper(Protocol):
    """Who is told what becomes of a reader."""

    def slow(self, reader: "Reader") -> None: ...
    def swift(self, reader: "Reader") -> None: ...
    def lost(self, reader: "Reader") -> None: ...


@dataclass(frozen=True, slots=True)
class Behind:
    """What tabs in the background know, for which one stream stands in."""

    seen: Mapping[str, int]
    """By each one's room's code, the newest message there."""
    since: datetime.datetime
    """Of other rooms they know what came before this."""


class Reader:
    """`wire.Listener` of its own wire. `room_id` 0: no room, only the marks of the room list."""

    __slots__ = (
        "_keeper",
        "behind",
        "code",
        "cursor",
        "frames",
        "held",
        "is_ended",
        "known_seq",
        "opened_at",
        "opened_seq",
        "room_id",
        "rooms",
        "seat",
        "seen_seq",
        "stamp",
        "stream",
        "task",
        "wire",
    )

    def __init__(self, room_id: int, seat: Seat, frames: Frames, cursor: int, keeper: Keeper) -> None:
        self.room_id = room_id
        self.seat = seat
        self.frames = frames
        self.cursor = cursor
        self.is_ended = False
        self.wire: Wire | None = None
        self.stream = ""
        """Its name among the person's open streams."""
        self.task: asyncio.Task[object] | None = None
        """Who sends the opening; there is no wire yet."""
        self.opened_at = 0.0
        self.code = ""
        """The room's."""
        self.stamp: str | None = ""
        """Which people its page shows (`gathering.Gathering.stamp`). None: the connection was lost, and it may show what is over."""
        self.known_seq = 0
        """The newest message that is noted as read."""
        self.seen_seq = 0
        """What had been brought to them, and so has been read, when they left."""
        self.opened_seq = 0
        """The room's newest message when this stream was opened."""
        self.rooms: list[Row] = []
        """The person's rooms, from entering to the first byte only."""
        self.behind: Behind | None = None
        """Of a stream for tabs in the background. None: it wants no news."""
        self.held: list[int] = []
        """The rooms of these tabs, in which their person is online by this stream."""
        self._keeper = keeper

    def end(self, last: bytes = b"") -> None:
        """Send what waits and `last`, then close."""
        if not self.is_ended:
            self.is_ended = True
            if self.wire is not None:
                self.wire.end(last)

    def abort(self) -> None:
        """Close at once: the peer takes nothing. It resumes by version."""
        self.is_ended = True
        if self.wire is not None:
            self.wire.abort()
        elif self.task is not None:
            self.task.cancel()

    def is_stuck(self, now: float) -> bool:
        """Asked every second or two (monotonic seconds): whether the peer has taken nothing for long, not even the opening."""
        return self.wire.is_stuck(now) if self.wire is not None else now - self.opened_at > STUCK

    def slow(self) -> None:
        self._keeper.slow(self)

    def swift(self) -> None:
        self._keeper.swift(self)

    def lost(self) -> None:
        self.is_ended = True
        self._keeper.lost(self)
