"""Sampark Setu itself: started as operators start it, on data that was prepared once."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import people
from benchmarks.generator import Target
from benchmarks.people import Person
from benchmarks.processes import Server, free_port, started

NAME = "Sampark Setu"
ENGINE = "Sampark Setu, its engine alone"
LINES = 60
HISTORY = "Line {} of a talk that is neither long nor short, as people write them in a room where something goes on."

# Whoever is not a member yet becomes one. It runs while no server does.
JOIN = """
INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq)
SELECT r.id, u.id, 'member', CURRENT_TIMESTAMP, r.last_seq FROM rooms r, users u
WHERE r.code = '{room}' AND {who} AND NOT EXISTS
  (SELECT 1 FROM memberships m WHERE m.room_id = r.id AND m.user_id = u.id)
"""


@dataclass(frozen=True)
class Databases:
    """Where the data is, other than in the data folder."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextlib.contextmanager
def serving(
    folder: Path,
    cores: frozenset[int],
    *,
    databases: Databases | None = None,
    workers: int = 1,
    back_door: int | None = None,
) -> Iterator[Server]:
    """`sampark serve` without rate limits; with the embedded default unless databases are given.

    With a port for a back door, the same server as `engine_driver` starts it.
    """
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SAMPARK_", "DATABASE_", "REDIS_"))
    }
    environment |= databases.environment() if databases else {}
    environment |= {
        "SAMPARK_DATA_DIR": str(folder),
        "SAMPARK_RATE_SCALE": "0",
        "SAMPARK_ROOM_QUOTA_MB": "0",
        "SAMPARK_BCRYPT_COST": "4",  # setting up a thousand people is not what is measured
    }
    command = [sys.executable, "-m", "sampark", "serve", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers)] if workers > 1 else []
    if back_door is not None:
        command = [sys.executable, "-m", "benchmarks.engine_driver", str(port), str(back_door)]
    with started(command, port, folder / "server.log", cores, environment=environment) as server:
        server.wait_until(lambda: is_ready(port) and len(server.pids) >= (workers + 1 if workers > 1 else 1), NAME)
        yield server


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    finally:
        connection.close()


@dataclass(frozen=True)
class Prepared:
    """A stopped server's data: people who are signed in, all of them in one room with some history."""

    folder: Path
    room: str
    """The room's path."""
    cookies: Sequence[str]

    def copied(self, to: Path) -> Prepared:
        shutil.copytree(self.folder, to, ignore=shutil.ignore_patterns("*.log"))
        return Prepared(to, self.room, self.cookies)

    def person(self, port: int, number: int = 0) -> Person:
        """One of them, with a browser."""
        pairs = (pair.partition("=") for pair in self.cookies[number].split("; "))
        return Person(port, cookies={name: value for name, _, value in pairs})

    def target(self, server: Server, *, name: str = NAME, room: str = "", cookies: Sequence[str] = ()) -> Target:
        """Read and post in the room as htmx does, each stream and each publisher as another person."""
        jar = self.folder / f"cookies-{len(cookies or self.cookies)}"
        jar.write_text("\n".join(cookies or self.cookies) + "\n")
        path = room or self.room
        read = ("-p", f"{path}/events", "-C", str(jar), "-H", "Sec-Fetch-Site: same-origin", "-N")
        post = ("-P", f"{path}/messages", "-F", "text", "-X", "key={{key}}", "-Q", "HX-Request: true")
        return Target(name, server.port, server.pids, read, post)


def prepare(
    folder: Path,
    count: int,
    cores: frozenset[int],
    *,
    databases: Databases | None = None,
    run_sql: Callable[[str], object] | None = None,
) -> Prepared:
    """Everyone registers and signs in through the front door; memberships are written into the database, which is quicker."""
    shutil.rmtree(folder, ignore_errors=True)  # of an attempt that broke off
    folder.mkdir(parents=True)
    with serving(folder, cores, databases=databases) as server:
        everyone = people.many(server.port, count)
        room = everyone[0].act("/rooms", name="Bench", description="")
        everyone[0].close()
    sql = JOIN.format(room=room.rpartition("/")[2], who="1 = 1")
    run_sql(sql) if run_sql else on_sqlite(folder, sql)
    with serving(folder, cores, databases=databases) as server:
        for number in range(LINES):
            person = everyone[number % min(count, 20)]
            person.port = server.port
            person.act(f"{room}/messages", text=HISTORY.format(number), key=f"history-{number}")
            person.close()
    return Prepared(folder, room, [person.cookie() for person in everyone])


def sqlite_file(folder: Path) -> Path:
    return folder / "sampark.db"


def on_sqlite(folder: Path, *statements: str) -> None:
    """In one transaction, while no server runs."""
    with contextlib.closing(sqlite3.connect(sqlite_file(folder), timeout=30)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
