"""Pages, posts and fan-out on this machine, printed as a table.

    make bench ARGS="--readers 1000 --seconds 8"

Absolute figures vary by a quarter from run to run and tell about the machine as much as about the program; figures of
one run, side by side, can be compared.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fan import Absent, Generator, Result, Target, build, nchan, ours
from benchmarks.server import Person, serving, signed_in, with_room

PEOPLE = 20


def row(label: str, value: str, remark: str = "") -> None:
    print(f"  {label:42} {value:>16}  {remark}".rstrip(), flush=True)


def heading(text: str) -> None:
    print(f"\n{text}", flush=True)


def machine(server_core: int | None) -> None:
    heading("This machine")
    model = next(
        (line.partition(":")[2].strip() for line in cpuinfo() if line.startswith("model name")), platform.machine()
    )
    row("processor", f"{os.cpu_count()} cores", model)
    row("system", platform.system(), platform.release())
    where = (
        "shares cores with the load generator"
        if server_core is None
        else f"has core {server_core}, the load generator the rest"
    )
    row("the server", "1 process", where)
    versions = [
        f"{name} {importlib.metadata.version(name)}" for name in ("quart", "hypercorn", "tortoise-orm", "uvloop")
    ]
    row("versions", f"Python {platform.python_version()}", f"{', '.join(versions)}, SQLite {sqlite3.sqlite_version}")


def cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def times(what: Callable[[], object], count: int) -> list[float]:
    """How long it took each time, in ms, after a few times that do not count."""
    for _ in range(5):
        what()
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        what()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def pages(person: Person, room: str) -> None:
    heading("Pages, one after the other over one connection")
    stranger = Person(person.port)
    for label, who, path in (("sign-in page", stranger, "/login"), ("room page with 50 messages", person, room)):
        taken = times(lambda who=who, path=path: who.get(path), 200)  # type: ignore[misc]
        size = len(who.get(path)) / 1024
        row(label, f"{statistics.median(taken):.1f} ms", f"p95 {taken[int(len(taken) * 0.95)]:.1f} ms, {size:.0f} KB")


def posts(generator: Generator, target: Target, seconds: float) -> None:
    heading("Posts over HTTP from 16 clients at once, each stored before it is answered, one reader")
    result = generator.measure(target, 1, 0, seconds, "-K", "16")
    row(
        "posts per second",
        f"{result['post_per_s']:.0f}",
        f"p50 {result['post_p50']:.1f} ms, p99 {result['post_p99']:.1f} ms",
    )
    if result["pub_errors"] or result["missing"]:
        row("refused or not delivered", f"{result['pub_errors'] + result['missing']:.0f}")


def fan_out(generator: Generator, targets: list[Target], readers: int, seconds: float) -> None:
    heading(f"Fan-out: one room, {readers} readers, messages of 200 bytes")
    results: list[tuple[Result, Result]] = []
    for target in targets:
        calm = generator.measure(target, readers, 2, seconds)
        most = generator.highest(target, readers, seconds)
        results.append((calm, most))
        row(f"{target.name}: 2 posts/s", f"{calm['p50']:.1f} ms", f"p99 {calm['p99']:.1f} ms, {kilobytes(calm)}")
        remark = f"p99 {most['p99']:.0f} ms, {most['cpu_per_M']:.1f} CPU-s per million"
        row(f"{target.name}: most deliveries/s", f"{most['deliv_per_s']:,.0f}", remark)
    if len(results) == 2:
        (calm, most), (rival_calm, rival_most) = results
        row(
            "ratio of deliveries/s",
            f"{ratio(most['deliv_per_s'], rival_most['deliv_per_s'])}",
            f"of {targets[1].name}'s; more is better",
        )
        row(
            "ratio of p99 at 2 posts/s",
            f"{ratio(calm['p99'], rival_calm['p99'])}",
            f"of {targets[1].name}'s; less is better",
        )


def kilobytes(result: Result) -> str:
    return f"{result['kb_per_sub']:.1f} KB per open stream, {result['bytes_per_event']:.0f} bytes per event"


def ratio(mine: float, theirs: float) -> str:
    return f"{mine / theirs:.2f}" if theirs else "none"


def cores() -> tuple[int | None, frozenset[int]]:
    """A core for the server and the rest for the load generator, where the system can do that."""
    if not hasattr(os, "sched_getaffinity"):
        return None, frozenset()
    mine = sorted(os.sched_getaffinity(0))
    return (mine[0], frozenset(mine[1:])) if len(mine) > 1 else (None, frozenset())


def prepare(port: int) -> tuple[list[Person], str]:
    """People in a room in which 60 messages stand."""
    people = [signed_in(port, f"bench{number}") for number in range(PEOPLE)]
    room = with_room(people[0])
    for person in people[1:]:
        person.act("/rooms/join", room=room.rpartition("/")[2])
    for number in range(60):
        people[number % PEOPLE].act(f"{room}/messages", text=f"Line {number} of a talk that is neither long nor short.")
    return people, room


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure pages, posts and fan-out on this machine.")
    parser.add_argument("--readers", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--seconds", type=float, default=5, help="how long each rate is held")
    chosen = parser.parse_args()
    server_core, other_cores = cores()
    machine(server_core)
    folder = Path(tempfile.mkdtemp(prefix="sampark-bench-"))
    try:
        with serving(folder, server_core) as running:
            people, room = prepare(running.port)
            pages(people[0], room)
            try:
                generator = Generator(build(folder), other_cores)
            except Absent as absent:
                print(f"\nLeft out: {absent}")
                return 1
            target = ours(running, room, [person.cookie() for person in people], folder)
            posts(generator, target, chosen.seconds)
            size = round(generator.measure(target, 10, 10, 1)["bytes_per_event"])
            try:
                with nchan(folder, server_core, size) as rival:
                    for readers in chosen.readers:
                        fan_out(generator, [target, rival], readers, chosen.seconds)
            except Absent as absent:
                for readers in chosen.readers:
                    fan_out(generator, [target], readers, chosen.seconds)
                print(f"\nLeft out: {absent}")
    except subprocess.TimeoutExpired:
        sys.exit("The load generator did not come back.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
