"""The service worker, in Chromium: static files and the offline page, and nothing else."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import PASSWORD, Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CONTROLLED = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"
KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys())
    kept[name] = (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname + new URL(request.url).search);
  return kept;
}"""


async def test_only_static_files_and_the_offline_page_are_kept(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    await asha.go("/login")
    await asha.page.evaluate("Promise.all([caches.open('sampark of last week'), caches.open('of somebody else')])")
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    await asha.enter(person)
    await asha.go("/")
    await asha.page.wait_for_function(CONTROLLED)
    await asha.go(f"/rooms/{room}")
    await asha.say("a secret")
    await asha.go("/profile")
    await asha.go(f"/rooms/{room}/messages/1")
    await asha.go("/manifest.webmanifest")
    await asha.go(f"/rooms/{room}")
    kept = await asha.page.evaluate(KEPT)
    assert "sampark of last week" not in kept, "the cache of an earlier version stays for ever"
    assert "of somebody else" in kept
    [ours] = [paths for name, paths in kept.items() if name.startswith("sampark ")]
    assert "/offline?language=en&theme=system" in ours
    assert any(path.endswith("/app.css") for path in ours)
    assert all(path.startswith(("/static/", "/offline?")) for path in ours), ours


async def test_streams_and_posts_do_not_pass_through_the_worker(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    await asha.page.wait_for_function(CONTROLLED)
    through: dict[str, bool] = {}
    asha.page.on("response", lambda answer: through.update({answer.url.split("?")[0]: answer.from_service_worker}))
    async with asha.page.expect_response(f"**/rooms/{room}/events*"):
        await asha.page.reload()
    # The stream may show a message before its post is answered.
    async with asha.page.expect_response(f"**/rooms/{room}/messages"):
        await asha.say("hello")
    assert through[f"{server.url}/rooms/{room}/events"] is False
    assert through[f"{server.url}/rooms/{room}/messages"] is False
    styles = [is_kept for address, is_kept in through.items() if address.endswith("app.css")]
    assert styles == [True], "static files come from the worker"


async def test_when_the_line_is_down_a_page_says_so_and_comes_back(visit: Visit, own_server: ServerProcess) -> None:
    asha = await visit(at=own_server)
    asha.expected += ["ERR_CONNECTION_REFUSED", "Failed to load resource", "net::"]
    person = Person.at(own_server.url).signed_up("asha")
    room = person.open_room("Garden")
    person.send("/preferences", theme="dark", language="hi")
    await asha.enter(person)
    await asha.go("/")
    await asha.page.wait_for_function(CONTROLLED)
    await asha.go("/profile")
    own_server.stop()
    await asha.page.goto(f"/rooms/{room}")
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("आप ऑफ़लाइन हैं")
    await expect(asha.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert asha.page.url.endswith(f"/rooms/{room}")
    await expect(asha.page.locator("img")).to_have_js_property("complete", True)
    assert await asha.page.locator("img").evaluate("image => image.naturalWidth") > 0
    own_server.start()
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("Garden")
    await expect(asha.page.locator("#messages")).to_be_visible()


async def test_a_draft_from_another_app_waits_in_the_room(visit: Visit, server: ServerProcess) -> None:
    asha = await visit()
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    await asha.enter(person)
    await asha.go("/share?title=Bees&text=https%3A%2F%2Fexample.org")
    await asha.page.get_by_role("button", name="Garden").click()
    await expect(asha.composer).to_have_value("Bees\nhttps://example.org")
    assert asha.page.url.endswith(f"/rooms/{room}")
    await asha.press("Send")
    await expect(asha.page.locator(".message-text", has_text="Bees")).to_be_visible()


SHARE = """([words, file]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/share", enctype: "multipart/form-data" });
  for (const [name, value] of Object.entries(words)) form.append(Object.assign(document.createElement("input"), { name, value }));
  const field = Object.assign(document.createElement("input"), { type: "file", name: "files", multiple: true });
  const made = new DataTransfer();
  if (file) made.items.add(new File([file], "bees.txt", { type: "text/plain" }));
  field.files = made.files;
  form.append(field);
  document.body.append(form);
  form.submit();
}"""
"""As the system does it for an installed app: the form that the manifest describes."""
WORDS = {"title": "Bees", "text": "गुन https://example.org/", "url": "https://example.org/"}
SAID = "Bees\nगुन https://example.org/"
WAITING = "caches.has('shared')"


async def installed(visit: Visit, server: ServerProcess) -> tuple[Visitor, Person, str]:
    asha = await visit(at=server)
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Garden")
    await asha.enter(person)
    await asha.go("/")
    await asha.page.wait_for_function(CONTROLLED)
    return asha, person, room


async def choose_the_garden(asha: Visitor) -> None:
    await expect(asha.page.locator("#shared")).to_have_value(SAID)
    await expect(asha.page.locator("#shared-files")).to_have_text("1 file attached: \u2068bees.txt\u2069")
    await asha.page.get_by_role("button", name="Garden").click()
    await expect(asha.composer).to_have_value(SAID)
    await expect(asha.page.locator(".chip-name")).to_have_text("bees.txt")


async def test_words_and_a_file_from_another_app_wait_in_the_room(visit: Visit, server: ServerProcess) -> None:
    asha, person, room = await installed(visit, server)
    await asha.page.evaluate(SHARE, [WORDS, "hum " * 9])
    await choose_the_garden(asha)
    assert await asha.page.evaluate(WAITING) is False, "what is in the room waits no longer"
    assert person.messages(room) == {}, "nothing is sent before one says so"
    await asha.press("Send")
    message = asha.message("गुन")
    await expect(message.get_by_role("link", name="bees.txt")).to_be_visible()
    await asha.page.reload()
    await expect(asha.page.locator(".chip-name")).to_have_count(0)


async def test_a_file_alone_is_shared_too(visit: Visit, server: ServerProcess) -> None:
    asha, _, room = await installed(visit, server)
    await asha.page.evaluate(SHARE, [{"title": "", "text": "", "url": ""}, "hum"])
    await expect(asha.page.locator("#shared-files")).to_be_visible()
    await asha.page.get_by_role("button", name="Garden").click()
    await expect(asha.page).to_have_url(f"{server.url}/rooms/{room}")
    await expect(asha.page.locator(".chip-name")).to_have_text("bees.txt")
    await expect(asha.composer).to_have_value("")


async def test_what_is_shared_waits_for_whoever_signs_in(visit: Visit, server: ServerProcess) -> None:
    asha, person, _ = await installed(visit, server)
    await asha.page.context.clear_cookies(name="sampark")
    await asha.go("/login")
    await asha.page.evaluate(SHARE, [WORDS, "hum"])
    await expect(asha.page).to_have_url(f"{server.url}/login?next=/share")
    await expect(asha.page.get_by_text("it waits for you")).to_be_visible()
    await asha.fill(Username_or_email=person.name, Password=PASSWORD)
    await asha.press("Sign in")
    await choose_the_garden(asha)


async def test_what_was_shared_and_left_is_gone_with_signing_out(visit: Visit, server: ServerProcess) -> None:
    asha, _, _ = await installed(visit, server)
    await asha.page.evaluate(SHARE, [WORDS, "hum"])
    await expect(asha.page.locator("#shared")).to_have_value(SAID)
    assert await asha.page.evaluate(WAITING) is True
    await asha.sign_out()
    assert await asha.page.evaluate(WAITING) is False


async def test_what_is_shared_while_the_line_is_down_waits_until_it_is_back(
    visit: Visit, own_server: ServerProcess
) -> None:
    asha, _, _ = await installed(visit, own_server)
    asha.expected += ["ERR_CONNECTION_REFUSED", "Failed to load resource", "net::"]
    own_server.stop()
    await asha.page.evaluate(SHARE, [WORDS, "hum"])
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("You are offline")
    own_server.start()
    await choose_the_garden(asha)


async def test_what_is_shared_later_stands_alone(visit: Visit, server: ServerProcess) -> None:
    """Words that came otherwise, or an hour, and nothing of what waited before comes along."""
    asha, _, _ = await installed(visit, server)
    await asha.page.evaluate(SHARE, [WORDS, "hum"])
    await expect(asha.page.locator("#shared-files")).to_be_visible()
    await asha.go("/share?text=Wasps")
    await asha.page.wait_for_function(f"{WAITING}.then((is) => !is)")
    await expect(asha.page.locator("#shared")).to_have_value("Wasps")
    await expect(asha.page.locator("#shared-files")).to_be_hidden()
    await asha.page.get_by_role("button", name="Garden").click()
    await expect(asha.composer).to_have_value("Wasps")
    await expect(asha.page.locator(".chip-name")).to_have_count(0)


async def test_files_come_along_to_another_room(visit: Visit, server: ServerProcess) -> None:
    """The one that was chosen first had been left meanwhile."""
    asha, person, room = await installed(visit, server)
    other = person.open_room("Orchard")
    await asha.page.evaluate(SHARE, [WORDS, "hum"])
    await expect(asha.page.locator("#shared-files")).to_be_visible()
    person.leave(room)
    asha.expected.append("404")
    await asha.page.get_by_role("button", name="Garden").click()
    await expect(asha.page.get_by_text("You are not in this room, or it is gone.")).to_be_visible()
    await expect(asha.page.locator("#shared-files")).to_be_visible()
    await asha.page.get_by_role("button", name="Orchard").click()
    await expect(asha.page).to_have_url(f"{server.url}/rooms/{other}")
    await expect(asha.composer).to_have_value(SAID)
    await expect(asha.page.locator(".chip-name")).to_have_text("bees.txt")
