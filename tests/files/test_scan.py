"""What the virus scanner says, and that everything but a clear OK is no OK."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sampark.files import scan as scanner
from sampark.files.scan import Clean, Infected, ScannerAway, TooLargeToScan, check_url, ping, scan
from tests.files.clamd import EICAR, Clamd, running_clamd


@pytest.fixture(params=["tcp", "unix"])
async def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Clamd]:
    async with running_clamd(tmp_path / "clamd.ctl" if request.param == "unix" else None) as running:
        yield running


def file_of(folder: Path, data: bytes) -> Path:
    (folder / "blob").write_bytes(data)
    return folder / "blob"


async def test_clean_is_clean(clamd: Clamd, tmp_path: Path) -> None:
    data = os.urandom(1_000_000)
    assert await scan(file_of(tmp_path, data), clamd.url) == Clean()
    assert clamd.seen == [data]
    assert max(clamd.blocks) <= 65536


async def test_a_virus_is_named(clamd: Clamd, tmp_path: Path) -> None:
    data = os.urandom(65_530) + EICAR + os.urandom(100_000)
    assert await scan(file_of(tmp_path, data), clamd.url) == Infected("Eicar-Test-Signature")


async def test_nothing_is_clean(clamd: Clamd, tmp_path: Path) -> None:
    assert await scan(file_of(tmp_path, b""), clamd.url) == Clean()


@pytest.mark.parametrize("size", [100_000, 10_000_000])
async def test_too_much_for_it_is_told(clamd: Clamd, tmp_path: Path, size: int) -> None:
    clamd.most = 70_000
    with pytest.raises(TooLargeToScan):
        await scan(file_of(tmp_path, bytes(size)), clamd.url)


@pytest.mark.parametrize("where", ["tcp", "unix"])
async def test_what_was_said_before_the_line_broke_is_heard(where: str, tmp_path: Path) -> None:
    """clamd closes with most of the file unread: that breaks the sender's pipe, and on TCP resets the connection."""

    async def enough(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        writer.close()

    if where == "tcp":
        server = await asyncio.start_server(enough, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(enough, tmp_path / "ctl")
        url = f"unix://{tmp_path}/ctl"
    for _ in range(30):
        with pytest.raises(TooLargeToScan):
            await scan(file_of(tmp_path, bytes(3_000_000)), url)
    server.close()


@pytest.mark.parametrize(
    "says",
    [
        b"", b"\0", b"stream: OK", b"stream: OK\n", b"OK\0", b"stream: \0", b"stream:  FOUND\0", b"stream: OK FOUND OK\0",
        b"other: OK\0", b"Can't allocate memory ERROR\0", b"x" * 200_000, b"stream: " + b"x" * 5_000 + b" FOUND\0",
    ],
)  # fmt: skip
async def test_no_other_answer_is_a_verdict(clamd: Clamd, tmp_path: Path, says: bytes) -> None:
    clamd.says = says
    with pytest.raises(ScannerAway) as fault:
        await scan(file_of(tmp_path, b"a"), clamd.url)
    assert len(str(fault.value)) < 200


async def test_clean_before_all_was_seen_is_no_verdict(tmp_path: Path) -> None:
    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        writer.write(b"stream: OK\0")
        await writer.drain()

    server = await asyncio.start_server(hasty, "127.0.0.1", 0)
    url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(ScannerAway, match="before"):
        await scan(file_of(tmp_path, bytes(30_000_000)), url)
    server.close()


async def test_a_name_is_printable(clamd: Clamd, tmp_path: Path) -> None:
    clamd.says = b"stream: <b>\r\n\xff Evil FOUND\0"
    found = await scan(file_of(tmp_path, b"a"), clamd.url)
    assert isinstance(found, Infected)
    assert found.name.isascii()
    assert found.name.isprintable()
    assert " " not in found.name


async def test_silence_is_not_waited_for(clamd: Clamd, tmp_path: Path) -> None:
    clamd.is_deaf = True
    with pytest.raises(ScannerAway, match="in time"):
        await scan(file_of(tmp_path, b"a" * 10_000_000), clamd.url, timeout=0.3)
    with pytest.raises(ScannerAway, match="in time"):
        await ping(clamd.url, timeout=0.3)


async def test_it_says_that_it_is_there(clamd: Clamd) -> None:
    await ping(clamd.url)
    clamd.says = b"HTTP/1.1 400 Bad Request\r\n\r\n\0"
    with pytest.raises(ScannerAway, match="no clamd"):
        await ping(clamd.url)


async def test_nobody_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ScannerAway, match="reached"):
            await scan(file_of(tmp_path, b"a"), url)
    with pytest.raises(ScannerAway, match="reached"):
        await ping(f"unix://{tmp_path}/nothing")


async def test_a_file_that_is_gone_is_no_verdict(clamd: Clamd, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await scan(tmp_path / "nothing", clamd.url)


async def test_a_slow_connection_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_CONNECT", 0.2)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        url = f"tcp://127.0.0.1:{full.getsockname()[1]}"
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        with pytest.raises(ScannerAway):
            await ping(url, timeout=0.5)
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    "url", ["tcp://clamd:3310", "tcp://127.0.0.1:1", "tcp://[::1]:3310", "unix:///run/clamav/clamd.ctl"]
)
def test_addresses_are_taken(url: str) -> None:
    assert check_url(url) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "clamd",
        "tcp://clamd",
        "tcp://:3310",
        "tcp://a:99999",
        "tcp://a:x",
        "unix://",
        "unix:///",
        "unix://host/x",
        "http://a:1",
        "tcp://a:1/x",
        "tcp://[::1",
    ],
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="tcp://host:3310"):
        check_url(url)
