"""Posts that are committed together: one transaction, and each for itself."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sqlite3
from typing import Any

import pytest
from tortoise.exceptions import OperationalError

from sampark import access, db
from sampark.chat import lanes, messages, posting
from sampark.chat.bell import Change
from sampark.live.doorbell import LocalDoorbell, Ring
from sampark.text.problems import NotFound
from tests.databases import on_sqlite
from tests.support import Site, count, room_row, statements


class Listening(LocalDoorbell):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Ring] = []
        self._answer = self.heard.append


async def open_room(site: Site, people: int = 4) -> tuple[list[access.Person], access.OpenRoom]:
    browsers = await site.people(*(f"poster-{number}" for number in range(people)))
    room = await site.room(browsers[0], *browsers[1:])
    persons = [await browser.person() for browser in browsers]
    return persons, await access.room_for(persons[0], room)


async def test_what_waits_is_committed_together(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    persons, room = await open_room(site)
    groups: list[int] = []
    commit = posting._commit

    async def counted(drafts: list[posting.Draft]) -> None:
        groups.append(len(drafts))
        await commit(drafts)

    monkeypatch.setattr(posting._lanes, "_commit", counted)
    bell = Listening()
    rows = await asyncio.gather(*(messages.post(persons[n % 4], room, f"line {n}", f"k{n}", bell) for n in range(200)))
    assert sum(groups) == 200
    assert len(groups) < 20
    assert max(groups) <= lanes.MOST
    assert sorted(row["seq"] for row in rows) == [*range(1, 201)]
    assert all(row["seq"] == row["version"] == row["posted_version"] for row in rows)
    # Each rang, in order, with all that it changed.
    assert [ring.value for ring in bell.heard] == [*range(1, 201)]
    assert all(ring.change == Change(posted=rows[0]) for ring in bell.heard if ring.value == rows[0]["version"])


async def test_each_post_succeeds_or_fails_for_itself(site: Site) -> None:
    persons, room = await open_room(site)
    stranger = await (await site.person("stranger")).person()
    bell = Listening()
    await messages.post(persons[0], room, "before", "used", bell)
    outcomes = await asyncio.gather(
        messages.post(persons[0], room, "a", "k1", bell),
        messages.post(stranger, room, "may not", "k2", bell),
        messages.post(persons[0], room, "before", "used", bell),
        messages.post(persons[1], room, "b", "k3", bell),
        messages.post(persons[1], room, "b", "k3", bell),
        messages.post(persons[2], room, "c", "", bell),
        return_exceptions=True,
    )
    a, refused, again, b, twice, c = outcomes
    assert isinstance(refused, NotFound)
    assert [row["content"] for row in (a, again, b, twice, c) if isinstance(row, dict)] == [
        "a",
        "before",
        "b",
        "b",
        "c",
    ]
    assert await count("messages") == 4
    row = await room_row(room.code)
    assert (row["version"], row["last_seq"]) == (4, 4)
    stored = await db.fetch("SELECT seq, version FROM messages ORDER BY seq")
    assert [(row["seq"], row["version"]) for row in stored] == [(n, n) for n in range(1, 5)]
    assert [ring.value for ring in bell.heard] == [1, 2, 3, 4]


async def test_posts_to_many_rooms_at_once_keep_each_room_in_order(site: Site) -> None:
    creator = await site.person("creator")
    person = await creator.person()
    rooms = [await access.room_for(person, await site.room(creator)) for _ in range(5)]
    bell = Listening()
    await asyncio.gather(*(messages.post(person, rooms[n % 5], f"{n}", f"k{n}", bell) for n in range(100)))
    for room in rooms:
        rows = await db.fetch("SELECT seq, version, content FROM messages WHERE room_id = ? ORDER BY seq", room.id)
        assert [(row["seq"], row["version"]) for row in rows] == [(n, n) for n in range(1, 21)]
        assert [int(row["content"]) for row in rows] == sorted(int(row["content"]) for row in rows)


async def test_one_that_cannot_be_written_spoils_nothing_for_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons, room = await open_room(site)
    insert = posting._insert

    def failing(rows: list[db.Row], drafts: list[posting.Draft]) -> Any:
        if any(draft.text == "poison" for draft in drafts):
            raise ValueError("cannot be written")
        return (yield from insert(rows, drafts))

    monkeypatch.setattr(posting, "_insert", failing)
    bell = Listening()
    texts = ["a", "b", "poison", "c", "d"]
    outcomes = await asyncio.gather(
        *(messages.post(persons[0], room, text, f"k{text}", bell) for text in texts), return_exceptions=True
    )
    assert [isinstance(outcome, ValueError) for outcome in outcomes] == [False, False, True, False, False]
    rows = await db.fetch("SELECT seq, content FROM messages ORDER BY seq")
    assert [(row["seq"], row["content"]) for row in rows] == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


async def test_while_the_database_is_away_all_who_wait_hear_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    persons, room = await open_room(site)

    async def away(steps: Any) -> Any:
        raise OperationalError(sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(db, "transact", away)
        outcomes = await asyncio.gather(
            *(messages.post(persons[0], room, "x", f"k{n}", Listening()) for n in range(10)), return_exceptions=True
        )
    assert all(isinstance(outcome, OperationalError) for outcome in outcomes)
    assert (await messages.post(persons[0], room, "x", "k0", Listening()))["seq"] == 1


async def test_a_group_costs_four_statements(site: Site) -> None:
    persons, room = await open_room(site)
    drafts = [posting.Draft(room, persons[0].id, f"{n}", f"<p>{n}</p>", f"k{n}", Listening()) for n in range(50)]
    taken = []
    steps = posting._write_rooms(drafts)
    async with db.transaction() as using:
        with contextlib.suppress(StopIteration):
            sql, values = next(steps)
            while True:
                taken.append(sql)
                sql, values = steps.send(await db.fetch(sql, *values, using=using))
    assert len(taken) == 4
    assert taken[0].startswith("UPDATE rooms")


@on_sqlite
async def test_a_read_waits_for_no_writer_and_sees_only_what_is_committed(site: Site) -> None:
    person = await site.person("asha")
    elsewhere = contextvars.copy_context()

    async def read() -> db.Row | None:
        return await db.one("SELECT display_name FROM users WHERE id = ?", person.id)

    async with db.transaction() as using:
        await db.run("UPDATE users SET display_name = 'half' WHERE id = ?", person.id, using=using)
        async with asyncio.timeout(1):
            assert await asyncio.create_task(read(), context=elsewhere) == {"display_name": "asha"}
        assert await read() == {"display_name": "half"}
    assert await asyncio.create_task(read(), context=elsewhere) == {"display_name": "half"}


async def test_a_transaction_of_steps_that_fails_leaves_nothing(site: Site) -> None:
    person = await site.person("asha")

    def steps() -> db.Steps[None]:
        yield "UPDATE users SET display_name = ? WHERE id = ?", ("half", person.id)
        yield "SELECT nothing FROM nowhere", ()

    with pytest.raises(OperationalError):
        await db.transact(steps)
    with statements():
        assert await db.one("SELECT display_name FROM users WHERE id = ?", person.id) == {"display_name": "asha"}
