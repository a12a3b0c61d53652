"""Marks, the line above new messages, a crowd's list, and how often the page says that somebody types, in Chromium."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CROWDED = (
    "import sampark.live.presence as presence\npresence.CROWD = 1\npresence.Presence.__init__.__defaults__ = (1.0,)\n"
)


async def test_the_first_page_marks_rooms_and_ends_with_the_session(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    person.get(f"/rooms/{room}")
    await asha.enter(person)
    async with asha.page.expect_response("**/events"):
        await asha.go("/")
    unread = asha.page.locator(f'[data-room="{room}"] .unread')
    await expect(unread).to_have_text("")
    await asyncio.sleep(1)
    ravi.post(room, "dinner!")
    await expect(unread).to_have_text("New")
    person.get(f"/rooms/{room}")  # read elsewhere
    await expect(unread).to_have_text("")
    person.sign_out()
    await expect(asha.page).to_have_url(f"{server.url}/login?next=%2F")


async def test_a_line_and_a_link_lead_to_the_first_new_message(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    for number in range(60):
        ravi.post(room, f"number {number}")
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    # So many that the first one is not on this page; where it is, the page opens there (test_reading.py).
    first = asha.page.locator("#message-1")
    await expect(first).to_have_count(0)
    link = asha.page.get_by_role("link", name="61 new messages")
    await link.click()
    await expect(first).to_be_in_viewport()
    await expect(link).to_have_count(0)
    line = "element => getComputedStyle(element, '::after').display"
    assert await first.evaluate(line) == "block"
    assert await asha.page.locator("#message-2").evaluate(line) == "none"


async def test_a_crowds_list_is_fetched_and_then_followed(visit: Visit, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, prelude=CROWDED) as server:
        person = Person.at(server.url).signed_up("mina")
        room = person.open_room("Square")
        others = [Person.at(server.url).signed_up(name).join(room) for name in ("asha", "ravi", "zoya")]
        mina = await visit(at=server)
        await mina.enter(person)
        await mina.page.set_viewport_size({"width": 1400, "height": 800})
        with others[0].follow(room), others[2].follow(room):
            await mina.go(f"/rooms/{room}")
            await expect(mina.page.locator("#people-count")).to_contain_text("3 online of 4")
            await expect(mina.page.locator("#members li")).to_have_count(0)
            await mina.page.get_by_role("link", name="Show who is online").click()
            names = mina.page.locator("#members bdi")
            await expect(names).to_have_text(["asha", "mina", "zoya"])
            with others[1].follow(room):
                await expect(names).to_have_text(["asha", "mina", "ravi", "zoya"])
            await expect(names).to_have_text(["asha", "mina", "zoya"])


async def test_a_list_that_was_fetched_before_the_stream_opened_is_fetched_again(visit: Visit, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, prelude=CROWDED) as server:
        person = Person.at(server.url).signed_up("mina")
        room = person.open_room("Square")
        others = [Person.at(server.url).signed_up(name).join(room) for name in ("asha", "ravi", "zoya")]
        mina = await visit(at=server)
        await mina.enter(person)
        await mina.page.set_viewport_size({"width": 1400, "height": 800})
        may_open = asyncio.Event()

        async def later(route: Route) -> None:
            await may_open.wait()
            await route.continue_()

        await mina.page.route("**/events*", later)
        with others[0].follow(room), others[2].follow(room):
            await mina.go(f"/rooms/{room}")
            await mina.page.get_by_role("link", name="Show who is online").click()
            names = mina.page.locator("#members bdi")
            await expect(names).to_have_text(["asha", "mina", "zoya"])
            with others[1].follow(room) as ravi:
                await asyncio.to_thread(ravi.wait, lambda read: "4 online of 4" in read.text, "all four are online")
                may_open.set()
                await expect(names).to_have_text(["asha", "mina", "ravi", "zoya"])
                await expect(mina.page.locator("#members [data-refetch]")).to_have_count(0)


async def test_whoever_types_says_so_every_three_seconds(visit: Visit) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    said: list[Request] = []
    asha.page.on("request", lambda request: said.append(request) if request.url.endswith("/typing") else None)
    await asha.composer.press_sequentially("quick words", delay=100)
    assert len(said) == 1
    await asha.composer.press_sequentially("x" * 24, delay=100)
    assert len(said) == 2
    await asha.press("Send")
    await expect(asha.text("quick words" + "x" * 24)).to_be_visible()
    await asha.composer.press_sequentially("y")
    await asyncio.sleep(0.2)
    assert len(said) == 3
