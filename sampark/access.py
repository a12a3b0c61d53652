"""The only doors. Whoever may not see a thing gets `NotFound`, exactly as for a thing that never was."""

import hashlib
import re
from dataclasses import dataclass

from sampark import db
from sampark.models.embed import OPEN
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
    """The person whose live session has this token, one that was begun in a frame excepted (`embed_access`); one query."""
    row = await db.one(
        "SELECT u.id, s.id AS session_id, u.username, u.display_name, u.email, u.is_admin, u.theme, u.language, u.sounds,"
        " u.profile_picture"
        " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?"
        " AND s.expires_at > CURRENT_TIMESTAMP AND s.embed_id IS NULL",
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
    return await file_from(
        public_id,
        "f.family = ? OR (f.message_id IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM memberships m WHERE m.room_id = f.room_id AND m.user_id = ?))",
        PICTURE,
        person.id,
    )


async def file_from(public_id: str, condition: str, *values: object) -> OpenFile:
    """The file of this ID, where `condition` (SQL) holds for it; one query. Errors: `NotFound`."""
    if not _FILE_ID.fullmatch(public_id):
        raise NotFound
    row = await db.one(
        "SELECT f.blob_key AS key, b.made, f.name, f.media_type, f.family, f.size"  # noqa: S608 - conditions of doors only
        f" FROM files f JOIN blobs b ON b.key = f.blob_key WHERE f.public_id = ? AND ({condition})",
        public_id,
        *values,
    )
    if row is None:
        raise NotFound
    return OpenFile(**row)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody without a session reads an embedded room by: for which site's page they got it."""

    embed_id: int
    origin_id: int
    """0: nobody said whose page it is; then it holds until the next revocation, whatever is revoked."""
    epoch: int


@dataclass(frozen=True, slots=True)
class Seat:
    """What a stream holds on to: one session of one person, in a room; or, with both 0, a ticket."""

    session_id: int
    user_id: int
    ticket: Ticket | None = None


def seat_of(reader: Person | Ticket) -> Seat:
    return Seat(0, 0, reader) if isinstance(reader, Ticket) else Seat(reader.session_id, reader.id)


async def who_may_stay(room_id: int, seats: set[Seat]) -> set[Seat]:
    """Those of `seats` whose session lives and who are still members, or whose ticket holds; one query for each of the two."""
    tickets = await live_tickets({seat.ticket for seat in seats if seat.ticket})
    stays = {seat for seat in seats if seat.ticket in tickets}
    seats = {seat for seat in seats if seat.ticket is None}
    if not seats:
        return stays
    rows = await db.fetch(
        "SELECT s.id AS session_id, s.user_id"  # noqa: S608 - only `?` signs are put in
        " FROM sessions s JOIN memberships m ON m.user_id = s.user_id AND m.room_id = ? LEFT JOIN embeds e ON e.id = s.embed_id"
        " WHERE s.expires_at > CURRENT_TIMESTAMP AND (s.embed_id IS NULL OR (e.is_on AND e.room_id = m.room_id))"
        f" AND s.id IN ({db.marks([*seats])})",
        room_id,
        *sorted(seat.session_id for seat in seats),
    )
    return {Seat(row["session_id"], row["user_id"]) for row in rows} & seats | stays


async def live_sessions(session_ids: set[int]) -> set[int]:
    """Those of these sessions that have not ended; one query."""
    if not session_ids:
        return set()
    rows = await db.fetch(
        "SELECT s.id FROM sessions s LEFT JOIN embeds e ON e.id = s.embed_id"  # noqa: S608 - only `?` signs
        f" WHERE s.expires_at > CURRENT_TIMESTAMP AND (s.embed_id IS NULL OR e.is_on) AND s.id IN ({db.marks([*session_ids])})",
        *sorted(session_ids),
    )
    return {int(row["id"]) for row in rows}


async def live_tickets(tickets: set[Ticket]) -> set[Ticket]:
    """Those of these tickets that hold: their room is open to reading, and their site is still listed; one query."""
    if not tickets:
        return set()
    ids = sorted({ticket.embed_id for ticket in tickets})
    rows = await db.fetch(
        "SELECT e.id, e.epoch, o.id AS origin_id FROM embeds e JOIN rooms r ON r.id = e.room_id"  # noqa: S608 - only `?` signs
        f" LEFT JOIN embed_origins o ON o.embed_id = e.id WHERE e.is_on AND e.level IN ({db.marks(OPEN)})"
        f" AND r.code NOT LIKE '{DELETED}%' AND e.id IN ({db.marks(ids)})",
        *OPEN,
        *ids,
    )
    epochs = {(row["id"], row["epoch"]) for row in rows}
    origins = {(row["id"], row["origin_id"]) for row in rows}
    return {
        ticket
        for ticket in tickets
        if ((ticket.embed_id, ticket.origin_id) in origins)
        or (not ticket.origin_id and (ticket.embed_id, ticket.epoch) in epochs)
    }
