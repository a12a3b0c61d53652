"""The invite sheet over the room, and the hints that go away."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHARING = "navigator.share = async (what) => { window.shared = what; };"
CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });"


async def inviting(visitor: Visitor) -> None:
    """From the room's menu. Its scripts have run: the copy button of the room's ID is theirs."""
    await expect(visitor.page.locator(".room-menu .copy")).to_have_count(1)
    await visitor.open_menu()
    await visitor.page.locator(".room-menu").get_by_role("link", name="Invite people").click()
    await expect(visitor.page.get_by_role("dialog", name="Invite people")).to_be_visible()


async def test_the_sheet_opens_over_the_room_and_gives_focus_back(visit: Visit) -> None:
    asha = await visit()
    await asha.page.add_init_script(CLIPBOARD + SHARING)
    await asha.arrive("asha")
    room = await asha.open_room("Garden")
    await asha.mark()
    await inviting(asha)
    sheet = asha.page.get_by_role("dialog")
    await expect(asha.page.locator(".menu-body")).to_be_hidden()
    link = f"{asha.base}/rooms/{await asha.room()}"
    await sheet.get_by_role("button", name="Copy the link").click()
    assert await asha.page.evaluate("window.copied") == link
    await expect(sheet.get_by_role("status")).to_have_text("Copied")
    await sheet.get_by_role("button", name="Copy the room ID").click()
    assert await asha.page.evaluate("window.copied") == room
    await sheet.get_by_role("button", name="Share…").click()
    assert await asha.page.evaluate("window.shared") == {"title": "Garden", "url": link}
    await asha.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(asha.page.locator(".room-menu > summary")).to_be_focused()
    await inviting(asha)
    await asha.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(asha.page.get_by_role("dialog")).to_have_count(0)
    await inviting(asha)
    await asha.page.mouse.click(5, 5)
    await expect(asha.page.get_by_role("dialog")).to_have_count(0)
    await asha.assert_not_reloaded()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_camera_reads_it_in_either_theme_and_on_the_narrowest_phone(visit: Visit, theme: str) -> None:
    asha = await visit()
    await asha.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await asha.page.set_viewport_size({"width": 320, "height": 568})
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await inviting(asha)
    drawn = Image.open(io.BytesIO(await asha.page.locator("#invite .qr").screenshot(animations="disabled")))
    [found] = zxingcpp.read_barcodes(drawn)
    assert found.text == f"{asha.base}/rooms/{await asha.room()}"
    assert await asha.page.evaluate("document.querySelector('#invite').scrollWidth <= innerWidth")


async def test_without_a_script_it_is_a_page(visit: Visit) -> None:
    asha, ravi = await visit(scripts=False), await visit(scripts=False)
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.open_menu()
    await asha.page.locator(".room-menu").get_by_role("link", name="Invite people").click()
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("Invite people to Garden")
    for button in ("Copy the link", "Share…", "Print"):
        await expect(asha.page.get_by_role("button", name=button)).to_have_count(0)
    link = await asha.page.locator("#invite-link").get_attribute("href")
    assert link
    # And whoever follows it is one button away.
    await ravi.arrive("ravi")
    ravi.expected = ["404"]
    await ravi.go(link)
    await ravi.press("Join this room")
    await expect(ravi.page.get_by_role("heading", level=1)).to_have_text("Garden")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_hint_goes_away_for_good(visit: Visit, scripts: bool) -> None:
    asha = await visit(scripts=scripts)
    await asha.arrive("asha")
    hint = asha.page.get_by_role("complementary", name="For the first time here")
    for _ in range(2):  # at home, then in a room
        await expect(hint).to_be_visible()
        await hint.get_by_role("button", name="Got it").click()
        await expect(hint).to_have_count(0)
        await asha.page.reload()
        await expect(hint).to_have_count(0)
        if "/rooms/" not in asha.page.url:
            await asha.open_room("Garden")


async def test_it_says_so_as_long_as_nobody_else_is_there(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    room = await asha.open_room("Garden")
    await expect(asha.page.get_by_text("Nobody else is here yet.")).to_be_visible()
    await ravi.arrive("ravi")
    await ravi.join(room)
    await expect(asha.page.get_by_text("Nobody else is here yet.")).to_be_hidden()
