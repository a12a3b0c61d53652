"""A reader that cannot keep up: passing things go first, then the connection; memory for it is bounded."""

from __future__ import annotations

import asyncio

import pytest

from sampark import access
from sampark.access import Seat
from sampark.fragments import Fragments
from sampark.live import hub, reader
from sampark.live.frames import EventFrames
from sampark.live.reader import MOST_PASSING, MOST_WAITING, Reader
from tests.support import Site, law, until


def slow_reader() -> Reader:
    return Reader(1, Seat(1, 1), EventFrames(Fragments(), "en"), 0)


async def test_all_that_waits_goes_in_one_piece_and_in_order() -> None:
    slow = slow_reader()
    for piece in (b"a", b"b", b"c"):
        slow.give(piece)
    assert await slow.take() == b"abc"
    slow.give(b"d")
    slow.end(b"last")
    slow.give(b"after the end")
    assert await slow.take() == b"dlast"
    assert await slow.take() is None
    assert await slow.take() is None


async def test_typing_and_presence_are_dropped_first() -> None:
    slow = slow_reader()
    slow.give(b"x" * MOST_PASSING)
    slow.mention(b"passing")
    slow.give(b"durable")
    assert await slow.take() == b"x" * MOST_PASSING + b"durable"
    slow.mention(b"passing")
    assert await slow.take() == b"passing"


async def test_beyond_the_bound_the_connection_ends_and_no_block_is_skipped() -> None:
    slow = slow_reader()
    block = b"x" * 10_000
    while not slow.is_ended:
        slow.give(block)
    waiting = await slow.take() or b""
    assert MOST_WAITING <= len(waiting) + len(block) <= MOST_WAITING + 2 * len(block)
    assert len(waiting) % len(block) == 0
    assert await slow.take() is None


async def test_one_block_larger_than_the_bound_still_goes_out() -> None:
    slow = slow_reader()
    slow.give(b"x" * (MOST_WAITING * 3))
    assert not slow.is_ended
    assert len(await slow.take() or b"") == MOST_WAITING * 3


async def test_memory_stays_bounded_whatever_is_mentioned() -> None:
    slow = slow_reader()
    for _ in range(100_000):
        slow.mention(b"x" * 100)
    assert len(await slow.take() or b"") <= MOST_PASSING + 100


async def test_when_nothing_comes_there_is_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader.HEARTBEAT <= 15
    monkeypatch.setattr(reader, "HEARTBEAT", 0.01)
    assert (await slow_reader().take() or b"").startswith(b":")


async def test_who_takes_nothing_is_stuck_and_who_takes_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "STUCK", 0.0)
    slow = slow_reader()
    assert not slow.is_stuck
    slow.give(b"x")
    await asyncio.sleep(0.001)
    assert slow.is_stuck
    await slow.take()
    assert not slow.is_stuck


async def test_a_reader_that_takes_nothing_costs_a_bounded_amount_and_comes_back_to_everything(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    here = await access.room_for(await ravi.person(), room)
    async with law(ravi, room) as follower:
        frames = EventFrames(site.parts.fragments, "en")
        async with site.hub.reading(await ravi.person(), here, frames, here.version) as slow:
            for number in range(40):
                if slow.is_ended:
                    break
                await asha.say(room, f"{number} " + "x" * 9_900)
            await until(lambda: slow.is_ended, "the end of the slow reader")
            assert slow._size <= MOST_WAITING + 20_000
        await follower.check()


async def test_a_peer_that_vanished_silently_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "STUCK", 0.0)
    asha = await site.person("asha")
    room = await site.room(asha)
    here = await access.room_for(await asha.person(), room)
    sleep = asyncio.sleep
    monkeypatch.setattr(hub.asyncio, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    for job in site.hub._jobs[1:]:
        job.cancel()
    site.hub._jobs[1:] = [asyncio.create_task(site.hub._watch())]
    given_up = asyncio.Event()

    async def writes_into_a_dead_line() -> None:
        frames = EventFrames(site.parts.fragments, "en")
        try:
            async with site.hub.reading(await asha.person(), here, frames, here.version):
                await asyncio.Event().wait()
        finally:
            given_up.set()

    writing = asyncio.create_task(writes_into_a_dead_line())
    await asha.say(room, "x")
    async with asyncio.timeout(10):
        await given_up.wait()
    await asyncio.gather(writing, return_exceptions=True)
    await until(lambda: site.hub.open_streams == 0, "no stream")
