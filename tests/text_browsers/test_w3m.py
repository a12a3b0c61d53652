"""The whole story with w3m."""

from __future__ import annotations

import re

from tests.people import PASSWORD, Person
from tests.servers import ServerProcess
from tests.text_browsers.browsers import W3m


def test_the_whole_story(w3m: W3m, server: ServerProcess) -> None:
    w3m.press("/register", "Create account", Username="w3m-asha", Email="w3m-asha@example.org", Password=PASSWORD)
    w3m.press("/login", "Sign in", Username_or_email="w3m-asha", Password=PASSWORD)
    assert "Your rooms" in w3m.read("/"), w3m.seen
    w3m.press("/", "Create room", Room_name="Garden")
    found = re.search(r'data-room="([a-z0-9]{12})"', w3m.source("/"))
    assert found, w3m.seen
    room = found[1]
    w3m.press(f"/rooms/{room}", "Send", Message="hello from w3m")
    w3m.press(f"/rooms/{room}", "Send", Message="and once more")
    ravi = Person.at(server.url).signed_up("w3m-ravi").join(room)
    ravi.post(room, "hello from elsewhere")
    page = w3m.read(f"/rooms/{room}")
    places = [page.index(text) for text in ("hello from w3m", "and once more", "hello from elsewhere")]
    assert places == sorted(places)
    w3m.press(f"/rooms/{room}/messages/1", "Delete message")
    assert list(ravi.messages(room)) == [2, 3, 4]
    w3m.press(f"/rooms/{room}", "Leave room")
    assert room not in w3m.source("/")
    shown = f"{room[:4]} {room[4:8]} {room[8:]}".upper()
    w3m.press("/", "Join room", Room_ID=shown)
    assert "and once more" in w3m.read(f"/rooms/{room}")
    w3m.press("/", "Sign out")
    assert "and once more" not in w3m.read(f"/rooms/{room}")


def test_the_room_reads_well(w3m: W3m, server: ServerProcess) -> None:
    w3m.press("/register", "Create account", Username="w3m-reader", Email="w3m-reader@example.org", Password=PASSWORD)
    w3m.press("/login", "Sign in", Username_or_email="w3m-reader", Password=PASSWORD)
    ravi = Person.at(server.url).signed_up("w3m-writer")
    room = ravi.open_room("Library")
    for number in range(1, 61):
        ravi.post(room, f"line {number} with **weight**")
    w3m.press("/", "Join room", Room_ID=room)
    page = w3m.read(f"/rooms/{room}")
    shown = [int(number) for number in re.findall(r"^\s*line (\d+) with weight$", page, re.MULTILINE)]
    assert shown == list(range(12, 61))
    assert "Look for new messages" in page
    assert "Older messages" in page
    between = page[page.index("line 12 ") : page.index("line 60 ")]
    assert "Delete" not in between
    assert "[" not in between
