"""Ten thousand open streams on one process."""

from __future__ import annotations

from functools import partial

from benchmarks.bench import Bench, Serving
from benchmarks.figures import AT_MOST, Section
from benchmarks.product import NAME
from benchmarks.rivals import nchan

KEY = "streams"
STREAMS = 10_000
SLOWLY = 0.5  # posts a second: one has reached everyone before the next is sent

ALL, OPENING = f"one post to all {STREAMS:,} readers, the slowest post", "opening them"
MEMORY = "memory per stream"

HOW = (
    f"{STREAMS:,} streams in one room on one process, opened 64 at a time from several loopback addresses; the limit of open"
    f" files is raised for the server and the generator. Then {SLOWLY:g} posts a second; the figure is the longest time that"
    " one post needed to its last reader."
)


def run(bench: Bench) -> None:
    section = bench.book.section(f"{STREAMS:,} open streams on one process", HOW, goals)
    bench.each(partial(one, bench, section), NAME)
    if not bench.scale.is_quick:
        bench.each(partial(one, bench, section), nchan.NAME, runs=1)


def one(bench: Bench, section: Section, name: str, serving: Serving, _: int) -> None:
    options = ("-A", "4")
    with (
        serving(bench.folder()) as target,
        bench.generator.session(target, STREAMS, *options, publishers=1, settle=3) as session,
    ):
        ready = session.ready
        session.post(SLOWLY, 2)  # the first message after so many arrivals pays for them
        step = session.post(SLOWLY, max(4.0, bench.scale.calm_seconds))
        bench.judge(target, step)
        section.add(ALL, name, "ms", step.last_max)
        each = ready.connect_cpu / STREAMS * 1000
        section.add(OPENING, name, "s", ready.connect_s, f"{each:.2f} ms of processor time each")
        section.add(MEMORY, name, "KB", (ready.rss_kb - ready.rss_before_kb) / STREAMS)


def goals(section: Section) -> None:
    section.goal("10,000 open streams, one post reaches all within", section.median(ALL, NAME), AT_MOST, 1000, "ms")
