"""Notices of who came and went: one line for many at once, one line for whoever flaps, whoever speaks meanwhile."""

from __future__ import annotations

import asyncio
import datetime
import re

import pytest

from sampark import db
from sampark.chat import notices
from sampark.fragments import Fragments
from tests.databases import on_sqlite
from tests.support import Browser, Site, count, fill, law, plain, room_row, statements


async def kept(room: str) -> list[db.Row]:
    """The notices as they are stored, oldest first."""
    return await db.fetch(
        "SELECT m.* FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.code = ? AND m.message_type = 'system' ORDER BY m.seq",
        room,
    )


async def lines(room: str, reader: Browser) -> list[str]:
    """The notices in the words of the room's page, oldest first."""
    found = (await reader.room(room)).articles.values()
    return [said(article) for article in found if 'data-kind="system"' in article]


def said(article: str) -> str:
    words = re.search(r'<p class="message-text">(.*?)</p>', article, re.DOTALL)
    assert words
    return re.sub(" (?=[,;])", "", plain(words[1]))


async def pass_by(seconds: float, seq: int | None = None) -> None:
    """The clock goes on: everything (or one message) was said that much earlier."""
    for row in await db.fetch("SELECT id, seq, timestamp FROM messages"):
        if seq in (None, row["seq"]):
            earlier = row["timestamp"] - datetime.timedelta(seconds=seconds)
            await db.run("UPDATE messages SET timestamp = ? WHERE id = ?", earlier, row["id"])


async def new_people(many: int) -> list[int]:
    """The ids of so many accounts that never sign in."""
    ids = []
    for number in range(many):
        rows = await db.fetch(
            "INSERT INTO users (username, username_key, email, email_key, password_hash, display_name, is_admin, is_online,"
            " theme, sounds, created_at) VALUES (?, ?, ?, ?, '', ?, ?, ?, 'system', ?, ?) RETURNING id",
            *[f"p{number}"] * 4, f"P{number}", False, False, True, datetime.datetime.now(datetime.UTC),
        )  # fmt: skip
        ids.append(int(rows[0]["id"]))
    return ids


async def tell(room: str, user_id: int, what: str) -> notices.Moment:
    room_id = (await room_row(room))["id"]
    async with db.transaction() as using:
        return await notices.append(room_id, user_id, what, using)


async def test_many_at_once_are_one_line_and_no_version_is_skipped(site: Site) -> None:
    asha = await site.person("asha")
    crowd = await site.people(*(f"person-{number}" for number in range(30)))
    room = await site.room(asha)
    async with law(asha, room):
        await asyncio.gather(*(person.join(room) for person in crowd))
    row = await room_row(room)
    assert (row["version"], row["last_seq"]) == (30, 1)
    [line] = await lines(room, asha)
    assert re.fullmatch(r"person-\d+, person-\d+ and 28 others joined the room", line)
    [stored] = await kept(room)
    assert (stored["seq"], stored["version"], stored["posted_version"]) == (1, 30, 1)
    assert await count("memberships", "read_seq = 1 AND user_id <> ?", asha.id) == 30


async def test_everything_at_once_is_told_of_once_each(site: Site) -> None:
    asha = await site.person("asha")
    crowd = await site.people(*(f"person-{number}" for number in range(12)))
    room = await site.room(asha, *crowd[:6])

    async def restless(person: Browser, *, begins_inside: bool) -> None:
        for turn in range(3):
            await (person.leave(room) if begins_inside == (turn % 2 == 0) else person.join(room))

    async with law(asha, room):
        await asyncio.gather(
            *(restless(person, begins_inside=person in crowd[:6]) for person in crowd),
            *(asha.say(room, f"{number}") for number in range(5)),
        )
    row = await room_row(room)
    assert row["version"] == 12 * 3 + 5
    assert row["last_seq"] == await count("messages")
    told = [user_id for line in await kept(room) for user_id in notices._Line.read(line).people]
    assert sorted(told) == sorted(person.id for person in crowd)


@pytest.mark.parametrize(
    ("many", "english", "hindi"),
    [
        (1, "P0 joined the room", "P0 ने कमरे में प्रवेश किया"),
        (2, "P0 and P1 joined the room", "P0 और P1 ने कमरे में प्रवेश किया"),
        (3, "P0, P1 and P2 joined the room", "P0, P1 और P2 ने कमरे में प्रवेश किया"),
        (4, "P0, P1 and 2 others joined the room", "P0, P1 और 2 अन्य लोगों ने कमरे में प्रवेश किया"),
        (5, "P0, P1 and 3 others joined the room", "P0, P1 और 3 अन्य लोगों ने कमरे में प्रवेश किया"),
    ],
)
@on_sqlite
async def test_up_to_three_are_named_and_of_more_two(site: Site, many: int, english: str, hindi: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for user_id in await new_people(many):
        await tell(room, user_id, notices.JOINED)
    assert await lines(room, asha) == [english]
    asha.headers["Accept-Language"] = "hi"
    assert await lines(room, asha) == [hindi]


async def test_comings_and_goings_share_a_line_in_the_order_in_which_they_began(site: Site) -> None:
    asha, ravi, mina, tara, zoya = await site.people("asha", "ravi", "mina", "tara", "zoya")
    room = await site.room(asha, ravi, zoya)
    async with law(asha, room):
        await mina.join(room)
        await ravi.leave(room)
        await tara.join(room)
        await zoya.leave(room)
        await zoya.join(room)
    assert await lines(room, asha) == [
        "mina and tara joined the room; ravi left the room; zoya left the room and came back"
    ]
    asha.headers["Accept-Language"] = "hi"
    assert await lines(room, asha) == [
        "mina और tara ने कमरे में प्रवेश किया; ravi ने कमरा छोड़ दिया; zoya ने कमरा छोड़ा और फिर वापसी की"
    ]


@pytest.mark.parametrize(
    ("begins_inside", "turns", "line"),
    [
        (False, 1, "ravi joined the room"),
        (False, 2, "ravi left the room"),
        (False, 3, "ravi joined the room"),
        (False, 8, "ravi left the room"),
        (True, 1, "ravi left the room"),
        (True, 2, "ravi left the room and came back"),
        (True, 3, "ravi left the room"),
        (True, 8, "ravi left the room and came back"),
    ],
)
@pytest.mark.parametrize("others_talk", [False, True], ids=["alone", "others talk"])
async def test_who_flaps_makes_one_line(
    site: Site, begins_inside: bool, turns: int, line: str, others_talk: bool
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, *([ravi] if begins_inside else []))
    async with law(asha, room):
        is_inside = begins_inside
        for turn in range(turns):
            await (ravi.leave(room) if is_inside else ravi.join(room))
            is_inside = not is_inside
            if others_talk:
                await asha.say(room, f"turn {turn}")
    assert await lines(room, asha) == [line]
    row = await room_row(room)
    assert row["version"] == turns * (2 if others_talk else 1)
    assert row["last_seq"] == (1 + turns if others_talk else 1)


async def test_who_flaps_is_told_of_where_others_are_too(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    async with law(asha, room):
        await mina.join(room)
        await ravi.join(room)
        await asha.say(room, "welcome")
        await ravi.leave(room)
        assert await lines(room, asha) == ["mina joined the room; ravi left the room"]
        await ravi.join(room)
        await mina.leave(room)
    assert await lines(room, asha) == ["mina left the room; ravi joined the room"]


async def test_who_comes_after_something_was_said_gets_a_line_of_their_own(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await ravi.join(room)
    await asha.say(room, "welcome")
    await mina.join(room)
    await ravi.leave(room)
    assert await lines(room, asha) == ["ravi left the room", "mina joined the room"]


async def test_who_spoke_meanwhile_did_not_flap(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    async with law(asha, room):
        await ravi.join(room)
        await ravi.say(room, "Thank you all, and goodbye!")
        await ravi.leave(room)
        await asha.say(room, "Goodbye!")
        await ravi.join(room)
    # Above his words it does not say that he had left.
    assert await lines(room, asha) == ["ravi joined the room", "ravi left the room and came back"]


async def test_after_a_minute_there_is_a_new_line(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await ravi.join(room)
    await pass_by(50)
    await mina.join(room)
    await pass_by(15)
    # The line takes nobody else in; of mina it has told for fifteen seconds only, of ravi for more than a minute.
    await mina.leave(room)
    await ravi.leave(room)
    assert await lines(room, asha) == ["ravi joined the room; mina left the room", "ravi left the room"]
    await mina.join(room)
    assert (await lines(room, asha))[0] == "ravi and mina joined the room"
    await pass_by(50)
    await mina.leave(room)
    assert (await lines(room, asha))[1] == "ravi and mina left the room"


@pytest.mark.parametrize(("back", "many"), [(5, 1), (3_600, 2)])
async def test_a_clock_set_back_keeps_no_line_open_for_long(site: Site, back: int, many: int) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    async with law(asha, room):
        await ravi.join(room)
        await pass_by(-back)
        await mina.join(room)
        await ravi.leave(room)
    assert len(await lines(room, asha)) == (1 if many == 1 else 2)


async def test_a_line_that_is_no_more_is_not_written_on(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    await ravi.join(room)
    await db.run("UPDATE messages SET deleted_at = ?, content = ''", datetime.datetime.now(datetime.UTC))
    await ravi.leave(room)
    assert await lines(room, asha) == ["ravi left the room"]


async def test_each_room_has_lines_of_its_own(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    here, there = await site.room(asha), await site.room(asha)
    await ravi.join(here)
    await mina.join(there)
    await ravi.join(there)
    await ravi.leave(here)
    assert await lines(here, asha) == ["ravi left the room"]
    assert await lines(there, asha) == ["mina and ravi joined the room"]


async def test_lines_from_before_read_as_ever_and_take_others_in(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await ravi.join(room)
    await asha.say(room, "welcome")
    await ravi.leave(room)
    for content in ("left", "joined"):
        await db.run("UPDATE messages SET content = ? WHERE seq = 1", content)
        await db.run("UPDATE messages SET version = version + 100 WHERE seq = 1")
        assert await lines(room, asha) == [f"ravi {content} the room"]
    await db.run("DELETE FROM messages WHERE seq = 2")
    await db.run("UPDATE rooms SET last_seq = 1")
    await mina.join(room)
    assert await lines(room, asha) == ["ravi and mina joined the room"]


async def test_a_new_name_shows_in_the_lines_of_others_too(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    async with law(asha, room):
        await ravi.join(room)
        await mina.join(room)
        await asha.say(room, "welcome")
        await mina.rename("Mina <Rao>")
        await ravi.rename("Ravi Rao")
        version = (await room_row(room))["version"]
    assert await lines(room, asha) == ["Ravi Rao and Mina <Rao> joined the room"]
    assert version == 5
    [line] = await kept(room)
    assert line["version"] == 5


async def test_a_new_name_at_the_same_moment_as_everything_else_shows_in_the_end(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    crowd = await site.people(*(f"person-{number}" for number in range(6)))
    room = await site.room(asha)
    await ravi.join(room)
    await crowd[0].join(room)
    async with law(asha, room):
        await asyncio.gather(crowd[0].rename("Tara"), *(person.join(room) for person in crowd[1:]))
    assert await lines(room, asha) == ["ravi, Tara and 5 others joined the room"]
    assert (await room_row(room))["version"] == 8


HOSTILE = [
    "<script>alert(1)</script>",
    "</bdi></p></article>",
    "%s %(count)s %d %",
    "tab\tnewline\nand\n\nj1000",
    "; asha left the room",
    "\u202egnp.exe",
    "&lt;b&gt;",
    " ",
]


@pytest.mark.parametrize("name", HOSTILE)
@on_sqlite
async def test_a_name_is_only_a_name(site: Site, name: str) -> None:
    asha, before = await site.people("asha", "before")
    hostile = await site.person("hostile", display_name=name)
    after = await site.person("after")
    room = await site.room(asha)
    for person in (before, hostile, after):
        await person.join(room)
    [article] = (await asha.room(room)).articles.values()
    names = re.findall(r'<bdi class="message-author">(.*?)</bdi>', article)
    assert [plain(shown) for shown in names] == ["before", " ".join(name.split()) or "…", "after"]
    assert "<script" not in article
    words = re.sub("<bdi.*?</bdi>", "N", article)
    assert said(words) == "N, N and N joined the room"
    assert (await kept(room))[0]["content"].count("\n") == 2
    await after.leave(room)
    assert len(await kept(room)) == 1


async def test_a_line_stays_small_and_each_change_costs_the_same(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    costs = set()
    for number, user_id in enumerate(await new_people(300)):
        with statements() as seen:
            await tell(room, user_id, notices.JOINED)
        if number > 2:
            costs.add(len(seen))
    [line] = await kept(room)
    assert len(line["content"]) < 300 * 24
    assert len(costs) == 1
    assert max(costs) <= 6
    assert await lines(room, asha) == ["P0, P1 and 298 others joined the room"]
    assert len((await asha.room(room)).articles[1]) < 900


async def test_a_full_line_is_followed_by_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MOST", 5)
    asha = await site.person("asha")
    room = await site.room(asha)
    people = await new_people(12)
    async with law(asha, room):
        for user_id in people:
            await tell(room, user_id, notices.JOINED)
        await tell(room, people[0], notices.LEFT)
        await tell(room, people[11], notices.LEFT)
    assert await lines(room, asha) == [
        "P0 left the room; P1, P2 and 2 others joined the room",
        "P5, P6 and 3 others joined the room",
        "P10 joined the room; P11 left the room",
    ]


async def test_the_lines_of_a_large_room_are_found_by_number(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    await fill((await room_row(room))["id"], asha.id, 20_000)
    await db.run("ANALYZE messages")  # else it hangs on the moment when PostgreSQL itself looks
    asked = []
    fetch = db.fetch

    async def noted(sql: str, *values: object, **named: object) -> list[db.Row]:
        if "FROM messages WHERE" in sql:
            asked.append((sql, values))
        return await fetch(sql, *values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "fetch", noted)
    await ravi.join(room)
    await ravi.rename("Ravi Rao")
    monkeypatch.undo()
    looked = [(sql, values) for sql, values in asked if "message_type" in sql]
    assert len(looked) == 2
    for sql, values in looked:
        rows = await fetch(("EXPLAIN " if db.is_postgres() else "EXPLAIN QUERY PLAN ") + sql, *values)
        plan = "\n".join(str(row) for row in rows)
        assert re.search(r"seq[^\n]*>|seq>", plan), plan
        assert not re.search("Seq Scan on messages|SCAN messages", plan), plan


async def test_what_was_undone_is_told_of_nowhere(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await mina.join(room)
    before = await kept(room)
    await asyncio.gather(*(ravi.join(room) for _ in range(5)))
    assert await lines(room, asha) == ["mina and ravi joined the room"]
    assert (await room_row(room))["version"] == 2
    await asyncio.gather(*(ravi.post(f"/rooms/{room}/leave") for _ in range(5)))
    assert await lines(room, asha) == ["mina joined the room; ravi left the room"]
    assert (await room_row(room))["version"] == 3
    assert before[0]["content"] == notices.JOINED


@on_sqlite
async def test_an_account_that_is_gone_keeps_its_place_without_a_name(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    gone, *_ = await new_people(1)
    room = await site.room(asha)
    await ravi.join(room)
    await tell(room, gone, notices.JOINED)
    await db.run("DELETE FROM users WHERE id = ?", gone)
    assert await lines(room, asha) == ["ravi and P0 joined the room"]
    await mina.join(room)
    assert await lines(room, asha) == ["ravi, … and mina joined the room"]


@pytest.mark.parametrize("content", ["", "said"])
def test_content_that_nobody_wrote_breaks_no_page(content: str) -> None:
    row = {
        "id": 1, "seq": 1, "version": 1, "message_type": "system", "content": content, "html": "", "attachments": None, "client_key": None,
        "timestamp": datetime.datetime.now(datetime.UTC),
        "username": "ravi", "display_name": "Ravi", "code": "abcdefgh2345", "user_id": 7,
    }  # fmt: skip
    assert said(Fragments().message(row, "en")) == "Ravi left the room"
    assert [*notices._Line.read(row).people] == [7]
