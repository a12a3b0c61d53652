"""Which rooms have news, in every list of rooms; where the new messages begin; what has been read."""

from __future__ import annotations

import asyncio
import base64
import datetime
import hashlib
import html
import re
from typing import Any

import pytest

from sampark import db
from sampark.chat import reading
from sampark.live import hub, leases
from tests.databases import serving
from tests.support import PATIENCE, Browser, Screen, Site, Stream, marks, room_row, statements, until


def marked(stream: Stream, *before: str) -> set[str]:
    """The rooms that a list shows as unread which showed these before, and has followed this stream."""
    screen = Screen({}, "<ul>", "", {*before})
    for block in stream.blocks:
        screen.apply(block)
    return screen.marked


async def test_news_in_another_room_mark_it_in_the_list(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    stream = await ravi.stream(here)
    await asha.say(there, "secret words")
    await stream.wait_for(f"data-room='{there}'")
    assert marked(stream) == {there}
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
    await asha.say(there, "without ravi")
    await asha.say(here, "with ravi")
    await stream.wait_for("with ravi")
    await asyncio.sleep(0.1)
    assert there not in stream.text


async def test_who_leaves_while_marks_are_looked_up_hears_no_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there, stream = await watch_two(site, ravi, asha)
    asked, gone = asyncio.Event(), asyncio.Event()
    unread = reading.unread

    async def slow(pairs: Any) -> Any:
        asked.set()
        await gone.wait()
        return await unread(pairs)

    monkeypatch.setattr(reading, "unread", slow)
    await asha.say(there, "for both")
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
    await ravi.leave(there)
    gone.set()
    await asha.say(here, "with ravi")
    await stream.wait_for("with ravi")
    await asyncio.sleep(0.1)
    assert there not in stream.text


async def test_a_reader_who_goes_while_marks_are_looked_up_breaks_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leaves a room by its form also leaves the page: the stream closes at that very moment."""
    asha, ravi = await site.people("asha", "ravi")
    here, there, stream = await watch_two(site, ravi, asha)
    asked, gone = asyncio.Event(), asyncio.Event()
    unread = reading.unread

    async def slow(pairs: Any) -> Any:
        asked.set()
        await gone.wait()
        return await unread(pairs)

    monkeypatch.setattr(reading, "unread", slow)
    await asha.say(there, "for both")
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
    await stream.close()
    gone.set()
    again = await ravi.stream(here)
    await again.wait(lambda: marked(again) == {there}, "the mark")
    await again.close()
    await until(lambda: not site.hub.open_streams, "no stream")
    assert not site.hub._marks._wanted


# ---- One's own stream ----


async def test_the_list_without_a_room_is_live_too(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    page = (await ravi.get("/")).text
    assert 'hx-sse:connect="/events"' in page
    stream = await ravi.own_stream()
    assert stream.status == 200
    assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["Cache-Control"] == "no-store, no-transform"
    assert stream.blocks[0].id == "0"
    await asha.say(room, "hello")
    await stream.wait(lambda: marked(stream) == {room}, "the mark")
    assert "hello" not in stream.text
    assert marks((await ravi.get("/")).text) == {room}


async def test_a_page_of_history_has_a_list_that_is_live(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=200)
    assert 'hx-sse:connect="/events"' in (await asha.room(room, before=100)).text
    assert 'hx-sse:connect="/events"' not in (await asha.room(room)).text


async def test_ones_own_stream_ends_with_the_session(site: Site) -> None:
    asha = await site.person("asha")
    stream = await asha.own_stream()
    await asha.post("/logout")
    assert (await stream.gone()).data == "signed-out"
    assert (await asha.own_stream()).status == 401
    assert (await site.stranger().get("/events")).status == 401


async def test_a_session_that_ends_silently_ends_ones_own_stream(site: Site) -> None:
    asha = await site.person("asha")
    stream = await asha.own_stream()
    await db.run("DELETE FROM sessions")
    assert (await stream.gone(within=4)).data == "signed-out"


async def test_ones_own_stream_is_drained_and_counted(settings: Any, quick: None) -> None:
    async with serving(settings) as site:
        asha = await site.person("asha")
        stream = await asha.own_stream()
        assert await site.hub.presence.streams_of((await asha.person()).id) == 1
        site.hub.drain()
        await stream.wait(lambda: stream.ended, "the end")
        assert stream.blocks[-1].event == "bye"
        assert stream.blocks[-1].retry


async def test_ones_own_stream_has_a_heartbeat(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from sampark.live import lobby

    monkeypatch.setattr(lobby, "HEARTBEAT", 2.0)
    stream = await (await site.person("asha")).own_stream()
    await stream.wait_for("\n:\n")


# ---- Reading ----


async def test_reading_in_one_tab_clears_the_mark_in_the_others(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    tab, home = await ravi.stream(here), await ravi.own_stream()
    await asha.say(there, "news")
    for stream in (tab, home):
        await stream.wait(lambda stream=stream: marked(stream) == {there}, "the mark")  # type: ignore[misc]
    await ravi.room(there)
    for stream in (tab, home):
        await stream.wait(lambda stream=stream: marked(stream) == set(), "no mark")  # type: ignore[misc]
    await asha.say(there, "more news")
    for stream in (tab, home):
        await stream.wait(lambda stream=stream: marked(stream) == {there}, "the mark again")  # type: ignore[misc]


async def test_what_is_open_in_another_tab_is_being_read(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    home, watching = await ravi.own_stream(), await ravi.stream(there)
    await asha.say(there, "read at once")
    await watching.wait_for("read at once")
    await asha.say(here, "not read")
    await home.wait(lambda: marked(home) == {here}, "the other mark")
    assert marks((await ravi.get("/")).text) == {here}
    await watching.close()
    assert marks((await ravi.get("/")).text) == {here}
    await until(lambda: site.hub._parting.is_idle, "noted")
    assert marks((await ravi.get("/")).text) == {here}
    await asyncio.sleep(0.1)
    assert marked(home) == {here}
    await asha.say(there, "nobody there")
    await home.wait(lambda: marked(home) == {here, there}, "both marks")


async def test_opening_a_stream_clears_what_came_since_its_page(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    home = await ravi.own_stream()
    page = (await ravi.room(room)).text
    since = re.search(r"since=(\d+)", page)
    assert since
    await asha.say(room, "meanwhile")
    await home.wait(lambda: marked(home) == {room}, "the mark")
    stream = await ravi.stream(room, since=since[1])
    await home.wait(lambda: marked(home) == set(), "no mark")
    await stream.wait_for("meanwhile")
    await stream.close()
    await until(lambda: site.hub._parting.is_idle, "noted")
    assert not marks((await ravi.get("/")).text)


async def test_a_list_that_comes_back_is_put_right(site: Site) -> None:
    """It showed a mark when its connection was lost; meanwhile that room was read, and another one has news."""
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    await asha.say(here, "news")
    stream = await ravi.own_stream(resume=0)
    await stream.wait(lambda: marked(stream, there) == {here}, "what is true now")


async def test_what_was_read_is_noted_now_and_then_in_one_statement(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "NOTE_EVERY", 0.2)
    asha = await site.person("asha")
    people = await site.people(*(f"person-{number}" for number in range(8)))
    room = await site.room(asha, *people)
    site.hub._jobs.append(asyncio.create_task(site.hub._note()))
    for person in people:
        await person.stream(room)
    with statements() as seen:
        await asha.say(room, "hello")

        async def is_noted() -> bool:
            rows = await db.fetch("SELECT read_seq FROM memberships WHERE user_id <> ?", asha.id)
            return all(row["read_seq"] == 1 for row in rows)

        await until(is_noted, "all have read it")
    assert len([text for text in seen if "SET read_seq" in text]) <= 2


async def test_a_message_costs_a_list_nothing_once_it_is_marked(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    here, there = await site.room(asha, ravi), await site.room(asha, ravi)
    stream = await ravi.stream(here)
    await asha.say(there, "one")
    await stream.wait(lambda: marked(stream) == {there}, "the mark")
    told = stream.text.count("unread")
    with statements() as seen:
        for number in range(10):
            await asha.say(there, f"number {number}")
        await asyncio.sleep(0.2)
    assert not [text for text in seen if "r.last_seq > m.read_seq" in text and "VALUES" in text]
    assert stream.text.count("unread") == told


async def test_what_was_told_before_a_moment_is_looked_for_in_the_newest_thousand(site: Site) -> None:
    """A clock that was set back makes all of a room's messages newer than any moment."""
    asha = await site.person("asha")
    long, short = await site.room(asha, say=3), await site.room(asha, say=3)
    long_id = (await room_row(long))["id"]
    await db.run("UPDATE messages SET seq = seq + 1500 WHERE room_id = ?", long_id)
    await db.run("UPDATE rooms SET last_seq = 1503 WHERE id = ?", long_id)
    moment = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    await db.run("UPDATE messages SET timestamp = ?", moment)

    async def told(since: datetime.datetime) -> dict[str, int]:
        return {row["code"]: row["told_seq"] for row in await site.hub._marks.rooms_of(asha.id, since)}

    assert await told(moment) == {long: 503, short: 0}
    assert await told(moment + datetime.timedelta(seconds=1)) == {long: 1503, short: 3}
    await db.run("UPDATE messages SET timestamp = ? WHERE seq IN (3, 1503)", moment + datetime.timedelta(minutes=1))
    assert await told(moment + datetime.timedelta(seconds=1)) == {long: 1502, short: 2}


# ---- Where the new messages begin ----


def new_from(page: str) -> tuple[str, str, str]:
    """The link's words and target, and the message with the line above it."""
    link = re.search(r'<p class="to-new"><a [^>]*href="([^"]*)">(.*?)</a>', page, re.DOTALL)
    line = re.search(r"#message-(\d+)\{--new:block\}", page)
    return (link[2], link[1], line[1] if line else "") if link else ("", "", line[1] if line else "")


async def visits(site: Site, asha: Browser, ravi: Browser) -> str:
    """A room in which ravi has read three messages and has three new ones."""
    room = await site.room(asha, ravi, say=3)
    await ravi.room(room)
    await is_away(site, ravi, room)
    for text in ("four", "five", "six"):
        await asha.say(room, text)
    return room


async def is_away(site: Site, person: Browser, room: str) -> None:
    """They have left the room, and the time of their last look is over."""
    room_id = (await room_row(room))["id"]
    await site.hub.leases.take(
        leases.drop(f"room:{room_id}", f"v{person.id}"), leases.drop(f"person:{person.id}", f"v{room_id}")
    )


async def test_the_new_messages_begin_at_a_line(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await visits(site, asha, ravi)
    answer = await ravi.room(room)
    assert new_from(answer.text) == ("3 new messages", "#message-4", "4")
    style = re.search("<style>(.*?)</style>", answer.text)
    assert style
    digest = base64.b64encode(hashlib.sha256(html.unescape(style[1]).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert new_from((await asha.room(room)).text)[2] in {"", "1"}


async def test_the_line_stays_until_the_room_is_left(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await visits(site, asha, ravi)
    await ravi.room(room)
    assert new_from((await ravi.room(room)).text)[2] == "4"  # by a look
    stream = await ravi.stream(room)
    await asha.say(room, "seven")
    await stream.wait_for("seven")
    assert new_from((await ravi.room(room)).text) == ("4 new messages", "#message-4", "4")
    await stream.close()
    await is_away(site, ravi, room)

    async def is_over() -> bool:
        await is_away(site, ravi, room)
        return new_from((await ravi.room(room)).text) == ("", "", "")

    await until(is_over, "no line")
    await is_away(site, ravi, room)
    await asha.say(room, "eight")
    assert new_from((await ravi.room(room)).text) == ("1 new message", "#message-8", "8")


async def test_a_reload_in_time_keeps_the_line(settings: Any, quick: None) -> None:
    async with serving(settings, grace=60) as site:
        asha, ravi = await site.people("asha", "ravi")
        room = await visits(site, asha, ravi)
        await ravi.room(room)
        await (await ravi.stream(room)).close()
        assert new_from((await ravi.room(room)).text)[2] == "4"


async def test_more_new_messages_than_a_page_holds(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=100)
    page = (await ravi.room(room)).text
    assert new_from(page) == ("100 new messages", "?around=1#message-1", "")
    assert new_from((await ravi.room(room, around=1)).text) == ("100 new messages", "#message-1", "1")


async def test_a_deleted_first_message_moves_the_line_on(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await visits(site, asha, ravi)
    await asha.unsay(room, 4)
    assert new_from((await ravi.room(room)).text)[1:] == ("#message-5", "5")


async def test_in_hindi_too(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await visits(site, asha, ravi)
    ravi.headers["Accept-Language"] = "hi"
    assert new_from((await ravi.room(room)).text)[0] == "3 नए संदेश"
