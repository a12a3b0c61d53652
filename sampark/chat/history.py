"""Reading messages: pages of a room's history by number, each on the (room, seq) index."""

import datetime
from dataclasses import dataclass

from sampark import db
from sampark.access import OpenRoom
from sampark.text.problems import NotFound

PAGE = 50
MOST = 100

COLUMNS = (
    "m.id, m.room_id, m.seq, m.version, m.posted_version, m.message_type, m.content, m.html, m.attachments, m.timestamp,"
    " m.deleted_at, m.client_key, u.username, u.display_name, u.profile_picture, u.kind, u.site"
)
NAMES = [column.strip().partition(".")[2] for column in COLUMNS.split(",")]
SELECT = f"SELECT {COLUMNS}, r.code FROM messages m CROSS JOIN users u CROSS JOIN rooms r WHERE u.id = m.user_id AND r.id = m.room_id"  # noqa: S608
"""The one shape in which a message is read, for pages, streams and answers alike; conditions follow with AND.

`CROSS JOIN` keeps SQLite from beginning with the room where there is only one, and then reading all of its messages.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of history, oldest first, and whether there is more on either side."""

    messages: list[db.Row]
    has_older: bool
    has_newer: bool

    @property
    def first(self) -> int:
        return int(self.messages[0]["seq"]) if self.messages else 0

    @property
    def last(self) -> int:
        return int(self.messages[-1]["seq"]) if self.messages else 0


async def newest(room_id: int, limit: int = PAGE, *, brief: str = "", upto: int | None = None) -> Page:
    """With `brief` (the room's code), here and below: the rows hold only what names their fragments. `upto`: the newest as of
    when this was the room's last number."""
    messages = await _before(room_id, None if upto is None else upto + 1, limit + 1, brief)
    return Page(messages[-limit:], len(messages) > limit, False)


async def before(room_id: int, seq: int, limit: int = PAGE, *, brief: str = "") -> Page:
    messages = await _before(room_id, seq, limit + 1, brief)
    return Page(messages[-limit:], len(messages) > limit, True)


async def after(room_id: int, seq: int, limit: int = PAGE, *, brief: str = "") -> Page:
    messages = await _after(room_id, seq, limit + 1, brief)
    return Page(messages[:limit], True, len(messages) > limit)


async def around(room_id: int, seq: int, limit: int = PAGE, *, brief: str = "") -> Page:
    """The page with `seq` in its middle, whether or not that message still exists."""
    half = max(1, limit // 2)
    older = await _before(room_id, seq, half + 1, brief)
    newer = await _after(room_id, seq - 1, limit - half + 1, brief)
    return Page(older[-half:] + newer[: limit - half], len(older) > half, len(newer) > limit - half)


async def whole(room_id: int, ids: list[int]) -> list[db.Row]:
    """Those of these messages that still exist."""
    return await db.fetch(
        f"{SELECT} AND m.room_id = ? AND m.deleted_at IS NULL AND m.id IN ({db.marks(ids)})", room_id, *ids
    )


async def message(room: OpenRoom, seq: int) -> db.Row:
    """One message that still exists. Errors: `NotFound`."""
    row = await db.one(f"{SELECT} AND m.room_id = ? AND m.seq = ? AND m.deleted_at IS NULL", room.id, seq)
    if row is None:
        raise NotFound
    return row


async def first_since(room: OpenRoom, moment: datetime.datetime) -> db.Row | None:
    """The first message (seq, timestamp) that was written at this moment or later and still exists; none: `None`.

    Numbers and times rise together, so the place is found by halving on the index by number: some twenty short queries in a
    room of a million messages, and no index on times for each message to be written into. Where the clock was set back they do
    not, and the place is only near: some message of about that time.
    """
    low, high = 1, room.last_seq + 1
    while low < high:
        middle = (low + high) // 2
        row = await db.one(
            "SELECT seq, timestamp FROM messages WHERE room_id = ? AND seq >= ? ORDER BY seq LIMIT 1", room.id, middle
        )
        if row is None or row["timestamp"] >= moment:
            high = middle
        else:
            low = int(row["seq"]) + 1
    return await db.one(
        "SELECT seq, timestamp FROM messages WHERE room_id = ? AND seq >= ? AND deleted_at IS NULL ORDER BY seq LIMIT 1",
        room.id, low,
    )  # fmt: skip


async def _before(room_id: int, seq: int | None, limit: int, brief: str) -> list[db.Row]:
    bound, values = ("", [room_id, limit]) if seq is None else (" AND m.seq < ?", [room_id, seq, limit])
    select = _BRIEF if brief else SELECT
    rows = await db.fetch(
        f"{select} AND m.room_id = ?{bound} AND m.deleted_at IS NULL ORDER BY m.seq DESC LIMIT ?", *values
    )
    return _named(rows[::-1], brief)


async def _after(room_id: int, seq: int, limit: int, brief: str) -> list[db.Row]:
    select = _BRIEF if brief else SELECT
    rows = await db.fetch(
        f"{select} AND m.room_id = ? AND m.seq > ? AND m.deleted_at IS NULL ORDER BY m.seq LIMIT ?", room_id, seq, limit
    )
    return _named(rows, brief)


_BRIEF = "SELECT m.id, m.seq, m.version FROM messages m WHERE 1 = 1"


def _named(rows: list[db.Row], code: str) -> list[db.Row]:
    for row in rows if code else ():
        row["code"] = code
    return rows
