"""Code is copied, long messages are folded and opened, and nothing is wider than the window."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CODE = "def greet(name):\n    return name"
LONG = "\n".join(f"line {number}" for number in range(1, 61))


async def room_with(visitor: Visitor, *texts: str) -> Page:
    """The visitor looks at a room of theirs that holds these messages."""
    person = Person.at(visitor.base).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    for text in texts:
        person.post(room, text)
    await visitor.enter(person)
    await visitor.go(f"/rooms/{room}")
    return visitor.page


async def pasted(page: Page) -> str:
    """What is on the clipboard, as only pasting tells without asking for leave."""
    await page.locator("#text").focus()
    await page.keyboard.press("ControlOrMeta+V")
    await expect(page.locator("#text")).not_to_have_value("")
    return await page.locator("#text").input_value()


async def test_code_is_copied_by_keyboard_and_that_is_said(visit: Visit) -> None:
    asha = await visit()
    page = await room_with(asha, f"Look:\n```python\n{CODE}\n```")
    button = page.get_by_role("button", name="Copy code")
    await expect(button).to_be_visible()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".code [role=status]")).to_have_text("Copied")
    assert await pasted(page) == CODE
    await expect(page.locator(".code figcaption")).to_have_text("Python")


async def test_code_that_arrives_later_can_be_copied_too_and_without_a_clipboard(visit: Visit) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await asha.open_room("Garden")
    await asha.composer.fill(f"```\n{CODE}\n```")
    await asha.press("Send")
    await asha.page.get_by_role("button", name="Copy code").click()
    await expect(asha.page.locator(".code [role=status]")).to_have_text("Copied")
    assert await pasted(asha.page) == CODE


async def test_a_long_message_is_folded_and_opened_where_it_stands(visit: Visit) -> None:
    asha = await visit()
    page = await room_with(asha, LONG, "after")
    text, summary = page.locator(".long-text"), page.locator(".unfold > summary")
    folded = (await text.bounding_box() or {})["height"]
    assert folded < 500
    await summary.focus()  # which scrolls to it
    top = (await text.bounding_box() or {})["y"]
    await page.keyboard.press("Enter")
    await expect(page.locator(".unfold")).to_have_attribute("open", "")
    opened = await text.bounding_box() or {}
    assert opened["height"] > 1000
    assert abs(opened["y"] - top) < 2
    # Closed from its end, the way to open it stays under the finger.
    await summary.scroll_into_view_if_needed()
    place = (await summary.bounding_box() or {})["y"]
    await summary.click()
    await expect(page.locator(".unfold")).not_to_have_attribute("open", "")
    assert (await text.bounding_box() or {})["height"] == folded
    assert abs((await summary.bounding_box() or {})["y"] - place) < 2


async def test_what_is_looked_for_opens_it(visit: Visit) -> None:
    asha = await visit()
    page = await room_with(asha, LONG + "\n[the last](https://example.org)")
    # As the browser's own search does: the folded box is scrolled to what was found.
    await expect(page.locator(".unfold")).to_have_count(1)
    await page.wait_for_load_state("load")
    await page.locator(".long-text").evaluate("text => { text.scrollTop = 300; }")
    await expect(page.locator(".unfold")).to_have_attribute("open", "")
    await page.reload()
    await page.get_by_role("link", name="the last").focus()
    await expect(page.locator(".unfold")).to_have_attribute("open", "")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_link_to_it_shows_all_of_it(visit: Visit, scripts: bool) -> None:
    asha = await visit(scripts=scripts, frames=False)
    page = await room_with(asha, LONG)
    room = await asha.room()
    seq = (await asha.seqs())[-1]
    assert (await page.locator(".long-text").bounding_box() or {})["height"] < 500
    await asha.go("/")
    await asha.go(f"/rooms/{room}#message-{seq}")
    assert (await page.locator(".long-text").bounding_box() or {})["height"] > 1000
    await expect(page.locator(".unfold > summary")).to_be_hidden()


async def test_without_scripts_it_is_folded_and_opened_by_keyboard_too(visit: Visit) -> None:
    asha = await visit(scripts=False, frames=False)
    page = await room_with(asha, LONG, f"```\n{CODE}\n```")
    await expect(page.get_by_role("button", name="Copy code")).to_have_count(0)
    await page.locator(".unfold > summary").focus()
    await page.keyboard.press("Space")
    assert (await page.locator(".long-text").bounding_box() or {})["height"] > 1000


WIDE = (
    "https://example.org/" + "a-very-long-address/" * 20,
    "```json\n{" + '"key": "value", ' * 40 + "}\n```",
    "| "
    + " | ".join(f"column {n}" for n in range(12))
    + " |\n"
    + "|---" * 12
    + "|\n| "
    + " | ".join("value" for _ in range(12))
    + " |",
    "> " + "> " * 5 + "deeply quoted",
    "x" * 400,
    "👩‍👩‍👧‍👦" * 12,
    "`" + "y" * 300 + "`",
)


@pytest.mark.parametrize("width", [320, 820])
async def test_nothing_is_wider_than_the_window(visit: Visit, width: int) -> None:
    asha = await visit()
    await asha.page.set_viewport_size({"width": width, "height": 700})
    page = await room_with(asha, *WIDE)
    overflowing = await page.evaluate(
        """() => [...document.querySelectorAll("html, body, .scroller, #messages, .message, .message-text")]
             .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className)"""
    )
    assert not overflowing
    for name in ("Code in JSON", "Table"):
        frame = page.get_by_role("group", name=name)
        await frame.focus()
        await page.keyboard.press("ArrowRight")
        await page.wait_for_function("one => one.scrollLeft > 0", arg=await frame.element_handle())
