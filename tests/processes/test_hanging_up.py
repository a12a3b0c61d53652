"""A visitor whose line breaks in the middle of a post: nothing is held for ever, nothing half is posted, nobody misses anything."""

from __future__ import annotations

import random
import socket
import time
from urllib.parse import urlsplit

import pytest

from tests.people import Person
from tests.processes.conftest import Start

POSTS = 250


def break_off(person: Person, room: str, text: str, *, missing: int, after: float) -> None:
    """Send a post, `missing` bytes short, and hang up after so many seconds."""
    body = f"text={text}".encode()
    host = urlsplit(person.base).netloc
    head = (
        f"POST /rooms/{room}/messages HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nCookie: {person.cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body) + missing}\r\n\r\n"
    )
    with socket.create_connection((urlsplit(person.base).hostname, urlsplit(person.base).port)) as line:
        line.sendall(head.encode() + body)
        time.sleep(after)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_many_who_hang_up_leave_a_whole_room(database: str, start: Start, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue("shared") if database == "postgres" else {}
    server = start(**settings)
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    chance = random.Random(7)
    with asha.follow(room) as reader:
        for number in range(POSTS):
            missing = 5 if number % 7 == 0 else 0
            break_off(
                asha, room, f"m{number}{'cut' if missing else ''}", missing=missing, after=chance.random() * 0.012
            )
        last = asha.post(room, "still here")
        reader.wait_for(last)
        reader.assert_saw_everything(room)
    assert asha.get("/readyz").status == 200
    assert last <= POSTS - POSTS // 7 + 1
    assert not any("cut" in article for article in asha.messages(room).values())
    assert server.stop().code == 0
