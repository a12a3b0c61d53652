"""The whole story with lynx: real keys at a real terminal."""

from __future__ import annotations

import re

import pytest

from tests.people import PASSWORD, Person
from tests.servers import ServerProcess
from tests.text_browsers.browsers import Lynx


@pytest.fixture
def asha(lynx: Lynx, request: pytest.FixtureRequest) -> Lynx:
    """Somebody who has registered and signed in, with the keyboard."""
    name = f"lynx-{abs(hash(request.node.name)) % 10**9}"
    lynx.press("/register", "Create account", Username=name, Email=f"{name}@example.org", Password=PASSWORD)
    lynx.press("/login", "Sign in", Username_or_email=name, Password=PASSWORD)
    assert "Your rooms" in lynx.read("/"), lynx.seen
    assert name in lynx.read("/")
    return lynx


def test_the_whole_story(asha: Lynx, server: ServerProcess) -> None:
    asha.press("/", "Create room", Room_name="Garden", Description="Where things grow")
    home = asha.source("/")
    found = re.search(r'data-room="([a-z0-9]{12})"', home)
    assert found, asha.seen
    room = found[1]
    page = asha.read(f"/rooms/{room}")
    assert "Garden" in page
    assert "Where things grow" in page
    assert f"{room[:4]}-{room[4:8]}-{room[8:]}" in page
    asha.press(f"/rooms/{room}", "Send", Message="hello from a terminal")
    asha.press(f"/rooms/{room}", "Send", Message="and once more")
    page = asha.read(f"/rooms/{room}")
    assert page.count("hello from a terminal") == 1, asha.seen
    assert page.index("hello from a terminal") < page.index("and once more")
    ravi = Person.at(server.url).signed_up(f"ravi-{room}").join(room)
    ravi.post(room, "hello from elsewhere")
    assert "hello from elsewhere" in asha.read(f"/rooms/{room}")
    assert list(ravi.messages(room)) == [1, 2, 3, 4]
    # Deleting is on the message's own page.
    asha.press(f"/rooms/{room}/messages/1", "Delete message")
    assert "hello from a terminal" not in asha.read(f"/rooms/{room}")
    assert list(ravi.messages(room)) == [2, 3, 4]
    assert "Delete message" not in asha.read(f"/rooms/{room}/messages/4")
    asha.press(f"/rooms/{room}", "Leave room")
    assert room not in asha.source("/")
    assert "left the room" in list(ravi.messages(room).values())[-1]


def test_joining_and_signing_out(asha: Lynx, server: ServerProcess) -> None:
    ravi = Person.at(server.url).signed_up("ravi-of-the-rooms")
    room = ravi.open_room("Kitchen")
    shown = f"{room[:4]}-{room[4:8]}-{room[8:]}".upper()
    asha.press("/", "Join room", Room_ID=shown)
    assert "Kitchen" in asha.read(f"/rooms/{room}")
    asha.press("/", "Sign out")
    assert "Sign in" in asha.read(f"/rooms/{room}")
    assert "Kitchen" not in asha.read(f"/rooms/{room}")


def test_without_the_hidden_field_nothing_happens(asha: Lynx, server: ServerProcess) -> None:
    cookies = dict(line.split("\t")[5:7] for line in asha.jar.read_text().splitlines() if line.count("\t") >= 6)
    person = Person(server.url, cookies=cookies)
    assert person.get("/").status == 200
    forged = person.request("POST", "/rooms", "name=Forged&description=")
    assert forged.status == 403
    wrong = person.request("POST", "/rooms", f"name=Forged&description=&csrf={'0' * 64}")
    assert wrong.status == 403
    assert "Forged" not in asha.read("/")


def test_the_room_reads_well(asha: Lynx, server: ServerProcess) -> None:
    """Finite, in order, without buttons at each message, and it says how to look again."""
    ravi = Person.at(server.url).signed_up("ravi-the-writer")
    room = ravi.open_room("Library")
    for number in range(1, 61):
        ravi.post(room, f"line {number} with **weight**")
    asha.press("/", "Join room", Room_ID=room)
    page = asha.read(f"/rooms/{room}")
    lines = [line.strip() for line in page.splitlines() if line.strip()]
    shown = [int(found[1]) for line in lines if (found := re.match(r"line (\d+) with weight$", line))]
    assert shown == list(range(12, 61))
    assert "Older messages" in page
    assert "Look for new messages" in page
    buttons = [line for line in lines if "(BUTTON)" in line]
    assert len(buttons) < 8, buttons
    first, last = page.index("line 12 "), page.index("line 60 ")
    assert "(BUTTON)" not in page[first:last]
    assert "Delete" not in page[first:last]
    assert len(lines) < 4 * 50 + 40


def test_the_wrong_password_says_so(lynx: Lynx, server: ServerProcess) -> None:
    Person.at(server.url).signed_up("forgetful")
    lynx.press("/login", "Sign in", Username_or_email="forgetful", Password="wrong password")
    assert "do not belong together" in lynx.seen
    assert "Your rooms" not in lynx.read("/")


def test_a_room_is_deleted_on_the_members_page_only(asha: Lynx) -> None:
    """What other browsers fold lies open here: one Enter on the wrong line must not delete a room."""
    asha.press("/", "Create room", Room_name="Garden")
    found = re.search(r'data-room="([a-z0-9]{12})"', asha.source("/"))
    assert found, asha.seen
    room = found[1]
    assert "Delete room" not in asha.read(f"/rooms/{room}")
    asha.press(f"/rooms/{room}/members", "Delete room")
    assert room not in asha.source("/")
