"""Where the bytes of files are: one interface over a folder (`disk`) and an S3-compatible bucket (`s3`).

A blob's key is the SHA-256 of its bytes in hex, so that equal files are kept once. What is made of one (a thumbnail) has the
key of its origin and a suffix: `…-thumb`. Who may read a blob is not asked here: `sampark.access` is the door.
"""

import contextlib
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path

from sampark.files.disk_work import (
    StorageAway,
    StorageFull,
    disk_faults,
    in_thread,
    in_thread_to_the_end,
    opened,
    pieces,
)
from sampark.files.incoming import Incoming

__all__ = ["Incoming", "Missing", "StorageAway", "StorageFull", "Store", "checked", "is_key", "open_store"]

_LEFT_OVER = 3600
"""Seconds after which nobody writes to a temporary file any more."""
_KEY = re.compile(r"[0-9a-f]{64}(?:-[a-z0-9]{1,16})?")


class Missing(LookupError):
    """No blob has this key."""


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def checked(key: str) -> str:
    """The key itself; nothing else ever becomes a part of a path or URL. Errors: `ValueError`."""
    if not is_key(key):
        raise ValueError(f"{key[:100]!r} is no key of a blob")
    return key


class Store(ABC):
    """Every method may raise `StorageAway` (and `StorageFull` where bytes are written), and `ValueError` for what is no key."""

    signed_origin: str | None = None
    """The origin that signed URLs lead to, for the content security policy; None where there are none."""

    def __init__(self, incoming: Path) -> None:
        self._incoming = incoming

    @contextlib.asynccontextmanager
    async def incoming(self) -> AsyncIterator[Incoming]:
        """A writer to a temporary file on this machine. What is not kept is gone when the context is left."""
        writer = Incoming(self._incoming)
        try:
            await in_thread(writer.create)
            yield writer
        finally:
            await in_thread_to_the_end(writer.discard)

    async def keep(self, source: Incoming | Path, key: str) -> None:
        """Store a file under its key, all of it or nothing; a `Path` stays where it is, an `Incoming` may be moved.

        A blob that is there already is written again: its time of last change is then new, so that whoever clears away old
        blobs without owners leaves it alone until its owner is known. Errors: also `ValueError`, when the key is not the
        hash of the bytes (a key with a suffix cannot be checked).
        """
        checked(key)
        if isinstance(source, Path):
            async with self.incoming() as writer:
                async for piece in pieces(await in_thread(opened, source), None):
                    await writer.write(piece)
                await self.keep(writer, key)
            return
        await source.flush()  # noqa: ASYNC240 - no path: those have returned
        if "-" not in key and source.key != key:
            raise ValueError("the key is not the hash of the bytes")
        await self._store(source, key)

    @abstractmethod
    async def _store(self, source: Incoming, key: str) -> None: ...

    async def put(self, key: str, data: bytes) -> None:
        """Store a few bytes, such as a thumbnail. Errors: as `keep`."""
        async with self.incoming() as writer:
            await writer.write(data)
            await self.keep(writer, key)

    @abstractmethod
    async def open(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from `start` up to and without `end` (None: all that follow), in pieces. Errors: `Missing`, before the first."""

    @abstractmethod
    async def size(self, key: str) -> int | None:
        """In bytes; None for what is not there."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Nothing happens when it is not there."""

    @abstractmethod
    def keys(self) -> AsyncIterator[tuple[str, datetime]]:
        """Each key with its time of last change (UTC), in no order. Names that are no keys are passed over."""

    @abstractmethod
    async def signed_url(self, key: str, *, seconds: int, disposition: str, content_type: str) -> str | None:
        """A URL that gives the blob to whoever has it, for so long; None where there is no such thing."""

    @abstractmethod
    async def check(self) -> None:
        """Try the storage. Errors: `StorageAway` with the reason."""

    def path(self, key: str) -> Path | None:
        """The blob's file, where it is one on this machine. (Whether it exists is not looked at.)"""
        return None

    async def sweep(self) -> int:
        """Remove temporary files that a process left behind when it was killed; how many there were."""
        return await in_thread(self._sweep)

    def _sweep(self) -> int:
        count, oldest = 0, time.time() - _LEFT_OVER
        with disk_faults(), contextlib.suppress(FileNotFoundError), os.scandir(self._incoming) as entries:
            for entry in entries:
                # Several processes sweep one folder: what another took is gone.
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime < oldest and not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        count += 1
        return count


def open_store(url: str | None, data_dir: Path, environ: Mapping[str, str] = os.environ) -> Store:
    """The store of `SAMPARK_STORAGE_URL`: None is the data folder, `s3://…` a bucket (`s3.S3Store` says how it is written).

    Errors: `ValueError` with one sentence that says what is wrong with the URL and how to mend it. Nothing is tried yet.
    """
    if url is None:
        from sampark.files.disk import DiskStore

        return DiskStore(data_dir / "files")
    if not url.startswith("s3://"):
        raise ValueError(
            "give s3://bucket?endpoint=https://…&region=…, or leave it out to keep files in the data folder."
        )
    from sampark.files.s3 import open_bucket

    return open_bucket(url, data_dir / "files" / "incoming", environ)
