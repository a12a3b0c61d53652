"""Memory: of the whole server when nobody is there, and of each open stream."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from functools import partial

from benchmarks import product
from benchmarks.bench import Bench, Serving
from benchmarks.figures import AT_MOST, Section
from benchmarks.generator import Target
from benchmarks.processes import memory_kb
from benchmarks.product import NAME
from benchmarks.rivals import flask_socketio, nchan, socketio_node

KEY = "memory"
STREAMS = 5000

RSS, PSS = "idle, resident (RSS), all processes", "idle, shared pages divided (PSS)"
PER_STREAM = f"per open stream, {STREAMS:,} streams"

HOW = (
    "Idle: three seconds after the server answered for the first time, on an empty data folder. Per stream: growth of the resident"
    f" memory from before to two seconds after {STREAMS:,} streams were opened in one room, divided by their number; the server is"
    " started anew for each run. Socket buffers in the kernel are not in it. KB and MB are of 1,024."
)


def run(bench: Bench) -> None:
    section = bench.book.section("Memory", HOW, goals)
    bench.each(partial(one, bench, section), NAME, nchan.NAME)
    if not bench.scale.is_quick:
        bench.each(partial(one, bench, section), flask_socketio.NAME, socketio_node.NAME, runs=1)


def one(bench: Bench, section: Section, name: str, serving: Serving, _: int) -> None:
    if name == NAME:
        idle(bench, section)
    with serving(bench.folder()) as target:
        if name in (flask_socketio.NAME, socketio_node.NAME):
            add_idle(section, name, target.pids)
        else:
            per_stream(bench, section, target)


def goals(section: Section) -> None:
    section.goal(
        "idle memory of the whole server after start",
        section.median(RSS, NAME),
        AT_MOST,
        90,
        "MB",
        "resident, the larger of the two readings",
    )
    section.goal("memory per open stream at 5,000 streams", section.median(PER_STREAM, NAME), AT_MOST, 10, "KB")


def idle(bench: Bench, section: Section) -> None:
    folder = bench.folder()
    with product.serving(folder, bench.cores.server) as server:
        add_idle(section, NAME, server.pids)
    shutil.rmtree(folder)


def add_idle(section: Section, name: str, pids: Sequence[int]) -> None:
    time.sleep(3)
    pss, rss = memory_kb(pids)
    section.add(RSS, name, "MB", rss / 1024)
    section.add(PSS, name, "MB", pss / 1024)


def per_stream(bench: Bench, section: Section, target: Target) -> None:
    with bench.generator.session(target, STREAMS, publishers=1, settle=2) as session:
        growth = session.ready.rss_kb - session.ready.rss_before_kb
        section.add(PER_STREAM, target.name, "KB", growth / STREAMS)
        bench.judge(target, session.post(2, 1.5))
