"""The application behind a real hypercorn in this process: real sockets, and everything inside within reach."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import tortoise.context
from hypercorn.asyncio import serve

from sampark import server, takeover
from sampark.app import create_app
from sampark.settings import Settings
from tests.support import Browser, Site


@contextlib.asynccontextmanager
async def served(settings: Settings, *, takes_over: bool = True) -> AsyncIterator[tuple[Site, int]]:
    """The site and its port; as `sampark.server` serves it, with connections taken over or the public way."""
    app = create_app(settings)
    site = Site(app, settings)
    site.hub.presence._grace = 0.05
    bound = server.listen("127.0.0.1", 0)
    up, stop = asyncio.Event(), asyncio.Event()

    @app.before_serving
    async def ready() -> None:
        up.set()

    asgi: Any = takeover.offer(app) if takes_over else app
    serving = asyncio.create_task(serve(asgi, server._config(bound), shutdown_trigger=stop.wait))
    try:
        async with asyncio.timeout(20):
            await up.wait()
            await asyncio.sleep(0.05)  # hypercorn begins to accept only now
        yield site, bound.getsockname()[1]
    finally:
        site.hub.drain()
        await site.hub.empty()
        stop.set()
        _, late = await asyncio.wait({serving}, timeout=10)
        serving.cancel()
        bound.close()
        tortoise.context._global_context = None
        assert not late, "the server does not stop"


class Peer:
    """The other end of a connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.raw = b""

    @classmethod
    async def connect(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def ask(self, path: str, browser: Browser | None = None, *, version: str = "1.1", method: str = "GET") -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items()) if browser else ""
        self.writer.write(f"{method} {path} HTTP/{version}\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())

    async def until(self, condition: Callable[[bytes], object], seconds: float = 10) -> bytes:
        """Everything that has come, once it is enough."""
        async with asyncio.timeout(seconds):
            while not condition(self.raw):
                piece = await self.reader.read(65536)
                assert piece, f"it ended: {self.raw[-500:]!r}"
                self.raw += piece
        return self.raw

    async def rest(self, seconds: float = 10) -> bytes:
        """Everything, to the connection's end."""
        async with asyncio.timeout(seconds):
            while piece := await self.reader.read(65536):
                self.raw += piece
        return self.raw

    async def whole(self) -> bytes:
        """Everything, to the last chunk. hypercorn keeps the connection for more, who took it over does not."""
        return await self.until(lambda raw: raw.endswith(b"\r\n0\r\n\r\n"))

    def hang_up(self, *, hard: bool = False) -> None:
        if hard:
            self.writer.transport.abort()
        else:
            self.writer.close()
