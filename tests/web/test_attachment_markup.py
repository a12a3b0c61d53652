"""What a message shows of its files: the same for every reader, harmless whatever they are called, and of a known size."""

from __future__ import annotations

import datetime
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from sampark.fragments import Fragments
from sampark.text import language
from sampark.web.static import BUNDLES
from tests.databases import on_sqlite
from tests.support import Site

HOSTILE = [
    '"><svg onload=alert(1)>.jpg',
    "'onclick='alert(1).jpg",
    "</a></article><script>alert(1)</script>.jpg",
    "{{ 7*7 }} %(name)s %s 100%.jpg",
    "javascript:alert(1)",
    "?size=x&download#y.jpg",
    "../../etc/passwd",
    "\u202egpj.exe",
    "बगीचा 👩‍👩‍👧‍👦.jpg",
]
PICTURE = {
    "kind": "image", "width": 4000, "height": 3000, "colour": "#aabbcc", "is_animated": False,
    "sizes": {"small": [360, 270], "large": [1280, 960]},
}  # fmt: skip
SOUND = {"kind": "audio", "duration": 3.5, "waveform": "A" * 171}


def shown(name: str, **facts: Any) -> dict[str, Any]:
    return {"id": "abc", "name": name, "size": 12_345, "kind": "archive", **facts}


def message(*files: dict[str, Any], code: str = "en", text: str = "") -> str:
    row = {
        "id": 1, "seq": 7, "version": 9, "code": "k3f9x2mq7hpt", "username": "asha", "display_name": "Asha", "profile_picture": None,
        "message_type": "file", "content": text, "html": text, "timestamp": datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC),
        "attachments": json.dumps(files), "client_key": None,
    }  # fmt: skip
    fragments = Fragments()
    fragments.globals(static=lambda name: name)
    return str(fragments.message(row, code))


class Elements(HTMLParser):
    """The elements of a piece of HTML, and what they say."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.found
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_stays_a_name(name: str) -> None:
    page = Elements(message(shown(name, **PICTURE), shown(name), shown(name, kind="video", width=640, height=360)))
    assert {tag for tag, _ in page.found} <= {
        "article", "span", "p", "bdi", "a", "time", "div", "svg", "rect", "img", "figure", "video", "figcaption",
        "object", "form", "button",
    }  # fmt: skip
    for tag, attributes in page.found:
        assert not any(key.startswith(("on", "hx-on")) for key in attributes), (tag, attributes)
    [picture] = page.all("a", **{"class": "picture"})
    assert picture["data-name"] == name
    assert page.all("img")[0]["alt"] == f"Picture: {name}"
    assert name in page.words
    # The name is one segment of the path: it brings no query, no fragment and no other folder.
    for tag, attributes in page.found:
        for key in ("href", "src", "poster"):
            address = attributes.get(key)
            if address and tag != "article" and "/files/" in address:
                assert re.fullmatch(r"/files/abc/[^/?#]+(\?(size=\w+|download))?", address), address


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_sizes_are_known_before_anything_loads(code: str) -> None:
    moving = PICTURE | {"is_animated": True}
    video = {"kind": "video", "width": 1080, "height": 1920, "has_poster": True}
    page = Elements(message(shown("a.jpg", **PICTURE), shown("b.gif", **moving), shown("c.mp4", **video), code=code))
    for image in page.all("img"):
        assert (image["width"], image["height"]) == ("360", "270")
        assert image["loading"] == "lazy"
        assert image["alt"]
    [film] = page.all("video")
    width, height = int(film["width"] or 0), int(film["height"] or 0)
    assert width / height == pytest.approx(1080 / 1920, rel=0.01)
    assert height <= 360
    assert film["preload"] == "none"
    assert (film["poster"] or "").endswith("?size=poster")
    # What moves has a still picture for whoever wants none to.
    [still] = page.all("source")
    assert (still["media"], still["srcset"]) == ("(prefers-reduced-motion: reduce)", "/files/abc/b.gif?size=still")


def test_no_sound_or_film_is_loaded_by_itself() -> None:
    page = Elements(message(shown("a.mp4", kind="video", width=64, height=48), shown("b.mp3", **SOUND)))
    assert [one["preload"] for one in page.all("video") + page.all("audio")] == ["metadata", "none"]
    assert all("controls" in one and "autoplay" not in one for one in page.all("video") + page.all("audio"))


def test_pictures_stand_together_and_before_the_rest() -> None:
    html = message(shown("a.jpg", **PICTURE), shown("b.zip"), shown("c.jpg", **PICTURE), text="<p>look</p>")
    assert html.count('<div class="pictures">') == 1
    assert html.index("message-text") < html.index("a.jpg") < html.index("c.jpg") < html.index("b.zip")


def test_a_card_says_what_the_file_is() -> None:
    page = Elements(
        message(
            shown("lease.pdf", kind="pdf", pages=3),
            shown("notes.txt", kind="text", lines=["<b>one</b>", "दो"]),
            shown("README", kind="text"),
        )
    )
    words = " ".join(page.words)
    assert "PDF" in words
    assert "12 kB · 3 pages" in words
    assert "<b>one</b>\nदो" in words
    assert [one["data-family"] for one in page.all("div", **{"class": "file-card"})] == ["pdf", "text", "text"]
    assert all("download" in one for one in page.all("a", **{"class": "file-link"}))


def test_a_message_without_files_has_no_place_for_them() -> None:
    assert "attachments" not in message(text="<p>words</p>")


@on_sqlite
async def test_the_form_works_without_a_script(site: Site) -> None:
    asha = await site.person("asha")
    page = Elements((await asha.room(await site.room(asha))).text)
    [form] = page.all("form", id="composer")
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    [files] = page.all("input", name="files")
    assert files["type"] == "file"
    assert "multiple" in files
    assert files["aria-label"] == "Attach files"
    assert any("50 MB" in words for words in page.words)
    [one] = [one for one in page.all("script") if "/room.js" in (one["src"] or "")]
    assert "defer" in one
    for name in ("upload", "drop", "lightbox", "voice", "player"):
        assert f"js/{name}.js" in BUNDLES["room.js"]


@on_sqlite
async def test_other_pages_load_no_scripts_of_rooms(site: Site) -> None:
    asha = await site.person("asha")
    for path in ("/", "/profile"):
        assert not re.search(r"/(room|upload|drop|lightbox|voice|player)\.js", (await asha.get(path)).text)


@on_sqlite
async def test_every_sentence_that_scripts_say_is_there_in_both_languages(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    told: list[dict[str, str | None]] = []
    for code in language.LANGUAGES:
        await asha.post("/preferences", {"theme": "system", "language": code, "sounds": "off", "next": "/"})
        page = Elements((await asha.room(room)).text)
        told.append(page.all("input", name="files")[0] | page.all("div", id="words")[0])
    sentences = {key for key in told[0] if key.startswith("data-") and not key.startswith("data-most")}
    assert {"data-drop", "data-retry", "data-close", "data-next", "data-sending"} <= sentences
    for key in sentences:
        english, hindi = told[0][key] or "", told[1][key] or ""
        assert english
        assert hindi
        assert english != hindi, key
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", hindi)), key
