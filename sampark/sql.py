"""Statements and values on their way into either database, and back."""

import datetime
import functools
import re
from typing import Any

TIMES = {"timestamp", "created_at", "joined_at", "deleted_at", "expires_at", "last_seen", "seen_at"}
"""The columns that hold moments, in whatever table."""

_PLACES = re.compile(r"\?")


@functools.lru_cache(1024)
def numbered(sql: str) -> str:
    """`$1, $2 …`, as PostgreSQL wants them, for each `?`."""
    numbers = iter(range(1, sql.count("?") + 1))
    return _PLACES.sub(lambda _: f"${next(numbers)}", sql)


def as_sqlite(value: Any) -> Any:
    """A moment as text, anything else as it is."""
    # The same text that Tortoise writes, so that comparisons in SQL hold.
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(" ")
    return value


def from_sqlite(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These rows, with aware moments in UTC in the columns that hold some."""
    for name in TIMES & rows[0].keys() if rows else ():
        for row in rows:
            if isinstance(row[name], str):
                time = datetime.datetime.fromisoformat(row[name])
                row[name] = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
    return rows
