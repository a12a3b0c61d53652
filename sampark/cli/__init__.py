"""The `sampark` command."""

import asyncio
import functools
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import asyncpg
import click
from tortoise.exceptions import ConfigurationError, OperationalError

from sampark import __version__, db, schema
from sampark.settings import Settings, SettingsError, from_environment
from sampark.text.problems import Problem

P = ParamSpec("P")
R = TypeVar("R")


def settings_or_exit(**given: str) -> Settings:
    """`given`: what stands in for the environment's own values."""
    try:
        return from_environment({**os.environ, **given})
    except SettingsError as error:
        sys.exit(f"sampark: {error}")


DATABASE_FAULTS = (*db.AWAY, asyncpg.PostgresError, sqlite3.Error, OperationalError, ConfigurationError)


def database_fault(error: BaseException) -> str:
    """One line for a database that cannot be used."""
    return (
        f"sampark: DATABASE_URL: the database cannot be used ({type(error).__name__}). Is the address right, with its user,"
        " password and name? Is it running, or for SQLite: may the folder be written, and is the file a database?"
    )


def with_database(command: Callable[..., Awaitable[R]]) -> Callable[..., R]:
    """Run a coroutine with the database open and up to date; a `Problem` becomes one line and exit code 1."""

    @functools.wraps(command)
    def run(*values: Any, **named: Any) -> R:
        settings = settings_or_exit()

        async def inside() -> R:
            await db.open_database(settings)
            try:
                return await command(settings, *values, **named)
            finally:
                await db.close_database()

        try:
            asyncio.run(schema.migrate(settings))
            return asyncio.run(inside())
        except (Problem, SettingsError) as problem:
            sys.exit(f"sampark: {problem}")
        except DATABASE_FAULTS as error:
            sys.exit(database_fault(error))

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sampark")
def main() -> None:
    """Sampark Setu: real-time chat that also works without JavaScript.

    Settings come from the environment (DATABASE_URL, REDIS_URL, SAMPARK_DATA_DIR, …); `sampark check` shows them.
    """


from sampark.cli import backup, check, demo, gifs, rooms, serve, users  # noqa: E402, F401 - each adds its command to `main`
