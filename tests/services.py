"""Servers for tests, on free ports; nothing outlives the tests.

    with Services() as services:
        redis = services.start_redis(tmp_path)
        redis.kill(); redis.restart()
        postgres = services.start_postgres(tmp_path)
        await connect(postgres.url)

TEST_REDIS_URL and TEST_POSTGRES_URL name servers that run already. Those are used as they are and cannot be killed; a
test that must kill asks with `own=True` and gets one from the binaries. `tests.machine` finds and installs those.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import pwd
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self, TypeVar

from tests.machine import Missing, Part, advice, chromium_path, found, install, lynx_path, w3m_path

PATIENCE = 30.0  # seconds that a server may take to start or stop on a busy machine

T = TypeVar("T")


class Launcher:
    """Starts processes from one thread that lives as long as the tests do.

    Linux ends a child on request when the *thread* that started it ends; started from a worker thread of an event loop,
    a server would die with the loop of whichever test came first.
    """

    def __init__(self) -> None:
        self.orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def __call__(self, work: Callable[[], T]) -> T:
        answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def order() -> None:
            try:
                answers.put((work(), None))
            except BaseException as error:
                answers.put((None, error))

        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.serve, name="launcher", daemon=True)
                self.thread.start()
        self.orders.put(order)
        answer, error = answers.get()
        if error is not None:
            raise error
        return answer  # type: ignore[return-value]  # no error, so it is a T

    def serve(self) -> None:
        while True:
            self.orders.get()()


launch = Launcher()
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """For the child, between fork and exec: end when the tests end, even if they are killed."""

    def prepare() -> None:
        if libc is not None:
            libc.prctl(1, signal_number)  # PR_SET_PDEATHSIG

    return prepare


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], what: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.02)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    raise RuntimeError(f"{what} did not come up in {PATIENCE:.0f} s; its last words:\n{tail}")


@dataclass
class Server:
    """A server that somebody may kill, stop, freeze and start again; its address stays the same."""

    url: str
    own: bool = True
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        return self.running().pid

    def running(self) -> subprocess.Popen[bytes]:
        if not self.own:
            raise Missing(f"{self.url} is not ours to kill; ask for one with own=True")
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"{self.url} is not running")
        return self.process

    def start(self) -> None:
        raise NotImplementedError

    def kill(self) -> None:
        """As a crash: no goodbye. Returns once it is gone."""
        self.finish(signal.SIGKILL)

    def stop(self) -> None:
        """As an operator does it. Stopping what is stopped, or is not ours, changes nothing."""
        if self.own and self.process is not None and self.process.poll() is None:
            self.resume()
            self.finish(signal.SIGTERM)

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """It keeps its connections and says nothing more, as behind a broken network."""
        self.running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.running().send_signal(signal.SIGCONT)

    def finish(self, signal_number: int) -> None:
        process = self.running()
        process.send_signal(signal_number)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)


@dataclass
class RedisServer(Server):
    """Redis or Valkey without persistence: after a restart it is empty."""

    directory: Path = Path()

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.directory, "save": "", "appendonly": "no"}
        command = [found("Redis"), *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        log = self.directory / f"redis-{self.port}.log"
        with log.open("ab") as output:
            self.process = launch(lambda: started(command, output, signal.SIGKILL))
        wait_until(self.answers, "Redis", log, self.process)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


@dataclass
class PostgresServer(Server):
    """PostgreSQL without fsync; SIGTERM would wait for every client to leave, so that stopping is the fast kind."""

    data: Path = Path()
    user: str | None = None
    max_connections: int = 200
    survives_kills: bool = False
    """Whether a commit is there after `kill`, as in anybody's real PostgreSQL; without fsync nothing survives a power cut."""

    def create(self) -> None:
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        command = ["initdb", "--no-sync", "--auth=trust", "--username=sampark", "--encoding=UTF8", f"--locale={locale}"]
        command[0] = f"{found('PostgreSQL')}/initdb"
        done = subprocess.run(
            [*command, f"--pgdata={self.data}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.data.parent,
            **as_user(self.user),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}")

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",  # nobody needs it, and its path could be too long
            "max_connections": self.max_connections,
            "fsync": "off",
            "synchronous_commit": "on" if self.survives_kills else "off",
            "full_page_writes": "off",
        }
        command = [f"{found('PostgreSQL')}/postgres", "-D", str(self.data)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = self.data.parent / "postgres.log"
        with log.open("ab") as output:
            self.process = launch(lambda: started(command, output, signal.SIGQUIT, self.user, self.data.parent))
        wait_until(self.ready, "PostgreSQL", log, self.process)

    def ready(self) -> bool:
        """The last line of its own status file, which is what pg_ctl reads too."""
        with contextlib.suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready" and lines[0] == str(self.pid)
        return False

    def stop(self) -> None:
        if self.own and self.process is not None and self.process.poll() is None:
            self.resume()
            self.finish(signal.SIGINT)

    def kill(self) -> None:
        """The whole family at once; a killed parent alone would leave children that still hold the data."""
        process = self.running()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while group_alive(process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)


def find_nginx() -> str | None:
    """It says its version to `-v` alone, and stands where only root's PATH looks."""
    path = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    return path if path and subprocess.run([path, "-v"], capture_output=True).returncode == 0 else None


NGINX = Part("nginx", find_nginx, "nginx", "nginx", "nginx")


def nginx_path() -> str:
    if not NGINX.there():
        install([NGINX])
    path = NGINX.find()
    if path is None:
        raise Missing(f"nginx is not installed. {advice([NGINX])}")
    return path


@dataclass
class NginxServer(Server):
    """nginx with one site's configuration in a folder of its own."""

    directory: Path = Path()
    site: str = ""
    """What would stand in /etc/nginx/conf.d, listening on `{port}`."""

    def start(self) -> None:
        temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        lines = [
            *(["user root;"] if os.geteuid() == 0 else []),
            f"daemon off; worker_processes 1; worker_rlimit_nofile 10000; pid {self.directory}/nginx.pid;",
            "error_log stderr warn; events { worker_connections 5000; }",
            "http { access_log off;",
            *(f"{name}_temp_path {self.directory}/{name};" for name in temporary),
            self.site.replace("{port}", str(self.port)),
            "}",
        ]
        (self.directory / "nginx.conf").write_text("\n".join(lines))
        log = self.directory / "nginx.log"
        command = [nginx_path(), "-p", str(self.directory), "-c", str(self.directory / "nginx.conf")]
        with log.open("ab") as output:
            self.process = launch(lambda: started(command, output, signal.SIGTERM))
        wait_until(self.listens, "nginx", log, self.process)

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


def group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def started(
    command: list[str],
    output: IO[bytes],
    at_end: int,
    user: str | None = None,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C goes to the tests, and they stop it when they are done with it."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=directory,
        start_new_session=True,
        preexec_fn=die_with_parent(at_end),
        **as_user(user),
    )


def as_user(name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    account = pwd.getpwnam(name)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def postgres_user() -> str | None:
    """initdb refuses root; somebody else has to own the data then."""
    if os.geteuid() != 0:
        return None
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


S = TypeVar("S", bound=Server)


class Services:
    """What was started here is stopped on leaving, at exit, and on Linux even if the tests are killed."""

    def __init__(self) -> None:
        self.servers: list[Server] = []
        self.scratch: list[Path] = []
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        while self.servers:
            with contextlib.suppress(OSError, subprocess.SubprocessError, RuntimeError):
                self.servers.pop().stop()
        while self.scratch:
            shutil.rmtree(self.scratch.pop(), ignore_errors=True)
        atexit.unregister(self.close)

    def start_redis(self, directory: Path, *, own: bool = False) -> RedisServer:
        outside = os.environ.get("TEST_REDIS_URL")
        if outside and not own:
            return RedisServer(outside, own=False)
        return self.try_ports(lambda port: RedisServer(f"redis://127.0.0.1:{port}/0", port=port, directory=directory))

    def start_postgres(self, directory: Path, *, own: bool = False, survives_kills: bool = False) -> PostgresServer:
        outside = os.environ.get("TEST_POSTGRES_URL")
        if outside and not own:
            return PostgresServer(outside, own=False)
        user = postgres_user()
        data = self.data_folder(directory, user)
        PostgresServer("", data=data, user=user).create()
        url = "postgres://sampark@127.0.0.1:{}/postgres"
        return self.try_ports(
            lambda port: PostgresServer(
                url.format(port), port=port, data=data, user=user, survives_kills=survives_kills
            )
        )

    def start_nginx(self, directory: Path, site: str) -> NginxServer:
        return self.try_ports(
            lambda port: NginxServer(f"http://127.0.0.1:{port}", port=port, directory=directory, site=site)
        )

    def data_folder(self, directory: Path, user: str | None) -> Path:
        """Below `directory`; for root outside of it, because pytest's folders let nobody else through."""
        if user is None:
            return directory / "postgres"
        scratch = Path(tempfile.mkdtemp(prefix="sampark-postgres-", dir="/tmp"))
        shutil.chown(scratch, user)
        self.scratch.append(scratch)
        return scratch / "data"

    def try_ports(self, make: Callable[[int], S]) -> S:
        """Another process may take a port between our look and the server's start; then the next one."""
        for attempt in range(5):
            server = make(free_port())
            self.servers.append(server)
            try:
                server.start()
            except RuntimeError:
                if attempt == 4 or server.process is None or server.process.poll() is None:
                    raise
                self.servers.remove(server)
            else:
                return server
        raise AssertionError("the last attempt returns or raises")

    def chromium_path(self) -> str:
        return chromium_path()

    def lynx_path(self) -> str:
        return lynx_path()

    def w3m_path(self) -> str:
        return w3m_path()
