"""The only doors. Whoever may not see a thing gets `NotFound`, exactly as for a thing that never was."""

import hashlib
import re
from dataclasses import dataclass

from sampark import db
from sampark.models.file import PICTURE
from sampark.models.membership import CREATOR
from sampark.text import room_ids
from sampark.text.problems import NotFound

_FILE_ID = re.compile(r"[A-Za-z0-9_-]{22}")
DELETED = "!"
"""What the code of a room begins with while the room is being taken apart; no typed ID does."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking, as their session says at this moment."""

    id: int
    session_id: int
    username: str
    display_name: str
    email: str
    is_admin: bool
    theme: str
    language: str | None
    sounds: bool
    profile_picture: str | None


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room whose door opened for one person."""

    id: int
    code: str
    name: str
    description: str
    is_global: bool
    version: int
    last_seq: int
    role: str
    read_seq: int
    unread_from: int | None
    is_muted: bool

    @property
    def is_creator(self) -> bool:
        return self.role == CREATOR


async def person_for(token: str) -> Person | None:
    """The person whose live session has this token; one query."""
    row = await db.one(
        "SELECT u.id, s.id AS session_id, u.username, u.display_name, u.email, u.is_admin, u.theme, u.language, u.sounds,"
        " u.profile_picture"
        " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ? AND s.expires_at > CURRENT_TIMESTAMP",
        token_hash(token),
    )
    if row is None:
        return None
    return Person(**{**row, "is_admin": bool(row["is_admin"]), "sounds": bool(row["sounds"])})


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def room_for(person: Person, typed: str) -> OpenRoom:
    """The room with this ID, if the person is a member; one query. Errors: `NotFound`."""
    row = await db.one(
        "SELECT r.id, r.code, r.name, r.description, r.is_global, r.version, r.last_seq, m.role, m.read_seq, m.unread_from,"
        " m.is_muted FROM rooms r JOIN memberships m ON m.room_id = r.id AND m.user_id = ? WHERE r.code = ?",
        person.id,
        room_ids.read(typed) or "",
    )
    if row is None:
        raise NotFound
    return OpenRoom(**{**row, "is_global": bool(row["is_global"]), "is_muted": bool(row["is_muted"])})


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file whose door opened for one person."""

    key: str
    """Of its bytes in the storage."""
    made: str
    """What was made of it, as `models.file.Blob` keeps it."""
    name: str
    media_type: str
    family: str
    size: int


async def file_for(person: Person, public_id: str) -> OpenFile:
    """A file of a message that the person may read, or somebody's picture; one query. Errors: `NotFound`."""
    if not _FILE_ID.fullmatch(public_id):
        raise NotFound
    row = await db.one(
        "SELECT f.blob_key AS key, b.made, f.name, f.media_type, f.family, f.size"
        " FROM files f JOIN blobs b ON b.key = f.blob_key"
        " LEFT JOIN memberships m ON m.room_id = f.room_id AND m.user_id = ?"
        " WHERE f.public_id = ? AND (f.family = ? OR (f.message_id IS NOT NULL AND m.id IS NOT NULL))",
        person.id,
        public_id,
        PICTURE,
    )
    if row is None:
        raise NotFound
    return OpenFile(**row)


@dataclass(frozen=True, slots=True)
class Seat:
    """What a stream holds on to: one session of one person, in a room."""

    session_id: int
    user_id: int


async def who_may_stay(room_id: int, seats: set[Seat]) -> set[Seat]:
    """Those of `seats` whose session lives and who are still members; one query."""
    if not seats:
        return set()
    rows = await db.fetch(
        "SELECT s.id AS session_id, s.user_id"  # noqa: S608 - only `?` signs are put in
        " FROM sessions s JOIN memberships m ON m.user_id = s.user_id AND m.room_id = ?"
        f" WHERE s.expires_at > CURRENT_TIMESTAMP AND s.id IN ({db.marks([*seats])})",
        room_id,
        *sorted(seat.session_id for seat in seats),
    )
    return {Seat(row["session_id"], row["user_id"]) for row in rows} & seats


async def live_sessions(session_ids: set[int]) -> set[int]:
    """Those of these sessions that have not ended; one query."""
    if not session_ids:
        return set()
    rows = await db.fetch(
        f"SELECT id FROM sessions WHERE expires_at > CURRENT_TIMESTAMP AND id IN ({db.marks([*session_ids])})",  # noqa: S608
        *sorted(session_ids),
    )
    return {int(row["id"]) for row in rows}
