"""Socket.IO on Node with SQLite: see node_chat/chat.js."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks import install
from benchmarks.generator import Target
from benchmarks.processes import Absent, free_port, listens, started

NAME = "Socket.IO on Node"
SOURCE = Path(__file__).with_name("node_chat")
SQLITE = "better-sqlite3@11.10.0"


def installed() -> Path:
    """The folder with the program and its packages."""
    node = install.program("node", "nodejs", "npm")
    try:
        install.ran([node, "-e", "require('node:sqlite')"])
    except Absent:
        return install.node_modules("node-chat", SOURCE, [SQLITE])
    return install.node_modules("node-chat", SOURCE)


@contextlib.contextmanager
def serving(folder: Path, cores: frozenset[int]) -> Iterator[Target]:
    program, port = installed(), free_port()
    command: list[str | Path] = [
        install.program("node", "nodejs"),
        program / "chat.js",
        str(port),
        folder / "node-chat.db",
    ]
    with started(command, port, folder / "node.log", cores, environment=None, folder=folder) as server:
        server.wait_until(lambda: listens(port), NAME)
        read = ("-m", "sio", "-p", "/socket.io/?EIO=4&transport=websocket", "-S", '420["join",{"room":"bench"}]')
        post = ("-W", '42["message",{"room":"bench","text":"{{text}}"}]')
        yield Target(NAME, port, server.pids, read, post, ("-P", "/rooms/bench/messages", "-F", "text"))
