"""Who belongs to a room, page by page: by name, the same on either database, and beside the event loop."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sampark.chat import members
from sampark.sqlite_reader import SqliteReader
from tests.databases import on_sqlite
from tests.support import Site, room_row

NAMES = [
    "zoe",
    "Zoe",
    "_x",
    "asha",
    "Asha",
    "a b",
    "a-b",
    "ab",
    "A.c",
    "9",
    "é",
    "ß",
    "आशा",
    "रवि",
    "анна",
    "~",
    "asha",
]


async def test_pages_of_members_meet_and_are_by_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [await site.person(f"p{number}", display_name=name) for number, name in enumerate(NAMES)]
    room = await room_row(await site.room(*people))
    monkeypatch.setattr(members, "PAGE", 4)
    found = [await members.page(room["id"], number) for number in range(1, 7)]
    assert [len(page) for page in found] == [5, 5, 5, 5, 1, 0]
    shown = [row for page in found for row in page[:4]]
    assert {row["user_id"] for row in shown} == {person.id for person in people}
    assert shown == sorted(shown, key=members.by_name)


@on_sqlite
async def test_a_crowd_is_sorted_beside_the_event_loop(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    fetch, sorted_in = SqliteReader.fetch, list[int]()

    def watched(self: SqliteReader, sql: str, values: Any) -> list[dict[str, Any]]:
        if "ORDER BY lower(u.display_name)" in sql:
            sorted_in.append(threading.get_ident())
        return fetch(self, sql, values)

    monkeypatch.setattr(SqliteReader, "fetch", watched)
    assert "asha" in (await asha.get(f"/rooms/{room}/members")).text
    assert len(sorted_in) == 1
    assert sorted_in[0] != threading.get_ident()
