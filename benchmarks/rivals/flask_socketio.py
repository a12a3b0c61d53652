"""Flask, Flask-SocketIO on gevent, SQLite: see flask_chat/chat.py."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks import install, people
from benchmarks.generator import Target
from benchmarks.processes import free_port, listens, started

NAME = "Flask-SocketIO"
SOURCE = Path(__file__).with_name("flask_chat")
PEOPLE = 20


def installed() -> Path:
    """The Python that has it."""
    return install.python_environment("flask-chat", SOURCE / "requirements.txt")


@contextlib.contextmanager
def serving(folder: Path, cores: frozenset[int]) -> Iterator[Target]:
    python, port = installed(), free_port()
    command: list[str | Path] = [python, SOURCE / "chat.py", str(port), folder / "flask-chat.db"]
    with started(command, port, folder / "flask.log", cores, folder=folder) as server:
        server.wait_until(lambda: listens(port), NAME)
        everyone = people.many(port, PEOPLE)
        room = everyone[0].act("/rooms", name="Bench").rpartition("/")[2]
        for person in everyone[1:]:
            person.act("/rooms/join", room=room)
            person.close()
        everyone[0].close()
        jar = folder / "flask-cookies"
        jar.write_text("\n".join(person.cookie() for person in everyone) + "\n")
        read = (
            "-m",
            "sio",
            "-p",
            "/socket.io/?EIO=4&transport=websocket",
            "-C",
            str(jar),
            "-S",
            f'420["join",{{"room":"{room}"}}]',
        )
        post = ("-W", f'42["message",{{"room":"{room}","text":"{{{{text}}}}"}}]')
        yield Target(NAME, port, server.pids, read, post, ("-P", f"/rooms/{room}/messages", "-F", "text"))
