"""Starting servers on cores of their own, stopping them, and what /proc tells about them."""

from __future__ import annotations

import contextlib
import os
import pwd
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DISK = Path("/var/tmp")  # noqa: S108 - folders with names of their own are made in it
"""Scratch data lies here: /tmp may be a RAM disk, where waiting for the disk would cost nothing."""
PATIENCE = 40.0  # seconds that a server may take to come up on a busy machine


class Absent(Exception):
    """Something this measurement needs cannot be had; its text says what and why."""


@dataclass(frozen=True)
class Cores:
    """Who runs where. Empty sets: wherever the system puts it."""

    server: frozenset[int] = frozenset()
    """The one core of a single server process."""
    pair: frozenset[int] = frozenset()
    """The cores of two server processes: one for each where the machine has three or more, else both on one."""
    rest: frozenset[int] = frozenset()
    """The load generator, and the databases beside two processes."""
    beside_pair: frozenset[int] = frozenset()

    @classmethod
    def of_this_machine(cls) -> Cores:
        mine = sorted(os.sched_getaffinity(0))
        if len(mine) < 2:
            return cls()
        two = mine[:2] if len(mine) > 2 else mine[:1]
        return cls(frozenset(mine[:1]), frozenset(two), frozenset(mine[1:]), frozenset(set(mine) - set(two)))


@contextlib.contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """Whatever is started inside inherits these cores, with every thread it will ever have."""
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_limits() -> int:
    """As many open files as the system allows, for us and all that we start; how many that is."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A process that we started, and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    stop_signal: int = signal.SIGTERM

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def pids(self) -> list[int]:
        """The process and all that it started."""
        return family(self.pid)

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if ready():
                    return
            time.sleep(0.02)
        words = self.log.read_text(errors="replace").strip().splitlines()[-15:]
        raise Absent(f"{what} did not come up; its last words: {' / '.join(words) or 'none'}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextlib.contextmanager
def started(
    command: Sequence[str | Path],
    port: int,
    log: Path,
    cores: frozenset[int],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
    stop_signal: int = signal.SIGTERM,
) -> Iterator[Server]:
    with log.open("ab") as output, on(cores):
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=folder,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    server = Server(process, port, log, stop_signal)
    try:
        yield server
    finally:
        server.stop()


def listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return True


def family(pid: int) -> list[int]:
    """A process and its descendants, the parents first."""
    found = [pid]
    for each in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def open_files(pids: Sequence[int]) -> int:
    """Files and connections that they hold."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)


def socket_memory_kb() -> int:
    """What the kernel holds for all TCP connections of this machine."""
    line = next(line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:"))
    return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def memory_kb(pids: Sequence[int]) -> tuple[int, int]:
    """(PSS, RSS): shared pages divided among those who share them, and counted for each."""
    totals = {"Pss": 0, "Rss": 0}
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in totals:
                    totals[name] += int(rest.split()[0])
    return totals["Pss"], totals["Rss"]


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time of all their threads, in nanosecond steps rather than the clock ticks of /proc/*/stat."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9
