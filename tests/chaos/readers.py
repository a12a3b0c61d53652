"""Readers as browsers are: a page, then its stream, taken up again by version whenever it is lost. They note all that is odd."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import html
import random
import re
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.chaos.wire import Line, Lost, request
from tests.people import Block
from tests.support import Screen, articles

SILENCE = 25.0
"""Seconds. A comment comes every 15 s at most; the rest is for a machine that is busy with something else."""

_SINCE = re.compile(r"/events\?since=(\d+)")
_VERSION = re.compile(r'<article id="message-(\d+)"[^>]* data-version="(\d+)"')
_DURABLE = re.compile(
    r'<hx-partial hx-target="(#messages|#message-\d+)" hx-swap="([^"]*)">(.*?)</hx-partial>', re.DOTALL
)
_MEMBER = re.compile(r'data-username="([^"]*)" data-online="(true|false)"')


def online(page: str) -> dict[str, bool]:
    """Who a page, or the list of members, says is online."""
    return {html.unescape(name): said == "true" for name, said in _MEMBER.findall(page)}


@dataclass
class Span:
    """One connection's life."""

    base: str
    opened: float
    closed: float = float("inf")


@dataclass(eq=False)
class Reader:
    name: str
    cookie: str
    room: str
    bases: Sequence[str]
    chance: random.Random
    narrow: bool = False
    """Has a small receive buffer: when it stops reading, the server notices soon."""
    starts_after: float = 0.0
    """Seconds until its page is opened."""
    has_begun: bool = False
    """Set from the start: it opens no page, begins with nothing, and asks for everything."""
    screen: Screen = field(default_factory=lambda: Screen({}, "", ""))
    cursor: int = 0
    wrong: list[str] = field(default_factory=list)
    came: dict[int, float] = field(default_factory=dict)
    """When each message was seen first (monotonic seconds)."""
    spans: list[Span] = field(default_factory=list)
    byes: list[int | None] = field(default_factory=list)
    resets: int = 0
    retry: float = 0.5

    def __post_init__(self) -> None:
        self.is_away = self.is_over = False
        self.stalls: list[tuple[float, float]] = []
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._may_connect = asyncio.Event()
        self._may_connect.set()
        self._line: Line | None = None
        self._failures = 0

    async def begin(self) -> None:
        """Open the room's page, as a browser does.

        Errors: `Lost`, also while the server cannot show it.
        """
        page = await request(self.chance.choice(self.bases), "GET", f"/rooms/{self.room}", self.cookie)
        if page.status != 200:
            self._refused(page.status, "page")
        self.screen = Screen.of(page.text)
        since = _SINCE.search(page.text)
        assert since, "the page does not say from where its stream goes on"
        self.cursor = int(since[1])
        self.has_begun = True

    async def run(self) -> None:
        """Read for ever."""
        await asyncio.sleep(self.starts_after)
        while not self.is_over:
            await self._may_connect.wait()
            try:
                if not self.has_begun:
                    await self.begin()
                await self._read_once()
            except Lost:
                self._failures += 1
            finally:
                if self.spans and self.spans[-1].closed == float("inf"):
                    self.spans[-1].closed = time.monotonic()
            # A little apart from each other, as browsers are, and further apart when nobody answers.
            await asyncio.sleep(min(self.retry * 1.5 ** min(self._failures, 4), 5) * self.chance.uniform(0.8, 1.2))

    def stay_away(self) -> None:
        """Once the stream is lost, do not open it again until `come_back`."""
        self.is_away = True
        self._may_connect.clear()

    def leave(self) -> None:
        """Close the stream and stay away until `come_back`."""
        self.stay_away()
        if self._line:
            self._line.cut()

    def come_back(self) -> None:
        self.is_away = False
        self._may_connect.set()

    def stop_reading(self) -> None:
        """Keep the line and take nothing from it."""
        self.stalls.append((time.monotonic(), float("inf")))
        self._may_read.clear()

    def read_on(self) -> None:
        self.stalls[-1] = (self.stalls[-1][0], time.monotonic())
        self._may_read.set()

    @property
    def is_stalled(self) -> bool:
        return not self._may_read.is_set()

    def was_stalled(self, begin: float, end: float) -> bool:
        """At some moment in between, or a little before: it has much to read then."""
        return any(stopped < end and begin < went_on + 2 for stopped, went_on in self.stalls)

    def was_there(self, begin: float, end: float) -> bool:
        """On one connection all the time."""
        return any(span.opened <= begin and span.closed >= end for span in self.spans)

    @property
    def state(self) -> str:
        is_open = bool(self.spans) and self.spans[-1].closed == float("inf")
        return f"its stream is {'open' if is_open else 'closed'}, the {len(self.spans)}. one"

    async def _read_once(self) -> None:
        base = self.chance.choice(self.bases)
        headers = {"Host": urlsplit(base).netloc, "Cookie": self.cookie, "Accept": "text/event-stream"}
        headers["Last-Event-ID"] = str(self.cursor)
        line = self._line = await Line.open(base, narrow=self.narrow)
        try:
            async with asyncio.timeout(SILENCE):
                status, answered = await line.ask("GET", f"/rooms/{self.room}/events", headers)
            if status != 200:
                self._refused(status, "stream")
            self._failures = 0
            self.spans.append(Span(base, time.monotonic()))
            await self._read_blocks(line, answered)
        except TimeoutError:
            self.wrong.append(f"{self.name}: silence for {SILENCE:.0f} s on an open line")
        finally:
            line.cut()
            self._line = None

    def _refused(self, status: int, what: str) -> None:
        if status != 503:  # nobody here has left, signed out or opened too many: a browser would show why, and end
            self.wrong.append(f"{self.name}: the {what} was answered with {status}")
            self.is_over = True
        raise Lost(str(status))

    async def _read_blocks(self, line: Line, answered: dict[str, str]) -> None:
        rest, is_first, byes = "", True, len(self.byes)
        decode = codecs.getincrementaldecoder("utf-8")().decode
        body = line.body(answered)
        while True:
            await self._may_read.wait()
            try:
                async with asyncio.timeout(SILENCE):
                    data = await anext(body)
            except StopAsyncIteration:
                break
            *whole, rest = (rest + decode(data)).split("\n\n")
            for text in whole:
                if not text.startswith(":"):
                    is_first = self._take(Block.parse(text), is_first)
        if len(self.byes) > byes and not line.is_whole:
            self.wrong.append(f"{self.name}: a goodbye whose stream was cut")

    def _take(self, block: Block, is_first: bool) -> bool:
        if is_first and (block.id is None or block.data or block.event):
            self.wrong.append(f"{self.name}: the first block is not an id alone: {block}")
        if block.event == "bye":
            self.byes.append(block.retry)
            if block.retry is None or not 1000 <= block.retry <= 4000:
                self.wrong.append(f"{self.name}: a goodbye with retry {block.retry}")
        elif block.event is not None:
            self.wrong.append(f"{self.name}: {block.event} {block.data}")
        if block.retry is not None:
            self.retry = block.retry / 1000
        if block.event is None:
            self._apply(block)
        if block.id is not None:
            if int(block.id) < self.cursor:
                self.wrong.append(f"{self.name}: from version {self.cursor} back to {block.id}")
            self.cursor = int(block.id)
        return False

    def _apply(self, block: Block) -> None:
        durable = _DURABLE.findall(block.data)
        if durable and block.id is None:
            self.wrong.append(f"{self.name}: messages without an id: {block.data[:300]}")
        for target, swap, content in durable:
            if swap == "innerHTML":
                self.resets += 1
                self._saw(articles(content), is_reset=True)
            elif target == "#messages":
                self._saw(articles(content))
                again = [seq for seq, version in _VERSION.findall(content) if int(version) <= self.cursor]
                if again:
                    self.wrong.append(f"{self.name}: at version {self.cursor}, {again} came once more")
        try:
            self.screen.apply(block)
        except (AssertionError, TypeError) as error:
            self.wrong.append(f"{self.name}: a block that no page can apply: {error} in {block.data[:500]}")

    def _saw(self, came: Collection[int], *, is_reset: bool = False) -> None:
        now = time.monotonic()
        last = max(*self.came, *self.screen.messages, 0, 0)
        new = [seq for seq in came if seq not in self.came and seq not in self.screen.messages]
        if not is_reset and new and (new != sorted(new) or new[0] < last):
            self.wrong.append(f"{self.name}: after {last} came {new}: out of order")
        for seq in new:
            self.came[seq] = now


@contextlib.asynccontextmanager
async def reading(readers: Sequence[Reader]) -> AsyncIterator[None]:
    """All of them read while the block lasts."""
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for reader, ended in zip(readers, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
            if not isinstance(ended, asyncio.CancelledError) and not reader.is_over:
                reader.wrong.append(f"{reader.name}: cannot go on: {ended!r}")
