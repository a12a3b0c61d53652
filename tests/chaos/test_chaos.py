"""The short form: each kind of fault at least once, at times that a fixed seed chose. `make chaos` is the long form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.chaos.schedule import make
from tests.services import PostgresServer, Services

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One that may be killed; each schedule has a database of its own in it."""
    with Services() as services:
        yield services.start_postgres(tmp_path_factory.mktemp("postgres"), own=True, survives_kills=True)


async def test_one_process_on_sqlite(tmp_path: Path) -> None:
    kinds = ("restart", "stall", "away", "gap", "flap", "ghost")
    report = await run(make(1, shape="sqlite", kinds=kinds, seconds=12.5, longest=5), tmp_path)
    assert not report.wrong, f"{report.schedule}\n{report}"


async def test_the_clock_is_set_back(tmp_path: Path) -> None:
    report = await run(make(12, shape="sqlite", kinds=("clock", "kill", "away"), seconds=6, longest=4), tmp_path)
    assert not report.wrong, f"{report.schedule}\n{report}"


async def test_the_disk_is_full(tmp_path: Path) -> None:
    report = await run(make(13, shape="small disk", kinds=("disk",), seconds=5, longest=2.5), tmp_path)
    assert not report.wrong, f"{report.schedule}\n{report}"


async def test_two_processes_lose_everything_in_turn(tmp_path: Path, postgres: PostgresServer) -> None:
    kinds = ("kill", "redis-kill", "postgres-restart", "rings", "gap", "flap")
    report = await run(make(537, shape="two", kinds=kinds, seconds=13.5, longest=5), tmp_path, postgres)
    assert not report.wrong, f"{report.schedule}\n{report}"


async def test_redis_hangs_while_workers_die(tmp_path: Path, postgres: PostgresServer) -> None:
    kinds = ("redis-freeze", "kill", "stall")
    report = await run(make(4, shape="workers", kinds=kinds, seconds=13, longest=10.7), tmp_path, postgres)
    assert not report.wrong, f"{report.schedule}\n{report}"
