"""Keys: between rooms, regions and messages, into what opens and out of it again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import KeyboardVisitor
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STATIC = Path(__file__).parents[2] / "static"


@pytest.mark.parametrize(("name", "most"), [("keys.js", 2944), ("switcher.js", 2304)])
async def test_the_scripts_are_small(name: str, most: int) -> None:
    assert len(gzip.compress((STATIC / "js" / name).read_bytes(), 9)) <= most


async def at_home(visit: Visit, server: ServerProcess, *names: str) -> tuple[Visitor, Person, dict[str, str]]:
    """Somebody with rooms of these names, before none of them yet."""
    person = Person.at(server.url).signed_up(somebody("asha"))
    rooms = {name: person.open_room(name) for name in names}
    asha = await visit(kind=KeyboardVisitor)
    await asha.enter(person)
    return asha, person, rooms


async def ready(visitor: Visitor, path: str) -> None:
    """There, and keys.js has run."""
    await visitor.go(path)
    await expect(visitor.page.locator("#announcer")).to_be_attached()


def focused(visitor: Visitor) -> Locator:
    return visitor.page.locator(":focus")


async def test_another_room_by_its_name(visit: Visit, server: ServerProcess) -> None:
    asha, _, rooms = await at_home(visit, server, "Garden", "Kitchen", "École de musique", "रसोई")
    page = asha.page
    await ready(asha, f"/rooms/{rooms['Garden']}")
    await asha.composer.fill("half a thought")
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Name of the room")
    await expect(field).to_be_focused()
    options = page.get_by_role("option")
    await expect(options).to_have_count(4)
    await expect(options.last).to_have_text("Garden")  # that is where one is
    for typed, found in (("ecole mus", "École de musique"), ("रस", "रसोई"), ("ITCH", "Kitchen")):
        await field.fill(typed)
        await expect(options).to_have_text([found])
        chosen = await options.first.get_attribute("id")
        await expect(field).to_have_attribute("aria-activedescendant", chosen or "")
        await expect(options.first).to_have_attribute("aria-selected", "true")
    await field.fill("nowhere")
    await expect(options).to_have_count(0)
    await expect(page.locator("#switcher [role=status]")).to_have_text("You are in no room of that name.")
    await page.keyboard.press("Escape")
    await expect(page.locator("#switcher")).to_have_count(0)
    await expect(asha.composer).to_be_focused()
    await page.keyboard.press("Control+k")
    await expect(field).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    wanted = (await page.locator("[aria-selected=true]").text_content() or "").strip()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{asha.base}/rooms/{rooms[wanted]}")


@pytest.mark.parametrize("path", ["/", "/profile"])
async def test_the_switcher_works_where_there_is_no_room(path: str, visit: Visit, server: ServerProcess) -> None:
    asha, _, rooms = await at_home(visit, server, "Garden", "Kitchen")
    await asha.go(path)
    await asha.page.wait_for_load_state()  # and so keys.js has run
    if path == "/":
        await asha.use(asha.page.get_by_role("link", name="Go to a room"))
    else:
        await asha.page.keyboard.press("Control+k")
    await expect(asha.page.get_by_role("combobox", name="Name of the room")).to_be_focused()
    await asha.page.keyboard.type("kit")
    await expect(asha.page.locator("#switcher").get_by_role("option")).to_have_text(["Kitchen"])
    await asha.page.keyboard.press("Enter")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{rooms['Kitchen']}")


async def test_the_next_room_and_the_next_unread_one(visit: Visit, server: ServerProcess) -> None:
    asha, person, rooms = await at_home(visit, server, "Ash", "Birch", "Cedar", "Dogwood")
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(rooms["Cedar"])
    for room in rooms.values():
        person.get(f"/rooms/{room}")
    ravi.post(rooms["Cedar"], "something new")
    await ready(asha, f"/rooms/{rooms['Ash']}")
    for keys, there in (
        ("Alt+ArrowDown", "Birch"),
        ("Alt+ArrowUp", "Ash"),
        ("Alt+ArrowUp", "Dogwood"),
        ("Alt+ArrowDown", "Ash"),
        ("Alt+Shift+ArrowUp", "Cedar"),
    ):
        await asha.page.keyboard.press(keys)
        await expect(asha.page).to_have_url(f"{asha.base}/rooms/{rooms[there]}")
        await expect(asha.page.locator("#announcer")).to_be_attached()
    await asha.mark()
    await asha.page.keyboard.press("Alt+Shift+ArrowDown")  # nothing is unread any more
    await asha.page.keyboard.press("Control+k")
    await expect(asha.page.get_by_role("combobox")).to_be_focused()
    await asha.assert_not_reloaded()


async def test_a_mac_keeps_its_keys_where_something_is_written(visit: Visit, server: ServerProcess) -> None:
    asha, _, rooms = await at_home(visit, server, "Ash", "Birch")
    await asha.page.add_init_script("Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })")
    await ready(asha, f"/rooms/{rooms['Ash']}")
    await asha.mark()
    await asha.page.evaluate("addEventListener('keydown', event => { window.taken = event.defaultPrevented; })")
    await asha.composer.fill("one\n\ntwo")
    for keys in ("Alt+ArrowDown", "Alt+Shift+ArrowUp", "Control+k"):
        await asha.page.keyboard.press(keys)
        assert await asha.page.evaluate("window.taken") is False, keys
    await expect(asha.page.locator("#switcher")).to_have_count(0)
    await asha.assert_not_reloaded()
    await asha.page.keyboard.press("Meta+k")
    await expect(asha.page.get_by_role("combobox")).to_be_focused()
    await asha.page.keyboard.press("Escape")
    await asha.composer.fill("")
    await asha.page.keyboard.press("Alt+ArrowDown")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{rooms['Birch']}")


async def test_the_sheet_of_keys(visit: Visit, server: ServerProcess) -> None:
    asha, _, rooms = await at_home(visit, server, "Garden")
    page = asha.page
    await ready(asha, f"/rooms/{rooms['Garden']}")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await asha.composer.fill("")
    await page.keyboard.type("why?")
    await expect(asha.composer).to_have_value("why?")
    await page.keyboard.press("Control+/")
    await expect(sheet.locator("kbd").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(asha.composer).to_be_focused()
    link = page.get_by_role("link", name="Keyboard shortcuts")
    await expect(link).to_have_attribute("aria-keyshortcuts", "?")
    await asha.reach(link)  # type: ignore[attr-defined]
    await page.keyboard.press("?")
    await expect(sheet).to_be_visible()
    # Who speaks to their machine turns single keys off.
    box = sheet.get_by_role("checkbox", name="Use keys that need no other key held down")
    await expect(box).to_be_checked()
    await asha.reach(box)  # type: ignore[attr-defined]
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await expect(link).to_be_focused()
    await page.keyboard.press("?")
    await page.keyboard.press("Enter")  # the link itself still opens it: only then is it there
    await expect(sheet).to_have_count(1)
    await expect(box).not_to_be_checked()


async def test_the_sheet_is_a_page_without_scripts(visit: Visit) -> None:
    stranger = await visit(scripts=False)
    await stranger.go("/login")
    await stranger.page.get_by_role("link", name="Keyboard shortcuts").click()
    await expect(stranger.page.get_by_role("heading", level=1, name="Keyboard shortcuts")).to_be_visible()
    await expect(stranger.page.get_by_role("checkbox")).to_have_count(0)


async def test_messages_are_walked_and_are_one_stop(visit: Visit, server: ServerProcess) -> None:
    asha, person, rooms = await at_home(visit, server, "Garden")
    room = rooms["Garden"]
    for number in range(1, 31):
        person.post(room, f"say {number}, [a link](https://example.org/)")
    await ready(asha, f"/rooms/{room}")
    page, rows = asha.page, asha.page.locator("#messages > .message")
    await expect(page.locator("#messages")).to_have_attribute("aria-live", "off")
    assert await page.locator("#messages :is(a, button, [tabindex='0'])").evaluate_all(
        "all => all.filter(one => one.tabIndex >= 0).length"
    ) == 1  # fmt: skip
    await page.keyboard.press("Shift+F6")
    await page.keyboard.press("Shift+F6")
    await expect(rows.last).to_be_focused()
    name = await rows.last.get_attribute("aria-label") or ""
    assert name.startswith(f"{person.name}: say 30, a link, "), name
    for key, there in (
        ("ArrowUp", 28),
        ("ArrowUp", 27),
        ("ArrowDown", 28),
        ("Home", 0),
        ("ArrowUp", 0),
        ("End", 29),
        ("ArrowDown", 29),
    ):
        await page.keyboard.press(key)
        await expect(rows.nth(there)).to_be_focused()
        await expect(rows.nth(there)).to_be_in_viewport()
    await page.keyboard.press("PageUp")
    at = int(await focused(asha).get_attribute("data-seq") or 0)
    assert 15 < at < 29
    # Tab goes to what can be done with this one, and then on.
    for part in (".message-time", ".message-text a", ".message-delete"):
        await page.keyboard.press("Tab")
        await expect(page.locator(f"#message-{at} {part}")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(f"#message-{at}")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(asha.composer).to_be_focused()


async def test_focus_stays_where_messages_change_and_go(visit: Visit, server: ServerProcess) -> None:
    asha, person, rooms = await at_home(visit, server, "Garden")
    room = rooms["Garden"]
    ravi = Person.at(server.url).signed_up(somebody("ravi")).join(room)
    for number in range(2, 7):
        person.post(room, f"say {number}")
    await ready(asha, f"/rooms/{room}")
    await expect(asha.member(person.name)).to_have_attribute("data-online", "true")
    page = asha.page
    await asha.walk_to("say 4")  # type: ignore[attr-defined]
    person.send("/profile", display_name="Asha the First")  # each of her messages is rendered anew
    await expect(page.locator("#message-4 .message-author")).to_have_text("Asha the First")
    await expect(page.locator("#message-4")).to_be_focused()
    ravi.post(room, "something else")
    await expect(asha.text("something else")).to_be_visible()
    await expect(page.locator("#message-4")).to_be_focused()
    person.delete(room, 4)  # in another window
    await expect(page.locator("#message-5")).to_be_focused()
    await asha.unsay("say 5")
    await expect(page.locator("#message-6")).to_be_focused()
    await asha.unsay("say 6")
    await expect(page.locator("#message-7")).to_be_focused()


async def test_what_is_deleted_with_the_mouse_gives_the_focus_to_the_field(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    person.post(room, "say 1")
    asha = await visit()
    await asha.enter(person)
    await ready(asha, f"/rooms/{room}")
    await asha.unsay("say 1")
    await expect(asha.composer).to_be_focused()


async def test_f6_goes_round(visit: Visit, server: ServerProcess) -> None:
    asha, person, rooms = await at_home(visit, server, "Garden", "Kitchen")
    person.post(rooms["Garden"], "one")
    await asha.page.set_viewport_size({"width": 1440, "height": 800})
    await ready(asha, f"/rooms/{rooms['Garden']}")
    page = asha.page
    places = [
        page.locator(".rooms [aria-current]"),
        page.locator("#message-1"),
        page.locator("aside.people"),
        asha.composer,
    ]
    await expect(asha.composer).to_be_focused()
    for place in places:
        await page.keyboard.press("F6")
        await expect(place).to_be_focused()
    for place in reversed(places[:-1]):
        await page.keyboard.press("Shift+F6")
        await expect(place).to_be_focused()


async def test_escape_and_leaving_close_what_is_open(visit: Visit, server: ServerProcess) -> None:
    asha, _, rooms = await at_home(visit, server, "Garden")
    page = asha.page
    await ready(asha, f"/rooms/{rooms['Garden']}")
    menu = page.locator(".room-menu")
    await asha.open_menu()
    await expect(menu).to_have_attribute("open", "")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(menu).not_to_have_attribute("open", "")
    await expect(menu.locator("> summary")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(menu).to_have_attribute("open", "")
    await asha.reach(page.locator("#messages > .message, #text").last)  # type: ignore[attr-defined]
    await expect(menu).not_to_have_attribute("open", "")


async def test_a_refused_form_begins_where_it_is_wrong(visit: Visit) -> None:
    asha = await visit(kind=KeyboardVisitor)
    asha.expected = ["422", "404"]
    await asha.go("/register")
    await asha.fill(Username=somebody("asha"), Email="a@example.org", Password="password")
    await asha.press("Create account")
    field = asha.page.get_by_label("Password", exact=True)
    await expect(field).to_be_focused()
    described = (await field.get_attribute("aria-describedby") or "").split()
    assert described == ["problem-password", "password-hint"]
    await expect(asha.page.locator("#problem-password")).to_contain_text("guess")
    await asha.arrive("asha")
    await asha.fill(Room_ID="aaaa-bbbb-cccc")
    await asha.press("Join room")
    field = asha.page.get_by_label("Room ID", exact=True)
    await expect(field).to_be_focused()
    assert (await field.get_attribute("aria-describedby") or "").split() == ["problem-room", "room-hint"]
    await asha.open_room("Garden")
    await asha.composer.fill("word " * 2001)
    await asha.page.keyboard.press("Enter")
    await expect(asha.alert()).to_be_visible()
    await expect(asha.composer).to_be_focused()
    await expect(asha.composer).to_have_attribute("aria-invalid", "true")
