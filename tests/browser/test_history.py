"""The past, a link to one message, and a line that breaks: nothing is lost, doubled, or out of order."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COUNT = 200


def long_room(server: ServerProcess) -> tuple[Person, str]:
    asha = Person.at(server.url).signed_up(somebody("asha"))
    room = asha.open_room("Archive")
    for number in range(1, COUNT + 1):
        asha.post(room, f"message {number}")
    return asha, room


async def scroll(visitor: Visitor, up: bool) -> None:
    await visitor.page.locator(".scroller").hover()
    await visitor.page.mouse.wheel(0, -4000 if up else 4000)


async def scroll_until(visitor: Visitor, seq: int, *, up: bool) -> None:
    """With the wheel, as people do, until the message is there."""
    wanted = visitor.page.locator(f"#message-{seq}")
    for _ in range(200):
        if await wanted.count():
            return
        await scroll(visitor, up)
        await visitor.page.wait_for_timeout(50)
    raise AssertionError(f"message {seq} does not come; there are {await visitor.seqs()}")


async def test_scrolling_up_brings_the_past(visit: Visit, server: ServerProcess) -> None:
    person, room = long_room(server)
    asha = await visit()
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    assert await asha.seqs() == list(range(COUNT - 49, COUNT + 1))
    await expect(asha.text(f"message {COUNT}")).to_be_in_viewport()
    await scroll_until(asha, 1, up=True)
    assert await asha.seqs() == list(range(1, COUNT + 1))
    # What arrives meanwhile does not pull the reader away from the past.
    await scroll(asha, up=True)
    await expect(asha.page.locator("#message-1")).to_be_in_viewport()
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    ravi.post(room, "something new")
    await expect(asha.text("something new")).to_have_count(1)
    await expect(asha.page.locator("#message-1")).to_be_in_viewport()
    assert await asha.seqs() == list(range(1, COUNT + 3))
    # What one says oneself one wants to see.
    person.post(room, "my own")
    await expect(asha.text("my own")).to_be_in_viewport()


async def test_a_permalink_opens_around_its_message_and_goes_on_to_the_present(
    visit: Visit, server: ServerProcess
) -> None:
    person, room = long_room(server)
    asha = await visit()
    await asha.enter(person)
    await asha.go(f"/rooms/{room}/messages/60")
    await expect(asha.text("message 60")).to_be_visible()
    await asha.page.get_by_role("link", name="Show it in the room").click()
    await expect(asha.page).to_have_url(f"{server.url}/rooms/{room}?around=60#message-60")
    await expect(asha.page.locator("#message-60")).to_be_in_viewport()
    seqs = await asha.seqs()
    assert 60 in seqs
    assert COUNT not in seqs
    await scroll_until(asha, COUNT, up=False)
    assert await asha.seqs() == list(range((await asha.seqs())[0], COUNT + 1))
    await expect(asha.page.locator("#live")).to_have_count(1)
    person.post(room, "the present")
    await expect(asha.text("the present")).to_have_count(1)
    await scroll_until(asha, 1, up=True)
    assert await asha.seqs() == list(range(1, COUNT + 2))


async def test_pages_of_history_without_scripts_are_links(visit: Visit, server: ServerProcess) -> None:
    person, room = long_room(server)
    asha = await visit(scripts=False)
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await expect(asha.read.get_by_role("link", name="Older messages")).to_have_count(1)
    await asha.go(f"/rooms/{room}?plain=1")
    seen = await asha.seqs()
    while await asha.page.get_by_role("link", name="Older messages").count():
        await asha.page.get_by_role("link", name="Older messages").click()
        await expect(asha.page.locator(f"#message-{seen[0] - 1}")).to_be_visible()
        seen = [*await asha.seqs(), *seen]
    assert seen == list(range(1, COUNT + 1))
    await asha.page.get_by_role("link", name="Newer messages").click()
    await expect(asha.page.locator("#message-51")).to_be_visible()
    assert await asha.seqs() == list(range(51, 101))


async def test_a_server_that_comes_back_is_caught_up_with(visit: Visit, own_server: ServerProcess) -> None:
    server = own_server
    person = Person.at(server.url).signed_up("asha")
    room = person.open_room("Garden")
    ravi = Person.at(server.url).signed_up("ravi").join(room)
    asha = await visit(at=server)
    asha.expected = [
        "ERR_CONNECTION_REFUSED",
        "ERR_INCOMPLETE_CHUNKED",
        "Failed to fetch",
        "ERR_CONNECTION_RESET",
        "network error",
    ]
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.mark()
    await asha.say("before")
    await expect(asha.member("asha")).to_have_attribute("data-online", "true")
    for kill in (False, True):
        if kill:
            server.kill()
        else:
            server.stop().assert_clean()
        await asha.fill(Message="written while it was away")
        await asha.press("Send")
        await expect(asha.page.locator(".unsent")).to_have_attribute("data-state", "waiting")
        server.start()
        last = max(ravi.post(room, f"meanwhile {number} {kill}") for number in range(5))
        # What was written meanwhile goes by itself.
        await expect(asha.text("written while it was away")).to_have_count(2 if kill else 1)
        await expect(asha.page.locator(".unsent")).to_have_count(0)
        last = max(last, *await asha.seqs())
        await expect(asha.page.locator("#messages > .message")).to_have_count(last)
        assert await asha.seqs() == list(range(1, last + 1))
    await asha.assert_not_reloaded()
    shown = await asha.page.locator(".message-text").all_text_contents()
    await asha.page.reload()
    assert await asha.page.locator(".message-text").all_text_contents() == shown
