"""A rolling restart: two processes behind nginx, a thousand open streams, each process stopped and started in its turn.

nginx has the configuration that deploy/nginx.conf recommends, without TLS.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import logging
import os
import random
import re
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.posters import Poster
from tests.chaos.wire import Line, Lost
from tests.people import Person
from tests.processes.conftest import Start
from tests.servers import ROOT, ServerProcess, wait_for
from tests.services import NginxServer, Services

STREAMS = int(os.environ.get("TEST_ROLLING_STREAMS", "1000"))
"""Named in the environment, it is so many, however slow this machine is."""
AT_FIRST = 200
"""So many open at once at the beginning, and tell how many a second this machine opens just now."""
PEOPLE = 10
BACK_WITHIN = 5.0
"""Seconds from the loss of a stream to its being back; up to four of them are what `retry:` says."""
TOGETHER = 0.2
"""Seconds in which never half of them ask again, by what each was told: when the answers come, the machine's speed decides."""

_BLOCK = re.compile(rb"^(?:id: (\d+)|retry: (\d+)|data: .*)$", re.MULTILINE)
_SEQ = re.compile(rb'<article id="message-(\d+)"')


def site(servers: list[ServerProcess]) -> str:
    """deploy/nginx.conf with these servers, over plain HTTP on one port."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, count=1, flags=re.DOTALL)
    upstreams = "\n".join(rf"    server 127.0.0.1:{server.port}\1;" for server in servers)
    for old, new in (
        (r"    server 127\.0\.0\.1:8000([^;]*);", upstreams),
        (r"    listen 443 ssl http2;", "    listen 127.0.0.1:{port};"),
        (r"    listen \[::\]:443 ssl http2;\n", ""),
        (r"    ssl_.*\n", ""),
    ):
        text, count = re.subn(old, new, text)
        assert count, f"deploy/nginx.conf has no {old} any more"
    return text


@pytest.fixture
def many_files() -> Iterator[None]:
    """A thousand streams here, in the servers and in nginx, which inherit this process's limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 10_000 if hard == resource.RLIM_INFINITY else min(hard, 10_000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def two(start: Start, shared: dict[str, str], many_files: None) -> list[ServerProcess]:
    return [start(SAMPARK_TRUSTED_HOPS="1", **shared) for _ in range(2)]


@pytest.fixture
def nginx(two: list[ServerProcess], tmp_path: Path) -> Iterator[NginxServer]:
    with Services() as services:
        yield services.start_nginx(tmp_path, site(two))


@dataclass(eq=False)
class Tab:
    """One open stream, which comes back as browsers do: after what `retry:` said, by the last id."""

    base: str
    cookie: str
    path: str
    cursor: int
    arrived: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    """After how many seconds it was to ask again, at each loss."""
    returns: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    retry: float = 0.5
    is_open: bool = False

    async def run(self) -> None:
        while True:
            with contextlib.suppress(Lost):  # also 502 while nginx finds nobody: the time that it takes is what counts
                await self._read()
            if self.is_open:
                self.is_open = False
                self.losses.append(time.monotonic())
                self.told.append(self.retry)
            await asyncio.sleep(self.retry)

    async def _read(self) -> None:
        line = await Line.open(self.base)
        try:
            headers = {"Host": urlsplit(self.base).netloc, "Cookie": self.cookie, "Last-Event-ID": str(self.cursor)}
            status, answered = await line.ask("GET", self.path, headers)
            if status != 200:
                raise Lost(str(status))
            rest = b""
            async for data in line.body(answered):
                *blocks, rest = (rest + data).split(b"\n\n")
                for block in blocks:
                    self._take(block)
        finally:
            line.cut()

    def _take(self, block: bytes) -> None:
        if not self.is_open:
            self.is_open = True
            self.returns.append(time.monotonic())
        for number, retry in _BLOCK.findall(block):
            if number:
                if int(number) < self.cursor:
                    self.wrong.append(f"from version {self.cursor} back to {int(number)}")
                self.cursor = int(number)
            elif retry:
                self.retry = int(retry) / 1000
        self.arrived += map(int, _SEQ.findall(block))


def most_together(times: list[float]) -> int:
    """The most of these moments (seconds) that lie in one short window."""
    ordered = sorted(times)
    return max((bisect.bisect(ordered, at + TOGETHER) - place for place, at in enumerate(ordered)), default=0)


@dataclass
class Crowd:
    tabs: list[Tab]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self, count: int) -> float:
        """Open so many more; how many a second came."""
        began = time.monotonic()
        new = self.tabs[len(self.tasks) : len(self.tasks) + count]
        for place, tab in enumerate(new):
            self.tasks.append(asyncio.create_task(tab.run()))
            if place % 100 == 99:
                await asyncio.sleep(0.1)  # nginx's and the servers' queues for those who knock are short
        await until(lambda: all(tab.is_open for tab in new), "the streams are open")
        return count / (time.monotonic() - began)

    @property
    def present(self) -> list[Tab]:
        return self.tabs[: len(self.tasks)]

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def after_restart(self, server: ServerProcess) -> tuple[list[float], list[float]]:
        """Stop it, start it again, wait for all whom that cost their stream: how long each was away, what wait it was told."""
        before = {tab: len(tab.losses) for tab in self.present}
        stopped = await asyncio.to_thread(server.stop)
        stopped.assert_clean()
        await asyncio.to_thread(server.start)
        await until(lambda: all(tab.is_open for tab in self.present), "everybody is back")
        lost = [(tab, place) for tab, place in before.items() if len(tab.losses) > place]
        return (
            [tab.returns[place + 1] - tab.losses[place] for tab, place in lost],
            [tab.told[place] for tab, place in lost],
        )


async def until(condition: Callable[[], object], what: str) -> None:
    await asyncio.to_thread(wait_for, condition, what)


async def test_nobody_notices_a_rolling_restart(two: list[ServerProcess], nginx: NginxServer) -> None:
    people, room = await asyncio.to_thread(prepare, nginx.url)
    chance = random.Random(10)
    first = people[0].post(room, "Welcome.")
    path, _, since = re.findall(r"(/rooms/\w+/events)(\?since=)(\d+)", people[0].get(f"/rooms/{room}").text)[0]
    crowd = Crowd([Tab(nginx.url, people[number % PEOPLE].cookie, path, int(since)) for number in range(STREAMS)])
    posters = [
        Poster(person.name, person.cookie, room, [nginx.url], chance, False, uses_htmx=False, pause=(0.2, 0.6))
        for person in people[:2]
    ]
    try:
        a_second = await crowd.open(AT_FIRST)
        # At the end one process takes everybody, in the three seconds over which `retry:` spreads them.
        possible = a_second / 2 * 3
        if "TEST_ROLLING_STREAMS" in os.environ:
            possible = STREAMS
        count = max(AT_FIRST, min(STREAMS, int(possible)))
        patience = BACK_WITHIN * max(1.0, count / possible)
        await crowd.open(count - AT_FIRST)
        posting = [asyncio.create_task(talk(poster)) for poster in posters]
        for server in two:
            waits, told = await crowd.after_restart(server)
            figures = f"{len(waits)} of {count} lost their stream, the last was back after {max(waits):.1f} s"
            logging.getLogger(__name__).info(figures)
            assert len(waits) >= count / 4, f"each of the two carries its part: {figures}"
            assert max(waits) < patience, f"{figures}; {a_second:.0f} a second could be opened before"
            assert most_together(told) < len(told) / 4, (
                f"{most_together(told)} were told to come back at once; {figures}"
            )
        for poster in posters:
            poster.is_over = True
        await asyncio.gather(*posting)
        last = (await posters[0].post("the last one")).seq
        await until(lambda: all(last in tab.arrived for tab in crowd.present), "the last message has come to everybody")
        everything = list(range(first + 1, last + 1))
        assert not any(tab.wrong for tab in crowd.present), [tab.wrong for tab in crowd.present if tab.wrong][:5]
        wrong = {str(tab.arrived) for tab in crowd.present if tab.arrived != everything}
        assert not wrong, f"lost, doubled or out of order: {[*wrong][:5]}"
        assert sorted(sent.seq for poster in posters for sent in poster.sent) == everything
    finally:
        await crowd.close()


async def talk(poster: Poster) -> None:
    while not poster.is_over:
        await poster.post("Still here.")
        await asyncio.sleep(poster.chance.uniform(*poster.pause))


def prepare(base: str) -> tuple[list[Person], str]:
    people = [Person.at(base).signed_up(f"person{number}") for number in range(PEOPLE)]
    room = people[0].open_room("Garden")
    for person in people[1:]:
        person.join(room)
    return people, room
