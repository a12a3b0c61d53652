"""Databases and applications for tests: settings, copies, and an application that runs in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import tortoise.context
from tortoise.backends.base.executor import EXECUTOR_CACHE

from sampark.app import create_app
from sampark.settings import Settings, from_environment
from tests.support import SECRET, TABLES, Site

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what no database has a part in: once is enough."""
in_every_storage = pytest.mark.parametrize("database", ["sqlite", "postgres", "bucket"], indirect=True)
"""For files: on disk with either database, and in an S3-compatible bucket (with SQLite)."""


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end in a thread of its own: pytest-asyncio's loops and contexts stay as they are."""
    # Tortoise keeps each table's INSERT for the whole process, which has one kind of database everywhere but in tests.
    EXECUTOR_CACHE.clear()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def postgres_url(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["TEST_POSTGRES_URL"])._replace(path=f"/{name}"))


def sqlite_url(file: Path) -> str:
    return f"sqlite://{file}?synchronous=OFF"


def settings_for(data_dir: Path, database_url: str, redis_url: str | None = None, **more: Any) -> Settings:
    """As `from_environment` makes them, with bcrypt's cheapest cost and no limits on how often."""
    environ = {
        "SAMPARK_DATA_DIR": str(data_dir),
        "SAMPARK_SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url or (os.environ["TEST_REDIS_URL"] if database_url.startswith("postgres") else ""),
        "SAMPARK_BCRYPT_COST": "4",
        "SAMPARK_RATE_SCALE": "0",
        **{name: str(value) for name, value in more.items()},
    }
    return from_environment(environ)


async def on_server(statement: str) -> None:
    """A statement that concerns whole databases."""
    connection = await asyncpg.connect(os.environ["TEST_POSTGRES_URL"])
    try:
        for attempt in range(50):
            try:
                await connection.execute(statement)
                return
            except asyncpg.ObjectInUseError:
                # Another worker copies the template at this moment.
                if attempt == 49:
                    raise
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def truncate(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def serving(settings: Settings, grace: float = 0.05) -> AsyncIterator[Site]:
    """An application in this process, started and stopped as a server does it. People count as online for `grace` seconds more."""
    app = create_app(settings)
    running = Site(app, settings)
    running.hub.presence._grace = grace
    try:
        async with app.test_app():
            try:
                yield running
            finally:
                await running.close()
    finally:
        # A start or stop that failed must fail its own test only.
        tortoise.context._global_context = None
