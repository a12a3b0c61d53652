"""How a verb tells that something changed. `live.doorbell` answers; a verb only rings, after its transaction."""

from dataclasses import dataclass
from typing import Protocol

from sampark import db


@dataclass(frozen=True, slots=True)
class Change:
    """What one version of a room changed: a message posted, in the shape of `history.SELECT`, or the number of one deleted.

    It rings along in its own process only, and saves the read there.
    """

    posted: db.Row | None = None
    deleted: int = 0


class Bell(Protocol):
    """None of these waits or fails."""

    def changed(self, room_id: int, version: int, change: Change | None = None) -> None:
        """The room is at this version now; `change` is all that this version changed, where that is known."""

    def people(self, room_id: int) -> None:
        """Who is in the room, or how they are called, changed."""

    def access(self, room_id: int) -> None:
        """Somebody may no longer be in the room, or it is gone."""

    def signed_out(self, user_id: int) -> None:
        """One or more of this person's sessions ended."""
