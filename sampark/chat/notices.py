"""The room's next version and number, and the system messages that say who came and went."""

import datetime
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.access import DELETED
from sampark.models.message import SYSTEM
from sampark.text.problems import NotFound

_ALIVE = f" AND code NOT LIKE '{DELETED}%'"


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a room's order."""

    version: int
    seq: int


async def next_version(room_id: int, using: BaseDBAsyncClient, *, also_dying: bool = False) -> int:
    """Raise the room's version: the statement that orders a transaction among the room's writers.

    Errors: `NotFound` when the room is gone, or (unless `also_dying`) is being taken apart.
    """
    alive = "" if also_dying else _ALIVE
    rows = await db.fetch(
        f"UPDATE rooms SET version = version + 1 WHERE id = ?{alive} RETURNING version",  # noqa: S608 - a constant
        room_id,
        using=using,
    )
    if not rows:
        raise NotFound
    return int(rows[0]["version"])


async def next_moment(room_id: int, using: BaseDBAsyncClient) -> Moment:
    """The same, with a number for one new message."""
    rows = await db.fetch(
        f"UPDATE rooms SET version = version + 1, last_seq = last_seq + 1 WHERE id = ?{_ALIVE} RETURNING version, last_seq",  # noqa: S608
        room_id, using=using,
    )  # fmt: skip
    if not rows:
        raise NotFound
    return Moment(int(rows[0]["version"]), int(rows[0]["last_seq"]))


async def append(room_id: int, user_id: int, what: str, using: BaseDBAsyncClient) -> Moment:
    """Say in the room that a person `joined` or `left`."""
    moment = await next_moment(room_id, using)
    await db.run(
        "INSERT INTO messages (room_id, user_id, seq, version, posted_version, message_type, content, html, timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)",
        room_id, user_id, moment.seq, moment.version, moment.version, SYSTEM, what, datetime.datetime.now(datetime.UTC),
        using=using,
    )  # fmt: skip
    return moment
