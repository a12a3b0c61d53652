"""Pieces of history are kept by the browser, but asked for each time: going back never shows what was deleted meanwhile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_history import scroll_until
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def answers(person: Person, status: int) -> int:
    """How many pieces of history the server has answered with this status."""
    text = person.get("/metrics", Authorization="Bearer token").text
    line = rf'duration_seconds_count\{{method="GET",route="/rooms/<room>/messages",status="{status}"\}} (\d+)'
    found = re.search(line, text)
    return int(found[1]) if found else 0


async def test_after_going_back_the_past_is_as_it_is_now(visit: Visit, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, SAMPARK_METRICS_TOKEN="token") as server:
        person = Person.at(server.url).signed_up(somebody("asha"))
        room = person.open_room("Archive")
        for number in range(1, 131):
            person.post(room, f"message {number}")
        asha = await visit(at=server)
        await asha.enter(person)
        await asha.go(f"/rooms/{room}")
        await scroll_until(asha, 20, up=True)
        await expect(asha.text("message 50")).to_have_count(1)

        # Nothing has changed: the browser asks, and shows what it has.
        await asha.go("/profile")
        await asha.page.go_back()
        before = answers(person, 304)
        await scroll_until(asha, 20, up=True)
        assert answers(person, 304) > before
        await expect(asha.text("message 50")).to_have_count(1)

        await asha.go("/profile")
        person.delete(room, 50)
        await asha.page.go_back()
        await scroll_until(asha, 20, up=True)
        await expect(asha.text("message 49")).to_have_count(1)
        await expect(asha.text("message 50")).to_have_count(0)

        # Forward and back once more, and a reload.
        for move in (asha.page.go_forward, asha.page.go_back, asha.page.reload):
            await move()
        await scroll_until(asha, 20, up=True)
        await expect(asha.text("message 50")).to_have_count(0)
