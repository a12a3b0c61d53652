"""What changed in a room after a cursor, as it is now: the one source of live delivery, resume and reset.

Read from the database, or put together from changes that rings of this process brought along.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sampark import db
from sampark.access import DELETED
from sampark.chat import history
from sampark.chat.bell import Change

MOST = 200
"""Further behind than this, the newest page is sent whole."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything between two cursors, as it is now.

    Per message only its present state: `new` ones the reader never had, `changed` ones it may show, `deleted` numbers.
    With `page` set, nothing else is: the reader was too far behind.
    """

    version: int
    new: list[db.Row] = field(default_factory=list)
    changed: list[db.Row] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    page: history.Page | None = None


_ROOM = ", ".join(f"{'last_seq' if name == 'seq' else 'NULL'} AS {name}" for name in history.NAMES)
"""What the room itself says in the union's columns."""
_SINCE = (
    f"SELECT version AS room_version, code, {_ROOM} FROM rooms WHERE id = ?"  # noqa: S608
    f" UNION ALL SELECT * FROM (SELECT 0, '', {history.COLUMNS} FROM messages m CROSS JOIN users u"
    " WHERE u.id = m.user_id AND m.room_id = ? AND m.version > ? ORDER BY m.version LIMIT ?) AS changed"
)


async def since(room_id: int, cursor: int) -> Changes | None:
    """The changes after `cursor`, or None once the room is deleted; one query, so the version and the rows belong together."""
    rows = await db.fetch(_SINCE, room_id, room_id, max(cursor, 0), MOST + 1 if cursor >= 0 else 0)
    # The union's first row is the room, the others are messages; a database may give them in any order.
    room = next((row for row in rows if row["id"] is None), None)
    if room is None or room["code"].startswith(DELETED):
        return None
    version = int(room["room_version"])
    if not 0 <= cursor <= version or len(rows) > MOST + 1:
        # Not newer than the version: what comes after it is told after it.
        return Changes(version, page=await history.newest(room_id, upto=int(room["seq"])))
    found = sorted((row for row in rows if row is not room), key=lambda row: int(row["version"]))
    for row in found:
        row["code"] = room["code"]
    alive = [row for row in found if row["deleted_at"] is None]
    return Changes(
        version,
        new=sorted((row for row in alive if row["posted_version"] > cursor), key=lambda row: int(row["seq"])),
        changed=[row for row in alive if row["posted_version"] <= cursor],
        deleted=[row["seq"] for row in found if row["deleted_at"] is not None],
    )


def of(version: int, carried: Iterable[Change]) -> Changes:
    """The same from changes that follow each other, oldest first, the last of which made `version`."""
    new: dict[int, db.Row] = {}
    deleted: list[int] = []
    for change in carried:
        if change.posted is not None:
            new[change.posted["seq"]] = change.posted
        else:
            new.pop(change.deleted, None)
            deleted.append(change.deleted)
    return Changes(version, new=list(new.values()), deleted=deleted)


async def versions_of(room_ids: list[int]) -> dict[int, int]:
    """The versions of those of these rooms that still stand; one query."""
    rows = await db.fetch(
        f"SELECT id, version FROM rooms WHERE id IN ({db.marks(room_ids)}) AND code NOT LIKE '{DELETED}%'",  # noqa: S608
        *room_ids,
    )
    return {int(row["id"]): int(row["version"]) for row in rows}
