"""axe-core on every page, in both languages and themes and at three widths: nothing to complain about."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.village import Village, founded
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

VENDOR = Path(__file__).parents[1] / "vendor"
AXE = VENDOR / "axe-4.14.1.min.js"
"""Of npm's axe-core 4.14.1, as it was published; for tests only."""

WIDTHS = (360, 820, 1440)
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
ONLY_COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that can differ between two themes of the same page."""

ASK = """async options => {
  const { violations } = await axe.run(document, options);
  const where = nodes => nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} — ${failureSummary}`);
  return violations.map(({ id, help, nodes }) => ({ id, help, where: where(nodes) }));
}"""


@pytest.fixture(scope="module")
def village(server: ServerProcess) -> Village:
    return founded(server.url)


async def test_axe_is_what_was_published() -> None:
    digest, name = (VENDOR / "SHA256SUMS").read_text().split()
    assert (name, hashlib.sha256(AXE.read_bytes()).hexdigest()) == (AXE.name, digest)


async def opened(chromium: Browser, person: Person, language: str) -> Page:
    context = await chromium.new_context(base_url=person.base, locale=language, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    cookies = {**person.cookies, "language": language}
    await context.add_cookies([{"name": name, "value": value, "url": person.base} for name, value in cookies.items()])
    await context.add_init_script(path=AXE)
    return await context.new_page()


async def complaints(page: Page, where: str) -> list[str]:
    """What axe says of this page in both themes, at every width."""
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        for scheme, options in (("light", RULES), ("dark", ONLY_COLOURS)):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            said: list[dict[str, Any]] = await page.evaluate(ASK, options)
            found += [f"{where} {width} {scheme}: {one['id']}: {one['help']}: {one['where']}" for one in said]
    return found


PAGES = (
    "register",
    "login",
    "keys",
    "home",
    "home-empty",
    "members",
    "gifs",
    "message",
    "profile",
    "nothing",
    "nothing-out",
)


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_every_page(language: str, chromium: Browser, village: Village) -> None:
    found: list[str] = []
    for name in PAGES:
        person, path = village.pages[name]
        person.send("/preferences", language=language)
        page = await opened(chromium, person, language)
        await page.goto(path)
        await expect(page.locator("html")).to_have_attribute("lang", language)
        found += await complaints(page, name)
        await page.context.close()
    assert not found, "\n".join(found)


async def nothing_more(page: Page) -> None:
    """The room as it comes."""


async def menu(page: Page) -> None:
    await page.locator(".room-menu > summary").click()
    await page.locator(".danger > summary").click()


async def picker(page: Page) -> None:
    await page.locator("#gif-button").click()
    await expect(page.locator(".gif-choice").first).to_be_visible()


async def switcher(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()


async def sheet(page: Page) -> None:
    await page.keyboard.press("Control+/")
    await expect(page.locator("#shortcuts kbd").first).to_be_visible()


async def picture(page: Page) -> None:
    await page.locator("a.picture").first.click()
    await expect(page.locator(".lightbox-close")).to_be_focused()


async def row(page: Page) -> None:
    await page.keyboard.press("Shift+F6")
    await page.keyboard.press("Shift+F6")
    await expect(page.locator("#messages > .message").last).to_be_focused()


async def refused(page: Page) -> None:
    await page.locator("#text").fill("word " * 2001)
    await page.locator("#composer .primary").click()
    await expect(page.get_by_role("alert")).to_be_visible()


OPENED: dict[str, Callable[[Page], Awaitable[None]]] = {
    "as it comes": nothing_more,
    "menu": menu,
    "GIFs": picker,
    "switcher": switcher,
    "keys": sheet,
    "picture": picture,
    "a message": row,
    "refused": refused,
}


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_the_room_with_whatever_opens_in_it(language: str, chromium: Browser, village: Village) -> None:
    person, path = village.pages["room"]
    person.send("/preferences", language=language)
    page = await opened(chromium, person, language)
    found: list[str] = []
    for name, open_ in OPENED.items():
        await page.set_viewport_size({"width": 1440, "height": 800})
        await page.goto(path)
        await expect(page.locator("#announcer")).to_be_attached()
        await expect(page.locator(".voice-play").first).to_be_attached()
        await open_(page)
        found += await complaints(page, f"room, {name}")
    await page.goto(village.pages["room-past"][1])
    found += await complaints(page, "room, past")
    await page.context.close()
    assert not found, "\n".join(found)


async def test_the_document_without_scripts(chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.asha, "en")
    await page.goto(f"/rooms/{village.room}/live", wait_until="commit")
    await expect(page.locator(".message").last).to_be_visible()
    found = await complaints(page, "live")
    await page.context.close()
    assert not found, "\n".join(found)
