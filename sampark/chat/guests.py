"""People without an account in an embedded room: they come with a nickname or with a site's word, and the creator looks after them.

They are members of that one room for as long as a session of theirs lives; what they wrote stays, with what they are beside it.
"""

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from sampark import db
from sampark.access import OpenRoom
from sampark.chat import sessions
from sampark.chat.bell import Bell
from sampark.embed_access import SEEN_EVERY, Embed, Visitor
from sampark.models.embed import BANNED, IN, MUTED, WAITING
from sampark.models.membership import MEMBER
from sampark.models.user import GUEST, PERSON
from sampark.text import names, room_ids
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, NotFound, Taken

LONGEST_NAME = 50
STAYS = datetime.timedelta(days=30)
ADDRESS_KEPT = datetime.timedelta(days=1)
_SHOWN = 200

BANNED_HERE = N_("You cannot write in this room any more. Its creator has decided so.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody comes from."""

    origin_id: int | None
    site: str
    """As it is shown."""
    agent: str
    address_hash: str | None = None


async def come(embed: Embed, nickname: str, place: Place, bell: Bell) -> str:
    """Let somebody in with a nickname, or have them wait for the creator; their token. Errors: `Forbidden`, `Invalid`, `Taken`."""
    name, room_id = _name(nickname), embed.room.id
    was_muted = await _require_welcome(embed.id, place.address_hash)
    if await _is_somebodys_name(room_id, name):
        raise Taken(N_("Somebody in this room is called that already. Choose another name."), "name")

    async def enter(using: BaseDBAsyncClient) -> str:
        await sweep(embed.id, room_id, using)
        user_id = await make(name, GUEST, place.site, using)
        # Who was muted and comes by another name is for the creator to judge: others may have this address, too.
        state = WAITING if embed.needs_approval or was_muted else IN
        await enrol(embed.id, user_id, None, state, place, using)
        if state == IN:
            await admit(room_id, user_id, using)
        return await sessions.begin_embedded(
            user_id, place.agent, STAYS, embed_id=embed.id, origin_id=place.origin_id, using=using
        )

    token = await let_in(enter)
    bell.people(room_id)
    return token


async def let_in(enter: Callable[[BaseDBAsyncClient], Awaitable[str]]) -> str:
    """`db.whole`. Errors: `NotFound` where the site or key that somebody came through was struck off in the same moment."""
    try:
        return await db.whole(enter)
    except IntegrityError:
        raise NotFound from None


async def come_with_account(embed: Embed, user_id: int, place: Place) -> str:
    """A member's own account, for this room's frame only; the token. Errors: `Forbidden` for who is no member."""
    is_member = await db.one(
        "SELECT m.id FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = ? AND m.user_id = ? AND u.kind = ?",
        embed.room.id, user_id, PERSON,
    )  # fmt: skip
    if is_member is None:
        raise Forbidden(N_("Your account is not in this room yet. Open the chat in a new tab and join there."))
    return await let_in(
        lambda using: sessions.begin_embedded(
            user_id, place.agent, STAYS, embed_id=embed.id, origin_id=place.origin_id, using=using
        )
    )


async def go(embed: Embed, visitor: Visitor, bell: Bell) -> None:
    """End one's session in the frame; a guest leaves the room with it."""

    async def leave(using: BaseDBAsyncClient) -> None:
        await db.run("DELETE FROM sessions WHERE id = ?", visitor.person.session_id, using=using)
        await sweep(embed.id, embed.room.id, using)

    await db.whole(leave)
    bell.access(embed.room.id)
    bell.people(embed.room.id)


async def is_seen(visitor: Visitor, address_hash: str) -> None:
    """Remember from where a guest came last; for a day, see `models.embed`."""
    if not visitor.is_due:
        return
    now = _now()
    await db.run(
        "UPDATE embed_guests SET seen_at = ?, address_hash = ? WHERE id = ? AND seen_at < ?",
        now, address_hash, visitor.guest_id, now - SEEN_EVERY,
    )  # fmt: skip


async def those_of(room: OpenRoom) -> list[db.Row]:
    """Guests for the creator's page, those who wait first, then the newest: id, user_id, display_name, username, profile_picture,
    kind, site, state, is_here."""
    return await db.fetch(
        "SELECT g.id, g.user_id, u.display_name, u.username, u.profile_picture, u.kind, u.site, g.state, m.id IS NOT NULL AS is_here"
        " FROM embeds e JOIN embed_guests g ON g.embed_id = e.id JOIN users u ON u.id = g.user_id"
        " LEFT JOIN memberships m ON m.user_id = g.user_id AND m.room_id = e.room_id"
        " WHERE e.room_id = ? AND (m.id IS NOT NULL OR g.state IN (?, ?))"
        " ORDER BY g.state = ? DESC, g.id DESC LIMIT ?",
        room.id, WAITING, BANNED, WAITING, _SHOWN,
    )  # fmt: skip


ACTIONS = ("approve", "mute", "unmute", "remove", "ban", "unban")


async def decide(room: OpenRoom, guest_id: int, action: str, bell: Bell) -> None:
    """What a creator does about a guest. Errors: `Forbidden`, `NotFound`."""
    if not room.is_creator:
        raise Forbidden(N_("Only the room’s creator looks after its guests."))

    async def do(using: BaseDBAsyncClient) -> None:
        rows = await db.fetch(
            "UPDATE embed_guests SET state = CASE WHEN ? THEN CAST(? AS VARCHAR(8)) ELSE state END WHERE id = ?"
            " AND embed_id = (SELECT id FROM embeds WHERE room_id = ?) RETURNING user_id, embed_id",
            action in _STATES, _STATES.get(action, IN), guest_id, room.id, using=using,
        )  # fmt: skip
        if not rows or action not in ACTIONS:
            raise NotFound
        user_id = int(rows[0]["user_id"])
        if action == "approve":
            await admit(room.id, user_id, using)
        elif action in {"remove", "ban"}:
            # From now on the day begins for which they are known again.
            await db.run("UPDATE embed_guests SET seen_at = ? WHERE id = ?", _now(), guest_id, using=using)
            await db.run("DELETE FROM sessions WHERE user_id = ?", user_id, using=using)
            await sweep(rows[0]["embed_id"], room.id, using)

    await db.whole(do)
    bell.access(room.id)
    bell.people(room.id)


_STATES = {"approve": IN, "mute": MUTED, "unmute": IN, "ban": BANNED, "unban": IN}


async def make(name: str, kind: str, site: str, using: BaseDBAsyncClient) -> int:
    """A person without an account. A tilde can stand in no username and no e-mail address, so nobody is mistaken for them."""
    username = "~" + room_ids.new() + room_ids.new()[:4]
    rows = await db.fetch(
        "INSERT INTO users (username, username_key, email, email_key, password_hash, display_name, is_admin, is_online, theme,"
        " sounds, created_at, kind, site) VALUES (?, ?, ?, ?, '!', ?, ?, ?, 'system', ?, ?, ?, ?) RETURNING id",
        username, username, username, username, name, False, False, True, _now(), kind, site, using=using,
    )  # fmt: skip
    return int(rows[0]["id"])


async def enrol(
    embed_id: int, user_id: int, subject: str | None, state: str, place: Place, using: BaseDBAsyncClient
) -> None:
    await db.run(
        "INSERT INTO embed_guests (embed_id, user_id, subject, state, address_hash, seen_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        embed_id, user_id, subject, state, place.address_hash, _now(), _now(), using=using,
    )  # fmt: skip


async def admit(room_id: int, user_id: int, using: BaseDBAsyncClient) -> None:
    """A member from now on; what was said before is not new to them."""
    await db.run(
        "INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq)"
        " SELECT r.id, u.id, ?, CURRENT_TIMESTAMP, r.last_seq FROM rooms r JOIN users u ON u.id = ? WHERE r.id = ?"
        " ON CONFLICT (room_id, user_id) DO NOTHING",
        MEMBER, user_id, room_id, using=using,
    )  # fmt: skip


async def let_all_in(embed_id: int, room_id: int, using: BaseDBAsyncClient) -> None:
    waiting = await db.fetch(
        "UPDATE embed_guests SET state = ? WHERE embed_id = ? AND state = ? RETURNING user_id",
        IN, embed_id, WAITING, using=using,
    )  # fmt: skip
    for row in waiting:
        await admit(room_id, row["user_id"], using)


async def turn_out(embed_id: int, room_id: int, using: BaseDBAsyncClient) -> None:
    """End the sessions of all who came with a nickname."""
    await db.run(
        "DELETE FROM sessions WHERE embed_id = ? AND user_id IN (SELECT id FROM users WHERE kind = ?)",
        embed_id, GUEST, using=using,
    )  # fmt: skip
    await sweep(embed_id, room_id, using)


async def sweep(embed_id: int, room_id: int, using: BaseDBAsyncClient) -> None:
    """Who has no living session is in the room no more; of those who never wrote nothing is left, unless the creator has judged them.
    Addresses are forgotten."""
    over = (
        "SELECT g.user_id FROM embed_guests g WHERE g.embed_id = ? AND NOT EXISTS (SELECT 1 FROM sessions s"
        " WHERE s.user_id = g.user_id AND s.embed_id = g.embed_id AND s.expires_at > CURRENT_TIMESTAMP)"
    )
    await db.run(f"DELETE FROM memberships WHERE room_id = ? AND user_id IN ({over})", room_id, embed_id, using=using)  # noqa: S608
    await db.run(
        f"DELETE FROM users WHERE kind <> ? AND id IN ({over} AND g.state NOT IN (?, ?))"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.user_id = users.id)",
        PERSON, embed_id, BANNED, MUTED, using=using,
    )  # fmt: skip
    await db.run(
        "UPDATE embed_guests SET address_hash = NULL WHERE embed_id = ? AND address_hash IS NOT NULL AND seen_at < ?",
        embed_id, _now() - ADDRESS_KEPT, using=using,
    )  # fmt: skip


async def _require_welcome(embed_id: int, address_hash: str | None) -> bool:
    """Whether somebody from this address is muted. Errors: `Forbidden` where somebody is banned."""
    rows = await db.fetch(
        "SELECT DISTINCT state FROM embed_guests WHERE embed_id = ? AND state IN (?, ?) AND address_hash = ? AND seen_at > ?",
        embed_id, BANNED, MUTED, address_hash, _now() - ADDRESS_KEPT,
    )  # fmt: skip
    states = {row["state"] for row in rows}
    if BANNED in states:
        raise Forbidden(BANNED_HERE)
    return MUTED in states


async def _is_somebodys_name(room_id: int, name: str) -> bool:
    """Whether a member with an account has this name: guests must not be taken for them."""
    rows = await db.fetch(
        "SELECT u.username_key, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = ? AND u.kind = ?",
        room_id, PERSON,
    )  # fmt: skip
    wanted = names.seen(name)
    # As people see it: whatever the letters' case, letters of another script that look the same, and letters that nobody can see.
    return any(wanted in {names.seen(row["username_key"]), names.seen(row["display_name"])} for row in rows)


def _name(typed: str) -> str:
    name = names.line(typed)
    if not names.is_visible(name):
        raise Invalid(N_("Write the name under which the others will see you."), "name")
    if len(name) > LONGEST_NAME:
        raise Invalid(
            N_("The name is too long by %(over)s characters; 50 are the most."), "name", over=len(name) - LONGEST_NAME
        )
    return name


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
