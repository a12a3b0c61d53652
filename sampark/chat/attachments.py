"""Files on their way into messages, and out of the storage again.

A file is looked at, made safe, entered in the table `files` and only then stored; its message names it in the transaction that posts
it. What has no message after an hour never gets one. So a crash leaves at worst bytes that somebody had entered, which `tidy` finds.
"""

import asyncio
import datetime
import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.files import kinds, media, scan, stripping, waveform
from sampark.files.disk_work import in_thread
from sampark.files.disposition import clean_name
from sampark.files.problems import Busy, CannotRead
from sampark.files.storage import Incoming, StorageAway, StorageFull, Store
from sampark.files.workshop import Workshop
from sampark.models.file import DYING, KEPT, PICTURE
from sampark.models.message import FILE, IMAGE, VIDEO, VOICE
from sampark.text.language import N_
from sampark.text.problems import Invalid, TooLarge, Unavailable, WrongKind

log = structlog.get_logger()

ABANDONED = datetime.timedelta(hours=1)
"""After so long nobody posts a file any more that was entered without a message."""
_DYING_FOR = datetime.timedelta(minutes=2)
"""After so long whoever was removing these bytes has been killed: removing is over in seconds."""
_PATIENCE = 10.0
"""Seconds to wait while equal bytes are being removed."""
LONGEST_VOICE = 300.0
_AT_ONCE = 20
"""Blobs that are doomed together: whoever sends one of them meanwhile waits for its turn."""
_IN_HAND = 4
"""Files whose results are in memory at a time, up to 26 MB each."""
_REMOVED_WITHIN = 60.0
"""Seconds: less than `_DYING_FOR`, so that nobody removes bytes after another one has taken over."""
_TIDY_EVERY = 600.0
_CARDS = {"pdf", "text"}
_TELLING = {"image/heic", "image/tiff"}
"""Pictures that say where they were taken, and that nothing here can draw anew."""
_NOBODYS_FACE = (
    "NOT EXISTS (SELECT 1 FROM users WHERE users.id = files.user_id AND users.profile_picture = files.public_id)"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as somebody sent it: the name they gave it, and its bytes in a temporary file."""

    name: str
    incoming: Incoming
    field: str = "files"
    """Of the form: `files`, `voice` or `picture`."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is stored and entered, and what its message shows of it (JSON: `id`, `name`, `kind`, `size` and more by kind)."""

    file_id: int
    shown: dict[str, Any]


Crop = tuple[float, float, float]
"""Left, top and side of a square, as parts of a picture's width, height and shorter side."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file made safe: what to keep."""

    name: str
    media_type: str
    family: str
    source: Incoming | bytes
    made: dict[str, bytes]
    shown: dict[str, Any]


class Attachments:
    """`clamd`: the scanner's address; None trusts everyone. `room_quota`, `quota`: bytes, 0 for any number."""

    def __init__(
        self,
        store: Store,
        *,
        pictures: Workshop,
        sounds: Workshop,
        clamd: str | None = None,
        room_quota: int = 0,
        quota: int = 0,
    ) -> None:
        self.store = store
        self._pictures = pictures
        self._sounds = sounds
        self._clamd = clamd
        self._quotas = _Quotas(room_quota, quota)
        self._in_hand = asyncio.Semaphore(_IN_HAND)
        self._tidying: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Tidy up from time to time, until `close`."""
        self._tidying = asyncio.get_running_loop().create_task(self._keep_tidy())

    async def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait([self._tidying])
        await self._pictures.close()
        await self._sounds.close()

    async def _keep_tidy(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception as fault:
                log.warning("files_not_tidied", fault=type(fault).__name__)
            await asyncio.sleep(_TIDY_EVERY)

    async def accept(self, user_id: int, room_id: int, sent: Sequence[Sent]) -> list[Attachment]:
        """Look at files, store them and enter them for a message of this room. All or none.

        Errors: `Invalid`, `WrongKind`, `TooLarge`, `Unavailable`.
        """
        accepted: list[Attachment] = []
        try:
            for one in sent:
                async with self._in_hand:
                    ready = await self._ready(one)
                    accepted.append(await self._enter(user_id, room_id, ready))
        except BaseException:
            await self.release(accepted)
            raise
        return accepted

    async def release(self, attachments: Collection[Attachment]) -> None:
        """Give up those that no message has named."""
        if attachments:
            ids = [attachment.file_id for attachment in attachments]
            rows = await db.fetch(
                f"DELETE FROM files WHERE id IN ({db.marks(ids)}) AND message_id IS NULL AND {_NOBODYS_FACE} RETURNING blob_key",  # noqa: S608
                *ids,
            )
            await self.clear(row["blob_key"] for row in rows)

    async def picture(self, user_id: int, sent: Sent, crop: Crop | None) -> Attachment:
        """A person's picture, square, in three sizes; nobody sees it yet. Errors: as `accept`."""
        kind = await self._kind(sent)
        if kind.family != "image":
            raise WrongKind(N_("A profile picture is a JPEG, PNG, GIF, WebP or AVIF file."), "picture")
        await self._scan(sent)
        x, y, side = crop or (None, None, None)
        try:
            made = await self._pictures.run("avatar", path=str(sent.incoming.path), x=x, y=y, side=side)
        except CannotRead:
            raise Invalid(
                N_("This picture cannot be read. Try another one, or save it anew as JPEG."), "picture"
            ) from None
        except Busy:
            raise Unavailable(_BUSY) from None
        largest = max(made.blobs, key=int)
        ready = _Ready("picture.webp", "image/webp", PICTURE, made.blobs[largest], made.blobs, {})
        return await self._enter(user_id, None, ready)

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
            f"DELETE FROM files WHERE message_id IS NULL AND created_at <= ? AND {_NOBODYS_FACE} RETURNING blob_key",  # noqa: S608
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

    async def _ready(self, sent: Sent) -> _Ready:
        kind = await self._kind(sent)
        await self._scan(sent)
        name = kinds.name_for(sent.name, kind)
        shown = {"name": name, "kind": kind.family, "size": sent.incoming.size}
        plain = _Ready(name, kind.content_type, kind.family, sent.incoming, {}, shown)
        try:
            if sent.field == "voice":
                return await self._voice(sent, plain)
            if kind.family == "image":
                return await self._image(sent, plain)
            if kind.family in {"audio", "video"}:
                return await self._playable(sent, plain)
            if kind.family in _CARDS:
                return await self._card(sent, plain)
        except Busy:
            # Only what must be looked at waits for another time: a document is as good without its first lines.
            if kind.family == "image" or sent.field == "voice":
                raise Unavailable(_BUSY) from None
            return _as_download(plain)
        except CannotRead as fault:
            log.info("file_stays_plain", family=kind.family, reason=fault.reason)
            return await self._unread(sent, plain, kind)
        return plain

    async def _unread(self, sent: Sent, plain: _Ready, kind: kinds.Kind) -> _Ready:
        """It is only ever saved. But where a photograph was taken is not passed on with one that could not be drawn anew, either."""
        if kind.media_type in _TELLING:
            raise WrongKind(
                N_("“%(name)s” cannot be freed of the place where it was taken. Save it as JPEG or PNG, and send that."),
                sent.field, name=clean_name(sent.name),
            )  # fmt: skip
        if kind.media_type != "image/jpeg":
            return _as_download(plain)
        bare = await in_thread(stripping.jpeg, sent.incoming.path)
        download = _as_download(plain)
        return _Ready(download.name, download.media_type, "file", bare, {}, {**download.shown, "size": len(bare)})

    async def _kind(self, sent: Sent) -> kinds.Kind:
        try:
            return await in_thread(kinds.kind_of, sent.incoming.path, sent.name)
        except kinds.Empty:
            raise Invalid(N_("“%(name)s” is empty."), sent.field, name=clean_name(sent.name)) from None
        except kinds.NotAllowed as fault:
            allowed = ", ".join(extension for group in fault.allowed.values() for extension in group)
            raise WrongKind(
                N_("“%(name)s” is of a kind that is not accepted here. These are: %(kinds)s."),
                sent.field, name=clean_name(sent.name), kinds=allowed,
            ) from None  # fmt: skip

    async def _scan(self, sent: Sent) -> None:
        if self._clamd is None:
            return
        name = clean_name(sent.name)
        try:
            verdict = await scan.scan(sent.incoming.path, self._clamd)
        except scan.TooLargeToScan:
            raise TooLarge(N_("“%(name)s” is too large to be checked for viruses here."), "files", name=name) from None
        except scan.ScannerAway as fault:
            log.warning("scanner_away", reason=str(fault))
            raise Unavailable(
                N_(
                    "Files cannot be checked for viruses just now, so nothing was sent. What you typed is still here: try again later."
                )
            ) from None
        if isinstance(verdict, scan.Infected):
            raise Invalid(N_("“%(name)s” was not sent: the virus scanner knows it."), "files", name=name)

    async def _voice(self, sent: Sent, plain: _Ready) -> _Ready:
        try:
            facts = (await self._sounds.run("sound", path=str(sent.incoming.path), most_seconds=LONGEST_VOICE)).facts
        except CannotRead as fault:
            if fault.reason == "too-long":
                raise Invalid(N_("A voice message may last five minutes. Send this one as a file."), "voice") from None
            raise WrongKind(N_("This is no recording that can be played here. Send it as a file."), "voice") from None
        return _playing(plain, facts, VOICE)

    async def _image(self, sent: Sent, plain: _Ready) -> _Ready:
        made = await self._pictures.run("image", path=str(sent.incoming.path))
        facts, clean = made.facts, made.blobs.pop("clean")
        shown = {
            **plain.shown,
            "size": len(clean),
            **{name: facts[name] for name in ("width", "height", "colour", "sizes")},
            "is_animated": facts["frames"] > 1,
        }
        return _Ready(plain.name, facts["media_type"], "image", clean, made.blobs, shown)

    async def _playable(self, sent: Sent, plain: _Ready) -> _Ready:
        found = await in_thread(media.read, sent.incoming.path)
        if found.is_audio_only:
            made = await self._sounds.run("sound", path=str(sent.incoming.path), most_seconds=24 * 3600.0, seconds=60.0)
            return _playing(plain, made.facts, "audio")
        made = await self._sounds.run("video", path=str(sent.incoming.path))
        width, height = made.facts["width"], made.facts["height"]
        shown = {**plain.shown, "width": width or 640, "height": height or 360, "has_poster": "poster" in made.blobs}
        return _Ready(plain.name, plain.media_type, "video", sent.incoming, made.blobs, shown)

    async def _card(self, sent: Sent, plain: _Ready) -> _Ready:
        made = await self._pictures.run("preview", path=str(sent.incoming.path))
        shown = {**plain.shown, **{name: value for name, value in made.facts.items() if value}}
        return _Ready(plain.name, plain.media_type, plain.family, sent.incoming, {}, shown)

    async def _enter(self, user_id: int, room_id: int | None, ready: _Ready) -> Attachment:
        """First the table, then the storage: bytes that nobody has entered are nowhere."""
        source = ready.source
        key = await in_thread(_hash, source) if isinstance(source, bytes) else source.key
        public_id = secrets.token_urlsafe(16)
        file_id = await _reserve(key, user_id, room_id, public_id, ready, self._quotas)
        attachment = Attachment(file_id, {"id": public_id, **ready.shown})
        try:
            if isinstance(source, bytes):
                await self.store.put(key, source)
            else:
                await self.store.keep(source, key)
            for suffix, data in ready.made.items():
                await self.store.put(f"{key}-{suffix}", data)
        except StorageAway as fault:
            log.warning("storage_away", reason=str(fault))
            await self.release([attachment])
            raise Unavailable(_FULL if isinstance(fault, StorageFull) else _AWAY) from None
        except BaseException:
            await self.release([attachment])
            raise
        return attachment

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


_BUSY = N_("Too many files are being looked at just now. What you typed is still here: try again in a moment.")
_FULL = N_(
    "There is no room left for files, so nothing was sent. What you typed is still here. Tell whoever runs this Sampark."
)
_AWAY = N_("Files cannot be stored just now, so nothing was sent. What you typed is still here: try again in a moment.")


def message_type(attachments: Sequence[Attachment]) -> str:
    """What kind of message these make: all pictures, all videos, one voice; else files."""
    found = {attachment.shown["kind"] for attachment in attachments}
    return found.pop() if found in ({IMAGE}, {VIDEO}, {VOICE}) else FILE


def suffixes(made: str) -> dict[str, str]:
    """What was made of a blob (`models.file.Blob.made`): suffix and media type of each."""
    parts = (mark.partition(":") for mark in made.split())
    return {suffix: f"image/{kind or 'webp'}" for suffix, _, kind in parts}


async def used_by(room_id: int | None = None, using: BaseDBAsyncClient | None = None) -> int:
    """Bytes of the files of one room, or of all."""
    where, values = ("WHERE room_id = ?", (room_id,)) if room_id is not None else ("", ())
    sql = f"SELECT COALESCE(SUM(size), 0) AS used FROM files {where}"  # noqa: S608
    rows = await (db.fetch(sql, *values, using=using) if using is not None else db.fetch_aside(sql, *values))
    return int(rows[0]["used"])


async def forget(using: BaseDBAsyncClient, message_id: int) -> list[str]:
    """Within the transaction that deletes a message: its files are nobody's any more. Their bytes are to be cleared after it."""
    rows = await db.fetch("DELETE FROM files WHERE message_id = ? RETURNING blob_key", message_id, using=using)
    return [row["blob_key"] for row in rows]


def _playing(plain: _Ready, facts: dict[str, Any], kind: str) -> _Ready:
    shown = {
        **plain.shown,
        "kind": kind,
        "duration": facts["duration"],
        "waveform": waveform.to_text(facts["waveform"]),
    }
    return _Ready(plain.name, facts["media_type"], kind, plain.source, {}, shown)


def _as_download(plain: _Ready) -> _Ready:
    """What cannot be read is only ever saved."""
    return _Ready(plain.name, "application/octet-stream", "file", plain.source, {}, {**plain.shown, "kind": "file"})


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _reserve(
    key: str, user_id: int, room_id: int | None, public_id: str, ready: _Ready, quotas: "_Quotas"
) -> int:
    """The file's row, once nobody is removing the same bytes. Errors: `Unavailable`, `TooLarge` (then there is no row)."""
    end = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        async with db.transaction() as using:
            if await _want(key, ready.made, using):
                file_id = await _insert(key, user_id, room_id, public_id, ready, using)
                await quotas.check(room_id, using)
                return file_id
        if asyncio.get_running_loop().time() > end:
            raise Unavailable(_AWAY)
        await asyncio.sleep(0.1)


async def _want(key: str, made: dict[str, bytes], using: BaseDBAsyncClient) -> bool:
    rows = await db.fetch(
        "INSERT INTO blobs (key, state, made, created_at) VALUES (?, ?, '', ?)"
        " ON CONFLICT (key) DO UPDATE SET created_at = excluded.created_at WHERE blobs.state = ? RETURNING made",
        key, KEPT, datetime.datetime.now(datetime.UTC), KEPT, using=using,
    )  # fmt: skip
    if not rows:
        return False
    # The same bytes may be a picture in a message and a face: what was made for either stays.
    marks = {mark.partition(":")[0]: mark for mark in [*rows[0]["made"].split(), *map(_marked, made.items())]}
    await db.run("UPDATE blobs SET made = ? WHERE key = ?", " ".join(sorted(marks.values())), key, using=using)
    return True


def _marked(made: tuple[str, bytes]) -> str:
    suffix, data = made
    return f"{suffix}:avif" if data[4:8] == b"ftyp" else suffix


async def _insert(
    key: str, user_id: int, room_id: int | None, public_id: str, ready: _Ready, using: BaseDBAsyncClient
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


@dataclass(frozen=True, slots=True)
class _Quotas:
    """Bytes that the files of one room and of all rooms may have; 0 for any number."""

    room: int
    all: int

    async def check(self, room_id: int | None, using: BaseDBAsyncClient) -> None:
        """With the new file's row there. Errors: `TooLarge`, which takes it back."""
        limits: list[tuple[int, int | None]] = [(self.room, room_id)] if self.room and room_id is not None else []
        limits += [(self.all, None)] if self.all else []
        if limits:
            await db.serialise("quota", using)
        for most, of_room in limits:
            over = await used_by(of_room, using) - most
            if over > 0:
                raise TooLarge(
                    N_("There is no room for it: it is %(over)s MB too many. Ask for some files to be deleted."),
                    "files",
                    over=f"{over / 1_000_000:.1f}",
                )
