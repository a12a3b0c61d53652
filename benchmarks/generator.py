"""The load generator: what it is told, and what it answers."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.processes import Absent, Cores, on

TOO_LATE = 500.0  # ms at the 99th percentile: where a chat stops to feel live


@dataclass(frozen=True)
class Target:
    """A server with one room, and the options with which fanload reads and posts there."""

    name: str
    port: int
    pids: Sequence[int]
    read: tuple[str, ...]
    post: tuple[str, ...]
    form: tuple[str, ...] = ()
    """How to post over HTTP, where `post` is something else."""


@dataclass(frozen=True)
class Ready:
    """The streams stand."""

    established: int
    stalled: int
    refused: int
    bad_status: int
    closed: int
    connect_s: float
    connect_cpu: float
    rss_before_kb: int
    rss_kb: int


@dataclass(frozen=True)
class Held:
    """Nothing was posted."""

    open: int
    closed: int
    stalled_closed: int
    srv_cpu: float
    rss_kb: int
    rss_peak_kb: int


@dataclass(frozen=True)
class Step:
    """Posts at one rate, and what arrived of them. Times are in ms, memory is in KiB."""

    open: int
    closed: int
    stalled_closed: int
    rate: float
    seconds: float
    planned: int
    sent: int
    ok: int
    post_errors: int
    bad_status: int
    post_p50: float
    post_p99: float
    post_max: float
    posts_per_s: float
    events: int
    lost: int
    lost_closed: int
    dups: int
    disorder: int
    misnumbered: int
    foreign: int
    late: int
    per_s: float
    p50: float
    p99: float
    max: float
    last_p50: float
    last_p99: float
    last_max: float
    pages: int
    pages_per_s: float
    page_p50: float
    page_p99: float
    page_errors: int
    stale: int
    page_bytes: float
    bytes_per_event: float
    wall: float
    srv_cpu: float
    srv_waited: float
    load_cpu: float
    load_waited: float
    cpu_per_million: float
    rss_kb: int
    rss_peak_kb: int

    @property
    def is_overloaded(self) -> bool:
        """More was asked of the server than it can do."""
        return self.p99 > TOO_LATE or self.sent < self.planned

    @property
    def is_far_beyond(self) -> bool:
        return self.p99 > 2 * TOO_LATE or self.sent < self.planned

    @property
    def is_held(self) -> bool:
        """The rate was held: everything posted, everything arrived once, in order and in time."""
        wrong = self.lost + self.lost_closed + self.dups + self.disorder + self.misnumbered + self.closed
        return not (wrong or self.post_errors or self.bad_status or self.is_overloaded) and self.ok >= self.planned > 0


class Session:
    """One run of fanload, whose streams stay open from step to step."""

    def __init__(self, process: subprocess.Popen[str], target: Target) -> None:
        self.process = process
        self.target = target
        self.ready = Ready(**self._answer(Ready, 300))

    def post(self, rate: float, seconds: float) -> Step:
        """Publish at this rate for so long; 0 is as fast as each publisher is answered."""
        self._order(f"post {rate:.6g} {seconds:.6g}")
        return Step(**self._answer(Step, seconds + 120))

    def hold(self, seconds: float) -> Held:
        self._order(f"hold {seconds:.6g}")
        return Held(**self._answer(Held, seconds + 30))

    def _order(self, line: str) -> None:
        assert self.process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):  # its last words say why
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def _answer(self, kind: type, patience: float) -> dict[str, Any]:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        arrived, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if arrived else ""
        if not line:
            self.process.kill()
            raise RuntimeError(f"the load generator gave no answer about {self.target.name}")
        answer: dict[str, Any] = json.loads(line)
        if answer.keys() != {field.name for field in fields(kind)}:
            raise RuntimeError(f"fanload and {kind.__name__} disagree about {answer.keys()}")
        return answer


@dataclass(frozen=True)
class Generator:
    """fanload on the cores that the server does not have."""

    program: Path
    cores: Cores

    @contextlib.contextmanager
    def session(
        self, target: Target, readers: int, *options: str, publishers: int = 32, settle: float = 1.0, whole: bool = True
    ) -> Iterator[Session]:
        """Open the readers' streams. With `whole`, all of them must come to stand."""
        command: list[str | Path] = [self.program, "-a", f"127.0.0.1:{target.port}", "-n", str(readers), *target.read]
        command += [*target.post, "-K", str(publishers), "-s", str(settle), "-i", ",".join(map(str, target.pids))]
        with on(self.cores.rest):
            process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            session = Session(process, target)
            if whole and session.ready.established < readers:
                raise Absent(f"{target.name} let in {session.ready.established} of {readers} readers: {session.ready}")
            yield session
        finally:
            process.stdin.close() if process.stdin else None
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close() if process.stdout else None
            time.sleep(0.2)
