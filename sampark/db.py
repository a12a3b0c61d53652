"""Opening either database, transactions, and the few places where the two differ."""

import asyncio
import contextlib
import functools
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, unquote

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from sampark.settings import Settings, from_environment
from sampark.sql import as_sqlite, from_sqlite, numbered
from sampark.sqlite_reader import SqliteReader

Row = dict[str, Any]
T = TypeVar("T")

AWAY = (
    DBConnectionError,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What is raised while PostgreSQL is away, stops, starts or is full: asyncpg's own errors come through as they are."""


def assets(name: str) -> Path:
    """The folder `templates`, `partials`, `static`, `migrations` or `translations`: in a wheel, or in the checkout."""
    packed = Path(__file__).parent / "_assets" / name
    return packed if packed.is_dir() else Path(__file__).parent.parent / name


def config(settings: Settings) -> dict[str, Any]:
    """Tortoise's configuration for these settings."""
    return {
        "connections": {"default": _sqlite(settings) if settings.is_sqlite else settings.database_url},
        "apps": {"models": {"models": ["sampark.models", "aerich.models"], "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def __getattr__(name: str) -> Any:
    # aerich's own command line looks this name up; nothing else needs a configuration at import time.
    if name == "TORTOISE_ORM":
        return config(from_environment())
    raise AttributeError(name)


async def open_database(settings: Settings) -> None:
    """Connect. Errors: one of `AWAY` when PostgreSQL does not answer (at the first query)."""
    if settings.is_sqlite:
        sqlite_file(settings).parent.mkdir(parents=True, exist_ok=True)
    # Tortoise 1.x keeps its state in a context variable; request tasks see it only as the global fallback.
    await Tortoise.init(config=config(settings), _enable_global_fallback=True)
    if settings.is_sqlite:
        await connection().execute_query("SELECT 1")  # makes the file, in WAL mode
        _close_reader()
        _readers[threading.get_ident()] = (str(sqlite_file(settings)), SqliteReader(sqlite_file(settings)))


async def close_database() -> None:
    _close_reader()
    await Tortoise.close_connections()


_readers: dict[int, tuple[str, SqliteReader]] = {}
"""For each thread with a loop, which outside tests is one: its SQLite file, and the way to read it."""


def _close_reader() -> None:
    kept = _readers.pop(threading.get_ident(), None)
    if kept is not None:
        kept[1].close()


def _reader(client: BaseDBAsyncClient) -> SqliteReader | None:
    """How to read this client's database without waiting; inside a transaction, its own writes must be seen."""
    kept = _readers.get(threading.get_ident())
    if kept is None or isinstance(client, TransactionalDBClient) or getattr(client, "filename", None) != kept[0]:
        return None
    return kept[1]


def sqlite_file(settings: Settings) -> Path:
    return Path(unquote(settings.database_url.removeprefix("sqlite://").partition("?")[0]))


def _sqlite(settings: Settings) -> Row:
    # As a dictionary: in Tortoise's own URL, a folder with a space or a `#` in its name would be another folder.
    pragmas = dict(parse_qsl(settings.database_url.partition("?")[2]))
    return {
        "engine": "tortoise.backends.sqlite",
        "credentials": {
            "file_path": str(sqlite_file(settings)),
            "journal_mode": "WAL",
            "foreign_keys": "ON",
            **pragmas,
        },
    }


def connection() -> BaseDBAsyncClient:
    return Tortoise.get_connection("default")


def is_postgres(client: BaseDBAsyncClient | None = None) -> bool:
    return (client or connection()).capabilities.dialect == "postgres"


@contextlib.asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """A transaction. Its first statement must be a write (SQLite cannot upgrade a reader), and inside it wait for SQL only.

    Ring, publish and start tasks after the block: a task started inside inherits a connection that is given back.
    """
    async with in_transaction("default") as client:
        yield client


async def whole(work: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
    """`transaction` as a function of its client, which is called a second time if PostgreSQL undid what it did the first time."""

    async def once() -> T:
        async with transaction() as using:
            return await work(using)

    return await _again_if_undone(once)


async def _again_if_undone(work: Callable[[], Awaitable[T]]) -> T:
    # Two that wait for each other: PostgreSQL undoes one of them, which finds the way free the next time.
    try:
        return await work()
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
        await _step_aside()
        return await work()


async def _step_aside() -> None:
    # Whoever is back before the other one has woken up takes the same lock again.
    await asyncio.sleep(0.05)


Steps = Generator[tuple[str, Sequence[Any]], list[Row], T]
"""A transaction as its statements: each is yielded with its values and gives its rows; what is returned is the outcome."""


async def transact(steps: Callable[[], Steps[T]]) -> T:
    """Run a transaction that is given as its steps. Its first statement must be a write.

    On SQLite it goes to the library's thread and back once, however many statements it has; a transaction as a block goes
    there for each of them, which under load takes longer than the statements.
    """
    client = connection()
    if is_postgres(client):
        return await whole(lambda using: _step_by_step(steps(), using))
    async with client.acquire_connection() as library:
        try:
            outcome: T = await library._execute(_at_once, library._conn, steps)
        except sqlite3.IntegrityError as fault:
            raise IntegrityError(fault) from fault
        except sqlite3.OperationalError as fault:
            raise OperationalError(fault) from fault
    return outcome


async def _step_by_step(steps: Steps[T], using: BaseDBAsyncClient) -> T:
    try:
        sql, values = next(steps)
        while True:
            sql, values = steps.send(await fetch(sql, *values, using=using))
    except StopIteration as end:
        return cast(T, end.value)


def _at_once(connection: sqlite3.Connection, steps: Callable[[], Steps[T]]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        running = steps()
        try:
            sql, values = next(running)
            while True:
                rows = connection.execute(sql, [as_sqlite(value) for value in values]).fetchall()
                sql, values = running.send(from_sqlite([dict(row) for row in rows]))
        except StopIteration as end:
            outcome = cast(T, end.value)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcome


async def fetch(sql: str, *values: Any, using: BaseDBAsyncClient | None = None) -> list[Row]:
    """Run one statement with `?` for its values and give its rows, `RETURNING` ones too, on either database.

    Timestamps are aware, in UTC, when their column is named in `sql.TIMES`.
    """
    client = using or connection()
    if is_postgres(client):
        return [dict(row) for row in await client.execute_query_dict(numbered(sql), list(values))]
    plain = [as_sqlite(value) for value in values]
    reader = _reader(client) if sql.startswith("SELECT") else None
    if reader is not None:
        return from_sqlite(reader.fetch(sql, plain))
    return from_sqlite(await client.execute_query_dict(sql, plain))


async def fetch_aside(sql: str, *values: Any) -> list[Row]:
    """A SELECT that takes long: SQLite, too, reads for it beside the event loop, in another thread."""
    reader = _reader(connection())
    if reader is None:
        return await fetch(sql, *values)
    return from_sqlite(await asyncio.to_thread(reader.fetch_elsewhere, sql, [as_sqlite(value) for value in values]))


async def run(sql: str, *values: Any, using: BaseDBAsyncClient | None = None) -> int:
    """Run one statement that gives no rows; the answer is how many rows it touched."""
    client = using or connection()
    if is_postgres(client):
        ask = functools.partial(client.execute_query, numbered(sql), list(values))
        count, _ = await (ask() if isinstance(client, TransactionalDBClient) else _again_if_undone(ask))
    else:
        count, _ = await client.execute_query(sql, [as_sqlite(value) for value in values])
    return int(count)


async def one(sql: str, *values: Any, using: BaseDBAsyncClient | None = None) -> Row | None:
    rows = await fetch(sql, *values, using=using)
    return rows[0] if rows else None


def by_letter() -> str:
    """After what an ORDER BY names: text is compared letter by letter, on either database, however PostgreSQL was set up."""
    return ' COLLATE "C"' if is_postgres() else ""


def marks(values: Sequence[Any]) -> str:
    """`?, ?, ?` for an `IN (…)` of these values."""
    return ", ".join("?" * len(values))


async def serialise(name: str, using: BaseDBAsyncClient) -> None:
    """Let only one transaction at a time pass here, until it ends. SQLite's writers already queue."""
    if is_postgres(using):
        await fetch("SELECT pg_advisory_xact_lock(hashtext(?))", f"sampark:{name}", using=using)


async def is_reachable() -> bool:
    try:
        await fetch("SELECT 1 AS yes")
    except Exception as fault:
        if is_away(fault):
            return False
        raise
    return True


_AWAY_WORDS = ("locked", "disk", "full", "readonly", "unable to open")


def _is_about_the_disk(fault: sqlite3.Error) -> bool:
    return any(word in str(fault) for word in _AWAY_WORDS)


def is_away(fault: BaseException) -> bool:
    """Whether the database cannot be had just now, rather than having been asked something wrong."""
    if isinstance(fault, AWAY):
        return True
    if isinstance(fault, sqlite3.Error):
        return _is_about_the_disk(fault)  # Tortoise lets what a COMMIT says through as it is
    if isinstance(fault, OperationalError):
        cause = fault.__cause__ or (fault.args[0] if fault.args and isinstance(fault.args[0], BaseException) else None)
        if isinstance(cause, sqlite3.Error):
            return _is_about_the_disk(cause)
        return isinstance(cause, AWAY)
    return False
