"""Cross-site requests cannot act: by Sec-Fetch-Site, else by Origin, else by the form's hidden field."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import on_sqlite, serving, settings_for
from tests.support import PASSWORD, Site, field_value, law

ACTIONS = [
    "/login",
    "/logout",
    "/register",
    "/preferences",
    "/hints/seen",
    "/share",
    "/profile",
    "/profile/password",
    "/profile/sessions/end-others",
    "/rooms",
    "/rooms/join",
    "/rooms/{room}",
    "/rooms/{room}/messages",
    "/rooms/{room}/compose",
    "/rooms/{room}/messages/1/delete",
    "/rooms/{room}/emoji",
    "/rooms/{room}/mute",
    "/rooms/{room}/typing",
    "/rooms/{room}",
    "/rooms/{room}/mute",
    "/share",
    "/rooms/{room}/embed",
    "/rooms/{room}/embed/origins",
    "/rooms/{room}/embed/origins/1/remove",
    "/rooms/{room}/embed/keys",
    "/rooms/{room}/embed/keys/1/remove",
    "/rooms/{room}/embed/guests/1/ban",
    "/embed/account",
    "/embed/account/forget",
    "/embed/leave/ask",
    "/embed/leave",
    "/rooms/{room}/leave",
    "/rooms/{room}/delete",
]
FORM = {
    "username": "asha",
    "password": PASSWORD,
    "text": "posted",
    "name": "Room",
    "email": "a@example.org",
    "theme": "dark",
    "muted": "on",
}

TABLE = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    (
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        True,
    ),  # a browser never sends this; the first header decides
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    ({"Sec-Fetch-Site": ""}, False),
    ({"Sec-Fetch-Site": "nonsense"}, False),
    ({"Origin": "http://localhost"}, True),
    ({"Origin": "HTTP://LOCALHOST"}, True),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "http://localhost.evil.example"}, False),
    ({"Origin": "http://localhost:81"}, False),
    ({"Origin": "http://evil.example/localhost"}, False),
    ({"Origin": "http://localhost@evil.example"}, False),
    ({"Origin": "http://["}, False),
    ({}, False),
    ({"Referer": "http://localhost/"}, False),
    ({"Referer": "http://["}, False),
    ({"Sec-Fetch-Site": "same-origin", "Referer": "http://["}, True),
]


@on_sqlite
@pytest.mark.parametrize(
    ("headers", "passes"),
    TABLE,
    ids=[" ".join(f"{k}={v}" for k, v in headers.items()) or "nothing" for headers, _ in TABLE],
)
async def test_who_says_what_may_act(site: Site, headers: dict[str, str], passes: bool) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    async with law(asha, room) as follower:
        answer = await asha.post(f"/rooms/{room}/messages", FORM, site=None, headers=headers)
    assert answer.status == (303 if passes else 403)
    assert bool(follower.screen.messages) is passes
    if not passes:
        assert "load the page again" in answer.alert
        assert "evil" not in answer.text


@on_sqlite
async def test_a_referer_that_makes_no_sense_keeps_nobody_from_deleting(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    answer = await asha.post(f"/rooms/{room}/messages/1/delete", {}, headers={"Referer": "http://["})
    assert answer.status == 303


@on_sqlite
@pytest.mark.parametrize("path", ACTIONS)
async def test_no_action_is_left_open(site: Site, path: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    for htmx in (False, True):
        for who in (asha, site.stranger()):
            answer = await who.post(path.format(room=room), FORM, site="cross-site", htmx=htmx)
            assert answer.status == 403
    assert {*(await asha.room(room)).articles} == {1}


async def test_every_unsafe_route_stands_in_the_list_above(site: Site) -> None:
    routes = {
        re.sub("<int:(?:seq|origin_id|key_id|guest_id)>", "1", rule.rule)
        .replace("<room>", "{room}")
        .replace("<action>", "ban")
        for rule in site.app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    }
    in_frames = {route for route in routes if route.startswith("/embed/rooms/")}  # tests/web/test_embed_frames.py
    assert routes - in_frames - {"/profile/sessions/<int:session_id>/end"} == {*ACTIONS}


async def test_a_text_browser_acts_with_its_forms_hidden_field(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    token = field_value((await asha.room(room)).text, "csrf")
    assert (await asha.post(f"/rooms/{room}/messages", {"text": "x", "csrf": token}, site=None)).status == 303
    for wrong in ("", token[:-1], token + "0", token.upper(), "0" * 64, "é"):
        assert (await asha.post(f"/rooms/{room}/messages", {"text": "x", "csrf": wrong}, site=None)).status == 403


async def test_a_text_browser_can_register_and_sign_in(site: Site) -> None:
    visitor = site.stranger()
    token = field_value((await visitor.get("/register")).text, "csrf")
    form = {"username": "asha", "email": "a@example.org", "password": PASSWORD, "csrf": token}
    assert (await visitor.post("/register", form, site=None)).status == 303
    token = field_value((await visitor.get("/login")).text, "csrf")
    assert (await visitor.post("/login", {**form, "csrf": token}, site=None)).location == "/"
    token = field_value((await visitor.get("/")).text, "csrf")
    assert (await visitor.post("/logout", {"csrf": token}, site=None)).location == "/login"


async def test_a_field_is_good_for_one_session_only(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    of_ravi = field_value((await ravi.room(room)).text, "csrf")
    of_visitor = field_value((await site.stranger().get("/login")).text, "csrf")
    other_browser = field_value((await (await asha.another()).room(room)).text, "csrf")
    for token in (of_ravi, of_visitor, other_browser):
        assert (await asha.post(f"/rooms/{room}/messages", {"text": "x", "csrf": token}, site=None)).status == 403


async def test_without_a_first_visit_no_field_is_right(site: Site) -> None:
    await site.person("asha")
    token = field_value((await site.stranger().get("/login")).text, "csrf")
    answer = await site.stranger().post("/login", {"username": "asha", "password": PASSWORD, "csrf": token}, site=None)
    assert answer.status == 403


@pytest.fixture
async def public(empty_sqlite: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with serving(settings_for(tmp_path, empty_sqlite, SAMPARK_PUBLIC_URL="http://chat.example.org:8080")) as site:
        yield site


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("http://chat.example.org:8080", True),
        ("http://CHAT.example.org:8080", True),
        ("http://chat.example.org", False),
        ("https://chat.example.org:8080", False),
        ("http://localhost", False),
    ],
)
async def test_with_a_public_url_only_that_origin_counts_whatever_the_host_header_says(
    public: Site, origin: str, passes: bool
) -> None:
    asha = await public.person("asha")
    room = await public.room(asha)
    answer = await asha.post(f"/rooms/{room}/messages", FORM, site=None, headers={"Origin": origin})
    assert answer.status == (303 if passes else 403)


async def test_reading_changes_nothing(site: Site) -> None:
    """Pages may be fetched ahead by browsers, proxies and search engines."""
    from sampark import db

    asha = await site.person("asha")
    room = await site.room(asha, say=2)
    paths = [
        "/",
        "/profile",
        f"/rooms/{room}",
        f"/rooms/{room}/messages",
        f"/rooms/{room}/messages/1",
        f"/rooms/{room}/members",
        "/login",
        "/register",
    ]

    async def stored() -> list[list[db.Row]]:
        # But that they were here: whoever looks at a room is online, and that is noted at some moment later.
        noted = {"is_online", "last_seen"}
        return [
            [
                {name: row[name] for name in row.keys() - noted}
                for row in await db.fetch(f"SELECT * FROM {table} ORDER BY id")
            ]
            for table in ("users", "rooms", "messages", "sessions")
        ]

    before = await stored()
    for path in paths:
        await asha.get(path)
    assert await stored() == before
    for path in (
        "/logout",
        f"/rooms/{room}/leave",
        f"/rooms/{room}/delete",
        f"/rooms/{room}/messages/1/delete",
        f"/rooms/{room}/typing",
        "/rooms/join",
    ):
        assert (await asha.get(path)).status in {404, 405}
