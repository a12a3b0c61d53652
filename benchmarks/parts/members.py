"""What one post costs in a large room and in a small one, the writing to readers aside."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3

from benchmarks.bench import Bench
from benchmarks.figures import AT_MOST, Section
from benchmarks.generator import Step, Target
from benchmarks.product import JOIN, NAME, Prepared, on_sqlite, serving, sqlite_file

KEY = "members"
LARGE, LARGE_ONLINE = 7000, 200
SMALL, SMALL_ONLINE = 10, 10
RATE = 20.0  # posts a second: bursts are not joined, and each post pays for itself

A = f"a: {SMALL} members, {SMALL_ONLINE} online"
B = f"b: {SMALL} members, {SMALL_ONLINE} online with {LARGE_ONLINE} streams"
C = f"c: {LARGE:,} members, {LARGE_ONLINE} online"
WRITE = "w: one reader's write"
SMALL_ASIDE, LARGE_ASIDE = (
    f"a - {SMALL_ONLINE} w: small room, writes aside",
    f"c - {LARGE_ONLINE} w: large room, writes aside",
)
COST, ANSWER = "processor time per post, ", "answer to a post, p50, "

HOW = (
    f"{RATE:.0f} posts a second; the server's processor time from the first post until everything has arrived, divided by the"
    f" posts. a: {SMALL} members, {SMALL_ONLINE} streams, each another person's. b: the same room and people with"
    f" {LARGE_ONLINE} streams. c: {LARGE:,} members, {LARGE_ONLINE} streams, each another person's. One reader's write is"
    f" w = (b - a) / {LARGE_ONLINE - SMALL_ONLINE}; writes aside, a post costs a - {SMALL_ONLINE} w in the small room and"
    f" c - {LARGE_ONLINE} w in the large one. For the time to the answer, b and c have equally many writes. The {LARGE:,}"
    " were written into the database before the server started."
)

# Somebody like the first person, but for what must be unique: a table that grows a column is copied whole.
CLONE = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
INSERT INTO users ({columns}) SELECT {values} FROM numbers, users WHERE username = 'person0'
"""


def run(bench: Bench) -> None:
    section = bench.book.section(f"A room with {LARGE:,} members beside one with {SMALL}", HOW, goals)
    bench.each(lambda name, serving, number: one(bench, section), NAME)


def goals(section: Section) -> None:
    section.goal(
        "cost of one post, 7,000 members (200 online) to 10 members, writes aside",
        divided(section.median(LARGE_ASIDE, NAME), section.median(SMALL_ASIDE, NAME)),
        AT_MOST,
        1.5,
        "×",
        "processor time",
    )
    answers = divided(section.median(ANSWER + C, NAME), section.median(ANSWER + B, NAME))
    section.goal("the same, time to the answer, equally many writes", answers, AT_MOST, 1.5, "×", "p50")


def divided(mine: float | None, theirs: float | None) -> float | None:
    return mine / theirs if mine is not None and theirs else None


def one(bench: Bench, section: Section) -> None:
    folder = bench.folder()
    data = bench.prepared.copied(folder / "data")
    with serving(data.folder, bench.cores.server) as server:
        creator = data.person(server.port)
        small, large = (creator.act("/rooms", name=name, description="") for name in ("Small", "Large"))
        creator.close()
    fill(data, small, large)
    few, many = data.cookies[:SMALL_ONLINE], data.cookies[:LARGE_ONLINE]
    costs = {}
    with serving(data.folder, bench.cores.server) as server:
        for figure, room, cookies, streams in (
            (A, small, few, SMALL_ONLINE),
            (B, small, few, LARGE_ONLINE),
            (C, large, many, LARGE_ONLINE),
        ):
            step = posting(bench, data.target(server, room=room, cookies=cookies), streams)
            costs[figure] = step.srv_cpu / step.ok * 1000
            section.add(COST + figure, NAME, "ms", costs[figure])
            section.add(ANSWER + figure, NAME, "ms", step.post_p50)
    shutil.rmtree(folder)
    write = (costs[B] - costs[A]) / (LARGE_ONLINE - SMALL_ONLINE)
    section.add(WRITE, NAME, "ms", write)
    section.add(SMALL_ASIDE, NAME, "ms", costs[A] - SMALL_ONLINE * write)
    section.add(LARGE_ASIDE, NAME, "ms", costs[C] - LARGE_ONLINE * write)


def posting(bench: Bench, target: Target, streams: int) -> Step:
    with bench.generator.session(target, streams, publishers=8, settle=3) as session:
        session.post(RATE, 1)  # caches are warm
        step = session.post(RATE, bench.scale.seconds * 2)
    bench.judge(target, step)
    return step


def fill(data: Prepared, small: str, large: str) -> None:
    with contextlib.closing(sqlite3.connect(sqlite_file(data.folder))) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(users)") if row[1] != "id"]
    unique = {name: f"{name} || '-' || n" for name in ("username", "username_key", "email", "email_key")}
    values = ", ".join(unique.get(name, name) for name in columns)
    clones = CLONE.format(count=LARGE - LARGE_ONLINE, columns=", ".join(columns), values=values)
    names = [f"'person{number}'" for number in range(LARGE_ONLINE)]
    in_small = f"u.username IN ({', '.join(names[:SMALL_ONLINE])})"
    in_large = f"(u.username LIKE 'person0-%' OR u.username IN ({', '.join(names)}))"
    on_sqlite(
        data.folder,
        clones,
        JOIN.format(room=small.rpartition("/")[2], who=in_small),
        JOIN.format(room=large.rpartition("/")[2], who=in_large),
    )
