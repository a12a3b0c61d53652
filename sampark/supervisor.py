"""Several processes on one machine: one socket, N children that accept from it, and a parent that replaces those that die."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from types import FrameType

import structlog

log = structlog.get_logger()

_TOO_SOON = 5.0
"""Seconds: a child that dies younger than this could not start; after three such in a row there is no point in more."""


def supervise(workers: int, bound: socket.socket) -> int:
    """Run until SIGTERM or SIGINT; the exit code: 0 after a stop that was asked for, 1 when children cannot start."""
    is_stopping = False
    early_deaths = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopping
        is_stopping = True

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    children: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
    with _meeting_place() as folder:
        while not is_stopping and early_deaths < 3:
            for number, (child, born) in [*children.items()]:
                if child.poll() is not None:
                    log.warning("worker_died", code=child.returncode)
                    early_deaths = early_deaths + 1 if time.monotonic() - born < _TOO_SOON else 0
                    del children[number]
            if children and all(time.monotonic() - born > _TOO_SOON for _, born in children.values()):
                early_deaths = 0
            for number in {*range(workers)} - children.keys() if early_deaths < 3 else ():
                children[number] = _start(bound, number, folder, is_first=not children), time.monotonic()
            time.sleep(0.1)
        for child, _ in children.values():
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        for child, _ in children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
    return 0 if is_stopping else 1


@contextlib.contextmanager
def _meeting_place() -> Iterator[str]:
    """A folder where the children find each other; none ("") where none can be made."""
    try:
        folder = tempfile.mkdtemp(prefix="sampark-")
    except OSError:
        yield ""
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(bound: socket.socket, number: int, folder: str, *, is_first: bool) -> "subprocess.Popen[bytes]":
    environ = {
        **os.environ,
        "SAMPARK_QUIET": "" if is_first else "1",
        "SAMPARK_PARENT": str(os.getpid()),
        "SAMPARK_WORKER": str(number),
        "SAMPARK_WORKERS": folder,  # where they find each other when one is asked for the metrics of all
    }
    # A group of its own: Ctrl-C at the terminal reaches the parent only, which then stops each child once.
    return subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "sampark", "serve", "--fd", str(bound.fileno())],
        pass_fds=[bound.fileno()],
        env=environ,
        start_new_session=True,
    )
