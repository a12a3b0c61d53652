"""Every URL of the contract: as a page, as a fragment, and for whoever has not signed in."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from sampark.app import BLUEPRINTS
from tests.databases import on_sqlite
from tests.support import PASSWORD, Browser, Site, plain

PAGES = [
    "/",
    "/profile",
    "/rooms/{room}",
    "/rooms/{room}/messages",
    "/rooms/{room}/messages/1",
    "/rooms/{room}/members",
    "/rooms/{room}/emoji",
    "/rooms/{room}/invite",
]
PUBLIC_PAGES = ["/login", "/register"]
STREAMS = ["/rooms/{room}/events", "/rooms/{room}/live"]
PAGE_QUERIES = [
    "/rooms/{room}?plain=1",
    "/rooms/{room}?before=2",
    "/rooms/{room}?around=1",
    "/rooms/{room}?before=nonsense",
    "/rooms/{room}?around=-5",
    "/rooms/{room}?before=99999999999999999999999",
    "/rooms/{room}?around=999999999999999999",
    "/rooms/{room}/messages?after=0&limit=100",
    "/rooms/{room}/messages?limit=0",
    "/rooms/{room}/messages?limit=1000000",
    "/rooms/{room}/messages?around=1&limit=1",
    "/rooms/{room}/messages?after=1&since=2",
]
POSTS: list[tuple[str, dict[str, str], str]] = [
    ("/preferences", {"theme": "dark", "next": "/profile"}, "/profile"),
    ("/profile", {"display_name": "Asha K"}, "/profile"),
    ("/rooms", {"name": "Another room", "description": ""}, "/rooms/"),
    ("/rooms/join", {"room": "{room}"}, "/rooms/{room}"),
    ("/rooms/{room}", {}, "/rooms/{room}"),
    ("/hints/seen", {"place": "home", "next": "/profile"}, "/profile"),
    ("/rooms/{room}/messages", {"text": "hello"}, "/rooms/{room}#message-3"),
    ("/rooms/{room}/messages", {"text": "hello", "plain": "1"}, "/rooms/{room}?plain=1#message-3"),
    ("/rooms/{room}/messages/1/delete", {}, "/rooms/{room}"),
    ("/rooms/{room}/leave", {}, "/"),
    ("/rooms/{room}/delete", {}, "/"),
    ("/logout", {}, "/login"),
]


async def ready(site: Site) -> tuple[Browser, str]:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await asha.say(room, "one")
    await ravi.say(room, "two")
    return asha, room


class Handlers(HTMLParser):
    """Event handlers in attributes, which the content security policy would stop and nothing of ours has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name.startswith(("on", "hx-on"))]


def assert_is_page(text: str) -> None:
    """Contract, section 2.8."""
    assert text.startswith("<!doctype html>")
    assert re.search(r'<html lang="(en|hi)" dir="ltr"', text)
    assert len(re.findall(r"<h1\b", text)) == 1
    assert len(re.findall(r"<main\b", text)) == 1
    assert re.search(r'<a class="skip" href="#main">', text)
    assert 'id="main"' in text
    assert re.search(r"<title>[^<]+</title>", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len({*ids}), f"an id twice: {sorted(name for name in {*ids} if ids.count(name) > 1)}"
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        # Deleting one's message from the list works in browsers that say where they come from; the bytes are the same for all.
        assert 'name="csrf"' in form or "message-delete" in form
    for label in re.findall(r'<label for="([^"]+)"', text):
        assert label in ids
    assert "http://" not in text.replace("http://localhost", "")
    assert not Handlers(text).found


def assert_is_fragment(text: str) -> None:
    for tag in ("<html", "<head>", "<body", "<!doctype", "<title"):
        assert tag not in text


@pytest.mark.parametrize("path", PAGES + PAGE_QUERIES)
async def test_a_page_is_a_whole_page_and_for_htmx_its_fragment(site: Site, path: str) -> None:
    asha, room = await ready(site)
    page = await asha.get(path.format(room=room))
    assert page.status == 200
    assert_is_page(page.text)
    fragment = await asha.get(path.format(room=room), htmx=True)
    assert fragment.status == 200
    assert_is_fragment(fragment.text)
    assert fragment.articles == page.articles


@pytest.mark.parametrize("path", PUBLIC_PAGES)
async def test_public_pages_are_for_everyone(site: Site, path: str) -> None:
    visitor = site.stranger()
    page = await visitor.get(path)
    assert page.status == 200
    assert_is_page(page.text)
    assert_is_fragment((await visitor.get(path, htmx=True)).text)


@pytest.mark.parametrize(("path", "form", "leads_to"), POSTS)
async def test_a_form_leads_to_the_page_that_shows_the_result(
    site: Site, path: str, form: dict[str, str], leads_to: str
) -> None:
    asha, room = await ready(site)
    answer = await asha.post(path.format(room=room), {name: value.format(room=room) for name, value in form.items()})
    assert answer.status == 303
    assert answer.location.startswith(leads_to.format(room=room))
    assert (await asha.get(answer.location.partition("#")[0])).status == 200


@on_sqlite
@pytest.mark.parametrize("path", PAGES + STREAMS)
async def test_signed_out_a_page_leads_to_sign_in_and_back(site: Site, path: str) -> None:
    _, room = await ready(site)
    path = path.format(room=room)
    answer = await site.stranger().get(path)
    fragment = await site.stranger().get(path, htmx=True)
    wanted = "/login" if path == "/" else f"/login?next={path}"
    if path.endswith("/events"):
        assert (answer.status, answer.headers["HX-Redirect"]) == (401, wanted)
    else:
        assert (answer.status, answer.location) == (303, wanted)
    assert (fragment.status, fragment.headers["HX-Redirect"]) == (401, wanted)
    assert "Location" not in fragment.headers


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [path for path, _, _ in POSTS if path not in {"/logout", "/preferences"}]
    + ["/rooms/{room}/typing", "/profile/password", "/profile/sessions/end-others"],
)
async def test_signed_out_a_form_changes_nothing(site: Site, path: str) -> None:
    _, room = await ready(site)
    path = path.format(room=room)
    answer = await site.stranger().post(path, {"text": "x", "name": "Room", "display_name": "x"})
    fragment = await site.stranger().post(path, htmx=True)
    # Back to a page that can be looked at: an action is not done on the way.
    wanted = {"/login", f"/login?next=/rooms/{room}", f"/login?next={path}" if path == "/profile" else "/login"}
    assert (answer.status, answer.location in wanted) == (303, True)
    assert (fragment.status, fragment.headers["HX-Redirect"]) == (401, answer.location)


async def test_no_route_was_opened_by_mistake(site: Site) -> None:
    """Closed unless opened: the list of open ones is short, and here."""
    public = {name for name, view in site.app.view_functions.items() if getattr(view, "is_public", False)}
    assert public == {
        "health.live", "health.ready", "keys.keys", "install.manifest", "install.offline", "install.worker", "metrics.metrics",
        "preferences.prefer", "register.register", "register.show",
        "sign_in.show", "sign_in.sign_in", "sign_in.sign_out", "static_files.favicon", "static_files.file",
        "embed_feed.feed", "embed_leave.ask", "embed_leave.leave", "embed_script.htmx", "embed_script.script",
        "oembed.oembed", "gifs.moving", "gifs.still",
        "share.shared",  # it leads strangers to signing in, with their words
    }  # fmt: skip
    assert len(site.app.blueprints) == len(BLUEPRINTS)


async def test_the_query_string_comes_back_after_sign_in(site: Site) -> None:
    _, room = await ready(site)
    visitor = site.stranger()
    answer = await visitor.get(f"/rooms/{room}?around=1&x=a%26b")
    login = await visitor.get(answer.location)
    form = {"username": "asha", "password": PASSWORD, "next": f"/rooms/{room}?around=1&x=a%26b"}
    assert f'value="/rooms/{room}?around=1&amp;x=a%26b"' in login.text
    assert (await visitor.post("/login", form)).location == f"/rooms/{room}?around=1&x=a%26b"


@on_sqlite
@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/%0d%0aSet-Cookie:x=1\r\nX: y",
        "http:evil.example",
        "/\x00/evil",
        "@evil.example",
        "",
    ],
)
async def test_next_leads_nowhere_else(site: Site, evil: str) -> None:
    asha = await site.person("asha")
    answers = [
        await site.stranger().post("/login", {"username": "asha", "password": PASSWORD, "next": evil}),
        await asha.post("/preferences", {"theme": "dark", "next": evil}),
        await asha.send("GET", "/login", headers={})
        if not evil
        else await asha.client.get("/login", query_string={"next": evil}),
    ]
    for answer in answers:
        location = answer.location
        assert (
            answer.status if hasattr(answer, "status") and isinstance(answer.status, int) else answer.status_code
        ) == 303
        assert re.match(r"/(?![/\\])", location), location
        assert "evil" not in location or location.startswith("/%0d%0a")
        assert "\n" not in location


@pytest.mark.parametrize(("path", "leads_to"), [("/rooms", "/"), ("/profile/password", "/profile")])
async def test_where_a_refused_form_stands_a_visit_leads_to_its_page(site: Site, path: str, leads_to: str) -> None:
    """A page that is shown again at its form's address is loaded anew from there, or typed by whoever guesses."""
    asha = await site.person("asha")
    answer = await asha.get(path)
    assert (answer.status, answer.location) == (303, leads_to)
    out = await site.stranger().get(path)
    assert (out.status, out.location) == (303, f"/login?next={path}")


async def test_every_way_of_writing_a_rooms_id_shows_it(site: Site) -> None:
    asha, room = await ready(site)
    for typed in (room.upper(), f"{room[:4]}-{room[4:8]}-{room[8:]}", f"%20{room}%20"):
        assert (await asha.get(f"/rooms/{typed}")).status == 200


async def test_the_wording_that_others_rely_on(site: Site) -> None:
    """Contract, section 4."""
    visitor = site.stranger()
    asha, room = await ready(site)
    login, register = (await visitor.get("/login")).text, (await visitor.get("/register")).text
    home, profile, page = (await asha.get("/")).text, (await asha.get("/profile")).text, (await asha.room(room)).text
    alone = (await asha.get(f"/rooms/{room}/messages/1")).text
    for text, labels, buttons in (
        (login, ["Username or email", "Password"], ["Sign in"]),
        (register, ["Username", "Email", "Password"], ["Create account"]),
        (home, ["Room name", "Description", "Room ID", "Theme"], ["Create room", "Join room", "Sign out"]),
        (profile, ["Display name", "Username", "Email"], ["Save", "Sign out"]),
        (page, ["Message"], ["Send", "Leave room", "Delete room"]),
        (alone, [], ["Delete message"]),
    ):
        found = {plain(label) for label in re.findall(r"<label[^>]*>(.*?)(?:<select|</label>)", text, re.DOTALL)}
        pressed = {plain(button) for button in re.findall(r"<button[^>]*>(.*?)</button>", text, re.DOTALL)}
        assert {*labels} <= found
        assert {*buttons} <= pressed


async def test_the_markup_that_others_hold_on_to(site: Site) -> None:
    asha, room = await ready(site)
    page = (await asha.room(room)).text
    article = (await asha.room(room)).articles[1]
    assert re.match(
        r'<article id="message-1" class="message" data-seq="1" data-version="1" data-author="asha" data-kind="text">',
        article,
    )
    assert 'class="message-text"' in article
    assert 'class="message-author"' in article
    assert re.search(
        rf'<a[^>]*href="/rooms/{room}/messages/1"[^>]*><time datetime="\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ" title="[^"]+ UTC">',
        article,
    )
    assert '<div id="messages" role="log" aria-label="Messages">' in page
    assert '<ul id="members" aria-label="Members">' in page
    assert re.search(r'<li\b[^>]* data-username="asha" data-online="(true|false)"', page)
    assert '<p id="typing">' in page
    assert f'data-room="{room}"' in (await asha.get("/")).text
    assert 'class="unread"' in (await asha.get("/")).text


async def test_the_first_account_is_announced_and_made(site: Site) -> None:
    visitor = site.stranger()
    assert "administrator" in (await visitor.get("/register")).text
    assert "Create the first account" in (await visitor.get("/login")).text
    answer = await visitor.post("/register", {"username": "asha", "email": "a@example.org", "password": PASSWORD})
    assert (answer.status, answer.location) == (303, "/login")
    assert "Your account is ready" in (await visitor.get("/login")).text
    assert "Your account is ready" not in (await visitor.get("/login")).text
    assert "administrator" not in (await visitor.get("/register")).text
    assert (await visitor.post("/login", {"username": "a@example.org", "password": PASSWORD})).location == "/"
    assert (await visitor.get("/")).status == 200


async def test_preferences_are_kept_for_visitors_and_accounts(site: Site) -> None:
    visitor = site.stranger()
    await visitor.post("/preferences", {"theme": "dark", "language": "hi"})
    assert '<html lang="hi" dir="ltr" data-theme="dark">' in (await visitor.get("/login")).text
    asha = await site.person("asha")
    await asha.post("/preferences", {"theme": "light", "language": "hi", "sounds": "off"})
    assert 'lang="hi"' in (await (await asha.another()).get("/")).text
    assert 'data-theme="light"' in (await (await asha.another()).get("/")).text
    assert (await asha.person()).sounds in {False}
    for wrong in ({"theme": "neon"}, {"language": "xx"}, {"sounds": "loud"}):
        assert (await asha.post("/preferences", wrong)).status == 422


async def test_htmx_posts_and_deletes_get_the_fragment_alone(site: Site) -> None:
    asha, room = await ready(site)
    answer = await asha.post(f"/rooms/{room}/messages", {"text": "three", "key": "k"}, htmx=True)
    assert answer.status == 201
    assert {*answer.articles} == {3}
    assert answer.text == answer.articles[3]
    again = await asha.post(f"/rooms/{room}/messages", {"text": "three", "key": "k"}, htmx=True)
    assert (again.status, again.body) == (201, answer.body)
    deleted = await asha.post(f"/rooms/{room}/messages/3/delete", htmx=True)
    assert (deleted.status, deleted.body) == (200, b"")


async def test_messages_are_read_in_pieces(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=130)
    path = f"/rooms/{room}/messages"
    assert [*(await asha.get(path)).articles] == [*range(81, 131)]
    assert [*(await asha.get(f"{path}?before=81")).articles] == [*range(31, 81)]
    assert [*(await asha.get(f"{path}?after=10&limit=3")).articles] == [11, 12, 13]
    assert [*(await asha.get(f"{path}?around=50&limit=4")).articles] == [48, 49, 50, 51]
    assert len((await asha.get(f"{path}?after=0&limit=500")).articles) == 100
    assert len((await asha.get(f"{path}?limit=0")).articles) == 1
    assert (await asha.get(f"{path}?after=130")).articles == {}
