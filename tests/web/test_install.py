"""Manifest, service worker, offline page, and what other apps share; muting by form."""

from __future__ import annotations

import array
import html
import json
import re
from pathlib import Path

import av
import pytest
from PIL import Image

from sampark import db
from sampark.text.language import LANGUAGES
from sampark.web import share
from tests.databases import on_sqlite
from tests.support import PASSWORD, Site, count, field_value, statements

STATIC = Path(__file__).resolve().parent.parent.parent / "static"


@on_sqlite
@pytest.mark.parametrize("code", LANGUAGES)
async def test_the_manifest_names_what_is_there_in_each_language(site: Site, code: str) -> None:
    with statements() as seen:
        answer = await site.stranger().get(f"/manifest.webmanifest?language={code}")
    assert not any("sessions" in statement for statement in seen), "it asks for nobody"
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert "Set-Cookie" not in answer.headers
    manifest = json.loads(answer.text)
    assert manifest["lang"] == code
    assert manifest["name"] == {"en": "Sampark Setu", "hi": "संपर्क सेतु"}[code]
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/", "/", "/")
    sizes = set()
    for icon in manifest["icons"]:
        found = await site.stranger().get(icon["src"])
        assert found.status == 200
        assert found.headers["Content-Type"].startswith(icon["type"])
        sizes.add((icon["sizes"], icon.get("purpose", "any")))
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    asha = await site.person("asha")
    for shortcut in manifest["shortcuts"]:
        assert (await asha.get(shortcut["url"])).status == 200
    page = (await asha.get("/")).text
    assert '<link rel="manifest" href="/manifest.webmanifest?language=en">' in page


def test_icons_have_the_size_that_they_say() -> None:
    for name, side in (("192", 192), ("512", 512), ("maskable", 512), ("apple", 180)):
        with Image.open(STATIC / f"icons/{name}.png") as icon:
            assert icon.size == (side, side)
    with Image.open(STATIC / "icons/maskable.png") as icon:
        ground = icon.convert("RGBA").getpixel((0, 0))
        # Whatever shape it is cut to: nothing but ground outside of the safe circle.
        whole = icon.convert("RGBA")
        outside = [
            whole.getpixel((x, y))
            for x in range(0, 512, 4)
            for y in range(0, 512, 4)
            if (x - 256) ** 2 + (y - 256) ** 2 > 205**2
        ]
    assert {*outside} == {ground}


@pytest.mark.parametrize("name", ["message", "join"])
def test_sounds_are_short_small_and_begin_and_end_softly(name: str) -> None:
    path = STATIC / f"sounds/{name}.mp3"
    assert path.stat().st_size < 20_000
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("s16", "mono", 44_100)
        frames = [
            bytes(out.planes[0])[: out.samples * 2]
            for frame in file.decode(audio=0)
            for out in resampler.resample(frame)
        ]
        wave = [abs(one) / 32_768 for one in array.array("h", b"".join(frames))]
        rate = 44_100
    assert 0.2 < len(wave) / rate < 1
    assert 0.3 < max(wave) < 0.75
    assert max(wave[: rate // 200]) < 0.1
    assert max(wave[-rate // 100 :]) < 0.05


async def test_the_service_worker_is_another_one_for_other_files_languages_and_themes(site: Site) -> None:
    asha = await site.person("asha")
    answer = await asha.get("/sw.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert f'VERSION = "{site.parts.static.fingerprint}"' in answer.text
    assert 'OFFLINE = "/offline?language=en&theme=system"' in answer.text
    await asha.post("/preferences", {"language": "hi", "theme": "dark"})
    assert 'OFFLINE = "/offline?language=hi&theme=dark"' in (await asha.get("/sw.js")).text


async def test_the_offline_page_is_about_nobody(site: Site) -> None:
    asha = await site.person("asha")
    with statements() as seen:
        answer = await asha.get("/offline?language=hi&theme=dark")
    assert not any("sessions" in statement for statement in seen), "it asks for nobody"
    assert "Set-Cookie" not in answer.headers
    assert 'lang="hi"' in answer.text
    assert 'data-theme="dark"' in answer.text
    assert "आप ऑफ़लाइन हैं" in answer.text
    assert answer.text == (await site.stranger().get("/offline?language=hi&theme=dark")).text
    assert "You are offline" in (await site.stranger().get("/offline?language=nonsense&theme=<x>")).text
    used = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
    worker = (await asha.get("/sw.js")).text
    for address in used:
        assert address.partition("/static/")[2].partition("/")[2] in worker, (
            f"{address} is not there when the line is down"
        )


async def test_what_is_shared_becomes_a_draft_in_a_room_that_one_chooses(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, name="Gärten & Höfe")
    shared = {"title": "Bees", "text": "Look: https://example.org/bees\nगुन <b>गुन", "url": "https://example.org/bees"}
    page = (await asha.post("/share", shared, site="none")).text
    assert f'formaction="/rooms/{room}"' in page
    assert "Gärten &amp; Höfe" in page
    text = field_value(page, "text")
    assert text == "Bees\nLook: https://example.org/bees\nगुन <b>गुन"
    for path, form in ((f"/rooms/{room}", {"text": text}), ("/share", {"text": text, "room": room})):
        answer = await asha.post(path, form)
        assert answer.status == 200
        assert field_value(answer.text, "text") == text
        assert not answer.articles, "nothing is sent before one says so"
    by_link = await asha.get("/share?title=Bees&url=https%3A%2F%2Fexample.org")
    assert field_value(by_link.text, "text") == "Bees\nhttps://example.org"


async def test_the_manifest_says_how_apps_share(site: Site) -> None:
    """And what it says is what is there: https://w3c.github.io/web-share-target/."""
    target = json.loads((await site.stranger().get("/manifest.webmanifest")).text)["share_target"]
    assert (target["action"], target["method"], target["enctype"]) == ("/share", "POST", "multipart/form-data")
    names = {meaning: target["params"][meaning] for meaning in ("title", "text", "url")}
    [files] = target["params"]["files"]
    assert {"image/jpeg", "application/pdf", "audio/mpeg", ".docx", ".opus"} <= {*files["accept"]}
    assert "image/svg+xml" not in files["accept"]
    asha = await site.person("asha")
    said = {"title": "Bees", "text": "गुन", "url": "https://example.org/"}
    answer = await asha.upload(target["action"], form={names[meaning]: words for meaning, words in said.items()})
    assert answer.status == 200
    assert field_value(answer.text, "text") == "Bees\nगुन\nhttps://example.org/"


@on_sqlite
async def test_without_a_worker_the_words_come_along_and_the_files_are_told(site: Site) -> None:
    """However large the files are."""
    asha = await site.person("asha")
    room = await site.room(asha, name="Garden")
    for size in (20, 3_000_000):
        sent = ("files", "bees.txt", b"b" * size)
        answer = await asha.upload("/share", sent, form={"title": "Bees", "text": "hum"}, **{"Sec-Fetch-Site": "none"})
        assert answer.status == 422
        assert "attach them there" in answer.alert
        assert field_value(answer.text, "text") == "Bees\nhum"
        assert f'formaction="/rooms/{room}"' in answer.text
    assert await count("files") == 0


@on_sqlite
async def test_words_shared_by_whoever_is_signed_out_wait_until_they_are_not(site: Site) -> None:
    asha = await site.person("asha")
    await site.room(asha)
    stranger = site.stranger()
    shared = {"title": "Bees & beans", "text": "गुन <b>", "url": "https://example.org/?a=b&c=d"}
    answer = await stranger.post("/share", shared, site="none")
    assert answer.status == 303
    login = await stranger.get(answer.location)
    assert "it waits for you" in login.text
    wanted = field_value(login.text, "next")
    done = await stranger.post("/login", {"username": "asha", "password": PASSWORD, "next": wanted})
    assert done.status == 303
    assert field_value((await stranger.get(done.location)).text, "text") == (
        "Bees & beans\nगुन <b>\nhttps://example.org/?a=b&c=d"
    )
    # Files, which a server cannot give back, are said to be missing.
    other = site.stranger()
    answer = await other.upload("/share", ("files", "a.txt", b"a"), form={"text": "hum"}, **{"Sec-Fetch-Site": "none"})
    assert answer.location == "/login?next=/share%3Ftext%3Dhum"
    assert "attach them there" in (await other.get(answer.location)).text
    # What no address holds is shown, to be copied.
    for words in ("क" * 10_000, "&" * share.LONGEST_ADDRESS):
        answer = await site.stranger().post("/share", {"text": words}, site="none")
        assert answer.status == 401
        assert words in html.unescape(answer.text)
    answer = await site.stranger().post("/share", {"text": "hum"}, htmx=True)
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/login?next=/share%3Ftext%3Dhum")
    assert (await site.stranger().post("/share", {"text": "x"}, site="cross-site")).status == 403


async def test_sharing_opens_no_door(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    assert (await ravi.post(f"/rooms/{room}", {"text": "x"})).status == 404
    assert (await ravi.post("/share", {"text": "x", "room": room})).status == 404
    assert (await asha.post("/share", {"text": "x"}, site="cross-site")).status == 403
    assert (await site.stranger().get("/share?text=x")).location == "/login?next=/share%3Ftext%3Dx"
    assert "no room yet" in (await ravi.get("/share")).text
    # Files alone come back to one who has left the room: nobody joins by sharing.
    assert (await ravi.post(f"/rooms/{room}", {"text": "", "shared": "1"})).status == 404
    assert (await ravi.get(f"/rooms/{room}")).status == 404


async def test_words_for_a_room_that_one_has_left_wait_for_another(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    left, other = await site.room(ravi, asha, name="Left"), await site.room(asha, name="Garden")
    private = await site.room(ravi)
    await asha.post(f"/rooms/{left}/leave")
    pages = []
    for room in (left, private, "k3f9x2mq7hpt"):
        for path, form in ((f"/rooms/{room}", {"text": "My words"}), ("/share", {"text": "My words", "room": room})):
            answer = await asha.post(path, form)
            assert answer.status == 404
            assert field_value(answer.text, "text") == "My words"
            assert "choose another one" in answer.alert
            assert f'formaction="/rooms/{other}"' in answer.text
            pages.append(answer.text)
    assert len({*pages}) == 1, "none of them tells whether there is such a room"


async def test_a_room_is_muted_by_a_form_for_oneself_alone(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, name="Garden")
    assert 'class="muted"' not in (await asha.get("/")).text
    assert "Mute this room" in (await asha.room(room)).text
    assert (await asha.post(f"/rooms/{room}/mute", {"muted": "on"})).location == f"/rooms/{room}"
    page = (await (await asha.another()).room(room)).text
    assert 'class="muted"' in page
    assert "Unmute this room" in page
    assert 'class="muted"' not in (await ravi.get("/")).text
    await asha.post(f"/rooms/{room}/mute", {"muted": "off"})
    assert 'class="muted"' not in (await asha.get("/")).text
    assert (await asha.post(f"/rooms/{room}/mute", {"muted": "perhaps"})).status == 422
    stranger = await site.person("zoya")
    assert (await stranger.post(f"/rooms/{room}/mute", {"muted": "on"})).status == 404
    assert not await db.fetch("SELECT id FROM memberships WHERE is_muted")


async def test_whoever_wants_no_sounds_is_sent_none(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    assert "message.mp3" in (await asha.room(room)).text
    await asha.post("/preferences", {"sounds": "off"})
    page = (await asha.room(room)).text
    assert "attention.js" in page
    assert ".mp3" not in page
    assert "attention.js" not in (await site.stranger().get("/login")).text
