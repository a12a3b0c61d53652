"""Many readers without a socket: what would go over the wire is counted."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from sampark import access, db
from sampark.access import Person
from sampark.live.frames import OwnFrames
from sampark.live.hub import Hub
from sampark.live.reader import Reader
from tests.support import Site


@dataclass
class FakeWire:
    framing: str = "plain"
    waiting: int = 0
    is_slow: bool = False
    blocks: list[bytes] = field(default_factory=list)
    reader: Reader | None = None

    def frame(self, block: bytes) -> bytes:
        return block

    def write(self, framed: bytes) -> None:
        self.blocks.append(framed)

    def end(self, last: bytes) -> None:
        self.write(last)
        if self.reader is not None:
            self.reader.lost()

    def abort(self) -> None:
        self.end(b"")

    def is_stuck(self, now: float) -> bool:
        return False

    @property
    def text(self) -> str:
        return b"".join(self.blocks).decode()

    @property
    def size(self) -> int:
        return len(b"".join(self.blocks))


async def people(site: Site, room: str, count: int, prefix: str = "crowd") -> list[Person]:
    """So many members of a room, each with a session, put in directly."""
    now = datetime.datetime.now(datetime.UTC)
    found = await db.one("SELECT id FROM rooms WHERE code = ?", room)
    assert found
    made: list[Person] = []
    for number in range(count):
        browser = await site.person(f"{prefix}-{number:04}")
        await db.run(
            "INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq) VALUES (?, ?, 'member', ?, 0)",
            found["id"], browser.id, now,
        )  # fmt: skip
        made.append(await browser.person())
    return made


async def enter(hub: Hub, person: Person, room: str, stamp: str | None = "") -> FakeWire:
    """This person opens a stream of the room; without a room, one of their own."""
    here: Any = await access.room_for(person, room) if room else None
    frames = hub.event_frames("en") if here else hub.event_frames("en", OwnFrames)
    reader = await hub.enter(person, here, frames, here.version if here else 0, stamp)
    wire = FakeWire(reader=reader)
    hub.attach(reader, wire)
    return wire
