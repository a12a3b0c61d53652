"""Ten thousand changes at once, written into the database as another process would: in transactions that raise the room's version
first, each message with the number and the version that it would have had, some of them deleted again.

Each is a copy of a message that was posted, column by column, so that what else a row holds need not be known here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

import asyncpg

CHANGES = 10_000
_STEP = 500
_DELETED = 50
"""Of each step, so many changes are deletions."""

_BUMP = (
    "UPDATE rooms SET version = version + {changes}, last_seq = last_seq + {posts} WHERE code = '{room}'"
    " RETURNING id, version, last_seq"
)
_COPY = (
    "INSERT INTO messages (seq, version, posted_version, content, {others}) WITH RECURSIVE n (i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {posts})"
    " SELECT {seq} + i, {version} + i, {version} + i, 'one of many', {others} FROM messages, n WHERE room_id = {id} AND seq = {model}"
)
_DELETE = (
    "UPDATE messages SET content = '', html = '', deleted_at = timestamp, version = {version} + seq - {seq}"
    " WHERE room_id = {id} AND seq > {seq} AND seq <= {seq} + {deleted}"
)
_OWN = {"id", "seq", "version", "posted_version", "content", "client_key"}


def statements(moment: Sequence[int], model: int, columns: list[str]) -> list[str]:
    """One step's, once the room (its id, version and last number) has been raised."""
    room_id, version, last_seq = moment
    posts = _STEP - _DELETED
    seq, base = last_seq - posts, version - _STEP
    others = ", ".join(f'"{name}"' for name in columns if name not in _OWN)
    copy = _COPY.format(others=others, posts=posts, seq=seq, version=base, id=room_id, model=model)
    return [copy, _DELETE.format(version=base + posts, seq=seq, id=room_id, deleted=_DELETED)]


def _bump(room: str) -> str:
    return _BUMP.format(changes=_STEP, posts=_STEP - _DELETED, room=room)


async def on_postgres(url: str, room: str, model: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'messages'"
        )
        columns = [row["column_name"] for row in found]
        for _ in range(CHANGES // _STEP):
            async with connection.transaction():
                [moment] = await connection.fetch(_bump(room))
                for statement in statements([*moment.values()], model, columns):
                    await connection.execute(statement)
    finally:
        await connection.close()


def on_sqlite(file: str, room: str, model: int) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
        for _ in range(CHANGES // _STEP):
            connection.execute("BEGIN IMMEDIATE")
            [moment] = connection.execute(_bump(room)).fetchall()
            for statement in statements(moment, model, columns):
                connection.execute(statement)
            connection.execute("COMMIT")
