"""What the figures were measured on: read from the machine, never typed."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks import install
from benchmarks.processes import Absent, Cores
from benchmarks.rivals import flask_socketio, socketio_node

LIBRARIES = ("quart", "hypercorn", "h11", "uvloop", "tortoise-orm", "aiosqlite", "asyncpg", "redis")


def facts(scratch: Path, cores: Cores) -> list[tuple[str, str]]:
    memory = next((line.split()[1] for line in lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    found = [
        ("processor", f"{processor()}, {os.cpu_count()} cores"),
        ("memory", f"{int(memory) / 1024 / 1024:.0f} GB"),
        ("system", f"{distribution()}, {platform.system()} {platform.release()}"),
        ("cores", placed(cores)),
        ("disk of the databases", disk(scratch)),
        ("Sampark Setu", revision()),
        ("Python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"),
        ("libraries", ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)),
    ]
    return found + [(name, version) for name, version in others() if version]


def lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def processor() -> str:
    names = [line.partition(":")[2].strip() for line in lines("/proc/cpuinfo") if line.startswith("model name")]
    return names[0] if names else platform.machine()


def distribution() -> str:
    names = [line.partition("=")[2].strip('"') for line in lines("/etc/os-release") if line.startswith("PRETTY_NAME=")]
    return names[0] if names else "unknown distribution"


def placed(cores: Cores) -> str:
    if not cores.server:
        return "the system has one core: server and load generator share it, and no figure is worth much"
    server, rest = (", ".join(map(str, sorted(part))) for part in (cores.server, cores.rest))
    return f"the server has core {server} for itself, the load generator {rest}"


def disk(folder: Path) -> str:
    """Its file system, and how long it takes to make 4 KB durable: what a commit costs at least."""
    kind = said(["stat", "-f", "-c", "%T", folder])
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    (folder / "probe").unlink()
    return f"{kind}; 4 KB durable in {statistics.median(taken) * 1e6:.0f} µs (median of 200)"


def revision() -> str:
    version = importlib.metadata.version("sampark-setu")
    commit, changed = (
        said(["git", "rev-parse", "--short", "HEAD"]),
        said(["git", "status", "--porcelain", "--", "sampark", "partials", "templates"]),
    )
    return version + (f", commit {commit}" if commit else "") + (" and what is not committed yet" if changed else "")


def others() -> list[tuple[str, str]]:
    node = install.CACHE / "node-chat" / "node_modules"
    flask = install.CACHE / "flask-chat" / "requirements.txt"
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    return [
        ("nginx", said([nginx, "-v"]).rpartition(": ")[2] if nginx else ""),
        ("nchan", said(["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"])),
        (flask_socketio.NAME, ", ".join(flask.read_text().split()) if flask.exists() else ""),
        (
            socketio_node.NAME,
            f"Node {said(['node', '--version'])}, "
            + ", ".join(
                f"{name} {npm_version(node / name)}"
                for name in ("socket.io", "express", "better-sqlite3")
                if npm_version(node / name)
            ),
        ),
        ("PostgreSQL", postgres()),
        ("Redis", said(["redis-server", "--version"])),
        ("compiler of the load generator", (said(["gcc", "--version"]).splitlines() or [""])[0]),
    ]


def npm_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        return ""


def postgres() -> str:
    try:
        from benchmarks.services import postgres_folder

        return said([postgres_folder() / "postgres", "--version"])
    except Absent:
        return ""


def said(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


class Disturbance:
    """How much of the machine was used by programs that are not ours: figures taken beside them mean less."""

    def __init__(self) -> None:
        self._busy, self._ours, self._began = self._now()

    @staticmethod
    def _now() -> tuple[float, float, float]:
        fields = [int(field) for field in lines("/proc/stat")[0].split()[1:9]]
        busy = sum(fields) - fields[3] - fields[4]  # without idle and waiting for the disk; stolen time is in it
        times = os.times()
        ours = times.user + times.system + times.children_user + times.children_system
        return busy / os.sysconf("SC_CLK_TCK"), ours, time.monotonic()

    def share(self) -> float:
        """Of one core, since this was made. What we started counts as ours once it has ended."""
        busy, ours, now = self._now()
        return max(0.0, ((busy - self._busy) - (ours - self._ours)) / max(0.1, now - self._began))
