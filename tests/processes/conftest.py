"""Servers as processes: one PostgreSQL for all tests of this folder, a database of its own for each, and Redis to be killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import ServerProcess, new_database
from tests.services import PostgresServer, RedisServer, Services

Start = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresServer, RedisServer]]:
    """What no test here may kill."""
    with Services() as services:
        yield (
            services.start_postgres(tmp_path_factory.mktemp("postgres")),
            services.start_redis(tmp_path_factory.mktemp("redis"), own=True),  # rings know no database numbers
        )


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Services]:
    """Makes services that a test may kill."""
    with Services() as services:
        yield services


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server with SQLite; `start(other)` one with the same database and Redis as another."""
    with ExitStack() as stack:

        def make(*arguments: str, prelude: str = "", **settings: str) -> ServerProcess:
            settings = {"SAMPARK_DATA_DIR": str(tmp_path / "data"), **settings}
            return stack.enter_context(ServerProcess(tmp_path, *arguments, prelude=prelude, **settings))

        yield make


@pytest.fixture
def shared(lasting: tuple[PostgresServer, RedisServer]) -> dict[str, str]:
    """Settings of processes that belong together: one new database, one Redis."""
    postgres, redis = lasting
    Redis.from_url(redis.url).flushall()  # who was killed in the test before is not online in this one
    return {"DATABASE_URL": new_database(postgres), "REDIS_URL": redis.url}
