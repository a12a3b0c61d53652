"""Rooms that somebody wants to hear nothing of, until they look themselves."""

from sampark import db
from sampark.access import OpenRoom, Person


async def mute(person: Person, room: OpenRoom, is_muted: bool) -> None:
    """From now on this room makes no sound and no notification for this person, on none of their devices; or does so again."""
    await db.run("UPDATE memberships SET is_muted = ? WHERE room_id = ? AND user_id = ?", is_muted, room.id, person.id)
