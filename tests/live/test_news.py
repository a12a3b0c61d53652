"""What tabs in the background are told, over one stream for all of them."""

from __future__ import annotations

import asyncio
import datetime
import html
import json
from typing import Any

import pytest

from sampark import db
from sampark.chat import reading
from sampark.live import news as told_here
from sampark.live.doorbell import READ, Ring
from sampark.live.frames import OwnFrames
from sampark.live.reader import Behind, Reader
from tests.live.fakes import FakeWire
from tests.support import Browser, Site, Stream, room_row, until


def told(stream: Stream) -> list[dict[str, Any]]:
    return [json.loads(block.data) for block in stream.blocks if block.event == "news"]


def words(stream: Stream) -> list[str]:
    return [message["words"] for news in told(stream) for message in news["messages"]]


async def test_a_tab_in_the_background_hears_who_said_what_in_which_room(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, name="Garden")
    stream = await ravi.own_stream(seen=f"{room}-0")
    await asha.say(room, "**dinner** is <ready>")
    await until(lambda: told(stream), "news")
    assert told(stream) == [
        {
            "room": room,
            "name": "Garden",
            "messages": [{"seq": 1, "author": "asha", "kind": "text", "who": "asha", "words": "dinner is <ready>"}],
        }
    ]
    await asha.say(room, "and tea")
    await until(lambda: words(stream) == ["dinner is <ready>", "and tea"], "each message once")


async def test_what_came_before_the_stream_opened_is_told_from_what_was_seen_on(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    for text in ("seen", "not seen", "nor this"):
        await asha.say(room, text)
    await asha.say(other, "an old one, in no tab")
    stream = await ravi.own_stream(seen=f"{room}-1,nonsense,{other}x-3,zz-99999999999999999999")
    await until(lambda: words(stream) == ["not seen", "nor this"], "what was not seen")
    await asha.say(other, "a new one, in no tab")
    await until(lambda: words(stream)[2:] == ["a new one, in no tab"], "a room without a tab")


async def test_in_rooms_without_a_tab_nothing_is_missed_while_the_stream_opens(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, read, muted = [await site.room(asha, ravi) for _ in range(3)]
    for one in (room, read, muted):
        await asha.say(one, "long ago")
        await db.run("UPDATE messages SET timestamp = ?", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    for one in (room, read, muted):
        await asha.say(one, f"just now in {one}")
    await ravi.room(read)
    await ravi.post(f"/rooms/{muted}/mute", {"muted": "on"})
    stream = await ravi.own_stream(seen="&away=5000")
    await asha.say(room, "and now")
    await until(lambda: "and now" in words(stream), "news")
    assert words(stream) == [f"just now in {room}", "and now"]
    # Nonsense is now.
    for nonsense in ("", "x", "-5", "9" * 30):
        other = await ravi.own_stream(seen=f"&away={nonsense}")
        await asha.say(room, f"after “{nonsense}”")
        await until(lambda stream=other: words(stream), "news")  # type: ignore[misc]
        assert words(other) == [f"after “{nonsense}”"]
        await other.close()


async def test_of_very_many_the_newest_are_told_and_long_ones_are_cut(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=60)
    await asha.say(room, "word " * 400)
    stream = await ravi.own_stream(seen=f"{room}-0")
    await until(lambda: told(stream), "news")
    [news] = told(stream)
    assert [message["seq"] for message in news["messages"]] == [*range(42, 62)]
    assert len(words(stream)[-1]) <= 140
    assert words(stream)[-1].endswith("…")


async def test_a_stream_that_asks_for_no_news_and_a_stranger_hear_none(site: Site) -> None:
    asha, ravi, zoya = await site.people("asha", "ravi", "zoya")
    room, common = await site.room(asha, ravi), await site.room(asha, ravi, zoya)
    plain, stranger = await ravi.own_stream(), await zoya.own_stream(seen=f"{room}-0")
    await asha.say(room, "secret words")
    await asha.say(common, "for all")
    await until(lambda: words(stranger) == ["for all"], "the common room")
    await plain.wait_for(f"data-room='{common}'")
    assert not told(plain)
    assert "secret words" not in plain.text + stranger.text


async def test_who_reads_a_room_in_a_stream_hears_nothing_of_it_until_that_stream_closes(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    reader = await ravi.stream(room)
    stream = await ravi.own_stream(seen=f"{other}-0")
    await asha.say(room, "read at once")
    await reader.wait_for("read at once")
    await asha.say(other, "in the background")
    await until(lambda: words(stream) == ["in the background"], "the other room")
    await reader.close()
    await asha.say(room, "nobody reads this")
    await until(lambda: words(stream) == ["in the background", "nobody reads this"], "the room that was closed")


async def test_a_message_between_two_streams_is_not_lost(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It came after the tab had gone to the background, and before its own stream was known to have closed."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    reader = await ravi.stream(room)
    stream = await ravi.own_stream(seen=f"{room}-0")
    asked: list[Any] = []
    waiting = reading.waiting

    async def noted(pairs: Any) -> Any:
        asked.append(pairs)
        return await waiting(pairs)

    monkeypatch.setattr(reading, "waiting", noted)
    monkeypatch.setattr("sampark.live.parting.Parting.note", lambda *_: _nothing())
    await asha.say(room, "between")
    await reader.wait_for("between")  # on the wire, but the tab has stopped to listen
    assert not told(stream)
    await reader.close()
    await until(lambda: words(stream) == ["between"], "what came between")


async def _nothing() -> None:
    """Nothing is noted as read."""


async def test_a_muted_room_is_silent_and_is_heard_again(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    answer = await ravi.post(f"/rooms/{room}/mute", {"muted": "on"})
    assert (answer.status, answer.location) == (303, f"/rooms/{room}")
    stream = await ravi.own_stream(seen=f"{room}-0,{other}-0")
    await asha.say(room, "not now")
    await asha.say(other, "hello")
    await until(lambda: words(stream) == ["hello"], "the other room")
    assert "not now" not in stream.text
    await ravi.post(f"/rooms/{room}/mute", {"muted": "off"})
    await asha.say(room, "now")
    await until(lambda: "now" in words(stream), "the room that is not muted any more")


async def test_who_left_hears_no_more(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    stream = await ravi.own_stream(seen=f"{room}-0,{other}-0")
    await ravi.leave(room)
    await asha.say(room, "without ravi")
    await asha.say(other, "with ravi")
    await until(lambda: "with ravi" in words(stream), "the room that is left")
    assert "without ravi" not in stream.text


async def test_joins_and_messages_without_words(site: Site) -> None:
    asha, ravi, zoya = await site.people("asha", "ravi", "zoya")
    room = await site.room(asha, ravi)
    stream = await ravi.own_stream(seen=f"{room}-0")
    await zoya.join(room)
    await until(lambda: told(stream), "news")
    [joined] = told(stream)[0]["messages"]
    assert (joined["kind"], joined["author"]) == ("joined", "zoya")
    await zoya.post(f"/rooms/{room}/messages", {"gif": "local:namaste"})
    await until(lambda: len(told(stream)) == 2, "more news")
    [gif] = told(stream)[1]["messages"]
    assert (gif["kind"], gif["words"]) == ("gif", "GIF")


async def test_a_ring_that_nobody_heard_is_made_up_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.own_stream(seen=f"{room}-0")
    monkeypatch.setattr(site.hub._news, "hear", lambda ring: None)
    await asha.say(room, "unheard")
    await until(lambda: words(stream) == ["unheard"], "the look around", 20)


async def test_a_database_that_is_away_delays_news_and_loses_none(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.own_stream(seen=f"{room}-0")
    waiting, failed = reading.waiting, []

    async def away(pairs: Any) -> Any:
        if not failed:
            failed.append(pairs)
            raise ConnectionRefusedError
        return await waiting(pairs)

    monkeypatch.setattr(reading, "waiting", away)
    await asha.say(room, "late")
    await until(lambda: words(stream) == ["late"], "news, in spite of all")
    assert failed


async def test_a_person_with_a_tab_in_the_background_is_online_there_and_reads_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    watcher = await asha.stream(room)
    stream = await ravi.own_stream(seen=f"{room}-0")
    await watcher.wait_for('data-username="ravi" data-online="true"')
    await asha.say(room, "are you there?")
    await until(lambda: told(stream), "news")
    [row] = await db.fetch("SELECT read_seq FROM memberships WHERE user_id = ? AND read_seq > 0", ravi.id) or [None]
    assert row is None
    gone = 'data-username="ravi" data-online="false"'
    assert gone in (await asha.room(other)).text
    until_now = len(watcher.text)
    await stream.close()
    await watcher.wait(lambda: gone in watcher.text[until_now:], "ravi is gone", 30)
    # The list of rooms shows it as unread, and the page draws its line above it.
    assert "1 new message" in (await ravi.room(room)).text


def test_of_a_long_message_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    unescape = html.unescape

    def noted(text: str) -> str:
        read.append(len(text))
        return unescape(text)

    monkeypatch.setattr(html, "unescape", noted)
    message = {"message_type": "text", "html": "<p>" + "<em>a</em>&amp;<strong>b</strong> " * 1200 + "</p>"}
    assert told_here.words_of(message, "en", 9) == "a&b a&b…"
    assert max(read) < 5_000


@pytest.mark.parametrize("padding", range(0, 40, 3))
def test_what_is_cut_is_neither_half_a_tag_nor_half_an_entity(padding: int) -> None:
    address = "x" * (3_900 + padding)
    for rest in ("&lt;one&gt; &amp; two", "<em>one</em> &amp;<br>two", "one<a href='y&amp;z'>two</a>"):
        message = {
            "message_type": "text",
            "html": f'<p><a href="{address}">a</a> &quot;b&quot; {rest} {"c " * 3_000}</p>',
        }
        assert told_here.words_of(message, "en", 50) == told_here._plain(message["html"])[:49].rstrip() + "…"


async def test_what_is_said_of_a_message_is_made_once_for_all_who_lack_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    for text in ("one", "two", "three"):
        await asha.say(room, text)
    made: list[int] = []
    brief = told_here._brief

    def noted(message: Any, code: str) -> dict[str, object]:
        made.append(message["seq"])
        return brief(message, code)

    monkeypatch.setattr(told_here, "_brief", noted)
    news = site.hub._news
    rounds = news._rounds.wake
    monkeypatch.setattr(news._rounds, "wake", lambda: None)
    streams = [await ravi.own_stream(seen=f"{room}-0"), await mina.own_stream(seen=f"{room}-1")]
    monkeypatch.setattr(news._rounds, "wake", rounds)
    news._rounds.wake()
    await until(lambda: all("three" in words(stream) for stream in streams), "all are told")
    assert [words(stream) for stream in streams] == [["one", "two", "three"], ["two", "three"]]
    assert sorted(made) == [1, 2, 3]


async def background(site: Site, who: Browser, *, is_attached: bool = True) -> tuple[Reader, FakeWire]:
    """A stream for tabs in the background, on a wire that leads nowhere. No tab shows any room."""
    behind = Behind({}, datetime.datetime.now(datetime.UTC))
    frames = site.hub.event_frames("en", OwnFrames)
    reader, wire = await site.hub.enter(await who.person(), None, frames, 0, behind=behind), FakeWire()
    if is_attached:
        site.hub.attach(reader, wire)
    return reader, wire


def heard(wire: FakeWire) -> list[str]:
    news = [json.loads(block.data) for block in wire.blocks if block.event == "news"]
    return [message["words"] for one in news for message in one["messages"]]


async def test_what_a_slow_reader_was_not_told_it_is_told_when_it_takes_again(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    (reader, wire), (_, other) = await background(site, ravi), await background(site, mina)
    wire.is_slow = True
    site.hub.slow(reader)
    await asha.say(room, "while much waits")
    await until(lambda: heard(other) == ["while much waits"], "the other one is told")
    assert heard(wire) == []
    wire.is_slow = False
    site.hub.swift(reader)
    await until(lambda: heard(wire) == ["while much waits"], "news, late")
    await asha.say(room, "and now")
    await until(lambda: heard(wire) == ["while much waits", "and now"], "each once")


async def test_a_message_that_a_look_found_while_somebody_came_is_told_them(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    _, first = await background(site, mina)
    reader, _ = await background(site, ravi, is_attached=False)
    await asha.say(room, "meanwhile")
    news, marks = site.hub._news, site.hub._marks
    for every in (news, marks):
        await every._look_around()
        every._rounds.wake()
    await until(lambda: not news._changed and not marks._dirty, "it rests")
    await until(
        lambda: heard(first) == ["meanwhile"] and room.encode() in b"".join(first.written), "the first one is told"
    )
    await asyncio.sleep(0.6)
    wire = FakeWire()
    site.hub.attach(reader, wire)
    await until(lambda: heard(wire) == ["meanwhile"], "news")
    await until(lambda: f"data-room='{room}'" in b"".join(wire.written).decode(), "the mark")


async def test_only_who_listens_here_is_looked_up_when_somebody_has_read(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = [(await room_row(await site.room(asha, ravi)))["id"] for _ in range(2)]
    reader, _ = await background(site, ravi)
    news = site.hub._news
    await until(lambda: not news._dirty, "it rests")
    news.hear(Ring(READ, room, asha.id))
    news.hear(Ring(READ, 10**9, ravi.id))
    assert not news._dirty
    news.hear(Ring(READ, other, ravi.id))
    assert news._dirty == {(other, ravi.id)}
    site.hub.lost(reader)
    assert not news._by_person
    assert not news._rooms
