"""Posting and deleting messages."""

import datetime

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from sampark import db
from sampark.access import OpenRoom, Person
from sampark.chat import history, notices
from sampark.chat.bell import Bell
from sampark.models.message import SYSTEM, TEXT
from sampark.text import markdown, names
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, NotFound, Taken

LONGEST = 10_000


async def post(person: Person, room: OpenRoom, text: str, key: str, bell: Bell, *, same_text: bool = False) -> db.Row:
    """Post a message; the message as `history` reads it. The same `key` again gives the message it made the first time.

    With `same_text`, a used key with another text is `Taken`: a page that was gone back to must not swallow new words.
    Errors: `Invalid`, `NotFound` for whoever left meanwhile, `Taken`.
    """
    text, key = _checked(text), names.line(key)
    if len(key) > 64:
        raise Invalid(
            N_("The form’s key is not one that the page made. Load the page again and send once more."), "key"
        )
    html = markdown.to_html(text)
    now = datetime.datetime.now(datetime.UTC)
    try:
        async with db.transaction() as using:
            moment = await notices.next_moment(room.id, using)
            author = await _author(room.id, person.id, using)
            rows = await db.fetch(
                "INSERT INTO messages (room_id, user_id, seq, version, posted_version, message_type, content, html, client_key, timestamp)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                room.id, person.id, moment.seq, moment.version, moment.version, TEXT, text, html, key or None, now,
                using=using,
            )  # fmt: skip
    except IntegrityError:
        return await _first(person, room, key, text if same_text else None)
    bell.changed(room.id, moment.version)
    return {
        "id": rows[0]["id"], "room_id": room.id, "seq": moment.seq, "version": moment.version, "posted_version": moment.version,
        "message_type": TEXT, "content": text, "html": html, "timestamp": now, "deleted_at": None,
        "username": author["username"], "display_name": author["display_name"], "code": room.code,
    }  # fmt: skip


async def delete(person: Person, room: OpenRoom, seq: int, bell: Bell) -> None:
    """Delete one's own message: its words go at once, an empty row stays. Errors: `NotFound`, `Forbidden`."""
    message = await history.message(room, seq)
    if message["username"] != person.username or message["message_type"] == SYSTEM:
        raise Forbidden(N_("Only its sender can delete a message."))
    async with db.transaction() as using:
        version = await notices.next_version(room.id, using)
        count = await db.run(
            "UPDATE messages SET deleted_at = ?, content = '', html = '', file_name = NULL, version = ?"
            " WHERE room_id = ? AND seq = ? AND user_id = ? AND deleted_at IS NULL",
            datetime.datetime.now(datetime.UTC), version, room.id, seq, person.id, using=using,
        )  # fmt: skip
        if not count:
            raise NotFound
    bell.changed(room.id, version)


async def mark_read(person: Person, room: OpenRoom, seq: int) -> None:
    """Remember how far somebody has read; it never goes back."""
    if seq > room.read_seq:
        await db.run(
            "UPDATE memberships SET read_seq = ? WHERE room_id = ? AND user_id = ? AND read_seq < ?",
            seq,
            room.id,
            person.id,
            seq,
        )


async def mark_all_read(room_id: int, user_ids: set[int], seq: int) -> None:
    """Remember that all of these have read so far: one statement for everyone who watches."""
    await db.run(
        f"UPDATE memberships SET read_seq = ? WHERE room_id = ? AND read_seq < ? AND user_id IN ({db.marks([*user_ids])})",  # noqa: S608
        seq, room_id, seq, *sorted(user_ids),
    )  # fmt: skip


async def _author(room_id: int, user_id: int, using: BaseDBAsyncClient) -> db.Row:
    # Asked after the room's row is locked: whoever left a moment ago is seen to have left, and a name that changed has changed.
    row = await db.one(
        "SELECT u.username, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = ? AND m.user_id = ?",
        room_id, user_id, using=using,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def _first(person: Person, room: OpenRoom, key: str, text: str | None) -> db.Row:
    row = await db.one(
        f"{history.SELECT} AND m.room_id = ? AND m.user_id = ? AND m.client_key = ?", room.id, person.id, key
    )
    if row is None:
        raise NotFound
    if text is not None and row["content"] != text:
        raise Taken(
            N_("This form had sent its message before. Your new words are still here: press Send to post them."), "text"
        )
    return row


def _checked(text: str) -> str:
    text = names.paragraph(text)
    if not text:
        raise Invalid(N_("There is nothing to send yet. Write a message first."), "text")
    if len(text) > LONGEST:
        raise Invalid(
            N_("The message is too long by %(over)s characters; 10,000 are the most."), "text", over=len(text) - LONGEST
        )
    return text
