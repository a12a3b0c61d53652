"""Blobs in a folder: `ab/cd/abcd…`, whole or not there, also after the power was cut."""

import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sampark.files.disk_work import StorageAway, disk_faults, in_thread, pieces
from sampark.files.storage import Incoming, Missing, Store, checked, is_key

_TWO = frozenset(f"{number:02x}" for number in range(256))


class DiskStore(Store):
    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is first needed. Temporary files stand in it, too: a move within a file system is atomic."""
        super().__init__(folder / "incoming")
        self._folder = folder

    def path(self, key: str) -> Path:
        checked(key)
        return self._folder / key[:2] / key[2:4] / key

    async def _store(self, source: Incoming, key: str) -> None:
        await in_thread(self._move, source, self.path(key))

    def _move(self, source: Incoming, goal: Path) -> None:
        with disk_faults():
            for folder in (self._folder, goal.parent.parent, goal.parent):
                _make(folder)
            source.move(goal)
            _sync(goal.parent)

    async def open(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        file, count = await in_thread(_opened, self.path(key), start, end)
        return pieces(file, count)

    async def size(self, key: str) -> int | None:
        return await in_thread(_size, self.path(key))

    async def delete(self, key: str) -> None:
        await in_thread(_remove, self.path(key))

    async def keys(self) -> AsyncIterator[tuple[str, datetime]]:
        for first in await in_thread(_folders, self._folder):
            for second in await in_thread(_folders, first):
                for found in await in_thread(_blobs, second):
                    yield found

    async def signed_url(self, key: str, *, seconds: int, disposition: str, content_type: str) -> str | None:
        return None

    async def check(self) -> None:
        await in_thread(self._try)

    def _try(self) -> None:
        probe = self._incoming / f"probe-{secrets.token_hex(8)}"
        with disk_faults():
            self._incoming.mkdir(0o700, parents=True, exist_ok=True)
            try:
                probe.write_bytes(b"?" * 4096)
            finally:
                probe.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(0o700, parents=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """A new name is only safe once its folder is on the disk (fsync(2))."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(path: Path, start: int, end: int | None) -> tuple[BinaryIO, int]:
    """The file where reading begins, and how many bytes there are to read."""
    with disk_faults():
        try:
            file = path.open("rb", 0)
        except FileNotFoundError:
            raise Missing(path.name) from None
        size = os.fstat(file.fileno()).st_size
        stop = size if end is None else end
        if not 0 <= start <= stop <= size:
            file.close()
            raise StorageAway(f"bytes {start} to {stop} were asked of a file of {size}")
        file.seek(start)
        return file, stop - start


def _size(path: Path) -> int | None:
    with disk_faults():
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None


def _remove(path: Path) -> None:
    with disk_faults():
        path.unlink(missing_ok=True)


def _folders(parent: Path) -> list[Path]:
    with disk_faults():
        try:
            return [parent / name for name in os.listdir(parent) if name in _TWO]
        except (FileNotFoundError, NotADirectoryError):
            return []


def _blobs(folder: Path) -> list[tuple[str, datetime]]:
    found = []
    with disk_faults(), contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if is_key(entry.name) and entry.name[:4] == folder.parent.name + folder.name:
                # Deleted since the folder was opened: then it is none.
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.name, datetime.fromtimestamp(entry.stat().st_mtime, UTC)))
    return found
