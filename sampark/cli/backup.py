"""`sampark backup` and `sampark restore`: one file for either database, so that a backup of one restores into the other.

The archive is a zip with one `table.jsonl` for each table and `about.json`. Sessions are left out: a stolen backup signs nobody in.
"""

import datetime
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import click
from tortoise.exceptions import IntegrityError, OperationalError

from sampark import __version__, db, server
from sampark.cli import main, with_database
from sampark.models import Membership, Message, Room, User
from sampark.settings import Settings

FORMAT = 1
TABLES = (User, Room, Membership, Message)
_BATCH = 1000

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IntegrityError,
    OperationalError,
)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_database
async def backup(settings: Settings, file: Path) -> None:
    """Write everything but sessions into FILE, replacing what is there. Safe while the server runs."""
    draft = file.with_name(file.name + ".part")
    counts = {}
    async with db.transaction() as using:
        if db.is_postgres(using):
            await db.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", using=using)
        # Nobody else reads it, from its first byte on: it holds every message and every password's hash.
        private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(private, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for model in TABLES:
                counts[_table(model)] = await _write(archive, model, using)
            archive.writestr("about.json", json.dumps({"format": FORMAT, "version": __version__, "rows": counts}))
    draft.replace(file)
    click.echo(f"Backed up {', '.join(f'{count} {name}' for name, count in counts.items())} to {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_database
async def restore(settings: Settings, file: Path) -> None:
    """Read FILE into an empty database. Stop the server first."""
    with server.only_server(settings):
        await _restore(file)


async def _restore(file: Path) -> None:
    if await db.fetch("SELECT id FROM users LIMIT 1") or await db.fetch("SELECT id FROM rooms LIMIT 1"):
        raise click.ClickException(
            "the database is not empty. Restore into a new one (another DATABASE_URL or SAMPARK_DATA_DIR)."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            rows = _counts(archive, file)
            await _fill(archive, rows)
    except _DAMAGE as error:
        raise click.ClickException(
            f"{file} is not a backup of Sampark, or it is damaged ({type(error).__name__}). Nothing was changed."
        ) from None
    click.echo(f"Restored {', '.join(f'{count} {name}' for name, count in rows.items())}. Everyone signs in anew.")


def _counts(archive: zipfile.ZipFile, file: Path) -> dict[str, int]:
    about = json.loads(archive.read("about.json"))
    if about.get("format") != FORMAT:
        raise click.ClickException(
            f"{file} was made by another version ({about.get('version')}); restore it with that one."
        )
    return {_table(model): int(about["rows"][_table(model)]) for model in TABLES}


async def _fill(archive: zipfile.ZipFile, rows: dict[str, int]) -> None:
    async with db.transaction() as using:
        for model in TABLES:
            if await _read(archive, model, using) != rows[_table(model)]:
                raise ValueError("rows are missing")
        for name in rows if db.is_postgres(using) else ():
            await db.fetch(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM {name}",  # noqa: S608
                using=using,
            )


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _columns(model: Any) -> list[str]:
    return list(model._meta.fields_db_projection.values())


async def _write(archive: zipfile.ZipFile, model: Any, using: Any) -> int:
    count, last = 0, 0
    with archive.open(f"{_table(model)}.jsonl", "w", force_zip64=True) as out:
        while True:
            rows = await db.fetch(
                f"SELECT {', '.join(_columns(model))} FROM {_table(model)} WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
                last, _BATCH, using=using,
            )  # fmt: skip
            if not rows:
                return count
            for row in rows:
                out.write(json.dumps(row, default=lambda time: time.isoformat(), ensure_ascii=False).encode() + b"\n")
            count, last = count + len(rows), rows[-1]["id"]


async def _read(archive: zipfile.ZipFile, model: Any, using: Any) -> int:
    columns, fields = _columns(model), model._meta.fields_map
    flags = {name for name in columns if type(fields.get(name)).__name__ == "BooleanField"}
    sql = f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({db.marks(columns)})"  # noqa: S608
    count = 0
    with archive.open(f"{_table(model)}.jsonl") as lines:
        for line in lines:
            row = json.loads(line)
            await db.run(sql, *(_value(name, row[name], name in flags) for name in columns), using=using)
            count += 1
    return count


def _value(name: str, value: Any, is_flag: bool) -> Any:
    if is_flag:
        return bool(value)
    return datetime.datetime.fromisoformat(value) if name in db.TIMES and value else value
