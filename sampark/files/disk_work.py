"""Work that waits for the disk: in threads of its own, and with the system's complaints in our words."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

PIECE = 256 * 1024
"""Bytes that are written or read in one go: what one transfer holds in memory."""
# Of our own, so that a slow disk does not keep passwords and the database waiting in the loop's common one.
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="files")

T = TypeVar("T")


class StorageAway(Exception):
    """The disk or the bucket cannot do what was asked. The text is a reason for the operator, without secrets."""


class StorageFull(StorageAway):
    """There is no room for the bytes."""


async def in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Do something that waits for the disk. Whoever cancels this does not stop the thread."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, partial(work, *arguments))


async def in_thread_to_the_end(work: Callable[[], None]) -> None:
    """The same; whoever waits does so even when cancelled, as all are at the end of the loop."""
    over = asyncio.wrap_future(_THREADS.submit(work))
    try:
        await asyncio.wait({over})
    except asyncio.CancelledError:
        await asyncio.wait({over})
        raise


@contextlib.contextmanager
def disk_faults() -> Iterator[None]:
    """What the system says about a disk, as `StorageFull` or `StorageAway`."""
    try:
        yield
    except OSError as fault:
        reason = f"{fault.strerror or fault} ({errno.errorcode.get(fault.errno or 0, 'no number')})"
        if fault.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise StorageFull(f"the disk is full: {reason}") from fault
        raise StorageAway(f"the disk refuses: {reason}") from fault


def opened(path: Path) -> BinaryIO:
    """For reading, without a buffer. Errors: `StorageAway`."""
    with disk_faults():
        return path.open("rb", 0)


async def pieces(file: BinaryIO, count: int | None) -> AsyncIterator[bytes]:
    """So many bytes (None: all) from where the file stands; it is closed at the end. Errors: `StorageAway`, also for too few."""
    with file:
        while count is None or count > 0:
            piece = await in_thread(_read, file, PIECE if count is None else min(PIECE, count))
            if not piece:
                if count is not None:
                    raise StorageAway("a file is shorter than it was")
                return
            count = count if count is None else count - len(piece)
            yield piece


def _read(file: BinaryIO, count: int) -> bytes:
    with disk_faults():
        return file.read(count)
