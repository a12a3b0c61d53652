"""The same story without JavaScript: plain forms, and a document that grows while it is read."""

from __future__ import annotations

import contextlib
import re
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, FrameLocator, Locator, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_whole_story_in_frames(visit: Visit) -> None:
    """Two people who see each other's messages, notices and deletions as they happen; neither page is ever loaded again."""
    asha, ravi = await visit(scripts=False), await visit(scripts=False)
    for one, name in ((asha, "asha"), (ravi, "ravi")):
        await one.register(somebody(name))
        await one.sign_in()
    await asha.open_room("Garden")
    _, shown = await asha.invite(has_sheet=False)
    await asha.mark()
    await ravi.join_framed(shown.upper())
    await ravi.mark()
    hers, his = asha.read, ravi.read
    await expect(hers.get_by_text(f"{ravi.name} joined the room")).to_be_visible()
    await expect(hers.locator("#people-count")).to_have_text("2 online of 2")
    await expect(hers.locator(f'#members [data-username="{ravi.name}"]')).to_be_visible()
    # One after the other, without touching the mouse: the field has the focus each time.
    await asha.write.get_by_label("Message", exact=True).click()
    for number in range(3):
        await asha.page.keyboard.type(f"namaste {number}")
        await asha.page.keyboard.press("Tab")
        await asha.page.keyboard.press("Enter")
        await expect(his.get_by_text(f"namaste {number}", exact=True)).to_be_in_viewport()
        await expect(asha.write.get_by_label("Message", exact=True)).to_be_focused()
        await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("")
    # What comes meanwhile does not disturb what is being written.
    await asha.page.keyboard.type("half a sen")
    await ravi.write.get_by_label("Message", exact=True).fill("hello")
    await ravi.write.get_by_role("button", name="Send").click()
    await expect(hers.get_by_text("hello", exact=True)).to_be_in_viewport()
    await asha.page.keyboard.type("tence")
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("half a sentence")
    # Each deletes in place, and only their own.
    await expect(message(hers, "hello").get_by_role("button", name="Delete message")).to_be_hidden()
    await message(hers, "namaste 1").get_by_role("button", name="Delete message").click()
    for frame in (hers, his):
        await expect(frame.get_by_text("namaste 1", exact=True)).to_have_count(0)
    # A notice that changes in place: who leaves and comes back is not two lines.
    mina = Person.at(ravi.base).signed_up(somebody("mina")).join(await asha.room())
    for frame in (hers, his):
        await expect(frame.get_by_text(f"{mina.name} joined the room")).to_be_visible()
    notices = await hers.locator(".message.system").count()
    mina.leave(await asha.room())
    for frame in (hers, his):
        await expect(frame.get_by_text(f"{mina.name} left the room")).to_be_visible()
        await expect(frame.get_by_text(f"{mina.name} joined the room")).to_have_count(0)
        await expect(frame.locator(".message.system")).to_have_count(notices)
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("half a sentence")
    for one in (asha, ravi):
        await one.assert_not_reloaded()
    # What leads away leads the whole page away.
    await message(his, "hello").get_by_role("link").click()
    await ravi.press("Delete message")
    await expect(hers.get_by_text("hello", exact=True)).to_have_count(0)
    await ravi.open_menu()
    await ravi.press("Leave room")
    await expect(ravi.page).to_have_url(f"{ravi.base}/")
    await asha.open_menu()
    await asha.page.get_by_text("Delete…").click()
    await asha.press("Delete room")
    await expect(asha.page).to_have_url(f"{asha.base}/")
    await asha.press("Sign out")
    await expect(asha.page).to_have_url(f"{asha.base}/login")


def message(frame: FrameLocator, text: str) -> Locator:
    return frame.locator(".message").filter(has_text=text)


async def test_the_frames_say_what_was_refused_and_what_is_over(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    asha = await visit(scripts=False)
    asha.expected = ["422", "401"]
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    long = "word " * 2001
    await asha.write.get_by_label("Message", exact=True).fill(long)
    await asha.write.get_by_role("button", name="Send").click()
    await expect(asha.write.get_by_role("alert")).to_contain_text("too long by 4")
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value(long)
    await expect(asha.write.get_by_label("Message", exact=True)).to_be_focused()
    await asha.write.get_by_label("Message", exact=True).fill("short now")
    person.sign_out()
    # Its last words, or what the next try is answered.
    over = re.compile("You have been signed out|Sign in, then try again")
    await expect(asha.read.get_by_role("alert").filter(has_text=over)).to_be_visible()
    await asha.write.get_by_role("button", name="Send").click()
    await asha.write.get_by_role("link", name="Sign in").click()
    await expect(asha.page).to_have_url(f"{asha.base}/login?next=/rooms/{room}")


async def test_words_that_came_after_the_session_ended_wait_in_the_frame(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    asha = await visit(scripts=False)
    asha.expected = ["401"]
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.write.get_by_label("Message", exact=True).fill("important words\nin two lines")
    person.sign_out()
    await asha.write.get_by_role("button", name="Send").click()
    await expect(asha.write.get_by_role("alert")).to_contain_text("what you typed is in the box again")
    await asha.write.get_by_role("link", name="Sign in").click()
    await asha.sign_in()
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{room}")
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("important words\nin two lines")
    await asha.write.get_by_role("button", name="Send").click()
    await expect(asha.read.get_by_text("important words")).to_be_visible()
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("")
    await asha.page.reload()
    await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("")


async def test_words_that_came_after_the_session_ended_wait_on_the_page(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    asha = await visit(scripts=False, frames=False)
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.fill(Message="important words")
    person.sign_out()
    await asha.press("Send")
    await expect(asha.page).to_have_url(f"{asha.base}/login?next=/rooms/{room}")
    await expect(asha.page.get_by_role("status")).to_contain_text("what you typed is in the box again")
    # Somebody else at the same computer reads none of it.
    other = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    await asha.sign_in(other.name)
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{room}")
    await expect(asha.composer).to_have_value("")
    await asha.sign_out()
    await asha.sign_in(person.name)
    await asha.go(f"/rooms/{room}")
    await expect(asha.composer).to_have_value("important words")
    await asha.press("Send")
    await expect(asha.text("important words")).to_be_visible()
    await asha.go(f"/rooms/{room}")
    await expect(asha.composer).to_have_value("")


async def test_a_page_that_stands_still_for_those_who_want_one(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    asha = await visit(scripts=False)
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.press("Use a page that stands still")
    await asha.say("namaste")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{room}#message-1")
    person.post(room, "from elsewhere")
    await asha.page.get_by_role("link", name="Look for new messages").click()
    await expect(asha.text("from elsewhere")).to_be_visible()
    await asha.message("namaste").get_by_role("button", name="Delete message").click()
    await expect(asha.page.get_by_text("namaste", exact=True)).to_have_count(0)
    await asha.go(f"/rooms/{room}?plain=1")
    await asha.page.get_by_role("link", name="watch them arrive").click()
    await expect(asha.page.get_by_text("from elsewhere", exact=True)).to_be_visible()


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
    await asha.press("Use a page that stands still")
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
    """As in Firefox and Safari: what changes is hidden, and its copy stands in the same place; nothing is shown twice."""
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
    for name in ("Asha the First", "Asha the Second"):
        person.send("/profile", display_name=name)
        await expect(asha.page.locator(".message-author:visible")).to_have_text([name] * 3)
    person.delete(room, 3)
    await expect(asha.page.locator("#message-3:visible")).to_have_count(0)
    person.post(room, "after the new name")
    await expect(asha.text("after the new name")).to_be_in_viewport()
    # Not where they stand in the document, but where they are seen.
    visible = await asha.page.locator(".message:visible").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().top, Number(one.dataset.seq)])"
    )
    assert [seq for _, seq in sorted(visible)] == [1, 5, 6]
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    with ravi.follow(room):
        await expect(asha.page.locator("#people-count:visible")).to_have_text(["2 online of 2"])
        ravi.send(f"/rooms/{room}/typing")
        await expect(asha.page.locator("#typing:visible")).to_have_text([f"{ravi.name} is typing…"])
    await expect(asha.page.locator("#typing:visible").filter(has_text="typing")).to_have_count(0)
    await expect(asha.page.locator("#people-count:visible")).to_have_text(["1 online of 2"])


async def test_the_document_says_when_its_line_is_lost(visit: Visit, unpatching: Browser, tmp_path: Path) -> None:
    """No error comes from a server that has gone silent: the link shows itself because nothing replaced it in time."""
    quick = "import sampark.live.hub as hub, sampark.live.document as document, sampark.web.stream as stream\n"
    quick += "hub.HEARTBEAT = 2.0\ndocument.BEAT_EVERY = 0.0\nstream.LOST_AFTER = 6\n"
    with ServerProcess(tmp_path, prelude=quick) as server:
        person = Person.at(server.url).signed_up("asha")
        room = person.open_room("Garden")
        person.post(room, "before")
        watchers = [await visit(scripts=False, at=server), await visit(scripts=False, at=server, browser=unpatching)]
        for asha in watchers:
            asha.expected = ["ERR_CONNECTION_REFUSED"]  # the server ends before the browser does
            await watch(asha, person, room)
            await expect(asha.text("before")).to_be_visible()
        process = server.process
        assert process
        process.send_signal(signal.SIGSTOP)
        try:
            for asha in watchers:
                await expect(asha.page.get_by_role("link", name="The line is lost")).to_be_visible()
        finally:
            process.send_signal(signal.SIGCONT)
        # The next beat takes it away again.
        for asha in watchers:
            await expect(asha.page.get_by_role("link", name="The line is lost")).to_have_count(0)


async def test_a_long_document_is_loaded_anew_by_itself(visit: Visit, tmp_path: Path) -> None:
    short = "import sampark.live.document as document\ndocument.MOST_TOLD = 3\n"
    with ServerProcess(tmp_path, prelude=short) as server:
        person = Person.at(server.url).signed_up("asha")
        room = person.open_room("Garden")
        asha = await visit(scripts=False, at=server)
        asha.expected = ["ERR_CONNECTION_REFUSED"]  # the server ends before the browser does
        await asha.enter(person)
        await asha.go(f"/rooms/{room}")
        await asha.write.get_by_label("Message", exact=True).fill("not sent yet")
        for number in range(1, 9):
            person.post(room, f"number {number}")
            await expect(asha.read.get_by_text(f"number {number}", exact=True)).to_be_in_viewport()
        await expect(asha.write.get_by_label("Message", exact=True)).to_have_value("not sent yet")


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
            with contextlib.suppress(Error):  # while somebody reloads, the browser may do so by itself
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


async def test_frames_are_chosen_and_left_again(visit: Visit) -> None:
    asha = await visit(scripts=False, frames=False)
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.page.get_by_label("Message", exact=True).fill("on the page")
    await asha.press("Send")
    await expect(asha.text("on the page")).to_be_visible()
    await asha.press("Watch and write on one page")
    await expect(asha.read.get_by_text("on the page")).to_be_visible()
    await asha.write.get_by_label("Message", exact=True).fill("in a frame")
    await asha.write.get_by_role("button", name="Send").click()
    await expect(asha.read.get_by_text("in a frame")).to_be_visible()
    await asha.press("Use a page that stands still")
    await expect(asha.text("in a frame")).to_be_visible()
