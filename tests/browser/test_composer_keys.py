"""What the keys do in the field to write in, by mouse and keyboard and on a touch screen; and whose messages are drawn as one."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COMPOSED = """(more) => document.querySelector("#text").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }))"""
"""Whether the browser may do with Enter what it does by itself."""

LATER = """(seconds) => {
  const last = [...document.querySelectorAll("#messages > .message")].at(-1);
  const next = last.cloneNode(true);
  const time = next.querySelector("time");
  time.dateTime = new Date(Date.parse(last.querySelector("time").dateTime) + 1000 * seconds).toISOString();
  next.dataset.seq = Number(last.dataset.seq) + 1;
  next.id = `message-${next.dataset.seq}`;
  document.querySelector("#messages").append(next);
  return new Promise((done) => setTimeout(() => done(next.hasAttribute("data-follows")), 50));
}"""


async def in_a_room(visit: Visit, **more: object) -> Visitor:
    asha = await visit(**more)  # type: ignore[arg-type]
    person = Person.at(asha.base).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    person.post(room, "first")
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.page.wait_for_function("() => document.querySelector('#live')?._htmx?.sse?.reader")
    return asha


async def test_enter_sends_and_shift_enter_does_not(visit: Visit) -> None:
    asha = await in_a_room(visit)
    text = asha.page.locator("#text")
    await text.fill("one line")
    await text.press("Shift+Enter")
    await text.press_sequentially("and another")
    await expect(text).to_have_value("one line\nand another")
    await text.press("Enter")
    await expect(asha.page.locator("#messages .message-text", has_text="and another")).to_have_count(1)
    await text.fill("by control")
    await text.press("Control+Enter")
    await expect(asha.text("by control")).to_have_count(1)
    await expect(text).to_have_value("")


async def test_who_wants_enter_to_make_lines_says_so_in_the_sheet_of_keys(visit: Visit) -> None:
    asha = await in_a_room(visit)
    text = asha.page.locator("#text")
    for is_on in (True, False):
        await text.press("Control+/")
        box = asha.page.get_by_role("checkbox", name="Enter makes a new line")
        await box.set_checked(is_on)
        await asha.page.keyboard.press("Escape")
        await text.fill("said")
        await text.press("Enter")
        await expect(text).to_have_value("said\n" if is_on else "")
        await text.press("Control+Enter")
        await expect(text).to_have_value("")
    await expect(asha.page.locator("#messages .message-text", has_text="said")).to_have_count(2)


@pytest.mark.parametrize("more", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "229"])
async def test_enter_that_ends_a_composition_is_the_keyboards_own(visit: Visit, more: dict[str, object]) -> None:
    asha = await in_a_room(visit)
    text = asha.page.locator("#text")
    await text.fill("नम")
    assert await asha.page.evaluate(COMPOSED, more)
    await expect(text).to_have_value("नम")
    assert not await asha.page.evaluate(COMPOSED, {})
    await expect(asha.text("नम")).to_have_count(1)


async def test_on_a_touch_screen_enter_begins_a_line(visit: Visit) -> None:
    asha = await in_a_room(visit, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    text = asha.page.locator("#text")
    await text.fill("one")
    await text.press("Enter")
    await expect(text).to_have_value("one\n")
    await text.press_sequentially("two")
    await asha.page.get_by_role("button", name="Send", exact=True).tap()
    await expect(asha.page.locator("#messages .message-text", has_text="two")).to_have_count(1)


async def test_five_minutes_of_one_person_are_drawn_as_one(visit: Visit) -> None:
    asha = await in_a_room(visit)
    assert await asha.page.evaluate(LATER, 299)
    assert not await asha.page.evaluate(LATER, 301)
    assert await asha.page.evaluate(LATER, 0)
