"""A clamd for tests, which speaks the part of the protocol that clamd(8) describes and knows one virus."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

# The harmless file that every scanner takes for a virus (eicar.org), in two parts so that none takes this one for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAND" + rb"ARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    url: str = ""
    most: int = 25_000_000
    """StreamMaxLength."""
    says: bytes | None = None
    """Instead of a verdict."""
    is_deaf: bool = False
    """Takes connections and never answers."""
    has_heard: asyncio.Event = field(default_factory=asyncio.Event)
    """A whole file."""
    may_answer: asyncio.Event | None = None
    """It has heard all, and waits for this before it says what it thinks."""
    seen: list[bytes] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            command = await reader.readuntil(b"\0")
            if self.is_deaf:
                await reader.read()
            elif command == b"zPING\0":
                writer.write(self.says or b"PONG\0")
            elif command == b"zINSTREAM\0":
                writer.write(await self.verdict(reader))
            else:
                writer.write(b"UNKNOWN COMMAND\0")
            await writer.drain()
        writer.close()

    async def verdict(self, reader: asyncio.StreamReader) -> bytes:
        data = bytearray()
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            if len(data) + length > self.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
            data += await reader.readexactly(length)
            self.blocks.append(length)
        self.seen.append(bytes(data))
        self.has_heard.set()
        if self.may_answer is not None:
            await self.may_answer.wait()
        if self.says is not None:
            return self.says
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"


@contextlib.asynccontextmanager
async def running_clamd(socket_file: Path | None = None) -> AsyncIterator[Clamd]:
    clamd = Clamd()
    if socket_file is not None:
        server = await asyncio.start_unix_server(clamd.serve, socket_file)
        clamd.url = f"unix://{socket_file}"
    else:
        server = await asyncio.start_server(clamd.serve, "127.0.0.1", 0)
        clamd.url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield clamd
    finally:
        server.close()
