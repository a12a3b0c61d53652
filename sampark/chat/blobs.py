"""Bytes that are kept: entered in the database before they are stored, once for all equal files, and removed when no file needs them.

So a crash leaves at worst bytes that somebody had entered, which `tidy` finds. Whoever removes bytes marks them first (`DYING`), and
claims them: nobody wants them until they are gone, and no two remove them.
"""

import asyncio
import datetime
import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.chat.quotas import Quotas
from sampark.files.disk_work import in_thread
from sampark.files.storage import Incoming, StorageAway, StorageFull, Store
from sampark.models.file import DYING, KEPT
from sampark.text.language import N_
from sampark.text.problems import Unavailable

log = structlog.get_logger()

ABANDONED = datetime.timedelta(hours=1)
"""After so long nobody posts a file any more that was entered without a message."""
_DYING_FOR = datetime.timedelta(minutes=2)
"""After so long whoever was removing these bytes has been killed: removing is over in seconds."""
_PATIENCE = 10.0
"""Seconds to wait while equal bytes are being removed."""
_AT_ONCE = 20
"""Blobs that are doomed together: whoever sends one of them meanwhile waits for its turn."""
_REMOVED_WITHIN = 60.0
"""Seconds: less than `_DYING_FOR`, so that nobody removes bytes after another one has taken over."""
_TIDY_EVERY = 600.0
NOBODYS_FACE = (
    "NOT EXISTS (SELECT 1 FROM users WHERE users.id = files.user_id AND users.profile_picture = files.public_id)"
)
_FULL = N_(
    "There is no room left for files, so nothing was sent. What you typed is still here. Tell whoever runs this Sampark."
)
_AWAY = N_("Files cannot be stored just now, so nothing was sent. What you typed is still here: try again in a moment.")


@dataclass(frozen=True, slots=True)
class Ready:
    """A file made safe: what to keep."""

    name: str
    media_type: str
    family: str
    source: Incoming | bytes
    made: dict[str, bytes]
    shown: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entered:
    """A file in the database, its bytes in the storage."""

    file_id: int
    public_id: str


class Blobs:
    def __init__(self, store: Store, quotas: Quotas) -> None:
        self.store = store
        self.quotas = quotas
        self._tidying: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Tidy up from time to time, until `close`."""
        self._tidying = asyncio.get_running_loop().create_task(self._keep_tidy(), name="tidy")

    async def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait([self._tidying])

    async def _keep_tidy(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception as fault:
                log.warning("files_not_tidied", fault=type(fault).__name__)
            await asyncio.sleep(_TIDY_EVERY)

    async def enter(self, user_id: int, room_id: int | None, ready: Ready) -> Entered:
        """First the table, then the storage: bytes that nobody has entered are nowhere. Errors: `Unavailable`, `TooLarge`."""
        source = ready.source
        key = await in_thread(_hash, source) if isinstance(source, bytes) else source.key
        public_id = secrets.token_urlsafe(16)
        file_id, had = await _reserve(key, user_id, room_id, public_id, ready, self.quotas)
        try:
            if isinstance(source, bytes):
                await self.store.put(key, source)
            else:
                await self.store.keep(source, key)
            for suffix, data in ready.made.items():
                # What others see of equal bytes that they have sent is not for this one to change.
                if suffix not in had or await self.store.size(f"{key}-{suffix}") is None:
                    await self.store.put(f"{key}-{suffix}", data)
        except StorageAway as fault:
            log.warning("storage_away", reason=str(fault))
            await self.give_up([file_id])
            raise Unavailable(_FULL if isinstance(fault, StorageFull) else _AWAY) from None
        except BaseException:
            await self.give_up([file_id])
            raise
        return Entered(file_id, public_id)

    async def give_up(self, file_ids: list[int]) -> None:
        """Those of these files that no message has named, and that are nobody's face."""
        if not file_ids:
            return
        rows = await db.fetch(
            f"DELETE FROM files WHERE id IN ({db.marks(file_ids)}) AND message_id IS NULL AND {NOBODYS_FACE}"  # noqa: S608
            " RETURNING blob_key",
            *file_ids,
        )
        await self.clear(row["blob_key"] for row in rows)

    async def clear(self, keys: Iterable[str]) -> None:
        """Remove those of these bytes from the storage that no file needs any more. What fails is left for `tidy`."""
        every = sorted({*keys})
        for first in range(0, len(every), _AT_ONCE):
            try:
                doomed = await _doom(every[first : first + _AT_ONCE])
            except Exception as fault:
                log.warning("files_not_removed", fault=type(fault).__name__)
                continue
            for row in doomed:
                await self._try_to_remove(row)

    async def tidy(self, abandoned: datetime.timedelta = ABANDONED, dying: datetime.timedelta = _DYING_FOR) -> int:
        """Finish what a crash cut short: bytes being removed, files that got no message, bytes that nobody needs. How many there were.

        Whoever is posting a file that is taken from them here is told so, and nothing is posted.
        """
        now = datetime.datetime.now(datetime.UTC)
        await self.store.sweep()
        cut = await db.fetch(
            "SELECT key, made, created_at FROM blobs WHERE state = ? AND created_at <= ?", DYING, now - dying
        )
        for row in cut:
            await self._try_to_remove(row)
        nowhere = await db.fetch(
            f"DELETE FROM files WHERE message_id IS NULL AND created_at <= ? AND {NOBODYS_FACE} RETURNING blob_key",  # noqa: S608
            now - abandoned,
        )  # fmt: skip
        unused = await db.fetch(
            "SELECT key FROM blobs WHERE state = ? AND created_at <= ?"
            " AND NOT EXISTS (SELECT 1 FROM files WHERE files.blob_key = blobs.key)",
            KEPT, now - abandoned,
        )  # fmt: skip
        keys = {*(row["blob_key"] for row in nowhere), *(row["key"] for row in unused)}
        await self.clear(keys)
        return len(cut) + len(keys)

    async def strays(self) -> list[str]:
        """Keys in the storage of bytes that nobody has entered."""
        known = {row["key"] for row in await db.fetch("SELECT key FROM blobs")}
        found = [key async for key, _ in self.store.keys()]  # noqa: SIM118 - no dictionary
        # Asked for a second time: a blob is entered before it is stored.
        known |= {row["key"] for row in await db.fetch("SELECT key FROM blobs")}
        return [key for key in found if key.partition("-")[0] not in known]

    async def remove_stray(self, key: str) -> None:
        """Unless somebody has sent the same bytes meanwhile."""
        rows = await db.fetch(
            "INSERT INTO blobs (key, state, made, created_at) VALUES (?, ?, '', ?) ON CONFLICT (key) DO NOTHING RETURNING key",
            key.partition("-")[0], DYING, datetime.datetime.now(datetime.UTC),
        )  # fmt: skip
        if rows:
            await self.store.delete(key)
            await db.run("DELETE FROM blobs WHERE key = ? AND state = ?", key.partition("-")[0], DYING)

    async def missing(self) -> list[str]:
        """Names of files whose bytes are not in the storage."""
        rows = await db.fetch("SELECT name, blob_key FROM files ORDER BY id")
        there = {key async for key, _ in self.store.keys()}  # noqa: SIM118
        return [row["name"] for row in rows if row["blob_key"] not in there]

    async def _try_to_remove(self, doomed: db.Row) -> None:
        try:
            async with asyncio.timeout(_REMOVED_WITHIN):
                await self._remove(doomed["key"], doomed["made"], doomed["created_at"])
        except Exception as fault:
            log.warning("files_not_removed", fault=type(fault).__name__)

    async def _remove(self, key: str, made: str, doomed_at: datetime.datetime) -> None:
        now = datetime.datetime.now(datetime.UTC)
        claim = "UPDATE blobs SET created_at = ? WHERE key = ? AND state = ? AND created_at = ?"
        if not await db.run(claim, now, key, DYING, doomed_at):
            return  # somebody else is at it, or it lives again
        for suffix in suffixes(made):
            await self.store.delete(f"{key}-{suffix}")
        await self.store.delete(key)
        await db.run("DELETE FROM blobs WHERE key = ? AND state = ? AND created_at = ?", key, DYING, now)


def suffixes(made: str) -> dict[str, str]:
    """What was made of a blob (`models.file.Blob.made`): suffix and media type of each."""
    parts = (mark.partition(":") for mark in made.split())
    return {suffix: f"image/{kind or 'webp'}" for suffix, _, kind in parts}


async def forget(using: BaseDBAsyncClient, message_id: int) -> list[str]:
    """Within the transaction that deletes a message: its files are nobody's any more. Their bytes are to be cleared after it."""
    rows = await db.fetch("DELETE FROM files WHERE message_id = ? RETURNING blob_key", message_id, using=using)
    return [row["blob_key"] for row in rows]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _reserve(
    key: str, user_id: int, room_id: int | None, public_id: str, ready: Ready, quotas: Quotas
) -> tuple[int, Collection[str]]:
    """The file's row, once nobody is removing the same bytes; and the suffixes of what had been made of them already.

    Errors: `Unavailable`, `TooLarge` (then there is no row).
    """
    end = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        async with db.transaction() as using:
            had = await _want(key, ready.made, using)
            if had is not None:
                file_id = await _insert(key, user_id, room_id, public_id, ready, using)
                await quotas.check(room_id, using)
                return file_id, had
        if asyncio.get_running_loop().time() > end:
            raise Unavailable(_AWAY)
        await asyncio.sleep(0.1)


async def _want(key: str, made: dict[str, bytes], using: BaseDBAsyncClient) -> Collection[str] | None:
    """The suffixes that it had. None while it is being removed."""
    rows = await db.fetch(
        "INSERT INTO blobs (key, state, made, created_at) VALUES (?, ?, '', ?)"
        " ON CONFLICT (key) DO UPDATE SET created_at = excluded.created_at WHERE blobs.state = ? RETURNING made",
        key, KEPT, datetime.datetime.now(datetime.UTC), KEPT, using=using,
    )  # fmt: skip
    if not rows:
        return None
    # The same bytes may be a picture in a message and a face: what was made for either stays.
    had = {mark.partition(":")[0]: mark for mark in rows[0]["made"].split()}
    marks = {mark.partition(":")[0]: mark for mark in map(_marked, made.items())} | had
    await db.run("UPDATE blobs SET made = ? WHERE key = ?", " ".join(sorted(marks.values())), key, using=using)
    return had


def _marked(made: tuple[str, bytes]) -> str:
    suffix, data = made
    return f"{suffix}:avif" if data[4:8] == b"ftyp" else suffix


async def _insert(
    key: str, user_id: int, room_id: int | None, public_id: str, ready: Ready, using: BaseDBAsyncClient
) -> int:
    size = len(ready.source) if isinstance(ready.source, bytes) else ready.source.size
    rows = await db.fetch(
        "INSERT INTO files (public_id, user_id, room_id, blob_key, name, media_type, family, size, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        public_id, user_id, room_id, key, ready.name, ready.media_type, ready.family, size,
        datetime.datetime.now(datetime.UTC), using=using,
    )  # fmt: skip
    return int(rows[0]["id"])


async def _doom(keys: list[str]) -> list[db.Row]:
    """Those of these blobs that no file needs: from now on nobody may want them until they are gone."""
    marks = db.marks(keys)
    async with db.transaction() as using:
        # Two statements: the second one sees what was committed while the first one waited for whoever wanted the same bytes.
        await db.run(f"UPDATE blobs SET state = state WHERE key IN ({marks})", *keys, using=using)  # noqa: S608
        return await db.fetch(
            f"UPDATE blobs SET state = ?, created_at = ? WHERE key IN ({marks}) AND state = ?"  # noqa: S608
            " AND NOT EXISTS (SELECT 1 FROM files WHERE files.blob_key = blobs.key) RETURNING key, made, created_at",
            DYING, datetime.datetime.now(datetime.UTC), *keys, KEPT, using=using,
        )  # fmt: skip
