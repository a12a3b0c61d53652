"""The same with PostgreSQL, Redis and two processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from benchmarks import product, services
from benchmarks.bench import Bench
from benchmarks.figures import AT_LEAST, Section
from benchmarks.generator import Step, Target
from benchmarks.parts import fanout, pages, posts
from benchmarks.processes import cpu_seconds
from benchmarks.product import NAME
from benchmarks.search import Streams

KEY = "cluster"
POSTGRES = "PostgreSQL and Redis"
TWO = "two processes, PostgreSQL, Redis"
READERS = 1000
CPU_POST, CPU_PAGE = "processor time per post", "processor time per page"

HOW = (
    "`sampark serve --workers 2` on PostgreSQL and Redis with their own defaults (PostgreSQL waits for the disk at each"
    " commit), measured as above, and SQLite's single process again beside it in the same run. {placing} Per core: divided"
    " by the cores that the server's own processes have. Processor time is that of the server's processes; where it says so,"
    " PostgreSQL's and Redis' are in it."
)
SHARING = (
    "This machine has two cores: both server processes share one, PostgreSQL, Redis and the load generator the other;"
    " with more cores each process has its own."
)
APART = "Each server process has a core of its own; PostgreSQL, Redis and the load generator have the rest."


def run(bench: Bench) -> None:
    cores = max(1, len(bench.cores.pair))
    how = HOW.format(placing=APART if cores > 1 else SHARING)
    section = bench.book.section("PostgreSQL and Redis, two processes", how, lambda section: goals(section, cores))
    if not bench.can_have(POSTGRES, lambda: (services.postgres_folder(), services.redis_program())):
        return
    folder = bench.folder()
    with services.services(folder, bench.cores.beside_pair) as running:
        databases = running.databases
        data = product.prepare(
            folder / "data", bench.scale.people, bench.cores.pair, databases=databases, run_sql=running.run_sql
        )
        for _ in range(bench.scale.runs):
            with bench.attempt(NAME), bench.fresh() as (single, server):
                measure(bench, section, single.target(server), single.room, lambda: [])
            with (
                bench.attempt(TWO),
                product.serving(data.folder, bench.cores.pair, databases=databases, workers=2) as server,
            ):
                measure(bench, section, data.target(server, name=TWO), data.room, lambda: running.pids)
        twice = running.run_sql("SELECT count(*) - count(DISTINCT content) FROM messages WHERE content LIKE 'seq=%'")
        if twice.strip() != "0":
            bench.book.fault(f"{KEY}: {twice.strip()} posts are twice in PostgreSQL")


def goals(section: Section, cores: int) -> None:
    for figure, name in ((posts.RATE, "posts/s"), (pages.RATE, "pages/s"), (fanout.most(READERS), "deliveries/s")):
        share = section.ratio(figure, TWO, NAME)
        section.goal(
            f"{name} per core, two processes to SQLite's one", share / cores if share else None, AT_LEAST, 0.6, "×"
        )


def measure(bench: Bench, section: Section, target: Target, room: str, others: Callable[[], list[int]]) -> None:
    """Posts, pages and deliveries of one server."""
    with Spent(target, others) as spent:
        step = posts.posting(bench.generator, target, bench.scale.seconds)
    bench.judge(target, step)
    posts.add(section, target.name, step)
    spent.add(section, CPU_POST, step.ok, step)
    with Spent(target, others) as spent:
        step = pages.fetching(bench.generator, target, room, bench.scale.seconds)
    pages.add(bench, section, target.name, target, step)
    spent.add(section, CPU_PAGE, step.pages, step)
    if bench.scale.is_quick:
        return
    is_first = section.row(fanout.most(READERS), target.name) is None
    with Streams(bench.generator, target, READERS, 1.0, bench.judge) as streams:
        fanout.highest(section, target.name, streams, bench.scale, is_first=is_first)


class Spent:
    """Processor time of the databases beside the server, and how evenly the server's processes shared the work."""

    def __init__(self, target: Target, others: Callable[[], list[int]]) -> None:
        self._target = target
        self._others = others

    def __enter__(self) -> Self:
        self._each = [cpu_seconds([pid]) for pid in self._target.pids]
        self._beside = cpu_seconds(self._others())
        return self

    def __exit__(self, *_: object) -> None:
        self._each = [cpu_seconds([pid]) - before for pid, before in zip(self._target.pids, self._each, strict=True)]
        self._beside = cpu_seconds(self._others()) - self._beside

    def add(self, section: Section, figure: str, count: int, step: Step) -> None:
        """The warm-up counts here, too, on both sides of each quotient."""
        if not count:
            return
        per = step.srv_cpu / count * 1000
        section.add(figure, self._target.name, "ms", per)
        if len(self._each) > 1:
            section.add(
                f"{figure}, with PostgreSQL's and Redis'",
                self._target.name,
                "ms",
                per * (1 + self._beside / sum(self._each)),
            )
            section.add(
                f"{figure}: share of the busier process",
                self._target.name,
                "%",
                100 * max(self._each) / sum(self._each),
            )
