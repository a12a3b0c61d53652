"""`<sampark-room>` in other sites' pages: inline, as a bubble and as a panel, by keyboard, with a token, and without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FrameLocator, Locator, Page, Playwright, expect

from tests.browser.conftest import THIRD_PARTY_COOKIES_BLOCKED, launch
from tests.browser.host_site import HostSite, embedded_room
from tests.browser.test_axe import ASK
from tests.browser.tokens import key_of, signed
from tests.browser.village import AXE
from tests.browser.visitor import somebody
from tests.docs.snippets import snippets
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def host() -> Iterator[HostSite]:
    with HostSite() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def page(playwright: Playwright) -> AsyncIterator[Page]:
    """In a browser that blocks third-party cookies."""
    browser = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED)
    yield await page_in(browser)
    await browser.close()


async def page_in(browser: Browser, **more: Any) -> Page:
    context = await browser.new_context(locale="en-GB", **more)
    context.set_default_timeout(20_000)
    return await context.new_page()


def asha_at(server: ServerProcess) -> Person:
    return Person.at(server.url).signed_up(somebody("asha"))


def say(asha: Person, room: str, text: str) -> None:
    assert asha.send(f"/rooms/{room}/messages", text=text).status == 303


def element(server: ServerProcess, room: str, attributes: str = "", more: str = "") -> str:
    """A page's body with the element, and a record of what it says."""
    return (
        f'<script defer src="{server.url}/embed.js"></script>'
        "<script>window.said = []; for (const type of ['ready', 'unread', 'refused'])"
        " document.addEventListener('sampark:' + type, ({ detail }) => said.push({ type, ...detail }));</script>"
        f'<sampark-room room="{room}" {attributes}><a href="{server.url}/embed/rooms/{room}">Chat with us</a></sampark-room>{more}'
    )


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("sampark-room iframe")


def opener(page: Page) -> Locator:
    return page.locator("sampark-room button.open")


async def until_said(page: Page, what: dict[str, object]) -> None:
    await page.wait_for_function(
        "(what) => said.some((one) => Object.entries(what).every(([name, value]) => one[name] === value))", arg=what
    )


async def test_inline_it_is_part_of_the_page(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read", "Lighthouse")
    say(asha, room, "the lamp is lit")
    host.pages["/"] = element(server, room, 'theme="dark" accent="#8a3324"')
    await page.goto(host.url)
    await expect(chat(page).locator(".message-text", has_text="the lamp is lit")).to_be_visible()
    await until_said(page, {"type": "ready", "room": room, "name": "Lighthouse"})
    await expect(page.locator("sampark-room iframe")).to_have_attribute("title", "Lighthouse")
    await expect(page.get_by_role("link", name="Chat with us")).to_be_hidden()
    root = chat(page).locator("html")
    await expect(root).to_have_attribute("data-theme", "dark")
    say(asha, room, "and it turns")
    await expect(chat(page).locator(".message-text", has_text="and it turns")).to_be_visible()
    await page.evaluate("document.querySelector('sampark-room').setAttribute('theme', 'light')")
    await expect(root).to_have_attribute("data-theme", "light")
    await page.evaluate("document.querySelector('sampark-room').setAttribute('accent', '#00aa55')")
    await expect(root).to_have_attribute("style", re.compile("--accent: ?#00aa55"))


@pytest.mark.parametrize("mode", ["bubble", "panel"])
async def test_a_window_opens_and_closes_by_keyboard(
    page: Page, server: ServerProcess, host: HostSite, mode: str
) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = element(server, room, f'mode="{mode}" label="Help desk"')
    await page.goto(host.url)
    await until_said(page, {"type": "ready"})
    button, window = opener(page), page.get_by_role("dialog", name="Help desk")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(window).to_be_hidden()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(window).to_be_visible()
    await expect(chat(page).get_by_label("Your name here")).to_be_focused()
    await page.keyboard.type("Leela")
    await expect(chat(page).get_by_label("Your name here")).to_have_value("Leela")
    await page.keyboard.press("Escape")
    await expect(window).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await button.click()
    await chat(page).get_by_role("button", name="Close").click()
    await expect(window).to_be_hidden()
    await expect(button).to_be_focused()


async def test_a_closed_bubble_counts_what_comes(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    say(asha, room, "before")
    host.pages["/"] = element(server, room, 'mode="bubble" label="Help desk"')
    await page.goto(host.url)
    await until_said(page, {"type": "ready"})
    say(asha, room, "one")
    await until_said(page, {"type": "unread", "count": 1, "room": room})
    say(asha, room, "two")
    await until_said(page, {"type": "unread", "count": 2})
    await expect(opener(page)).to_have_accessible_name("Open Help desk, 2 unread")
    await expect(page.locator("sampark-room .count")).to_have_text("2")
    await opener(page).click()
    await until_said(page, {"type": "unread", "count": 0})
    await expect(chat(page).locator(".message-text", has_text="two")).to_be_visible()
    say(asha, room, "three, seen as it comes")
    await expect(chat(page).locator(".message-text", has_text="three")).to_be_visible()
    assert await page.evaluate("document.querySelector('sampark-room').unread") == 0
    await page.evaluate("document.querySelector('sampark-room').close()")
    say(asha, room, "four")
    await page.wait_for_function("document.querySelector('sampark-room').unread === 1")


async def test_whom_the_site_knows_is_known(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "vouched")
    key = key_of(asha, room)
    host.pages["/"] = element(server, room, 'token-from="/chat-token"')
    host.files["/chat-token"] = (signed(room, key, host.url, server.url, name="Meera Iyer"), "application/jwt")
    await page.goto(host.url)
    await expect(chat(page).locator(".embed-who")).to_contain_text("Meera Iyer")
    box = chat(page).get_by_role("textbox", name="Message", exact=True)
    await box.fill("from the shop")
    await box.press("Enter")
    await expect(chat(page).locator(".message-text", has_text="from the shop")).to_be_visible()
    assert "token" not in " ".join(frame.url for frame in page.frames)
    host.files["/chat-token"] = (signed(room, key, host.url, server.url, name="Meera Iyer"), "application/jwt")
    await page.reload()
    await expect(chat(page).locator(".embed-who")).to_contain_text("Meera Iyer")
    assert "from the shop" in asha.get(f"/rooms/{room}").text


async def test_a_refused_token_is_the_developers_to_read(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    host.pages["/"] = element(server, room, 'token-from="/chat-token"')
    token = signed(room, key_of(asha, room), host.url, server.url, aud="https://elsewhere.example")
    host.files["/chat-token"] = (token, "application/jwt")
    await page.goto(host.url)
    await expect(chat(page).locator("[data-refused]")).to_contain_text("“aud” has to be")
    await page.wait_for_function("said.some(({ type, reason }) => type === 'refused' && reason.includes('“aud”'))")
    assert any("“aud” has to be" in line for line in lines), lines
    assert "“aud” has to be" in server.errors
    assert token not in server.errors
    assert not any(token in line for line in lines)


@pytest.mark.parametrize("answer", [None, "<!doctype html><title>Sign in</title>"])
async def test_without_a_token_one_is_a_guest(
    page: Page, server: ServerProcess, host: HostSite, answer: str | None
) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = element(server, room, 'token-from="/chat-token"')
    if answer:
        host.files["/chat-token"] = (answer, "text/html")
    await page.goto(host.url)
    await expect(chat(page).get_by_label("Your name here")).to_be_visible()


async def test_where_the_frame_is_refused_the_link_stays(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, "https://elsewhere.example")
    host.pages["/"] = element(server, room)
    async with page.expect_event(
        "console", lambda line: "frame-ancestors" in line.text or "X-Frame-Options" in line.text
    ):
        await page.goto(host.url)
    await expect(page.get_by_role("link", name="Chat with us")).to_be_visible()
    assert await page.evaluate("said.length") == 0


async def test_without_javascript_there_is_the_link(chromium: Browser, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = element(server, room, 'mode="bubble"')
    page = await page_in(chromium, java_script_enabled=False)
    await page.goto(host.url)
    await page.get_by_role("link", name="Chat with us").click()
    await expect(page.get_by_role("heading", name="Lighthouse")).to_be_visible()
    await page.context.close()


async def test_nobody_else_is_believed(page: Page, server: ServerProcess, host: HostSite) -> None:
    """Neither does the page believe others than the frame, nor the frame others than the page."""
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = element(server, room, 'theme="light"', '<iframe name="evil" src="/evil"></iframe>')
    host.pages["/evil"] = "<p>another frame</p>"
    await page.goto(host.url)
    await until_said(page, {"type": "ready"})
    before = await page.evaluate("said.length")
    lie = {"type": "sampark:unread", "version": 1, "count": 99}
    await page.evaluate("(lie) => window.postMessage(lie, '*')", lie)
    evil = page.frame("evil")
    assert evil is not None
    await evil.evaluate("(lie) => parent.postMessage(lie, '*')", lie)
    # A sibling of the same origin as the listed page is not the page around the frame.
    await evil.evaluate(
        "(lie) => { for (let at = 0; at < parent.frames.length; at += 1) parent.frames[at].postMessage(lie, '*'); }",
        {"type": "sampark:theme", "version": 1, "theme": "dark"},
    )
    await page.evaluate(
        "(lie) => document.querySelector('sampark-room').frame.contentWindow.postMessage(lie, '*')",
        {"type": "sampark:theme", "version": 2, "theme": "dark"},
    )
    await page.evaluate(
        "document.querySelector('sampark-room').setAttribute('accent', '#00aa55')"
    )  # comes after all these
    await expect(chat(page).locator("html")).to_have_attribute("style", re.compile("--accent: ?#00aa55"))
    await expect(chat(page).locator("html")).to_have_attribute("data-theme", "light")
    assert await page.evaluate("said.length") == before
    assert await page.evaluate("document.querySelector('sampark-room').unread") == 0


async def test_the_snippet_of_the_docs_works(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    body, unread = snippets("embedding/element.md", "html")[1:3]
    styles = "".join(f"<style>{css}</style>" for css in snippets("embedding/element.md", "css"))
    host.pages["/"] = (
        (unread + body + styles).replace("https://chat.example.org", server.url).replace("k3f9x2mq7hpt", room)
    )
    await page.goto(host.url)
    await page.wait_for_function("document.querySelector('sampark-room').shadowRoot?.querySelector('.ready')")
    say(asha, room, "news")
    await expect(page.locator("#unread")).to_have_text("1")
    assert await opener(page).evaluate("(button) => getComputedStyle(button).insetInlineEnd") == "32px"


async def test_it_is_as_high_as_it_needs_and_may(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read")
    host.pages["/"] = "<style>sampark-room { --sampark-most: 600px; }</style>" + element(server, room, "fit")
    await page.goto(host.url)
    await until_said(page, {"type": "ready"})
    high = "document.querySelector('sampark-room').getBoundingClientRect().height"
    await page.wait_for_function("document.querySelector('sampark-room').win.style.blockSize !== ''")
    low = await page.evaluate(high)
    assert 240 <= low < 600
    for number in range(3):
        say(asha, room, f"{number}\n\nanother paragraph\n\nand one more")
    await page.wait_for_function(f"(low) => {high} > low + 50", arg=low)
    for number in range(8):
        say(asha, room, f"{number}\n\nanother paragraph\n\nand one more")
    await page.wait_for_function(f"{high} === 600")
    await expect(chat(page).locator(".message-text").last).to_be_in_viewport()


async def test_axe_has_nothing_to_say(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = f"<main>{element(server, room, 'mode=bubble')}</main>"
    await page.context.add_init_script(path=AXE)
    await page.goto(host.url)
    await page.wait_for_function("document.querySelector('sampark-room').unread === 0 && said.length")
    # Inside it is a page of ours, and axe looks at that elsewhere; the page around it leaves some to be desired.
    others = {"html-has-lang": {"enabled": False}, "region": {"enabled": False}}
    options = {"resultTypes": ["violations"], "iframes": False, "rules": others}
    for width in (360, 1200):
        await page.set_viewport_size({"width": width, "height": 800})
        for is_open in (False, True):
            await page.evaluate(
                "(isOpen) => document.querySelector('sampark-room')[isOpen ? 'open' : 'close']()", is_open
            )
            assert await page.evaluate(ASK, options) == []


async def test_it_speaks_the_pages_language(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    host.pages["/"] = f'<div lang="hi">{element(server, room, "mode=bubble label=मदद")}</div>'
    await page.goto(host.url)
    await expect(opener(page)).to_have_accessible_name("मदद खोलें")
    assert json.loads(await page.evaluate("JSON.stringify(said)")) is not None


async def test_moved_and_removed_it_leaves_nothing_behind(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read")
    host.pages["/"] = element(server, room, "", "<div id=elsewhere></div>")
    await page.goto(host.url)
    await until_said(page, {"type": "ready"})
    await page.evaluate("said.length = 0; elsewhere.append(document.querySelector('sampark-room'))")
    await until_said(page, {"type": "ready"})
    await expect(chat(page).locator("#messages")).to_be_visible()
    await page.evaluate("said.length = 0; document.querySelector('sampark-room').remove()")
    await expect(page.locator("iframe")).to_have_count(0)
