"""`sampark check`."""

import asyncio
import datetime
import os
import sqlite3
import sys
from pathlib import Path

import click

from sampark import __version__, db, schema
from sampark.chat import rooms
from sampark.chat.blobs import Blobs
from sampark.chat.quotas import Quotas
from sampark.cli import DATABASE_FAULTS, database_fault, main, settings_or_exit
from sampark.files import scan
from sampark.files.storage import StorageAway, open_store
from sampark.models.file import DYING
from sampark.rates import Limit, Rates
from sampark.secret import SHORTEST
from sampark.setting_names import misspelt
from sampark.settings import Settings

_REMOVED_WITHIN = 3.0
"""Seconds after which a server that is removing bytes just now is done."""

_EMPTY = "Note: the database is empty; the first `sampark serve` makes its tables."


@main.command()
@click.option("--files", "looks_at_files", is_flag=True, help="Compare the storage with the database, and mend it.")
def check(looks_at_files: bool) -> None:
    """Say what is configured and what is wrong; exit code 1 if anything is."""
    is_new = _is_new()
    # The real secret would be made and kept where nothing may be made.
    stand_in = {"SAMPARK_SECRET_KEY": os.environ.get("SAMPARK_SECRET_KEY") or "?" * SHORTEST}
    settings = settings_or_exit(**stand_in if is_new else {})
    try:
        faults = asyncio.run(_look_around(settings) if is_new else _look(settings, looks_at_files))
    except DATABASE_FAULTS as error:
        sys.exit(database_fault(error))
    click.echo(f"Sampark Setu {__version__}, Python {sys.version.split()[0]}")
    click.echo(f"Data folder:   {settings.data_dir}")
    click.echo(f"Database:      {'SQLite ' + sqlite3.sqlite_version if settings.is_sqlite else 'PostgreSQL'}")
    click.echo(f"Between processes: {'Redis' if settings.redis_url else 'nothing (one process)'}")
    click.echo(f"Listens on:    {settings.host}:{settings.port}, {settings.trusted_hops} trusted proxies in front")
    click.echo(f"Public URL:    {settings.public_url or 'not set'}")
    click.echo(f"Registration:  {settings.registration}")
    click.echo(f"Metrics:       {'on' if settings.metrics_token else 'off'}")
    click.echo(
        f"Secret key:    {'from SAMPARK_SECRET_KEY' if os.environ.get('SAMPARK_SECRET_KEY') else 'kept in the data folder'}"
    )
    click.echo(f"bcrypt cost:   {settings.bcrypt_cost}")
    click.echo(
        f"Files:         {_shown(settings.storage_url) if settings.storage_url else 'in the data folder'}, {_space(settings)}"
    )
    click.echo(f"Virus scanner: {settings.clamd_url or 'none'}")
    click.echo(f"Limits:        {_limits(settings)}")
    if settings.public_url is None and settings.host not in {"127.0.0.1", "localhost", "::1"}:
        click.echo("Note: SAMPARK_PUBLIC_URL is not set; with https:// in it, cookies are only sent over TLS.")
    if settings.is_secure and not settings.trusted_hops:
        click.echo(
            "Note: the public URL is https but SAMPARK_TRUSTED_HOPS is 0; behind a proxy all people seem to share one address."
        )
    for sentence in misspelt():
        click.echo(f"Note: {sentence}")
    for fault in faults:
        click.echo(f"WRONG: {fault}")
    if is_new:
        click.echo(
            f"There is no database in {settings.data_dir.absolute()} yet, and nothing was made. If a server runs already, call this in"
            " its folder, or with its SAMPARK_DATA_DIR; for a new Sampark, `sampark serve` makes the database."
        )
    if faults:
        sys.exit(1)
    click.echo("Nothing is wrong with these settings." if is_new else "All is well.")


def _is_new() -> bool:
    """No database was named and there is none: a new Sampark, or another folder than the server's."""
    folder = Path(os.environ.get("SAMPARK_DATA_DIR") or "var")
    return not os.environ.get("DATABASE_URL") and not (folder / "sampark.db").exists()


def _limits(settings: Settings) -> str:
    if not settings.rate_scale:
        return "none (SAMPARK_RATE_SCALE=0)"
    rates = [(name, getattr(settings.rates, name)) for name in Rates.__slots__]
    shown = [
        f"{name} {rate.count}/{rate.period}/{rate.burst}" if isinstance(rate, Limit) else f"{name} {rate}"
        for name, rate in rates
    ]
    return ", ".join(shown) + ("" if settings.rate_scale == 1 else f"; all × {settings.rate_scale:g}")


def _shown(url: str) -> str:
    return url.partition("?")[0]


def _space(settings: Settings) -> str:
    limits = [
        f"{settings.max_upload_mb} MB a file",
        f"{settings.room_quota_mb} MB a room" if settings.room_quota_mb else "any number in a room",
        *([f"{settings.quota_mb} MB in all"] if settings.quota_mb else []),
    ]
    return ", ".join(limits)


async def _look(settings: Settings, looks_at_files: bool) -> list[str]:
    try:
        blobs = Blobs(open_store(settings.storage_url, settings.data_dir), Quotas(0, 0))
    except ValueError as error:
        return [f"SAMPARK_STORAGE_URL: {error}"]
    storage = await _storage(blobs)
    database = await _database(settings, blobs, looks_at_files and not storage)
    return [*database, *storage, *await _look_around(settings)]


async def _look_around(settings: Settings) -> list[str]:
    """At what lies outside the data folder."""
    return [*await _redis(settings), *await _scanner(settings)]


async def _scanner(settings: Settings) -> list[str]:
    if settings.clamd_url is None:
        return []
    try:
        await scan.ping(settings.clamd_url)
    except (scan.ScannerAway, OSError) as fault:
        return [f"the virus scanner does not answer, and no file is taken without it: check CLAMD_URL ({fault})."]
    return []


async def _storage(blobs: Blobs) -> list[str]:
    try:
        await blobs.store.check()
    except StorageAway as fault:
        return [f"files cannot be stored: {fault}"]
    return []


async def _files(blobs: Blobs) -> list[str]:
    """Mend what a crash left behind, and say what cannot be mended."""
    if await db.fetch("SELECT key FROM blobs WHERE state = ? LIMIT 1", DYING):
        await asyncio.sleep(_REMOVED_WITHIN)
    left = await blobs.tidy(datetime.timedelta(0), datetime.timedelta(0))
    strays = await blobs.strays()
    if (
        strays
        and not await db.fetch("SELECT key FROM blobs LIMIT 1")
        and not await db.fetch("SELECT id FROM users LIMIT 1")
    ):
        return [
            f"the storage holds {len(strays)} files and this database knows nobody: is it the right one? Nothing was removed."
        ]
    for key in strays:
        await blobs.remove_stray(key)
    click.echo("Compared:      the storage with the database")
    if left or strays:
        click.echo(f"Mended: {left + len(strays)} files that belonged to nothing are removed.")
    missing = await blobs.missing()
    return (
        [f"the bytes of {len(missing)} files are gone, such as {missing[0]!r}: restore them from a backup."]
        if missing
        else []
    )


async def _database(settings: Settings, blobs: Blobs, looks_at_files: bool) -> list[str]:
    if settings.is_sqlite and sqlite3.sqlite_version_info < (3, 35):
        return [f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or later is needed."]
    if settings.is_sqlite and not db.sqlite_file(settings).exists():
        click.echo(_EMPTY)
        return []
    if settings.is_sqlite:
        schema.opened(db.sqlite_file(settings)).close()
    await db.open_database(settings)
    try:
        if not await db.is_reachable():
            return ["the database does not answer: check DATABASE_URL."]
        if await schema.is_empty():
            click.echo(_EMPTY)
            return []
        try:
            half = await rooms.half_deleted()
        except Exception:
            return ["the database is of an earlier version: run `sampark migrate`."]
        for room_id in half:
            await rooms.take_apart(room_id, blobs.clear)
            click.echo(f"Mended: the deletion of room {room_id}, cut short earlier, is finished.")
        return await _files(blobs) if looks_at_files else []
    finally:
        await db.close_database()


async def _redis(settings: Settings) -> list[str]:
    if settings.redis_url is None:
        return []
    from redis.asyncio import Redis  # every command imports this file, and few need that library
    from redis.exceptions import RedisError

    redis = Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3, retry=None)
    try:
        async with asyncio.timeout(5):
            await redis.ping()
    except (RedisError, OSError, TimeoutError):
        return ["Redis does not answer: check REDIS_URL."]
    finally:
        await redis.aclose()
    return []
