"""The way to one reader: right bytes, an end that is heard of exactly once, and never more in memory than was said."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import struct
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop

from sampark.live.wire import MOST_PASSING, STUCK, QueueWire, TransportWire, chunk
from tests.live.fakes import Watchman

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a test on the loop that the server uses, and on the one that everybody has: their transports differ."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield lambda work: runner.run(asyncio.wait_for(work, 30))


class Line:
    """A connection with a wire at our end, and a bare socket at the peer's."""

    def __init__(self, transport: asyncio.Transport, peer: socket.socket, *, is_chunked: bool) -> None:
        self.listener = Watchman()
        self.wire = TransportWire(transport, self.listener, is_chunked=is_chunked)
        self.transport = transport
        self.peer = peer

    async def read_all(self) -> bytes:
        """What the peer gets, to the end of the connection."""
        loop = asyncio.get_running_loop()
        read = b""
        while piece := await loop.sock_recv(self.peer, 65536):
            read += piece
        return read

    async def read(self, least: int) -> bytes:
        loop = asyncio.get_running_loop()
        read = b""
        while len(read) < least:
            read += await loop.sock_recv(self.peer, 65536)
        return read

    async def hears(self, *words: str) -> None:
        """Exactly this, and nothing more a moment later."""
        for _ in range(500):
            if len(self.listener.said) >= len(words):
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.02)
        assert self.listener.said == [*words]


@contextlib.asynccontextmanager
async def line(*, is_chunked: bool = True, narrow: bool = False) -> AsyncIterator[Line]:
    """Over TCP, as from `accept`. A narrow line takes next to nothing while nobody reads from it."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[asyncio.Transport] = loop.create_future()

    class Answers(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            came.set_result(transport)  # type: ignore[arg-type]

    server = await loop.create_server(Answers, "127.0.0.1", 0)
    peer = socket.socket()
    peer.setblocking(False)
    if narrow:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await loop.sock_connect(peer, server.sockets[0].getsockname())
    transport = await came
    if narrow:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    here = Line(transport, peer, is_chunked=is_chunked)
    try:
        yield here
    finally:
        if not transport.is_closing():
            transport.abort()
        peer.close()
        server.close()
        await asyncio.sleep(0)


def unchunked(raw: bytes) -> list[bytes]:
    """The chunks of a whole body, as RFC 9112 section 7.1 has them: nothing missing, nothing behind the last one."""
    chunks: list[bytes] = []
    while True:
        size, end, raw = raw.partition(b"\r\n")
        assert end
        assert size == b"%x" % int(size, 16), f"not a size: {size!r}"
        data, end, raw = raw[: int(size, 16)], raw[int(size, 16) :][:2], raw[int(size, 16) + 2 :]
        assert end == b"\r\n"
        assert len(data) == int(size, 16)
        if not data:
            assert not raw, f"behind the last chunk: {raw[:100]!r}"
            return chunks
        chunks.append(data)


def test_a_chunk_is_its_size_in_hexadecimal_and_its_bytes() -> None:
    assert chunk(b"id: 1\n\n") == b"7\r\nid: 1\n\n\r\n"
    assert chunk(b"x" * 255).startswith(b"ff\r\n")
    # A chunk of no bytes would be the end of the body.
    assert chunk(b"") == b""


def test_blocks_are_chunks_and_the_end_is_the_last_one(run: Run) -> None:
    async def work() -> None:
        async with line() as here:
            for block in (b"one", b"", "\u0928\u092e".encode(), b"x" * 70_000):
                here.wire.write(here.wire.frame(block))
            here.wire.end(b"last words")
            chunks = unchunked(await here.read_all())
            assert chunks == [b"one", "\u0928\u092e".encode(), b"x" * 70_000, b"last words"]
            await here.hears(*here.listener.said[:-1], "lost")

    run(work())


def test_without_last_words_there_is_still_a_last_chunk(run: Run) -> None:
    async def work() -> None:
        async with line() as here:
            here.wire.end(b"")
            assert await here.read_all() == b"0\r\n\r\n"
            await here.hears("lost")

    run(work())


def test_for_http_1_0_the_bytes_are_the_blocks_and_the_end_is_the_connection_s(run: Run) -> None:
    async def work() -> None:
        async with line(is_chunked=False) as here:
            here.wire.write(here.wire.frame(b"one\n\n"))
            here.wire.end(b"bye\n\n")
            assert await here.read_all() == b"one\n\nbye\n\n"
            await here.hears("lost")

    run(work())


def test_wires_that_frame_alike_say_so(run: Run) -> None:
    async def work() -> None:
        async with line() as one, line() as other, line(is_chunked=False) as plain:
            assert one.wire.framing == other.wire.framing != plain.wire.framing
            assert plain.wire.framing == QueueWire(Watchman()).framing

    run(work())


@pytest.mark.parametrize("how", ["hangs up", "sends no more", "resets"])
def test_a_peer_that_goes_is_noticed_once(run: Run, how: str) -> None:
    async def work() -> None:
        async with line() as here:
            here.wire.write(here.wire.frame(b"one"))
            await here.read(3)
            if how == "sends no more":
                here.peer.shutdown(socket.SHUT_WR)
            elif how == "resets":
                here.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                here.peer.close()
            else:
                here.peer.close()
            await here.hears("lost")

    run(work())


@pytest.mark.parametrize("how", ["abort", "end", "end twice", "end and abort", "abort and end", "the peer, too"])
def test_however_it_ends_that_is_heard_of_once(run: Run, how: str) -> None:
    async def work() -> None:
        async with line() as here:
            match how:
                case "abort":
                    here.wire.abort()
                case "end":
                    here.wire.end(b"bye")
                case "end twice":
                    here.wire.end(b"bye")
                    here.wire.end(b"bye")
                case "end and abort":
                    here.wire.end(b"bye")
                    here.wire.abort()
                case "abort and end":
                    here.wire.abort()
                    here.wire.end(b"bye")
                case "the peer, too":
                    here.peer.shutdown(socket.SHUT_RDWR)
                    here.wire.end(b"bye")
            await here.hears("lost")
            if how == "end twice":
                assert unchunked(await here.read_all()) == [b"bye"]
            here.wire.write(here.wire.frame(b"too late"))
            here.wire.abort()
            await here.hears("lost")

    run(work())


def test_writing_to_a_peer_that_has_gone_raises_nothing(run: Run) -> None:
    """One reader's death must not keep a block from the thousand behind it."""

    async def work() -> None:
        async with line() as here:
            write = here.wire.write  # as the audience holds it
            here.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            here.peer.close()
            for _ in range(20):
                write(here.wire.frame(b"x" * 1000))
            await here.hears("lost")
            here.wire.write(here.wire.frame(b"x"))

    run(work())


def test_nothing_is_written_behind_the_end(run: Run) -> None:
    """A peer that reads slowly still waits for its last bytes when others are told more."""

    async def work() -> None:
        async with line(narrow=True) as here:
            here.wire.write(here.wire.frame(b"x" * 40_000))
            assert here.wire.waiting
            here.wire.end(b"bye")
            here.wire.write(here.wire.frame(b"too late"))
            assert unchunked(await here.read_all()) == [b"x" * 40_000, b"bye"]
            await here.hears("lost")

    run(work())


def test_a_peer_that_pours_bytes_in_is_cut_off(run: Run) -> None:
    async def work() -> None:
        async with line() as here:
            loop = asyncio.get_running_loop()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    await loop.sock_sendall(here.peer, b"x" * 10_000)
            await here.hears("lost")

    run(work())


def test_a_few_bytes_too_many_are_overlooked(run: Run) -> None:
    async def work() -> None:
        async with line() as here:
            await asyncio.get_running_loop().sock_sendall(here.peer, b"GET /next HTTP/1.1\r\n" * 100)
            await asyncio.sleep(0.05)
            here.wire.end(b"bye")
            assert b"bye" in await here.read(3)
            assert "slow" not in here.listener.said

    run(work())


def test_much_that_waits_is_said_once_and_so_is_that_it_has_gone(run: Run) -> None:
    async def work() -> None:
        async with line(narrow=True) as here:
            block = bytes(range(256)) * 40
            while here.wire.waiting <= MOST_PASSING:
                here.wire.write(block)
                await asyncio.sleep(0)
            await here.hears("slow")
            assert here.wire.is_slow
            waited = here.wire.waiting
            assert waited > MOST_PASSING
            read = await here.read(waited)
            await here.hears("slow", "swift")
            assert not here.wire.is_slow
            assert here.wire.waiting < MOST_PASSING
            here.wire.end(b"")
            read += await here.read_all()
            whole = read.removesuffix(b"0\r\n\r\n")
            assert whole == block * (len(whole) // len(block))

    run(work())


def test_what_waits_for_a_slow_peer_is_held_as_the_block_that_all_have_and_arrives_in_order(run: Run) -> None:
    async def work() -> None:
        async with line(is_chunked=False, narrow=True) as here:
            first = b"x" * 400_000
            here.wire.write(first)
            await here.hears("slow")
            taken_over = here.transport.get_write_buffer_size()
            blocks = [b"%06d\n" % number * 100 for number in range(200)]
            for block in blocks:
                here.wire.write(block)
            assert here.transport.get_write_buffer_size() <= taken_over
            assert here.wire.waiting > sum(map(len, blocks))
            here.wire.end(b"bye")
            assert await here.read_all() == b"".join([first, *blocks, b"bye"])
            assert here.wire.waiting == 0

    run(work())


def test_a_block_far_beyond_the_bound_arrives_whole_at_who_reads(run: Run) -> None:
    async def work() -> None:
        async with line() as here:
            block = bytes(range(256)) * 6000  # 1.5 MB
            reading = asyncio.create_task(here.read_all())
            here.wire.write(here.wire.frame(block))
            here.wire.write(here.wire.frame(b"next"))
            here.wire.end(b"bye")
            assert unchunked(await reading) == [block, b"next", b"bye"]

    run(work())


class StillTransport:
    """A transport whose peer takes what a test says."""

    def __init__(self) -> None:
        self.waits = 0

    def get_write_buffer_size(self) -> int:
        return self.waits

    def write(self, data: bytes) -> None:
        self.waits += len(data)

    def set_write_buffer_limits(self, high: int) -> None: ...
    def set_protocol(self, protocol: object) -> None: ...
    def resume_reading(self) -> None: ...
    def get_extra_info(self, name: str) -> None: ...


def test_who_takes_nothing_for_long_is_stuck_and_who_takes_little_is_not() -> None:
    transport = StillTransport()
    wire = TransportWire(transport, Watchman(), is_chunked=True)  # type: ignore[arg-type]
    for now in range(0, 1000, 2):
        assert not wire.is_stuck(now), "nothing waits"
    transport.waits = 50_000
    for now in range(1000, 1100, 2):
        transport.waits -= 1
        assert not wire.is_stuck(now), "it takes a little each time"
    since = 1100
    assert not wire.is_stuck(since)
    assert not wire.is_stuck(since + STUCK)
    assert wire.is_stuck(since + STUCK + 1)
    transport.waits = 0
    assert not wire.is_stuck(since + STUCK + 2)
    transport.waits = 7
    assert not wire.is_stuck(since + STUCK + 4), "only now something waits again"


def test_more_that_is_written_makes_nobody_look_alive() -> None:
    transport = StillTransport()
    wire = TransportWire(transport, Watchman(), is_chunked=True)  # type: ignore[arg-type]
    stuck = []
    for now in range(100, 200, 2):
        wire.write(b"x")
        stuck.append(wire.is_stuck(now))
    assert stuck.index(True) * 2 == pytest.approx(STUCK, abs=4)


def test_an_open_stream_s_wire_is_a_few_hundred_bytes() -> None:
    transports = [StillTransport() for _ in range(1000)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [TransportWire(transport, LISTENER, is_chunked=True) for transport in transports]  # type: ignore[arg-type]
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(kept) == 1000
    assert size < 300 * 1000
    assert not hasattr(kept[0], "__dict__")


LISTENER = Watchman()


def test_where_the_system_can_it_gives_dead_peers_up_by_itself(run: Run) -> None:
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        pytest.skip("this system has no TCP_USER_TIMEOUT")

    async def work() -> None:
        async with line() as here:
            connection = here.transport.get_extra_info("socket")
            assert connection.getsockopt(socket.IPPROTO_TCP, option) == STUCK * 1000

    run(work())


# The wire that works on any server: a generator fetches what waits.


async def test_all_that_waits_goes_in_one_piece_and_in_order() -> None:
    wire = QueueWire(Watchman())
    for piece in (b"a", b"b", b"c"):
        wire.write(wire.frame(piece))
    assert wire.waiting == 3
    assert await wire.take() == b"abc"
    assert wire.waiting == 0
    wire.write(b"d")
    wire.end(b"last")
    wire.write(b"after the end")
    assert await wire.take() == b"dlast"
    assert await wire.take() is None
    assert await wire.take() is None


async def test_who_fetches_waits_until_something_comes() -> None:
    wire = QueueWire(Watchman())
    fetching = asyncio.create_task(wire.take())
    await asyncio.sleep(0.01)
    assert not fetching.done()
    wire.write(b"")
    await asyncio.sleep(0.01)
    assert not fetching.done(), "an empty piece would look like the end to some servers"
    wire.write(b"here")
    assert await fetching == b"here"


async def test_much_that_waits_for_a_generator_is_said_once_and_so_is_that_it_has_gone() -> None:
    listener = Watchman()
    wire = QueueWire(listener)
    wire.write(b"x" * MOST_PASSING)
    assert listener.said == []
    wire.write(b"x")
    wire.write(b"x")
    assert (listener.said, wire.is_slow) == (["slow"], True)
    assert len(await wire.take() or b"") == MOST_PASSING + 2
    assert (listener.said, wire.is_slow) == (["slow", "swift"], False)


async def test_cutting_off_ends_the_generator_wherever_it_is() -> None:
    listener = Watchman()
    begun: asyncio.Future[QueueWire] = asyncio.get_running_loop().create_future()

    async def writes_into_a_dead_line() -> None:
        try:
            begun.set_result(QueueWire(listener))
            await asyncio.Event().wait()
        finally:
            listener.lost()

    writing = asyncio.create_task(writes_into_a_dead_line())
    (await begun).abort()
    await asyncio.wait({writing}, timeout=5)
    assert writing.cancelled()
    assert listener.said == ["lost"]


async def test_a_generator_that_fetches_nothing_for_long_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = QueueWire(Watchman())
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert not wire.is_stuck(now + 3600)
    wire.write(b"x")
    now += STUCK
    wire.write(b"y")
    assert not wire.is_stuck(now)
    assert wire.is_stuck(now + 1)
    await wire.take()
    assert not wire.is_stuck(now + 3600)
