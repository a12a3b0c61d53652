"""The writer of messages: what many people post at once is committed together, and each post succeeds or fails for itself.

A commit that waits for the disk costs the same for one message as for fifty. SQLite has one writer, PostgreSQL one for each
room, because a room's version orders its posts anyway.
"""

import asyncio
import datetime
from dataclasses import dataclass, field

import structlog

from sampark import db
from sampark.access import DELETED, OpenRoom
from sampark.chat.bell import Bell, Change
from sampark.chat.lanes import Lanes
from sampark.models.message import TEXT
from sampark.text.language import N_
from sampark.text.problems import NotFound, Unavailable

log = structlog.get_logger()


class Used(Exception):
    """This person has posted with this key before."""


@dataclass(slots=True)
class Draft:
    """A post that waits to be written."""

    room: OpenRoom
    user_id: int
    text: str
    html: str
    key: str
    bell: Bell
    message_type: str = TEXT
    attachments: str | None = None
    """JSON, as `models.message.Message` keeps it."""
    file_ids: tuple[int, ...] = ()
    """Files that wait for this message."""
    now: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    written: "asyncio.Future[db.Row]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def refuse(self, fault: Exception) -> None:
        if not self.written.done():
            self.written.set_exception(fault)

    def accept(self, row: db.Row) -> None:
        if not self.written.done():
            self.written.set_result(row)
        try:
            self.bell.changed(self.room.id, row["version"], Change(posted=row))
        except Exception:
            log.exception(
                "ring_failed"
            )  # it is stored: the others of its group must hear so, and every room looks by itself


Outcome = tuple[Draft, db.Row | Exception]


async def write(draft: Draft) -> db.Row:
    """Commit a message; its row as `history.SELECT` reads it. Errors: `NotFound` for whoever left meanwhile, `Used`."""
    _lanes.add(draft, draft.room.id if db.is_postgres() else 0)
    return await draft.written


async def _commit(drafts: list[Draft]) -> None:
    try:
        outcomes = await db.transact(lambda: _write_rooms(drafts))
    except Exception as fault:
        if len(drafts) == 1 or db.is_away(fault):
            for draft in drafts:
                draft.refuse(fault)
        else:
            # One of them spoils it for all: each for itself.
            for draft in drafts:
                await _commit([draft])
        return
    for draft, outcome in outcomes:
        if isinstance(outcome, Exception):
            draft.refuse(outcome)
        else:
            draft.accept(outcome)


_lanes = Lanes(_commit, lambda draft: draft.refuse(RuntimeError("the writer ended")))


def _write_rooms(drafts: list[Draft]) -> db.Steps[list[Outcome]]:
    outcomes: list[Outcome] = []
    for room_id in sorted({draft.room.id for draft in drafts}):
        outcomes += yield from _write([draft for draft in drafts if draft.room.id == room_id], room_id)
    return outcomes


def _write(drafts: list[Draft], room_id: int) -> db.Steps[list[Outcome]]:
    room = yield from _advance(room_id, len(drafts))
    if room is None:
        return [(draft, NotFound()) for draft in drafts]
    # Asked after the room's row is locked: whoever left a moment ago is seen to have left, and a name that changed has changed.
    authors = yield from _authors(room_id, {draft.user_id for draft in drafts})
    used = yield from _used_keys(room_id, drafts)
    refused: list[Outcome] = []
    good: list[Draft] = []
    for draft in drafts:
        mark = (draft.user_id, draft.key)
        if draft.user_id not in authors:
            refused.append((draft, NotFound()))
        elif draft.key and mark in used:
            refused.append((draft, Used()))
        else:
            used.add(mark)
            good.append(draft)
    if refused:
        yield from _advance(room_id, -len(refused))
    if not good:
        return refused
    first_version, first_seq = room["version"] - len(drafts) + 1, room["last_seq"] - len(drafts) + 1
    rows = [_row(draft, authors, first_version + place, first_seq + place) for place, draft in enumerate(good)]
    yield from _insert(rows, good)
    return [*refused, *zip(good, rows, strict=True)]


def _advance(room_id: int, count: int) -> db.Steps[db.Row | None]:
    """Make room for so many messages (below zero: give it back), as the statement that orders a transaction among the room's."""
    rows = yield (
        f"UPDATE rooms SET version = version + ?, last_seq = last_seq + ? WHERE id = ? AND code NOT LIKE '{DELETED}%'"  # noqa: S608
        " RETURNING version, last_seq",
        (count, count, room_id),
    )
    return rows[0] if rows else None


def _authors(room_id: int, user_ids: set[int]) -> db.Steps[dict[int, db.Row]]:
    rows = yield (
        "SELECT m.user_id, u.username, u.display_name, u.profile_picture, u.kind, u.site"  # noqa: S608
        " FROM memberships m JOIN users u ON u.id = m.user_id"
        f" WHERE m.room_id = ? AND m.user_id IN ({db.marks([*user_ids])})",
        (room_id, *sorted(user_ids)),
    )
    return {int(row["user_id"]): row for row in rows}


def _used_keys(room_id: int, drafts: list[Draft]) -> db.Steps[set[tuple[int, str]]]:
    keyed = [draft for draft in drafts if draft.key]
    if not keyed:
        return set()
    users, keys = sorted({draft.user_id for draft in keyed}), sorted({draft.key for draft in keyed})
    rows = yield (
        "SELECT user_id, client_key FROM messages"  # noqa: S608 - question marks
        f" WHERE room_id = ? AND user_id IN ({db.marks(users)}) AND client_key IN ({db.marks(keys)})",
        (room_id, *users, *keys),
    )
    return {(int(row["user_id"]), row["client_key"]) for row in rows}


def _row(draft: Draft, authors: dict[int, db.Row], version: int, seq: int) -> db.Row:
    author = authors[draft.user_id]
    return {
        "id": 0, "room_id": draft.room.id, "seq": seq, "version": version, "posted_version": version,
        "message_type": draft.message_type, "content": draft.text, "html": draft.html, "attachments": draft.attachments,
        "timestamp": draft.now, "deleted_at": None, "client_key": draft.key or None, "username": author["username"],
        "display_name": author["display_name"], "profile_picture": author["profile_picture"], "code": draft.room.code,
        "kind": author["kind"], "site": author["site"],
    }  # fmt: skip


def _insert(rows: list[db.Row], drafts: list[Draft]) -> db.Steps[None]:
    """Into the table, and their ids into the rows."""
    values = [
        (row["room_id"], draft.user_id, row["seq"], row["version"], row["version"], draft.message_type, draft.text,
         draft.html, draft.attachments, draft.key or None, draft.now)
        for row, draft in zip(rows, drafts, strict=True)
    ]  # fmt: skip
    inserted = yield (
        "INSERT INTO messages (room_id, user_id, seq, version, posted_version, message_type, content, html, attachments,"  # noqa: S608
        " client_key, timestamp)"
        f" VALUES {', '.join([f'({db.marks(values[0])})'] * len(values))} RETURNING id, seq",
        [value for line in values for value in line],
    )
    ids = {row["seq"]: row["id"] for row in inserted}
    for row, draft in zip(rows, drafts, strict=True):
        row["id"] = ids[row["seq"]]
        if draft.file_ids:
            named = yield (
                f"UPDATE files SET message_id = ? WHERE message_id IS NULL AND id IN ({db.marks(draft.file_ids)}) RETURNING id",  # noqa: S608
                (row["id"], *draft.file_ids),
            )
            if len(named) != len(draft.file_ids):
                raise Unavailable(
                    N_("The files were lost on their way, so nothing was sent. Please attach them once more.")
                )
