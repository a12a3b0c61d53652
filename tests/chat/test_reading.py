"""How far people have read: noted together, and each mark is somebody's own."""

from __future__ import annotations

import asyncio

import pytest
from tortoise.exceptions import OperationalError

from sampark import access, db
from sampark.chat import reading
from tests.databases import on_sqlite
from tests.support import Site


async def readers(site: Site, count: int) -> tuple[list[access.Person], access.OpenRoom]:
    browsers = await site.people(*(f"reader-{number}" for number in range(count)))
    room = await site.room(browsers[0], *browsers[1:])
    persons = [await browser.person() for browser in browsers]
    return persons, await access.room_for(persons[0], room)


async def read_by(persons: list[access.Person]) -> list[int]:
    rows = {row["user_id"]: row["read_seq"] for row in await db.fetch("SELECT user_id, read_seq FROM memberships")}
    return [rows[person.id] for person in persons]


async def test_each_mark_is_somebodys_own_and_never_goes_back(site: Site) -> None:
    persons, room = await readers(site, 5)
    assert all(await asyncio.gather(*(reading.mark_read(who, room, 10 + n) for n, who in enumerate(persons))))
    assert await read_by(persons) == [10, 11, 12, 13, 14]
    await asyncio.gather(*(reading.mark_read(who, room, 12) for who in persons))
    assert await read_by(persons) == [12, 12, 12, 13, 14]


async def test_nothing_is_written_for_what_was_known(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    persons, room = await readers(site, 1)
    monkeypatch.setattr(reading, "_lanes", None)
    monkeypatch.setattr(db, "run", None)
    assert not await reading.mark_read(persons[0], room, room.read_seq, room.unread_from)


@on_sqlite
async def test_what_waits_is_committed_together(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    persons, room = await readers(site, 5)
    groups: list[int] = []
    commit = reading._lanes._commit

    async def counted(marks: list[reading._Mark]) -> None:
        groups.append(len(marks))
        await commit(marks)

    monkeypatch.setattr(reading._lanes, "_commit", counted)
    await asyncio.gather(*(reading.mark_read(who, room, 1 + n) for n in range(20) for who in persons))
    assert sum(groups) == 100
    assert len(groups) <= 3
    assert await read_by(persons) == [20] * 5


@on_sqlite
async def test_a_database_that_is_away_is_told_to_all_who_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    persons, room = await readers(site, 3)

    async def away(steps: object) -> None:
        raise OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(db, "transact", away)
        told = await asyncio.gather(*(reading.mark_read(who, room, 5) for who in persons), return_exceptions=True)
    assert all(isinstance(fault, OperationalError) for fault in told)
    assert await reading.mark_read(persons[0], room, 5)
    assert await read_by(persons) == [5, 0, 0]
