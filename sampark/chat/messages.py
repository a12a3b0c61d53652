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
