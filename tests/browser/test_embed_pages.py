"""The page where a creator decides, and the frame by itself: readable by everyone, in any colour, and as narrow as a side bar."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.host_site import embedded_room
from tests.browser.test_axe import ASK, ONLY_COLOURS, complaints
from tests.browser.village import opened
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

CLUB = "https://club.example"


def room_of(server: ServerProcess) -> tuple[Person, str]:
    asha = Person.at(server.url).signed_up(somebody("asha"))
    code = embedded_room(asha, CLUB)
    asha.post(code, "A [link](https://example.org) and `code`")
    return asha, code


async def join(page: Page, name: str) -> None:
    await page.locator("#name").fill(name)
    await page.locator(".embed-name .primary").click()
    await expect(page.locator("#composer")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_axe_has_nothing_to_say(language: str, chromium: Browser, server: ServerProcess) -> None:
    asha, code = room_of(server)
    asha.send("/preferences", language=language)
    page = await opened(chromium, asha, language)
    found: list[str] = []
    await page.goto(f"/embed/rooms/{code}")
    found += await complaints(page, "gate")
    await page.locator(".embed-more > summary").click()
    found += await complaints(page, "account")
    await join(page, "Priya")
    await page.locator("#text").fill("from the frame")
    await page.locator("#composer .primary").click()
    await expect(page.locator(".message .badge")).to_be_visible()
    found += await complaints(page, "joined")
    await page.locator(".embed-leave").evaluate("form => { form.target = '_self'; }")
    await page.locator(".embed-leave button").click()
    await expect(page.locator("[name=leaving]")).to_be_attached()
    assert await page.get_by_role("heading", level=1).count() == 1
    found += await complaints(page, "leave")
    asha.send(f"/rooms/{code}/embed/keys", algorithm="HS256")
    for path in (f"/rooms/{code}/embed", "/embed/account"):
        await page.goto(path)
        found += await complaints(page, path)
    await page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("accent", ["ffff00", "000000", "ffffff", "808080", "ff0000", "0000ff"])
async def test_letters_are_read_in_every_colour(accent: str, chromium: Browser, server: ServerProcess) -> None:
    asha, code = room_of(server)
    page = await opened(chromium, asha, "en")
    for theme in ("light", "dark"):
        await page.goto(f"/embed/rooms/{code}?theme={theme}&accent={accent}")
        await expect(page.locator("#desk")).to_be_visible()
        assert await page.evaluate(ASK, ONLY_COLOURS) == []
    await page.context.close()


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_a_side_bar_is_wide_enough(language: str, chromium: Browser, server: ServerProcess) -> None:
    asha, code = room_of(server)
    asha.post(code, "a" * 300)
    page = await opened(chromium, asha, language)
    await page.set_viewport_size({"width": 240, "height": 400})
    sideways = "document.documentElement.scrollWidth - innerWidth"
    await page.goto(f"/embed/rooms/{code}")
    await expect(page.locator("#desk")).to_be_visible()
    assert await page.evaluate(sideways) <= 0
    await join(page, "Somebody with a name of fifty letters, or nearly")
    assert await page.evaluate(sideways) <= 0
    await expect(page.locator("#text")).to_be_in_viewport()
    await expect(page.locator(".message-text").last).to_be_in_viewport()
    await page.context.close()


async def test_a_guests_badge_leaves_the_name_its_room(chromium: Browser, server: ServerProcess) -> None:
    asha, code = room_of(server)
    page = await opened(chromium, asha, "en")
    await page.goto(f"/embed/rooms/{code}")
    await join(page, "Priyamvada Chandrasekhar")
    squeezed = "[...document.querySelectorAll('#members bdi')].filter((name) => name.scrollWidth > name.clientWidth + 1).length"
    for width in (360, 1440):
        await page.set_viewport_size({"width": width, "height": 700})
        await page.goto(f"/rooms/{code}/members")
        await expect(page.locator("#members .badge")).to_be_visible()
        assert await page.evaluate(squeezed) == 0, width
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    await page.context.close()


async def test_theme_and_colour_are_shown_before_they_are_saved(chromium: Browser, server: ServerProcess) -> None:
    asha, code = room_of(server)
    page = await opened(chromium, asha, "en")
    await page.goto(f"/rooms/{code}/embed")
    preview = page.frame_locator("#embed-preview")
    await expect(preview.locator(".message").first).to_be_visible()
    await page.locator("#embed-theme").select_option("dark")
    await expect(preview.locator("html")).to_have_attribute("data-theme", "dark")
    await page.locator("[name=accent]").fill("#aa0044")
    await expect(page.locator("[name=own_accent]")).to_be_checked()
    await expect(preview.locator("body.accented")).to_be_attached()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[name=accent]")).to_have_value("#aa0044")
    await expect(preview.locator("html")).to_have_attribute("data-theme", "dark")
    await page.context.close()
