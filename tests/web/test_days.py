"""The way to a day: its first message, or the next one that was written after it."""

from __future__ import annotations

import datetime

import pytest

from sampark import db
from tests.databases import on_sqlite
from tests.support import Browser, Site, room_row, statements

LATE = datetime.datetime(2026, 3, 1, 22, 30, tzinfo=datetime.UTC)


async def spread(site: Site, count: int) -> tuple[Browser, str]:
    """A room with three messages a day from the first of March on: at 22:30, 22:31 and 22:32 in UTC."""
    asha = await site.person("asha")
    room = await site.room(asha, say=count)
    row = await room_row(room)
    for seq in range(1, row["last_seq"] + 1):
        moment = LATE + datetime.timedelta(days=(seq - 1) // 3, minutes=(seq - 1) % 3)
        await db.run("UPDATE messages SET timestamp = ? WHERE room_id = ? AND seq = ?", moment, row["id"], seq)
    return asha, room


async def way(who: Browser, room: str, query: str) -> str:
    answer = await who.get(f"/rooms/{room}/day?{query}")
    assert answer.status == 303
    return answer.location.removeprefix(f"/rooms/{room}")


async def test_a_day_begins_where_the_reader_is(site: Site) -> None:
    asha, room = await spread(site, 60)
    last = (await room_row(room))["last_seq"]
    assert await way(asha, room, "date=2026-03-01") == "?around=1#message-1"
    assert await way(asha, room, "date=2026-03-03") == "?around=7#message-7"
    # In Kolkata half past ten in UTC is four in the morning of the day after.
    assert await way(asha, room, "date=2026-03-03&zone=%2B05:30") == "?around=4#message-4"
    assert await way(asha, room, "date=2026-03-03&zone=+05:30") == "?around=4#message-4", (
        "typed so, it arrives as a space"
    )
    assert await way(asha, room, "date=2026-03-03&zone=-05:00") == "?around=7#message-7"
    assert await way(asha, room, "date=0001-01-01&zone=%2B14:00") == "?around=1#message-1"
    page = await asha.get(f"/rooms/{room}?around=7")
    assert 7 in page.articles
    assert last in page.articles or last > 50


async def test_a_day_without_a_message_is_said(site: Site) -> None:
    asha, room = await spread(site, 9)
    await db.run("UPDATE messages SET timestamp = ? WHERE seq >= 7", LATE + datetime.timedelta(days=9))
    said = "No messages on 3 March 2026. Here is what came next."
    assert await way(asha, room, "date=2026-03-03") == "?around=7#message-7"
    assert said in (await asha.get(f"/rooms/{room}?around=7")).text
    assert said not in (await asha.get(f"/rooms/{room}?around=7")).text, "once"
    assert await way(asha, room, "date=2026-03-02") == "?around=4#message-4"
    assert "No messages on" not in (await asha.get(f"/rooms/{room}?around=4")).text
    await asha.post("/preferences", {"language": "hi"})
    await way(asha, room, "date=2026-03-03")
    assert "3 मार्च 2026 को कोई संदेश नहीं है।" in (await asha.get(f"/rooms/{room}?around=7")).text


async def test_what_was_deleted_is_not_led_to(site: Site) -> None:
    asha, room = await spread(site, 20)
    mine = [seq for seq, _ in (await asha.get(f"/rooms/{room}/messages?limit=100")).articles.items() if seq >= 7]
    await asha.unsay(room, 7)
    await asha.unsay(room, 8)
    assert 9 in mine
    assert await way(asha, room, "date=2026-03-03") == "?around=9#message-9"


async def test_after_the_last_message_the_newest_are_shown_and_it_is_said(site: Site) -> None:
    asha, room = await spread(site, 5)
    for date in ("2026-12-31", "9999-12-31&zone=-12:00"):
        assert await way(asha, room, f"date={date}") == ""
        assert "Nothing has been written since that day." in (await asha.get(f"/rooms/{room}")).text


@pytest.mark.parametrize(
    "query", ["", "date=", "date=yesterday", "date=2026-02-30", "date=2026-03-03&zone=x", "date=2026-03-03&zone=.5"]
)
@on_sqlite
async def test_what_is_no_day_is_said(site: Site, query: str) -> None:
    asha, room = await spread(site, 5)
    assert await way(asha, room, query) == ""
    assert "That is not a day of the calendar." in (await asha.get(f"/rooms/{room}")).text


async def test_a_long_room_costs_a_query_for_each_halving(site: Site) -> None:
    asha, room = await spread(site, 64)
    last = (await room_row(room))["last_seq"]
    with statements() as asked:
        assert await way(asha, room, "date=2026-03-05") == "?around=13#message-13"
    assert len([one for one in asked if "timestamp FROM messages WHERE" in one]) <= last.bit_length() + 1
