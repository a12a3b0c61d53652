"""A reader that cannot keep up: passing things go first, then the connection; memory for it is bounded."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from sampark.live import frames, hub, watch, wire
from sampark.live.reader import Reader
from sampark.live.wire import MOST_PASSING, MOST_WAITING, QueueWire
from tests.live.fakes import FakeWire, Watchman, enter, reader_at, sit_down
from tests.support import Site, law, until


async def test_a_reader_ends_once_and_says_its_last_words_once() -> None:
    reader, wire = reader_at()
    reader.end(b"bye")
    reader.end(b"bye")
    assert (wire.last, reader.is_ended) == (b"bye", True)
    reader, wire = reader_at()
    reader.abort()
    reader.end(b"bye")
    assert (wire.is_aborted, wire.last) == (True, None)


async def test_a_reader_passes_on_how_its_wire_fares() -> None:
    reader, _ = reader_at()
    for tell in (reader.slow, reader.swift, reader.lost):
        tell()
    assert isinstance(reader._keeper, Watchman)
    assert reader._keeper.said == ["slow", "swift", "lost"]
    assert reader.is_ended


def test_an_open_stream_s_reader_has_room_for_nothing_but_what_is_known() -> None:
    reader, _ = reader_at()
    assert not hasattr(reader, "__dict__")


async def test_typing_and_presence_are_dropped_first(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    slow, line = await sit_down(site, ravi, room)
    swift, other = await sit_down(site, mina, room)
    await until(lambda: b"#members" in b"".join(other.written), "who is here")
    line.is_slow, line.waiting = True, MOST_PASSING + 1
    slow.slow()
    before = len(line.written)
    await asha.post(f"/rooms/{room}/typing")
    await until(lambda: b"<bdi>asha</bdi> is typing" in b"".join(other.written), "who types")
    await asha.say(room, "what is owed")
    await line.reaches(1)
    assert [b"what is owed" in block for block in line.written[before:]] == [True]
    line.is_slow, line.waiting = False, 0
    slow.swift()
    await asha.post(f"/rooms/{room}/typing")
    await until(lambda: b"<bdi>asha</bdi> is typing" in b"".join(line.written), "who types, for whoever has caught up")
    for reader in (slow, swift):
        reader.lost()


async def takes_nothing(site: Site, reader: Reader, opened: asyncio.Future[QueueWire]) -> None:
    """What the response's generator is while nobody takes its last piece."""
    try:
        wire = QueueWire(reader)
        site.hub.attach(reader, wire)
        opened.set_result(wire)
        await asyncio.Event().wait()
    finally:
        reader.lost()


async def test_a_reader_that_takes_nothing_costs_a_bounded_amount_and_comes_back_to_everything(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        slow = await enter(site, ravi, room)
        opened: asyncio.Future[QueueWire] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(takes_nothing(site, slow, opened))
        line = await opened
        most = 0
        for number in range(60):
            if slow.is_ended:
                break
            # One message at a time: what comes within the pace is written as one piece.
            before = line.waiting
            await asha.say(room, f"{number} " + "x" * 9_900)
            await until(lambda before=before: slow.is_ended or line.waiting > before, "the message")
            most = max(most, line.waiting)
        await until(lambda: slow.is_ended, "the end of the slow reader")
        assert MOST_PASSING < most <= MOST_WAITING + 20_000
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled()
        assert site.hub.open_streams == 1
        assert b"sampark_stream_queue_dropped_total 1.0" in site.parts.metrics.text().encode()
        await follower.check()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WATCH", 0.05)
    monkeypatch.setattr(wire, "STUCK", 0.1)


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_vanished_silently_is_given_up(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    vanished = await enter(site, asha, room)
    opened: asyncio.Future[QueueWire] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(takes_nothing(site, vanished, opened))
    await opened
    await asha.say(room, "x")
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
    await until(lambda: site.hub.open_streams == 0, "no stream")
    assert not site.hub._pumps


async def test_who_is_lost_before_the_first_byte_leaves_nothing(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    reader = await enter(site, asha, room)
    assert site.hub.open_streams == 1
    reader.lost()
    wire = FakeWire()
    site.hub.attach(reader, wire)
    assert wire.is_aborted, "whoever was lost is not told anything"
    reader.lost()
    assert site.hub.open_streams == 0
    assert not site.hub._pumps
    person = await asha.person()

    async def none() -> bool:
        return await site.hub.presence.streams_of(person.id) == 0

    await until(none, "no stream is counted")


async def test_after_its_last_words_a_reader_is_told_nothing_more(site: Site) -> None:
    """A server that drains, and a peer that takes its last block slowly while others still post."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    reader, line = await sit_down(site, ravi, room)
    await until(lambda: b"#members" in b"".join(line.written), "who is here")
    site.hub.drain()
    assert line.last is not None
    assert line.last.startswith(b"event: bye")
    await asha.say(room, "while it drains")
    await asha.post(f"/rooms/{room}/typing")
    await asyncio.sleep(0.1)
    assert line.late == []
    reader.lost()


async def test_when_nothing_comes_there_is_a_heartbeat(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert frames.HEARTBEAT <= 15
    monkeypatch.setattr(hub, "HEARTBEAT", 2.5)
    asha = await site.person("asha")
    reader, line = await sit_down(site, asha, await site.room(asha))
    await until(lambda: b":\n\n" in line.written, "a heartbeat")
    loop = asyncio.get_running_loop()
    # Looked for each second: none comes later than it should.
    beats: list[float] = []
    write = line.write

    def noted(framed: bytes) -> None:
        beats.append(loop.time())
        write(framed)

    line.write = noted  # type: ignore[method-assign]
    pump = site.hub._pumps[reader.room_id]
    pump.live.remove(reader)
    pump.live.add(reader)
    await until(lambda: len(beats) >= 3, "three more")
    assert max(later - earlier for earlier, later in itertools.pairwise(beats)) < 2.5
    reader.lost()
