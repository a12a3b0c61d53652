"""What a room's creator decides about other sites' pages: which ones, what may be done there, and with what they sign."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.access import OpenRoom
from sampark.chat import guests
from sampark.chat.bell import Bell
from sampark.models.embed import GUESTS, LEVELS, READ
from sampark.text import origins, signing
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, NotFound, Taken
from sampark.text.signing import EDDSA, HS256
from sampark.text.vouching import Key

MOST_ORIGINS = 20
MOST_KEYS = 2
THEMES = ("system", "light", "dark")
_COLOUR = re.compile("#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Choices:
    """How a room shows itself in other sites' pages. Until somebody has decided anything: not at all."""

    is_on: bool = False
    level: str = READ
    needs_approval: bool = False
    theme: str = "system"
    accent: str = ""


@dataclass(frozen=True, slots=True)
class NewKey:
    """`secret`: said this once; none for a key of the site's own."""

    kid: str
    secret: str | None


def require_creator(room: OpenRoom) -> None:
    """Errors: `Forbidden` for everyone but the room's creator."""
    if not room.is_creator:
        raise Forbidden(N_("Only the room’s creator decides where the room is embedded."))


async def choices(room: OpenRoom) -> Choices:
    row = await db.one("SELECT is_on, level, needs_approval, theme, accent FROM embeds WHERE room_id = ?", room.id)
    if row is None:
        return Choices()
    return Choices(**{**row, "is_on": bool(row["is_on"]), "needs_approval": bool(row["needs_approval"])})


async def change(room: OpenRoom, wanted: Choices, bell: Bell) -> None:
    """Errors: `Forbidden`, `Invalid`. Whoever may not be there any more is gone from it at once."""
    require_creator(room)
    _check(wanted)

    async def decide(using: BaseDBAsyncClient) -> None:
        before = await _held(room, using)
        is_narrower = bool(before["is_on"]) and (not wanted.is_on or before["level"] != wanted.level)
        await db.run(
            "UPDATE embeds SET is_on = ?, level = ?, needs_approval = ?, theme = ?, accent = ?, epoch = epoch + ? WHERE id = ?",
            wanted.is_on, wanted.level, wanted.needs_approval, wanted.theme, wanted.accent.lower(), int(is_narrower),
            before["id"], using=using,
        )  # fmt: skip
        if wanted.level != GUESTS:
            await guests.turn_out(before["id"], room.id, using)
        elif not wanted.needs_approval:
            await guests.let_all_in(before["id"], room.id, using)

    await db.whole(decide)
    bell.access(room.id)
    bell.people(room.id)


async def origins_of(room: OpenRoom) -> list[db.Row]:
    """The sites that may show the room (id, origin), the first one first."""
    return await db.fetch(
        "SELECT o.id, o.origin FROM embed_origins o JOIN embeds e ON e.id = o.embed_id WHERE e.room_id = ? ORDER BY o.id",
        room.id,
    )


async def add_origin(room: OpenRoom, typed: str) -> str:
    """List a site; what was made of it. One that is listed already simply stays. Errors: `Forbidden`, `Invalid`."""
    require_creator(room)
    origin = origins.read(typed)

    async def add(using: BaseDBAsyncClient) -> None:
        embed = await _held(room, using)
        listed = await db.fetch("SELECT origin FROM embed_origins WHERE embed_id = ?", embed["id"], using=using)
        if any(row["origin"] == origin for row in listed):
            return
        if len(listed) >= MOST_ORIGINS:
            raise Invalid(
                N_("A room can stand in the pages of %(most)s sites at most. Remove one first."),
                "origin",
                most=MOST_ORIGINS,
            )
        await db.run(
            "INSERT INTO embed_origins (embed_id, origin, created_at) VALUES (?, ?, ?)",
            embed["id"], origin, _now(), using=using,
        )  # fmt: skip

    await db.whole(add)
    return origin


async def remove_origin(room: OpenRoom, origin_id: int, bell: Bell) -> None:
    """Strike a site off: what came through its pages ends there at once, and with it what came nobody knows whence.

    Errors: `Forbidden`, `NotFound`.
    """
    require_creator(room)

    async def remove(using: BaseDBAsyncClient) -> None:
        embed = await _held(room, using)
        gone = await db.run(
            "DELETE FROM embed_origins WHERE id = ? AND embed_id = ?", origin_id, embed["id"], using=using
        )
        if not gone:
            raise NotFound
        await db.run("DELETE FROM sessions WHERE embed_id = ? AND embed_origin_id IS NULL", embed["id"], using=using)
        await db.run("UPDATE embeds SET epoch = epoch + 1 WHERE id = ?", embed["id"], using=using)
        await guests.sweep(embed["id"], room.id, using)

    await db.whole(remove)
    bell.access(room.id)
    bell.people(room.id)


async def keys_of(room: OpenRoom) -> list[db.Row]:
    """What sites sign with (id, kid, algorithm, created_at), the older one first; never the secrets themselves."""
    return await db.fetch(
        "SELECT k.id, k.kid, k.algorithm, k.created_at FROM embed_keys k JOIN embeds e ON e.id = k.embed_id"
        " WHERE e.room_id = ? ORDER BY k.id",
        room.id,
    )


async def verifying_keys(embed_id: int) -> dict[str, tuple[int, Key]]:
    """By `kid`: the row's id, and what a token is verified with."""
    rows = await db.fetch("SELECT id, kid, algorithm, material FROM embed_keys WHERE embed_id = ?", embed_id)
    return {row["kid"]: (row["id"], Key(row["kid"], row["algorithm"], row["material"])) for row in rows}


async def add_key(room: OpenRoom, algorithm: str, material: str) -> NewKey:
    """A secret of ours (HS256), or the public half of the site's own key (EdDSA). Errors: `Forbidden`, `Invalid`, `Taken`."""
    require_creator(room)
    if algorithm not in (HS256, EDDSA):
        raise Invalid(N_("That choice is not known here."), "algorithm")
    secret = signing.new_secret() if algorithm == HS256 else None
    kept, kid = secret or signing.read_public_key(material), signing.new_kid()

    async def add(using: BaseDBAsyncClient) -> None:
        embed = await _held(room, using)
        there = await db.fetch("SELECT id FROM embed_keys WHERE embed_id = ?", embed["id"], using=using)
        if len(there) >= MOST_KEYS:
            raise Taken(N_("There are two keys already: one that is used and one to change over to. Remove one first."))
        await db.run(
            "INSERT INTO embed_keys (embed_id, kid, algorithm, material, created_at) VALUES (?, ?, ?, ?, ?)",
            embed["id"], kid, algorithm, kept, _now(), using=using,
        )  # fmt: skip

    await db.whole(add)
    return NewKey(kid, secret)


async def remove_key(room: OpenRoom, key_id: int, bell: Bell) -> None:
    """Whoever was vouched for with this key is signed out at once. Errors: `Forbidden`, `NotFound`."""
    require_creator(room)

    async def remove(using: BaseDBAsyncClient) -> None:
        embed = await _held(room, using)
        gone = await db.run("DELETE FROM embed_keys WHERE id = ? AND embed_id = ?", key_id, embed["id"], using=using)
        if not gone:
            raise NotFound
        await guests.sweep(embed["id"], room.id, using)

    await db.whole(remove)
    bell.access(room.id)
    bell.people(room.id)


async def _held(room: OpenRoom, using: BaseDBAsyncClient) -> db.Row:
    """The room's embed, made if need be, and held: who changes it changes it one after another."""
    await db.run(
        "INSERT INTO embeds (room_id, is_on, level, needs_approval, theme, accent, epoch, created_at)"
        " VALUES (?, ?, ?, ?, 'system', '', 0, ?) ON CONFLICT (room_id) DO NOTHING",
        room.id, False, READ, False, _now(), using=using,
    )  # fmt: skip
    [row] = await db.fetch(
        "UPDATE embeds SET epoch = epoch WHERE room_id = ? RETURNING id, is_on, level", room.id, using=using
    )
    return row


def _check(wanted: Choices) -> None:
    _one_of(wanted.level, LEVELS, "level")
    _one_of(wanted.theme, THEMES, "theme")
    if wanted.accent and not _COLOUR.fullmatch(wanted.accent.lower()):
        raise Invalid(N_("A colour is written as # and six digits, such as #0e4c56."), "accent")


def _one_of(value: str, known: Sequence[str], field: str) -> None:
    if value not in known:
        raise Invalid(N_("That choice is not known here."), field)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
