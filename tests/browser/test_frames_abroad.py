"""Rooms in other sites' pages, in a browser that blocks third-party cookies, with scripts and without."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jwt
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, Playwright, expect

from tests.browser.background import hide, show
from tests.browser.conftest import THIRD_PARTY_COOKIES_BLOCKED, launch
from tests.browser.host_site import HostSite, embedded_room
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NO_SCRIPTS = "--blink-settings=scriptEnabled=false"
"""Of the browser, not of a page: a frame of another site is a process of its own, which begins before a page's setting reaches it."""


@pytest.fixture
def host() -> Iterator[HostSite]:
    with HostSite() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session", params=["scripts", "no scripts"])
async def strict(request: pytest.FixtureRequest, playwright: Playwright) -> AsyncIterator[Browser]:
    """Third-party cookies are blocked."""
    flags = [THIRD_PARTY_COOKIES_BLOCKED, *([NO_SCRIPTS] if request.param == "no scripts" else [])]
    browser = await launch(playwright, *flags)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED)
    yield browser
    await browser.close()


async def context_of(browser: Browser, **more: Any) -> BrowserContext:
    context = await browser.new_context(locale="en-GB", **more)
    context.set_default_timeout(20_000)
    return context


async def page_of(browser: Browser) -> Page:
    return await (await context_of(browser)).new_page()


def asha_at(server: ServerProcess) -> Person:
    return Person.at(server.url).signed_up(somebody("asha"))


async def sees(frame: FrameLocator, text: str) -> None:
    """In the log, or without scripts in the frame within the frame: which, only the page knows that is still to come."""
    logs = [frame.frame_locator(".live-frame"), frame]
    shown = [log.locator("#messages .message-text", has_text=text).first for log in logs]
    for _ in range(400):
        if any([await one.is_visible() for one in shown]):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} is not shown")


def signed(code: str, key: tuple[str, str], host: HostSite, server: ServerProcess, **more: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": host.url, "aud": server.url, "sub": "7", "name": "Meera", "room": code, "iat": now, "exp": now + 200,
        "jti": str(time.monotonic_ns()), **more,
    }  # fmt: skip
    return jwt.encode(claims, key[1], "HS256", {"kid": key[0]})


def key_of(asha: Person, code: str) -> tuple[str, str]:
    page = asha.send(f"/rooms/{code}/embed/keys", algorithm="HS256").text
    kid, secret = re.search(r'id="new-kid"[^>]*>([^<]+)<', page), re.search(r'id="new-secret"[^>]*>([^<]+)<', page)
    assert kid
    assert secret
    return kid[1], secret[1]


def vouching(host: HostSite, address: str, token: str) -> None:
    """The host's page with a frame, and a form that posts the token into it."""
    host.shows("/", address)
    button = "<button>Join as Meera</button>"
    field = f'<input type="hidden" name="token" value="{token}">'
    host.pages["/"] += f'<form method="post" action="{address}/vouch" target="chat">{field}{button}</form>'


async def test_a_guest_joins_writes_and_is_the_same_after_a_reload(
    strict: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url)
    asha.post(code, "from the app before")
    page = await page_of(strict)
    await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    frame = page.frame_locator("[name=chat]")
    await sees(frame, "from the app before")
    await frame.get_by_label("Your name here").fill("Priya")
    await frame.get_by_role("button", name="Join").click()
    await expect(frame.get_by_text("You are Priya")).to_be_visible()
    await frame.get_by_role("textbox", name="Message", exact=True).fill("from the frame")
    await frame.get_by_role("button", name="Send").click()
    await sees(frame, "from the frame")
    assert "from the frame" in asha.get(f"/rooms/{code}").text
    asha.post(code, "from the app, live")
    await sees(frame, "from the app, live")
    await page.reload()
    await expect(frame.get_by_text("You are Priya")).to_be_visible()
    [cookie] = await page.context.cookies(server.url)
    assert cookie["name"] == f"__Host-sampark-embed-{code}"  # type: ignore[typeddict-item]
    assert cookie["partitionKey"] == "http://localhost"  # type: ignore[typeddict-item]
    # In a tab of our own, which tells it from a click that was led there.
    async with page.context.expect_page() as opened:
        await frame.get_by_role("button", name="Leave").click()
    tab = await opened.value
    has_scripts = not await frame.locator(".live-frame").count()
    [chat] = [one for one in page.frames if one.name == "chat"]
    if has_scripts:
        await hide(chat)  # as it is behind the tab, where a browser shows only one
    await expect(tab.get_by_role("heading", name="Leave the chat?")).to_be_visible()
    await asyncio.sleep(1)  # what comes sooner may be the second half of a double click
    await tab.get_by_role("button", name="Leave the chat").click()
    await expect(tab.get_by_role("heading", name="You have left the chat")).to_be_visible()
    if has_scripts:
        await show(chat)
    else:
        await frame.get_by_role("link", name="Look for new messages").click()
    await expect(frame.get_by_label("Your name here")).to_be_visible()
    await page.context.close()


async def test_a_vouched_person_comes_with_one_click_and_stays(
    strict: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url, "vouched")
    asha.post(code, "for members only")
    key = key_of(asha, code)
    address = f"{server.url}/embed/rooms/{code}"
    vouching(host, address, signed(code, key, host, server))
    page = await page_of(strict)
    await page.goto(host.url)
    frame = page.frame_locator("[name=chat]")
    await expect(frame.get_by_text("This chat is for people whom")).to_be_visible()
    await page.get_by_role("button", name="Join as Meera").click()
    await sees(frame, "for members only")
    await frame.get_by_role("textbox", name="Message", exact=True).fill("said by Meera")
    await frame.get_by_role("button", name="Send").click()
    await sees(frame, "said by Meera")
    asha.post(code, "and heard by her")
    await sees(frame, "and heard by her")
    await page.reload()
    await expect(frame.get_by_text("You are Meera")).to_be_visible()
    # The same token once more, as somebody would who found it in a page.
    other = await page_of(strict)
    await other.goto(host.url)
    await other.get_by_role("button", name="Join as Meera").click()
    refused = other.frame_locator("[name=chat]")
    await expect(refused.get_by_role("alert")).to_contain_text("used before")
    await expect(refused.get_by_text("for members only")).to_have_count(0)
    await page.context.close()
    await other.context.close()


async def test_the_sites_developer_reads_in_the_console_why_a_token_was_refused(
    scripted: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url, "vouched")
    token = signed(code, key_of(asha, code), host, server, aud="https://elsewhere.example")
    address = f"{server.url}/embed/rooms/{code}"
    vouching(host, address, token)
    page = await page_of(scripted)
    await page.goto(host.url)
    async with page.expect_console_message(lambda said: "Sampark Setu" in said.text) as told:
        await page.get_by_role("button", name="Join as Meera").click()
    said = (await told.value).text
    assert "“aud”" in said
    assert token not in said
    await page.context.close()


async def test_a_site_that_is_not_listed_gets_no_frame(
    scripted: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, "https://club.example")
    asha.post(code, "not for everyone’s page")
    page = await page_of(scripted)
    async with page.expect_response(lambda answer: f"/embed/rooms/{code}" in answer.url) as told:
        await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    assert (await told.value).status == 404
    # One that hides where it is gets an answer, and the browser keeps it from the page.
    host.pages["/hiding"] = (
        f'<iframe name="chat" referrerpolicy="no-referrer" src="{server.url}/embed/rooms/{code}"></iframe>'
    )
    refusals: list[str] = []
    page.on("console", lambda said: refusals.append(said.text))
    await page.goto(f"{host.url}/hiding")
    frame = await (await page.wait_for_selector("iframe")).content_frame()
    assert frame
    assert "not for everyone" not in await frame.content()
    assert any("frame-ancestors" in said for said in refusals), refusals
    await page.context.close()


async def test_a_click_jacking_page_gets_nothing_to_click(
    scripted: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url)
    context = await context_of(scripted)
    await context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in asha.cookies.items()]
    )
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "frame" in said.text.lower() else None)
    for path in (
        f"/rooms/{code}",
        f"/rooms/{code}/members",
        f"/rooms/{code}/embed",
        f"/rooms/{code}/embed/preview",
        "/profile",
        "/embed/account",
    ):
        await page.goto(host.shows("/trap", f"{server.url}{path}"))
        frame = await (await page.wait_for_selector("iframe")).content_frame()
        assert frame
        assert await frame.locator("form, #messages").count() == 0, path
        assert refused, path
        refused.clear()
    # What may be framed has no such buttons, whoever looks.
    await page.goto(host.shows("/trap", f"{server.url}/embed/rooms/{code}"))
    shown = page.frame_locator("[name=chat]")
    await expect(shown.get_by_label("Your name here")).to_be_visible()
    for name in ("Delete room", "Leave room", "Delete…", "Save"):
        await expect(shown.get_by_role("button", name=name)).to_have_count(0)
    assert f"/rooms/{code}" in asha.get("/").text
    await context.close()


async def test_ten_rooms_on_one_page_are_joined_one_by_one(
    scripted: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    codes = [embedded_room(asha, host.url, name=f"Room number {number}") for number in range(10)]
    page = await page_of(scripted)
    await page.goto(host.shows("/ten", *(f"{server.url}/embed/rooms/{code}" for code in codes)), wait_until="commit")
    for number, code in enumerate(codes):
        frame = page.frame_locator(f'iframe[src$="{code}"]')
        await frame.get_by_label("Your name here").fill(f"Guest {number}")
        await frame.get_by_role("button", name="Join").click()
        await expect(frame.get_by_text(f"You are Guest {number}")).to_be_visible()
    names = {cookie["name"] for cookie in await page.context.cookies(server.url)}  # type: ignore[typeddict-item]
    assert names == {f"__Host-sampark-embed-{code}" for code in codes}
    await page.context.close()


async def test_who_waits_is_let_in_without_a_reload(scripted: Browser, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url, needs_approval="on")
    page = await page_of(scripted)
    await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    frame = page.frame_locator("[name=chat]")
    await frame.get_by_label("Your name here").fill("Priya")
    await frame.get_by_role("button", name="Join").click()
    await expect(frame.get_by_text("as soon as the room’s creator has let you in")).to_be_visible()
    guests = re.search(rf"/rooms/{code}/embed/guests/\d+/approve", asha.get(f"/rooms/{code}/embed").text)
    assert guests
    assert asha.send(guests[0]).status == 303
    await expect(frame.get_by_text("You are Priya")).to_be_visible()
    await page.context.close()


async def test_ones_own_account_in_another_sites_page(scripted: Browser, server: ServerProcess, host: HostSite) -> None:
    """As somebody does who allows it when the browser asks."""
    asha = asha_at(server)
    code = embedded_room(asha, host.url)
    context = await context_of(scripted)
    await context.grant_permissions(["storage-access"])
    await context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in asha.cookies.items()]
    )
    page = await context.new_page()
    await page.goto(f"{server.url}/embed/account")
    await page.get_by_role("button", name="Allow it in this browser").click()
    await expect(page.get_by_role("status").filter(has_text="Allowed")).to_be_visible()
    await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    frame = page.frame_locator("[name=chat]")
    await frame.get_by_text("I have an account").click()
    await frame.get_by_role("button", name="Use my account here").click()
    await expect(frame.get_by_text(f"You are {asha.name}")).to_be_visible()
    await page.reload()
    await expect(frame.get_by_text(f"You are {asha.name}")).to_be_visible()
    await context.close()


async def test_an_account_stays_at_home_where_the_browser_will_not(
    strict: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url)
    context = await context_of(strict)
    await context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in asha.cookies.items()]
    )
    page = await context.new_page()
    await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    frame = page.frame_locator("[name=chat]")
    await frame.get_by_text("I have an account").click()
    await frame.get_by_role("button", name="Use my account here").click()
    await expect(frame.get_by_role("alert")).to_contain_text("did not hand over your account")
    await expect(frame.get_by_role("link", name="Open in a new tab").last).to_be_visible()
    await context.close()


async def test_what_is_revoked_is_over_in_the_open_page(
    scripted: Browser, server: ServerProcess, host: HostSite
) -> None:
    asha = asha_at(server)
    code = embedded_room(asha, host.url)
    page = await page_of(scripted)
    await page.goto(host.shows("/", f"{server.url}/embed/rooms/{code}"))
    frame = page.frame_locator("[name=chat]")
    await expect(frame.get_by_label("Your name here")).to_be_visible()
    asha.post(code, "it is live")
    await sees(frame, "it is live")
    removing = re.search(rf"/rooms/{code}/embed/origins/\d+/remove", asha.get(f"/rooms/{code}/embed").text)
    assert removing
    assert asha.send(removing[0]).status == 303
    await expect(frame.get_by_role("alert")).to_contain_text("not open here any more")
    await page.context.close()
