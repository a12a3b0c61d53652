"""The product's own server, with a back door: what is posted there is rung into the engine as if it had been stored.

    python -m benchmarks.engine_driver PORT RING_PORT

Everything behind the ring is the product: hub, pump, fragments, frames, wire, sockets. What lies before it is left out:
form, session, Markdown, database. It reaches into `Hub._pumps` for the room that is being read.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import Any
from urllib.parse import parse_qs

from sampark import app as application
from sampark import server
from sampark.chat import history
from sampark.chat.bell import Change
from sampark.live import hub as engine
from sampark.live.hub import Hub
from sampark.live.pump import Pump
from sampark.settings import from_environment

ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


class BackDoor(asyncio.Protocol):
    """As much of HTTP as the load generator speaks: each request arrives whole or in pieces, one after the other."""

    def __init__(self, ringing: Ringing) -> None:
        self._ringing = ringing
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length):
            self._received = body[int(length) :]
            self._ringing.ring(parse_qs(body[: int(length)].decode())["text"][0])
            self._transport.write(ANSWER)


class Ringing:
    """Messages that nobody stored, each with the room's next version and number."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pump: Pump | None = None
        self._row: dict[str, Any] = {}
        self._rung = 0
        self._ids = itertools.count(10**12)  # never used twice: fragments are kept by id and version

    async def learn(self) -> None:
        """The newest real message of the room that is being read is the pattern for all that follow.

        Whenever new readers take the place of those who left, the room stands where the database says again.
        """
        cursor = -1
        while True:
            pump = next(iter(self._hub._pumps.values()), None)
            if pump is not None and pump.cursor >= 0 and (pump is not self._pump or pump.cursor < cursor):
                self._row = (await history.newest(pump.room_id, 1)).messages[-1]
                self._pump, self._rung = pump, pump.cursor
            cursor = pump.cursor if pump is not None else -1
            await asyncio.sleep(0.05)

    def ring(self, text: str) -> None:
        if self._pump is None:
            raise RuntimeError("nobody reads")
        self._rung += 1
        row = self._row = {
            **self._row,
            "id": next(self._ids),
            "seq": self._row["seq"] + 1,
            "version": self._rung,
            "posted_version": self._rung,
            "content": text,
            "html": f"<p>{text}</p>",
        }
        self._hub.bell.changed(self._pump.room_id, self._rung, Change(posted=row))


def main() -> None:
    port, ring_port = map(int, sys.argv[1:])
    # The engine looks into the database now and then, where it would find that none of this ever happened.
    engine.LOOK_EVERY = 10**6

    def create_app_with_back_door(*values: Any) -> Any:
        app = application.create_app(*values)
        ringing = Ringing(app.extensions["sampark"].hub)
        background: list[object] = []

        @app.before_serving
        async def open_back_door() -> None:
            loop = asyncio.get_running_loop()
            background.append(await loop.create_server(lambda: BackDoor(ringing), "127.0.0.1", ring_port))
            background.append(loop.create_task(ringing.learn()))

        return app

    vars(server).update(create_app=create_app_with_back_door)
    server.run(from_environment(), server.listen("127.0.0.1", port), print)


if __name__ == "__main__":
    main()
