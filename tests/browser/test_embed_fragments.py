"""The snippets of the docs as pages of a site: htmx of its own across origins, frames, and what oEmbed makes of a link."""

from __future__ import annotations

import io
import runpy
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import micawber
import pytest
from playwright.async_api import Page, expect

from tests.browser.host_site import HostSite, embedded_room
from tests.browser.tokens import key_of, signed
from tests.browser.visitor import somebody
from tests.docs.snippets import snippets
from tests.people import Person
from tests.servers import ROOT, ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def host() -> Iterator[HostSite]:
    with HostSite() as site:
        for name in ("htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js", "hx-upsert-4.0.1.min.js"):
            site.files[f"/htmx/{name}"] = ((ROOT / "static" / "vendor" / name).read_text(), "text/javascript")
        yield site


def asha_at(server: ServerProcess) -> Person:
    return Person.at(server.url).signed_up(somebody("asha"))


def say(asha: Person, room: str, text: str) -> int:
    sent = asha.send(f"/rooms/{room}/messages", text=text)
    assert sent.status == 303
    return int(sent.location.rpartition("-")[2])


def filled(snippet: str, server: ServerProcess, room: str, site: str = "") -> str:
    return (
        snippet.replace("https://chat.example.org", server.url)
        .replace("k3f9x2mq7hpt", room)
        .replace("https://www.example.org", site)
    )


async def test_the_hosts_own_htmx_shows_an_open_room(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read")
    first = say(asha, room, "the lamp is **lit**")
    host.pages["/"] = filled(snippets("embedding/fragments.md", "html")[1], server, room)
    await abroad.goto(host.url)
    log = abroad.get_by_role("log")
    await expect(log.locator("strong", has_text="lit")).to_be_visible()
    say(asha, room, "and it turns")
    await expect(log.locator(".message-text", has_text="and it turns")).to_be_visible()
    assert asha.send(f"/rooms/{room}/messages/{first}/delete").status == 303
    await expect(log.locator(f"#message-{first}")).to_have_count(0)
    link = log.locator(".message-time").last
    assert (await link.get_attribute("href") or "").startswith(f"{server.url}/embed/rooms/{room}")


async def test_once_without_a_stream(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read")
    say(asha, room, "the lamp is lit")
    whole, once = snippets("embedding/fragments.md", "html")[1:3]
    head, _, foot = whole.partition('<div id="messages"')
    host.pages["/"] = head + filled(once, server, room) + '<script src="/htmx/htmx-4.0.1.min.js"></script>'
    assert foot
    await abroad.goto(host.url)
    await expect(abroad.locator("#messages .message-text", has_text="the lamp is lit")).to_be_visible()


async def test_a_closed_room_with_a_token(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "vouched")
    say(asha, room, "for us only")
    [code] = snippets("embedding/fragments.md", "python")
    made: dict[str, object] = {}
    exec(compile(filled(code, server, room, host.url), "fragments.md", "exec"), made)
    token = made["read_token"](signed(room, key_of(asha, room), host.url, server.url))  # type: ignore[operator]
    _, whole, _, shell, live = snippets("embedding/fragments.md", "html")
    head, _, _ = whole.partition('<div id="messages"')
    host.pages["/"] = head + shell + '<script src="/htmx/htmx-4.0.1.min.js"></script>'
    host.files["/chat-live"] = (filled(live, server, room).replace("{{ read_token }}", str(token)), "text/html")
    await abroad.goto(host.url)
    log = abroad.get_by_role("log")
    await expect(log.locator(".message-text", has_text="for us only")).to_be_visible()
    say(asha, room, "still for us only")
    await expect(log.locator(".message-text", has_text="still for us only")).to_be_visible()


async def test_a_site_that_is_not_listed_gets_nothing(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, "https://elsewhere.example", "read")
    say(asha, room, "the lamp is lit")
    host.pages["/"] = "<p>Evil</p>"
    await abroad.goto(host.url)
    for what in ("messages", "stream"):
        said = await abroad.evaluate(
            "(address) => fetch(address).then(() => 'read', () => 'refused')", f"{server.url}/embed/rooms/{room}/{what}"
        )
        assert said == "refused"


@pytest.mark.parametrize("where", ["frame.md", "plain-html.md", "wordpress.md"])
async def test_frames_of_the_docs(abroad: Page, server: ServerProcess, host: HostSite, where: str) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url)
    say(asha, room, "the lamp is lit")
    host.pages["/"] = filled(snippets(f"embedding/{where}", "html")[0], server, room)
    await abroad.goto(host.url)
    chat = abroad.frame_locator("iframe")
    await expect(chat.locator(".message-text", has_text="the lamp is lit")).to_be_visible()
    await chat.get_by_label("Your name here").fill("Leela")
    await chat.get_by_role("button", name="Join").click()
    await expect(chat.get_by_text("You are Leela")).to_be_visible()


async def test_the_button_of_the_docs_joins(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "vouched")
    token = signed(room, key_of(asha, room), host.url, server.url, name="Asha of the shop")
    host.pages["/"] = filled(snippets("embedding/frame.md", "html")[1], server, room).replace("{{ chat_token }}", token)
    await abroad.goto(host.url)
    await abroad.get_by_role("button", name="Join the chat").click()
    await expect(abroad.frame_locator("iframe").get_by_text("You are Asha of the shop")).to_be_visible()


async def test_a_link_becomes_a_working_frame(abroad: Page, server: ServerProcess, host: HostSite) -> None:
    """By micawber, which knows oEmbed as many sites' software does."""
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read")
    say(asha, room, "the lamp is lit")
    known = micawber.ProviderRegistry()
    known.register(rf"{server.url}/rooms/\S+", micawber.Provider(f"{server.url}/oembed"))
    article = micawber.parse_html(f"<p>{server.url}/rooms/{room}</p>", known, maxwidth=300, maxheight=250)
    assert "<iframe" in article
    host.pages["/"] = article
    await abroad.goto(host.url)
    frame = abroad.locator("iframe")
    assert await frame.evaluate("(frame) => [frame.width, frame.height]") == ["300", "250"]
    await expect(abroad.frame_locator("iframe").locator(".message-text", has_text="the lamp is lit")).to_be_visible()
    private = asha.open_room("Private")
    assert "<iframe" not in micawber.parse_html(f"<p>{server.url}/rooms/{private}</p>", known)


async def test_cards_and_headlines_of_the_docs(server: ServerProcess, host: HostSite, tmp_path: Path) -> None:
    asha = asha_at(server)
    room = embedded_room(asha, host.url, "read", "The lighthouse")
    say(asha, room, "the lamp is **lit**")
    said = []
    for number, code in enumerate(snippets("embedding/link-and-card.md", "python")):
        path = tmp_path / f"snippet{number}.py"
        path.write_text(filled(code, server, room))
        output = io.StringIO()
        with redirect_stdout(output):
            runpy.run_path(str(path))
        said.append(output.getvalue())
    assert said[0].startswith("The lighthouse 400 <iframe")
    assert said[1] == f"{asha.name}: the lamp is lit\n"
