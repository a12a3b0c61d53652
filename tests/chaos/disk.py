"""A disk that a test can fill: a small one in memory, which only the server sees. It vanishes with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.servers import ROOT
from tests.services import die_with_parent, launch

SIZE = 16 * 1024 * 1024


class Disk(Protocol):
    inside: Path
    """The data folder as the server knows it."""
    outside: Path
    """The same as everybody else knows it."""
    before: Sequence[str]
    """What a command must begin with to see it."""

    def fill(self, pid: int) -> None: ...
    def free(self, pid: int) -> None: ...
    def close(self) -> None: ...


def small_disk(folder: Path) -> Disk:
    """A real one, where this machine lets us mount; else a limit on how large a file may grow, which fails in the same places."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        return MountedDisk(folder)
    return LimitedFiles(folder)


class MountedDisk:
    """A file system in memory, mounted in a namespace of its own: no other process sees it, and none has to unmount it."""

    def __init__(self, folder: Path) -> None:
        mount = 'mount -t tmpfs -o size="$1" chaos "$2" && echo mounted && exec sleep 1000000'
        own = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", "--mount", *own, "sh", "-c", mount, "sh", str(SIZE), str(folder)]
        if shutil.which(command[0]) is None:
            raise OSError("no unshare")
        self._holder = launch(
            lambda: subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        )
        assert self._holder.stdout
        if self._holder.stdout.readline() != b"mounted\n":
            self._holder.wait()
            raise OSError("this machine lets nobody mount")
        pid = self._holder.pid
        self.inside = folder
        self.outside = Path(f"/proc/{pid}/root{folder.resolve()}")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.before: Sequence[str] = ["nsenter", f"--target={pid}", "--mount", *user, f"--wd={ROOT}"]

    def fill(self, pid: int) -> None:
        """To the last byte."""
        with contextlib.suppress(OSError), (self.outside / "ballast").open("wb", buffering=0) as file:
            for size in (1024 * 1024, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size) == size:
                        pass

    def free(self, pid: int) -> None:
        (self.outside / "ballast").unlink()

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


class LimitedFiles:
    """No file of the server's may grow any more."""

    def __init__(self, folder: Path) -> None:
        self.inside = self.outside = folder
        self.before: Sequence[str] = []

    def fill(self, pid: int) -> None:
        # SQLite's log of what it writes; the limit leaves room for the process's own few lines about it.
        written = sum(file.stat().st_size for file in self.inside.glob("*-wal"))
        _limit_files(pid, max(written, 64 * 1024))

    def free(self, pid: int) -> None:
        _limit_files(pid, resource.RLIM_INFINITY)

    def close(self) -> None:
        """Nothing is held."""


def _limit_files(pid: int, size: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
    time.sleep(0.05)
