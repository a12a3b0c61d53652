"""What things are called, what hostile names do (nothing), and that every page is quiet: no error, no other host."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = [
    '<svg onload="window.pwned=1">',
    "<img src=x onerror=window.pwned=1>",
    '"><script>window.pwned=1</script>',
    "'-window.pwned-'",
    "</title></style></template><script>window.pwned=1</script>",
    "{{ 7*7 }} ${window.pwned=1}",
]

TEXTS = [
    "[click](javascript:window.pwned=1) [too](data:text/html,<script>window.pwned=1</script>)",
    '<div hx-get="/logout" hx-trigger="load" hx-on:load="window.pwned=1">x</div>',
    '<template for="m1"><script>window.pwned=1</script></template><?end name="m1">',
    '<hx-partial hx-target="#messages" hx-swap="innerHTML">gone</hx-partial>',
    "line\r\n\r\ndata: <script>window.pwned=1</script>\r\nevent: gone\r\nid: 999999\u2028x",
    '<a id="composer" href="//evil.example/" onclick="window.pwned=1">x</a><style>*{display:none}</style>',
    "![x](https://evil.example/x.png) <img src=https://evil.example/y.png>",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_only_a_name(name: str, visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("mallory"))
    person.send("/profile", display_name=name)
    room = person.open_room(name)
    asha = Person.at(server.url).signed_up(somebody("asha")).join(room)
    person.post(room, name)
    reader = await visit()
    await reader.enter(asha)
    paths = ["/", f"/rooms/{room}", f"/rooms/{room}/members", f"/rooms/{room}/messages/2", "/profile"]
    for path in paths:
        await reader.go(path)
        await assert_unharmed(reader)
    await reader.go(f"/rooms/{room}")
    await expect(reader.page.get_by_role("heading", level=1)).to_have_text(name)
    await expect(reader.page.locator("#message-2 .message-author")).to_have_text(name)
    await expect(reader.page.locator("#message-2 .message-text")).to_have_text(name)
    person.send(f"/rooms/{room}/typing")
    await expect(reader.page.locator("#typing")).to_have_text(f"{name} is typing…")
    person.post(room, name)
    await expect(reader.page.locator("#message-3 .message-text")).to_have_text(name)
    await expect(reader.page.locator("#typing")).to_have_text("")
    await assert_unharmed(reader)
    await reader.go(f"/rooms/{room}/live", wait_until="commit")
    await expect(reader.page.locator("#message-3 .message-author")).to_have_text(name)
    person.post(room, "the end")
    await expect(reader.text("the end")).to_be_visible()
    await assert_unharmed(reader)


async def test_hostile_messages_stay_inside_their_message(visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("mallory"))
    room = person.open_room("Garden")
    asha = Person.at(server.url).signed_up(somebody("asha")).join(room)
    page, live = await visit(), await visit()
    for reader in (page, live):
        await reader.enter(asha)
    await page.go(f"/rooms/{room}")
    await live.go(f"/rooms/{room}/live", wait_until="commit")
    await expect(page.member(asha.name)).to_have_attribute("data-online", "true")
    for text in TEXTS:
        person.post(room, text)
    last = person.post(room, "the end")
    for reader in (page, live):
        await expect(reader.page.locator(f"#message-{last}")).to_be_visible()
        assert await reader.seqs() == list(range(1, last + 1))
        await assert_unharmed(reader)
        for link in await reader.page.locator(".message-text a").all():
            assert not (await link.get_attribute("href") or "").lower().startswith(("javascript:", "data:"))
    await expect(page.composer).to_be_visible()
    await page.page.reload()
    assert await page.seqs() == list(range(1, last + 1))
    await assert_unharmed(page)


async def assert_unharmed(reader: Visitor) -> None:
    assert await reader.page.evaluate("window.pwned") is None
    assert await reader.page.locator("img[src='x'], svg[onload], [onerror], [onclick]").count() == 0


FIELDS = {
    "/register": (["Username", "Email", "Password"], ["Create account"]),
    "/login": (["Username or email", "Password"], ["Sign in"]),
    "/": (["Room name", "Description", "Room ID"], ["Create room", "Join room", "Sign out"]),
    "/profile": (["Display name", "Username", "Email"], ["Save", "Sign out"]),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("path", [*FIELDS])
async def test_fields_and_buttons_have_their_names(
    path: str, scripts: bool, visit: Visit, server: ServerProcess
) -> None:
    visitor = await visit(scripts=scripts)
    if path in {"/", "/profile"}:
        await visitor.enter(Person.at(server.url).signed_up(somebody("asha")))
    await visitor.go(path)
    fields, buttons = FIELDS[path]
    for field in fields:
        await expect(visitor.page.get_by_label(field, exact=True)).to_be_visible()
    for button in buttons:
        await expect(visitor.page.get_by_role("button", name=button, exact=True)).to_be_visible()
    await assert_well_made(visitor)
    await expect(visitor.page.get_by_label("Theme")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
async def test_the_room_has_its_names(scripts: bool, visit: Visit, server: ServerProcess) -> None:
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    person.post(room, "one")
    visitor = await visit(scripts=scripts)
    await visitor.enter(person)
    await visitor.go(f"/rooms/{room}")
    if not scripts:
        # In the frames there are the same names; then on the page without them.
        await expect(visitor.write.get_by_label("Message", exact=True)).to_be_visible()
        await expect(visitor.write.get_by_role("button", name="Send", exact=True)).to_be_visible()
        await expect(visitor.read.get_by_role("log", name="Messages")).to_be_visible()
        await visitor.go(f"/rooms/{room}?plain=1")
    await assert_well_made(visitor)
    await expect(visitor.composer).to_be_visible()
    await expect(visitor.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    await expect(visitor.page.get_by_role("log", name="Messages")).to_be_visible()
    await expect(visitor.page.locator('ul#members[aria-label="Members"]')).to_have_count(1)
    await expect(visitor.page.locator("p#typing")).to_have_count(1)
    await visitor.open_menu()
    await expect(visitor.page.get_by_role("button", name="Leave room", exact=True)).to_be_visible()
    await visitor.page.get_by_text("Delete…").click()
    await expect(visitor.page.get_by_role("button", name="Delete room", exact=True)).to_be_visible()
    message = visitor.page.locator("article#message-1.message")
    for name, value in {"data-seq": "1", "data-version": "1", "data-author": person.name, "data-kind": "text"}.items():
        await expect(message).to_have_attribute(name, value)
    await expect(message.get_by_role("button", name="Delete message", exact=True)).to_have_count(1)
    await expect(message.locator(".message-author")).to_have_text(person.name)
    link = message.locator("a", has=visitor.page.locator("time[datetime$='Z']"))
    await expect(link).to_have_attribute("href", f"/rooms/{room}/messages/1")
    await link.click()
    await expect(visitor.page.get_by_role("button", name="Delete message", exact=True).last).to_be_visible()
    await assert_well_made(visitor)


async def assert_well_made(visitor: Visitor) -> None:
    page = visitor.page
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(page.locator("a[href='#main']")).to_have_count(1)


async def test_the_theme_is_a_choice_that_stays(visit: Visit) -> None:
    asha = await visit()
    await asha.go("/login")
    await asha.page.get_by_label("Theme").select_option("dark")
    await asha.press("Apply")
    await expect(asha.page.locator("html")).to_have_attribute("data-theme", "dark")
    await asha.arrive("asha")
    await asha.page.get_by_label("Theme").select_option("light")
    await asha.press("Apply")
    await expect(asha.page.locator("html")).to_have_attribute("data-theme", "light")


async def test_hindi_is_hindi(visit: Visit) -> None:
    asha = await visit()
    await asha.go("/login")
    await asha.page.get_by_label("Language").select_option("hi")
    await asha.press("Apply")
    await expect(asha.page.locator("html")).to_have_attribute("lang", "hi")
    await expect(asha.page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
