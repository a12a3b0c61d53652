"""A Redis that loses rings: between a server and Redis, and of the messages that Redis pushes it swallows every third.

At the subscriber's end, because there it does not matter how a ring was published: alone, in a pipeline or by a script.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self
from urllib.parse import urlsplit, urlunsplit

_PUSHED = (b"message", b"pmessage", b"smessage")


def end_of_value(data: bytes, place: int = 0) -> int | None:
    """Where the RESP value that begins at `place` ends; None when it is not whole yet."""
    line = data.find(b"\r\n", place)
    if line < 0:
        return None
    kind, rest, after = data[place : place + 1], data[place + 1 : line], line + 2
    if kind in b"+-:_#,(":
        return after
    if kind in b"$=!":
        end = after if rest == b"-1" else after + int(rest) + 2
        return end if end <= len(data) else None
    if kind not in b"*>~%|":
        raise ValueError(f"not a RESP value: {data[place : place + 40]!r}")
    # A map has twice as many values as it says; an attribute stands before the value that it speaks about.
    count = max(int(rest), 0) * (2 if kind in b"%|" else 1) + (kind == b"|")
    for _ in range(count):
        inner = end_of_value(data, after)
        if inner is None:
            return None
        after = inner
    return after


def is_ring(value: bytes) -> bool:
    """Whether this value is a message for a subscriber, rather than the answer to a command."""
    parts = value.split(b"\r\n", 3)
    return value[:1] in b"*>" and len(parts) > 2 and parts[2] in _PUSHED


class LossyRedis:
    def __init__(self, redis_url: str) -> None:
        self._to = urlsplit(redis_url)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.drops = False
        """Every third."""
        self.drops_all = False
        self.passed = 0
        self.dropped = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server
        port = self._server.sockets[0].getsockname()[1]
        return urlunsplit(self._to._replace(netloc=f"127.0.0.1:{port}"))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        except OSError:
            writer.transport.abort()  # Redis is away
            return
        ways = [asyncio.create_task(self._copy(reader, back)), asyncio.create_task(self._sift(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.transport.abort()
            back.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(2**16):
                writer.write(data)
                await writer.drain()

    async def _sift(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        with contextlib.suppress(OSError):
            while more := await reader.read(2**16):
                data += more
                while (end := end_of_value(data)) is not None:
                    value, data = data[:end], data[end:]
                    if not self._swallows(value):
                        writer.write(value)
                await writer.drain()

    def _swallows(self, value: bytes) -> bool:
        if not (self.drops or self.drops_all) or not is_ring(value):
            return False
        self.passed += 1
        if self.passed % 3 and not self.drops_all:
            return False
        self.dropped += 1
        return True
