"""axe-core on every page, in both languages and themes and at three widths: nothing to complain about."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.village import AXE, CODE, NAMES, Village, each_page, founded, opened
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

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
    digest, name = (AXE.parent / "SHA256SUMS").read_text().split()
    assert (name, hashlib.sha256(AXE.read_bytes()).hexdigest()) == (AXE.name, digest)


AT_ONCE = "setTimeout = (act, wait) => { if (!(wait >= 1000)) Promise.resolve().then(act); return 0; }"
"""Without JavaScript no timer ends and no frame answers: what stands in frames is looked at as pages of their own."""
TWICE = {"styleguide": {"landmark-unique"}}
"""It shows each part in both themes."""


async def complaints(page: Page, where: str) -> list[str]:
    """What axe says of this page in both themes, at every width."""
    found: list[str] = []
    is_still = await page.evaluate("matchMedia('(scripting: none)').matches")
    if is_still:
        await page.evaluate(AT_ONCE)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        for scheme, options in (("light", RULES), ("dark", ONLY_COLOURS)):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            said: list[dict[str, Any]] = await page.evaluate(
                ASK, {**options, "iframes": not is_still, "preload": not is_still}
            )
            found += [
                f"{where} {width} {scheme}: {one['id']}: {one['help']}: {one['where']}"
                for one in said
                if one["id"] not in TWICE.get(where, ())
            ]
    return found


PAGES = [name for name in NAMES if name not in {"room", "room-past", "messages", "preview"}]
"""The room with its messages has a test of its own, below; the preview is no page, and is looked at where it stands."""


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_every_page(language: str, chromium: Browser, village: Village) -> None:
    found: list[str] = []
    async for name, page in each_page(village, chromium, language, PAGES):
        found += await complaints(page, name)
    assert not found, "\n".join(found)


async def nothing_more(page: Page) -> None:
    """The room as it comes."""


async def menu(page: Page) -> None:
    await page.locator(".room-menu > summary").click()
    await page.locator(".danger > summary").click()


async def picker(page: Page) -> None:
    await page.locator("#gif-button").click()
    await expect(page.locator(".gif-choice").first).to_be_visible()


async def emoji(page: Page) -> None:
    await page.locator("#emoji-button").click()
    await expect(page.locator("#emoji-query")).to_be_focused()
    await page.locator(".emoji-tone > summary").click()


async def names_of_emoji(page: Page) -> None:
    await page.locator("#text").press_sequentially(":smi")
    await expect(page.locator("#emoji-names [role=option]").first).to_be_visible()


async def invitation(page: Page) -> None:
    await page.locator(".room-menu > summary").click()
    await page.locator(".room-menu [href$='/invite']").click()
    await expect(page.locator("dialog#invite .qr")).to_be_visible()


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
    "emoji": emoji,
    "names of emoji": names_of_emoji,
    "invitation": invitation,
    "switcher": switcher,
    "keys": sheet,
    "picture": picture,
    "a message": row,
    "refused": refused,
}


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_the_room_with_whatever_opens_in_it(language: str, chromium: Browser, village: Village) -> None:
    person, path = village.pages["room"]
    village.speak(language)
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
    # Few messages, nothing new: the line of people, and what says how much is new, float over whatever is scrolled there.
    zoya = Person.at(village.asha.base).signed_up(somebody("zoya"))
    room = zoya.open_room("Small")
    for text in (CODE, "A [link](https://example.org), `code` and नमस्ते"):
        zoya.post(room, text)
    page = await opened(chromium, zoya, "en")
    await page.goto(f"/rooms/{room}/live", wait_until="commit")
    await expect(page.locator(".message-delete:visible").last).to_be_visible()
    found = await complaints(page, "live")
    await page.context.close()
    assert not found, "\n".join(found)
