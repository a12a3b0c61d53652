"""Nobody waits for somebody who waits for them: what is locked is locked in one order, and what PostgreSQL undid is done again."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from sampark import db
from sampark.chat import reading, rooms
from tests.databases import serving, settings_for
from tests.support import Site, count, law, room_row, until

LOCK_ROOM = "UPDATE rooms SET version = version + 1, last_seq = last_seq + 1 WHERE id = $1"


@pytest.fixture
async def site(empty_postgres: str, redis_url: str, tmp_path: Path, quick: None) -> AsyncIterator[Site]:
    async with serving(settings_for(tmp_path, empty_postgres, redis_url)) as running:
        yield running


@contextlib.asynccontextmanager
async def somebody_else(url: str) -> AsyncIterator[Any]:
    """Another process, in the middle of a transaction, which it gives up in the end."""
    connection = await asyncpg.connect(url)
    # Of two that wait for each other the one is undone that looks first: never this one.
    await connection.execute("SET deadlock_timeout = '1h'")
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        with contextlib.suppress(asyncpg.InterfaceError):
            await transaction.rollback()
        await connection.close()


async def until_it_waits(connection: Any) -> None:
    """Until one of us waits for this connection."""

    async def waits() -> bool:
        pid = connection.get_server_pid()
        found = await db.one("SELECT COUNT(*) AS many FROM pg_stat_activity WHERE ? = ANY(pg_blocking_pids(pid))", pid)
        return bool(found and found["many"])

    await until(waits, "one who waits")


async def test_a_rename_takes_its_rooms_before_the_name(site: Site, empty_postgres: str) -> None:
    """As whoever posts does, who needs the author's row last."""
    asha = await site.person("asha")
    room_ids = [(await room_row(await site.room(asha)))["id"] for _ in range(3)]
    for room_id in room_ids:
        async with somebody_else(empty_postgres) as posting:
            await posting.execute(LOCK_ROOM, room_id)
            renaming = asyncio.create_task(asha.post("/profile", {"username": f"asha-{room_id}"}))
            await until_it_waits(posting)
            await posting.execute("SELECT 1 FROM users WHERE id = $1 FOR KEY SHARE NOWAIT", asha.id)
            for later in room_ids[room_ids.index(room_id) + 1 :]:
                await posting.execute("SELECT 1 FROM rooms WHERE id = $1 FOR UPDATE NOWAIT", later)
        assert (await renaming).status == 303


async def test_a_room_that_somebody_comes_to_while_they_are_renamed_shows_the_new_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(ravi)
    known = rooms.with_words_of

    async def too_early(user_id: int, using: Any = None) -> list[int]:
        return await known(user_id, using) if using is not None else []

    await asha.join(room)
    async with law(ravi, room):
        await asha.say(room, "hello")
        monkeypatch.setattr(rooms, "with_words_of", too_early)
        await asha.rename("New name")
    assert "New name" in (await ravi.room(room)).articles[2]


async def test_who_has_read_is_noted_person_by_person(site: Site, empty_postgres: str) -> None:
    people = await site.people(*(f"person-{number}" for number in range(6)))
    room = await room_row(await site.room(*people[::-1]))
    first, *others = [person.id for person in people]
    async with somebody_else(empty_postgres) as noting:
        lock = "SELECT 1 FROM memberships WHERE user_id = $1 FOR UPDATE"
        await noting.execute(lock, first)
        marking = asyncio.create_task(reading.mark_all_read(room["id"], {first, *others}, 7))
        await until_it_waits(noting)
        for user_id in others:
            await noting.execute(f"{lock} NOWAIT", user_id)
    await marking
    assert await count("memberships", "read_seq = 7") == 6


async def test_what_another_process_has_noted_meanwhile_is_not_taken_back(site: Site, empty_postgres: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await room_row(await site.room(asha, ravi))
    other = await asyncpg.connect(empty_postgres)
    async with other.transaction():
        await other.execute("UPDATE memberships SET read_seq = 9 WHERE user_id = $1", asha.id)
        marking = asyncio.create_task(reading.mark_all_read(room["id"], {asha.id, ravi.id}, 7))
        await until_it_waits(other)
    await other.close()
    await marking
    rows = await db.fetch("SELECT read_seq FROM memberships ORDER BY user_id")
    assert [row["read_seq"] for row in rows] == [9, 7]


def touch(person_id: int) -> tuple[str, tuple[object, ...]]:
    return "UPDATE users SET last_seen = ? WHERE id = ? RETURNING id", (datetime.datetime.now(datetime.UTC), person_id)


@pytest.mark.parametrize("way", ["steps", "block", "statement"])
async def test_what_postgresql_undid_is_done_again(
    site: Site, empty_postgres: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    has_gone_on = asyncio.Event()
    monkeypatch.setattr(db, "_step_aside", has_gone_on.wait)
    one, two = [person.id for person in await site.people("asha", "ravi")]
    tries: list[str] = []

    def steps() -> db.Steps[None]:
        tries.append("steps")
        for user_id in (one, two):
            yield touch(user_id)

    async def block(using: Any) -> None:
        tries.append("block")
        for user_id in (one, two):
            sql, values = touch(user_id)
            await db.run(sql, *values, using=using)

    async def statement() -> None:
        # Row by row: the first one's row, then the second one's.
        await db.run(
            "WITH a AS MATERIALIZED (SELECT id FROM users WHERE id = ? FOR UPDATE),"
            " b AS MATERIALIZED (SELECT id FROM users WHERE id = ? + 0 * (SELECT id FROM a) FOR UPDATE)"
            " UPDATE users SET theme = 'dark' WHERE id IN (SELECT id FROM b)",
            one, two,
        )  # fmt: skip

    work = {"steps": lambda: db.transact(steps), "block": lambda: db.whole(block), "statement": statement}[way]
    async with somebody_else(empty_postgres) as other:
        await other.execute("UPDATE users SET last_seen = now() WHERE id = $1", two)
        ours = asyncio.create_task(work())
        await until_it_waits(other)
        await other.execute("UPDATE users SET last_seen = now() WHERE id = $1", one)
        has_gone_on.set()
    await ours
    assert tries == ([] if way == "statement" else [way] * 2)
