"""The service worker, in Chromium: static files and the offline page, and nothing else."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import somebody
from tests.people import Person
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
