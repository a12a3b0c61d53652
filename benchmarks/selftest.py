"""The load generator is asked about servers whose faults are known, before it is believed about others."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

from benchmarks.generator import Generator, Step, Target
from benchmarks.processes import Absent, free_port

READERS = 4
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Liar:
    """A chat server in thirty lines. Number 4 does not reach reader 0, number 6 reaches reader 1 twice, and reader 2 sees 8 after 9;
    every seventh page lacks the newest message. An honest one does nothing of the kind."""

    def __init__(self, port: int, *, honest: bool) -> None:
        self.port = port
        self.honest = honest
        self.readers: list[asyncio.StreamWriter] = []
        self.articles: list[bytes] = []
        self.waiting: list[bytes] = []
        self.pages = 0

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        async with await asyncio.start_server(self.visit, "127.0.0.1", self.port):
            ready.set()
            await over.wait()

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET /events"):
                    writer.write(STREAM)
                    self.readers.append(writer)
                elif head.startswith(b"GET /page"):
                    self.pages += 1
                    shown = self.articles if self.honest or self.pages % 7 else self.articles[:-1]
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(b"".join(shown)) + b"".join(shown)
                    )
                else:
                    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                    self.post(parse_qs((await reader.readexactly(length)).decode())["text"][0])
                    writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")

    def post(self, text: str) -> None:
        self.articles.append(b'<article data-seq="%d">%s</article>' % (len(self.articles) + 1, text.encode()))
        self.waiting.append(self.articles[-1])
        if len(self.articles) % 3 == 0:  # bursts of three in one event
            for number, writer in enumerate(self.readers):
                self.hand_out(number, writer, self.waiting)
            self.waiting = []

    def hand_out(self, number: int, writer: asyncio.StreamWriter, articles: list[bytes]) -> None:
        burst, first = list(articles), len(self.articles) - 2
        if not self.honest and first == 4:
            burst = {0: burst[1:], 1: [*burst, burst[2]]}.get(number, burst)
        if not self.honest and first == 7 and number == 2:
            burst = [burst[0], burst[2], burst[1]]
        event = b"id: 1\ndata: " + b"".join(burst) + b"\n\n"
        for start in range(0, len(event), 7 + number):  # chunks that cut every mark
            piece = event[start : start + 7 + number]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))


@contextlib.contextmanager
def serving(*, honest: bool) -> Iterator[Target]:
    port, ready, loop, over = free_port(), threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(Liar(port, honest=honest).serve(ready, over)), daemon=True
    )
    thread.start()
    ready.wait(5)
    try:
        yield Target("self-test", port, [], ("-p", "/events", "-N"), ("-P", "/post", "-F", "text"))
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)


def run(generator: Generator) -> None:
    """Errors: `Absent` when the generator does not see what is there, or sees what is not."""
    for honest in (True, False):
        options = ("-g", "1", "-G", "/page", "-D", "1.5")
        with (
            serving(honest=honest) as target,
            generator.session(target, READERS, *options, publishers=1, settle=0.2) as session,
        ):
            step = session.post(30, 0.4)
        check(step, honest=honest)


def check(step: Step, *, honest: bool) -> None:
    seen = (step.ok, step.events, step.lost, step.dups, step.disorder, step.misnumbered)
    # A lost, a repeated and a swapped article break the rise of the server's numbers once, once and twice.
    wanted = (12, 48, 0, 0, 0, 0) if honest else (12, 47, 1, 1, 1, 4)
    stale = bool(step.stale)
    if seen != wanted or stale == honest or step.pages < 10 or step.foreign:
        raise Absent(
            f"the load generator is not to be believed: it saw {seen} and stale: {stale} where {wanted} was right; {step}"
        )
