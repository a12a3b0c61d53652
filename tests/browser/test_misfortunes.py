"""Small misfortunes: scripts that want the same key, a full storage, a proxy's words, two tabs, and what is pressed and not done."""

from __future__ import annotations

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_attachments import choose, garden, notes, pending
from tests.browser.test_installed import CONTROLLED
from tests.browser.test_outbox import POSTS, in_a_room
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LEAVING = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
UNDONE = "That was not done"


async def test_enter_takes_a_name_and_sends_no_file(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await choose(asha, garden())
    await asha.composer.press_sequentially("hello :smile")
    await expect(asha.page.locator("#emoji-names")).to_be_visible()
    await asha.page.keyboard.press("Enter")
    await expect(asha.page.locator("#emoji-names")).to_have_count(0)
    assert ":smile" not in await asha.composer.input_value()
    assert (await asha.composer.input_value()).startswith("hello ")
    await expect(pending(asha)).to_have_count(0)
    await asha.page.keyboard.press("Enter")
    await expect(asha.page.locator("#messages a.picture")).to_have_count(1)


async def test_a_browser_without_room_still_has_pages(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    await asha.enter(person)
    await asha.go("/")
    await asha.page.wait_for_function(CONTROLLED)
    [worker] = asha.page.context.service_workers
    refuse = "() => Promise.reject(new DOMException('no room', 'QuotaExceededError'))"
    await worker.evaluate(f"() => {{ for (const name of ['put', 'match']) Cache.prototype[name] = {refuse}; }}")
    await asha.go(f"/rooms/{room}")
    await asha.say("all is well")


async def test_a_date_as_retry_after_is_waited_for_as_usual(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected.append("503")
    tries = 0

    async def away(route: Route) -> None:
        nonlocal tries
        tries += 1
        await route.fulfill(status=503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, body="")

    await asha.page.route(POSTS, away)
    await asha.composer.fill("patience")
    await asha.press("Send")
    await expect(asha.page.locator(".unsent")).to_be_visible()
    await asha.page.wait_for_timeout(2500)
    assert 1 <= tries <= 3, "a second, two seconds, four: not a flood"


async def test_two_tabs_of_a_room_lose_no_draft(visit: Visit) -> None:
    asha = await in_a_room(visit)
    other = await asha.page.context.new_page()
    asha.listen(other)
    await other.goto(asha.page.url)
    await asha.composer.fill("what one tab holds")
    await other.locator("#text").fill("what the other sends")
    await other.locator("#text").press("Enter")
    await expect(asha.text("what the other sends")).to_have_count(1)
    await asha.page.reload()
    await expect(asha.composer).to_have_value("what one tab holds")
    # Typed and left in one, it is not doubled by the other.
    await other.reload()
    await expect(other.locator("#text")).to_have_value("what one tab holds")
    await other.reload()
    await expect(other.locator("#text")).to_have_value("what one tab holds")


async def test_what_was_sent_with_a_file_is_no_draft(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.route("**/events*", lambda route: route.abort())
    asha.expected.append("ERR_FAILED")
    await asha.page.reload()
    await choose(asha, notes())
    await asha.composer.fill("the words beside it")
    async with asha.page.expect_response(lambda answer: answer.url.endswith("/messages") and answer.status == 201):
        await asha.press("Send")
    await expect(asha.page.get_by_role("status").filter(has_text="Sent")).to_have_count(1)
    await asha.page.reload()
    await expect(asha.page.locator("#messages .file-card")).to_have_count(1)
    await expect(asha.composer).to_have_value("")


@pytest.mark.parametrize("status", [0, 503])
async def test_a_deletion_that_fails_says_so(visit: Visit, status: int) -> None:
    asha = await in_a_room(visit)
    asha.expected += ["ERR_", "503", "Failed to fetch"]
    await asha.say("still here")
    await asha.page.route("**/delete", lambda route: route.fulfill(status=status, body="") if status else route.abort())
    await asha.message("still here").hover()
    await asha.message("still here").get_by_role("button", name="Delete message").click()
    await expect(asha.page.get_by_role("alert")).to_contain_text(UNDONE)
    await expect(asha.text("still here")).to_have_count(1)


@pytest.mark.parametrize("status", [0, 503])
async def test_a_gif_that_fails_says_so_and_can_be_chosen_again(visit: Visit, status: int) -> None:
    asha = await in_a_room(visit)
    asha.expected += ["ERR_", "503", "Failed to fetch"]
    await asha.page.get_by_role("link", name="GIF", exact=True).click()
    choice = asha.page.locator(".gif-choice").first
    await expect(choice).to_be_visible()
    await asha.page.route(POSTS, lambda route: route.fulfill(status=status, body="") if status else route.abort())
    await choice.click()
    await expect(asha.page.get_by_role("alert")).to_contain_text(UNDONE)
    await asha.page.unroute(POSTS)
    await choice.click()
    await expect(asha.page.locator("#messages .gif")).to_have_count(1)


async def test_a_recording_is_not_left_without_asking(visit: Visit) -> None:
    asha = await in_a_room(visit)
    assert not await asha.page.evaluate(LEAVING)
    # As after a recording: what the form would send.
    await asha.page.evaluate("document.querySelector('voice-recorder').recording = { stop() {} }")
    assert await asha.page.evaluate(LEAVING)
    asha.expected.append("beforeunload|a dialog said")
    await asha.page.evaluate("document.querySelector('voice-recorder').recording = null")


async def test_the_switcher_opens_where_that_key_writes_hindi(visit: Visit) -> None:
    asha = await in_a_room(visit)
    press = """(more) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { ctrlKey: true, bubbles: true, cancelable: true, ...more }))"""
    await asha.page.evaluate(press, {"key": "क", "code": "KeyK"})
    await expect(asha.page.get_by_role("dialog")).to_be_visible()
    await asha.page.keyboard.press("Escape")
    await expect(asha.page.get_by_role("dialog")).to_have_count(0)
    await asha.page.evaluate(press, {"key": "म", "code": "KeyC"})
    await expect(asha.page.get_by_role("dialog")).to_have_count(0)


async def test_copied_is_said_twice_and_then_no_more(visit: Visit) -> None:
    asha = await visit(permissions=["clipboard-read", "clipboard-write"])
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.open_menu()
    await asha.page.locator(".room-menu").get_by_role("link", name="Invite people").click()
    button = asha.page.get_by_role("button", name="Copy the link")
    await button.click()
    await expect(button).to_have_text("Copied")
    await button.click()
    await expect(button).to_have_text("Copy", timeout=10_000)
    await expect(asha.page.locator("invite-sheet [role=status]")).to_be_empty()


async def test_the_words_of_a_message_deleted_by_mistake_come_back_into_the_box(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.composer.fill("see `this` **and** [that](https://example.org/x)\n\n```\nprint(1)\n```\n\n- one\n- two")
    await asha.press("Send")
    await expect(asha.page.locator("#messages .code")).to_be_visible()
    await asha.composer.fill("half a thought")
    mine = asha.page.locator("#messages .message[data-author]:not(.system)").last
    await mine.hover()
    await mine.get_by_role("button", name="Delete message").click()
    notice = asha.page.locator("#alerts .notice")
    await expect(notice).to_contain_text("Deleted for everyone.")
    await expect(asha.page.locator("#messages .code")).to_have_count(0)
    await notice.get_by_role("button", name="Put the words back into the box").click()
    await expect(asha.composer).to_be_focused()
    put_back = await asha.composer.input_value()
    assert (
        put_back
        == "see `this` **and** [that](https://example.org/x)\n\n```\nprint(1)\n```\n\n- one\n- two\n\nhalf a thought"
    )
    await expect(notice).to_have_count(0)
    # Kept as any draft is.
    await asha.page.reload()
    await expect(asha.composer).to_have_value(put_back)
