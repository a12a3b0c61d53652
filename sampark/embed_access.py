"""The doors of rooms that stand in other sites' pages. The app's own sessions open none of them, and those of a frame only its own room."""

import datetime
from dataclasses import dataclass

from sampark import db
from sampark.access import OpenFile, OpenRoom, Person, Ticket, file_from, token_hash
from sampark.models.embed import IN, MUTED, OPEN, WAITING
from sampark.models.file import PICTURE
from sampark.text import origins, room_ids
from sampark.text.problems import NotFound

SEEN_EVERY = datetime.timedelta(hours=1)

READER = "reader"
"""The role of whoever reads a room without being a member of it."""


@dataclass(frozen=True, slots=True)
class Embed:
    """A room's settings for other sites' pages; it is on."""

    id: int
    level: str
    needs_approval: bool
    theme: str
    accent: str
    epoch: int
    room: OpenRoom
    """As somebody sees it who is no member. Whoever may not even read must not be told of it."""
    origins: dict[int, str]

    @property
    def is_open(self) -> bool:
        """Whether everybody may read."""
        return self.level in OPEN

    def origin_of(self, address: str | None) -> int | None:
        """The listed origin (its id) of a page with this address, or that is this origin."""
        found = origins.of_address(address) if address else None
        return next((key for key, origin in self.origins.items() if origin == found), None)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has a session in a room's frame."""

    person: Person
    room: OpenRoom | None
    """None: they wait to be let in."""
    kind: str
    state: str | None
    """Of `models.embed.STATES`; None: a member with an account."""
    guest_id: int | None
    origin_id: int | None
    is_due: bool
    """Whether it is time to note from where a guest comes (`chat.guests.is_seen`)."""

    @property
    def may_write(self) -> bool:
        return self.room is not None and self.state in {None, IN}

    @property
    def is_muted(self) -> bool:
        return self.state == MUTED

    @property
    def waits(self) -> bool:
        return self.state == WAITING


async def embed_of(typed: str) -> Embed:
    """The embed of the room with this ID, if there is one and it is on; one query. Errors: `NotFound`."""
    rows = await db.fetch(
        "SELECT e.id, e.level, e.needs_approval, e.theme, e.accent, e.epoch, r.id AS room_id, r.code, r.name, r.description,"
        " r.is_global, r.version, r.last_seq, o.id AS origin_id, o.origin FROM rooms r JOIN embeds e ON e.room_id = r.id"
        " LEFT JOIN embed_origins o ON o.embed_id = e.id WHERE r.code = ? AND e.is_on",
        room_ids.read(typed) or "",
    )
    if not rows:
        raise NotFound
    first = rows[0]
    return Embed(
        id=first["id"],
        level=first["level"],
        needs_approval=bool(first["needs_approval"]),
        theme=first["theme"],
        accent=first["accent"],
        epoch=first["epoch"],
        room=_room({**first, "role": READER, "read_seq": first["last_seq"], "unread_from": None, "is_muted": False}),
        origins={row["origin_id"]: row["origin"] for row in rows if row["origin_id"] is not None},
    )


async def embedded_for(token: str, embed: Embed) -> Visitor | None:
    """Who has a live session with this token in this room's frame; one query."""
    return await _visitor("s.token_hash", token_hash(token), embed)


async def embedded_by(session_id: int, embed: Embed) -> Visitor | None:
    """The same by the session's id, which whoever asks has signed."""
    return await _visitor("s.id", session_id, embed)


async def _visitor(column: str, value: object, embed: Embed) -> Visitor | None:
    row = await db.one(
        "SELECT u.id, s.id AS session_id, u.username, u.display_name, u.email, u.is_admin, u.theme, u.language, u.sounds,"  # noqa: S608 - the column is one of ours
        " u.profile_picture, u.kind, g.seen_at < ? AS is_due, s.embed_origin_id, g.id AS guest_id, g.state,"
        " m.role, m.read_seq, m.unread_from, m.is_muted"
        " FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN embed_guests g ON g.user_id = u.id"
        " LEFT JOIN memberships m ON m.user_id = u.id AND m.room_id = ?"
        f" WHERE {column} = ? AND s.embed_id = ? AND s.expires_at > CURRENT_TIMESTAMP",
        datetime.datetime.now(datetime.UTC) - SEEN_EVERY,
        embed.room.id,
        value,
        embed.id,
    )
    if row is None or (row["role"] is None and row["state"] != WAITING):
        return None
    known = {name: row[name] for name in Person.__slots__}
    here = embed.room
    room = {"room_id": here.id, **{name: getattr(here, name) for name in _OF_ROOM}, **row}
    return Visitor(
        person=Person(**{**known, "is_admin": False, "sounds": bool(row["sounds"])}),
        room=None if row["role"] is None else _room(room),
        kind=row["kind"],
        state=row["state"],
        guest_id=row["guest_id"],
        origin_id=row["embed_origin_id"],
        is_due=bool(row["is_due"]),
    )


async def file_for(embed: Embed, public_id: str) -> OpenFile:
    """A file of one of the room's messages, or the picture of somebody who is in it or has written there; one query.

    The caller knows that the messages may be read. Errors: `NotFound`.
    """
    return await file_from(
        public_id,
        "f.room_id = ? AND f.message_id IS NOT NULL OR f.family = ?"
        " AND (EXISTS (SELECT 1 FROM memberships m WHERE m.room_id = ? AND m.user_id = f.user_id)"
        " OR EXISTS (SELECT 1 FROM messages w WHERE w.room_id = ? AND w.user_id = f.user_id))",
        embed.room.id,
        PICTURE,
        embed.room.id,
        embed.room.id,
    )


def ticket_for(embed: Embed, ticket: Ticket | None) -> Ticket:
    """The ticket with which somebody may read who has no session: theirs, or one for a page of nobody knows whom.

    Errors: `NotFound` where it does not hold any more, or the room is not open to reading.
    """
    if not embed.is_open:
        raise NotFound
    if ticket is None:
        return Ticket(embed.id, 0, embed.epoch)
    is_good = ticket.origin_id in embed.origins if ticket.origin_id else ticket.epoch == embed.epoch
    if ticket.embed_id != embed.id or not is_good:
        raise NotFound
    return ticket


_OF_ROOM = ("code", "name", "description", "is_global", "version", "last_seq")


def _room(row: db.Row) -> OpenRoom:
    return OpenRoom(
        id=row["room_id"],
        is_global=bool(row["is_global"]),
        is_muted=bool(row["is_muted"]),
        **{
            name: row[name]
            for name in ("code", "name", "description", "version", "last_seq", "role", "read_seq", "unread_from")
        },
    )
