"""The workshop's process with jobs of tests beside its own. Run as a script; nothing imports it but itself."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from sampark.files import picture_worker
from sampark.files.problems import CannotRead

Made = tuple[dict[str, Any], dict[str, bytes]]


def echo(path: str, **arguments: Any) -> Made:
    return {"path": path, "arguments": arguments}, {"first": b"1" * int(arguments.get("size", 0)), "second": b"\0\xff"}


def loop(path: str) -> Made:
    """A decoder that never ends and hears no polite signal."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    Path(path).exists()
    while True:
        pass


def sleep(path: str) -> Made:
    time.sleep(600)
    return {}, {}


def nap(path: str, seconds: float) -> Made:
    time.sleep(seconds)
    return {}, {}


def grow(path: str) -> Made:
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def crash(path: str, number: int) -> Made:
    os.kill(os.getpid(), number)
    time.sleep(600)
    return {}, {}


def refuse(path: str) -> Made:
    raise CannotRead("because")


def fail(path: str) -> Made:
    raise RuntimeError(Path(path).read_text())


def babble(path: str) -> Made:
    """A library that prints, and one that writes where the answer goes."""
    sys.stdout.write("HTTP/1.1 200 OK")
    sys.stdout.flush()
    sys.stderr.write("noise")
    os.write(1, b"\0\0\0\2{}")
    return {"said": True}, {}


def lie(path: str, size: int) -> Made:
    """A decoder that has been taken over writes what it likes into the pipe of answers."""
    for number in range(3, 20):
        try:
            os.write(number, size.to_bytes(4, "big") + b"[]" * 40)
        except OSError:
            continue
    time.sleep(600)
    return {}, {}


def swell(path: str, size: int) -> Made:
    return {}, {"blob": b"\0" * size}


def write(path: str) -> Made:
    try:
        Path(path).write_bytes(b"x" * 10)
    except OSError as fault:
        return {"fault": fault.errno}, {}
    return {"fault": None}, {}


def surroundings(path: str) -> Made:
    """What a decoder that has been taken over would find."""
    open_files = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
    return {"environ": dict(os.environ), "files": open_files, "modules": [*sys.modules], "pid": os.getpid()}, {}


def _is_open(name: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{name}")


_secret: list[str] = []


def remember(path: str) -> Made:
    """Whether anything of the file before is still there."""
    before = [*_secret]
    _secret.append(path)
    return {"before": before}, {}


def sockets(path: str) -> Made:
    """Addresses of all sockets of the Internet kind that are open here; uvloop's pipes are sockets of the other."""
    names = [name for name in map(_address, range(1024)) if name]
    return {"addresses": names}, {}


def _address(number: int) -> str:
    try:
        with socket.socket(fileno=os.dup(number)) as found:
            return "" if found.family == socket.AF_UNIX else str(found.getsockname())
    except OSError:
        return ""


if __name__ == "__main__":
    for name in (
        "echo", "loop", "sleep", "nap", "grow", "crash", "refuse", "fail", "babble", "lie", "swell", "write",
        "surroundings", "remember", "sockets",
    ):  # fmt: skip
        picture_worker.JOBS[name] = f"hostile_worker:{name}"
    picture_worker.main()
