"""Reading SQLite on the event loop's own thread, over a second, read-only connection.

A query of ours takes 10 to 100 µs; the way to the library's thread and back takes longer than most of them, and there every
read waits for the transaction that is being written. In WAL mode readers wait for no writer, and each sees what has been
committed (https://www.sqlite.org/wal.html).
"""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tortoise.exceptions import OperationalError

_PATIENCE = 0.2
"""Seconds that a read may hold up the loop when the file is locked, which in WAL mode only its repair does."""


class SqliteReader:
    """Belongs to the thread that made it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, cached_statements=256)
        self._connection.execute("PRAGMA query_only = ON")
        self._cursor = self._connection.cursor()

    def fetch(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """All rows of a SELECT. Errors: Tortoise's `OperationalError`."""
        try:
            rows = self._cursor.execute(sql, values).fetchall()
        except sqlite3.OperationalError as fault:
            raise OperationalError(fault) from fault
        names = [column[0] for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def fetch_elsewhere(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """The same for another thread, over a connection of its own."""
        with contextlib.closing(SqliteReader(self._file)) as reader:
            return reader.fetch(sql, values)

    def close(self) -> None:
        self._connection.close()
