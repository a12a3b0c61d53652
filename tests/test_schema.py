"""The tables: from nothing, from the first version, twice at once; and what the databases themselves refuse."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.exceptions import IntegrityError

from sampark import db, schema
from sampark.settings import Settings
from tests.databases import apart, on_server, postgres_url, settings_for, sqlite_url
from tests.support import TABLES, Site, count

FIRST_TABLES = ("users", "rooms", "memberships", "messages", "sessions")
"""Those of the first version."""

MIGRATIONS = sorted(path.name for path in (db.assets("migrations") / "models").glob("[0-9]*.py"))


@pytest.fixture(params=["sqlite", "postgres"])
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a database without a single table."""
    if request.param == "sqlite":
        yield settings_for(tmp_path, sqlite_url(tmp_path / "bare" / "sampark.db"))
        return
    name = f"{os.environ['TESTS_SAMPARK_TEMPLATE']}_bare_{os.getpid()}"
    await on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await on_server(f'CREATE DATABASE "{name}"')
    yield settings_for(tmp_path, postgres_url(name))
    await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Asked of the database directly."""
    if settings.is_sqlite:
        with contextlib.closing(sqlite3.connect(db.sqlite_file(settings))) as connection:
            found = connection.execute(sql).fetchall()
            connection.commit()
            return found
    connection = await asyncpg.connect(settings.database_url.partition("?")[0])
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def shape(settings: Settings) -> set[tuple[Any, ...]]:
    """Every column, index and constraint, without the names that were made up for them."""
    if settings.is_sqlite:
        return await sqlite_shape(settings)
    columns = await rows(
        settings,
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, character_maximum_length::int"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'aerich'",
    )
    constraints = await rows(
        settings,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'aerich'",
    )
    indexes = await rows(
        settings,
        "SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'aerich'",
    )
    return {*columns, *constraints, *((table, "UNIQUE" in text, text.partition(" ON ")[2]) for table, text in indexes)}


async def sqlite_shape(settings: Settings) -> set[tuple[Any, ...]]:
    found: set[tuple[Any, ...]] = set()
    tables = [name for (name,) in await rows(settings, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if table == "aerich" or table.startswith("sqlite_"):
            continue
        found |= {(table, *column[1:]) for column in await rows(settings, f"PRAGMA table_info({table})")}
        found |= {(table, *key[2:]) for key in await rows(settings, f"PRAGMA foreign_key_list({table})")}
        for _, name, is_unique, origin, _ in await rows(settings, f"PRAGMA index_list({table})"):
            columns = [column for _, _, column in await rows(settings, f"PRAGMA index_info({name})")]
            found.add((table, "index", is_unique, origin == "c", *columns))
    return found


async def test_from_nothing_to_the_last_version_and_then_nothing_more(bare: Settings) -> None:
    assert await asyncio.to_thread(apart, schema.migrate(bare)) == MIGRATIONS
    assert await asyncio.to_thread(apart, schema.migrate(bare)) == []
    assert {column[0] for column in await shape(bare)} >= {*TABLES}


async def test_the_chain_makes_exactly_what_the_models_say(bare: Settings) -> None:
    """Without the column order, because a later migration can only append."""
    await asyncio.to_thread(apart, schema.migrate(bare))
    migrated = await shape(bare)
    for table in reversed((*TABLES, "aerich")):
        await rows(bare, f"DROP TABLE {table}" + ("" if bare.is_sqlite else " CASCADE"))
    await asyncio.to_thread(apart, generate(bare))
    assert await shape(bare) == migrated


async def generate(settings: Settings) -> None:
    await Tortoise.init(config=db.config(settings))
    await Tortoise.generate_schemas(safe=False)
    await Tortoise.close_connections()


def start(command: list[str], environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def test_processes_that_start_together_migrate_once(bare: Settings) -> None:
    environ = {
        **os.environ,
        "DATABASE_URL": bare.database_url,
        "REDIS_URL": bare.redis_url or "",
        "SAMPARK_DATA_DIR": str(bare.data_dir),
        "SAMPARK_SECRET_KEY": bare.secret_key,
    }
    command = [sys.executable, "-m", "sampark", "migrate"]
    starting = [start(command, environ) for _ in range(3)]
    said = [await asyncio.to_thread(process.communicate) for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0], said
    assert sorted(out for out, _ in said) == sorted(
        ["".join(f"applied {name}\n" for name in MIGRATIONS), *["The database is up to date.\n"] * 2]
    )


async def test_a_filled_first_version_keeps_every_row(
    bare: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever comes after the first migration must not lose anything (SQLite rebuilds tables, and cascades)."""
    first = tmp_path / "first" / "models"
    first.mkdir(parents=True)
    (first / "__init__.py").touch()
    (first / MIGRATIONS[0]).write_bytes((db.assets("migrations") / "models" / MIGRATIONS[0]).read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(db, "assets", lambda name: first.parent)
        assert await asyncio.to_thread(apart, schema.migrate(bare)) == MIGRATIONS[:1]
    # The words of the first version; a later one may add columns but must accept these.
    yes, now = ("1", "'2026-01-02 03:04:05+00:00'") if bare.is_sqlite else ("true", "'2026-01-02 03:04:05+00:00'")
    for statement in (
        "INSERT INTO users (username, username_key, email, email_key, password_hash, display_name, is_admin,"
        " is_online, theme, sounds, created_at)"
        f" VALUES ('asha', 'asha', 'a@b.cd', 'a@b.cd', 'x', 'Asha', {yes}, {yes}, 'dark', {yes}, {now})",
        "INSERT INTO rooms (code, name, description, is_global, version, last_seq, created_at, created_by_id)"
        f" SELECT 'k3f9x2mq7hpt', 'Room', 'd', {yes}, 2, 2, {now}, id FROM users",
        "INSERT INTO memberships (role, joined_at, read_seq, room_id, user_id)"
        f" SELECT 'creator', {now}, 1, rooms.id, users.id FROM rooms, users",
        "INSERT INTO messages (seq, version, posted_version, message_type, content, html, client_key, timestamp, room_id, user_id)"
        f" SELECT 1, 1, 1, 'text', 'hello', '<p>hello</p>', 'k', {now}, rooms.id, users.id FROM rooms, users",
        "INSERT INTO messages (seq, version, posted_version, message_type, content, html, timestamp, deleted_at, room_id, user_id)"
        f" SELECT 2, 2, 2, 'text', '', '', {now}, {now}, rooms.id, users.id FROM rooms, users",
        f"INSERT INTO sessions (token_hash, created_at, expires_at, agent, user_id) SELECT 'h', {now}, {now}, 'ua', id FROM users",
    ):
        await rows(bare, statement)
    before = {table: await rows(bare, f"SELECT COUNT(*), MAX(id) FROM {table}") for table in FIRST_TABLES}
    assert await asyncio.to_thread(apart, schema.migrate(bare)) == MIGRATIONS[1:]
    assert {table: await rows(bare, f"SELECT COUNT(*), MAX(id) FROM {table}") for table in FIRST_TABLES} == before
    assert await rows(bare, "SELECT content, html, client_key FROM messages ORDER BY seq") == [
        ("hello", "<p>hello</p>", "k"),
        ("", "", None),
    ]
    assert await rows(bare, "SELECT username, display_name, theme FROM users") == [("asha", "Asha", "dark")]


async def test_a_failing_database_says_so_instead_of_half_migrating(tmp_path: Path) -> None:
    gone = settings_for(tmp_path, "postgres://nobody@127.0.0.1:1/none")
    with pytest.raises(db.AWAY):
        await asyncio.to_thread(apart, schema.migrate(gone))


async def test_the_database_itself_refuses_twins_and_orphans(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=3)
    row = await db.one("SELECT id FROM rooms WHERE code = ?", room)
    assert row
    now = "'2026-01-02 03:04:05+00:00'"
    message = (
        "INSERT INTO messages (seq, version, posted_version, message_type, content, html, client_key, timestamp, room_id, user_id)"
        f" VALUES (?, 9, 9, 'text', '', '', ?, {now}, ?, ?)"
    )
    await db.run(message, 4, "key", row["id"], asha.id)
    await db.run(message, 5, None, row["id"], asha.id)
    await db.run(message, 6, None, row["id"], asha.id)
    await db.run(message, 7, "key", row["id"], ravi.id)
    refused: list[tuple[str, tuple[Any, ...]]] = [
        (message, (4, None, row["id"], ravi.id)),
        (message, (8, "key", row["id"], asha.id)),
        (message, (8, None, 999, asha.id)),
        (message, (8, None, row["id"], 999)),
        (
            f"INSERT INTO memberships (role, joined_at, read_seq, room_id, user_id) VALUES ('member', {now}, 0, ?, ?)",
            (row["id"], asha.id),
        ),
        (
            f"INSERT INTO memberships (role, joined_at, read_seq, room_id, user_id) VALUES ('member', {now}, 0, ?, ?)",
            (row["id"], 999),
        ),
        (
            "INSERT INTO sessions (token_hash, created_at, expires_at, agent, user_id)"
            f" SELECT token_hash, {now}, {now}, '', ? FROM sessions",
            (asha.id,),
        ),
        (
            f"INSERT INTO sessions (token_hash, created_at, expires_at, agent, user_id) VALUES ('h', {now}, {now}, '', ?)",
            (999,),
        ),
        ("UPDATE users SET username_key = 'asha' WHERE id = ?", (ravi.id,)),
        ("UPDATE users SET email_key = 'asha@example.org' WHERE id = ?", (ravi.id,)),
    ]
    for sql, values in refused:
        with pytest.raises(IntegrityError):
            await db.run(sql, *values)
    assert await count("messages") == 7


async def test_what_belongs_to_a_person_or_room_goes_with_it(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    await site.room(asha, ravi, say=3)
    kept = await site.room(ravi, asha, say=2)
    await db.run("DELETE FROM users WHERE id = ?", asha.id)
    assert await count("memberships") == 2
    assert await count("messages") == 2
    assert await count("sessions") == 1
    assert await count("rooms", "created_by_id IS NULL") == 1
    await db.run("DELETE FROM rooms WHERE code = ?", kept)
    assert await count("messages") == 0
