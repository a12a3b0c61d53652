"""Who belongs to a room: those whom its page shows, all of them page by page, how many they are."""

from collections.abc import Collection
from dataclasses import dataclass

from sampark import db

SHOWN = 200
"""So many stand beside the messages; the rest on the page of members."""
PAGE = 500

_SELECT = (
    "SELECT m.user_id, u.username, u.display_name, u.profile_picture, u.kind, u.site, m.role"
    " FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = ?"
)


async def some(room_id: int, first: Collection[int]) -> list[db.Row]:
    """At most `SHOWN` members by name: these people, and of the others whoever has had an account for longest.

    Nothing is sorted by the database, so that seven thousand members cost no more than two hundred.
    """
    rows = await db.fetch(f"{_SELECT} ORDER BY m.user_id LIMIT ?", room_id, SHOWN)
    if len(rows) == SHOWN:
        shown = {row["user_id"] for row in rows}
        rows = [*await these(room_id, [user_id for user_id in first if user_id not in shown]), *rows]
        rows = sorted(rows, key=lambda row: row["user_id"] not in first)[:SHOWN]
    return sorted(rows, key=by_name)


async def these(room_id: int, user_ids: Collection[int]) -> list[db.Row]:
    """Those of these people who are members."""
    if not user_ids:
        return []
    return await db.fetch(f"{_SELECT} AND m.user_id IN ({db.marks([*user_ids])})", room_id, *user_ids)


async def page(room_id: int, number: int) -> list[db.Row]:
    """The page of this number (1, 2, …), by name; one row more than `PAGE` if there is another page."""
    # Seven thousand names take the database ten milliseconds: longer than the loop may stand still.
    return await db.fetch_aside(
        f"{_SELECT} ORDER BY lower(u.display_name){db.by_letter()}, u.id LIMIT ? OFFSET ?",
        room_id, PAGE + 1, (number - 1) * PAGE,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How many bytes a room's files take; who else reads there (a level of `models.embed`, empty: nobody), from whose pages."""

    space: int
    level: str
    sites: list[str]


async def surroundings(room_id: int) -> Surroundings:
    # Adding up the sizes of many files takes the database longer than the loop may stand still.
    rows = await db.fetch_aside(
        "SELECT (SELECT COALESCE(SUM(f.size), 0) FROM files f WHERE f.room_id = r.id) AS space, e.level, o.origin"
        " FROM rooms r LEFT JOIN embeds e ON e.room_id = r.id AND e.is_on LEFT JOIN embed_origins o ON o.embed_id = e.id"
        " WHERE r.id = ? ORDER BY o.id",
        room_id,
    )
    if not rows:
        return Surroundings(0, "", [])
    return Surroundings(int(rows[0]["space"]), rows[0]["level"] or "", [row["origin"] for row in rows if row["origin"]])


async def count(room_id: int) -> int:
    row = await db.one("SELECT COUNT(*) AS many FROM memberships WHERE room_id = ?", room_id)
    return int(row["many"]) if row else 0


def by_name(row: db.Row) -> tuple[str, int]:
    return row["display_name"].lower(), row["user_id"]
