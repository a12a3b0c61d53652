"""Signing in and out: sessions that live on the server and can be ended there."""

import datetime
import secrets

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.access import Person, token_hash
from sampark.chat.bell import Bell
from sampark.text.problems import NotFound

LIFETIME = datetime.timedelta(days=90)


async def begin(user_id: int, agent: str, replacing: str | None = None) -> str:
    """A new session for this person; its token, which only the browser keeps. The one it replaces ends."""
    token = secrets.token_urlsafe(24)
    now = datetime.datetime.now(datetime.UTC)
    async with db.transaction() as using:
        await db.run("DELETE FROM sessions WHERE user_id = ? AND expires_at < ?", user_id, now, using=using)
        if replacing:
            await db.run("DELETE FROM sessions WHERE token_hash = ?", token_hash(replacing), using=using)
        await db.run(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at, agent) VALUES (?, ?, ?, ?, ?)",
            token_hash(token),
            user_id,
            now,
            now + LIFETIME,
            agent[:200],
            using=using,
        )
    return token


async def begin_embedded(
    user_id: int,
    agent: str,
    lasts: datetime.timedelta,
    *,
    embed_id: int,
    using: BaseDBAsyncClient,
    origin_id: int | None = None,
    key_id: int | None = None,
) -> str:
    """A session that is good in one room's frame only; its token. It ends with the site or the key that it came through."""
    token, now = secrets.token_urlsafe(24), datetime.datetime.now(datetime.UTC)
    await db.run("DELETE FROM sessions WHERE user_id = ? AND expires_at < ?", user_id, now, using=using)
    await db.run(
        "INSERT INTO sessions (token_hash, user_id, created_at, expires_at, agent, embed_id, embed_origin_id, embed_key_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        token_hash(token), user_id, now, now + lasts, agent[:200], embed_id, origin_id, key_id, using=using,
    )  # fmt: skip
    return token


async def end(person: Person, bell: Bell, session_id: int | None = None) -> None:
    """End one of one's own sessions, this one if none is named, and those in other sites' pages, which came from one of them.

    Errors: `NotFound`.
    """
    ended = await db.run(
        "DELETE FROM sessions WHERE id = ? AND user_id = ?",
        person.session_id if session_id is None else session_id,
        person.id,
    )
    await db.run("DELETE FROM sessions WHERE user_id = ? AND embed_id IS NOT NULL", person.id)
    bell.signed_out(person.id)
    if not ended:
        raise NotFound


async def end_others(person: Person, bell: Bell) -> None:
    """End all of one's sessions but this one."""
    await db.run("DELETE FROM sessions WHERE user_id = ? AND id <> ?", person.id, person.session_id)
    bell.signed_out(person.id)


async def mine(person: Person) -> list[db.Row]:
    """One's sessions, newest first: id, created_at, agent, is_this, and whether it is good in a frame of another site's page only."""
    rows = await db.fetch(
        "SELECT id, created_at, agent, embed_id IS NOT NULL AS is_framed FROM sessions"
        " WHERE user_id = ? AND expires_at > CURRENT_TIMESTAMP ORDER BY id DESC",
        person.id,
    )
    return [{**row, "is_this": row["id"] == person.session_id} for row in rows]
