"""Messages that wait in the browser for a room that is gone, or that one has left: the first page shows them."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.test_axe import AXE, complaints
from tests.browser.test_outbox import LIST, TROUBLE, assert_said, unsent, write
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def stranded(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name=visitor.called("Not sent"))


async def who_wrote_in_a_tunnel(
    visit: Visit, server: ServerProcess, *texts: str, speaks: str = "en-GB"
) -> tuple[Visitor, Person, Person, str]:
    """The browser of somebody who has written offline in another one's room and closed the page; they, the other one, the room."""
    ravi = Person.at(server.url).signed_up(somebody("ravi"))
    room = ravi.open_room("Garden")
    person = Person.at(server.url).signed_up(somebody("asha")).join(room)
    asha = await visit(speaks=speaks)
    asha.expected = [*TROUBLE, "fetching the script"]  # the service worker's, too
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    context = asha.page.context
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await context.set_offline(True)
    await write(asha, *texts)
    await expect(unsent(asha)).to_have_count(len(texts))
    await asha.page.close()
    asha.page = await context.new_page()
    asha.listen(asha.page)
    await context.add_init_script(path=AXE)
    return asha, person, ravi, room


@pytest.mark.parametrize("speaks", ["en-GB", "hi-IN"])
async def test_what_was_for_a_deleted_room_is_copied_and_thrown_away(
    visit: Visit, server: ServerProcess, speaks: str
) -> None:
    texts = ["one <b>&", "दो", "three"]
    asha, _, ravi, room = await who_wrote_in_a_tunnel(visit, server, *texts, speaks=speaks)
    ravi.delete_room(room)
    await asha.page.context.set_offline(False)
    await asha.go("/")
    region = stranded(asha)
    # The first one was answered; the others wait behind it, and are as lost.
    await expect(region.locator(".unsent-text")).to_have_text(texts)
    await expect(region.get_by_role("status").first).to_have_text(
        asha.called("These messages were for a room that is gone, or that you have left. Copy what you want to keep.")
    )
    assert await complaints(asha.page, "home") == []
    second = region.get_by_role("listitem").nth(1)
    await second.get_by_role("button", name=asha.called("Copy")).click()
    assert await asha.page.evaluate("navigator.clipboard.readText()") == texts[1]
    await expect(region.get_by_role("status").last).to_have_text(asha.called("Copied"))
    # Still there after another visit, until one throws it away.
    await asha.page.reload()
    discards = region.get_by_role("button", name=asha.called("Discard"))
    await expect(discards).to_have_count(3)
    await discards.first.focus()
    await asha.page.keyboard.press("Enter")
    await expect(region.locator(".unsent-text")).to_have_text(texts[1:])
    await expect(discards.first).to_be_focused()
    await asha.page.keyboard.press("Enter")
    await expect(region.locator(".unsent-text")).to_have_text(texts[2:])
    await asha.page.keyboard.press("Enter")
    await expect(region).to_be_hidden()
    await expect(asha.page.locator("#main")).to_be_focused()
    assert await asha.page.evaluate(LIST) == []
    await asha.page.reload()
    await expect(asha.page.locator("#main h1")).to_be_visible()
    await expect(region).to_be_hidden()


async def test_who_comes_back_to_the_room_sends_it_there(visit: Visit, server: ServerProcess) -> None:
    asha, person, _, room = await who_wrote_in_a_tunnel(visit, server, "one", "two")
    person.leave(room)
    await asha.page.context.set_offline(False)
    await asha.go("/")
    await expect(stranded(asha).locator(".unsent-text")).to_have_text(["one", "two"])
    await asha.join(room)
    await asha.go("/")
    await expect(asha.page.locator(f'[data-room="{room}"] .kept')).to_have_text("Not sent")
    await expect(stranded(asha)).to_be_hidden()
    await asha.go(f"/rooms/{room}")
    await unsent(asha).first.get_by_role("button", name="Retry").click()
    await assert_said(asha.page, "one", "two")
    await asha.go("/")
    await expect(stranded(asha)).to_be_hidden()


async def test_what_only_waits_for_the_line_is_not_lost(visit: Visit, server: ServerProcess) -> None:
    asha, _, _, room = await who_wrote_in_a_tunnel(visit, server, "one")
    await asha.page.context.set_offline(False)
    await asha.page.route(
        "**/messages", lambda route: route.fulfill(status=503, headers={"Retry-After": "60"}, body="")
    )
    async with asha.page.expect_response(lambda answer: answer.status == 503):
        await asha.go("/")
    await expect(asha.page.locator(f'[data-room="{room}"] .kept')).to_have_text("Not sent")
    await expect(stranded(asha)).to_be_hidden()
