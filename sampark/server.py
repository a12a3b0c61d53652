"""hypercorn under our own runner: bind, serve, drain, and be gone before the deadline."""

import asyncio
import contextlib
import ctypes
import errno
import fcntl
import gc
import os
import signal
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import structlog
import uvloop
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from sampark import db, patient_h11, schema, takeover
from sampark.app import create_app
from sampark.chat import accounts
from sampark.settings import Settings, SettingsError
from sampark.web.parts import Parts

log = structlog.get_logger()

DEADLINE = 9.0
"""Seconds from SIGTERM to the end, whatever still hangs; the contract allows 10."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Errors: `SettingsError` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        mend = (
            "Stop what uses it, or choose another PORT."
            if error.errno == errno.EADDRINUSE
            else "Is HOST an address of this machine?"
        )
        raise SettingsError(f"HOST={host!r} PORT={port!r} cannot be used: {error.strerror or error}. {mend}") from None
    bound.listen(2048)
    return bound


def run(settings: Settings, bound: socket.socket, say: Callable[[str], None]) -> None:
    """Migrate, then serve until SIGTERM or SIGINT. `say` gets a line for the person at the terminal."""
    with only_server(settings) as held:
        asyncio.run(schema.migrate(settings))
        if held:
            held.execute("PRAGMA schema_version").fetchone()  # a new database has got its log only now
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, bound, say))


@contextlib.contextmanager
def only_server(settings: Settings) -> Iterator[sqlite3.Connection | None]:
    """SQLite serves exactly one process. Errors: `SettingsError` when another one serves this file."""
    if not settings.is_sqlite:
        yield None
        return
    path = db.sqlite_file(settings).with_suffix(".serving")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(
                f"another Sampark already serves {db.sqlite_file(settings)}. Stop that one, or give this one"
                " its own SAMPARK_DATA_DIR. For several processes use PostgreSQL and Redis."
            ) from None
        # Whoever closes a database last removes its log and its index, and a disk that filled up meanwhile would not hold new ones.
        with contextlib.closing(schema.opened(db.sqlite_file(settings))) as held:
            yield held


async def _serve(settings: Settings, bound: socket.socket, say: Callable[[str], None]) -> None:
    if not patient_h11.install():
        log.warning("text_browsers_cannot_post", why="h11 or hypercorn has changed: see sampark/patient_h11.py")
    app = create_app(settings)
    served: Callable[..., Awaitable[None]] = app
    if takeover.fits():
        served = takeover.offer(app)
    else:
        log.warning("streams_go_the_slow_way", why="hypercorn has changed: see sampark/takeover.py")
    parts: Parts = app.extensions["sampark"]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)

    # hypercorn has nothing between "started" and "stopping": Quart's own hook says that the database is open.
    @app.before_serving
    async def ready() -> None:
        say(await _welcome(settings, bound))
        gc.collect()
        gc.freeze()
        loop.run_in_executor(None, _load, parts)

    async def drain() -> None:
        await stop.wait()
        parts.hub.drain()
        # hypercorn on Python 3.12 and later waits for ever for an open stream: end them all before it is told to stop.
        await parts.hub.empty()
        bound.close()  # hypercorn closes its copy only: whoever comes from here on would hang instead of going elsewhere

    serving = asyncio.create_task(
        hypercorn_serve(
            cast(Framework, served), _config(bound), shutdown_trigger=cast(Callable[..., Awaitable[None]], drain)
        )
    )
    stopping = asyncio.create_task(stop.wait())
    orphaned = asyncio.create_task(_stop_when_orphaned(stop))
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        await asyncio.wait({serving}, timeout=DEADLINE - 2)
    if not serving.done():
        # Somebody's upload never ends. On Python 3.12 and later this path skips Quart's own closing.
        serving.cancel()
        await asyncio.wait({serving}, timeout=1)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await db.close_database()
    stopping.cancel()
    orphaned.cancel()
    if serving.done() and not serving.cancelled() and (fault := serving.exception()) is not None:
        raise fault


def _load(parts: Parts) -> None:
    """In another thread: nobody waits for templates later, and what only starting needed goes back to the system."""
    parts.fragments.load()
    with contextlib.suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


async def _stop_when_orphaned(stop: asyncio.Event) -> None:
    """A supervisor that was killed cannot stop its children: they notice that they have another parent."""
    parent = os.environ.get("SAMPARK_PARENT")
    while parent is not None and os.getppid() == int(parent):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(1)
    if parent is not None:
        stop.set()


def _config(bound: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{os.dup(bound.fileno())}"]
    config.graceful_timeout = 5
    config.keep_alive_timeout = 75  # longer than proxies keep their side open
    config.alpn_protocols = ["http/1.1"]
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.include_date_header = True
    return config


async def _welcome(settings: Settings, bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - only shown
    address = settings.public_url or f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    kept = str(settings.data_dir) if settings.is_sqlite else "PostgreSQL"
    lines = [f"Sampark Setu is ready:  {address}", f"Its data lies in:       {kept}"]
    if await _is_new():
        lines.append(f"Next: create the first account at {address}/register. It will be the administrator’s.")
    else:
        lines.append(f"Next: sign in at {address}/login.")
    lines.append("Stop with Ctrl-C.")
    return "\n".join(lines)


async def _is_new() -> bool:
    """Whether the first account is still to come. Only a hint hangs on it: a database that has just gone away is no reason to stop."""
    try:
        return await accounts.nobody_yet()
    except Exception as fault:
        if not db.is_away(fault):
            raise
        return False
