"""Who is writing: shown to the others for five seconds, or until they post; never stored."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from sampark import db
from sampark.chat import members
from sampark.live import typing
from sampark.live.doorbell import TYPING, Ring
from tests.support import Site, Stream, plain, room_row, statements


def lines(stream: Stream) -> list[str]:
    """What the typing line said, one after the other."""
    return [plain(text) for block in stream.blocks for text in re.findall(r'<p id="typing">(.*?)</p>', block.data)]


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
    await stream.wait_for("<bdi>asha</bdi> is typing")
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


async def test_three_are_named(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(4)))
    room = await site.room(people[0], *people[1:])
    stream = await people[0].stream(room)
    for person in people[1:]:
        await person.post(f"/rooms/{room}/typing")
    await stream.wait_for("<bdi>person-1</bdi>, <bdi>person-2</bdi> and <bdi>person-3</bdi> are typing…")


async def test_a_flood_rings_once_in_two_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    rung: list[Ring] = []
    hear = site.hub.hear
    monkeypatch.setattr(site.hub.bell, "_answer", lambda ring: (rung.append(ring), hear(ring)))
    for _ in range(20):
        assert (await asha.post(f"/rooms/{room}/typing")).status == 204
    await asha.post(f"/rooms/{other}/typing")
    await ravi.post(f"/rooms/{room}/typing")
    assert len([ring for ring in rung if ring.kind == TYPING]) == 3
    monkeypatch.setattr(typing, "RING_EVERY", 0.0)
    await asha.post(f"/rooms/{room}/typing")
    assert len([ring for ring in rung if ring.kind == TYPING]) == 4


async def test_whoever_has_posted_may_type_again_at_once(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait_for("<bdi>asha</bdi> is typing…")
    await asha.say(room, "first")
    await stream.wait(lambda: lines(stream)[-1:] == [""], "an empty line")
    await asha.post(f"/rooms/{room}/typing")
    await stream.wait(lambda: lines(stream)[-1:] == ["asha is typing…"], "asha types again")


async def test_a_message_ends_typing_that_was_heard_but_not_looked_up_yet(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await site.person("asha")
    room_id = (await room_row(await site.room(asha)))["id"]
    typists = typing.Typists(room_id)
    typists.hear(asha.id)
    typists.posted({"asha"})
    assert not await typists.settle()
    these = members.these

    async def slow(*values: Any) -> Any:
        await asyncio.sleep(0.01)
        return await these(*values)

    monkeypatch.setattr(members, "these", slow)
    typists.hear(asha.id)
    looking = asyncio.create_task(typists.settle())
    await asyncio.sleep(0)
    typists.posted({"asha"})
    assert not await looking
    typists.hear(asha.id)
    assert await typists.settle()
    assert typists.shown() == ("asha",)
    assert typists.shown(to=asha.id) == ()
    typists.hear(-asha.id)
    assert typists.is_due
    assert await typists.settle()
    assert typists.shown() == ()


async def test_strangers_and_ex_members_type_nowhere(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi)
    room_id = (await room_row(room))["id"]
    stream = await asha.stream(room)
    await ravi.leave(room)
    for stranger in (ravi, mina):
        assert (await stranger.post(f"/rooms/{room}/typing")).status == 404
        site.hub.hear(Ring(TYPING, room_id, stranger.id))  # as if forged on Redis
    site.hub.hear(Ring(TYPING, room_id, 2**40))
    await asyncio.sleep(0.2)
    assert not any(lines(stream))


async def test_very_many_who_type_cost_one_query(site: Site) -> None:
    asha = await site.person("asha")
    people = await site.people(*(f"person-{number}" for number in range(30)))
    room_id = (await room_row(await site.room(asha, *people)))["id"]
    typists = typing.Typists(room_id)
    for person in people:
        typists.hear(person.id)
    with statements() as seen:
        assert await typists.settle()
    assert len(seen) == 1
    assert len(typists.shown()) == 30


async def test_who_comes_sees_who_types_already_and_who_comes_back_sees_that_nobody_does(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    first = await ravi.stream(room)
    await asha.post(f"/rooms/{room}/typing")
    await first.wait_for("<bdi>asha</bdi> is typing…")
    late = await ravi.stream(room)
    await late.wait_for("<bdi>asha</bdi> is typing…")
    await asha.say(room, "done")
    await late.wait(lambda: lines(late)[-1:] == [""], "an empty line")
    back = await ravi.stream(room, resume=1)
    await back.wait(lambda: lines(back) == [""], "an empty line")
    fresh = await ravi.stream(room)
    await asyncio.sleep(0.1)
    assert lines(fresh) == []


async def test_nothing_of_it_is_stored(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await ravi.stream(room)
    with statements() as seen:
        await asha.post(f"/rooms/{room}/typing")
        await asyncio.sleep(0.1)
    assert not [text for text in seen if re.match("INSERT|UPDATE|DELETE|BEGIN", text) and "users" not in text]
