"""Opening, joining, leaving and deleting rooms."""

import asyncio
import contextlib
import datetime
from collections.abc import Awaitable, Callable, Iterable

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from sampark import db
from sampark.access import DELETED, OpenRoom, Person
from sampark.chat import notices
from sampark.chat.bell import Bell
from sampark.models.membership import CREATOR, MEMBER
from sampark.models.user import PERSON
from sampark.text import names, room_ids
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, NotFound

log = structlog.get_logger()

_BATCH = 5_000
FINISH_EVERY = 600.0
"""Seconds."""

Clear = Callable[[Iterable[str]], Awaitable[None]]
"""Takes keys of bytes out of the storage that no file needs any more (`Attachments.clear`)."""


async def create(person: Person, name: str, description: str) -> str:
    """Open a private room; its code. Errors: `Invalid`."""
    name, description = _checked(name, description)
    async with db.transaction() as using:
        room_id, code = await _insert(name, description, person.id, False, using)
        await _enter(room_id, person.id, CREATOR, using)
    return code


async def create_global(name: str, description: str = "") -> str:
    """Open a room that has every account as a member; its code. Errors: `Invalid`."""
    name, description = _checked(name, description)
    async with db.transaction() as using:
        room_id, code = await _insert(name, description, None, True, using)
        # Accounts made meanwhile wait here, so that none is left out.
        await db.serialise("accounts", using)
        await db.run(
            "INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq)"
            " SELECT CAST(? AS BIGINT), id, 'member', CURRENT_TIMESTAMP, 0 FROM users WHERE kind = 'person'",
            room_id,
            using=using,
        )
    return code


async def enter_global(user_id: int, using: BaseDBAsyncClient) -> list[int]:
    """Make a new account a member of every global room; their ids."""
    room_ids_ = [int(row["id"]) for row in await db.fetch("SELECT id FROM rooms WHERE is_global", using=using)]
    for room_id in room_ids_:
        await _enter(room_id, user_id, MEMBER, using)
    return room_ids_


async def join(person: Person, typed: str, bell: Bell) -> str:
    """Become a member of the room with this ID; its code. Who is one already simply goes there. Errors: `NotFound`."""
    code = room_ids.read(typed) or ""
    room = await db.one("SELECT id FROM rooms WHERE code = ?", code)
    if room is None:
        raise NotFound
    if await _role(room["id"], person.id) is not None:
        return code

    async def come(using: BaseDBAsyncClient) -> notices.Moment:
        moment = await notices.append(room["id"], person.id, notices.JOINED, using)
        creators = await db.fetch(
            "SELECT id FROM memberships WHERE room_id = ? AND role = ?", room["id"], CREATOR, using=using
        )
        is_global = await db.one("SELECT is_global FROM rooms WHERE id = ?", room["id"], using=using)
        # A room always has somebody who can look after it, also after everyone had left.
        role = MEMBER if creators or (is_global and is_global["is_global"]) else CREATOR
        await _enter(room["id"], person.id, role, using, read_seq=moment.seq)
        return moment

    try:
        moment = await db.whole(come)
    except IntegrityError:
        return code  # joined in another tab at the same moment
    bell.changed(room["id"], moment.version)
    bell.people(room["id"])
    return code


async def leave(person: Person, room: OpenRoom, bell: Bell) -> None:
    """Stop being a member. A creator's role passes to whoever with an account has been here longest. Errors: `Forbidden`, `NotFound`."""
    if room.is_global:
        raise Forbidden(N_("Everyone belongs to this room; it cannot be left."))

    async def go(using: BaseDBAsyncClient) -> notices.Moment:
        moment = await notices.append(room.id, person.id, notices.LEFT, using)
        gone = await db.fetch(
            "DELETE FROM memberships WHERE room_id = ? AND user_id = ? RETURNING role", room.id, person.id, using=using
        )
        if not gone:
            raise NotFound
        if gone[0]["role"] == CREATOR:
            has_creator = await db.run(
                "UPDATE memberships SET role = ? WHERE id = (SELECT m.id FROM memberships m JOIN users u ON u.id = m.user_id"
                " WHERE m.room_id = ? AND u.kind = ? ORDER BY m.id LIMIT 1)",
                CREATOR, room.id, PERSON, using=using,
            )  # fmt: skip
            if not has_creator:
                await _shut_out(room.id, using)
        return moment

    moment = await db.whole(go)
    bell.changed(room.id, moment.version)
    bell.access(room.id)
    bell.people(room.id)


async def _shut_out(room_id: int, using: BaseDBAsyncClient) -> None:
    """Nobody is left to look after those who come by other sites' pages: the room stands in none any more."""
    await db.run("UPDATE embeds SET is_on = ?, epoch = epoch + 1 WHERE room_id = ?", False, room_id, using=using)
    await db.run(
        "DELETE FROM sessions WHERE embed_id IN (SELECT id FROM embeds WHERE room_id = ?)", room_id, using=using
    )
    await db.run("DELETE FROM memberships WHERE room_id = ?", room_id, using=using)


async def delete(person: Person, room: OpenRoom, bell: Bell, clear: Clear) -> None:
    """Delete the room and everything in it. Errors: `Forbidden` to all but its creator."""
    if room.is_global:
        raise Forbidden(N_("Everyone belongs to this room; it cannot be deleted."))

    async def shut(using: BaseDBAsyncClient) -> None:
        # First nobody can see it any more; then it is taken apart in pieces that hold no one up.
        dying = await db.run(
            "UPDATE rooms SET code = ?, version = version + 1 WHERE id = ?"
            " AND EXISTS (SELECT 1 FROM memberships m WHERE m.room_id = rooms.id AND m.user_id = ? AND m.role = ?)",
            DELETED + str(room.id)[-11:], room.id, person.id, CREATOR, using=using,
        )  # fmt: skip
        if not dying:
            raise Forbidden(N_("Only the room’s creator can delete it."))
        await db.run("DELETE FROM memberships WHERE room_id = ?", room.id, using=using)

    await db.whole(shut)
    bell.access(room.id)
    await try_to_take_apart(room.id, clear)


async def try_to_take_apart(room_id: int, clear: Clear) -> None:
    """For all who ask, the room is gone already. What fails is left for `finish_deletions`."""
    try:
        await take_apart(room_id, clear)
    except Exception as fault:
        log.warning("room_not_taken_apart", room=room_id, fault=type(fault).__name__)


async def take_apart(room_id: int, clear: Clear) -> None:
    """Remove what is left of a deleted room; begun again by `finish_deletions` if something cuts it short."""
    while gone := await db.fetch(
        "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE room_id = ? LIMIT ?) RETURNING blob_key",
        room_id,
        _BATCH,
    ):
        await clear(row["blob_key"] for row in gone)
    while await db.run(
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE room_id = ? ORDER BY seq LIMIT ?)",
        room_id,
        _BATCH,
    ):
        pass
    while await db.run(
        "DELETE FROM users WHERE kind <> ? AND id IN (SELECT g.user_id FROM embed_guests g JOIN embeds e ON e.id = g.embed_id"
        " WHERE e.room_id = ? LIMIT ?)",
        PERSON,
        room_id,
        _BATCH,
    ):
        pass
    await db.run("DELETE FROM rooms WHERE id = ?", room_id)


async def half_deleted() -> list[int]:
    """Rooms whose deletion was cut short."""
    return [int(row["id"]) for row in await db.fetch("SELECT id FROM rooms WHERE code LIKE ?", DELETED + "%")]


async def finish_deletions(clear: Clear) -> None:
    """From time to time, until cancelled: by a crash, or because the database was away, rooms are left half deleted."""
    while True:
        try:
            for room_id in await half_deleted():
                await try_to_take_apart(room_id, clear)
        except Exception as fault:
            log.warning("half_deleted_not_found", fault=type(fault).__name__)
        await asyncio.sleep(FINISH_EVERY)


async def with_words_of(user_id: int, using: BaseDBAsyncClient | None = None) -> list[int]:
    """The rooms that this person is in or has written in, in the order in which whoever changes several takes them."""
    sql = "SELECT room_id FROM memberships WHERE user_id = ? UNION SELECT room_id FROM messages WHERE user_id = ? ORDER BY 1"
    values = (user_id, user_id)  # it reads every message that they wrote
    rows = await (db.fetch_aside(sql, *values) if using is None else db.fetch(sql, *values, using=using))
    return [int(row["room_id"]) for row in rows]


async def raise_versions(room_ids_: list[int], using: BaseDBAsyncClient) -> dict[int, int]:
    """The rooms that still exist, and their new versions."""
    raised: dict[int, int] = {}
    for room_id in room_ids_:
        with contextlib.suppress(NotFound):
            raised[room_id] = await notices.next_version(room_id, using, also_dying=True)
    return raised


async def show_new_name(user_id: int, raised: dict[int, int], using: BaseDBAsyncClient) -> dict[int, int]:
    """Let every message of a person whose name changed be shown anew: a durable change of each room with one.

    `raised`: the rooms whose versions were raised for it. The answer: all rooms and their new versions, to be rung after the
    transaction.
    """
    # Where they came to meanwhile. Out of order, but `db.whole` begins anew where that fails.
    new = [room_id for room_id in await with_words_of(user_id, using) if room_id not in raised]
    raised = {**raised, **await raise_versions(new, using)}
    for room_id, version in raised.items():
        await db.run(
            "UPDATE messages SET version = ? WHERE room_id = ? AND user_id = ? AND deleted_at IS NULL",
            version, room_id, user_id, using=using,
        )  # fmt: skip
        await notices.show_new_name(room_id, user_id, version, using)
    return raised


async def mine(person: Person) -> list[db.Row]:
    """One's rooms, those for everyone first, then by name: id, code, name, is_global, role, is_muted, unread."""
    return await db.fetch(
        "SELECT r.id, r.code, r.name, r.is_global, m.role, m.is_muted, r.last_seq > m.read_seq AS unread"
        " FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ? ORDER BY r.is_global DESC, lower(r.name), r.id",
        person.id,
    )


async def members(room_id: int, limit: int) -> list[db.Row]:
    """Members by name: user_id, username, display_name, role."""
    return await db.fetch(
        "SELECT u.id AS user_id, u.username, u.display_name, m.role FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.room_id = ? ORDER BY lower(u.display_name), u.id LIMIT ?",
        room_id,
        limit,
    )


async def _role(room_id: int, user_id: int) -> str | None:
    row = await db.one("SELECT role FROM memberships WHERE room_id = ? AND user_id = ?", room_id, user_id)
    return str(row["role"]) if row else None


async def _insert(
    name: str, description: str, creator: int | None, is_global: bool, using: BaseDBAsyncClient
) -> tuple[int, str]:
    code = room_ids.new()
    rows = await db.fetch(
        "INSERT INTO rooms (code, name, description, created_by_id, is_global, version, last_seq, created_at)"
        " VALUES (?, ?, ?, ?, ?, 0, 0, ?) RETURNING id",
        code, name, description, creator, is_global, datetime.datetime.now(datetime.UTC), using=using,
    )  # fmt: skip
    return int(rows[0]["id"]), code


async def _enter(room_id: int, user_id: int, role: str, using: BaseDBAsyncClient, read_seq: int = 0) -> None:
    await db.run(
        "INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq) VALUES (?, ?, ?, ?, ?)",
        room_id, user_id, role, datetime.datetime.now(datetime.UTC), read_seq, using=using,
    )  # fmt: skip


def _checked(name: str, description: str) -> tuple[str, str]:
    name, description = names.line(name), names.paragraph(description)
    if len(name) < 3:
        raise Invalid(
            N_("The room name is too short by %(under)s: it needs at least 3 characters."), "name", under=3 - len(name)
        )
    if len(name) > 100:
        raise Invalid(
            N_("The room name is too long by %(over)s characters; 100 are the most."), "name", over=len(name) - 100
        )
    if len(description) > 2000:
        raise Invalid(
            N_("The description is too long by %(over)s characters; 2,000 are the most."),
            "description",
            over=len(description) - 2000,
        )
    return name, description
