"""People for whom the site vouches in whose page a room stands: the same person of the same site is the same one here."""

import datetime
import hashlib

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.chat import guests, rooms, sessions
from sampark.chat.bell import Bell
from sampark.chat.guests import Place
from sampark.embed_access import Embed
from sampark.models.embed import BANNED, IN
from sampark.models.user import VOUCHED
from sampark.text.language import N_
from sampark.text.problems import Forbidden
from sampark.text.vouching import Claims, Refused

STAYS = datetime.timedelta(days=1)
"""After that the site is asked again; it most likely vouches anew each time it shows its page."""


async def spend(embed_id: int, token_id: str, forget_after: float) -> None:
    """Use a token, once. Errors: `Refused` for one that was used before."""
    until = datetime.datetime.fromtimestamp(forget_after, datetime.UTC)
    async with db.transaction() as using:
        used = await db.fetch(
            "INSERT INTO used_tokens (embed_id, jti_hash, expires_at) VALUES (?, ?, ?)"
            " ON CONFLICT (embed_id, jti_hash) DO NOTHING RETURNING id",
            embed_id, hashlib.sha256(token_id.encode()).hexdigest(), until, using=using,
        )  # fmt: skip
        await db.run("DELETE FROM used_tokens WHERE expires_at < CURRENT_TIMESTAMP", using=using)
    if not used:
        raise Refused(
            N_("This token was used before. Make a new one, with its own “jti”, each time the page is shown.")
        )


async def come(
    embed: Embed, said: Claims, key_id: int, place: Place, bell: Bell, stays: datetime.timedelta = STAYS
) -> str:
    """Let in whom a verified, unused token names; the session's token. Errors: `Forbidden` for who is banned."""
    room_id = embed.room.id
    subject = hashlib.sha256(f"{said.origin}\n{said.subject}".encode()).hexdigest()
    known = await db.one(
        "SELECT g.user_id, g.state, u.display_name FROM embed_guests g JOIN users u ON u.id = g.user_id"
        " WHERE g.embed_id = ? AND g.subject = ?",
        embed.id, subject,
    )  # fmt: skip
    # Who is banned says nothing more in the room, by a name neither.
    if known is not None and known["state"] != BANNED and known["display_name"] != said.name:
        await _rename(known["user_id"], said.name, bell)

    async def enter(using: BaseDBAsyncClient) -> str:
        # A write comes first, and lets two frames of one person come one after the other.
        await db.run("UPDATE embeds SET epoch = epoch WHERE id = ?", embed.id, using=using)
        await guests.sweep(embed.id, room_id, using)
        row = await db.one(
            "SELECT user_id, state FROM embed_guests WHERE embed_id = ? AND subject = ?", embed.id, subject, using=using
        )
        if row is None:
            user_id = await guests.make(said.name, VOUCHED, place.site, using)
            await guests.enrol(embed.id, user_id, subject, IN, place, using)
        elif row["state"] == BANNED:
            raise Forbidden(guests.BANNED_HERE)
        else:
            user_id = int(row["user_id"])
        await guests.admit(room_id, user_id, using)
        return await sessions.begin_embedded(
            user_id, place.agent, stays, embed_id=embed.id, origin_id=place.origin_id, key_id=key_id, using=using
        )

    token = await guests.let_in(enter)
    bell.people(room_id)
    return token


async def _rename(user_id: int, name: str, bell: Bell) -> None:
    """Their name at the site has changed: all that they wrote shows the new one."""
    known = await rooms.with_words_of(user_id)

    async def change(using: BaseDBAsyncClient) -> dict[int, int]:
        raised = await rooms.raise_versions(known, using)
        await db.run("UPDATE users SET display_name = ? WHERE id = ?", name, user_id, using=using)
        return await rooms.show_new_name(user_id, raised, using)

    for room_id, version in (await db.whole(change)).items():
        bell.changed(room_id, version)
        bell.people(room_id)
