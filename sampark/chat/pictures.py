"""A person's picture: a new one shows beside everything that they have written, at once."""

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.access import Person
from sampark.chat import rooms
from sampark.chat.attachments import Attachment, Attachments
from sampark.chat.bell import Bell
from sampark.models.file import PICTURE
from sampark.text.language import N_
from sampark.text.problems import Unavailable


async def show(person: Person, picture: Attachment, attachments: Attachments, bell: Bell) -> None:
    """Make this (of `Attachments.picture`) the person's picture. Errors: `Unavailable`; then the old one stays."""
    await _change(person, str(picture.shown["id"]), attachments, bell)


async def remove(person: Person, attachments: Attachments, bell: Bell) -> None:
    if person.profile_picture:
        await _change(person, None, attachments, bell)


async def _change(person: Person, public_id: str | None, attachments: Attachments, bell: Bell) -> None:
    known = await rooms.with_words_of(person.id)

    async def change(using: BaseDBAsyncClient) -> tuple[dict[int, int], list[str]]:
        # As with a name: rooms first, then the person's row.
        raised = await rooms.raise_versions(known, using)
        is_there = "" if public_id is None else " AND EXISTS (SELECT 1 FROM files WHERE public_id = ?)"
        values = (public_id, person.id) if public_id is None else (public_id, person.id, public_id)
        if not await db.run(f"UPDATE users SET profile_picture = ? WHERE id = ?{is_there}", *values, using=using):  # noqa: S608
            raise Unavailable(N_("The picture was lost on its way. Please send it once more."))
        old = await db.fetch(
            "DELETE FROM files WHERE user_id = ? AND family = ? AND public_id <> ? RETURNING blob_key",
            person.id, PICTURE, public_id or "", using=using,
        )  # fmt: skip
        return await rooms.show_new_name(person.id, raised, using), [row["blob_key"] for row in old]

    shown, unused = await db.whole(change)
    for room_id, version in shown.items():
        bell.changed(room_id, version)
        bell.people(room_id)
    await attachments.clear(unused)
