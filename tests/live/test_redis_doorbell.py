"""Several processes on one PostgreSQL and one Redis: rings reach all of them, and nothing is lost while Redis is away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from sampark import db
from sampark.access import Person
from sampark.live import hub, redis_doorbell
from sampark.live.doorbell import Ring
from sampark.live.redis_doorbell import RedisDoorbell
from tests.databases import serving, settings_for
from tests.services import RedisServer, Services
from tests.support import Browser, Site, law, logged, room_row, until


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    with Services() as services:
        yield services.start_redis(tmp_path, own=True)


@contextlib.asynccontextmanager
async def two_processes(url: str, redis: str, folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    """Two whole applications that share only PostgreSQL and Redis. (They also share the pool, which Tortoise wants.)"""
    settings = settings_for(folder, url, redis)
    async with serving(settings) as one:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(db, "open_database", _nothing)
            patch.setattr(db, "close_database", _nothing)
            async with serving(settings) as other:
                for site in (one, other):
                    await until(lambda site=site: site.hub.bell.is_whole, "a doorbell that works")  # type: ignore[misc]
                yield one, other


async def _nothing(*_: object) -> None:
    pass


@pytest.fixture
async def sites(
    empty_postgres: str, redis_url: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Site, Site]]:
    # Long, so that whatever arrives came by a ring.
    monkeypatch.setattr(hub, "LOOK_EVERY", 60)
    async with two_processes(empty_postgres, redis_url, tmp_path) as both:
        yield both


async def subscribed(url: str, room: str, times: int) -> None:
    """So many processes listen to this room's channel now."""
    channel = f"sampark:ring:{(await room_row(room))['id']}"
    async with Redis.from_url(url) as redis:

        async def are() -> bool:
            return (await redis.pubsub_numsub(channel))[0][1] >= times

        await until(are, f"{times} subscriptions")


def at(site: Site, person: Browser) -> Browser:
    """The same browser at another process."""
    there = Browser(site, person.name, person.id)
    for name, value in person.cookies.items():
        there.client.set_cookie("localhost", name, value)
    return there


async def test_what_is_posted_at_one_process_arrives_at_the_other(sites: tuple[Site, Site]) -> None:
    one, other = sites
    asha, ravi = await one.people("asha", "ravi")
    room = await one.room(asha, ravi)
    async with law(at(other, ravi), room), law(asha, room):
        await asha.say(room, "across")
        await at(other, ravi).say(room, "and back")
        await asha.unsay(room, 1)
        await ravi.rename("Ravi K")


async def test_a_rename_shows_in_every_process(sites: tuple[Site, Site]) -> None:
    one, other = sites
    asha, ravi = await one.people("asha", "ravi")
    room = await one.room(asha, ravi)
    await asha.say(room, "x")
    pages = [(await at(site, ravi).room(room)).articles for site in sites]
    assert pages[0] == pages[1]
    async with law(at(other, ravi), room):
        await asha.rename("New name")
    assert (await at(one, ravi).room(room)).articles == (await at(other, ravi).room(room)).articles


async def test_leaving_signing_out_and_deleting_end_streams_of_other_processes(sites: tuple[Site, Site]) -> None:
    one, other = sites
    asha, ravi, mina = await one.people("asha", "ravi", "mina")
    room = await one.room(asha, ravi, mina)
    left, out, deleted = [await at(other, person).stream(room) for person in (ravi, mina, asha)]
    await left.wait_for("#members")
    await ravi.leave(room)
    assert (await left.gone()).data == "left"
    await mina.post("/logout")
    assert (await out.gone()).data == "signed-out"
    await asha.post(f"/rooms/{room}/delete")
    assert (await deleted.gone()).data == "deleted"


async def test_typing_presence_and_marks_cross_too(sites: tuple[Site, Site], redis_url: str) -> None:
    one, other = sites
    asha, ravi = await one.people("asha", "ravi")
    room, second = await one.room(asha, ravi), await one.room(asha, ravi)
    here, there = await asha.stream(room), await at(other, ravi).stream(room)
    await here.wait_for('data-username="ravi" data-online="true"')
    await there.wait_for('data-username="asha" data-online="true"')
    for each in (room, second):
        await subscribed(redis_url, each, 2)
    await asha.post(f"/rooms/{room}/typing")
    await there.wait_for("<bdi>asha</bdi> is typing")
    await asha.say(second, "news")
    await there.wait_for(f"data-room='{second}'")
    await there.close()
    await here.wait(lambda: 'data-username="ravi" data-online="false"' in here.blocks[-1].data, "ravi gone")


async def test_streams_are_counted_over_all_processes(sites: tuple[Site, Site]) -> None:
    one, other = sites
    asha = await one.person("asha")
    room = await one.room(asha)
    person: Person = await asha.person()
    streams = [await at(site, asha).stream(room) for site in (one, other, other)]
    for site in sites:
        assert await site.hub.presence.streams_of(person.id) == 3
    for stream in streams:
        await stream.close()

    async def none() -> bool:
        return await one.hub.presence.streams_of(person.id) == 0

    await until(none, "none left")


async def test_redis_killed_and_started_again_loses_nothing(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "LOOK_OFTEN", 0.2)
    async with two_processes(empty_postgres, mortal.url, tmp_path) as (one, other):
        asha, ravi = await one.people("asha", "ravi")
        room = await one.room(asha, ravi)
        async with law(at(other, ravi), room) as follower, law(asha, room):
            await asha.say(room, "before")
            await follower.stream.wait_for("before")  # type: ignore[union-attr]
            await asyncio.to_thread(mortal.kill)
            await asha.say(room, "while Redis is away")
            await follower.stream.wait_for("while Redis is away")  # type: ignore[union-attr]
            assert (await asha.room(room)).status == 200
            ready = await asha.get("/readyz")
            assert ready.status == 503
            assert "redis is away" in ready.text
            await asyncio.to_thread(mortal.start)
            await until(lambda: one.hub.bell.is_whole and other.hub.bell.is_whole, "doorbells that work again", 20)
            monkeypatch.setattr(hub, "LOOK_OFTEN", 60)
            await asha.say(room, "after")
            await follower.stream.wait_for("after")  # type: ignore[union-attr]
        assert (await asha.get("/readyz")).status == 200


async def test_who_leaves_right_after_redis_died_is_gone_from_every_process(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process had already begun the long pause that it makes while rings arrive."""
    monkeypatch.setattr(hub, "LOOK_EVERY", 60)
    async with two_processes(empty_postgres, mortal.url, tmp_path) as (one, other):
        asha, ravi = await one.people("asha", "ravi")
        room = await one.room(asha, ravi)
        stream = await at(other, ravi).stream(room)
        await asyncio.sleep(2.5)  # two short pauses, as always after a start
        await asyncio.to_thread(mortal.kill)
        await ravi.leave(room)
        await asha.say(room, "now that ravi is away")
        assert (await stream.gone(4)).data == "left"
        assert "now that ravi is away" not in stream.text


async def test_a_frozen_redis_holds_up_no_post(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_doorbell, "_SILENCE", 1.0)
    monkeypatch.setattr(hub, "LOOK_OFTEN", 0.2)
    async with two_processes(empty_postgres, mortal.url, tmp_path) as (one, other):
        asha, ravi = await one.people("asha", "ravi")
        room = await one.room(asha, ravi)
        async with law(at(other, ravi), room):
            mortal.freeze()
            try:
                await asha.say(room, "through")
                await until(lambda: not other.hub.bell.is_whole, "silence is noticed")
                await asha.say(room, "and through")
            finally:
                mortal.resume()


async def channels(url: str) -> set[str]:
    """Of rooms that somebody listens to, and nobody by pattern."""
    async with Redis.from_url(url) as redis:
        assert await redis.pubsub_numpat() == 0
        names: list[Any] = await redis.pubsub_channels("sampark:ring:[0-9]*")
        return {name.decode() for name in names}


async def ring_of(room: str) -> str:
    return f"sampark:ring:{(await room_row(room))['id']}"


async def test_a_process_listens_to_the_rooms_of_its_readers_and_to_no_others(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_doorbell, "_LINGER", 0.5)
    async with two_processes(empty_postgres, mortal.url, tmp_path) as (one, other):
        asha, ravi, mina = await one.people("asha", "ravi", "mina")
        room, theirs, foreign = await one.room(asha, ravi), await one.room(asha), await one.room(mina)
        assert await channels(mortal.url) == set()
        stream = await ravi.stream(room)
        second = await at(other, ravi).stream(room)
        await subscribed(mortal.url, room, 2)
        # Not to one that its reader may read but somebody else only, and not to one that nobody here is in.
        assert await channels(mortal.url) == {await ring_of(room)}
        hers = await asha.stream(room)
        await subscribed(mortal.url, theirs, 1)  # for the mark in her list of rooms
        assert await channels(mortal.url) == {await ring_of(room), await ring_of(theirs)}
        for reader in (stream, hers):
            await reader.close()

        async def is_quiet() -> bool:
            return await channels(mortal.url) == {await ring_of(room)}

        await until(is_quiet, "her other room is given up")
        await subscribed(mortal.url, room, 1)
        await second.close()

        async def is_silent() -> bool:
            return await channels(mortal.url) == set()

        await until(is_silent, "nothing is listened to")
        async with law(at(other, ravi), room):
            await asha.say(room, "listened to again")
        assert await channels(mortal.url) <= {await ring_of(room), await ring_of(theirs)}
        assert await ring_of(foreign) not in await channels(mortal.url)


async def test_a_room_is_listened_to_a_while_after_its_last_reader_left(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload must not cost two commands, nor the rings between them."""
    assert redis_doorbell._LINGER == 30
    async with serving(settings_for(tmp_path, empty_postgres, mortal.url)) as site:
        asha = await site.person("asha")
        room = await site.room(asha)
        stream = await asha.stream(room)
        await subscribed(mortal.url, room, 1)
        async with Redis.from_url(mortal.url) as redis:

            async def asked() -> int:
                statistics = await redis.info("commandstats")
                return sum(
                    int(statistics.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("subscribe", "unsubscribe")
                )

            before = await asked()
            for _ in range(3):
                await stream.close()
                await asyncio.sleep(0.3)
                stream = await asha.stream(room)
            assert await asked() == before
            assert await channels(mortal.url) == {await ring_of(room)}


async def test_subscriptions_made_anew_say_that_something_may_have_been_missed(
    mortal: RedisServer, empty_postgres: str, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis drops who listens too slowly, and the client comes back by itself, without a word but the acknowledgements."""
    monkeypatch.setattr(hub, "LOOK_EVERY", 60)
    monkeypatch.setattr(hub, "LOOK_OFTEN", 60)
    async with two_processes(empty_postgres, mortal.url, tmp_path) as (one, other):
        asha, ravi, mina = await one.people("asha", "ravi", "mina")
        room = await one.room(asha, ravi, mina)
        async with law(at(other, ravi), room) as follower:
            left = await at(other, mina).stream(room)
            await subscribed(mortal.url, room, 1)
            assert follower.stream
            with monkeypatch.context() as lost:
                lost.setattr(one.hub.bell._waiting, "put_nowait", lambda ring: None)  # type: ignore[attr-defined]
                await asha.say(room, "nobody rang for this")
                await mina.leave(room)
                await asyncio.sleep(0.3)
                assert "nobody rang" not in follower.stream.text
            async with Redis.from_url(mortal.url) as redis:
                await redis.client_kill_filter(_type="pubsub", skipme=True)
            await follower.stream.wait_for("nobody rang for this")
            assert (await left.gone(5)).data == "left"


def test_each_acknowledgement_of_a_room_s_channel_causes_a_look_at_everything() -> None:
    bell = RedisDoorbell(None)  # type: ignore[arg-type]
    heard: list[Ring] = []
    bell._answer = heard.append
    for _ in range(2):
        bell._hear({"type": "subscribe", "channel": b"sampark:ring:7", "data": 1}, set())
    assert {(ring.kind, ring.subject, ring.value) for ring in heard} == {("v", 7, 0), ("a", 7, 0), ("p", 7, 0)}
    assert len(heard) == 6
    for channel in (b"sampark:ring:all", bell._name.encode(), b"sampark:ring:"):
        bell._hear({"type": "subscribe", "channel": channel, "data": 1}, set())
    bell._hear({"type": "unsubscribe", "channel": b"sampark:ring:7", "data": 1}, set())
    assert len(heard) == 6


async def test_rings_wait_for_nobody_and_only_so_many_of_them(mortal: RedisServer) -> None:
    async with Redis.from_url(mortal.url, socket_timeout=5) as redis:
        bell = RedisDoorbell(redis)
        heard: list[Ring] = []
        await bell.start(heard.append)
        await until(lambda: bell.is_whole, "a doorbell that works")
        mortal.freeze()
        try:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(30_000):
                bell.changed(7, number)
            assert loop.time() - began < 2, "a ring waits"
            assert len(heard) == 30_000, "in this process all are heard"
            assert bell._waiting.qsize() <= redis_doorbell._MOST_WAITING == 10_000
            # What is stale by the time that Redis is back is not published at all.
            await until(lambda: bell._waiting.qsize() < 100, "the queue is given up", 5)
        finally:
            mortal.resume()
            await bell.stop()


async def test_silence_is_noticed_although_the_connection_stands(
    mortal: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hanging Redis, or a router in between that forgot the connection: only an answer shows that somebody listens."""
    assert redis_doorbell._SILENCE == 10
    monkeypatch.setattr(redis_doorbell, "_SILENCE", 1.0)
    async with Redis.from_url(mortal.url, socket_timeout=5) as redis:
        bell = RedisDoorbell(redis)
        heard: list[Ring] = []
        await bell.start(heard.append)
        try:
            bell.listen(7)
            await until(lambda: bell.is_whole and heard, "a doorbell that works")
            heard.clear()
            mortal.freeze()
            await until(lambda: not bell.is_whole, "silence is noticed", 3)
            await until(lambda: Ring("v", 7) in heard, "the room is looked at", 5)
            await until(lambda: Ring("a", 7) in heard, "and everybody there asked for at the door", 5)
            heard.clear()
            mortal.resume()
            await until(lambda: bell.is_whole, "it works again", 15)
            await until(lambda: Ring("v", 7) in heard, "the room is looked at once more")
        finally:
            mortal.resume()
            await bell.stop()


FORGED = [
    "<script>alert(1)</script>",
    "x v {room} <svg/onload=alert(1)>",
    "x v {room} 99999",
    "x v {room} -1",
    "x t {room} {stranger}",
    "x t {room} 99999999999999999999999999",
    "x t {room} -99999999999999999999999999",
    "x t {room} 0",
    "x p {room} 0",
    "x a {room} 0",
    "x s {member} 0",
    "x v 99999999999999999999999999 1",
    "x z {room} 1",
    "",
    "\x00\xff",
    "x" * 1_000_000,
]


async def test_forged_rings_become_nothing_anyone_sees(sites: tuple[Site, Site], redis_url: str) -> None:
    one, _ = sites
    asha, ravi, stranger = await one.people("asha", "ravi", "stranger")
    room = await one.room(asha, ravi)
    room_id = (await room_row(room))["id"]
    async with law(ravi, room) as follower:
        stream = follower.stream
        assert stream
        await subscribed(redis_url, room, 1)
        async with Redis.from_url(redis_url) as redis:
            for forged in FORGED:
                text = forged.format(room=room_id, member=ravi.id, stranger=stranger.id)
                for channel in (f"sampark:ring:{room_id}", "sampark:ring:all"):
                    assert await redis.publish(channel, text) > 0
        await asha.say(room, "all is well")
        await stream.wait_for("all is well")
        assert not stream.ended
        assert "alert" not in stream.text
        assert "99999" not in stream.text
        assert "stranger" not in stream.text
        assert "is typing" not in stream.text


async def test_a_forged_number_delays_nobody(sites: tuple[Site, Site], redis_url: str) -> None:
    """A number that no database holds must not make the room's delivery fail and pause."""
    one, _ = sites
    asha = await one.person("asha")
    room = await one.room(asha)
    stream = await asha.stream(room)
    await subscribed(redis_url, room, 1)
    room_id = (await room_row(room))["id"]
    with logged() as said:
        async with Redis.from_url(redis_url) as redis:
            await redis.publish(f"sampark:ring:{room_id}", f"x t {room_id} {10**30}")
            await asyncio.sleep(0.1)
        await asha.say(room, "on time")
        await stream.wait_for("on time")
    assert "pump_failed" not in said.getvalue()


async def test_it_stops_at_once_whatever_it_is_doing(redis_url: str) -> None:
    """A process that is told to stop has ten seconds for everything."""
    hanging = 0
    for turn in range(40):
        async with Redis.from_url(redis_url, socket_timeout=5) as redis:
            bell = RedisDoorbell(redis)
            await bell.start(lambda ring: None)
            await asyncio.sleep(turn % 10 / 1000)
            stopping = asyncio.create_task(bell.stop())
            _, late = await asyncio.wait({stopping}, timeout=3)
            hanging += len(late)
            tasks = [task for task in bell._tasks if not task.done()]
            while tasks:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks, timeout=0.1)
                tasks = [task for task in tasks if not task.done()]
            await stopping
        if hanging:
            break
    assert not hanging


async def test_stopping_while_streams_are_open_ends_cleanly(
    empty_postgres: str, redis_url: str, tmp_path: Path, quick: None
) -> None:
    for _ in range(3):
        async with serving(settings_for(tmp_path, empty_postgres, redis_url)) as site:
            people = [await site.person() for _ in range(5)]
            room = await site.room(people[0], *people[1:])
            streams = [await person.stream(room) for person in people]
            site.hub.drain()
            await site.hub.stop()
            for stream in streams:
                await stream.wait(lambda stream=stream: stream.ended, "the end")  # type: ignore[misc]


def test_only_four_words_of_another_process_are_a_ring() -> None:
    bell = RedisDoorbell(None)  # type: ignore[arg-type]
    assert bell._read("other v 7 12") == Ring("v", 7, 12)
    for text in (
        "",
        "v 7 12",
        f"{bell._name} v 7 12",
        "other x 7 12",
        "other v seven 12",
        "other v 7 12 9",
        "other v 7 <b>",
        "other v 7 1" + "0" * 200,
    ):
        assert bell._read(text) is None
