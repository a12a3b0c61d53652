"""Real servers: `sampark serve` as a process of its own, on a port of its own, with a data folder of its own.

    with ServerProcess(tmp_path) as server:
        asha = Person.at(server.url).signed_up("asha")
        ...
        stopped = server.stop()
        assert stopped.code == 0

The port stays the same over a restart, and lies below those that the system hands out to clients: nobody takes it meanwhile.
`prelude` is Python that runs in the server before it starts; a test turns a constant with it and waits for seconds, not minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import asyncpg

from tests.services import PostgresServer, die_with_parent, launch

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
"""Seconds that anything may take on a busy machine before a test calls it broken."""

SECRET = "a secret for tests, the same in every process"

_numbers = itertools.count(1)


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Until it holds. Looked at often: no test waits longer than what it waits for."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.02)


def quiet_port() -> int:
    """A free port that no client is given by chance, so that a server can come back to it."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def faults_in(log: str) -> list[str]:
    """The lines that a sound server never writes, whatever was done to it from outside."""
    marks = ("Traceback", "never retrieved", '"level": "error"')
    return [line[:2000] for line in log.splitlines() if any(mark in line for mark in marks)]


@dataclass(frozen=True)
class Stopped:
    """How a process ended."""

    code: int
    seconds: float
    said: str
    errors: str

    def assert_clean(self) -> None:
        assert self.code == 0, f"it ended with {self.code}: {self.errors}"
        wrong = faults_in(self.errors)
        assert not wrong, wrong


class ServerProcess:
    """`sampark serve`, started and ready on entering, stopped on leaving."""

    def __init__(
        self, folder: Path, *arguments: str, prelude: str = "", before: Sequence[str] = (), **settings: str
    ) -> None:
        self.name = f"server-{next(_numbers)}"
        self.folder = folder
        self.port = quiet_port()
        self.arguments = arguments
        self.prelude = prelude
        self.before = before
        """A command that becomes the server: `nsenter …` for one that sees another disk."""
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def __enter__(self) -> Self:
        for _ in range(5):
            try:
                self.start()
            except RuntimeError as error:
                if "PORT=" not in str(error):
                    raise
                self.port = quiet_port()  # another test process was faster
            else:
                return self
        raise AssertionError("no port to be had")

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def errors(self) -> str:
        return self._log("err").read_text(errors="replace")

    @property
    def said(self) -> str:
        return self._log("out").read_text(errors="replace")

    @property
    def all_errors(self) -> str:
        """What it said since its very first start, killed ones included."""
        logs = (self._log("err", number) for number in range(1, self.starts + 1))
        return "".join(log.read_text(errors="replace") for log in logs)

    def start(self, *, wait: bool = True) -> None:
        self.starts += 1
        self.process = run(
            "serve", "--port", str(self.port), *self.arguments,
            out=self._log("out"), err=self._log("err"), prelude=self.prelude, before=self.before,
            settings=self._settings(),
        )  # fmt: skip
        if wait:
            try:
                wait_for(self._is_up, f"{self.name} is ready")
            except AssertionError as error:
                raise AssertionError(f"{error}; it said: {self.errors}") from None

    def _settings(self) -> dict[str, str]:
        usual = {"SAMPARK_DATA_DIR": str(self.folder), "SAMPARK_SECRET_KEY": SECRET}
        usual |= {"SAMPARK_BCRYPT_COST": "4", "SAMPARK_RATE_SCALE": "0"}
        return usual | self.settings

    def _log(self, end: str, start: int = 0) -> Path:
        """Each start has its own, the last one unless another is asked for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{self.name}.{start or self.starts}.{end}"

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.errors}")
        return self.readiness()[0] == 200

    def readiness(self) -> tuple[int, str]:
        """What `/readyz` says; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def terminate(self) -> None:
        """Ask it to stop, and go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> Stopped:
        self.terminate()
        return self.ended()

    def ended(self) -> Stopped:
        assert self.process is not None
        began = time.monotonic()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} does not stop; it said: {self.errors}") from None
        return Stopped(code, time.monotonic() - began, self.said, self.errors)

    def kill(self) -> None:
        """As a crash: no goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def restart(self) -> Stopped:
        stopped = self.stop()
        self.start()
        return stopped


def run(
    *command: str, out: Path, err: Path, settings: dict[str, str], prelude: str = "", before: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """`sampark …` as a process, with these settings and none of the machine's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SAMPARK_") and name not in {"DATABASE_URL", "REDIS_URL", "HOST", "PORT"}
    }
    start = ["-c", f"{prelude}\nfrom sampark.cli import main\nmain()"] if prelude else ["-m", "sampark"]
    with out.open("wb") as output, err.open("wb") as errors:
        return launch(
            lambda: subprocess.Popen(
                [*before, sys.executable, *start, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=ROOT,
                env={**kept, **settings},
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        )


def run_to_end(folder: Path, *command: str, **settings: str) -> Stopped:
    """`sampark …` until it ends by itself."""
    name = f"command-{next(_numbers)}"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    usual = {"SAMPARK_DATA_DIR": str(folder), "SAMPARK_SECRET_KEY": SECRET}
    process = run(
        *command, out=folder / f"{name}.out", err=folder / f"{name}.err", settings=usual | settings
    )  # fmt: skip
    return finished(process, folder / f"{name}.out", folder / f"{name}.err", began)


def finished(process: subprocess.Popen[bytes], out: Path, err: Path, began: float) -> Stopped:
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"it does not end by itself: {err.read_text()}") from None
    return Stopped(code, time.monotonic() - began, out.read_text(), err.read_text(errors="replace"))


def new_database(postgres: PostgresServer, name: str | None = None) -> str:
    """An empty database of its own for one test; its URL."""
    name = name or f"sampark_{os.getpid()}_{next(_numbers)}"

    ask(postgres.url, f'CREATE DATABASE "{name}"')
    return f"{postgres.url.rpartition('/')[0]}/{name}"


def ask(url: str, sql: str) -> list[asyncpg.Record]:
    """The rows of one statement."""

    async def inside() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(sql)
            return rows
        finally:
            await connection.close()

    return asyncio.run(inside())


def children(pid: int) -> Sequence[int]:
    """The processes that this one started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]
