"""Posting and deleting messages."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from tortoise.exceptions import IntegrityError

from sampark import db
from sampark.access import OpenRoom, Person
from sampark.chat import attachments, blobs, history, notices, posting
from sampark.chat.attachments import Attachment
from sampark.chat.bell import Bell, Change
from sampark.models.message import GIF, SYSTEM, TEXT
from sampark.text import markdown, names
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, NotFound, Taken

LONGEST = 10_000
_MOST_AT_ONCE = 10_000


async def post(
    person: Person,
    room: OpenRoom,
    text: str,
    key: str,
    bell: Bell,
    *,
    same_text: bool = False,
    files: Sequence[Attachment] = (),
    gif: dict[str, Any] | None = None,
) -> db.Row:
    """Post a message; the message as `history` reads it. The same `key` again gives the message it made the first time.

    It has a text, or `files`, or a `gif` (what is shown of it, JSON), or several of them.
    With `same_text`, a used key with another text is `Taken`: a page that was gone back to must not swallow new words.
    Errors: `Invalid`, `NotFound` for whoever left meanwhile, `Taken`.
    """
    text, key = _checked(text, may_be_empty=bool(files or gif)), names.line(key)
    if len(key) > 64:
        raise Invalid(
            N_("The form’s key is not one that the page made. Load the page again and send once more."), "key"
        )
    shown = [file.shown for file in files] + ([{**gif, "kind": GIF}] if gif else [])
    draft = posting.Draft(
        room, person.id, text, markdown.to_html(text) if text else "", key, bell,
        message_type=attachments.message_type(files) if files else GIF if gif else TEXT,
        attachments=json.dumps(shown, ensure_ascii=False) if shown else None,
        file_ids=tuple(file.file_id for file in files),
    )  # fmt: skip
    try:
        return await posting.write(draft)
    except (posting.Used, IntegrityError):
        return await _first(person, room, key, text if same_text else None)


async def delete(person: Person, room: OpenRoom, seq: int, bell: Bell) -> list[str]:
    """Delete one's own message: its words go at once, an empty row stays. Errors: `NotFound`, `Forbidden`.

    The answer: the keys of bytes that this message needed, for `Attachments.clear`.
    """
    message = await history.message(room, seq)
    if message["username"] != person.username or message["message_type"] == SYSTEM:
        raise Forbidden(N_("Only its sender can delete a message."))
    async with db.transaction() as using:
        version = await notices.next_version(room.id, using)
        count = await db.run(
            "UPDATE messages SET deleted_at = ?, content = '', html = '', attachments = NULL, version = ?"
            " WHERE room_id = ? AND seq = ? AND user_id = ? AND deleted_at IS NULL",
            datetime.datetime.now(datetime.UTC), version, room.id, seq, person.id, using=using,
        )  # fmt: skip
        if not count:
            raise NotFound
        keys = await blobs.forget(using, message["id"])
    bell.changed(room.id, version, Change(deleted=seq))
    return keys


async def mark_read(person: Person, room: OpenRoom, seq: int, unread_from: int | None = None) -> bool:
    """Remember how far somebody has read, which never goes back, and where what was new to them on this visit begins.

    Whether they have read more than was known.
    """
    has_read_more = seq > room.read_seq
    if has_read_more or unread_from != room.unread_from:
        # CASE, because the two databases have no common name for the greater of two numbers.
        await db.run(
            "UPDATE memberships SET read_seq = CASE WHEN read_seq < ? THEN ? ELSE read_seq END, unread_from = ?"
            " WHERE room_id = ? AND user_id = ?",
            seq, seq, unread_from, room.id, person.id,
        )  # fmt: skip
    return has_read_more


async def mark_all_read(room_id: int, user_ids: set[int], seq: int) -> None:
    """Remember that all of these have read so far: one statement for everyone who watches."""
    whose = "room_id = ? AND read_seq < ? AND user_id IN ({})"
    if db.is_postgres():
        # By person, as every process does: two that held a part each would wait for each other.
        whose = f"id IN (SELECT id FROM memberships WHERE {whose} ORDER BY user_id FOR UPDATE)"  # noqa: S608 - constants
    every = sorted(user_ids)
    for first in range(0, len(every), _MOST_AT_ONCE):
        part = every[first : first + _MOST_AT_ONCE]
        await db.run(
            f"UPDATE memberships SET read_seq = ? WHERE {whose.format(db.marks(part))}",  # noqa: S608
            seq, room_id, seq, *part,
        )  # fmt: skip


async def unread(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those (room, person) where the person is a member and has not read everything; one query on the index of both."""
    if not pairs:
        return set()
    # Only the first row says what the numbers are: PostgreSQL takes the others from it.
    values = ", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT))", *["(?, ?)"] * (len(pairs) - 1)])
    rows = await db.fetch(
        "SELECT m.room_id, m.user_id FROM memberships m JOIN rooms r ON r.id = m.room_id"  # noqa: S608 - only `?` signs are put in
        f" WHERE (m.room_id, m.user_id) IN (VALUES {values}) AND r.last_seq > m.read_seq",
        *(number for pair in pairs for number in pair),
    )
    return {(row["room_id"], row["user_id"]) for row in rows}


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


def _checked(text: str, *, may_be_empty: bool) -> str:
    text = names.paragraph(text)
    if not text and not may_be_empty:
        raise Invalid(N_("There is nothing to send yet. Write a message first."), "text")
    if len(text) > LONGEST:
        raise Invalid(
            N_("The message is too long by %(over)s characters; 10,000 are the most."), "text", over=len(text) - LONGEST
        )
    return text
