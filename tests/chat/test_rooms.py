"""Rooms: who may do what in them, and what is left when people go."""

from __future__ import annotations

import asyncio

import pytest

from sampark import access, db
from sampark.chat import rooms
from sampark.live.doorbell import LocalDoorbell
from sampark.settings import Settings
from sampark.text.problems import Forbidden, Invalid, NotFound
from tests.databases import serving
from tests.support import Browser, Site, count, law, room_row, until

BELL = LocalDoorbell()


async def role(room: str, person: Browser) -> str | None:
    row = await db.one(
        "SELECT m.role FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE r.code = ? AND m.user_id = ?",
        room,
        person.id,
    )
    return row["role"] if row else None


async def test_whoever_opens_a_room_looks_after_it(site: Site) -> None:
    asha = await site.person("asha")
    answer = await asha.post("/rooms", {"name": "  Book   club ", "description": "Thursdays\r\nat six"})
    room = answer.location.removeprefix("/rooms/")
    row = await room_row(room)
    assert (row["name"], row["description"]) == ("Book club", "Thursdays\nat six")
    assert (row["version"], row["last_seq"]) == (0, 0)
    assert not row["is_global"]
    assert await role(room, asha) == "creator"


@pytest.mark.parametrize(
    ("name", "description", "field", "sentence"),
    [
        ("ab", "", "name", "too short by 1"),
        ("  \u200b ", "", "name", "too short by 3"),
        ("x" * 101, "", "name", "too long by 1 "),
        ("Room", "x" * 2001, "description", "too long by 1 "),
    ],
)
async def test_a_name_or_description_of_the_wrong_length_is_told(
    site: Site, name: str, description: str, field: str, sentence: str
) -> None:
    asha = await site.person("asha")
    with pytest.raises(Invalid, match=sentence) as problem:
        await rooms.create(await asha.person(), name, description)
    assert problem.value.field == field
    assert await count("rooms") == 0


async def test_the_longest_names_fit_the_database(site: Site) -> None:
    asha = await site.person("asha")
    code = await rooms.create(await asha.person(), "क" * 100, "की" * 1000)
    assert (await room_row(code))["name"] == "क" * 100


async def test_joining_is_seen_by_all_and_happens_once(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    async with law(asha, room) as follower:
        await asyncio.gather(*(ravi.join(room) for _ in range(5)))
        await ravi.join(room)
    [article] = follower.screen.messages.values()
    assert 'data-kind="system"' in article
    assert "joined the room" in article
    assert await count("memberships") == 2
    assert (await room_row(room))["last_seq"] == 1


async def test_who_joins_has_nothing_unread(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, say=3)
    await ravi.join(room)
    assert ">New<" not in (await ravi.get("/")).text


async def test_a_creators_role_passes_to_whoever_has_been_here_longest(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await ravi.join(room)
    await mina.join(room)
    async with law(mina, room):
        await asha.leave(room)
    assert [await role(room, person) for person in (asha, ravi, mina)] == [None, "creator", "member"]
    await asha.join(room)
    assert await role(room, asha) == "member"


async def test_a_member_who_leaves_takes_no_role_along(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(asha, room):
        await ravi.leave(room)
    assert await role(room, asha) == "creator"


async def test_whoever_comes_to_an_empty_room_looks_after_it(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    await asha.say(room, "still here")
    await asha.leave(room)
    await ravi.join(room)
    await mina.join(room)
    assert [await role(room, person) for person in (ravi, mina)] == ["creator", "member"]
    assert "still here" in (await ravi.room(room)).text


async def test_when_all_leave_at_once_the_room_keeps_at_most_one_creator(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(8)))
    room = await site.room(*people)
    await asyncio.gather(*(person.leave(room) for person in people[:7]))
    assert await role(room, people[7]) == "creator"
    assert await count("memberships") == 1
    row = await room_row(room)
    assert (row["version"], row["last_seq"]) == (7, 1)


async def test_only_the_creator_deletes_a_room(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=20)
    refusal = await ravi.post(f"/rooms/{room}/delete")
    assert refusal.status == 403
    assert "creator" in refusal.alert
    assert (await asha.post(f"/rooms/{room}/delete")).location == "/"
    assert await count("rooms") == await count("messages") == await count("memberships") == 0
    assert (await asha.get(f"/rooms/{room}")).status == 404
    assert (await asha.post("/rooms/join", {"room": room})).status == 404


async def test_a_large_room_is_deleted_in_pieces_and_wholly(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_BATCH", 7)
    asha = await site.person("asha")
    room, kept = await site.room(asha, say=50), await site.room(asha, say=3)
    assert (await asha.post(f"/rooms/{room}/delete")).status == 303
    assert await count("messages") == 3
    assert (await asha.room(kept)).status == 200


async def test_a_deletion_cut_short_is_invisible_and_can_be_finished(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=5)

    async def killed(room_id: int, clear: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(rooms, "take_apart", killed)
        answer = await asha.post(f"/rooms/{room}/delete")
        assert (answer.status, answer.location) == (303, "/"), "for everybody it is gone"
    assert (await ravi.get(f"/rooms/{room}")).status == 404
    assert room not in (await ravi.get("/")).text
    [room_id] = await rooms.half_deleted()
    await rooms.take_apart(room_id, site.parts.attachments.clear)
    await rooms.take_apart(room_id, site.parts.attachments.clear)
    assert await rooms.half_deleted() == []
    assert await count("messages") == await count("rooms") == 0


async def test_what_cut_a_deletion_short_is_over_at_some_time(
    settings: Settings, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "FINISH_EVERY", 0.1)
    asked, failed = rooms.half_deleted, list[int]()
    whole = rooms.take_apart

    async def away(room_id: int, clear: rooms.Clear) -> None:
        if len(failed) < 3:
            failed.append(room_id)
            raise ConnectionError
        await whole(room_id, clear)

    async def lost() -> list[int]:
        if len(failed) == 2:
            failed.append(0)
            raise ConnectionError
        return await asked()

    monkeypatch.setattr(rooms, "take_apart", away)
    monkeypatch.setattr(rooms, "half_deleted", lost)
    async with serving(settings) as site:
        asha = await site.person("asha")
        room = await site.room(asha, say=5)
        assert (await asha.post(f"/rooms/{room}/delete")).status == 303

        async def is_gone() -> bool:
            return await count("messages") == await count("rooms") == 0

        await until(is_gone, "the room is taken apart")
        assert len(failed) == 3


async def test_rooms_with_somebodys_words_are_found_beside_the_loop(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that they ever wrote is read."""
    asha = await site.person("asha")
    code = await site.room(asha, say=3)
    aside: list[str] = []
    fetch = db.fetch_aside

    async def noted(sql: str, *values: object) -> list[db.Row]:
        aside.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(db, "fetch_aside", noted)
    room_id = (await room_row(code))["id"]
    assert await rooms.with_words_of(asha.id) == [room_id]
    assert len(aside) == 1
    async with db.transaction() as using:
        await db.run("DELETE FROM memberships", using=using)
        await db.run("DELETE FROM messages", using=using)
        assert await rooms.with_words_of(asha.id, using) == []
    assert len(aside) == 1


async def test_a_global_room_has_everyone_and_cannot_be_left_or_deleted(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await rooms.create_global("Everyone", "all of us")
    for person in (asha, ravi):
        assert (await person.room(code)).status == 200
        for deed in ("leave", "delete"):
            assert (await person.post(f"/rooms/{code}/{deed}")).status == 403
        here = await access.room_for(await person.person(), code)
        with pytest.raises(Forbidden):
            await rooms.leave(await person.person(), here, BELL)
    assert await count("memberships") == 2
    page = (await asha.room(code)).text
    assert "Leave room" not in page
    assert "Delete room" not in page


async def test_the_door_opens_for_every_way_of_writing_an_id_and_for_members_only(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    for typed in (room, room.upper(), f" {room[:4]}-{room[4:8]}-{room[8:]} ", f"https://x.example/rooms/{room}"):
        assert (await access.room_for(await asha.person(), typed)).code == room
        with pytest.raises(NotFound):
            await access.room_for(await ravi.person(), typed)
    for typed in ("", "nothing", "!" + str((await room_row(room))["id"]), "%", "x" * 10_000, room + "\x00"):
        with pytest.raises(NotFound):
            await access.room_for(await asha.person(), typed)


async def test_rooms_are_listed_by_name_with_what_is_unread(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    for name in ("beta", "Alpha", "gamma"):
        await site.room(asha, ravi, name=name)
    [alpha] = [row["code"] for row in await rooms.mine(await ravi.person()) if row["name"] == "Alpha"]
    await asha.say(alpha, "news")
    listed = [(row["name"], bool(row["unread"])) for row in await rooms.mine(await ravi.person())]
    assert listed == [("Alpha", True), ("beta", False), ("gamma", False)]
    await ravi.room(alpha)
    assert not any(row["unread"] for row in await rooms.mine(await ravi.person()))


async def test_versions_have_no_gaps_when_everything_happens_at_once(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(5)))
    room = await site.room(people[0], *people[1:4])
    await asyncio.gather(
        people[4].join(room),
        people[3].leave(room),
        *(person.say(room, "x") for person in people[:3] for _ in range(5)),
        people[1].rename("Somebody"),
    )
    row = await room_row(room)
    assert row["version"] == 18
    rows = await db.fetch("SELECT seq, posted_version FROM messages ORDER BY seq")
    assert [message["seq"] for message in rows] == [*range(1, row["last_seq"] + 1)]
    # Who came and who went are told of in one line, unless somebody spoke between them.
    assert row["last_seq"] in (16, 17)
    versions = [message["posted_version"] for message in rows]
    assert versions == sorted(versions)
