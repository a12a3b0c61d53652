"""Help where one stands: hints that go away once they were read, empty places that say what to do, and ways on from an error."""

from __future__ import annotations

import re

import pytest

from sampark import db
from sampark.web import rooms as room_pages
from tests.databases import on_sqlite
from tests.files.pictures import scene, written
from tests.support import Browser, Site, plain

PICTURE = written(scene(300, 300), "PNG")


def hint(text: str) -> str:
    found = re.search(r'<aside class="first-hint".*?</aside>', text, re.DOTALL)
    return plain(found[0]) if found else ""


async def ready(site: Site) -> tuple[Browser, str]:
    asha = await site.person("asha")
    return asha, await site.room(asha)


async def test_a_hint_is_there_until_it_was_read(site: Site) -> None:
    asha, room = await ready(site)
    for place, path in (("home", "/"), ("room", f"/rooms/{room}")):
        assert hint((await asha.get(path)).text)
        answer = await asha.post("/hints/seen", {"place": place, "next": path})
        assert (answer.status, answer.location) == (303, path)
        assert not hint((await asha.get(path)).text)
    assert not hint((await asha.get("/")).text)


async def test_htmx_takes_it_away_in_place(site: Site) -> None:
    asha, room = await ready(site)
    answer = await asha.post("/hints/seen", {"place": "room"}, htmx=True)
    assert (answer.status, answer.body) == (200, b"")
    assert not hint((await asha.room(room)).text)
    assert hint((await asha.get("/")).text)


async def test_whoever_has_a_picture_is_not_asked_for_one(site: Site) -> None:
    asha, _ = await ready(site)
    assert "Add your picture" in hint((await asha.get("/")).text)
    assert (await asha.upload("/profile", ("picture", "me.png", PICTURE))).status == 303
    shown = hint((await asha.get("/")).text)
    assert "Add your picture" not in shown
    assert "Theme and language are chosen at the foot of the page." in shown


@on_sqlite
async def test_what_is_no_hint_is_not_noted(site: Site) -> None:
    asha, _ = await ready(site)
    assert (await asha.post("/hints/seen", {"place": "cellar"})).status == 422
    assert (await asha.post("/hints/seen", {"place": "home", "next": "//evil.example"})).location == "/"
    asha.client.set_cookie("localhost", "hints", "room.<svg>." + "x" * 500)
    await asha.post("/hints/seen", {"place": "home"})
    assert asha.cookies["hints"] == "home.room"


@on_sqlite
@pytest.mark.parametrize(
    "agent", ["Lynx/2.9.0dev.12 libwww-FM/2.14", "w3m/0.5.3+git20230121", "ELinks/0.16.1.1 (textmode; Linux)"]
)
async def test_text_browsers_get_none(site: Site, agent: str) -> None:
    asha, room = await ready(site)
    for path in ("/", f"/rooms/{room}"):
        assert not hint((await asha.get(path, **{"User-Agent": agent})).text)


async def test_whoever_is_alone_is_told_how_to_change_that(site: Site) -> None:
    asha = await site.person("asha")
    home = (await asha.get("/")).text
    assert re.search(r'class="empty".*?href="#name".*?href="#room"', home, re.DOTALL)
    room = await site.room(asha)
    assert 'class="empty"' not in (await asha.get("/")).text
    assert "Nobody else is here yet" in (await asha.get(f"/rooms/{room}/members")).text
    ravi = await site.person("ravi")
    await ravi.join(room)
    assert "Nobody else is here yet" not in (await asha.get(f"/rooms/{room}/members")).text


@on_sqlite
async def test_a_search_that_finds_nothing_offers_words_that_do(site: Site) -> None:
    asha, room = await ready(site)
    for language in ("en", "hi"):
        await asha.post("/preferences", {"language": language})
        page = (await asha.get(f"/rooms/{room}/gifs?q=zxzxzx")).text
        ideas = re.findall(r'<a class="button" href="(\?q=[^"]+)"', page)
        assert len(ideas) == 6
        for idea in ideas:
            assert 'class="gif-choice"' in (await asha.get(f"/rooms/{room}/gifs{idea}")).text


def ways_on(text: str) -> list[str]:
    return re.findall(r'<a class="button(?: primary)?" href="([^"]*)"', text)


async def test_an_error_says_where_to_go_from_it(site: Site) -> None:
    asha, room = await ready(site)
    assert ways_on((await asha.get("/nothing")).text) == ["/"]
    assert ways_on((await site.stranger().send("PUT", "/login")).text) == ["/login"]
    refused = await asha.post(
        f"/rooms/{room}/delete", {}, site="cross-site", headers={"Referer": "http://localhost/profile?x=1"}
    )
    assert refused.status == 403
    assert ways_on(refused.text) == ["/profile?x=1", "/"]
    for elsewhere in ("https://evil.example/profile", "http://localhost//evil.example", "nonsense", "http://[::1/x"):
        refused = await asha.post(f"/rooms/{room}/delete", {}, site="cross-site", headers={"Referer": elsewhere})
        assert ways_on(refused.text) == ["/"], elsewhere


@on_sqlite
async def test_what_passes_is_tried_again_in_one_step(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await ready(site)

    async def away(*_: object) -> None:
        raise db.AWAY[0]("gone")

    monkeypatch.setattr(room_pages, "show_room", away)
    answer = await asha.get(f"/rooms/{room}")
    assert answer.status == 503
    assert ways_on(answer.text) == ["", "/"]
