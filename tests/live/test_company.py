"""Who is online, who is typing, and which other rooms have news: passing things, told to those who may know."""

from __future__ import annotations

import asyncio
import re

import pytest

from sampark import db
from sampark.live import typing
from tests.databases import serving
from tests.support import PATIENCE, Browser, Screen, Site, Stream, law, until


def online(page: str) -> set[str]:
    return {*re.findall(r'<li data-username="([^"]*)" data-online="true"', page)}


def lines(stream: Stream) -> list[str]:
    """What the typing line said, one after the other."""
    return [text for block in stream.blocks for text in re.findall(r'<p id="typing">(.*?)</p>', block.data)]


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


async def test_a_stream_given_up_while_it_opens_takes_no_other_tab_offline(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    first = await asha.stream(room)
    hold, entered = site.hub.leases.hold, asyncio.Event()

    async def slow(key: str, name: str) -> None:
        entered.set()
        await asyncio.sleep(0.05)
        await hold(key, name)

    with monkeypatch.context() as patch:
        patch.setattr(site.hub.leases, "hold", slow)
        connection = asha.client.request(f"/rooms/{room}/events")
        await connection.__aenter__()
        await connection.send_complete()
        await entered.wait()
        await connection.disconnect()
        await connection._task  # type: ignore[misc]
    await asyncio.sleep(0.2)
    assert online((await asha.room(room)).text) == {"asha"}
    assert await site.hub.streams_of(await asha.person()) == 1
    assert not first.ended


async def test_streams_leave_nothing_behind(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    rooms = [await site.room(asha, ravi) for _ in range(3)]
    streams = [await person.stream(room) for person in (asha, ravi) for room in rooms]
    for stream in streams:
        await stream.close()
    await until(lambda: not site.hub.open_streams and not site.hub._pumps and not site.hub._running, "an empty hub")
    await until(lambda: not site.hub.leases.counts, "no leases")  # type: ignore[attr-defined]
    assert not site.hub._marks._wanted
    assert await site.hub.streams_of(await asha.person()) == 0


async def test_typing_is_shown_to_others_and_never_to_oneself(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    streams = [await person.stream(room) for person in (asha, ravi, mina)]
    answer = await asha.post(f"/rooms/{room}/typing")
    assert (answer.status, answer.body) == (204, b"")
    for stream in streams[1:]:
        await stream.wait(lambda stream=stream: lines(stream)[-1:] == ["asha is typing…"], "asha types")  # type: ignore[misc]
    await ravi.post(f"/rooms/{room}/typing")
    await streams[0].wait(lambda: lines(streams[0])[-1:] == ["ravi is typing…"], "ravi types")
    await streams[2].wait(lambda: lines(streams[2])[-1:] == ["asha and ravi are typing…"], "both type")
    await streams[1].wait(lambda: lines(streams[1])[-1:] == ["asha is typing…"], "asha alone")
    assert not any("asha" in line for line in lines(streams[0]))
    assert not any("ravi" in line for line in lines(streams[1]))


async def test_typing_carries_no_id_and_raises_no_version(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=4)
    stream = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait_for("is typing")
    assert [block.id for block in stream.blocks if "typing" in block.data] == [None]
    assert (await db.fetch("SELECT version FROM rooms"))[0]["version"] == 4


async def test_whoever_posts_types_no_more(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait_for("is typing")
    await asha.say(room, "there")
    await stream.wait(lambda: lines(stream)[-1:] == [""], "an empty line")


async def test_typing_ends_by_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing, "SHOWN_FOR", 0.2)
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait_for("is typing")
    await stream.wait(lambda: lines(stream)[-1:] == [""], "an empty line")


async def test_a_returning_reader_stops_nobodys_typing(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    await asha.say(room, "long ago")
    stream = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait_for("asha is typing")
    late = await mina.stream(room, since=0)  # gets what asha said long ago
    await late.wait_for("long ago")
    await ravi.post(f"/rooms/{room}/typing")
    await late.wait(lambda: lines(late)[-1:] == ["asha and ravi are typing…"], "both still type")


async def test_many_who_type_are_a_number(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(5)))
    room = await site.room(people[0], *people[1:])
    stream = await people[0].stream(room)
    for person in people[1:]:
        await person.post(f"/rooms/{room}/typing")
    await stream.wait_for("4 people are typing…")


async def mark_of(stream: Stream, room: str) -> bool:
    screen = Screen({}, "", "")
    for block in stream.blocks:
        screen.apply(block)
    return room in screen.marked


async def test_news_in_another_room_mark_it_in_the_list(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    stream = await ravi.stream(here)
    await asha.say(there, "secret words")
    await stream.wait_for(f"data-room='{there}'")
    assert await mark_of(stream, there)
    assert not await mark_of(stream, here)
    assert "secret words" not in stream.text
    assert 'data-room="' + there in (await ravi.get("/")).text


async def test_rooms_of_others_mark_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there, common = await site.room(asha, ravi), await site.room(asha), await site.room(asha, ravi)
    stream = await ravi.stream(here)
    await asha.say(there, "private")
    await asha.say(common, "for both")
    await stream.wait_for(f"data-room='{common}'")
    assert there not in stream.text


async def watch_two(site: Site, ravi: Browser, asha: Browser) -> tuple[str, str, Stream]:
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    return here, there, await ravi.stream(here)


async def test_who_left_a_room_hears_no_more_of_it(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there, stream = await watch_two(site, ravi, asha)
    await ravi.leave(there)
    await until(lambda: not site.hub._marks._recheck, "the check")
    await asha.say(there, "without ravi")
    await asha.say(here, "with ravi")
    await stream.wait_for("with ravi")
    await asyncio.sleep(0.1)
    assert there not in stream.text


async def test_leaving_two_rooms_at_once_is_noticed_for_both(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second room's ring comes while the first one's members are being asked for."""
    from sampark import access

    asha, ravi = await site.people("asha", "ravi")
    here, one, other = [await site.room(asha, ravi) for _ in range(3)]
    stream = await ravi.stream(here)
    asked, left = asyncio.Event(), asyncio.Event()
    who_may_stay = access.who_may_stay
    ids = {row["code"]: row["id"] for row in await db.fetch("SELECT id, code FROM rooms")}

    async def slow(room_id: int, seats: set[access.Seat]) -> set[access.Seat]:
        if room_id == ids[one] and not asked.is_set():
            asked.set()
            await left.wait()
        return await who_may_stay(room_id, seats)

    monkeypatch.setattr(access, "who_may_stay", slow)
    await ravi.leave(one)
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
    await ravi.leave(other)
    left.set()
    await until(lambda: not site.hub._marks._recheck, "the checks")
    await asyncio.sleep(0.1)
    await asha.say(other, "without ravi")
    await asha.say(here, "with ravi")
    await stream.wait_for("with ravi")
    await asyncio.sleep(0.1)
    assert other not in stream.text


async def test_a_reader_who_goes_while_marks_are_checked_breaks_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leaves a room by its form also leaves the page: the stream closes at that very moment."""
    from sampark import access

    asha, ravi = await site.people("asha", "ravi")
    here, there, stream = await watch_two(site, ravi, asha)
    asked, gone = asyncio.Event(), asyncio.Event()
    who_may_stay = access.who_may_stay
    ids = {row["code"]: row["id"] for row in await db.fetch("SELECT id, code FROM rooms")}

    async def slow(room_id: int, seats: set[access.Seat]) -> set[access.Seat]:
        if room_id == ids[there]:
            asked.set()
            await gone.wait()
        return await who_may_stay(room_id, seats)

    monkeypatch.setattr(access, "who_may_stay", slow)
    await ravi.leave(there)
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
    await stream.close()
    gone.set()
    await until(lambda: not site.hub._marks._recheck, "the check")
    again = await ravi.stream(here)
    await again.close()
    await until(lambda: not site.hub.open_streams, "no stream")
    assert await site.hub.streams_of(await ravi.person()) == 0
    assert not site.hub._marks._wanted
