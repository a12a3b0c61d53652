"""Drafts: one for each room, through reloads, ended sessions and refusals; and the keys of an empty composer."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def badge(visitor: Visitor, room: str) -> str:
    return f'[data-room="{room}"] .kept'


async def two_rooms(visit: Visit, server: ServerProcess) -> tuple[Visitor, str, str]:
    person = Person.at(server.url).signed_up(somebody("asha"))
    here, there = person.open_room("Garden"), person.open_room("Kitchen")
    asha = await visit()
    await asha.enter(person)
    await asha.go(f"/rooms/{here}")
    return asha, here, there


async def test_each_room_has_its_own_and_the_list_says_so(visit: Visit, server: ServerProcess) -> None:
    asha, here, there = await two_rooms(visit, server)
    await asha.composer.fill("half a thought")
    await expect(asha.page.locator(badge(asha, here))).to_have_count(0)  # it can be seen here
    await asha.page.get_by_role("link", name="Kitchen").click()
    await expect(asha.page.locator(badge(asha, here))).to_have_text("Draft")
    await expect(asha.composer).to_have_value("")
    await asha.composer.fill("another")
    await asha.go("/")
    await expect(asha.page.locator(badge(asha, here))).to_have_text("Draft")
    await expect(asha.page.locator(badge(asha, there))).to_have_text("Draft")
    await asha.page.get_by_role("link", name="Garden").click()
    await expect(asha.composer).to_have_value("half a thought")
    # Once it is sent it is none; another tab hears of it.
    other = await asha.page.context.new_page()
    asha.listen(other)
    await other.goto("/")
    await expect(other.locator(badge(asha, here))).to_have_text("Draft")
    await asha.press("Send")
    await expect(asha.text("half a thought")).to_have_count(1)
    await expect(other.locator(badge(asha, here))).to_have_count(0)
    await expect(other.locator(badge(asha, there))).to_have_text("Draft")


async def test_what_is_not_sent_shows_in_the_list(visit: Visit, server: ServerProcess) -> None:
    asha, here, there = await two_rooms(visit, server)
    asha.expected = ["500"]
    await asha.page.route("**/messages", lambda route: route.fulfill(status=500, body=""))
    await asha.composer.fill("no luck")
    await asha.press("Send")
    await expect(asha.page.locator(".unsent").get_by_role("alert")).to_contain_text(
        "Something went wrong on the server"
    )
    await asha.go(f"/rooms/{there}")
    await expect(asha.page.locator(badge(asha, here))).to_have_text("Not sent")


async def test_a_session_that_ends_takes_no_draft_along(visit: Visit, server: ServerProcess) -> None:
    asha, here, _ = await two_rooms(visit, server)
    asha.expected = ["401", "sse:error", "Failed to fetch", "network error"]
    await asha.composer.fill("half a thought")
    await asha.page.context.clear_cookies()
    await asha.go(f"/rooms/{here}")
    await asha.sign_in()
    await expect(asha.composer).to_have_value("half a thought")
    # Nobody else reads it, on the same computer.
    await asha.page.context.clear_cookies()
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(here)
    await asha.enter(ravi)
    await asha.go(f"/rooms/{here}")
    await expect(asha.composer).to_have_value("")
    await expect(asha.page.locator(".kept")).to_have_count(0)


async def test_up_in_an_empty_composer_acts_on_ones_last_message(visit: Visit, server: ServerProcess) -> None:
    asha, here, _ = await two_rooms(visit, server)
    await asha.say("first of mine")
    await asha.say("last of mine")
    Person.at(server.url).signed_up(somebody("ravi")).join(here).post(here, "his own")
    await expect(asha.text("his own")).to_have_count(1)
    await asha.composer.press_sequentially("text")
    await asha.composer.press("ArrowUp")
    await expect(asha.composer).to_be_focused()
    await asha.composer.fill("")
    await asha.composer.press("ArrowUp")
    action = asha.message("last of mine").get_by_role("button", name="Delete message")
    await expect(action).to_be_focused()
    await asha.page.keyboard.press("Escape")
    await expect(asha.message("last of mine")).to_be_focused()
    await asha.page.keyboard.press("Escape")
    await expect(asha.composer).to_be_focused()
    await expect(asha.text("last of mine")).to_have_count(1)
    await asha.page.keyboard.press("ArrowUp")
    await asha.page.keyboard.press("Enter")
    await expect(asha.text("last of mine")).to_have_count(0)
    # Deleted by a key: the message beside it has the focus, as everywhere.
    await expect(asha.page.locator("#messages > :focus")).to_have_count(1)
