"""How a verb tells that something changed. `live.doorbell` answers; a verb only rings, after its transaction."""

from typing import Protocol


class Bell(Protocol):
    """None of these waits or fails."""

    def changed(self, room_id: int, version: int) -> None:
        """The room is at this version now."""

    def people(self, room_id: int) -> None:
        """Who is in the room, or how they are called, changed."""

    def access(self, room_id: int) -> None:
        """Somebody may no longer be in the room, or it is gone."""

    def signed_out(self, user_id: int) -> None:
        """One or more of this person's sessions ended."""
