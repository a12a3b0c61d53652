"""What all tests share: Redis and PostgreSQL for the whole run, and a fresh database of either kind for each test.

The services start once, in the process that pytest-xdist calls the controller (or in the only one), which tells the others by
environment. Each process has a PostgreSQL database of its own, made from a migrated template and emptied between tests; each
SQLite test gets a copy of a migrated file. TEST_POSTGRES_URL and TEST_REDIS_URL name servers that run already.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from redis import Redis

from sampark import fragments, schema
from sampark.live import company, presence, rounds
from sampark.settings import Settings
from tests.databases import apart, on_server, postgres_url, serving, settings_for, sqlite_url, truncate
from tests.files.bucket_server import BucketServer, running_bucket
from tests.services import Services
from tests.support import Site

_STORAGE = "TESTS_SAMPARK_STORAGE"
_FOLDER, _TEMPLATE = "TESTS_SAMPARK_FOLDER", "TESTS_SAMPARK_TEMPLATE"
_SHARED = ("TEST_POSTGRES_URL", "TEST_REDIS_URL", _FOLDER, _TEMPLATE)

# Each table counts from elsewhere, so that a room's id taken for a person's finds nothing.
FIRST_IDS = {
    "users": 1_000, "rooms": 20_000, "memberships": 300_000, "messages": 4_000_000, "sessions": 50_000_000,
    "embeds": 100, "embed_origins": 600_000, "embed_keys": 7_000_000, "embed_guests": 80_000_000,
}  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    services = Services()
    folder = Path(tempfile.mkdtemp(prefix="sampark-tests-"))
    before = {name: os.environ.get(name) for name in _SHARED}
    config.stash[_RUN] = (services, folder, before)
    os.environ["TEST_POSTGRES_URL"] = services.start_postgres(folder).url
    os.environ["TEST_REDIS_URL"] = services.start_redis(folder).url
    os.environ[_FOLDER] = str(folder)
    os.environ[_TEMPLATE] = f"sampark_{secrets.token_hex(4)}"
    _make_templates(folder, os.environ[_TEMPLATE])


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN not in config.stash:
        return
    services, folder, before = config.stash[_RUN]
    if before["TEST_POSTGRES_URL"]:
        apart(_drop_databases(os.environ[_TEMPLATE]))
    services.close()
    shutil.rmtree(folder, ignore_errors=True)
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


_RUN: pytest.StashKey[tuple[Services, Path, dict[str, str | None]]] = pytest.StashKey()


def _make_templates(folder: Path, template: str) -> None:
    apart(on_server(f'CREATE DATABASE "{template}"'))
    apart(schema.migrate(settings_for(folder, postgres_url(template))))
    apart(schema.migrate(settings_for(folder, sqlite_url(folder / "template.db"))))
    with contextlib.closing(sqlite3.connect(folder / "template.db")) as file:
        file.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", FIRST_IDS.items())
        file.commit()
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.execute("PRAGMA journal_mode = DELETE")


async def _drop_databases(template: str) -> None:
    connection = await asyncpg.connect(os.environ["TEST_POSTGRES_URL"])
    for row in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", template):
        await connection.execute(f'DROP DATABASE IF EXISTS "{row["datname"]}" WITH (FORCE)')
    await connection.close()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> int:
    """1, 2, … for each process of this run."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw")) + 1


@pytest.fixture(scope="session")
def redis_url(worker: int) -> str:
    """This worker's own database of the shared Redis. (Channels are common to all; ids in different workers differ.)"""
    return urlunsplit(urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{worker % 16}"))


@pytest.fixture(scope="session")
def own_postgres(worker: int) -> str:
    """The URL of this worker's own database, migrated."""
    name = f"{os.environ[_TEMPLATE]}_{worker}"
    apart(_copy_template(name, worker))
    return postgres_url(name)


async def _copy_template(name: str, worker: int) -> None:
    await on_server(f'CREATE DATABASE "{name}" TEMPLATE "{os.environ[_TEMPLATE]}"')
    connection = await asyncpg.connect(postgres_url(name))
    for table, first in FIRST_IDS.items():
        await connection.execute(f"ALTER SEQUENCE {table}_id_seq START WITH {first + worker * 10_000_000_000} RESTART")
    await connection.close()


@pytest.fixture
def empty_postgres(own_postgres: str, redis_url: str) -> str:
    """The URL of a PostgreSQL database with all tables and no rows."""
    apart(truncate(own_postgres))
    with contextlib.closing(Redis.from_url(redis_url)) as redis:
        redis.flushdb()
    return own_postgres


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    """The URL of a SQLite file with all tables and no rows."""
    shutil.copy(Path(os.environ[_FOLDER]) / "template.db", tmp_path / "sampark.db")
    return sqlite_url(tmp_path / "sampark.db")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; each test that uses it runs once on SQLite and once on PostgreSQL with Redis."""
    if request.param == "bucket":
        request.getfixturevalue("in_bucket")
    return str(request.getfixturevalue("empty_sqlite" if request.param == "bucket" else f"empty_{request.param}"))


@pytest.fixture(scope="session")
def bucket() -> Iterator[BucketServer]:
    with running_bucket() as server:
        yield server


@pytest.fixture
def in_bucket(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test lie in a bucket, under a prefix of their own."""
    for name, value in bucket.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(_STORAGE, bucket.url(secrets.token_hex(4)))


@pytest.fixture
def settings(database: str, tmp_path: Path, redis_url: str) -> Settings:
    storage = {"SAMPARK_STORAGE_URL": os.environ[_STORAGE]} if _STORAGE in os.environ else {}
    return settings_for(tmp_path, database, redis_url if database.startswith("postgres") else None, **storage)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Templates are compiled once for all applications of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fragments, "_environment", functools.cache(fragments._environment))
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that only save work are short: what is due is told at once."""
    monkeypatch.setattr(company, "MEMBERS_EVERY", 0.02)
    monkeypatch.setattr(rounds, "PAUSE", 0.01)
    monkeypatch.setattr(presence, "NOTE_EVERY", 0.02)


@pytest.fixture
async def site(settings: Settings, quick: None) -> AsyncIterator[Site]:
    """The running application, with everything that tests do to it."""
    async with serving(settings) as running:
        yield running


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No setting of whoever runs the tests reaches the command line under test."""
    for name in [*os.environ]:
        if (name.startswith("SAMPARK_") and name not in _SHARED) or name in {
            "DATABASE_URL",
            "REDIS_URL",
            "HOST",
            "PORT",
        }:
            monkeypatch.delenv(name)
    return monkeypatch
