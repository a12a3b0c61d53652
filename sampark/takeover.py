"""Taking a connection over from hypercorn once the response's head is out: the only file that touches its private parts.

hypercorn keeps two tasks, a queue, two stream objects and an HTTP parser for each open response, and hands every piece of
it through all of them. A stream of server-sent events needs none of that after its head: its transport gets a protocol of
ours, and hypercorn's side of the connection ends as if the client had gone. Where this does not fit (HTTP/2, TLS, another
server, another version of hypercorn) `take` says so, and the stream goes the public way.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, cast

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import HTTPStream

from sampark.live.wire import TAKE_OVER

KNOWN = "0.18."
"""The version whose insides are known here; pyproject.toml bounds it, too."""

App = Callable[..., Awaitable[None]]


def fits() -> bool:
    """Self-check at start: whether hypercorn is made as this file believes."""
    if not version("hypercorn").startswith(KNOWN):
        return False
    return all(callable(getattr(part, name, None)) for part, name in _METHODS) and all(
        line in inspect.getsource(work) for work, *lines in _LINES for line in lines
    )


_METHODS = ((HTTPStream, "app_send"), (H11Protocol, "stream_send"), (TCPServer, "protocol_send"))
_LINES = (
    (HTTPStream.__init__, "self.send = send\n"),
    (H11Protocol.__init__, "self.send = send\n"),
    (TCPServer.__init__, "self.reader = reader\n", "self.writer = writer\n", "self.idle_task = "),
    (TCPServer._read_data, "self.reader.at_eof()"),
)


def offer(app: App) -> App:
    """An ASGI application whose HTTP requests can take their connection over."""

    async def offering(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["extensions"][TAKE_OVER] = _Offer(send)
        await app(scope, receive, send)

    return offering


class _Offer:
    """Proxy middleware copies a request's scope deeply; a connection cannot be copied."""

    __slots__ = ("_send",)

    def __init__(self, send: Any) -> None:
        self._send = send

    def __call__(self) -> asyncio.Transport | None:
        return take(self._send)

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Offer":
        return self


def take(send: Any) -> asyncio.Transport | None:
    """The transport behind an ASGI `send` of which the response's head has been sent, for its new owner to keep and close.

    None where it cannot be had: then everything is as before.
    """
    stream = getattr(send, "__self__", None)
    protocol = getattr(getattr(stream, "send", None), "__self__", None)
    server = getattr(getattr(protocol, "send", None), "__self__", None)
    if not (isinstance(stream, HTTPStream) and isinstance(protocol, H11Protocol) and isinstance(server, TCPServer)):
        return None
    writer = server.writer
    if isinstance(writer, _Gone):  # a request that was sent behind a stream's
        return None
    transport = cast(asyncio.Transport, writer.transport)
    if transport.is_closing() or writer.get_extra_info("ssl_object") is not None:
        return None
    server.writer = cast(asyncio.StreamWriter, _Gone())
    server.idle_task = _Gone()  # type: ignore[assignment]  # else the ended connection would be waited for until it were idle for long
    # Python 3.13 closes a transport when its stream writer is forgotten.
    writer._transport = _Gone()  # type: ignore[attr-defined]
    server.reader.feed_eof()
    return transport


class _Gone:
    """What hypercorn writes to, and closes, in place of a connection that is no longer its own."""

    def write(self, data: bytes) -> None: ...
    def write_eof(self) -> None: ...
    def close(self) -> None: ...
    def is_closing(self) -> bool:
        return True

    async def drain(self) -> None: ...
    async def wait_closed(self) -> None: ...
    async def restart(self, *values: object) -> None: ...
    async def stop(self) -> None: ...
    def get_extra_info(self, name: str, default: object = None) -> object:
        return default
