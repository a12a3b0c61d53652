"""Ten thousand readers that open the stream and never read."""

from __future__ import annotations

from functools import partial

from benchmarks.bench import Bench, Serving
from benchmarks.figures import AT_MOST, Section
from benchmarks.processes import open_files, socket_memory_kb
from benchmarks.product import NAME

KEY = "stalled"
STALLED = 10_000
READERS = 10
LENGTH = 8000
RATE = 5.0
SECONDS = 12.0
"""60 messages of 8,000 characters are more than twice what the product lets wait for one reader."""

OPEN, POSTED, BOTH = "growth while they come", "growth while messages are posted", "growth at its highest, in all"
KERNEL = "the kernel's socket buffers, at the last message"
SENT = "messages posted"
HELD, LAST = "connections that the server still holds at the end", "post to a reader that reads, p99"

HOW = (
    f"{STALLED:,} clients with a receive buffer of 2 KB and the small segments of a network ask for the room's stream and never"
    f" read from it; {READERS} more do read. Then {RATE:.0f} messages a second of {LENGTH:,} characters for {SECONDS:.0f} s."
    " Growth is that of the server's resident memory, looked at ten times a second, against before the first of them came;"
    " the kernel's socket buffers are told apart. One run."
)


def run(bench: Bench) -> None:
    section = bench.book.section(f"{STALLED:,} readers that never read", HOW, goals)
    bench.each(partial(one, bench, section), NAME, runs=1)


def one(bench: Bench, section: Section, name: str, serving: Serving, _: int) -> None:
    with serving(bench.folder()) as target:
        files, kernel = open_files(target.pids), socket_memory_kb()
        options = ("-z", str(STALLED), "-A", "4", "-L", str(LENGTH))
        with bench.generator.session(target, READERS, *options, publishers=2, settle=3) as session:
            ready = session.ready
            if ready.stalled < STALLED:
                bench.book.fault(f"stalled: only {ready.stalled} of {STALLED} streams came to stand: {ready}")
            before = ready.rss_before_kb
            step = session.post(RATE, SECONDS)
            kernel = socket_memory_kb() - kernel
            after = session.hold(3)
            held = open_files(target.pids) - files
        bench.judge(target, step)
        peak = max(step.rss_peak_kb, after.rss_peak_kb, ready.rss_kb)
        section.add(OPEN, name, "MB", (ready.rss_kb - before) / 1024)
        section.add(POSTED, name, "MB", (peak - ready.rss_kb) / 1024)
        section.add(BOTH, name, "MB", (peak - before) / 1024)
        section.add(HELD, name, "", held, f"of {ready.stalled + READERS:,}")
        section.add(SENT, name, "", step.ok, f"of {RATE * SECONDS:.0f}")
        section.add(KERNEL, name, "MB", kernel / 1024)
        section.add(LAST, name, "ms", step.p99)


def goals(section: Section) -> None:
    section.goal(
        "10,000 readers that never read: growth of memory",
        section.median(BOTH, NAME),
        AT_MOST,
        100,
        "MB",
        "the streams themselves included",
    )
