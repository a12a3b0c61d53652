"""The machines of one schedule: server processes, who starts them again, and what they stand on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.chaos.clock import PRELUDE, Clock
from tests.chaos.disk import Disk, small_disk
from tests.chaos.rings import LossyRedis
from tests.chaos.rows import Row, postgres_rows, sqlite_rows
from tests.chaos.schedule import ALONE, Schedule
from tests.servers import ServerProcess, children, faults_in, new_database
from tests.services import PostgresServer, RedisServer, Services

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

PATIENCE = 30.0
STOPS_WITHIN = 10.0
"""Seconds from SIGTERM to the end (contract, section 1)."""


@dataclass(eq=False)
class Keeper:
    """Starts a server again whenever it has ended, as an init system does, and notes every end that nobody asked for."""

    server: ServerProcess
    wrong: list[str] = field(default_factory=list)
    is_database_away: bool = False
    """No process can start without it; trying again is what an init system is for."""
    _is_wanted: bool = True
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            if self._is_wanted and self.server.process is not None and self.server.process.poll() is not None:
                self._note_end()
                await asyncio.sleep(0.4)
                await self.start()
            elif not self._ready.is_set() and (await asyncio.to_thread(self.server.readiness))[0] == 200:
                self._ready.set()

    def _note_end(self) -> None:
        assert self.server.process
        if self._ready.is_set() or not self.is_database_away:
            last = self.server.errors[-2000:]
            self.wrong.append(f"{self.server.name} ended by itself with {self.server.process.returncode}: {last}")

    async def start(self) -> None:
        self._ready.clear()
        await asyncio.to_thread(lambda: self.server.start(wait=False))
        self._is_wanted = True

    async def kill(self) -> None:
        self._is_wanted = False
        self._ready.clear()
        await asyncio.to_thread(self.server.kill)

    async def is_serving(self) -> bool:
        """Wait for that, if it has been killed and is being started."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
        return self._ready.is_set()

    async def stop(self) -> None:
        """As an operator does it, who waits until it serves. (One that still starts simply ends.)"""
        await self.is_serving()
        self._is_wanted = False
        began = time.monotonic()
        stopped = await asyncio.to_thread(self.server.stop)
        if stopped.code:
            self.wrong.append(f"{self.server.name} was stopped and ended with {stopped.code}: {stopped.errors[-2000:]}")
        if time.monotonic() - began > STOPS_WITHIN:
            self.wrong.append(f"{self.server.name} took {time.monotonic() - began:.1f} s to stop")

    def kill_child(self, which: int) -> None:
        """One of a supervisor's; to start it again is the supervisor's own business."""
        pids = sorted(children(self.server.pid))
        if pids:
            os.kill(pids[which % len(pids)], signal.SIGKILL)


class Stage:
    """Enter it, and everything runs; leave it, and nothing is left."""

    def __init__(self, schedule: Schedule, folder: Path, postgres: PostgresServer | None) -> None:
        self.schedule = schedule
        self.folder = folder
        self.clock = Clock(folder)
        self.keepers: list[Keeper] = []
        self.disk: Disk | None = None
        self.disk_lock = asyncio.Lock()
        self.rings: LossyRedis | None = None
        self._postgres = postgres
        self._redis: RedisServer | None = None
        self._database = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await (self._start_alone() if self.is_alone else self._start_together())
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def is_alone(self) -> bool:
        return self.schedule.shape in ALONE

    @property
    def bases(self) -> list[str]:
        return [keeper.server.url for keeper in self.keepers]

    @property
    def database(self) -> str:
        """PostgreSQL's URL, or SQLite's file as the server knows it."""
        return str(self.folder / "data" / "sampark.db") if self.is_alone else self._database

    async def rows(self, sql: str) -> list[Row]:
        """Asked of the database itself, past the server."""
        if self.is_alone:
            return await asyncio.to_thread(sqlite_rows, self.database, sql, self.disk.before if self.disk else ())
        return await postgres_rows(self.database, sql)

    @property
    def redis(self) -> RedisServer:
        assert self._redis
        return self._redis

    @property
    def postgres(self) -> PostgresServer:
        assert self._postgres
        return self._postgres

    def keeper(self, which: int) -> Keeper:
        return self.keepers[which % len(self.keepers)]

    async def _start_alone(self) -> None:
        data = self.folder / "data"
        if self.schedule.shape == "small disk":
            self.disk = await asyncio.to_thread(small_disk, data)
            self._stack.callback(self.disk.close)
        await self._serve(1, SAMPARK_DATA_DIR=str(data))

    async def _start_together(self) -> None:
        services = self._stack.enter_context(Services())
        self._redis = await asyncio.to_thread(services.start_redis, self.folder, own=True)
        url = self._redis.url
        if self.schedule.has("rings"):
            self.rings = await self._stack.enter_async_context(LossyRedis(url))
            url = self.rings.url
        self._database = await asyncio.to_thread(new_database, self.postgres)
        settings = {"DATABASE_URL": self._database, "REDIS_URL": url}
        if self.schedule.shape == "workers":
            await self._serve(1, "--workers", "2", **settings)
        else:
            await self._serve(2, **settings)

    async def _serve(self, count: int, *arguments: str, **settings: str) -> None:
        prelude = ""
        if self.schedule.has("clock"):
            prelude, settings = PRELUDE, settings | self.clock.environment
        before = self.disk.before if self.disk else ()
        for _ in range(count):
            server = ServerProcess(self.folder, *arguments, prelude=prelude, before=before, **settings)
            await asyncio.to_thread(server.__enter__)
            self._stack.callback(server.__exit__)
            keeper = Keeper(server)
            self.keepers.append(keeper)
            task = asyncio.create_task(keeper.run())
            self._stack.callback(task.cancel)

    async def is_ready(self) -> bool:
        answers = [await asyncio.to_thread(keeper.server.readiness) for keeper in self.keepers]
        return all(status == 200 for status, _ in answers)

    def wrong(self) -> list[str]:
        """What the processes did that they never should."""
        odd = [line for keeper in self.keepers for line in keeper.wrong]
        for keeper in self.keepers:
            logged = Counter(_TIME.sub("…", line) for line in faults_in(keeper.server.all_errors))
            odd += [f"{keeper.server.name} logged {count} times: {line}" for line, count in logged.items()]
        return odd
