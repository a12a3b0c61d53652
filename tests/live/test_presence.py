"""Who is online: by a stream, by a look at the page, and no longer than that; what it costs to tell."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from typing import Any

import pytest
from redis.asyncio import Redis
from tortoise.exceptions import OperationalError

from sampark import db
from sampark.live import company, leases, presence
from sampark.live.leases import RedisLeases, ask, drop, hold, lend, release
from sampark.settings import Settings
from tests.databases import on_sqlite, serving
from tests.live.crowds import enter, people
from tests.support import Browser, Site, law, room_row, statements, until


def online(page: str) -> set[str]:
    return {*re.findall(r'<li data-username="([^"]*)" data-online="true"', page)}


async def test_who_has_a_stream_open_is_online_and_everyone_sees_it(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(asha, room) as follower:
        assert online((await asha.room(room)).text) == {"asha"}
        stream = await ravi.stream(room)
        await follower.stream.wait_for('data-username="ravi" data-online="true"')  # type: ignore[union-attr]
        assert online((await asha.get(f"/rooms/{room}/members")).text) == {"asha", "ravi"}
        await stream.close()
        await follower.check()
        await until(lambda: online(follower.screen.members) == {"asha"} or follower._read(), "ravi is offline")


async def test_the_account_is_noted_as_online_too(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)

    async def noted() -> bool:
        row = await db.one("SELECT is_online, last_seen FROM users")
        assert row
        return bool(row["is_online"])

    stream = await asha.stream(room)
    await until(noted, "online")
    await stream.close()

    async def no_more() -> bool:
        return not await noted()

    await until(no_more, "offline")
    row = await db.one("SELECT last_seen FROM users")
    assert row
    assert row["last_seen"] is not None


@on_sqlite
async def test_who_was_noted_by_an_earlier_life_is_noted_as_gone_once_the_disk_has_room(
    settings: Settings, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(settings) as site:
        await site.people("asha", "ravi")
        await db.run("UPDATE users SET is_online = ?", True)
    run, refused = db.run, []

    async def full(sql: str, *values: object, **named: object) -> int:
        if sql.startswith("UPDATE users SET is_online") and len(refused) < 5:
            refused.append(sql)
            raise OperationalError(sqlite3.OperationalError("database or disk is full"))
        return await run(sql, *values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "run", full)
    async with serving(settings) as site:
        mina = await site.person("mina")
        stream = await mina.stream(await site.room(mina))

        async def noted() -> bool:
            rows = await db.fetch("SELECT username FROM users WHERE is_online = ?", True)
            return [row["username"] for row in rows] == ["mina"]

        await until(noted, "only who is here")
        assert len(refused) == 5
        await stream.close()


async def test_a_reload_flickers_nothing(settings: object, quick: None) -> None:
    async with serving(settings, grace=60) as site:  # type: ignore[arg-type]
        asha, ravi = await site.people("asha", "ravi")
        room = await site.room(asha, ravi)
        watcher = await asha.stream(room)
        stream = await ravi.stream(room)
        await watcher.wait_for('data-username="ravi" data-online="true"')
        await stream.close()
        again = await ravi.stream(room)
        await again.close()
        await asha.say(room, "still?")
        await watcher.wait_for("still?")
        assert online((await asha.room(room)).text) == {"asha", "ravi"}
        assert (
            'data-username="ravi" data-online="false"'
            not in watcher.text[watcher.text.index('"ravi" data-online="true"') :]
        )


async def test_with_two_tabs_open_closing_one_changes_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    one, other = await ravi.stream(room), await ravi.stream(room)
    await one.close()
    await asyncio.sleep(0.15)  # longer than the grace
    assert "ravi" in online((await asha.room(room)).text)
    await other.close()

    async def nobody() -> bool:
        return "ravi" not in online((await asha.room(room)).text)

    await until(nobody, "ravi is offline")


# ---- A look without JavaScript ----


async def test_who_looks_without_a_stream_is_online_for_a_while(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "VIEW", 0.6)
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    watcher = await asha.stream(room)
    await ravi.room(room)
    await watcher.wait_for('data-username="ravi" data-online="true"')
    await watcher.wait(
        lambda: 'data-username="ravi" data-online="false"' in watcher.blocks[-1].data, "ravi's look is over", 5
    )


async def test_a_look_is_over_as_soon_as_there_is_a_stream(site: Site) -> None:
    """Whoever has JavaScript is online by the stream only: when it closes they are gone, though they looked just now."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await ravi.room(room)
    stream = await ravi.stream(room)
    await stream.close()

    async def is_gone() -> bool:
        return online((await asha.room(room)).text) == {"asha"}

    await until(is_gone, "ravi is offline")


async def test_a_page_that_opens_its_stream_rings_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    rung: list[int] = []
    monkeypatch.setattr(site.hub.bell, "people", rung.append)
    await ravi.room(room)
    await ravi.room(room)
    await ravi.stream(room)
    assert len(rung) == 1


async def test_a_strangers_look_shows_nowhere(site: Site) -> None:
    asha, mina = await site.people("asha", "mina")
    room = await site.room(asha)
    assert (await mina.get(f"/rooms/{room}")).status == 404
    assert (await mina.get(f"/rooms/{room}/members", htmx=True)).status == 404
    assert await site.hub.presence.online((await room_row(room))["id"]) == set()


async def test_an_ex_member_is_online_no_more(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(asha, room) as follower:
        await ravi.stream(room)
        await ravi.leave(room)
        await until(lambda: follower._read() or "ravi" not in follower.screen.members, "ravi is no member")


# ---- What is told, and to whom ----


async def stamp_of(browser: Browser, room: str) -> str:
    found = re.search(r"&amp;people=(\w+)", (await browser.room(room)).text)
    assert found
    return found[1]


@on_sqlite
async def test_a_page_that_shows_everyone_is_not_told_them_again(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    first = await enter(site.hub, await ravi.person(), room, await stamp_of(ravi, room))
    await asyncio.sleep(0.2)
    assert "#members" not in first.text
    second = await enter(site.hub, await asha.person(), room, await stamp_of(asha, room))
    await until(lambda: 'data-username="asha" data-online="true"' in first.text, "ravi hears of asha")
    await asyncio.sleep(0.2)
    assert "#members" not in second.text


@on_sqlite
async def test_who_comes_back_is_told_alone(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    one = await enter(site.hub, await ravi.person(), room)
    await until(lambda: "#members" in one.text, "the first block")
    before = one.size
    other = await enter(site.hub, await ravi.person(), room, None)
    await until(lambda: "#members" in other.text, "a block for the one who came back")
    assert one.size == before


@on_sqlite
async def test_who_was_too_slow_for_a_while_is_told_afterwards(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    wire = await enter(site.hub, await asha.person(), room)
    await until(lambda: "#members" in wire.text, "the first block")
    assert wire.reader
    wire.is_slow = True
    wire.reader.slow()
    await enter(site.hub, await ravi.person(), room)
    await ravi.say(other, "news")
    await asyncio.sleep(0.2)
    assert 'data-username="ravi" data-online="true"' not in wire.text
    assert other not in wire.text
    wire.is_slow = False
    wire.reader.swift()
    await until(lambda: 'data-username="ravi" data-online="true"' in wire.text, "ravi is online")
    await until(lambda: f"[data-room='{other}'] .unread" in wire.text, "the mark")


async def test_changes_are_joined_to_one_block_a_second(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "MEMBERS_EVERY", 0.5)
    asha = await site.person("asha")
    room = await site.room(asha)
    wire = await enter(site.hub, await asha.person(), room)
    for person in await people(site, room, 12):
        await enter(site.hub, person, room)
    await until(lambda: 'data-username="crowd-0011" data-online="true"' in wire.text, "all are there")
    assert wire.text.count("#members") <= 4


@on_sqlite
async def test_a_crowd_is_told_in_numbers_and_differences(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 5)
    monkeypatch.setattr(presence, "CROWD_KEPT", 0.0)
    asha = await site.person("asha")
    room = await site.room(asha)
    many = await people(site, room, 8)
    first = await enter(site.hub, await asha.person(), room)
    for person in many[:6]:
        await enter(site.hub, person, room)
    await until(lambda: "7 online of 9" in first.text, "a crowd")
    assert '<ul id="members" aria-label="Members">' in first.blocks[-1].decode()
    assert "data-username" not in first.blocks[-1].decode()
    late = await enter(site.hub, many[6], room)
    await until(lambda: "8 online of 9" in first.text, "one more")
    block = first.blocks[-1].decode()
    assert 'hx-target="#members[data-fetched] [data-username=\'crowd-0006\']" hx-swap="delete"' in block
    assert re.search(
        r'#members\[data-fetched\]" hx-swap="upsert key:data-key">\s*(data: )?<li data-username="crowd-0006"', block
    )
    assert block.count("<li") == 1
    assert late.reader
    late.reader.lost()
    await until(lambda: "7 online of 9" in first.blocks[-1].decode(), "one less")
    assert "<li" not in first.blocks[-1].decode()
    page = (await asha.room(room)).text
    assert "7 online of 9" in page
    assert "data-username" not in page
    assert f'hx-get="/rooms/{room}/members"' in page
    listed = (await asha.get(f"/rooms/{room}/members", htmx=True)).text
    assert online(listed) == {"asha", *(f"crowd-{number:04}" for number in range(6))}
    assert "data-fetched" in listed
    assert "crowd-0007" not in listed
    assert 'data-username="crowd-0007" data-online="false"' in (await asha.get(f"/rooms/{room}/members")).text


@on_sqlite
async def test_of_very_many_who_come_at_once_only_the_number_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CROWD", 5)
    monkeypatch.setattr(presence, "CROWD_KEPT", 0.0)
    monkeypatch.setattr(company, "MOST_CHANGES", 3)
    monkeypatch.setattr(company, "MEMBERS_EVERY", 0.3)
    asha = await site.person("asha")
    room = await site.room(asha)
    many = await people(site, room, 20)
    first = await enter(site.hub, await asha.person(), room)
    for person in many[:8]:
        await enter(site.hub, person, room)
    await until(lambda: "9 online of 21" in first.text, "a crowd")
    before = len(first.blocks)
    await asyncio.gather(*(enter(site.hub, person, room) for person in many[8:]))
    await until(lambda: "21 online of 21" in first.text, "all")
    assert "<li data-username" not in b"".join(first.blocks[before:]).decode()


async def test_a_long_list_of_members_has_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from sampark.chat import members

    monkeypatch.setattr(members, "PAGE", 3)
    monkeypatch.setattr(members, "SHOWN", 4)
    asha = await site.person("asha")
    room = await site.room(asha)
    await people(site, room, 6)
    path = f"/rooms/{room}/members"
    pages = [(await asha.get(path + query)).text for query in ("", "?page=2", "?page=3")]
    assert [re.findall(r'<li data-username="([^"]*)"', page) for page in pages] == [
        ["asha", "crowd-0000", "crowd-0001"], ["crowd-0002", "crowd-0003", "crowd-0004"], ["crowd-0005"],
    ]  # fmt: skip
    assert ["?page=2" in pages[0], "?page=1" in pages[1], "?page=3" in pages[1], "?page=4" in pages[2]] == [
        True, True, True, False,
    ]  # fmt: skip
    for nonsense in ("?page=-1", "?page=x", "?page=99999999999999999999"):
        assert (await asha.get(path + nonsense)).status == 200
    beside = (await asha.room(room)).text
    assert len(re.findall("<li data-username", beside)) == 4
    assert "1 online of 7" in beside
    assert "All members" in beside


@on_sqlite
async def test_who_is_online_is_shown_among_many_members(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from sampark.chat import members

    monkeypatch.setattr(members, "SHOWN", 4)
    asha = await site.person("asha")
    room = await site.room(asha)
    many = await people(site, room, 9)
    await enter(site.hub, many[8], room)
    shown = re.findall(r'<li data-username="([^"]*)" data-online="true"', (await asha.room(room)).text)
    assert shown == ["asha", "crowd-0008"]


# ---- What it costs ----


async def cost_of_coming(site: Site, count: int) -> tuple[float, float]:
    """Bytes and statements for each of so many readers, who all enter within some seconds."""
    asha = await site.person(f"host-{count}")
    room = await site.room(asha)
    everyone = await people(site, room, count, f"crowd-{count}")
    with statements() as seen:
        wires = [await enter(site.hub, person, room) for person in everyone]
        await asyncio.sleep(0.6)
    for wire in wires:
        assert wire.reader
        wire.reader.lost()
    await until(lambda: not site.hub.open_streams, "all left")
    return sum(wire.size for wire in wires) / count, len(seen) / count


@on_sqlite
@pytest.mark.timeout(300)
async def test_a_coming_costs_no_more_where_many_read(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes for each reader and statements for each reader stay where they are when there are eight times as many."""
    monkeypatch.setattr(company, "MEMBERS_EVERY", 0.25)
    async with serving(settings) as site:
        costs = {count: await cost_of_coming(site, count) for count in (50, 200, 400)}
    assert costs[200][0] <= costs[50][0] * 2
    assert costs[400][0] <= costs[50][0] * 2
    assert costs[400][1] <= costs[50][1] * 1.2


async def test_the_table_is_written_lazily(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "NOTE_EVERY", 0.5)
    async with serving(settings) as site:
        asha = await site.person("asha")
        room = await site.room(asha)
        everyone = await people(site, room, 40)
        await asyncio.sleep(0.6)
        with statements(with_notes=True) as seen:
            wires = [await enter(site.hub, person, room) for person in everyone]
            for wire in wires[:20]:
                assert wire.reader
                wire.reader.lost()

            async def is_noted() -> bool:
                row = await db.one("SELECT COUNT(*) AS many FROM users WHERE is_online = ?", True)
                return row is not None and row["many"] == 20

            await until(is_noted, "20 are online")
        assert len([text for text in seen if text.startswith("UPDATE users")]) <= 8


# ---- Leases ----


@pytest.fixture
async def two(redis_url: str) -> Any:
    """The leases of two processes on one Redis."""
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    both = RedisLeases(redis), RedisLeases(redis)
    for one in both:
        await one.start()
    yield both
    for one in both:
        await one.stop()
    await redis.aclose()


async def test_names_are_seen_by_all_processes_until_the_last_lets_go(two: Any) -> None:
    a, b = two
    assert await a.take(ask("k"), hold("k", "1"), hold("k", "1"), ask("k")) == [set(), {"1"}]
    await b.take(hold("k", "1"), hold("k", "2"))
    assert await a.take(ask("k")) == [{"1", "2"}]
    await a.take(release("k", "1"))
    await b.take(release("k", "1"))
    assert await b.take(ask("k"), ask("other")) == [{"1", "2"}, set()]
    await a.take(release("k", "1"), release("k", "1"))
    assert await b.take(ask("k")) == [{"2"}]
    assert not a.counts


async def test_what_is_lent_ends_by_itself_or_by_any_process(two: Any) -> None:
    a, b = two
    await a.take(lend("k", "soon", 0.2), lend("k", "late", 60))
    assert await b.take(ask("k")) == [{"soon", "late"}]
    await asyncio.sleep(0.3)
    assert await b.take(ask("k")) == [{"late"}]
    await b.take(drop("k", "late"))
    assert await a.take(ask("k")) == [set()]


async def test_a_process_that_dies_holds_nothing_for_long(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert leases.LIFETIME + 5 + company.MEMBERS_EVERY <= 45
    monkeypatch.setattr(leases, "LIFETIME", 1)
    a, b = two
    await a.take(hold("k", "1"))
    a._jobs[1].cancel()  # which renews

    async def is_over() -> bool:
        return await b.take(ask("k")) == [set()]

    await until(is_over, "the lease is over", 5)


async def test_while_redis_is_away_nobody_waits_for_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "PATIENCE", 0.2)
    async with asyncio.timeout(10):
        silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(60), "127.0.0.1", 0)
        redis = Redis.from_url(f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
        alone = RedisLeases(redis)
        await alone.start()
        began = asyncio.get_running_loop().time()
        assert await alone.take(hold("k", "1"), ask("k")) == [{"1"}]
        for _ in range(50):
            assert await alone.take(lend("k", "2", 5), ask("k"), drop("k", "2")) == [{"1", "2"}]
        assert asyncio.get_running_loop().time() - began < 0.6
        await alone.stop()
        await redis.aclose(close_connection_pool=True)
        silent.close()


async def test_who_leaves_while_redis_comes_back_is_not_renewed_by_the_trip_that_finds_it(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = two
    real, may_go_on, began = a._run, asyncio.Event(), asyncio.Event()

    async def slowly(asked: Any) -> Any:
        began.set()
        await may_go_on.wait()
        return await real(asked)

    a._is_away = True
    await a.take(hold("k", "1"))
    monkeypatch.setattr(a, "_run", slowly)
    renewal = asyncio.create_task(a._send_all("38"))
    await began.wait()
    await a.take(release("k", "1"))
    may_go_on.set()
    await renewal
    assert not a._is_away
    assert await b.take(ask("k")) == [{"1"}]

    async def is_gone() -> bool:
        return await b.take(ask("k")) == [set()]

    await until(is_gone, "nobody is there")


async def test_what_was_dropped_on_a_trip_that_failed_is_dropped_again(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = two
    await a.take(hold("k", "1"), hold("k", "2"), lend("k", "3", 60))

    async def fails(asked: Any) -> Any:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(a, "_run", fails)
        await a.take(release("k", "1"), release("k", "2"), drop("k", "3"))
    assert await b.take(ask("k")) == [{"1", "2", "3"}]
    await a.take(hold("k", "2"))  # who came back meanwhile stays

    async def are_gone() -> bool:
        return await b.take(ask("k")) == [{"2"}]

    await until(are_gone, "1 and 3 are gone")
    await asyncio.sleep(1.2)
    assert await b.take(ask("k")) == [{"2"}]
    assert not a._owed


async def test_a_redis_that_has_forgotten_everything_is_told_again(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LIFETIME", 1)
    a, b = two
    a._jobs[1].cancel()
    a._jobs[1] = asyncio.create_task(a._renew_for_ever())
    await a.take(hold("k", "1"))
    await a._script.registered_client.flushdb()

    async def is_there() -> bool:
        return await b.take(ask("k")) == [{"1"}]

    await until(is_there, "the name is there again", 5)


async def test_what_a_hanging_redis_gets_to_late_counts_from_when_it_was_sent(two: Any) -> None:
    """Whoever sent it may be dead by then, and is not to be online for as long again."""
    a, b = two
    assert a._ahead is not None or await a.take(ask("k")) == [set()]
    a._ahead -= leases.LIFETIME - 2
    await a.take(hold("k", "late"), lend("k", "lent", 1000))
    assert await b.take(ask("k")) == [{"late", "lent"}]

    async def has_ended() -> bool:
        return await b.take(ask("k")) == [{"lent"}]

    a._jobs[1].cancel()  # nothing is renewed
    await until(has_ended, "what was sent long ago ends", 10)


async def test_many_are_renewed_in_pieces(two: Any) -> None:
    a, b = two
    await asyncio.gather(*(a.take(hold(f"k{number % 50}", str(number))) for number in range(3_000)))
    await a._send_all("60")
    assert sum(len(names) for names in await b.take(*(ask(f"k{number}") for number in range(50)))) == 3_000


@on_sqlite
async def test_opening_a_stream_costs_two_trips_and_a_page_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    trips: list[Any] = []
    take = site.hub.leases.take

    async def counted(*steps: Any) -> Any:
        trips.append(steps)
        return await take(*steps)

    monkeypatch.setattr(site.hub.leases, "take", counted)
    await asha.room(room)
    assert len(trips) == 1
    trips.clear()
    monkeypatch.setattr(company.Company, "came", lambda self, reader: None)
    monkeypatch.setattr(site.hub.bell, "people", lambda room_id: None)
    await asha.stream(room)
    assert len(trips) <= 2
