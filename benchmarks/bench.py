"""What all parts share: how long and how often, the cores, the load generator, the prepared data, the book."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks import product
from benchmarks.figures import Book
from benchmarks.generator import Generator, Step, Target
from benchmarks.processes import Absent, Cores, Server, free_port
from benchmarks.rivals import flask_socketio, nchan, socketio_node
from benchmarks.scale import Scale

LEFT_OUT = "left out on request"
Serving = Callable[[Path], AbstractContextManager[Target]]


@dataclass
class Bench:
    scale: Scale
    cores: Cores
    generator: Generator
    book: Book
    scratch: Path
    without: frozenset[str] = frozenset()
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def folder(self) -> Path:
        """A new one; the caller may leave it."""
        path = self.scratch / str(next(self._numbers))
        path.mkdir()
        return path

    @cached_property
    def prepared(self) -> product.Prepared:
        """People, a room and some history, made once; each server gets a copy."""
        return product.prepare(self.scratch / "prepared", self.scale.people, self.cores.server)

    @contextlib.contextmanager
    def fresh(self, back_door: int | None = None) -> Iterator[tuple[product.Prepared, Server]]:
        """The product on a copy of the prepared data: SQLite, one process, one core."""
        folder = self.folder()
        copy = self.prepared.copied(folder / "data")
        try:
            with product.serving(copy.folder, self.cores.server, back_door=back_door) as server:
                yield copy, server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def ours(self, folder: Path) -> Iterator[Target]:
        with self.fresh() as (data, server):
            yield data.target(server)

    @contextlib.contextmanager
    def engine(self, folder: Path) -> Iterator[Target]:
        """The product, with messages rung in by the back door: fan-out without form and database."""
        port = free_port()
        with self.fresh(port) as (data, server):
            target = data.target(server, name=product.ENGINE)
            post = ("-b", f"127.0.0.1:{port}", "-P", "/", "-F", "text")
            yield dataclasses.replace(target, post=post)

    @cached_property
    def event_bytes(self) -> int:
        """How long one message is in the product's stream, with all that frames it: nchan gets messages as long."""
        with self.ours(self.scratch) as target, self.generator.session(target, 20, settle=0.5) as session:
            session.hold(2)  # the lists of members that arriving readers cause are not meant
            return round(session.post(10, 1.5).bytes_per_event)

    def nchan(self, folder: Path) -> AbstractContextManager[Target]:
        return nchan.serving(folder, self.cores.server, self.event_bytes)

    def flask(self, folder: Path) -> AbstractContextManager[Target]:
        return flask_socketio.serving(folder, self.cores.server)

    def node(self, folder: Path) -> AbstractContextManager[Target]:
        return socketio_node.serving(folder, self.cores.server)

    def servers(self, *names: str) -> list[tuple[str, Serving]]:
        """Those of them that can be had; a rival is installed first if need be."""
        known: dict[str, tuple[Serving, Callable[[], object]]] = {
            product.NAME: (self.ours, lambda: None),
            product.ENGINE: (self.engine, lambda: None),
            nchan.NAME: (self.nchan, nchan.installed),
            flask_socketio.NAME: (self.flask, flask_socketio.installed),
            socketio_node.NAME: (self.node, socketio_node.installed),
        }
        return [(name, known[name][0]) for name in names if self.can_have(name, known[name][1])]

    def can_have(self, name: str, installed: Callable[[], object]) -> bool:
        """Whether it is here or could be installed; if not, that is said and kept for the results."""
        if name in self.book.absent:
            return False
        try:
            if any(word.lower() in name.lower() for word in self.without):
                raise Absent(LEFT_OUT)
            installed()
        except Absent as absent:
            self.book.absent[name] = str(absent)
            print(f"\n!! {name} is not run: {absent}\n", flush=True)
            return False
        return True

    def each(self, one: Callable[[str, Serving, int], None], *names: str, runs: int | None = None) -> None:
        """Let `one` measure each server in turn, as often as there are runs: what disturbs the machine disturbs them all."""
        for number in range(runs or self.scale.runs):
            for name, serving in self.servers(*names):
                began = time.monotonic()
                with self.attempt(name):
                    one(name, serving, number)
                print(f"  run {number + 1}: {name}, {time.monotonic() - began:.0f} s", flush=True)

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """What breaks off here is told and kept, and the rest goes on: a fault of ours fails the run, a rival's does not."""
        try:
            yield
        except Exception as broken:
            self.book.broke_off(name, f"{self.book.part}: {name} broke off: {type(broken).__name__}: {broken}")

    def judge(self, target: Target, step: Step, *, is_search: bool = False) -> None:
        self.book.judge(target, step, is_search=is_search)
