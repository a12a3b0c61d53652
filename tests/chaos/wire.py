"""HTTP/1.1 over asyncio, as much of it as is needed here: a line that breaks is `Lost`, never half an answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode, urlsplit

PATIENCE = 30.0
"""Seconds that an answer may take while everything is broken at once."""


class Lost(Exception):
    """Nobody listens, or the line broke before the answer was whole."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


class Unchunked:
    """Takes the chunks' frames away, however the bytes were cut on their way."""

    def __init__(self) -> None:
        self.is_whole = False
        """The last chunk, the empty one, has come."""
        self._rest = b""
        self._due = 0

    def feed(self, data: bytes) -> bytes:
        data = self._rest + data
        out: list[bytes] = []
        place = 0
        while place < len(data) and not self.is_whole:
            if self._due:
                piece = data[place : place + self._due]
                out.append(piece)
                place += len(piece)
                self._due -= len(piece)
                continue
            end = data.find(b"\r\n", place)
            if end < 0:
                break
            line = data[place:end].partition(b";")[0].strip()
            place = end + 2
            if line:  # an empty line ends the chunk before
                self._due = int(line, 16)
                self.is_whole = self._due == 0
        self._rest = data[place:]
        return b"".join(out)


class Line:
    """One connection that carries one request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.is_whole = False
        """The body came to its proper end."""
        self.broke: OSError | None = None

    @classmethod
    async def open(cls, base: str, *, narrow: bool = False) -> Self:
        """A narrow line takes next to nothing when nobody reads from it.

        Errors: `Lost`.
        """
        address = urlsplit(base)
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        line.setblocking(False)
        if narrow:
            # Small segments let the other end's kernel keep little, too: it plans for ten of them.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.get_running_loop().sock_connect(line, (address.hostname or "", address.port or 80))
                return cls(*await asyncio.open_connection(sock=line, limit=4096 if narrow else 2**20))
        except (OSError, TimeoutError) as error:
            line.close()
            raise Lost(str(error)) from error

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str]]:
        """Send the request; status and headers of the answer."""
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await self._writer.drain()
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Lost(str(error)) from error
        fields = (line.partition(":") for line in head[1:] if line)
        return int(head[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}

    async def body(self, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The body as it comes. Ends where the line ends; whether that was its proper end, `is_whole` says."""
        chunks = Unchunked() if headers.get("transfer-encoding") == "chunked" else None
        due = int(headers["content-length"]) if "content-length" in headers else None
        self.is_whole = due == 0
        while not self.is_whole:
            try:
                data = await self._reader.read(2**16)
            except OSError as error:
                self.broke = error
                return
            if not data:
                self.is_whole = chunks is None and due is None
                return
            if chunks is not None:
                data = chunks.feed(data)
                self.is_whole = chunks.is_whole
            elif due is not None:
                due -= len(data)
                self.is_whole = due <= 0
            if data:
                yield data

    def cut(self) -> None:
        """As a crashed peer or a pulled plug: no goodbye."""
        with contextlib.suppress(OSError):
            self._writer.transport.abort()


async def request(
    base: str,
    method: str,
    path: str,
    cookie: str,
    fields: Mapping[str, str] | None = None,
    *,
    patience: float = PATIENCE,
    **more: str,
) -> Answer:
    """A whole answer, or `Lost`. `fields` are a form's, as a browser sends it; who has no `patience` hangs up."""
    form = urlencode(fields).encode() if fields is not None else b""
    headers = {"Host": urlsplit(base).netloc, "Cookie": cookie, "Connection": "close", **more}
    if fields is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
        headers |= {"Sec-Fetch-Site": "same-origin"}
    line = await Line.open(base)
    try:
        async with asyncio.timeout(patience):
            status, answered = await line.ask(method, path, headers, form)
            body = b"".join([piece async for piece in line.body(answered)])
    except TimeoutError as error:
        raise Lost(f"no answer in {patience:.0f} s") from error
    finally:
        line.cut()
    if not line.is_whole:
        raise Lost(f"half an answer, {status}: {len(body)} of {answered.get('content-length')} bytes, {line.broke!r}")
    return Answer(status, answered, body.decode())
