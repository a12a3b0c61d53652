"""One storage, two kinds of it: everything here holds on disk and in a bucket that checks signatures."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import errno
import hashlib
import os
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sampark.files import incoming
from sampark.files.disk import DiskStore
from sampark.files.disk_work import PIECE
from sampark.files.storage import Incoming, Missing, StorageAway, StorageFull, Store, open_store
from tests.files.bucket_server import BucketServer, running_bucket

NO_KEYS = [
    "", ".", "..", "../../etc/passwd", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "/..", "a" * 64 + "-", "a" * 64 + "\n",
    "a" * 64 + "-Thumb", "a" * 64 + "-../x", "a" * 64 + "-" + "b" * 17, "a" * 64 + "?versionId=1", "/" + "a" * 63, "a" * 63 + "\0",
]  # fmt: skip


def key_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def all_of(store: Store, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in await store.open(key, start, end)])


async def all_keys(store: Store) -> set[str]:
    return {key async for key, _ in store.keys()}  # noqa: SIM118 - no dict


def temporary(data_dir: Path) -> list[Path]:
    folder = data_dir / "files" / "incoming"
    return list(folder.iterdir()) if folder.exists() else []


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def bucket() -> Iterator[BucketServer]:
    with running_bucket() as server:
        yield server


@pytest.fixture(params=["disk", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "disk":
        yield open_store(None, tmp_path, {})
        return
    server: BucketServer = request.getfixturevalue("bucket")
    yield open_store(server.url(f"tests/{os.urandom(4).hex()}"), tmp_path, server.environ)


class TestStores:
    async def test_bytes_come_back(self, store: Store, tmp_path: Path) -> None:
        data = os.urandom(3_000_000)
        async with store.incoming() as writer:
            for start in range(0, len(data), 70_000):
                await writer.write(data[start : start + 70_000])
            await writer.flush()
            assert (writer.size, writer.key) == (len(data), key_of(data))
            assert writer.path.read_bytes() == data, "others may look at it before it is kept"
            await store.keep(writer, writer.key)
            assert writer.path.read_bytes() == data, "and after"
        assert temporary(tmp_path) == []
        assert await store.size(key_of(data)) == len(data)
        assert await all_of(store, key_of(data)) == data

    async def test_large_files_go_in_parts(self, store: Store) -> None:
        data = os.urandom(1_000_000) * 13
        async with store.incoming() as writer:
            await writer.write(data)
            await store.keep(writer, key_of(data))
        assert await store.size(key_of(data)) == len(data)
        assert hashlib.sha256(await all_of(store, key_of(data))).hexdigest() == key_of(data)

    async def test_parts_are_read(self, store: Store) -> None:
        data = os.urandom(2 * PIECE + 1000)
        key = key_of(data)
        await store.put(key, data)
        size = len(data)
        for start, end in [
            (0, 1), (0, size), (5, 10), (size - 1, size), (PIECE, 2 * PIECE), (PIECE - 1, PIECE + 1), (7, None), (0, 0), (size, size),
        ]:  # fmt: skip
            assert await all_of(store, key, start, end) == data[start:end], (start, end)
        assert max([len(piece) async for piece in await store.open(key)]) <= PIECE
        for start, end in [(0, size + 1), (5, 4), (-1, 5), (-1, None), (size + 1, size + 2), (size + 5, None)]:
            with pytest.raises(StorageAway):
                await all_of(store, key, start, end)

    async def test_a_reader_may_stop_in_the_middle(self, store: Store) -> None:
        data = os.urandom(4 * PIECE)
        await store.put(key_of(data), data)
        pieces = await store.open(key_of(data))
        assert await anext(pieces)
        await pieces.aclose()  # type: ignore[attr-defined]
        assert await all_of(store, key_of(data)) == data

    async def test_what_is_not_kept_is_gone(self, store: Store, tmp_path: Path) -> None:
        async with store.incoming() as writer:
            await writer.write(b"a" * 1_000_000)
            assert len(temporary(tmp_path)) == 1
        assert temporary(tmp_path) == []
        with contextlib.suppress(ConnectionError):
            async with store.incoming() as writer:
                await writer.write(b"a" * 1_000_000)
                raise ConnectionError("cut")
        assert temporary(tmp_path) == []
        assert await all_keys(store) == set()

    async def test_a_cancelled_upload_leaves_nothing(self, store: Store, tmp_path: Path) -> None:
        started = asyncio.Event()

        async def upload() -> None:
            async with store.incoming() as writer:
                while True:
                    await writer.write(b"a" * 200_000)
                    started.set()

        for _ in range(10):
            started.clear()
            task = asyncio.create_task(upload())
            await started.wait()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert temporary(tmp_path) == []
        assert await all_keys(store) == set()

    async def test_cancelled_at_any_step_it_leaves_nothing(self, store: Store, tmp_path: Path) -> None:
        async def upload() -> None:
            async with store.incoming() as writer:
                await writer.write(b"a" * 600_000)

        for steps in range(12):
            task = asyncio.create_task(upload())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert temporary(tmp_path) == []

    async def test_the_path_is_not_shown_before_it_holds_all(self, store: Store) -> None:
        async with store.incoming() as writer:
            await writer.write(b"few")
            with pytest.raises(RuntimeError):
                assert writer.path
            with pytest.raises(RuntimeError):
                assert writer.key
            await writer.flush()
            assert writer.path.stat().st_size == 3

    async def test_a_file_elsewhere_is_copied(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "made.avif").write_bytes(b"small")
        key = f"{key_of(b'big')}-thumb"
        await store.keep(tmp_path / "made.avif", key)
        assert (tmp_path / "made.avif").exists()
        assert await all_of(store, key) == b"small"
        assert temporary(tmp_path) == []

    async def test_twice_the_same_is_once(self, store: Store) -> None:
        await asyncio.gather(*(store.put(key_of(b"same"), b"same") for _ in range(8)))
        assert await all_keys(store) == {key_of(b"same")}
        assert await all_of(store, key_of(b"same")) == b"same"

    async def test_kept_again_it_is_young_again(self, store: Store) -> None:
        """Or whoever clears away old blobs without owners would take one that is about to get one."""
        key = key_of(b"same")
        await store.put(key, b"same")
        path = store.path(key)
        if path is not None:
            os.utime(path, (1_000_000_000, 1_000_000_000))
        [(_, before)] = [found async for found in store.keys()]  # noqa: SIM118
        await asyncio.sleep(1.01 if path is None else 0)  # a bucket counts in seconds
        await store.put(key, b"same")
        [(_, after)] = [found async for found in store.keys()]  # noqa: SIM118
        assert after > before
        assert after.utcoffset() == datetime.timedelta(0)
        assert abs(after.timestamp() - time.time()) < 60

    async def test_a_key_is_the_hash_of_the_bytes(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="hash"):
            await store.put(key_of(b"a"), b"b")
        (tmp_path / "b").write_bytes(b"b")
        with pytest.raises(ValueError, match="hash"):
            await store.keep(tmp_path / "b", key_of(b"a"))
        assert await all_keys(store) == set()
        assert temporary(tmp_path) == []

    async def test_deleted_is_gone(self, store: Store) -> None:
        await store.put(key_of(b"a"), b"a")
        await store.put(f"{key_of(b'a')}-thumb", b"t")
        await store.delete(key_of(b"a"))
        await store.delete(key_of(b"a"))
        assert await all_keys(store) == {f"{key_of(b'a')}-thumb"}
        assert await store.size(key_of(b"a")) is None
        with pytest.raises(Missing):
            await store.open(key_of(b"a"))
        with pytest.raises(Missing):
            await store.open(key_of(b"a"), 0, 0)

    async def test_all_keys_are_listed(self, store: Store) -> None:
        keys = {key_of(bytes([number])) for number in range(60)}
        await asyncio.gather(
            *(store.put(key, bytes([number])) for number in range(60) for key in [key_of(bytes([number]))])
        )
        assert await all_keys(store) == keys

    @pytest.mark.parametrize("key", NO_KEYS)
    async def test_nothing_else_is_a_key(self, store: Store, tmp_path: Path, key: str) -> None:
        before = files_in(tmp_path)
        attempts = [store.put(key, b"a"), store.open(key), store.size(key), store.delete(key)]
        if store.signed_origin:
            attempts.append(store.signed_url(key, seconds=60, disposition="attachment", content_type="text/plain"))
        for attempt in attempts:
            with pytest.raises(ValueError, match="no key"):
                await attempt
        assert files_in(tmp_path) == before

    async def test_it_says_that_it_is_well(self, store: Store, tmp_path: Path) -> None:
        await store.check()
        assert await all_keys(store) == set()
        assert temporary(tmp_path) == []

    async def test_what_a_killed_process_left_is_swept(self, store: Store, tmp_path: Path) -> None:
        assert await store.sweep() == 0
        async with store.incoming() as writer:
            old = tmp_path / "files" / "incoming" / "old"
            old.write_bytes(b"a")
            os.utime(old, (time.time() - 3700,) * 2)
            (tmp_path / "files" / "incoming" / "young").write_bytes(b"a")
            assert await store.sweep() == 1
            assert {path.name for path in temporary(tmp_path)} == {"young", writer.path.name}
        assert await store.sweep() == 0

    async def test_memory_stays_flat(self, store: Store) -> None:
        piece = os.urandom(100_000)
        key = key_of(piece * 300)

        async def send() -> None:
            async with store.incoming() as writer:
                for _ in range(300):
                    await writer.write(piece)
                await store.keep(writer, key)

        tracemalloc.start()
        try:
            await asyncio.gather(*(send() for _ in range(4)))
            total = 0
            async for got in await store.open(key):
                total += len(got)
            assert total == 30_000_000
            assert tracemalloc.get_traced_memory()[1] < 12_000_000
        finally:
            tracemalloc.stop()

    async def test_a_full_disk_is_told(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(incoming, "_FLUSH_EVERY", 1)
        monkeypatch.setattr(incoming.os, "fsync", full)
        with pytest.raises(StorageFull, match="full"):
            await store.put(key_of(b"a"), b"a")
        monkeypatch.undo()
        assert temporary(tmp_path) == []
        assert await all_keys(store) == set()


class TestDisk:
    async def test_nothing_is_signed(self, tmp_path: Path) -> None:
        store = open_store(None, tmp_path, {})
        assert store.signed_origin is None
        assert await store.signed_url("a" * 64, seconds=60, disposition="attachment", content_type="text/plain") is None

    async def test_a_blob_has_a_place(self, tmp_path: Path) -> None:
        store = open_store(None, tmp_path, {})
        key = key_of(b"a")
        await store.put(key, b"a")
        assert store.path(key) == tmp_path / "files" / key[:2] / key[2:4] / key
        assert (tmp_path / "files" / key[:2] / key[2:4] / key).stat().st_mode & 0o077 == 0
        with pytest.raises(ValueError, match="no key"):
            store.path("../secret")

    async def test_strangers_in_the_folder_are_no_blobs(self, tmp_path: Path) -> None:
        store = open_store(None, tmp_path, {})
        key = key_of(b"a")
        await store.put(key, b"a")
        (tmp_path / "files" / "lost+found").mkdir()
        (tmp_path / "files" / "ff").write_bytes(b"a file")
        (tmp_path / "files" / key[:2] / key[2:4] / "notes.txt").write_bytes(b"")
        (tmp_path / "files" / key[:2] / key[2:4] / ("f" * 64)).write_bytes(b"elsewhere")
        assert await all_keys(store) == {key}

    async def test_bytes_are_on_the_disk_before_they_have_a_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As far as can be seen without pulling the plug: file, name, folder, in this order."""
        order: list[str] = []
        fsync, replace = os.fsync, os.replace

        def noted_sync(handle: int) -> None:
            order.append("folder" if os.path.isdir(f"/dev/fd/{handle}") else "file")
            fsync(handle)

        def noted_replace(source: Path, goal: Path) -> None:
            order.append("name")
            replace(source, goal)

        store = open_store(None, tmp_path, {})
        await store.put(key_of(b"a"), b"a")
        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(os, "replace", noted_replace)
        await store.put(f"{key_of(b'a')}-thumb", b"a")
        assert order == ["file", "name", "folder"]

    async def test_a_file_cut_short_is_not_taken_for_whole(self, tmp_path: Path) -> None:
        store = DiskStore(tmp_path / "files")
        data = os.urandom(3 * PIECE)
        await store.put(key_of(data), data)
        pieces = await store.open(key_of(data))
        assert len(await anext(pieces)) == PIECE
        os.truncate(store.path(key_of(data)), PIECE)
        with pytest.raises(StorageAway, match="shorter"):
            await anext(pieces)

    async def test_a_disk_that_refuses_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "files").write_bytes(b"where the folder should be")
        store = open_store(None, tmp_path, {})
        with pytest.raises(StorageAway, match="the disk refuses"):
            await store.check()
        with pytest.raises(StorageAway):
            await store.put(key_of(b"a"), b"a")
        with pytest.raises(StorageAway):
            await store.size(key_of(b"a"))
        assert await all_keys(store) == set()

    async def test_a_slow_disk_does_not_stop_the_others(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = open_store(None, tmp_path, {})
        await store.put(key_of(b"a"), b"a")
        slow = Incoming._write

        def slowly(self: Incoming, data: bytes | bytearray) -> None:
            time.sleep(0.2)
            slow(self, data)

        monkeypatch.setattr(Incoming, "_write", slowly)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.005)

        ticker = asyncio.create_task(tick())
        await store.put(key_of(b"b"), b"b")
        ticker.cancel()
        assert ticks > 10
