"""The way to one reader: bytes go out, nothing comes in, and what the peer does not take is bounded.

Two kinds. `TransportWire` owns its socket: the server has handed the connection over after the response's head, so that a
write costs one call and an open stream a few hundred bytes. `QueueWire` works on any ASGI server, where the response's own
generator fetches what waits.
"""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

TAKE_OVER = "sampark.take_over"
"""In an ASGI scope's `extensions`: a function that gives the connection's transport to its caller, or None (`sampark.takeover`)."""
MOST_WAITING = 256 * 1024
"""Bytes. A reader further behind than this loses its connection and resumes by version from the database."""
MOST_PASSING = 64 * 1024
"""Bytes waiting beyond which typing and presence are dropped for this reader."""
STUCK = 30.0
"""Seconds in which a peer takes nothing of what waits, after which the connection is given up."""
_MOST_HEARD = 64 * 1024
"""Bytes: a peer that goes on sending into its own stream wants something else than to read."""


class Listener(Protocol):
    """Who is told how the connection fares."""

    def slow(self) -> None:
        """More than `MOST_PASSING` bytes wait."""

    def swift(self) -> None:
        """They have been taken."""

    def lost(self) -> None:
        """The connection has ended, whoever ended it."""


class Wire(Protocol):
    framing: str
    """Wires of one framing send the same bytes for the same block."""
    is_slow: bool
    """`slow` has been said, and not yet `swift`: not the same as `waiting > MOST_PASSING`, which may come and go unsaid."""

    def frame(self, block: bytes) -> bytes: ...
    def write(self, framed: bytes) -> None: ...
    def end(self, last: bytes) -> None:
        """Send what waits and the block `last`, then close."""

    def abort(self) -> None:
        """Close at once."""

    @property
    def waiting(self) -> int:
        """Bytes that the system has not taken yet."""

    def is_stuck(self, now: float) -> bool:
        """Asked every second or two (monotonic seconds): whether the peer has taken nothing for long."""


def chunk(block: bytes) -> bytes:
    """RFC 9112, section 7.1."""
    return b"%x\r\n%b\r\n" % (len(block), block) if block else b""


class TransportWire(asyncio.Protocol):
    """A connection of our own, and the protocol that its transport reports to.

    What comes for a slow peer is held here, as the very block that all the others have: for a transport each one that waits weighs
    hundreds of bytes of its own.
    """

    __slots__ = (
        "_heard",
        "_held",
        "_held_size",
        "_last_waiting",
        "_listener",
        "_since",
        "_transport",
        "framing",
        "is_slow",
        "write",
    )

    def __init__(self, transport: asyncio.Transport, listener: Listener, *, is_chunked: bool) -> None:
        self.framing = "chunked" if is_chunked else "plain"
        self.is_slow = False
        self.write: Callable[[bytes], None] = transport.write
        self._transport = transport
        self._listener = listener
        self._heard = 0
        self._held: list[bytes] = []
        self._held_size = 0
        self._last_waiting = 0
        self._since = 0.0
        transport.set_write_buffer_limits(high=MOST_PASSING)
        transport.set_protocol(self)
        transport.resume_reading()  # only so is it heard that the peer has gone
        _notice_dead_peers(transport)

    def frame(self, block: bytes) -> bytes:
        return chunk(block) if self.framing == "chunked" else block

    def end(self, last: bytes) -> None:
        if not self._transport.is_closing():
            self._hand_over()
            self.write(self.frame(last) + (b"0\r\n\r\n" if self.framing == "chunked" else b""))
            self.write = _nothing
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    @property
    def waiting(self) -> int:
        return self._transport.get_write_buffer_size() + self._held_size

    def is_stuck(self, now: float) -> bool:
        before, self._last_waiting = self._last_waiting, self._transport.get_write_buffer_size()
        if not self._last_waiting or self._last_waiting < before:
            self._since = 0.0
            return False
        self._since = self._since or now
        return now - self._since > STUCK

    def pause_writing(self) -> None:
        self.is_slow = True
        if self.write is not _nothing:
            self.write = self._hold
        self._listener.slow()

    def resume_writing(self) -> None:
        self._hand_over()
        if not self.is_slow:
            self._listener.swift()

    def _hold(self, framed: bytes) -> None:
        self._held.append(framed)
        self._held_size += len(framed)

    def _hand_over(self) -> None:
        """What was held, to the transport, which may find it too much at once."""
        held, self._held, self._held_size = self._held, [], 0
        self.is_slow = False
        if self.write is not _nothing:
            self.write = self._transport.write
            if held:
                self._transport.writelines(held)

    def data_received(self, data: bytes) -> None:
        self._heard += len(data)
        if self._heard > _MOST_HEARD:
            self.abort()

    def eof_received(self) -> None:
        """The peer has gone; the transport closes itself."""

    def connection_lost(self, fault: Exception | None) -> None:
        self.write = _nothing  # uvloop's transports raise from here on
        self._held.clear()
        self._held_size = 0
        self._listener.lost()


def _nothing(framed: bytes) -> None:
    """Behind the end of a body no byte may stand."""


def _notice_dead_peers(transport: asyncio.Transport) -> None:
    """Where the system can: bytes that nobody acknowledges for so long end the connection (Linux, tcp(7))."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    connection = cast("socket.socket | None", transport.get_extra_info("socket"))
    if option is not None and connection is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
        connection.setsockopt(socket.IPPROTO_TCP, option, int(STUCK * 1000))


class QueueWire:
    """What waits for a generator to fetch it."""

    framing = "plain"

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._blocks: deque[bytes] = deque()
        self._is_ended = False
        self.is_slow = False
        self._since: float | None = None
        self._news = asyncio.Event()
        self._task = asyncio.current_task()
        self.waiting = 0

    def frame(self, block: bytes) -> bytes:
        return block

    def write(self, framed: bytes) -> None:
        if self._is_ended or not framed:
            return
        self._blocks.append(framed)
        self.waiting += len(framed)
        self._since = self._since or time.monotonic()
        self._news.set()
        if self.waiting > MOST_PASSING and not self.is_slow:
            self.is_slow = True
            self._listener.slow()

    def end(self, last: bytes) -> None:
        self.write(last)
        self._is_ended = True
        self._news.set()

    def abort(self) -> None:
        self._is_ended = True
        if self._task is not None:
            self._task.cancel()

    def is_stuck(self, now: float) -> bool:
        return self._since is not None and now - self._since > STUCK

    async def take(self) -> bytes | None:
        """All that waits, joined; None at the end."""
        while not self._blocks and not self._is_ended:
            self._news.clear()
            await self._news.wait()
        if not self._blocks:
            return None
        block = b"".join(self._blocks)
        self._blocks.clear()
        self.waiting = 0
        self._since = None
        if self.is_slow:
            self.is_slow = False
            self._listener.swift()
        return block
