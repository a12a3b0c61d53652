"""The whole story of two people at once, in two browsers, with htmx."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_first_account_is_the_administrators_and_the_page_says_so(
    visit: Visit, own_server: ServerProcess
) -> None:
    asha = await visit(at=own_server)
    await asha.go("/")
    await expect(asha.page).to_have_url(f"{own_server.url}/login")
    await asha.page.get_by_role("link", name="Create the first account").click()
    await expect(asha.page.get_by_text("administrator")).to_be_visible()
    await asha.register("asha")
    await expect(asha.page.get_by_role("status")).to_contain_text("Your account is ready")
    await asha.sign_in()
    ravi = await visit(at=own_server)
    await ravi.go("/register")
    await expect(ravi.page.get_by_text("administrator")).to_have_count(0)


async def test_two_people_talk(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    assert re.fullmatch(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", shown)
    await ravi.arrive("ravi")
    await asha.mark()
    await ravi.join(f"  {shown.upper()} ")
    await ravi.mark()
    await expect(asha.page.get_by_text(f"{ravi.name} joined the room")).to_be_visible()
    await expect(asha.member(ravi.name)).to_have_attribute("data-online", "true")
    await expect(ravi.member(asha.name)).to_have_attribute("data-online", "true")
    for number in range(3):
        await asha.say(f"asha says {number}")
        await expect(ravi.text(f"asha says {number}")).to_be_visible()
        await ravi.say(f"ravi says {number}")
        await expect(asha.text(f"ravi says {number}")).to_be_visible()
    for one in (asha, ravi):
        assert await one.seqs() == list(range(1, 8))
        await one.assert_not_reloaded()
        await expect(one.composer).to_have_value("")
        await expect(one.composer).to_be_focused()
    # What is written in one's own page is what everybody's page shows when it is loaded anew.
    await asha.page.reload()
    assert await asha.seqs() == list(range(1, 8))


@pytest.mark.parametrize("typed", ["{shown}", "{bare}", "{upper}", " {spaced} ", "{link}", "{link}?around=1#message-1"])
async def test_a_room_is_found_by_its_id_however_it_is_typed(typed: str, visit: Visit, server: ServerProcess) -> None:
    room = Person.at(server.url).signed_up(somebody("asha")).open_room("Garden")
    shown = f"{room[:4]}-{room[4:8]}-{room[8:]}"
    forms = {"shown": shown, "bare": room, "upper": shown.upper(), "spaced": shown.replace("-", " ")}
    ravi = await visit()
    await ravi.enter(Person.at(server.url).signed_up(somebody("ravi")))
    await ravi.join(typed.format(**forms, link=f"{server.url}/rooms/{room}"))
    assert await ravi.room() == room


async def test_who_closes_the_browser_stays_signed_in(visit: Visit) -> None:
    asha = await visit()
    await asha.register(somebody("asha"))
    await asha.sign_in()
    lifetimes = {cookie["name"]: cookie["expires"] - time.time() for cookie in await asha.page.context.cookies()}
    assert lifetimes["sampark"] > 80 * 24 * 3600, "a cookie that ends with the browser signs people out every evening"


async def test_an_unknown_id_keeps_what_was_typed_and_says_why(visit: Visit) -> None:
    asha = await visit()
    asha.expected = ["404"]
    await asha.arrive("asha")
    await asha.fill(Room_ID="aaaa-bbbb-cccc")
    await asha.press("Join room")
    await expect(asha.alert()).to_contain_text("no room with this ID")
    await expect(asha.page.get_by_label("Room ID", exact=True)).to_have_value("aaaa-bbbb-cccc")


async def test_enter_sends_and_shift_enter_does_not(visit: Visit) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.composer.press_sequentially("one")
    await asha.composer.press("Shift+Enter")
    await asha.composer.press_sequentially("two")
    await asha.composer.press("Enter")
    await expect(asha.page.locator(".message-text")).to_have_text("one two", use_inner_text=False)
    # Quick ones, one after the other without waiting: no word lost, none twice, in order.
    for number in range(8):
        await asha.composer.press_sequentially(f"quick {number}")
        await asha.composer.press("Enter")
    await expect(asha.message("quick 7")).to_be_visible()
    texts = await asha.page.locator(".message-text").all_text_contents()
    said = re.sub(r"\s", "", "".join(texts[1:]))
    assert said == "".join(f"quick{number}" for number in range(8))
    await asha.page.reload()
    assert await asha.page.locator(".message-text").all_text_contents() == texts


async def test_on_a_slow_line_each_enter_ends_a_message(visit: Visit) -> None:
    """Who writes on while the line is slow must not find two messages run into one word."""
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    arrived = asyncio.Event()

    async def slow(route: Route) -> None:
        if route.request.method == "POST":
            await arrived.wait()
        await route.continue_()

    await asha.page.route("**/messages", slow)
    for text in ("one", "yes", "ok"):
        await asha.composer.press_sequentially(text)
        await asha.composer.press("Enter")
    arrived.set()
    await expect(asha.message("ok")).to_be_visible()
    texts = await asha.page.locator(".message-text").all_text_contents()
    assert " ".join(texts).split() == ["one", "yes", "ok"]
    await expect(asha.composer).to_have_value("")


async def test_typing_shows_to_the_other_and_goes_away(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(shown)
    await expect(asha.member(ravi.name)).to_have_attribute("data-online", "true")
    await ravi.composer.press_sequentially("I think")
    await expect(asha.page.locator("#typing")).to_have_text(f"{ravi.name} is typing…")
    await expect(ravi.page.locator("#typing")).to_have_text("")
    await ravi.composer.press("Enter")
    await expect(asha.text("I think")).to_be_visible()
    await expect(asha.page.locator("#typing")).to_have_text("")


async def test_who_closes_the_page_is_offline(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(shown)
    await expect(asha.member(ravi.name)).to_have_attribute("data-online", "true")
    await ravi.page.close()
    await expect(asha.member(ravi.name)).to_have_attribute("data-online", "false")


async def test_a_deleted_message_disappears_for_both(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(shown)
    await ravi.say("his own")
    await asha.say("a mistake")
    await expect(ravi.message("a mistake")).to_be_visible()
    await asha.message("a mistake").hover()
    await expect(asha.message("his own").get_by_role("button", name="Delete message")).to_be_hidden()
    await expect(ravi.message("a mistake").get_by_role("button", name="Delete message")).to_be_hidden()
    await asha.message("a mistake").get_by_role("button", name="Delete message").click()
    for one in (asha, ravi):
        await expect(one.message("a mistake")).to_have_count(0)
        await expect(one.message("his own")).to_be_visible()
    await ravi.page.reload()
    await expect(ravi.message("a mistake")).to_have_count(0)


async def test_focus_and_draft_survive_what_arrives(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    room = await asha.room()
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    await asha.composer.fill("half a thought")
    await asha.page.evaluate("document.querySelector('#text').setSelectionRange(5, 7)")
    for number in range(5):
        ravi.post(room, f"interruption {number}")
    await expect(asha.text("interruption 4")).to_be_visible()
    await expect(asha.composer).to_be_focused()
    await expect(asha.composer).to_have_value("half a thought")
    place = "[document.querySelector('#text').selectionStart, document.querySelector('#text').selectionEnd]"
    assert await asha.page.evaluate(place) == [5, 7]
    await asha.page.reload()
    await expect(asha.composer).to_have_value("half a thought")


async def test_a_refused_message_keeps_its_text_and_says_why(visit: Visit) -> None:
    asha = await visit()
    asha.expected = ["422"]
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.mark()
    long = "word " * 2001
    await asha.fill(Message=long)
    await asha.press("Send")
    await expect(asha.alert()).to_contain_text("too long by 4")
    await expect(asha.composer).to_have_value(long)
    await asha.assert_not_reloaded()
    await asha.say("short now")
    await expect(asha.alert()).to_have_count(0)
    assert await asha.seqs() == [1]
    await asha.say("and another")
    assert await asha.seqs() == [1, 2]


async def test_another_rooms_message_marks_it_in_the_list(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    here, there = person.open_room("Garden"), person.open_room("Kitchen")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(there)
    person.get(f"/rooms/{there}")
    await asha.enter(person)
    await asha.go(f"/rooms/{here}")
    unread = asha.page.locator(f'[data-room="{there}"] .unread')
    await expect(unread).to_have_text("")
    await expect(asha.member(person.name)).to_have_attribute("data-online", "true")
    ravi.post(there, "dinner!")
    await expect(unread).to_have_text("New")
    await asha.page.get_by_role("link", name="Kitchen").click()
    await expect(asha.text("dinner!")).to_be_visible()
    await expect(unread).to_have_text("")
    await asha.page.get_by_role("link", name="Garden").click()
    await expect(asha.page.get_by_role("heading", level=1, name="Garden")).to_be_visible()
    await expect(unread).to_have_text("")


async def test_who_leaves_is_out_and_the_other_is_told(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    ravi.expected = ["404"]
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(shown)
    room = await ravi.room()
    await ravi.open_menu()
    await ravi.press("Leave room")
    await expect(ravi.page).to_have_url(f"{ravi.base}/")
    await expect(ravi.page.locator(f'[data-room="{room}"]')).to_have_count(0)
    await expect(asha.page.get_by_text(f"{ravi.name} left the room")).to_be_visible()
    await expect(asha.member(ravi.name)).to_have_count(0)
    await ravi.go(f"/rooms/{room}")
    await expect(ravi.alert()).to_be_visible()
    await expect(ravi.page.get_by_label("Room ID", exact=True)).to_be_visible()


async def test_a_deleted_room_ends_the_others_page_with_a_notice(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await ravi.arrive("ravi")
    await ravi.join(shown)
    await expect(asha.member(ravi.name)).to_have_attribute("data-online", "true")
    await ravi.fill(Message="not sent yet")
    await expect(ravi.page.get_by_role("button", name="Delete room")).to_have_count(0)
    await asha.open_menu()
    await asha.page.get_by_text("Delete…").click()
    await asha.press("Delete room")
    await expect(asha.page).to_have_url(f"{asha.base}/")
    await expect(ravi.alert()).to_contain_text("This room has been deleted.")
    await expect(ravi.page.get_by_role("textbox", name="Message", exact=True)).to_have_value("not sent yet")
    await ravi.page.get_by_role("alert").get_by_role("link").click()
    await expect(ravi.page).to_have_url(f"{ravi.base}/")


async def test_signing_out_ends_this_browsers_streams_and_no_others(visit: Visit) -> None:
    asha, phone = await visit(), await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    room = await asha.room()
    phone.name = asha.name
    await phone.sign_in()
    await phone.go(f"/rooms/{room}")
    other_tab = await asha.page.context.new_page()
    asha.listen(other_tab)
    await other_tab.goto(f"/rooms/{room}")
    await expect(other_tab.locator('#members [data-online="true"]')).to_have_count(1)
    asha.expected = ["401"]
    await asha.press("Sign out")
    await expect(asha.page).to_have_url(f"{asha.base}/login")
    await expect(other_tab).to_have_url(f"{asha.base}/login?next=%2Frooms%2F{room}")
    await phone.say("still here")
    asha.page = other_tab
    await asha.sign_in()
    await expect(asha.text("still here")).to_be_visible()
