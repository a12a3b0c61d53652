"""`sampark backup` and `sampark restore`: one file for either database, so that a backup of one restores into the other.

The archive is a zip with one `table.jsonl` for each table, the bytes of all files as `files/{key}`, and `about.json`. Sessions are left
out: a stolen backup signs nobody in. It needs no storage of the same kind, either: from a bucket it restores to a disk.
"""

import datetime
import json
import os
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import click
from tortoise.exceptions import IntegrityError, OperationalError

from sampark import __version__, db, server, sql
from sampark.chat.blobs import suffixes
from sampark.cli import main, with_database
from sampark.files.disk_work import PIECE
from sampark.files.storage import Missing, StorageAway, Store, checked, open_store
from sampark.models import Blob, Embed, EmbedGuest, EmbedKey, EmbedOrigin, File, Membership, Message, Room, User
from sampark.models.file import KEPT
from sampark.settings import Settings

FORMAT = 2
"""1 had no files."""
TABLES = (User, Room, Membership, Message, Blob, File, Embed, EmbedOrigin, EmbedKey, EmbedGuest)
_BATCH = 1000
_FILES = "files/"
_GIFS = "gifs"
_GIF_NAME = re.compile(r"gifs/[a-z0-9][a-z0-9._-]{0,120}")

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
    try:
        await _back_up(settings, file, draft)
    except StorageAway as fault:
        draft.unlink(missing_ok=True)
        raise click.ClickException(f"the files cannot be read: {fault}. Nothing was written.") from None


async def _back_up(settings: Settings, file: Path, draft: Path) -> None:
    counts = {}
    async with db.transaction() as using:
        if db.is_postgres(using):
            await db.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", using=using)
        # Nobody else reads it, from its first byte on: it holds every message and every password's hash.
        private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(private, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for model in TABLES:
                counts[_table(model)] = await _write(archive, model, using)
            await _write_files(archive, _storage(settings), using)
            for path in sorted((settings.data_dir / _GIFS).glob("*")):
                archive.write(path, f"{_GIFS}/{path.name}")
            archive.writestr("about.json", json.dumps({"format": FORMAT, "version": __version__, "rows": counts}))
    os.replace(draft, file)
    click.echo(f"Backed up {', '.join(f'{count} {name}' for name, count in counts.items())} to {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_database
async def restore(settings: Settings, file: Path) -> None:
    """Read FILE into an empty database. Stop the server first."""
    with server.only_server(settings):
        try:
            await _restore(file, _storage(settings), settings.data_dir / _GIFS)
        except StorageAway as fault:
            raise click.ClickException(f"the files cannot be stored: {fault}. The database was not changed.") from None


def _storage(settings: Settings) -> Store:
    try:
        return open_store(settings.storage_url, settings.data_dir)
    except ValueError as error:
        raise click.ClickException(f"SAMPARK_STORAGE_URL: {error}") from None


async def _restore(file: Path, store: Store, gifs: Path) -> None:
    if await db.fetch("SELECT id FROM users LIMIT 1") or await db.fetch("SELECT id FROM rooms LIMIT 1"):
        raise click.ClickException(
            "the database is not empty. Restore into a new one (another DATABASE_URL or SAMPARK_DATA_DIR)."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            rows = _counts(archive, file)
            # Bytes first: what is there without a row is found by `sampark check --files`, a row without bytes is a loss.
            await _read_files(archive, store)
            _read_gifs(archive, gifs)
            await _fill(archive, rows)
    except _DAMAGE as error:
        raise click.ClickException(
            f"{file} is not a backup of Sampark, or it is damaged ({type(error).__name__}). Nothing was changed."
        ) from None
    click.echo(f"Restored {', '.join(f'{count} {name}' for name, count in rows.items())}. Everyone signs in anew.")


def _counts(archive: zipfile.ZipFile, file: Path) -> dict[str, int]:
    about = json.loads(archive.read("about.json"))
    if about.get("format") not in {1, FORMAT}:
        raise click.ClickException(
            f"{file} was made by another version ({about.get('version')}); restore it with that one."
        )
    return {name: int(count) for name, count in about["rows"].items() if name in map(_table, TABLES)}


async def _fill(archive: zipfile.ZipFile, rows: dict[str, int]) -> None:
    async with db.transaction() as using:
        for model in TABLES:
            if _table(model) in rows and await _read(archive, model, using) != rows[_table(model)]:
                raise ValueError("rows are missing")
        for name in rows.keys() - {_table(Blob)} if db.is_postgres(using) else ():
            await db.fetch(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM {name}",  # noqa: S608
                using=using,
            )


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _key(model: Any) -> str:
    return str(model._meta.db_pk_column)


def _columns(model: Any) -> list[str]:
    return list(model._meta.fields_db_projection.values())


async def _write(archive: zipfile.ZipFile, model: Any, using: Any) -> int:
    key = _key(model)
    count, last = 0, "" if key == "key" else 0
    with archive.open(f"{_table(model)}.jsonl", "w", force_zip64=True) as out:
        while True:
            rows = await db.fetch(
                f"SELECT {', '.join(_columns(model))} FROM {_table(model)} WHERE {key} > ? ORDER BY {key} LIMIT ?",  # noqa: S608
                last, _BATCH, using=using,
            )  # fmt: skip
            if not rows:
                return count
            for row in rows:
                out.write(json.dumps(row, default=lambda time: time.isoformat(), ensure_ascii=False).encode() + b"\n")
            count, last = count + len(rows), rows[-1][key]


async def _write_files(archive: zipfile.ZipFile, store: Store, using: Any) -> None:
    for row in await db.fetch("SELECT key, made FROM blobs WHERE state = ? ORDER BY key", KEPT, using=using):
        for name in (row["key"], *(f"{row['key']}-{suffix}" for suffix in suffixes(row["made"]))):
            try:
                pieces = await store.open(name)
            except Missing:
                continue  # its message was deleted a moment ago; otherwise `sampark check --files` says so
            # Pictures and archives are packed already.
            entry = zipfile.ZipInfo(f"{_FILES}{name}")
            with archive.open(entry, "w", force_zip64=True) as out:
                async for piece in pieces:
                    out.write(piece)


async def _read_files(archive: zipfile.ZipFile, store: Store) -> None:
    for entry in archive.infolist():
        if not entry.filename.startswith(_FILES):
            continue
        key = checked(entry.filename.removeprefix(_FILES))
        async with store.incoming() as incoming:
            with archive.open(entry) as source:
                while piece := source.read(PIECE):
                    await incoming.write(piece)
            await store.keep(incoming, key)


def _read_gifs(archive: zipfile.ZipFile, folder: Path) -> None:
    for entry in archive.infolist():
        if _GIF_NAME.fullmatch(entry.filename) and ".." not in entry.filename:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / entry.filename.partition("/")[2]).write_bytes(archive.read(entry))


async def _read(archive: zipfile.ZipFile, model: Any, using: Any) -> int:
    columns, fields = _columns(model), model._meta.fields_map
    flags = {name for name in columns if type(fields.get(name)).__name__ == "BooleanField"}
    sql = f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({db.marks(columns)})"  # noqa: S608
    count = 0
    with archive.open(f"{_table(model)}.jsonl") as lines:
        for line in lines:
            row = json.loads(line)
            await db.run(sql, *(_value(name, row.get(name), name in flags) for name in columns), using=using)
            count += 1
    return count


def _value(name: str, value: Any, is_flag: bool) -> Any:
    if is_flag:
        return bool(value)
    return datetime.datetime.fromisoformat(value) if name in sql.TIMES and value else value
