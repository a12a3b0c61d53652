"""Where files of strangers are opened: in processes of their own, with limits, never in the server.

A process is started at the first job and stopped when there was none for a while. One that crashes, hangs or is killed is
replaced; the file in its hands is one that cannot be read.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from sampark.files.picture_worker import MOST_ANSWER, MOST_HEADER
from sampark.files.problems import Busy, CannotRead

__all__ = ["Busy", "CannotRead", "Made", "Workshop"]

log = structlog.get_logger()

SECONDS = 30.0
"""For one job: what is most work within the limits takes about six on a free processor, and the server's own work goes first."""
PATIENCE = 30.0
"""Seconds that a job waits for its turn; after that its page has been waited for long enough."""
MOST_WAITING = 100
"""Jobs in the queue: at a few a second, more would not have their turn in time."""
IDLE = 300.0
"""Seconds without work after which the processes are stopped and their memory is free."""

_COMMAND = (sys.executable, "-s", "-B", "-m", "sampark.files.picture_worker")
_ROOT = Path(__file__).parents[2]
"""The folder that holds the package, for a tree that is not installed."""
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE")
"""What the process sees of the server's environment: no secret, no address of a database."""


class Made(NamedTuple):
    """What came of a job."""

    facts: dict[str, Any]
    blobs: dict[str, bytes]


class Workshop:
    """`workers`: how many files are open at the same time. `command`, `idle` and `patience` (seconds) are for tests."""

    def __init__(
        self,
        workers: int = 1,
        *,
        command: Sequence[str] = _COMMAND,
        idle: float = IDLE,
        patience: float = PATIENCE,
    ) -> None:
        self._command = command
        self._idle = idle
        self._patience = patience
        self._places = asyncio.Semaphore(workers)
        self._waiting = 0
        self._all: set[_Bench] = set()
        self._free: list[_Bench] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._rest: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def run(self, job: str, *, seconds: float = SECONDS, **arguments: Any) -> Made:
        """Do a job of `picture_worker.JOBS` (`path=…` and others, as its function takes them; all JSON).

        Errors: `CannotRead` for whatever is wrong with the file, also when it takes longer than `seconds` or ends its process;
        `Busy` when the job did not get its turn.
        """
        request = json.dumps({"job": job, "arguments": arguments, "seconds": seconds}).encode()
        async with self._place():
            bench = await self._bench()
            try:
                async with asyncio.timeout(seconds):
                    made = await bench.ask(request)
            except BaseException as fault:
                # Its pipes are in an unknown state, also when only the one who asked has gone.
                self._give_up(bench)
                if isinstance(fault, TimeoutError | EOFError | OSError | ValueError | TypeError):
                    log.warning("workshop_lost_a_process", job=job, fault=type(fault).__name__)
                    raise CannotRead(_reason(fault, seconds)) from None
                raise
            self._put_back(bench)
        if isinstance(made, str):
            raise CannotRead(made)
        return made

    async def close(self) -> None:
        """End all processes, also those at work: their jobs end with `CannotRead`. Later ones are refused with `Busy`."""
        self._is_closed = True
        self._stop_rest()
        for bench in [*self._all]:
            self._give_up(bench)
        await asyncio.gather(*self._leaving)

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Busy("too many files wait")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise Busy("waited too long") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _bench(self) -> "_Bench":
        if self._is_closed:
            raise Busy("the workshop is closed")
        self._stop_rest()
        while self._free:
            bench = self._free.pop()
            if bench.is_ready:
                return bench
            self._give_up(bench)  # somebody ended it between two jobs: no file is to blame
        try:
            bench = await _Bench.open(self._command)
        except OSError as fault:
            raise Busy(f"no process could be started ({type(fault).__name__})") from fault
        self._all.add(bench)
        if self._is_closed:
            self._give_up(bench)
            raise Busy("the workshop is closed")
        return bench

    def _give_up(self, bench: "_Bench") -> None:
        self._all.discard(bench)
        if bench in self._free:
            self._free.remove(bench)
        leaving = asyncio.get_running_loop().create_task(bench.kill())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _put_back(self, bench: "_Bench") -> None:
        self._free.append(bench)
        if len(self._free) == len(self._all):
            self._stop_rest()
            self._rest = asyncio.get_running_loop().call_later(self._idle, self._stop_idle)

    def _stop_rest(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _stop_idle(self) -> None:
        self._rest = None
        for bench in [*self._free]:
            self._give_up(bench)


def _reason(fault: BaseException, seconds: float) -> str:
    if isinstance(fault, TimeoutError):
        return f"takes longer than {seconds:g} s"
    return "ended the process that read it"


class _Bench:
    """One process and its pipes."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None  # noqa: S101 - asked for below
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._to = process.stdin
        self._from = process.stdout

    @classmethod
    async def open(cls, command: Sequence[str]) -> "_Bench":
        environ = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        # A session of its own: Ctrl-C at the terminal stops the server, which then stops this; and all of it can be killed at once.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environ, cwd=_ROOT, start_new_session=True
        )
        return cls(process)

    @property
    def is_ready(self) -> bool:
        return self._process.returncode is None and not self._from.at_eof()

    async def ask(self, request: bytes) -> Made | str:
        """What was made, or why nothing was. Errors: EOFError, OSError, ValueError, TypeError when the process makes no sense."""
        self._to.write(len(request).to_bytes(4, "big") + request)
        await self._to.drain()
        size = int.from_bytes(await self._from.readexactly(4), "big")
        if size > MOST_HEADER:
            raise ValueError("header too large")
        header = json.loads(await self._from.readexactly(size))
        if "error" in header:
            return str(header["error"])
        parts = [(str(name), int(length)) for name, length in header["blobs"]]
        if sum(length for _, length in parts) > MOST_ANSWER or any(length < 0 for _, length in parts):
            raise ValueError("blobs too large")
        return Made(dict(header["facts"]), {name: await self._from.readexactly(length) for name, length in parts})

    async def kill(self) -> None:
        """At once, with the child that it has forked; returns when the process has been reaped."""
        self._to.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
