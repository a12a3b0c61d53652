"""Where the page stands: at the first new message, at the end, or where the reader is, whatever comes above or below."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOP = "(seq) => document.querySelector(`#message-${seq}`).getBoundingClientRect().top"
TO_THE_PAST = "document.querySelector('.scroller').scrollTop = -1e6"
LINES = """() => [...document.querySelectorAll("#messages > .message")]
  .filter((one) => getComputedStyle(one, "::after").display === "block").map(({ id }) => id)"""
AT_THE_END = "() => document.querySelector('.scroller').scrollTop === 0"


async def arrived(visit: Visit, server: ServerProcess, count: int) -> tuple[Visitor, Person, str]:
    """Asha comes to her room, where Ravi has written meanwhile."""
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    person.get(f"/rooms/{room}")
    for number in range(count):
        ravi.post(room, f"number {number}")
    asha = await visit()
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    return asha, ravi, room


async def test_more_new_ones_than_fit_are_read_from_the_first(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await arrived(visit, server, 30)
    first = asha.text("number 0")
    await expect(first).to_be_in_viewport()
    await expect(asha.text("number 29")).not_to_be_in_viewport()
    await expect(asha.page.locator(".to-new")).to_have_count(0)
    line = await asha.page.evaluate(LINES)
    assert len(line) == 1
    await expect(asha.page.locator(f"#{line[0]}")).to_be_in_viewport()
    # What comes now is counted, and moves nothing; the line stays.
    pill = asha.page.locator("button.pill")
    count = int((await pill.text_content() or "").split()[0])
    assert count >= 30
    ravi.post(room, "one more")
    await expect(pill).to_have_text(f"{count + 1} new messages")
    await expect(first).to_be_in_viewport()
    await pill.click()
    await expect(asha.text("one more")).to_be_in_viewport()
    await expect(pill).to_be_hidden()
    assert await asha.page.evaluate(LINES) == line
    # Who has been there is not sent back there.
    await asha.page.reload()
    await expect(asha.text("one more")).to_be_in_viewport()


async def test_few_new_ones_are_read_at_the_end(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await arrived(visit, server, 3)
    await expect(asha.text("number 0")).to_be_in_viewport()
    await expect(asha.text("number 2")).to_be_in_viewport()
    assert await asha.page.evaluate(AT_THE_END)
    await expect(asha.page.locator(".pill")).to_have_count(0)
    ravi.post(room, "one more")
    await expect(asha.text("one more")).to_be_in_viewport()
    assert await asha.page.evaluate(AT_THE_END)


async def test_history_that_loads_above_moves_nothing(visit: Visit, server: ServerProcess) -> None:
    asha, _, room = await arrived(visit, server, 120)
    asked, release = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await release.wait()
        await route.continue_()

    await asha.page.route("**/messages?before=*", hold)
    await asha.page.reload()
    await expect(asha.text("number 119")).to_be_in_viewport()
    await asha.page.evaluate(TO_THE_PAST)
    await asked.wait()
    first = (await asha.seqs())[0]
    before = await asha.page.evaluate(TOP, first)
    release.set()
    await expect(asha.page.locator(f"#message-{first - 1}")).to_have_count(1)
    assert abs(await asha.page.evaluate(TOP, first) - before) < 2
    # Without the script's help the same way is a link.
    await expect(asha.page.locator(".more.older")).to_have_attribute(
        "href", re.compile(rf"^/rooms/{room}\?before=\d+$")
    )


async def test_ones_own_message_is_gone_to_when_it_is_sent_and_not_when_it_arrives(
    visit: Visit, server: ServerProcess
) -> None:
    asha, _, _ = await arrived(visit, server, 45)
    asked, release = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await release.wait()
        await route.continue_()

    await asha.page.route("**/messages", hold)
    await asha.page.evaluate(TO_THE_PAST)
    await asha.composer.fill("mine")
    await asha.composer.press("Enter")
    await expect(asha.page.locator(".unsent")).to_be_in_viewport()
    await asked.wait()
    # Gone back to the past meanwhile, one stays there.
    await asha.page.evaluate(TO_THE_PAST)
    await expect(asha.page.locator("#message-2")).to_be_in_viewport()
    before = await asha.page.evaluate(TOP, 2)
    release.set()
    await expect(asha.text("mine")).to_have_count(1)
    assert abs(await asha.page.evaluate(TOP, 2) - before) < 2
    await expect(asha.page.locator(".pill")).to_be_hidden()


async def test_the_first_frame_shows_what_the_page_will_be(visit: Visit, server: ServerProcess) -> None:
    """Chromium draws an `<object>` as 300 by 150 pixels until it knows better: own messages, code and the composer hold some."""
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    for number in range(30):
        person.post(room, f"number {number}\n```python\nprint({number})\n```")
    asha = await visit()
    await asha.page.add_init_script("""
      window.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
        .observe({ type: "layout-shift", buffered: true });""")
    await asha.enter(person)
    for _ in range(3):
        await asha.go(f"/rooms/{room}")
        await asha.page.wait_for_function("() => document.querySelector('#live')?._htmx?.sse?.reader")
        assert sum(await asha.page.evaluate("shifts")) < 0.02


async def test_the_exact_time_is_shown_to_the_keyboard_too(visit: Visit, server: ServerProcess) -> None:
    asha, _, _ = await arrived(visit, server, 1)
    link = asha.message("number 0").locator(".message-time")
    await expect(link).to_have_text(re.compile(r"^\d\d?:\d\d$"))
    full = await link.locator("time").get_attribute("title") or ""
    assert re.search(r"\d{4}", full)
    await link.focus()
    await asha.page.keyboard.press("Shift+Tab")
    await asha.page.keyboard.press("Tab")
    shown = await link.evaluate("one => getComputedStyle(one, '::after').content")
    assert full in shown


async def test_a_page_that_stays_open_does_not_grow_for_ever(visit: Visit) -> None:
    asha = await visit()
    person = Person.at(asha.base).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    person.post(room, "1")
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.page.wait_for_function("() => document.querySelector('#live')?._htmx?.sse?.reader")
    for number in range(2, 421):
        person.post(room, str(number))
    await expect(asha.text("420")).to_be_visible()
    shown = [int(text) for text in await asha.page.locator("#messages > .message .message-text").all_inner_texts()]
    assert 300 <= len(shown) <= 400
    assert shown == [*range(421 - len(shown), 421)]
    # The first says its day and who wrote it; above it is the way to what went.
    assert await asha.page.locator("#messages > .message").first.get_attribute("data-day") == "Today"
    await asha.page.evaluate(TO_THE_PAST)
    await expect(asha.text(str(shown[0] - 50))).to_be_attached()
    await expect(asha.text("420")).to_be_attached()
