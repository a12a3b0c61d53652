"""What arrives is said once, by a voice of its own; what was there, what loads and what changes is not."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LISTEN = """() => {
  window.utterances = [];
  document.querySelector("#announcer").addEventListener("say", ({ detail }) => window.utterances.push([performance.now(), detail]));
}"""


async def listening(visit: Visit, person: Person, room: str) -> Visitor:
    asha = await visit()
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await expect(asha.page.locator("#announcer")).to_be_attached()
    await expect(asha.member(person.name)).to_have_attribute("data-online", "true")
    await asha.page.evaluate(LISTEN)
    return asha


async def heard(visitor: Visitor, count: int) -> None:
    await visitor.page.wait_for_function("count => window.utterances.length >= count", arg=count)


async def said(visitor: Visitor) -> list[str]:
    return [text for _, text in await visitor.page.evaluate("window.utterances")]


async def test_only_what_is_new_is_said(visit: Visit, server: ServerProcess) -> None:
    person, ravi = (Person.at(server.url).signed_up(somebody(name)) for name in ("asha", "ravi"))
    room = person.open_room("Garden")
    for number in range(1, 61):
        person.post(room, f"old {number}")
    asha = await listening(visit, person, room)
    assert await said(asha) == []
    # History loads above; a message changes; one is typed: silence.
    await asha.page.locator("#messages .message").first.scroll_into_view_if_needed()
    await expect(asha.page.locator("#message-1")).to_be_attached()
    person.send("/profile", display_name="Asha the First")
    await expect(asha.page.locator("#message-60 .message-author")).to_have_text("Asha the First")
    await asha.say("my own")
    ravi.join(room)
    await heard(asha, 1)
    assert await said(asha) == [f"{ravi.name} joined the room"]
    ravi.send(f"/rooms/{room}/typing")
    await expect(asha.page.locator("#typing")).to_contain_text("is typing")
    ravi.post(room, "hello **you**")
    await heard(asha, 2)
    assert await said(asha) == [f"{ravi.name} joined the room", f"{ravi.name}: hello you"]
    assert (
        await asha.page.locator("#typing").evaluate("line => line.closest('[aria-live], [role=status], [role=log]')")
        is None
    )


async def test_many_at_once_are_counted_and_there_is_a_pause(visit: Visit, server: ServerProcess) -> None:
    person, ravi = (Person.at(server.url).signed_up(somebody(name)) for name in ("asha", "ravi"))
    room = person.open_room("Garden")
    ravi.join(room)
    asha = await listening(visit, person, room)
    # The clock stands still, so that it does not matter how slow the machine is.
    await asha.page.clock.install()
    await asha.page.clock.pause_at(await asha.page.evaluate("Date.now()") + 60_000)
    for number in range(6):
        ravi.post(room, f"new {number}")
    await expect(asha.text("new 5")).to_be_visible()
    assert await said(asha) == [f"{ravi.name}: new 0"]
    await asha.page.clock.run_for(1400)
    assert len(await said(asha)) == 1
    await asha.page.clock.run_for(200)
    assert (await said(asha))[1:] == ["5 new messages"]
    await asha.page.clock.run_for(1600)
    assert len(await said(asha)) == 2
    for number in range(2):
        ravi.post(room, f"later {number}")
        await expect(asha.text(f"later {number}")).to_be_visible()
    await asha.page.clock.run_for(1600)
    assert (await said(asha))[2:] == [f"{ravi.name}: later 0", f"{ravi.name}: later 1"]
