"""The room's page, while messages arrive in that room."""

from __future__ import annotations

import re
from functools import partial

from benchmarks.bench import Bench
from benchmarks.figures import AT_LEAST, Section
from benchmarks.generator import Generator, Step, Target
from benchmarks.product import NAME, Prepared

KEY = "pages"
CLIENTS = 16
POSTS = 10.0  # a second
MESSAGES = 50

RATE, P50, P99 = "pages/s", "page, p50", "page, p99"
PACKED = "pages/s, asked with Accept-Encoding: gzip"
STALE = "pages older than their request"
SIZE = "bytes per page"

HOW = (
    f"{CLIENTS} signed-in people on keep-alive connections, each fetching the room's page with its newest {MESSAGES} messages as soon as"
    f" the last one has come whole, while one more posts {POSTS:.0f} messages a second there. Each page must contain the newest message"
    " whose post had been answered before the page was asked for. The generator looks into each page; into compressed ones it does not."
)


def run(bench: Bench) -> None:
    section = bench.book.section(
        f"Room page, {CLIENTS} clients, {POSTS:.0f} posts a second in that room, SQLite", HOW, goals
    )
    bench.each(partial(one, bench, section), NAME)


def one(bench: Bench, section: Section, name: str, *_: object) -> None:
    with bench.fresh() as (data, server):
        check_page(server.port, data)
        target = data.target(server)
        step = fetching(bench.generator, target, data.room, bench.scale.seconds * 2)
        add(bench, section, name, target, step)
        step = fetching(bench.generator, target, data.room, bench.scale.seconds, "-E", "-H", "Accept-Encoding: gzip")
        section.add(PACKED, name, "/s", step.pages_per_s, f"{step.page_bytes:,.0f} bytes each")


def goals(section: Section) -> None:
    section.goal(
        "room pages/s, 50 messages, 16 clients, 10 posts/s in that room",
        section.median(RATE, NAME),
        AT_LEAST,
        1000,
        "/s",
    )


def fetching(generator: Generator, target: Target, room: str, seconds: float, *options: str) -> Step:
    options = ("-g", str(CLIENTS), "-G", room, *options)
    with generator.session(target, 1, *options, publishers=1) as session:
        session.post(POSTS, 0.5)  # connections and caches are warm
        return session.post(POSTS, seconds)


def add(bench: Bench, section: Section, name: str, target: Target, step: Step) -> None:
    bench.judge(target, step)
    section.add(RATE, name, "/s", step.pages_per_s, f"generator's core {step.load_cpu / step.wall:.0%} busy")
    section.add(P50, name, "ms", step.page_p50)
    section.add(P99, name, "ms", step.page_p99)
    section.add(SIZE, name, "bytes", step.page_bytes)
    section.add(STALE, name, "", step.stale, f"of {step.pages:,} in the last run")
    if step.stale:
        bench.book.fault(f"pages: {step.stale} of {step.pages} pages were older than their request ({name})")
    if step.page_errors:
        bench.book.fault(f"pages: {step.page_errors} requests failed ({name})")


def check_page(port: int, data: Prepared) -> None:
    """It is the page that a browser gets: whole, with 50 messages."""
    visitor = data.person(port)
    html = visitor.get(data.room).decode()
    visitor.close()
    shown = len(set(re.findall(r'<article id="message-(\d+)"', html)))
    if shown != MESSAGES or "</html>" not in html[-200:].lower():
        raise RuntimeError(f"the room's page shows {shown} messages, not {MESSAGES}, or is cut: {html[-100:]!r}")
