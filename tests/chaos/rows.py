"""Rows of either database, asked past the server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

Row = Mapping[str, Any]

_ASK = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30)
connection.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in connection.execute(sys.argv[2])]))
"""


async def postgres_rows(url: str, sql: str) -> list[Row]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def sqlite_rows(file: str, sql: str, before: Sequence[str]) -> list[Row]:
    """In a process of its own: the file may lie on a disk that only those who begin with `before` see."""
    done = subprocess.run(
        [*before, sys.executable, "-c", _ASK, file, sql], capture_output=True, text=True, check=True, timeout=60
    )
    rows: list[Row] = json.loads(done.stdout)
    return rows
