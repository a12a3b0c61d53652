"""Sending: shown at once, kept while the line is down, and in the end there once, in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from playwright.async_api import Locator, Page, Response, Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

POSTS = "**/messages"
TROUBLE = ["Failed to load resource", "htmx:sse:error", "Failed to fetch", "ERR_", "network error"]
THREE = ["one", "two", "three"]

# In each frame that is painted: a text that stands there as unsent and as sent at once, or in neither way, is noted.
WATCH = """(text) => {
  window.oddities = [];
  const count = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.textContent.trim() === text).length;
  const look = () => {
    const [unsent, sent] = [count(".unsent-text"), count(".message-text")];
    if (window.hasBegun && unsent + sent !== 1) window.oddities.push([unsent, sent]);
    window.hasBegun ||= unsent > 0;
    requestAnimationFrame(look);
  };
  look();
}"""
LIST = "() => Object.keys(localStorage).filter((name) => name.startsWith('outbox:'))"
FILL = """() => {
  for (let size = 4_000_000; size >= 1; size = Math.floor(size / 2)) {
    try { for (let n = 0; ; n += 1) localStorage.setItem(`full:${size}:${n}`, "x".repeat(size)); } catch { /* a smaller one may fit */ }
  }
}"""


def unsent(visitor: Visitor, text: str = "") -> Locator:
    return visitor.page.locator(".unsent", has_text=text)


async def in_a_room(visit: Visit, **more: object) -> Visitor:
    asha = await visit(**more)
    asha.expected = [*TROUBLE]
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.page.wait_for_function("() => document.querySelector('#live')?._htmx?.sse?.reader")  # the stream is open
    return asha


async def write(visitor: Visitor, *texts: str) -> None:
    for text in texts:
        await visitor.composer.fill(text)
        await visitor.composer.press("Enter")
        await expect(visitor.composer).to_have_value("")


async def texts(page: Page) -> list[str]:
    said = await page.locator("#messages > .message:not(.system) .message-text").all_text_contents()
    return [text.strip() for text in said]


async def assert_said(page: Page, *wanted: str) -> None:
    await expect(page.locator("#messages > .message:not(.system)")).to_have_count(len(wanted))
    assert await texts(page) == [*wanted]


def answering(*statuses: int, retry_after: str = "1") -> Callable[[Route], object]:
    """What a server says that is in trouble; 0: nothing at all. Afterwards it is well again."""
    left = [*statuses]

    async def answer(route: Route) -> None:
        status = left.pop(0) if left else 200
        if status == 200:
            await route.continue_()
        elif not status:
            await route.abort()
        else:
            await route.fulfill(status=status, headers={"Retry-After": retry_after}, body="<p role=alert>Not so.</p>")

    return answer


@pytest.mark.parametrize("closes", [False, True])
async def test_what_is_written_in_a_tunnel_arrives_once_and_in_order(visit: Visit, closes: bool) -> None:
    asha = await in_a_room(visit)
    ravi = await visit()
    await ravi.arrive("ravi")
    room = await asha.room()
    await ravi.join(room)
    context = asha.page.context
    await context.set_offline(True)
    await write(asha, *THREE)
    await expect(unsent(asha)).to_have_count(3)
    await expect(unsent(asha).first).to_have_attribute("data-state", "waiting")
    await expect(unsent(asha).last).to_be_in_viewport()
    await asha.composer.fill("and half a thought")
    if closes:
        await asha.page.close()
        asha.page = await context.new_page()
        asha.listen(asha.page)
    await context.set_offline(False)
    if closes:
        await asha.go(f"/rooms/{room}")
    for one in (asha, ravi):
        await assert_said(one.page, *THREE)
    await expect(unsent(asha)).to_have_count(0)
    await expect(asha.composer).to_have_value("and half a thought")
    assert await asha.page.evaluate(LIST) == []
    await asha.page.reload()
    await assert_said(asha.page, *THREE)


async def test_from_another_page_it_is_sent_as_well(visit: Visit) -> None:
    asha = await in_a_room(visit)
    room = await asha.room()
    await asha.page.context.set_offline(True)
    await write(asha, "on the way home")
    await asha.page.close()
    asha.page = await asha.page.context.new_page()
    asha.listen(asha.page)
    await asha.page.context.set_offline(False)
    async with asha.page.expect_response(lambda answer: answer.status == 201):
        await asha.go("/")
    await asha.go(f"/rooms/{room}")
    await assert_said(asha.page, "on the way home")


@pytest.mark.parametrize("first", ["answer", "stream"])
async def test_a_message_is_never_there_twice_nor_away(visit: Visit, first: str) -> None:
    asha = await in_a_room(visit)
    if first == "answer":
        await asha.page.route("**/events*", lambda route: route.abort())
        await asha.page.reload()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        if first == "stream" and answer.status == 201:
            await expect(asha.text("look")).to_have_count(1)
            await expect(unsent(asha)).to_have_count(0)
        await route.fulfill(response=answer)

    await asha.page.route(POSTS, late)
    await asha.page.evaluate(WATCH, "look")
    await write(asha, "look")
    await expect(asha.text("look")).to_have_count(1)
    await expect(unsent(asha)).to_have_count(0)
    await write(asha, "and again")
    await expect(asha.text("and again")).to_have_count(1)
    await asha.page.unroute_all(behavior="wait")
    assert await asha.page.evaluate("oddities") == []
    await assert_said(asha.page, "look", "and again")


async def test_an_answer_that_is_lost_makes_one_message(visit: Visit) -> None:
    """It arrived, but nobody heard so: the same key goes once more."""
    asha = await in_a_room(visit)
    keys: list[str] = []

    async def lose(route: Route) -> None:
        keys.append(re.findall("key=([^&]+)", route.request.post_data or "")[0])
        answer = await route.fetch()
        if len(keys) == 1:
            await route.abort()
        else:
            await route.fulfill(response=answer)

    await asha.page.route("**/events*", lambda route: route.abort())
    await asha.page.reload()
    await asha.page.route(POSTS, lose)
    await write(asha, "once", "twice")
    await assert_said(asha.page, "once", "twice")
    assert keys[0] == keys[1] != keys[2]
    await asha.page.reload()
    await assert_said(asha.page, "once", "twice")


async def test_a_page_that_already_shows_it_does_not_show_it_as_unsent(visit: Visit) -> None:
    asha = await in_a_room(visit)
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        if not lost.is_set():
            await route.fetch()
            lost.set()
        await route.abort()

    await asha.page.route("**/events*", lambda route: route.abort())
    await asha.page.reload()
    await asha.page.route(POSTS, lose)
    await write(asha, "once")
    await lost.wait()
    await expect(unsent(asha)).to_have_count(1)
    await asha.page.reload()
    await assert_said(asha.page, "once")
    await expect(unsent(asha)).to_have_count(0)
    assert await asha.page.evaluate(LIST) == []


async def test_a_server_in_trouble_is_tried_again(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.route(POSTS, answering(200, 503, 429, 0, 502))
    await write(asha, *THREE)
    await assert_said(asha.page, *THREE)
    await expect(unsent(asha)).to_have_count(0)


async def test_who_is_too_quick_is_told_so_and_waits(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.route(POSTS, answering(429, retry_after="600"))
    await write(asha, "quick")
    await expect(unsent(asha)).to_contain_text("it is sent in a moment")
    # Neither more messages nor a look at the page make it hurry.
    await write(asha, "quicker")
    await asha.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(unsent(asha)).to_have_count(2)
    await asha.page.reload()
    await assert_said(asha.page, "quick", "quicker")


async def test_what_fails_is_red_and_others_wait_behind_it(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await asha.page.route(POSTS, answering(500, 500))
    await write(asha, "ill-fated", "behind")
    first, second = unsent(asha, "ill-fated"), unsent(asha, "behind")
    await expect(first).to_have_attribute("data-state", "failed")
    await expect(first.get_by_role("alert")).to_have_text("Not so.")
    await expect(second).to_have_attribute("data-state", "waiting")
    await expect(second).to_contain_text("Waits for the message above")
    await first.get_by_role("button", name="Copy").click()
    assert await asha.page.evaluate("navigator.clipboard.readText()") == "ill-fated"
    # It is kept as it is: with its reason, and without being sent again unasked.
    await first.get_by_role("button", name="Retry").click()
    await expect(first.get_by_role("alert")).to_have_text("Not so.")
    await asha.page.reload()
    await expect(first.get_by_role("alert")).to_have_text("Not so.")
    await expect(second).to_have_attribute("data-state", "waiting")
    await first.get_by_role("button", name="Retry").click()
    await assert_said(asha.page, "ill-fated", "behind")
    await expect(asha.composer).to_be_focused()


async def test_what_is_discarded_lets_the_others_go_on(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.route(POSTS, answering(500))
    await write(asha, "ill-fated", "behind")
    await unsent(asha, "ill-fated").get_by_role("button", name="Discard").click()
    await assert_said(asha.page, "behind")
    await expect(unsent(asha)).to_have_count(0)
    await expect(asha.composer).to_be_focused()


async def test_a_refused_text_can_be_edited_and_nothing_is_lost(visit: Visit) -> None:
    asha = await in_a_room(visit)
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await asha.page.route(POSTS, hold)
    long = "word " * 2000 + "and more"
    await write(asha, long, "after it")
    await asha.composer.fill("a third one")
    release.set()
    await expect(unsent(asha).first.get_by_role("alert")).to_contain_text("too long by 8")
    await expect(unsent(asha).first.get_by_role("button", name="Retry")).to_be_hidden()
    await unsent(asha).first.get_by_role("button", name="Edit").click()
    await expect(asha.composer).to_have_value(f"{long}\n\na third one")
    await assert_said(asha.page, "after it")
    # The last one comes back into the composer by itself.
    await asha.composer.press("Enter")
    await expect(asha.alert()).to_contain_text("too long by 21")
    await expect(asha.composer).to_have_value(f"{long}\n\na third one")
    await expect(unsent(asha)).to_have_count(0)
    await asha.page.reload()
    await expect(asha.composer).to_have_value(f"{long}\n\na third one")
    await write(asha, "short")
    await assert_said(asha.page, "after it", "short")


async def test_who_has_to_sign_in_again_finds_it_sent(visit: Visit) -> None:
    asha = await in_a_room(visit)
    room = await asha.room()
    await asha.page.context.clear_cookies()
    await asha.composer.fill("before the session ended")
    await asha.composer.press("Enter")
    await expect(asha.page).to_have_url(f"{asha.base}/login?next=%2Frooms%2F{room}")
    await asha.sign_in()
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{room}")
    await assert_said(asha.page, "before the session ended")


async def test_nobody_sends_for_somebody_else(visit: Visit) -> None:
    """With this browser somebody else signed in; the page of the one before is still open."""
    asha = await in_a_room(visit)
    await asha.page.evaluate("localStorage.setItem('signed-in', 'somebody')")
    posts: list[str] = []
    asha.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    await asha.composer.fill("mine")
    posts.clear()
    await asha.composer.press("Enter")
    await expect(unsent(asha)).to_have_count(1)
    await asha.page.evaluate("dispatchEvent(new Event('online'))")
    assert [url for url in posts if url.endswith("/messages")] == []
    await asha.page.reload()
    await assert_said(asha.page, "mine")


async def test_of_two_tabs_one_sends(visit: Visit) -> None:
    asha = await in_a_room(visit)
    other = await asha.page.context.new_page()
    asha.listen(other)
    await other.goto(asha.page.url)
    keys: set[str] = set()

    def note(answer: Response) -> None:
        if answer.status == 201:
            keys.update(re.findall("key=([^&]+)", answer.request.post_data or ""))

    asha.page.context.on("response", note)
    await asha.page.context.set_offline(True)
    await write(asha, *THREE)
    await expect(other.locator(".unsent")).to_have_count(3)
    await asha.page.context.set_offline(False)
    for page in (asha.page, other):
        await assert_said(page, *THREE)
        await expect(page.locator(".unsent")).to_have_count(0)
    # What one tab has taken from the storage may still stand there for the other one: then it is the same post once more.
    assert len(keys) == len(THREE)


async def test_two_tabs_keep_what_both_write(visit: Visit) -> None:
    asha = await in_a_room(visit)
    other = await asha.page.context.new_page()
    asha.listen(other)
    await other.goto(asha.page.url)
    await asha.page.context.set_offline(True)
    for number in range(3):
        await write(asha, f"here {number}")
        await other.locator("#text").fill(f"there {number}")
        await other.locator("#text").press("Enter")
    for page in (asha.page, other):
        await expect(page.locator(".unsent")).to_have_count(6)
    await asha.page.context.set_offline(False)
    wanted = [f"{place} {number}" for number in range(3) for place in ("here", "there")]
    for page in (asha.page, other):
        await assert_said(page, *wanted)


async def test_signing_out_asks_first_and_then_forgets(visit: Visit) -> None:
    asha = await in_a_room(visit)
    room = await asha.room()
    asha.expected.append("a dialog said: Some of your messages have not been sent yet")
    await asha.page.route(POSTS, answering(500))
    await write(asha, "unsent")
    await expect(unsent(asha)).to_have_attribute("data-state", "failed")
    await asha.composer.fill("a draft")
    await asha.press("Sign out")  # the question is answered with no
    await expect(unsent(asha)).to_have_count(1)
    assert len(await asha.page.evaluate(LIST)) == 1
    await asha.page.evaluate("window.confirm = () => true")
    await asha.press("Sign out")
    await expect(asha.page).to_have_url(f"{asha.base}/login")
    assert await asha.page.evaluate(LIST) == []
    # A draft hurts nobody: it waits for the one whose it is.
    await asha.sign_in(asha.name)
    await asha.go(f"/rooms/{room}")
    await expect(asha.composer).to_have_value("a draft")


async def test_who_takes_another_name_keeps_what_is_unsent(visit: Visit, server: ServerProcess) -> None:
    asha = await in_a_room(visit)
    await asha.page.route(POSTS, answering(503, 503))
    await write(asha, "important")
    await asha.composer.fill("a draft")
    other = await asha.page.context.new_page()
    await other.goto(f"{asha.base}/profile")
    await other.locator("[name=username]").fill(somebody("gita"))
    await other.locator("[name=username]").press("Enter")
    await expect(other.get_by_text("saved")).to_be_visible()
    await asha.page.reload()
    await assert_said(asha.page, "important")
    await expect(asha.composer).to_have_value("a draft")


async def test_a_full_storage_stops_nobody(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.evaluate(FILL)
    await asha.say("still goes")
    await asha.page.context.set_offline(True)
    await write(asha, *THREE)
    await expect(unsent(asha)).to_have_count(3)
    # This page alone has them now, so it asks before it is left.
    assert await asha.page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    await asha.page.context.set_offline(False)
    await assert_said(asha.page, "still goes", *THREE)
    assert not await asha.page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")


async def test_from_a_page_of_the_past_one_is_brought_to_the_new_message(visit: Visit, server: ServerProcess) -> None:
    asha = await in_a_room(visit)
    room = await asha.room()
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    last = max(ravi.post(room, f"number {number}") for number in range(110))
    await asha.go(f"/rooms/{room}?around=5#message-5")
    await expect(asha.page.locator("#message-5")).to_be_in_viewport()
    await expect(asha.page.locator("#live")).to_have_count(0)
    await write(asha, "from the past")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{room}#message-{last + 1}")
    await expect(asha.text("from the past")).to_be_in_viewport()
    await expect(unsent(asha)).to_have_count(0)


async def test_the_banner_says_how_long_and_hurries_when_asked(visit: Visit) -> None:
    asha = await in_a_room(visit)
    banner = asha.page.locator(".banner")
    await asha.page.context.set_offline(True)
    await expect(banner.get_by_role("status")).to_contain_text("You are offline")
    await expect(asha.composer).to_be_enabled()
    await asha.page.context.set_offline(False)
    await expect(banner).to_be_hidden()


async def test_try_now(visit: Visit, own_server: ServerProcess) -> None:
    asha = await in_a_room(visit, at=own_server)
    banner = asha.page.locator(".banner")
    # As if it had been away for long: tries are a minute apart.
    await asha.page.evaluate("""() => document.addEventListener("htmx:sse:before:connection", ({ detail }) => {
      detail.connection.attempt = 8;
    })""")
    own_server.kill()
    await write(asha, "through the wall")
    await expect(banner.get_by_role("status")).to_contain_text("No connection")
    own_server.start()
    await asha.press("Try now")
    await expect(banner).to_be_hidden()
    await assert_said(asha.page, "through the wall")


async def test_a_slow_one_shows_a_wheel(visit: Visit) -> None:
    asha = await in_a_room(visit)
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await asha.page.route(POSTS, hold)
    await write(asha, "slow")
    await expect(unsent(asha)).to_have_attribute("data-state", "sending")
    delay = "getComputedStyle(document.querySelector('.unsent'), '::before').animationDelay"
    assert (await asha.page.evaluate(delay)).startswith("2s")
    await expect(unsent(asha).get_by_role("button")).to_have_count(0)
    release.set()
    await assert_said(asha.page, "slow")


async def test_markup_is_shown_as_it_was_written(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.page.context.set_offline(True)
    wild = "<img src=x onerror=alert(1)> **bold** <b>"
    await write(asha, wild)
    await expect(unsent(asha).locator(".unsent-text")).to_have_text(wild)
    await expect(unsent(asha).locator("img, b, strong")).to_have_count(0)
    await asha.page.context.set_offline(False)
    await expect(asha.page.locator(".message-text strong")).to_have_text("bold")
