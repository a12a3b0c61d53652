"""How much room there is for files."""

from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.text.language import N_
from sampark.text.problems import TooLarge


@dataclass(frozen=True, slots=True)
class Quotas:
    """Bytes that the files of one room and of all rooms may have; 0 for any number."""

    room: int
    all: int

    async def left(self, room_id: int | None) -> int | None:
        """Bytes that there is room for just now; None for any number."""
        left = [most - await used_by(of_room) for most, of_room in self._that_hold(room_id)]
        return max(0, min(left)) if left else None

    async def check(self, room_id: int | None, using: BaseDBAsyncClient) -> None:
        """With the new file's row there, a person's picture if `room_id` is None. Errors: `TooLarge`, which takes it back."""
        limits = self._that_hold(room_id)
        if limits:
            await db.serialise("quota", using)
        for most, of_room in limits:
            over = await used_by(of_room, using) - most
            if over > 0:
                raise TooLarge(
                    N_("There is no room for it: it is %(over)s MB too many. Ask for some files to be deleted."),
                    "files" if room_id is not None else "picture",
                    over=f"{over / 1_000_000:.1f}",
                )

    def _that_hold(self, room_id: int | None) -> list[tuple[int, int | None]]:
        """Bytes, and of which room (None: of all)."""
        limits: list[tuple[int, int | None]] = [(self.room, room_id)] if self.room and room_id is not None else []
        return limits + ([(self.all, None)] if self.all else [])


async def used_by(room_id: int | None = None, using: BaseDBAsyncClient | None = None) -> int:
    """Bytes of the files of one room, or of all."""
    where, values = ("WHERE room_id = ?", (room_id,)) if room_id is not None else ("", ())
    sql = f"SELECT COALESCE(SUM(size), 0) AS used FROM files {where}"  # noqa: S608
    rows = await (db.fetch(sql, *values, using=using) if using is not None else db.fetch_aside(sql, *values))
    return int(rows[0]["used"])
