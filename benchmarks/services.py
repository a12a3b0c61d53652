"""PostgreSQL and Redis for a moment, on free ports, with their own defaults: PostgreSQL waits for the disk at each commit."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import install
from benchmarks.processes import DISK, Absent, Server, free_port, started
from benchmarks.product import Databases

USER = "sampark"


def postgres_folder() -> Path:
    """The folder with initdb and postgres."""
    for attempt in range(2):
        on_path = shutil.which("initdb")
        folders = [str(Path(on_path).resolve().parent)] if on_path else []
        folders += sorted(glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin"), reverse=True)
        for folder in map(Path, folders):
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return folder
        if attempt == 0:
            install.debian("postgresql")
    raise Absent("PostgreSQL's initdb is nowhere, though postgresql is installed")


def redis_program() -> Path:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else install.program("redis-server", "redis-server")


@dataclass(frozen=True)
class Services:
    """Both, running."""

    postgres: Server
    redis: Server
    folder: Path

    @property
    def databases(self) -> Databases:
        return Databases(
            f"postgres://{USER}@127.0.0.1:{self.postgres.port}/postgres", f"redis://127.0.0.1:{self.redis.port}/0"
        )

    @property
    def pids(self) -> list[int]:
        """PostgreSQL starts a process for each connection, so that this changes."""
        return [*self.postgres.pids, *self.redis.pids]

    def run_sql(self, statement: str) -> str:
        address = f"host=127.0.0.1 port={self.postgres.port} user={USER} dbname=postgres"
        options = ("--quiet", "--tuples-only", "-v", "ON_ERROR_STOP=1")
        return install.ran([postgres_folder() / "psql", *options, "-d", address, "-c", statement])


@contextlib.contextmanager
def services(scratch: Path, cores: frozenset[int]) -> Iterator[Services]:
    with postgres(scratch, cores) as database, redis(scratch, cores) as doorbell:
        yield Services(database, doorbell, scratch)


@contextlib.contextmanager
def redis(scratch: Path, cores: frozenset[int]) -> Iterator[Server]:
    port = free_port()
    command: list[str | Path] = [
        redis_program(),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        scratch,
        "--save",
        "",
    ]
    with started(command, port, scratch / "redis.log", cores) as server:
        server.wait_until(lambda: answers(port), "Redis")
        yield server


def answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


@contextlib.contextmanager
def postgres(scratch: Path, cores: frozenset[int]) -> Iterator[Server]:
    folder, user = postgres_folder(), owner()
    with tempfile.TemporaryDirectory(prefix="sampark-bench-postgres-", dir=DISK) as home:
        if user:
            shutil.chown(home, user)  # initdb refuses root, and the scratch folder lets nobody else through
        data, port = Path(home) / "data", free_port()
        create: list[str | Path] = [
            folder / "initdb",
            "--auth=trust",
            f"--username={USER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        install.ran([*as_user(user), *create, "-D", data], Path(home))
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        command: list[str | Path] = [
            folder / "postgres",
            "-D",
            data,
            *(f"--{name}={value}" for name, value in settings.items()),
        ]
        log = scratch / "postgres.log"
        with started(command, port, log, cores, folder=Path(home), user=user, stop_signal=signal.SIGINT) as server:
            server.wait_until(lambda: is_ready(data), "PostgreSQL")
            yield server


def is_ready(data: Path) -> bool:
    lines = (data / "postmaster.pid").read_text().splitlines()
    return len(lines) >= 8 and lines[7].strip() == "ready"


def owner() -> str | None:
    """Who owns the data where we are root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if "postgres" in {account.pw_name for account in pwd.getpwall()} else "nobody"


def as_user(user: str | None) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"] if user else []
