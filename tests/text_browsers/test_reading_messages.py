"""Long messages, code and tables in text browsers: all of it is there, and no button that does nothing."""

from __future__ import annotations

import pytest

from tests.people import PASSWORD, Person
from tests.servers import ServerProcess
from tests.text_browsers.browsers import Lynx, W3m

TEXTS = (
    "the first message",
    "\n".join(f"line {number} of a long one" for number in range(1, 41)),
    '```python\nprint("hello")\n```',
    "| Day | Lesson |\n|---|---|\n| Monday | Music |",
    "the last message",
)


@pytest.mark.parametrize("kind", ["lynx", "w3m"])
def test_all_of_a_message_is_read(kind: str, request: pytest.FixtureRequest, server: ServerProcess) -> None:
    browser: Lynx | W3m = request.getfixturevalue(kind)
    browser.press(
        "/register", "Create account", Username=f"{kind}-folds", Email=f"{kind}-folds@example.org", Password=PASSWORD
    )
    browser.press("/login", "Sign in", Username_or_email=f"{kind}-folds", Password=PASSWORD)
    writer = Person.at(server.url).signed_up(f"writes-for-{kind}")
    room = writer.open_room("Library")
    for text in TEXTS:
        writer.post(room, text)
    browser.press("/", "Join room", Room_ID=room)
    page = browser.read(f"/rooms/{room}")
    between = page[page.index("the first message") : page.index("the last message")]
    assert between.count("of a long one") == 40
    assert "Python" in between
    assert 'print("hello")' in between
    assert "Monday Music" in " ".join(between.split())
    for word in ("BUTTON", "Copy", "Copied", "Show", "template"):
        assert word not in between
