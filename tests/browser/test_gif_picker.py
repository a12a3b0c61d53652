"""The GIF picker: by mouse, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GIF = '.message[data-kind="gif"]'


async def test_a_gif_is_found_while_typing_and_sent(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    room = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(room)
    await asha.mark()
    await asha.composer.fill("a draft that stays")
    await asha.page.locator("#gif-button").click()
    await expect(asha.page.get_by_label("Search GIFs")).to_be_focused()
    await expect(asha.page.locator(".gif-choice")).to_have_count(24)
    await asha.page.keyboard.type("namas")
    await expect(asha.page.locator(".gif-choice")).not_to_have_count(24)
    await expect(asha.page.locator(".gif-choice").first).to_have_attribute("value", "local:namaste")
    await asha.page.locator(".gif-choice").first.click()
    await expect(ravi.page.locator(GIF)).to_have_count(1)
    await expect(asha.page.locator(GIF)).to_have_count(1)
    await expect(asha.page.locator("#gif-place .gifs")).to_have_count(0)
    await expect(asha.composer).to_have_value("a draft that stays")
    assert (
        await ravi.page.locator(f"{GIF} img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    )
    await asha.assert_not_reloaded()


async def test_it_is_walked_and_closed_by_keyboard(visit: Visit) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    page = asha.page
    await page.locator("#gif-button").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Search GIFs")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".gif-choice").first).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".gif-choice").nth(1)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#gif-place .gifs")).to_have_count(0)
    await expect(page.locator("#gif-button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".gif-choice").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(GIF)).to_have_count(1)


async def test_there_are_more_and_nothing_found_is_said(visit: Visit) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.page.locator("#gif-button").click()
    first = await asha.page.locator(".gif-choice").first.get_attribute("value")
    await asha.page.get_by_role("link", name="More GIFs").click()
    await expect(asha.page.locator(".gif-choice").first).not_to_have_attribute("value", str(first))
    await asha.page.get_by_label("Search GIFs").fill("qzxqzx")
    await expect(asha.page.get_by_text("Nothing found")).to_be_visible()


async def test_without_scripts_it_is_a_page_of_buttons(visit: Visit) -> None:
    asha = await visit(scripts=False)
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.write.locator("#gif-button").click()
    await expect(asha.page).to_have_url(re.compile("/gifs$"))
    await asha.fill(Search_GIFs="नमस्ते")
    await asha.press("Search")
    await asha.page.locator(".gif-choice").first.click()
    await expect(asha.read.locator(GIF)).to_have_count(1)
