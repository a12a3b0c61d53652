"""Asking ClamAV about a file: clamd's INSTREAM command, clamd(8), over TCP or a socket file.

The answer is about the bytes that were sent, so the scanner may run on another machine and needs no access to ours.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from sampark.files.disk_work import in_thread

_PIECE = 64 * 1024
"""Bytes in one block. (clamd's own limit is on the sum: StreamMaxLength, 100 MB as it comes.)"""
_LONGEST_ANSWER = 4096
_CONNECT = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Clean:
    """The scanner found nothing."""


@dataclass(frozen=True, slots=True)
class Infected:
    """The scanner knows these bytes."""

    name: str
    """Of the signature, such as `Eicar-Test-Signature`: printable ASCII, at most 100 characters."""


class ScannerAway(Exception):
    """There is no verdict. The text is a reason for the operator. The file stays unserved; try again later."""


class TooLargeToScan(ScannerAway):
    """clamd takes no file of this size (StreamMaxLength): trying again will not help."""


def check_url(url: str) -> None:
    """Errors: `ValueError`, one sentence, for what is no address of a clamd."""
    _address(url)


async def scan(path: Path, url: str, *, timeout: float = 120.0) -> Clean | Infected:
    """What clamd at `tcp://host:port` or `unix:///path` says about a file, within `timeout` seconds.

    Errors: `ScannerAway` (not reached, silent, or saying what cannot be understood: never taken for clean), `ValueError`
    for a wrong URL, `OSError` when the file cannot be read.
    """
    async with _connected(url, timeout) as line:
        sending = asyncio.create_task(_send(path, line))
        answering = asyncio.create_task(_answer(line))
        try:
            # It may have had enough before the end, and closes then: the answer has to be read while there is one.
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            is_sent = sending.done() and await sending
            verdict = _verdict(await answering)
        finally:
            sending.cancel()
            answering.cancel()
            await asyncio.wait({sending, answering})
    if isinstance(verdict, Clean) and not is_sent:
        raise ScannerAway("clamd answered before it had seen the whole file")
    return verdict


async def ping(url: str, *, timeout: float = 5.0) -> None:
    """Errors: `ScannerAway` when no clamd answers within `timeout` seconds."""
    async with _connected(url, timeout) as line:
        with contextlib.suppress(ConnectionError):
            await asyncio.get_running_loop().sock_sendall(line, b"zPING\0")
        if await _answer(line) != "PONG":
            raise ScannerAway("what answers is no clamd")


def _address(url: str) -> tuple[str, int] | str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme == "unix" and parts.path not in {"", "/"} and not parts.netloc:
        return parts.path
    if parts.scheme == "tcp" and host and port and not parts.path.strip("/") and not parts.query:
        return host, port
    raise ValueError("give tcp://host:3310 or unix:///run/clamav/clamd.ctl.")


@contextlib.asynccontextmanager
async def _connected(url: str, timeout: float) -> AsyncIterator[socket.socket]:
    """A bare socket: asyncio's streams throw away what has come when something cannot be sent any more, and clamd says "too
    large" just then.
    """
    address = _address(url)
    try:
        async with asyncio.timeout(timeout):
            async with asyncio.timeout(_CONNECT):
                line = await _connect(address)
            with line:
                yield line
    except TimeoutError:
        raise ScannerAway("clamd does not answer in time") from None


async def _connect(address: tuple[str, int] | str) -> socket.socket:
    loop = asyncio.get_running_loop()
    last: OSError | None = None
    try:
        if isinstance(address, str):
            ends: list[tuple[int, Any]] = [(socket.AF_UNIX, address)]
        else:
            found = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
            ends = [(family, end) for family, _, _, _, end in found]
        for family, end in ends:
            line = socket.socket(family, socket.SOCK_STREAM)
            try:
                line.setblocking(False)
                await loop.sock_connect(line, end)
            except OSError as fault:
                line.close()
                last = fault
            except BaseException:
                line.close()
                raise
            else:
                return line
    except TimeoutError:
        raise
    except OSError as fault:
        last = fault
    raise ScannerAway(f"clamd cannot be reached: {(last and last.strerror) or last}")


async def _send(path: Path, line: socket.socket) -> bool:
    """Blocks with their length before them as four bytes, the highest first; a block of no bytes ends. Whether all were taken."""
    send = asyncio.get_running_loop().sock_sendall
    with await in_thread(_opened, path) as file:
        try:
            await send(line, b"zINSTREAM\0")
            while piece := await in_thread(file.read, _PIECE):
                await send(line, len(piece).to_bytes(4, "big") + piece)
            await send(line, bytes(4))
        except ConnectionError:
            return False
    return True


def _opened(path: Path) -> BinaryIO:
    return path.open("rb", 0)


async def _answer(line: socket.socket) -> str:
    """One line, ended by a zero as the question was."""
    said = bytearray()
    with contextlib.suppress(ConnectionError):
        while b"\0" not in said and len(said) <= _LONGEST_ANSWER:
            piece = await asyncio.get_running_loop().sock_recv(line, _LONGEST_ANSWER)
            if not piece:
                break
            said += piece
    answer, zero, _ = said.partition(b"\0")
    if not zero or len(answer) >= _LONGEST_ANSWER:
        raise ScannerAway("clamd closed without an answer")
    return answer.decode("ascii", "replace").strip()


def _verdict(answer: str) -> Clean | Infected:
    if answer == "stream: OK":
        return Clean()
    if match := re.fullmatch(r"stream: (.+) FOUND", answer, re.DOTALL):
        return Infected(re.sub(r"[^!-~]", "_", match[1])[:100])
    if "size limit exceeded" in answer:
        raise TooLargeToScan("the file is larger than clamd's StreamMaxLength")
    raise ScannerAway(f"clamd says: {re.sub(r'[^ -~]', '_', answer)[:100]}")
