"""Wires that lead nowhere, and readers who sit at their ends: the engine's own parts, watched from close by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from sampark import access
from sampark.access import Seat
from sampark.fragments import Fragments
from sampark.live.frames import EventFrames, Frames
from sampark.live.reader import Reader
from tests.people import Block
from tests.support import Browser, Site


class FakeWire:
    """Keeps what is written to it. `waiting` is what a test says that it is."""

    def __init__(self, framing: str = "plain") -> None:
        self.framing = framing
        self.waiting = 0
        self.is_slow = False
        self.written: list[bytes] = []
        self.late: list[bytes] = []
        """What is written after the end, where nothing may follow."""
        self.framed: list[bytes] = []
        self.last: bytes | None = None
        self.is_aborted = False
        self.news = asyncio.Event()

    def frame(self, block: bytes) -> bytes:
        self.framed.append(block)
        return block

    def write(self, framed: bytes) -> None:
        (self.written if self.last is None else self.late).append(framed)
        self.news.set()

    def end(self, last: bytes) -> None:
        assert self.last is None, "it is ended twice"
        self.last = last
        self.news.set()

    def abort(self) -> None:
        self.is_aborted = True
        self.news.set()

    def is_stuck(self, now: float) -> bool:
        return False

    @property
    def blocks(self) -> list[Block]:
        """Everything but comments."""
        texts = b"".join(self.written).decode().split("\n\n")
        return [Block.parse(text) for text in texts if text and not text.startswith(":")]

    @property
    def durable(self) -> list[Block]:
        return [block for block in self.blocks if block.id is not None]

    @property
    def version(self) -> int:
        return next((int(block.id) for block in reversed(self.blocks) if block.id is not None), -1)

    async def reaches(self, version: int) -> None:
        async with asyncio.timeout(10):
            while self.version < version:
                self.news.clear()
                await self.news.wait()


class Watchman:
    """A `reader.Keeper` and a `wire.Listener` that only notes what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def slow(self, reader: Reader | None = None) -> None:
        self.said.append("slow")

    def swift(self, reader: Reader | None = None) -> None:
        self.said.append("swift")

    def lost(self, reader: Reader | None = None) -> None:
        self.said.append("lost")


FRAGMENTS = Fragments()


def reader_at(
    cursor: int = 0, *, room_id: int = 1, seat: Seat | None = None, frames: Frames | None = None, framing: str = "plain"
) -> tuple[Reader, FakeWire]:
    """A reader of its own with a wire that leads nowhere."""
    reader = Reader(room_id, seat or Seat(1, 1), frames or EventFrames(FRAGMENTS, "en"), cursor, Watchman())
    wire = FakeWire(framing)
    reader.wire = wire
    return reader, wire


def fakes(readers: list[Reader]) -> Iterator[FakeWire]:
    for reader in readers:
        assert isinstance(reader.wire, FakeWire)
        yield reader.wire


async def enter(site: Site, browser: Browser, room: str, cursor: int | None = None) -> Reader:
    """A reader whom the hub has let in, and who has no wire yet."""
    person = await browser.person()
    here = await access.room_for(person, room)
    frames = site.hub.event_frames("en")
    return await site.hub.enter(person, here, frames, here.version if cursor is None else cursor)


async def sit_down(site: Site, browser: Browser, room: str, cursor: int | None = None) -> tuple[Reader, FakeWire]:
    """The same, reading by a wire that leads nowhere."""
    reader = await enter(site, browser, room, cursor)
    wire = FakeWire()
    site.hub.attach(reader, wire)
    return reader, wire
