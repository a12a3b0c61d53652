"""Durable posts over HTTP."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from collections import Counter
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, Serving
from benchmarks.figures import AT_LEAST, AT_MOST, Section
from benchmarks.generator import Generator, Step, Target
from benchmarks.product import NAME, sqlite_file
from benchmarks.rivals import flask_socketio, socketio_node

KEY = "posts"
CLIENTS = 16
RATE, P50, P99 = "posts/s", "answer, p50", "answer, p99"

HOW = (
    f"{CLIENTS} people on keep-alive connections, each posting a form of 200 characters as soon as the last one was answered; one reader"
    " listens. SQLite on the disk named above; the product with its default, which waits for the disk at each commit"
    " (synchronous=FULL). Afterwards the database is asked whether each answered message is there exactly once."
)


def run(bench: Bench) -> None:
    section = bench.book.section(f"Posts over HTTP from {CLIENTS} clients, SQLite", HOW, goals)
    bench.each(partial(one, bench, section), NAME, flask_socketio.NAME, socketio_node.NAME)


def one(bench: Bench, section: Section, name: str, serving: Serving, _: int) -> None:
    if name == NAME:
        with bench.fresh() as (data, server):
            target = data.target(server)
            step = posting(bench.generator, target, bench.scale.seconds * 2)
            check_stored(bench, sqlite_file(data.folder), step)
    else:
        with serving(bench.folder()) as target:
            step = posting(bench.generator, target, bench.scale.seconds)
    bench.judge(target, step)
    add(section, name, step)


def goals(section: Section) -> None:
    section.goal("durable posts/s over HTTP, 16 clients, SQLite", section.median(RATE, NAME), AT_LEAST, 2000, "/s")
    section.goal("p99 of their answers", section.median(P99, NAME), AT_MOST, 50, "ms")


def add(section: Section, name: str, step: Step) -> None:
    section.add(RATE, name, "/s", step.posts_per_s)
    section.add(P50, name, "ms", step.post_p50)
    section.add(P99, name, "ms", step.post_p99)


def posting(generator: Generator, target: Target, seconds: float) -> Step:
    by_form = dataclasses.replace(target, post=target.form or target.post)
    with generator.session(by_form, 1, publishers=CLIENTS) as session:
        session.post(0, 0.5)  # connections and caches are warm
        return session.post(0, seconds)


def check_stored(bench: Bench, file: Path, step: Step) -> None:
    """Every answered message once; more messages than answers are right, when an answer was lost on its way."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        texts = Counter(
            text for (text,) in connection.execute("SELECT content FROM messages WHERE content LIKE 'seq=%'")
        )
    if len(texts) < step.ok:
        bench.book.fault(f"posts: {step.ok} were answered, {len(texts)} are in the database")
    if texts.total() > len(texts):
        bench.book.fault(f"posts: {texts.total() - len(texts)} are twice in the database")
