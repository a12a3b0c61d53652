"""The same story without JavaScript: plain forms, and a document that grows while it is read."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_whole_story_with_plain_forms(visit: Visit) -> None:
    asha, ravi = await visit(scripts=False), await visit(scripts=False)
    for one, name in ((asha, "asha"), (ravi, "ravi")):
        await one.register(somebody(name))
        await one.sign_in()
    shown = await asha.open_room("Garden")
    await ravi.join(shown.upper())
    await asha.say("namaste")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{await asha.room()}#message-2")
    await ravi.page.get_by_role("link", name="Look for new messages").click()
    await expect(ravi.text("namaste")).to_be_visible()
    await ravi.say("hello")
    await asha.page.get_by_role("link", name="Look for new messages").click()
    await expect(asha.text("hello")).to_be_visible()
    # In place, and on the message's own page.
    await expect(asha.message("hello").get_by_role("button", name="Delete message")).to_be_hidden()
    await asha.message("namaste").get_by_role("button", name="Delete message").click()
    await expect(asha.text("namaste")).to_have_count(0)
    await ravi.message("hello").get_by_role("link").click()
    await ravi.press("Delete message")
    await expect(ravi.text("hello")).to_have_count(0)
    await asha.page.reload()
    assert await asha.seqs() == [1]
    await ravi.open_menu()
    await ravi.press("Leave room")
    await expect(ravi.page).to_have_url(f"{ravi.base}/")
    await asha.open_menu()
    await asha.page.get_by_text("Delete…").click()
    await asha.press("Delete room")
    await expect(asha.page).to_have_url(f"{asha.base}/")
    await asha.press("Sign out")
    await expect(asha.page).to_have_url(f"{asha.base}/login")


async def test_what_is_refused_keeps_the_form(visit: Visit) -> None:
    asha = await visit(scripts=False)
    asha.expected = ["422", "409"]
    name = somebody("asha")
    await asha.go("/register")
    await asha.fill(Username=name, Email=f"{name}@example.org", Password="password")
    await asha.press("Create account")
    await expect(asha.alert()).to_contain_text("guess")
    await expect(asha.page.get_by_label("Username", exact=True)).to_have_value(name)
    await expect(asha.page.get_by_label("Email", exact=True)).to_have_value(f"{name}@example.org")
    await asha.register(name)
    await asha.sign_in()
    await asha.open_room("Garden")
    long = "word " * 2001
    await asha.fill(Message=long)
    await asha.press("Send")
    await expect(asha.alert()).to_contain_text("too long by 4")
    await expect(asha.composer).to_have_value(long)
    await asha.say("short now")
    assert await asha.seqs() == [1]


async def watch(visitor: Visitor, person: Person, room: str) -> None:
    await visitor.enter(person)
    await visitor.go(f"/rooms/{room}/live", wait_until="commit")


async def test_the_live_document_shows_what_happens(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    for number in range(1, 4):
        person.post(room, f"old {number}")
    asha = await visit(scripts=False)
    await watch(asha, person, room)
    await expect(asha.text("old 3")).to_be_visible()
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    await expect(asha.page.get_by_text(f"{ravi.name} joined")).to_be_visible()
    for number in range(5):
        ravi.post(room, f"new {number}")
        await expect(asha.text(f"new {number}")).to_be_in_viewport()
    assert await asha.seqs() == list(range(1, 10))
    ravi.send(f"/rooms/{room}/typing")
    await expect(asha.page.locator("#typing")).to_have_text(f"{ravi.name} is typing…")
    await expect(asha.page.locator("#typing")).to_have_text("")
    # One that stood there at first, and one that came later; then a new name, in the places of the old one.
    person.delete(room, 2)
    ravi.delete(room, 7)
    await expect(asha.page.locator("#message-2")).to_have_count(0)
    await expect(asha.page.locator("#message-7")).to_have_count(0)
    for name in ("Ravi the First", "Ravi the Second"):
        ravi.send("/profile", display_name=name)
        await expect(asha.page.locator("#message-9 .message-author")).to_have_text(name)
        await expect(asha.page.locator("#message-5 .message-author")).to_have_text(name)
    assert await asha.seqs() == [1, 3, 4, 5, 6, 8, 9]
    await expect(asha.page.locator("template")).to_have_count(0)
    ravi.delete(room, 9)
    await expect(asha.page.locator("#message-9")).to_have_count(0)
    ravi.post(room, "the last")
    await expect(asha.text("the last")).to_be_in_viewport()
    person.delete_room(room)
    await expect(asha.alert()).to_contain_text("This room has been deleted.")


async def test_the_live_document_where_patches_are_unknown(
    visit: Visit, unpatching: Browser, server: ServerProcess
) -> None:
    """As in Firefox and Safari: deleted messages are hidden, nothing is shown twice."""
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    for number in range(1, 4):
        person.post(room, f"old {number}")
    asha = await visit(scripts=False, browser=unpatching)
    await watch(asha, person, room)
    await expect(asha.text("old 3")).to_be_visible()
    person.post(room, "new 4")
    person.post(room, "new 5")
    await expect(asha.text("new 5")).to_be_visible()
    person.delete(room, 2)
    person.delete(room, 4)
    await expect(asha.page.locator("#message-2")).to_be_hidden()
    await expect(asha.page.locator("#message-4")).to_be_hidden()
    assert await asha.page.locator("template").count() > 0, "this browser does patch: the test shows nothing"
    person.send("/profile", display_name="Asha the First")
    person.post(room, "after the new name")
    await expect(asha.text("after the new name")).to_be_visible()
    visible = [
        int(await one.get_attribute("data-seq") or 0) for one in await asha.page.locator(".message:visible").all()
    ]
    assert visible == [1, 3, 5, 6]


async def test_the_live_document_comes_back_after_a_restart(visit: Visit, own_server: ServerProcess) -> None:
    server = own_server
    person = Person.at(server.url).signed_up("asha")
    room = person.open_room("Garden")
    person.post(room, "before")
    asha = await visit(scripts=False, at=server)
    await watch(asha, person, room)
    await expect(asha.text("before")).to_be_visible()
    asha.expected = ["ERR_CONNECTION_REFUSED"]
    server.restart().assert_clean()
    person.post(room, "after")
    # The document asks to be loaded again three seconds after its end. Where a server takes longer than that, people reload.
    while not await asha.text("after").count():
        if asha.page.url.startswith("chrome-error:"):
            await asha.go(f"/rooms/{room}/live", wait_until="commit")
        await asha.page.wait_for_timeout(100)
    await expect(asha.text("after")).to_be_visible()
    assert await asha.seqs() == [1, 2]


async def test_who_signs_out_elsewhere_is_told_in_the_document(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    person.post(room, "one")
    asha = await visit(scripts=False)
    await watch(asha, person, room)
    await expect(asha.text("one")).to_be_visible()
    person.sign_out()
    await expect(asha.alert().or_(asha.page.get_by_role("heading", name="Sign in"))).to_be_visible()
