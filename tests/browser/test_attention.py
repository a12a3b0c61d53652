"""Title, icon, sounds, notifications, and many tabs over few connections, in Chromium."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.background import born_hidden, hide, leave, show, spy
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOM = "Garden · Sampark Setu"
TOKEN = "a token for this test"


async def stand_in(visit: Visit, server: ServerProcess, room_name: str = "Garden") -> tuple[Visitor, Person, str]:
    """Asha in a room of hers, with spies; Ravi, who can write there; the room's ID."""
    asha = await visit(at=server)
    await spy(asha.page.context)
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room(room_name)
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await live(asha.page)
    return asha, ravi, room


async def live(page: Page) -> None:
    """Until the page's stream is open and its scripts have run."""
    await page.wait_for_function("() => document.querySelector('#live, #own-live')?._htmx?.sse?.reader")


async def paused(page: Page) -> None:
    await page.wait_for_function("() => !document.querySelector('#live, #own-live')?._htmx?.sse?.reader")


async def heard(page: Page, *sounds: str) -> None:
    await page.wait_for_function("wanted => JSON.stringify(heard) === JSON.stringify(wanted)", arg=[*sounds])


async def icon(page: Page) -> str:
    return (await page.locator("link[rel=icon]").get_attribute("href") or "").rpartition("/")[2]


async def test_a_tab_in_the_background_counts_in_its_title_and_icon(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await expect(asha.page).to_have_title(ROOM)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "one")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    assert await icon(asha.page) == "news.svg"
    ravi.post(room, "two")
    await expect(asha.page).to_have_title(f"(2) {ROOM}")
    await expect(asha.text("two")).to_have_count(0)
    await show(asha.page)
    await expect(asha.page).to_have_title(ROOM)
    await expect(asha.text("two")).to_be_visible()
    await expect(asha.text("one")).to_have_count(1)
    assert await icon(asha.page) == "sampark.svg"


async def badged(page: Page, what: int | str) -> None:
    """Until the icon of the installed app says so."""
    await page.wait_for_function("what => badges.at(-1) === what", arg=what)


async def test_the_installed_apps_icon_counts_and_is_cleared(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    other = ravi.open_room("Kitchen")
    Person.at(server.url).signed_in(asha.name).join(other)
    await asha.go(f"/rooms/{room}")
    await live(asha.page)
    await badged(asha.page, "none")
    await hide(asha.page)
    await paused(asha.page)
    for count in (1, 2):
        ravi.post(room, f"number {count}")
        await badged(asha.page, count)
    ravi.post(other, "dinner is ready")
    await badged(asha.page, 3)
    await show(asha.page)
    await live(asha.page)
    await badged(asha.page, 1)  # the other room's is still new
    await asha.page.locator(f'[data-room="{other}"] a').click()
    await live(asha.page)
    await badged(asha.page, "none")
    await leave(asha.page)
    ravi.post(other, "it gets cold")
    await badged(asha.page, 1)


async def test_a_room_that_was_new_before_is_a_badge_without_a_number(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    other = ravi.open_room("Kitchen")
    person = Person.at(server.url).signed_in(asha.name).join(other)
    person.get(f"/rooms/{other}")
    ravi.post(other, "while she was away")
    await asha.go(f"/rooms/{room}")
    await live(asha.page)
    await badged(asha.page, "some")


async def test_who_signs_out_leaves_no_badge(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await asha.page.evaluate("addEventListener('pagehide', () => { localStorage.badges = JSON.stringify(badges); })")
    await leave(asha.page)
    ravi.post(room, "beside her")
    await badged(asha.page, 1)
    await asha.sign_out()
    assert (await asha.page.evaluate("JSON.parse(localStorage.badges)"))[-2:] == [1, "none"]


async def test_a_window_without_the_keyboard_shows_and_counts(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    ravi.post(room, "while she looks")
    await expect(asha.text("while she looks")).to_be_visible()
    await leave(asha.page)
    ravi.post(room, "beside her")
    await expect(asha.text("beside her")).to_be_visible()
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    await show(asha.page)
    await expect(asha.page).to_have_title(ROOM)


async def test_news_in_another_room_are_a_dot(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    other = ravi.open_room("Kitchen")
    await asha.join(other)
    await live(asha.page)
    ravi.post(room, "in the garden")
    await expect(asha.page).to_have_title("• Kitchen · Sampark Setu")
    await asha.page.locator(f'[data-room="{room}"] a').click()
    await expect(asha.page).to_have_title(ROOM)
    await live(asha.page)


async def test_own_messages_and_joins_count_nothing(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await hide(asha.page)
    await paused(asha.page)
    own = Person.at(server.url).signed_in(asha.name)
    own.post(room, "from my phone")
    Person.at(server.url).signed_up(somebody("zoya")).join(room)
    ravi.post(room, "hello")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")


# Sounds


async def test_a_message_sounds_in_the_background_and_not_before_a_gesture(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    fetched: list[str] = []
    asha.page.on("request", lambda request: fetched.append(request.url) if ".mp3" in request.url else None)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "before any gesture")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    await heard(asha.page)
    assert not fetched
    await show(asha.page)
    await expect(asha.page).to_have_title(ROOM)
    await asha.page.locator(".room-head h1").click()
    ravi.post(room, "while she looks")
    await expect(asha.text("while she looks")).to_be_visible()
    await asha.say("and answers")
    await heard(asha.page)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "now")
    await heard(asha.page, "message")


async def test_somebody_who_joins_sounds_otherwise(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await asha.page.locator(".room-head h1").click()
    ravi.post(room, "so that who comes next has a line of their own")
    await expect(asha.text("so that who comes next has a line of their own")).to_be_visible()
    await leave(asha.page)
    Person.at(server.url).signed_up(somebody("zoya")).join(room)
    await heard(asha.page, "join")
    await expect(asha.page).to_have_title(ROOM)


async def test_two_tabs_of_a_room_sound_once(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    second = await asha.page.context.new_page()
    asha.listen(second)
    await second.goto(f"/rooms/{room}")
    await live(second)
    for page in (asha.page, second):
        await page.locator(".room-head h1").click()
        await hide(page)
        await paused(page)
    ravi.post(room, "once, please")
    for page in (asha.page, second):
        await expect(page).to_have_title(f"(1) {ROOM}")
    await asha.page.wait_for_function("() => heard.length <= 1")
    both = [await page.evaluate("heard.length") for page in (asha.page, second)]
    assert sum(both) == 1
    await show(second)
    await expect(asha.page).to_have_title(ROOM)  # read in one tab is read in all
    await live(second)


async def test_a_muted_room_is_silent_everywhere(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    other = ravi.open_room("Kitchen")
    Person.at(server.url).signed_in(asha.name).join(other)
    await asha.open_menu()
    await asha.press("Mute this room")
    await expect(asha.page.locator(f'[data-room="{room}"] .muted')).to_be_visible()
    await live(asha.page)
    await asha.page.locator(".room-head h1").click()
    await leave(asha.page)
    ravi.post(room, "whispered")
    await expect(asha.text("whispered")).to_be_visible()
    await expect(asha.page).to_have_title(ROOM)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "whispered again")
    ravi.post(other, "said aloud")
    await expect(asha.page).to_have_title(f"• {ROOM}")
    await heard(asha.page, "message")
    await show(asha.page)
    await asha.open_menu()
    await asha.press("Unmute this room")
    await expect(asha.page.locator(".muted")).to_have_count(0)
    await live(asha.page)


async def test_the_background_misses_nothing_while_its_stream_is_lost(visit: Visit, own_server: ServerProcess) -> None:
    asha, ravi, _ = await stand_in(visit, own_server)
    other = ravi.open_room("Kitchen")
    again = Person.at(own_server.url).signed_in(asha.name).join(other)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(other, "the stream is open")
    await expect(asha.page).to_have_title(f"• {ROOM}")
    again.get(f"/rooms/{other}")
    await expect(asha.page).to_have_title(ROOM)
    own_server.kill()
    own_server.start()
    # Before anybody has come back: a room of which no tab knows anything.
    ravi.post(other, "while nobody listened")
    await expect(asha.page).to_have_title(f"• {ROOM}")


async def test_a_tab_in_the_background_hears_of_a_room_that_was_joined_in_another(
    visit: Visit, server: ServerProcess
) -> None:
    asha, ravi, _ = await stand_in(visit, server)
    other = ravi.open_room("Kitchen")
    await hide(asha.page)
    await paused(asha.page)
    second = await asha.page.context.new_page()
    Person.at(server.url).signed_in(asha.name).join(other)
    await second.goto(f"{server.url}/rooms/{other}")
    await live(second)
    await second.close()
    ravi.post(other, "dinner is ready")
    await expect(asha.page).to_have_title(f"• {ROOM}")


async def test_who_wants_no_sounds_hears_none(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await asha.open_menu()
    await asha.page.get_by_text("Sounds and notifications").click()
    await asha.press("Turn all sounds off")
    await asha.open_menu()
    await asha.page.get_by_text("Sounds and notifications").click()
    await expect(asha.page.get_by_role("button", name="Turn sounds on")).to_be_visible()
    await live(asha.page)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "silently")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    assert await asha.page.evaluate("heard") == []
    await show(asha.page)
    await live(asha.page)


# Notifications


async def test_nothing_asks_by_itself_and_a_blocked_browser_is_told_how_to_allow(
    visit: Visit, server: ServerProcess
) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await asha.page.context.add_init_script(
        'Object.defineProperty(Notification, "permission", { get: () => "denied" });'
    )
    await asha.page.reload()
    await live(asha.page)
    await asha.open_menu()
    await asha.page.get_by_text("Sounds and notifications").click()
    await expect(asha.page.locator(".notify")).to_contain_text("Notifications are blocked.")
    await expect(asha.page.locator(".notify button")).to_have_count(0)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "hello")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    assert await asha.page.evaluate("[asked, shown.length]") == [0, 0]


async def test_notifications_are_asked_for_tried_shown_and_ended(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    await spy(asha.page.context)
    await asha.page.context.add_init_script(
        'let may = localStorage.may ?? "default";'
        'Object.defineProperty(Notification, "permission", { configurable: true, get: () => may });'
        'Notification.requestPermission = async () => { asked += 1; return may = localStorage.may = "granted"; };'
    )
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    await asha.enter(person)
    await asha.go("/")
    box = asha.page.locator(".notify")
    await expect(box).to_contain_text("You will be asked whether it may.")
    assert await asha.page.evaluate("asked") == 0
    await asha.press("Notify me")
    await expect(box).to_contain_text("this device shows you new messages")
    assert await asha.page.evaluate("asked") == 1
    await asha.press("Show me one now")
    await asha.page.wait_for_function("() => shown.length === 1 && shown[0].title === 'Notifications work'")
    await asha.go(f"/rooms/{room}")
    await live(asha.page)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "**dinner** is ready")
    await asha.page.wait_for_function("() => shown.length === 1")
    [note] = await asha.page.evaluate("shown")
    assert (note["title"], note["body"], note["tag"]) == (f"{ravi.name} · Garden", "dinner is ready", room)
    await show(asha.page)
    await live(asha.page)
    ravi.post(room, "she looks")
    await expect(asha.text("she looks")).to_be_visible()
    await asha.open_menu()
    await asha.page.get_by_text("Sounds and notifications").click()
    await asha.press("Do not notify me")
    await expect(box).to_contain_text("does not show you")
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "and now?")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    assert await asha.page.evaluate("shown.length") == 1
    await show(asha.page)
    await live(asha.page)


async def test_of_many_tabs_one_notifies(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    await asha.page.context.grant_permissions(["notifications"])
    # A browser that may is not enough: it may have been somebody else's wish.
    await asha.page.evaluate("localStorage[`notify:${sampark.person}`] = 'on'")
    pages = [asha.page]
    for _ in range(2):
        pages.append(await asha.page.context.new_page())
        asha.listen(pages[-1])
        await pages[-1].goto(f"/rooms/{room}")
        await live(pages[-1])
    for page in pages:
        await hide(page)
        await paused(page)
    ravi.post(room, "once")
    for page in pages:
        await expect(page).to_have_title(f"(1) {ROOM}")
    ravi.post(room, "twice")
    for page in pages:
        await expect(page).to_have_title(f"(2) {ROOM}")
    shown = [one for page in pages for one in await page.evaluate("shown.map(one => one.body)")]
    assert sorted(shown) == ["once", "twice"]


# Many tabs


async def test_twenty_tabs_over_six_connections(visit: Visit, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, SAMPARK_METRICS_TOKEN=TOKEN) as server:
        asha, ravi, room = await stand_in(visit, server)
        pages = [asha.page]
        for number in range(19):
            await hide(pages[-1])
            page = await asha.page.context.new_page()
            asha.listen(page)
            # Some are opened in the background, as by a click with the middle button: they were never in view.
            pages.append(await born_hidden(page) if number % 3 == 0 and number < 18 else page)
            await page.goto(f"/rooms/{room}")
        last = pages[-1]
        await live(last)

        def streams() -> dict[str, float]:
            text = Person.at(server.url).get("/metrics", Authorization=f"Bearer {TOKEN}").text
            return {kind: float(value) for kind, value in re.findall(r'streams_open\{transport="(\w+)"\} (\S+)', text)}

        async with asyncio.timeout(20):
            while sum(streams().values()) > 2:  # noqa: ASYNC110 - the server does not say when
                await asyncio.sleep(0.1)
        assert streams() == {"sse": 1, "user": 1} | {kind: 0 for kind in streams() if kind not in {"sse", "user"}}

        await last.get_by_role("textbox", name="Message", exact=True).fill("from the twentieth tab")
        await last.get_by_role("button", name="Send", exact=True).click()
        await expect(last.locator(".message-text", has_text="from the twentieth tab")).to_be_visible()
        await hide(last)
        await paused(last)
        ravi.post(room, "to all of them")
        for page in pages:
            await expect(page).to_have_title(f"(1) {ROOM}")
        # Each of them comes back whole, also one that was never in view before.
        for page in (pages[1], pages[7]):
            await show(page)
            await expect(page.locator(".message-text", has_text="to all of them")).to_be_visible()
            await expect(page.locator(".message-text", has_text="from the twentieth tab")).to_be_visible()
            await live(page)
            await expect(last).to_have_title(ROOM)


async def test_a_person_in_the_background_stays_online_in_the_room(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    with ravi.follow(room) as stream:
        await hide(asha.page)
        await paused(asha.page)
        ravi.post(room, "are you there?")
        await expect(asha.page).to_have_title(f"(1) {ROOM}")
        # Longer than the grace after a stream that has closed (one second here).
        await asyncio.sleep(2)
        ravi.post(room, "still?")
        await expect(asha.page).to_have_title(f"(2) {ROOM}")
        assert asha.name in stream.online
        await asha.page.close()
        await asyncio.to_thread(stream.wait, lambda read: asha.name not in read.online, "offline with the last tab")


async def test_a_tab_in_the_background_leaves_with_the_session(visit: Visit, server: ServerProcess) -> None:
    asha, _, _ = await stand_in(visit, server)
    asha.expected += ["401"]
    await hide(asha.page)
    await paused(asha.page)
    second = await asha.page.context.new_page()
    asha.listen(second)
    await second.goto("/")
    await second.get_by_role("button", name="Sign out").click()
    await expect(asha.page).to_have_url(re.compile(r"/login"))


async def test_the_line_comes_back_at_once_when_one_looks(visit: Visit, server: ServerProcess) -> None:
    asha, ravi, room = await stand_in(visit, server)
    opened: list[str] = []

    async def noted(route: Route) -> None:
        opened.append(route.request.headers.get("last-event-id", ""))
        await route.continue_()

    await asha.page.route(f"**/rooms/{room}/events*", noted)
    await hide(asha.page)
    await paused(asha.page)
    ravi.post(room, "missed")
    await expect(asha.page).to_have_title(f"(1) {ROOM}")
    assert not opened, "a tab in the background opens no stream of its own"
    await show(asha.page)
    await expect(asha.text("missed")).to_be_visible()
    assert len(opened) == 1
    assert opened[0].isdigit(), "it resumes where it was"
