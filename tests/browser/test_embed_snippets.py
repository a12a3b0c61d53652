"""What the room's "Embed" page gives to paste: its buttons copy it whole, and alone in an empty page of another site it works."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from xml.etree import ElementTree

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.browser.host_site import HostSite, embedded_room
from tests.browser.tokens import key_of, signed
from tests.browser.visitor import somebody
from tests.docs.snippets import snippets
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NAME = 'Tom & "Jerry" <b>'
"""What is pasted is HTML: a room's name must not become part of it."""
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def host() -> Iterator[HostSite]:
    with HostSite() as site:
        site.files["/favicon.ico"] = ("", "image/png")
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def page(abroad: Page) -> AsyncIterator[Page]:
    """Its console must stay empty."""
    noticed: list[str] = []
    abroad.on("pageerror", lambda error: noticed.append(str(error)))
    abroad.on("console", lambda line: noticed.append(line.text) if line.type in {"error", "warning"} else None)
    yield abroad
    await abroad.context.close()
    assert noticed == []


def asha_at(server: ServerProcess) -> Person:
    return Person.at(server.url).signed_up(somebody("asha"))


def offered(asha: Person, room: str) -> dict[str, str]:
    """Each snippet of the room's page, as it stands there to be read."""
    text = asha.get(f"/rooms/{room}/embed").text
    found = re.findall(r'<pre id="snippet-(\w+)"[^>]*><code>(.*?)</code></pre>', text, re.DOTALL)
    return {name: html.unescape(code) for name, code in found}


async def pasted(page: Page, host: HostSite, snippet: str) -> None:
    """Alone: the page is the snippet and nothing else."""
    host.files["/"] = (snippet, "text/html")
    await page.goto(host.url)


async def shows(frame: FrameLocator, text: str) -> None:
    await expect(frame.locator(".message-text", has_text=text)).to_be_visible()


@pytest.mark.parametrize(
    ("level", "names"),
    [
        ("guests", ["frame", "element", "vouch", "link", "fragments"]),
        ("vouched", ["frame", "element", "vouch", "fragments"]),
    ],
)
async def test_each_button_copies_its_snippet(
    chromium: Browser, server: ServerProcess, level: str, names: list[str]
) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, "https://club.example", level, NAME)
    context = await chromium.new_context(base_url=server.url, locale="en-GB")
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in asha.cookies.items()]
    )
    page = await context.new_page()
    await page.goto(f"/rooms/{room}/embed")
    written = offered(asha, room)
    assert [*written] == names
    await expect(page.locator("button.copies")).to_have_count(len(names))
    for name in names:
        details = page.locator("details.snippet", has=page.locator(f"#snippet-{name}"))
        if await details.get_attribute("open") is None:
            await details.locator("summary").click()
        await page.evaluate("navigator.clipboard.writeText('something else')")
        button = details.get_by_role("button", name="Copy", exact=True)
        await button.click()
        await expect(details.get_by_role("button", name="Copied")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == written[name]
        await expect(button).to_be_visible()
    await context.close()


async def test_the_frame_pasted(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, name=NAME)
    asha.post(room, "the lamp is lit")
    await pasted(page, host, offered(asha, room)["frame"])
    await expect(page.locator("iframe")).to_have_attribute("title", NAME)
    frame = page.frame_locator("iframe")
    await shows(frame, "the lamp is lit")
    asha.post(room, "and it turns")
    await shows(frame, "and it turns")


@pytest.mark.parametrize("mode", ["inline", "bubble", "panel"])
async def test_the_element_pasted(page: Page, server: ServerProcess, host: HostSite, mode: str) -> None:
    """As it is, and with the two other words that `mode` may have."""
    asha = asha_at(server)
    room = embedded_room(asha, host.url, name=NAME)
    asha.post(room, "the lamp is lit")
    snippet = offered(asha, room)["element"]
    assert snippet.count('mode="inline"') == 1
    await pasted(page, host, snippet.replace('mode="inline"', f'mode="{mode}"'))
    await joins_and_writes(page, mode)
    assert "by Leela" in asha.get(f"/rooms/{room}").text


async def joins_and_writes(page: Page, mode: str) -> None:
    element = page.locator("sampark-room")
    frame = page.frame_locator("sampark-room iframe")
    if mode != "inline":
        await expect(element.get_by_role("dialog")).to_be_hidden()
        await element.locator("button.open").click()
        await expect(element.get_by_role("dialog")).to_be_visible()
    await shows(frame, "the lamp is lit")
    await expect(page.locator("sampark-room > a")).to_be_hidden()
    await frame.get_by_label("Your name here").fill("Leela")
    await frame.get_by_role("button", name="Join").click()
    await frame.get_by_role("textbox", name="Message", exact=True).fill("by Leela")
    await frame.get_by_role("button", name="Send").click()
    await shows(frame, "by Leela")


@pytest.mark.parametrize(
    ("path", "number", "mode"),
    [("plain-html.md", 1, "bubble"), ("express.md", 0, "bubble"), ("django.md", 0, "panel")],
)
async def test_bubbles_and_panels_of_the_docs(
    page: Page, server: ServerProcess, host: HostSite, path: str, number: int, mode: str
) -> None:
    """For whoever has not signed in at the site: it answers with nothing, where a token is asked for."""
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    asha.post(room, "the lamp is lit")
    snippet = snippets(f"embedding/{path}", "html")[number]
    assert f'mode="{mode}"' in snippet
    host.files["/chat-token"] = ("", "application/jwt")
    await pasted(page, host, snippet.replace("https://chat.example.org", server.url).replace("k3f9x2mq7hpt", room))
    await joins_and_writes(page, mode)
    assert "by Leela" in asha.get(f"/rooms/{room}").text


async def test_the_button_of_the_site_pasted(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "vouched", NAME)
    asha.post(room, "the lamp is lit")
    snippet = offered(asha, room)["vouch"]
    assert snippet.count('value="…"') == 1
    await pasted(page, host, snippet.replace("…", signed(room, key_of(asha, room), host.url, server.url)))
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_text("This chat is for people whom")).to_be_visible()
    await page.get_by_role("button", name="Join the chat").click()
    await shows(frame, "the lamp is lit")
    await expect(frame.get_by_text("You are Meera")).to_be_visible()


async def test_link_and_feed_pasted(page: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read", NAME)
    asha.post(room, "the lamp is lit")
    await pasted(page, host, offered(asha, room)["link"])
    feed = await page.locator("link[rel=alternate][type='application/atom+xml']").get_attribute("href") or ""
    assert feed.startswith(f"{server.url}/")
    answer = Person.at(server.url).get(feed.removeprefix(server.url))
    assert answer.status == 200
    read = ElementTree.fromstring(answer.text)
    assert read.findtext(f"{ATOM}title") == NAME
    assert [entry.findtext(f"{ATOM}title") for entry in read.iter(f"{ATOM}entry")] == ["the lamp is lit"]
    await page.get_by_role("link", name=NAME, exact=True).click()
    await expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    await expect(page.locator(".message-text", has_text="the lamp is lit")).to_be_visible()


@pytest.mark.parametrize("level", ["read", "vouched"])
async def test_fragments_pasted(page: Page, server: ServerProcess, host: HostSite, level: str) -> None:
    """No file of the site's own: scripts, messages and stream all come from the chat."""
    asha = asha_at(server)
    room = embedded_room(asha, host.url, level, NAME)
    first = asha.post(room, "the lamp is **lit**")
    snippet = offered(asha, room)["fragments"]
    assert snippet.count("…") == (level == "vouched")
    if level == "vouched":
        form = urllib.parse.urlencode({"token": signed(room, key_of(asha, room), host.url, server.url)})
        traded = Person.at(server.url).request("POST", f"/embed/rooms/{room}/token", form, {"Origin": host.url})
        snippet = snippet.replace("…", json.loads(traded.text)["token"])
    await pasted(page, host, snippet)
    log = page.get_by_role("log", name=NAME)
    await expect(log.locator("strong", has_text="lit")).to_be_visible()
    asha.post(room, "and it turns")
    await expect(log.locator(".message-text", has_text="and it turns")).to_be_visible()
    asha.delete(room, first)
    await expect(log.locator(f"#message-{first}")).to_have_count(0)
    await expect(log.locator(".message")).to_have_count(1)
