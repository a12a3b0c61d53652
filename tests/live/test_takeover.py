"""Connections taken over from hypercorn: its insides are as we believe, nothing of it stays behind, and nothing is lost where it fails."""

from __future__ import annotations

import asyncio
import inspect
import random
import re
import socket
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import HTTPStream

from sampark import takeover
from sampark.settings import Settings
from tests.databases import on_sqlite
from tests.live.real import Peer, served
from tests.live.test_wire import unchunked
from tests.support import Site, logged, until

ROOT = Path(__file__).resolve().parents[2]


# The contract.


def test_the_installed_hypercorn_is_as_we_believe() -> None:
    assert version("hypercorn").startswith(takeover.KNOWN)
    assert takeover.fits()


def test_no_other_version_can_be_installed_without_a_look_at_its_insides() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [bound] = [line for line in project["dependencies"] if line.startswith("hypercorn")]
    major, minor, _ = takeover.KNOWN.split(".")
    assert bound == f"hypercorn>={major}.{minor},<{major}.{int(minor) + 1}"


def rewritten(work: Callable[..., Any], old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the next version had been written like this."""
    getsource = inspect.getsource
    assert old in getsource(work)
    monkeypatch.setattr(
        inspect, "getsource", lambda it: getsource(it).replace(old, new) if it is work else getsource(it)
    )


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "another version": lambda patch: patch.setattr(takeover, "version", lambda name: "0.19.0"),
    "no HTTPStream.app_send": lambda patch: patch.delattr(HTTPStream, "app_send"),
    "no H11Protocol.stream_send": lambda patch: patch.delattr(H11Protocol, "stream_send"),
    "no TCPServer.protocol_send": lambda patch: patch.delattr(TCPServer, "protocol_send"),
    "app_send is no method": lambda patch: patch.setattr(HTTPStream, "app_send", None),
    "another idle task": lambda patch: rewritten(TCPServer.__init__, "self.idle_task", "self.idle", patch),
    "another writer": lambda patch: rewritten(TCPServer.__init__, "self.writer", "self.stream", patch),
    "another reader": lambda patch: rewritten(TCPServer.__init__, "self.reader", "self.source", patch),
    "a connection that sends otherwise": lambda patch: rewritten(
        H11Protocol.__init__, "self.send", "self._send", patch
    ),
    "a response that sends otherwise": lambda patch: rewritten(HTTPStream.__init__, "self.send", "self._send", patch),
    "another end of reading": lambda patch: rewritten(TCPServer._read_data, "self.reader.at_eof()", "True", patch),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_hypercorn_that_is_made_otherwise_does_not_fit(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    CHANGES[change](monkeypatch)
    assert not takeover.fits()


async def test_what_is_not_hypercorn_s_is_not_taken() -> None:
    async def send(message: object) -> None: ...

    assert takeover.take(send) is None
    assert takeover.take(SimpleNamespace(send=send).send) is None


def hypercorns(writer: object) -> Any:
    """The `send` of a response, with this writer at the end of it."""
    tcp = TCPServer.__new__(TCPServer)
    tcp.writer = writer  # type: ignore[assignment]
    protocol = H11Protocol.__new__(H11Protocol)
    protocol.send = tcp.protocol_send
    stream = HTTPStream.__new__(HTTPStream)
    stream.send = protocol.stream_send
    return stream.app_send


@pytest.mark.parametrize(("is_closing", "is_tls"), [(True, False), (False, True)], ids=["closing", "TLS"])
async def test_a_connection_that_closes_or_is_encrypted_is_not_taken(is_closing: bool, is_tls: bool) -> None:
    writer = SimpleNamespace(
        transport=SimpleNamespace(is_closing=lambda: is_closing),
        get_extra_info=lambda name: object() if is_tls and name == "ssl_object" else None,
    )
    assert takeover.take(hypercorns(writer)) is None


async def test_a_connection_is_taken_only_once() -> None:
    """A request that the client had sent behind the stream's is answered by nobody."""
    taken = SimpleNamespace(is_closing=lambda: False)
    writer = SimpleNamespace(transport=taken, get_extra_info=lambda name: None)
    send = hypercorns(writer)
    send.__self__.send.__self__.send.__self__.reader = asyncio.StreamReader()
    first: object = takeover.take(send)
    assert first is taken
    assert takeover.take(send) is None


async def test_only_requests_are_offered_it() -> None:
    scopes: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], receive: object, send: object) -> None:
        scopes.append(scope)

    for kind in ("http", "websocket", "lifespan"):
        await takeover.offer(app)({"type": kind, "extensions": {}}, None, None)
    assert [bool(scope["extensions"]) for scope in scopes] == [True, False, False]


# With real connections.


@pytest.fixture(params=[True, False], ids=["taken over", "public way"])
async def running(
    request: pytest.FixtureRequest, settings: Settings, quick: None
) -> AsyncIterator[tuple[Site, int, bool]]:
    async with served(settings, takes_over=request.param) as (site, port):
        yield site, port, request.param


Running = tuple[Site, int, bool]


async def test_head_opening_blocks_and_end_are_a_whole_response(running: Running) -> None:
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    peer = await Peer.connect(port)
    peer.ask(f"/rooms/{room}/events", asha)
    raw = await peer.until(lambda raw: b"id: 3\n\n" in raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 \r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n")[1:])}
    assert fields[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert fields[b"cache-control"] == b"no-store, no-transform"
    assert fields[b"x-accel-buffering"] == b"no"
    assert fields[b"transfer-encoding"] == b"chunked"
    assert b"date" in fields
    assert b"content-encoding" not in fields
    assert b"content-length" not in fields
    assert body.startswith(b"7\r\nid: 3\n\n\r\n"), "the opening alone is the first chunk"
    await asha.say(room, "on the wire")
    await peer.until(lambda raw: b"on the wire" in raw)
    site.hub.drain()
    chunks = unchunked(_body(await peer.whole()))
    assert chunks[0] == b"id: 3\n\n"
    assert b"event: bye" in chunks[-1]
    await until(lambda: site.hub.open_streams == 0, "no stream")


def _body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


async def test_for_http_1_0_there_are_no_chunks(running: Running) -> None:
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha)
    peer = await Peer.connect(port)
    peer.ask(f"/rooms/{room}/events", asha, version="1.0")
    await peer.until(lambda raw: b"\r\n\r\nid: 0\n\n" in raw)
    await asha.say(room, "in the old way")
    raw = await peer.until(lambda raw: b"in the old way" in raw)
    assert b"ransfer-" not in raw
    site.hub.drain()
    raw = await peer.rest()
    body = _body(raw)
    assert body.startswith(b"id: 0\n\n")
    assert re.search(rb"\n\nevent: bye\nretry: \d+\ndata: bye\n\n\Z", body), body[-200:]


async def test_a_stream_may_follow_other_requests_on_its_connection(running: Running) -> None:
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha)
    peer = await Peer.connect(port)
    for number in range(1, 4):
        peer.ask("/healthz")
        await peer.until(lambda raw, number=number: raw.count(b"\r\n\r\nok\n") == number)  # type: ignore[misc]
    peer.raw = b""
    peer.ask(f"/rooms/{room}/events", asha)
    await peer.until(lambda raw: b"id: 0\n\n" in raw)
    await asha.say(room, "third time lucky")
    raw = await peer.until(lambda raw: b"third time lucky" in raw)
    assert raw.count(b"HTTP/1.1") == 1
    peer.hang_up()
    await until(lambda: site.hub.open_streams == 0, "no stream")


async def test_what_is_too_large_for_any_buffer_arrives_in_order(running: Running) -> None:
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha)
    for number in range(1, 41):
        await asha.say(room, f"{number} " + "\u0915" * 9_000)
    peer = await Peer.connect(port)
    peer.ask(f"/rooms/{room}/events?since=0", asha)
    await peer.until(lambda raw: b'id="message-40"' in raw and raw.endswith(b"\r\n"))
    await asha.say(room, "and on")
    await peer.until(lambda raw: b"and on" in raw)
    site.hub.drain()
    body = b"".join(unchunked(_body(await peer.whole())))
    assert [int(seq) for seq in re.findall(rb'<article id="message-(\d+)"', body)] == list(range(1, 42))


async def test_a_head_alone_and_a_refusal_leave_the_connection_to_hypercorn(running: Running) -> None:
    site, port, _ = running
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    peer = await Peer.connect(port)
    peer.ask(f"/rooms/{room}/events", asha, method="HEAD")
    await peer.until(lambda raw: b"\r\n\r\n" in raw)
    peer.raw = b""
    peer.ask(f"/rooms/{room}/events", ravi)
    await peer.until(lambda raw: raw.startswith(b"HTTP/1.1 404"))
    await asyncio.sleep(0.05)
    peer.hang_up()
    assert site.hub.open_streams == 0


def tasks() -> Counter[str]:
    return Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())  # type: ignore[union-attr]


@on_sqlite
async def test_nothing_of_hypercorn_is_left_for_a_stream(settings: Settings, quick: None) -> None:
    """Neither its connection's task, nor the application's, nor one of ours."""
    async with served(settings) as (site, port):
        asha = await site.person("asha")
        room = await site.room(asha)
        before = tasks()
        peers = [await Peer.connect(port) for _ in range(20)]
        for peer in peers:
            peer.ask(f"/rooms/{room}/events", asha)
            await peer.until(lambda raw: b"id: 0\n\n" in raw)
        assert site.hub.open_streams == 20
        await until(lambda: tasks() - before == Counter(), f"no task more: {tasks() - before}")
        await asha.say(room, "to all of them")
        for peer in peers:
            await peer.until(lambda raw: b"to all of them" in raw)
        for peer in peers:
            peer.hang_up()
        await until(lambda: site.hub.open_streams == 0, "no stream")
        await until(lambda: tasks() - before == Counter(), "no task left")


async def leave_at_some_moment(port: int, asha: Any, room: str, chance: random.Random) -> None:
    """Somewhere between the first byte of the request and the first blocks of the stream."""
    peer = await Peer.connect(port)
    path = f"/rooms/{room}/{chance.choice(['events', 'events', 'live'])}"
    moment = chance.randrange(6)
    if moment == 0:
        peer.writer.write(f"GET {path} HTTP/1.1\r\nHost: loc".encode())
    else:
        peer.ask(path, asha, version=chance.choice(["1.0", "1.1"]))
    if moment in {2, 3}:
        await asyncio.sleep(chance.random() * 0.02)
    elif moment == 4:
        await peer.until(lambda raw: b"\r\n\r\n" in raw)
    elif moment == 5:
        await peer.until(lambda raw: b"id: " in raw or b"<body" in raw)
        await asyncio.sleep(chance.random() * 0.01)
    peer.hang_up(hard=chance.random() < 0.5)


async def test_who_hangs_up_at_whatever_moment_leaves_nothing_behind(running: Running) -> None:
    site, port, _ = running
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    before = tasks()
    chance = random.Random(11)
    watching = await Peer.connect(port)
    watching.ask(f"/rooms/{room}/events", ravi)
    await watching.until(lambda raw: b"id: 0\n\n" in raw)
    with logged() as said:
        for number in range(20):
            leaving = [leave_at_some_moment(port, asha, room, chance) for _ in range(8)]
            await asyncio.gather(*leaving, asha.say(room, f"message {number}"))
        await until(lambda: site.hub.open_streams == 1, "only who stays has a stream")
        await watching.until(lambda raw: b"message 19" in raw)
        person = await asha.person()

        async def none() -> bool:
            return await site.hub.presence.streams_of(person.id) == 0

        await until(none, "no stream is counted")
        room_id = site.hub._pumps.keys()
        assert len(room_id) == 1
        await until(lambda: len(site.hub._pumps[next(iter(room_id))].readers) == 1, "one reader in the room")

        async def is_gone() -> bool:
            return asha.id not in await site.hub.presence.online(next(iter(room_id)))

        await until(is_gone, "she is not online")
        watching.hang_up()
        await until(lambda: site.hub.open_streams == 0, "no stream")
        assert not site.hub._pumps
        await until(lambda: tasks() - before == Counter(), "no task left")
    assert "Traceback" not in said.getvalue(), said.getvalue()
    assert '"level": "error"' not in said.getvalue(), said.getvalue()


async def test_requests_that_a_client_sends_behind_a_stream_s_do_no_harm(running: Running) -> None:
    """HTTP allows it. A stream never ends by itself, so they are not answered; and a second stream takes over nothing."""
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha)
    before = tasks()
    with logged() as said:
        for second in (f"/rooms/{room}/events", "/healthz"):
            for _ in range(5):
                peer = await Peer.connect(port)
                peer.ask(f"/rooms/{room}/events", asha)
                peer.ask(second, asha)
                await peer.until(lambda raw: b"id: " in raw)
                await asha.say(room, "heard once")
                raw = await peer.until(lambda raw: b"heard once" in raw)
                await asyncio.sleep(0.02)
                assert raw.count(b"HTTP/1.1 ") == 1
                assert site.hub.open_streams == 1
                peer.hang_up()
                if not running[2]:
                    # hypercorn does not read on, and so does not hear that the peer has gone, until something is written.
                    await asha.say(room, "is anybody there?")
                    await asha.say(room, "hello?")
                await until(lambda: site.hub.open_streams == 0, "no stream")
        if running[2]:
            await until(lambda: tasks() - before == Counter(), "no task left")
    assert "Traceback" not in said.getvalue(), said.getvalue()
    assert "AttributeError" not in said.getvalue(), said.getvalue()


async def test_a_client_that_pours_bytes_into_its_stream_is_cut_off(settings: Settings, quick: None) -> None:
    async with served(settings) as (site, port):
        asha = await site.person("asha")
        room = await site.room(asha)
        peer = await Peer.connect(port)
        peer.ask(f"/rooms/{room}/events", asha)
        await peer.until(lambda raw: b"id: " in raw)
        for _ in range(200):
            peer.writer.write(b"x" * 1000)
        await until(lambda: site.hub.open_streams == 0, "no stream")


async def test_a_server_stops_at_once_with_open_streams(running: Running) -> None:
    site, port, _ = running
    asha = await site.person("asha")
    room = await site.room(asha)
    peers = [await Peer.connect(port) for _ in range(10)]
    for peer in peers:
        peer.ask(f"/rooms/{room}/events", asha)
        await peer.until(lambda raw: b"id: " in raw)
    loop = asyncio.get_running_loop()
    began = loop.time()
    site.hub.drain()
    await site.hub.empty()
    assert site.hub.open_streams == 0
    assert loop.time() - began < 2
    for peer in peers:
        assert b"event: bye" in await peer.whole()


async def test_who_does_not_take_the_last_block_is_cut_off_in_the_end(settings: Settings, quick: None) -> None:
    """Their connection would hold up the whole server: from Python 3.12 on it waits for all that it ever accepted."""
    async with served(settings) as (site, port):
        asha = await site.person("asha")
        room = await site.room(asha)
        narrow = socket.socket()
        narrow.setblocking(False)
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", port))
        peer = Peer(*await asyncio.open_connection(sock=narrow))
        peer.ask(f"/rooms/{room}/events", asha)
        await peer.until(lambda raw: b"id: " in raw)
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        [reader] = site.hub._open
        assert reader.wire
        for _ in range(2000):
            if reader.wire.waiting:
                break
            await asha.say(room, "x" * 9_900)
        assert reader.wire.waiting
        site.hub.drain()
        await site.hub.empty(within=0.5)
        await until(lambda: site.hub.open_streams == 0, "no stream", seconds=1)
        peer.hang_up(hard=True)
