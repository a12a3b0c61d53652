"""Names, rooms and messages made to break out: through page, stream, document, title and error they stay text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.databases import on_sqlite
from tests.support import Site, articles, law

NAMES = [
    "<svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--",
    "--><script>alert(1)</script>",
    "{{ 7777*7777 }}{% raw %}",
    "%(name)s %s 100%",
    "%(first)s",
    "</bdi></article><article id=message-99>",
    "<hx-partial hx-target=body hx-swap=delete>",
    "<template for=m1><?end name=m1?>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &quot;",
    "]]><![CDATA[",
    "\u202ereversed\u2066",
    "é" + "\u0301" * 90,
    "👩‍👩‍👧‍👦" * 14,
]

_PASSING = re.compile(
    r'<template for="(?:people|typing|lost)">.*?</template>'
    r'|<\?start name="(c\d+)"><style[^>]*>[^<]*</style><div class="live-\w+ copy-\d+">.*?<\?end name="\1"><template for="\1"></template>',
    re.DOTALL,
)
ELEMENTS = {
    "voice-recorder",
    "html",
    "base",
    "head",
    "meta",
    "title",
    "link",
    "style",
    "script",
    "body",
    "a",
    "header",
    "img",
    "span",
    "nav",
    "bdi",
    "form",
    "input",
    "button",
    "div",
    "p",
    "main",
    "details",
    "summary",
    "h1",
    "h2",
    "code",
    "section",
    "label",
    "textarea",
    "ul",
    "li",
    "article",
    "time",
    "object",
    "aside",
    "footer",
    "select",
    "option",
    "noscript",
    "strong",
    "em",
    "br",
    "hx-partial",
    "template",
    "svg",
    "path",
    "use",
    "iframe",
    "dialog",
    "dl",
    "dt",
    "dd",
    "small",
    "output",
}


class Look(HTMLParser):
    """All elements and the attributes that could run something or go somewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.ids: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attrs:
            assert not name.startswith(("on", "hx-on")), (tag, name)
            if name in {"href", "src", "action"}:
                assert (value or "").startswith(("/", "#", "http://", "https://", "mailto:")), value
            if name == "id":
                assert value != "message-99"
                self.ids.append(value)


def assert_text_only(page: str, plain: str) -> None:
    """The same elements as in the page of harmless names."""
    assert Look(page).counts == Look(plain).counts


async def views(site: Site, name: str, room_name: str, description: str, text: str) -> dict[str, str]:
    """All that shows a name, a room, or a message."""
    asha, ravi = await site.people(
        f"asha-{site.hub.open_streams}-{len(site.streams)}", f"ravi-{site.hub.open_streams}-{len(site.streams)}"
    )
    answer = await asha.post("/rooms", {"name": room_name, "description": description})
    assert answer.status == 303, answer.text
    room = answer.location.removeprefix("/rooms/")
    await ravi.join(room)
    assert (await asha.post("/profile", {"display_name": name})).status == 303
    since = 0
    async with law(ravi, room):
        document = await ravi.stream(room, live=True)
        stream = await ravi.stream(room, since=since)
        await asha.say(room, text)
        await asha.post(f"/rooms/{room}/typing")
        await stream.wait_for("#typing")
        await stream.wait_for_version(3)
        await document.wait(lambda: "message-2" in document.text, "the message")
        shown = {
            "page": (await ravi.room(room)).text,
            "own page": (await asha.room(room)).text,
            "home": (await asha.get("/")).text,
            "profile": (await asha.get("/profile")).text,
            "members": (await ravi.get(f"/rooms/{room}/members")).text,
            "messages": (await ravi.get(f"/rooms/{room}/messages")).text,
            "alone": (await ravi.get(f"/rooms/{room}/messages/2")).text,
            "error": (await asha.get("/nothing")).text,
            "refusal": (await ravi.post(f"/rooms/{room}/delete")).text,
            # Who is there, and that the line holds, is told whenever it happens to be due.
            "document": _PASSING.sub("", document.text),
        }
        await stream.close()
        await document.close()
    shown["stream"] = "\n".join(block.data for block in stream.blocks if "#members" not in block.data)
    return shown


@on_sqlite
@pytest.mark.parametrize("name", NAMES)
async def test_a_display_name_room_name_and_description_stay_text(site: Site, name: str) -> None:
    plain = await views(site, "Asha", "Book club", "Thursdays", "hello")
    hostile = await views(site, name, (name + "   ...")[:100], name * 3, "hello")
    for where, page in hostile.items():
        if where in {"stream", "document"}:  # how often typing is told depends on the moment
            Look(page)
        else:
            assert_text_only(page, plain[where])
        assert "alert(1)</script>" not in page
        assert (
            "60481729" not in re.sub(r"[0-9a-f]{12,}|\d{4}-\d\d-\d\d\S*|\d\d:\d\d|sha256-\S+", "", page)
            or "7777*7777" not in name
        )


@on_sqlite
@pytest.mark.parametrize(
    "text", [*NAMES, '<p id="members">', '<div hx-get="/logout" hx-trigger="load">', "<article id='message-99'>"]
)
async def test_a_message_stays_text(site: Site, text: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        await asha.say(room, text)
    assert {*follower.screen.messages} == {1}
    page = (await ravi.room(room)).text
    Look(page)
    assert Look(page).ids.count("members") == 1
    assert articles(page).keys() == {1}


@on_sqlite
@pytest.mark.parametrize("name", NAMES[:9])
async def test_what_was_typed_comes_back_as_text_in_forms_and_alerts(site: Site, name: str) -> None:
    asha = await site.person("asha")
    visitor = site.stranger()
    for who, path, form in (
        (visitor, "/login", {"username": name, "password": "x", "next": name}),
        (visitor, "/register", {"username": name, "email": name, "password": "x"}),
        (asha, "/rooms", {"name": "x", "description": name}),
        (asha, "/rooms/join", {"room": name}),
        (asha, "/profile", {"display_name": "x" * 101, "username": name, "email": name}),
    ):
        Look((await who.post(path, form)).text)
        Look((await who.post(path, form, htmx=True)).text)
    for path in ("/login", "/nothing", "/rooms/x"):
        answer = await asha.client.get(path, query_string={"next": name, "x": name})
        Look(await answer.get_data(as_text=True))


async def test_names_in_other_scripts_arrive_whole(site: Site) -> None:
    asha = await site.person("आशा", display_name="आशा कुमारी")
    ravi = await site.person("ravi")
    room = await site.room(asha, ravi, name="पुस्तक मंडली")
    async with law(ravi, room):
        await asha.say(room, "नमस्ते 👩‍👧 مرحبا")
    page = (await ravi.room(room)).text
    assert 'data-author="आशा"' in page
    for words in ("आशा कुमारी", "पुस्तक मंडली", "नमस्ते 👩‍👧 مرحبا"):
        assert words in page
