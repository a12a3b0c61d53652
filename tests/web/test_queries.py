"""What pages may cost: their number of queries, and an index for each that grows with a room."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from sampark import access, db
from sampark.chat import history, messages
from sampark.live import changes
from sampark.live.doorbell import LocalDoorbell
from tests.support import Site, fill, room_row, statements

BUDGETS = {
    "/": 2,
    "/profile": 2,
    "/rooms/{room}": 8,
    "/rooms/{room}?before=60": 8,
    "/rooms/{room}?around=60": 8,
    "/rooms/{room}/messages": 3,
    "/rooms/{room}/messages?around=60": 4,
    "/rooms/{room}/messages/60": 3,
    "/rooms/{room}/members": 4,
    "/rooms/{room}/invite": 2,
    "/nothing": 1,
    "/healthz": 0,
}


@pytest.mark.parametrize("path", BUDGETS)
async def test_a_page_costs_no_more_than_its_budget(site: Site, path: str) -> None:
    people = await site.people(*(f"person-{number}" for number in range(30)))
    room = await site.room(*people, say=120)
    for _ in range(5):
        await site.room(people[0], say=2)
    # At first the messages that are in no cache are read, too: in one statement, however many.
    for htmx, more in ((False, 1), (False, 0), (True, 0)):
        with statements() as seen:
            await people[0].get(path.format(room=room), htmx=htmx)
        assert len(seen) <= BUDGETS[path] + more, seen


async def test_a_post_costs_the_same_in_every_room(site: Site) -> None:
    asha = await site.person("asha")
    for say in (0, 500):
        room = await site.room(asha, say=say)
        with statements() as seen:
            await asha.post(f"/rooms/{room}/messages", {"text": "x", "key": "k"}, htmx=True)
        assert len([statement for statement in seen if not re.match("BEGIN|COMMIT|SAVEPOINT", statement)]) <= 6, seen


async def test_a_change_costs_two_queries_however_many_read(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(20)))
    room = await site.room(*people)
    streams = [await person.stream(room) for person in people]
    for stream in streams:
        await stream.wait_for("#members")
    with statements() as seen:
        await messages.post(
            await people[0].person(), await access.room_for(await people[0].person(), room), "x", "", site.hub.bell
        )
        for stream in streams:
            await stream.wait_for_version(1)
    assert len([statement for statement in seen if "m.version > " in statement]) <= 2


Ask = Callable[[int], Coroutine[Any, Any, Any]]

READS: dict[str, Ask] = {
    "newest": lambda room: history.newest(room),
    "before": lambda room: history.before(room, 10_000),
    "after": lambda room: history.after(room, 10_000),
    "around": lambda room: history.around(room, 10_000),
    "changes": lambda room: changes.since(room, 19_990),
    "many changes": lambda room: changes.since(room, 19_850),
    "far behind": lambda room: changes.since(room, 10),
    "versions": lambda room: changes.versions_of([room]),
}


async def plans(ask: Ask, room_id: int) -> list[str]:
    """How the database goes about each statement that runs inside."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    fetch = db.fetch

    async def noted(sql: str, *values: Any, **named: Any) -> Any:
        asked.append((sql, values))
        return await fetch(sql, *values, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "fetch", noted)
        await ask(room_id)
    prefix = "EXPLAIN (COSTS OFF) " if db.is_postgres() else "EXPLAIN QUERY PLAN "
    column = "QUERY PLAN" if db.is_postgres() else "detail"
    return ["\n".join(row[column] for row in await fetch(prefix + sql, *values)) for sql, values in asked]


async def assert_uses_an_index(ask: Ask, room_id: int) -> None:
    found = await plans(ask, room_id)
    assert found
    for plan in found:
        # Users and rooms are few here, and are joined after the messages were found.
        assert not re.search(r"Seq Scan on messages|SCAN m\b(?! USING)|SCAN messages", plan), plan
        if "messages" in plan or re.search(r"\bm\b", plan):
            assert re.search(r"Index (Only )?Scan|Bitmap Index Scan|USING (COVERING )?INDEX", plan), plan
            assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan


@pytest.mark.parametrize("is_analysed", [False, True], ids=["as it comes", "analysed"])
async def test_a_large_room_is_read_by_index(site: Site, is_analysed: bool) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    room_id = (await room_row(room))["id"]
    await fill(room_id, asha.id, 40_000)
    await fill((await room_row(await site.room(asha)))["id"], asha.id, 2_000)
    if is_analysed:
        await db.run("ANALYZE")
    for read in READS.values():
        await assert_uses_an_index(read, room_id)
    assert [*(await asha.room(room)).articles] == [*range(39_951, 40_001)]
    assert [*(await asha.room(room, before=20_000)).articles] == [*range(19_950, 20_000)]
    here = await access.room_for(await asha.person(), room)
    assert (await messages.post(await asha.person(), here, "one more", "", LocalDoorbell()))["seq"] == 40_001


async def test_the_only_room_of_an_instance_is_read_by_index_too(site: Site) -> None:
    """Then the room says nothing about which rows: a planner that knows so must still not read them all."""
    asha = await site.person("asha")
    room_id = (await room_row(await site.room(asha)))["id"]
    await fill(room_id, asha.id, 40_000)
    await db.run("ANALYZE")
    for read in READS.values():
        await assert_uses_an_index(read, room_id)


@pytest.mark.timeout(400)
async def test_a_room_of_a_million_messages_is_read_by_index_in_eight_queries(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    room_id = (await room_row(room))["id"]
    await fill(room_id, asha.id, 1_000_000)
    for read in READS.values():
        await assert_uses_an_index(read, room_id)
    for query, first in (
        ("", 999_951),
        ("?before=500000", 499_950),
        ("?after=500000", 500_001),
        ("?around=500000", 499_975),
    ):
        with statements() as seen:
            page = await asha.get(f"/rooms/{room}{query}")
        assert len(seen) <= 8, seen
        assert [int(seq) for seq in re.findall(r'<article id="message-(\d+)"', page.text)] == [
            *range(first, first + 50)
        ]
