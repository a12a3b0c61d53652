"""Bringing the database's tables up to date, from empty or from any earlier version, one process at a time."""

import asyncio
import contextlib
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import asyncpg
from aerich import Command

from sampark import db
from sampark.settings import Settings

_LOCK = 0x5E70_5A3F  # any number, the same in every process


async def migrate(settings: Settings) -> list[str]:
    """Apply the migrations that are missing; their file names. Two processes starting together wait for each other.

    Runs before the server starts, in an event loop of its own: it opens and closes the database.
    """
    if settings.is_sqlite:
        opened(db.sqlite_file(settings)).close()
    async with (
        _alone(settings),
        Command(tortoise_config=db.config(settings), app="models", location=str(db.assets("migrations"))) as command,
    ):
        await command.init()
        return list(await command.upgrade())


def opened(path: Path) -> sqlite3.Connection:
    """The file, made if need be. Errors: `OSError` or `sqlite3.Error` when there can be no database; later, in a thread, they would
    be less plain."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


async def is_empty() -> bool:
    """Whether the open database has none of our tables yet."""
    tables = "information_schema.tables WHERE table_schema = CURRENT_SCHEMA AND table_name = 'aerich'"
    if not db.is_postgres():
        tables = "sqlite_master WHERE type = 'table' AND name = 'aerich'"
    return not await db.fetch(f"SELECT 1 AS one FROM {tables}")  # noqa: S608 - one of two constants


def _ssl(settings: Settings) -> dict[str, str]:
    given = dict(parse_qsl(urlsplit(settings.database_url).query))
    return {"ssl": given["ssl"]} if "ssl" in given else {}


@contextlib.asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[None]:
    if settings.is_sqlite:
        with db.sqlite_file(settings).with_suffix(".migrating").open("w") as file:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
            yield
    else:
        connection = await asyncpg.connect(settings.database_url.partition("?")[0], **_ssl(settings))
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            yield
        finally:
            await connection.close()
