"""A real server on scratch data, and people who use it over HTTP."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who live for a minute


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    port: int
    pid: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, core: int | None) -> Iterator[Running]:
    """One process with the embedded default, SQLite, without rate limits, on one processor core."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")} | {
        "SAMPARK_DATA_DIR": str(folder),
        "SAMPARK_RATE_SCALE": "0",
        "SAMPARK_BCRYPT_COST": "4",  # setting up a hundred people is not what is measured
    }
    command = [sys.executable, "-m", "sampark", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        wait_for(port, process, folder / "server.log")
        yield Running(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"The server did not come up; it said:\n{log.read_text(errors='replace')}")


@dataclass
class Person:
    """Somebody with a browser: keeps a connection and cookies, follows no redirect."""

    port: int
    name: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, **form: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": self.cookie()}
        body = urlencode(form) if method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, {name: value for name, value in headers.items() if value})
        answer = self.connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
        return answer.status, answer.headers, content

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)

    def act(self, path: str, **form: str) -> str:
        """Post a form that must succeed; returns where it leads."""
        status, headers, content = self.ask("POST", path, **form)
        if status not in (200, 201, 204, 303):
            raise SystemExit(f"POST {path} answered {status}:\n{content.decode(errors='replace')[:2000]}")
        return urlsplit(headers.get("Location") or "").path

    def get(self, path: str) -> bytes:
        status, _, content = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"GET {path} answered {status}")
        return content


def signed_in(port: int, name: str) -> Person:
    person = Person(port, name)
    person.act("/register", username=name, email=f"{name}@example.org", password=PASSWORD)
    person.act("/login", username=name, password=PASSWORD)
    return person


def with_room(person: Person) -> str:
    """A new room's path."""
    path = person.act("/rooms", name="Bench", description="")
    if not re.fullmatch(r"/rooms/[\w-]+", path):
        raise SystemExit(f"Creating a room led to {path!r}")
    return path
