"""A file on its way in: a temporary file that is counted and hashed as it grows, and gone unless somebody keeps it."""

import contextlib
import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import BinaryIO

from sampark.files.disk_work import PIECE, StorageAway, disk_faults, in_thread

_FLUSH_EVERY = 8 * 1024 * 1024
"""Bytes. A commit of the database waits for what the file system still has to write: that is kept small while files come in."""


class Incoming:
    """Bytes on their way in: counted and hashed while they go to a temporary file. Made by `Store.incoming`."""

    def __init__(self, folder: Path) -> None:
        self.size = 0
        """Bytes given so far."""
        self._path = folder / secrets.token_hex(16)
        self._hash = hashlib.sha256()
        self._waiting = bytearray()
        self._unsynced = 0
        self._file: BinaryIO | None = None
        self._is_over = False
        self._is_moved = False
        # A cancelled write goes on in its thread; nothing else happens to the file meanwhile.
        self._lock = threading.Lock()

    async def write(self, data: bytes) -> None:
        """Errors: `StorageFull`, `StorageAway`."""
        self.size += len(data)
        if len(data) >= PIECE:
            await self.flush()
            await in_thread(self._write, data)
            return
        self._waiting += data
        if len(self._waiting) >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        """After this all that was given is in the file. Errors: as `write`."""
        if self._waiting:
            data, self._waiting = self._waiting, bytearray()
            await in_thread(self._write, data)

    @property
    def path(self) -> Path:
        """The file, to be looked at before it is kept (and after), until its context is left. Ask for `flush` first."""
        if self._waiting:
            raise RuntimeError("flush() comes before path")
        return self._path

    @property
    def key(self) -> str:
        """The SHA-256 of the bytes, in hex. Ask for `flush` first."""
        if self._waiting:
            raise RuntimeError("flush() comes before key")
        return self._hash.hexdigest()

    def create(self) -> None:
        """In a thread, once."""
        with self._lock, disk_faults():
            if not self._is_over:
                self._path.parent.mkdir(0o700, parents=True, exist_ok=True)
                handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self._file = open(handle, "wb", 0)  # noqa: SIM115 - `discard` closes it

    def _write(self, data: bytes | bytearray) -> None:
        with self._lock, disk_faults():
            if self._file is None:
                raise StorageAway("the temporary file is closed")
            self._hash.update(data)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._unsynced += len(data)
            if self._unsynced >= _FLUSH_EVERY:
                self._unsynced = 0
                os.fsync(self._file.fileno())

    def move(self, goal: Path) -> None:
        """In a thread: the file, safe on the disk, gets its name for good; `path` is that from now on."""
        with self._lock, disk_faults():
            if self._file is None:
                raise StorageAway("the temporary file is closed")
            os.fsync(self._file.fileno())
            os.replace(self._path, goal)
            self._path, self._is_moved = goal, True

    def discard(self) -> None:
        """In a thread: close the file, and remove it unless it was moved."""
        with self._lock:
            self._is_over = True
            if self._file is not None:
                with contextlib.suppress(OSError):  # what had to be safe was synced before
                    self._file.close()
                self._file = None
            if not self._is_moved:
                with contextlib.suppress(OSError):
                    self._path.unlink()
