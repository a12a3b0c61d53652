"""How far people have read, and which rooms hold something new for them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sampark import db
from sampark.access import OpenRoom, Person
from sampark.chat.lanes import Lanes

_MOST_AT_ONCE = 10_000

# CASE, because the two databases have no common name for the greater of two numbers.
_MARK = (
    "UPDATE memberships SET read_seq = CASE WHEN read_seq < ? THEN ? ELSE read_seq END, unread_from = ?"
    " WHERE room_id = ? AND user_id = ?"
)


@dataclass(slots=True)
class _Mark:
    """What `_MARK` is run with, and who waits for it."""

    values: tuple[int | None, ...]
    written: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, fault: Exception | None = None) -> None:
        if self.written.done():
            return
        if fault is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(fault)


async def mark_read(person: Person, room: OpenRoom, seq: int, unread_from: int | None = None) -> bool:
    """Remember how far somebody has read, which never goes back, and where what was new to them on this visit begins.

    Whether they have read more than was known. When many people look at a room, each message makes each of them read more:
    SQLite commits together what waits.
    """
    has_read_more = seq > room.read_seq
    if has_read_more or unread_from != room.unread_from:
        mark = _Mark((seq, seq, unread_from, room.id, person.id))
        if db.is_postgres():
            await db.run(_MARK, *mark.values)
        else:
            _lanes.add(mark, 0)
            await mark.written
    return has_read_more


async def _commit(marks: list[_Mark]) -> None:
    try:
        await db.transact(lambda: _write(marks))
    except Exception as fault:
        for mark in marks:
            mark.end(fault)
    else:
        for mark in marks:
            mark.end()


def _write(marks: list[_Mark]) -> db.Steps[None]:
    for mark in marks:
        yield _MARK, mark.values


_lanes = Lanes(_commit, lambda mark: mark.end(RuntimeError("the writer ended")))


async def mark_all_read(room_id: int, user_ids: set[int], seq: int) -> None:
    """Remember that all of these have read so far: one statement for everyone who watches."""
    whose = "room_id = ? AND read_seq < ? AND user_id IN ({})"
    if db.is_postgres():
        # By person, as every process does: two that held a part each would wait for each other.
        whose = f"id IN (SELECT id FROM memberships WHERE {whose} ORDER BY user_id FOR UPDATE)"  # noqa: S608 - constants
    every = sorted(user_ids)
    for first in range(0, len(every), _MOST_AT_ONCE):
        part = every[first : first + _MOST_AT_ONCE]
        await db.run(
            f"UPDATE memberships SET read_seq = ? WHERE {whose.format(db.marks(part))}",  # noqa: S608
            seq, room_id, seq, *part,
        )  # fmt: skip


async def unread(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those (room, person) where the person is a member and has not read everything; one query on the index of both."""
    if not pairs:
        return set()
    # Only the first row says what the numbers are: PostgreSQL takes the others from it.
    values = ", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT))", *["(?, ?)"] * (len(pairs) - 1)])
    rows = await db.fetch(
        "SELECT m.room_id, m.user_id FROM memberships m JOIN rooms r ON r.id = m.room_id"  # noqa: S608 - only `?` signs are put in
        f" WHERE (m.room_id, m.user_id) IN (VALUES {values}) AND r.last_seq > m.read_seq",
        *(number for pair in pairs for number in pair),
    )
    return {(row["room_id"], row["user_id"]) for row in rows}


async def waiting(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Those (room, person) where the person is a member, has not muted the room and has not read everything: how far they have read."""
    if not pairs:
        return {}
    values = ", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT))", *["(?, ?)"] * (len(pairs) - 1)])
    rows = await db.fetch(
        "SELECT m.room_id, m.user_id, m.read_seq FROM memberships m JOIN rooms r ON r.id = m.room_id"  # noqa: S608 - only `?` signs
        f" WHERE (m.room_id, m.user_id) IN (VALUES {values}) AND r.last_seq > m.read_seq AND NOT m.is_muted",
        *(number for pair in pairs for number in pair),
    )
    return {(row["room_id"], row["user_id"]): row["read_seq"] for row in rows}
