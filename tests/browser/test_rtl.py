"""From right to left: every page in a language made for it, mirrored, whole, and with no sentence left in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import pseudo
from tests.browser.conftest import EVERY_PAGE
from tests.browser.test_axe import OPENED
from tests.browser.test_reflow import WIDE
from tests.browser.village import NAMES, STILL, Village, founded, look, opened
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    prelude = EVERY_PAGE + pseudo.PRELUDE
    with ServerProcess(tmp_path_factory.mktemp("rtl"), prelude=prelude, SAMPARK_DEBUG="on") as server:
        village = founded(server.url)
        village.speak(pseudo.CODE)
        yield village


UNTRANSLATED = """() => {
  const foreign = "bdi, code, kbd, pre, time, script, style, [lang]:not(html), [dir=auto], .brand, .message-text, .agent, .avatar,"
    + " .file-icon, figcaption, .gif-foot, [dir=ltr]";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { textContent, parentElement } = walker.currentNode;
    if (!parentElement.closest(foreign) && parentElement.checkVisibility()) found.push(textContent);
  }
  const named = ".message, .gif-choice, .emoji-choice, .lightbox, [dir=ltr]";
  for (const name of ["aria-label", "placeholder", "title"]) {
    for (const one of document.querySelectorAll(`[${name}]`)) {
      if (!one.closest(named) && one.checkVisibility()) found.push(one.getAttribute(name));
    }
  }
  const ours = text => text
    .replace(/SAMPARK_PUBLIC_URL|k3f9-x2mq-7hpt|https:..club.example/g, "")
    .replace(/Sampark Setu|GIPHY|KLIPY|GIFs?|JPEG|PNG|WebP|AVIF|GB|MB|kB|bytes?|UTC|Ctrl(?: K)?/g, "");
  return found.filter(text => /[A-Za-z]{2}/.test(ours(text))).map(text => text.trim());
}"""

OVERFLOW = "document.scrollingElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("name", NAMES)
async def test_every_page_is_mirrored_whole_and_translated(name: str, chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.pages[name][0], pseudo.CODE, is_still=name in STILL)
    await look(page, village, name, pseudo.CODE)
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert await page.evaluate(UNTRANSLATED) == []
    for width in (320, 820, 1440):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate(OVERFLOW) <= 0, width
    await page.context.close()


@pytest.mark.parametrize("name", OPENED)
async def test_what_opens_in_the_room_is_whole_and_translated(name: str, chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.asha, pseudo.CODE)
    await look(page, village, "room", pseudo.CODE)
    await expect(page.locator("#announcer")).to_be_attached()
    await OPENED[name](page)
    assert await page.evaluate(UNTRANSLATED) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate(WIDE) == []
    await page.context.close()


async def places(page: Page, *selectors: str) -> list[float]:
    """Where the middles of these are, from the left."""
    boxes = [await page.locator(selector).bounding_box() for selector in selectors]
    return [box["x"] + box["width"] / 2 for box in boxes if box]


async def test_the_room_begins_on_the_right(chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.asha, pseudo.CODE)
    await page.set_viewport_size({"width": 1440, "height": 800})
    await page.goto(f"/rooms/{village.room}")
    columns = await places(page, ".column-rooms", ".column-room", "aside.people")
    assert len(columns) == 3
    assert columns == sorted(columns, reverse=True)
    composer = await places(page, "#text", "#composer .primary")
    assert len(composer) == 2
    assert composer == sorted(composer, reverse=True)
    message = "#messages > .message:not(.system, [data-follows]) >> nth=-1 >> "
    head = await places(page, f"{message}.avatar", f"{message}.message-author")
    assert len(head) == 2
    assert head == sorted(head, reverse=True)
    await page.context.close()
