"""What changed in a room after a cursor, read from the database: the one source of live delivery, resume and reset."""

from dataclasses import dataclass

from sampark import db
from sampark.access import DELETED
from sampark.chat import history

MOST = 200
"""Further behind than this, the newest page is sent whole."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything between two cursors, as it is now.

    Per message only its present state: `new` ones the reader never had, `changed` ones it may show, `deleted` numbers.
    With `page` set, nothing else is: the reader was too far behind.
    """

    version: int
    new: list[db.Row]
    changed: list[db.Row]
    deleted: list[int]
    page: history.Page | None = None


async def version_of(room_id: int) -> int | None:
    """The room's version, or None once it is deleted; one query."""
    row = await db.one("SELECT version, code FROM rooms WHERE id = ?", room_id)
    return None if row is None or row["code"].startswith(DELETED) else int(row["version"])


async def since(room_id: int, cursor: int, version: int) -> Changes:
    """The changes after `cursor`; one query. `version` was read just before, so every change up to it is seen."""
    if not 0 <= cursor <= version:
        return await _reset(room_id, version)
    rows = await db.fetch(
        f"{history.SELECT} AND m.room_id = ? AND m.version > ? ORDER BY m.version, m.seq LIMIT ?",
        room_id,
        cursor,
        MOST + 1,
    )
    if len(rows) > MOST:
        return await _reset(room_id, version)
    alive = [row for row in rows if row["deleted_at"] is None]
    return Changes(
        # A change committed after `version` was read may be among the rows; what came before it is then, too.
        version=max([version, *(row["version"] for row in rows)]),
        new=sorted((row for row in alive if row["posted_version"] > cursor), key=lambda row: int(row["seq"])),
        changed=[row for row in alive if row["posted_version"] <= cursor],
        deleted=[row["seq"] for row in rows if row["deleted_at"] is not None],
    )


async def _reset(room_id: int, version: int) -> Changes:
    return Changes(version, [], [], [], await history.newest(room_id))
