"""Names and texts that run from right to left, and those that try to turn round what stands beside them, stay by themselves."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from sampark.text.language import LANGUAGES
from tests.databases import on_sqlite
from tests.support import Browser, Site

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "rect",
    "path",
}
HOSTILE = "مرحبا ‏{} אב"
"""Right to left, with a mark and digits on both sides: beside a Latin word it would change places with it."""


class Isolation(HTMLParser):
    """Every piece of text with a mark of ours in it, and whether something round it keeps it by itself."""

    def __init__(self, marks: dict[str, str]) -> None:
        super().__init__()
        self.marks = marks
        self.open: list[tuple[str, bool]] = []
        self.seen: set[str] = set()
        self.loose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        isolates = tag == "bdi" or known.get("dir") == "auto"
        if tag in {"input", "textarea"} and not isolates:
            self.check(known.get("value") or "", f"<{tag} name={known.get('name')}>")
        self.seen |= {name for name, mark in self.marks.items() if mark in (known.get("value") or "")}
        if tag not in VOID:
            self.open.append((tag, isolates))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(isolates or tag in {"title", "style", "script"} for tag, isolates in self.open):
            self.check(data, " > ".join(tag for tag, _ in self.open))
        self.seen |= {name for name, mark in self.marks.items() if mark in data}

    def check(self, text: str, where: str) -> None:
        self.loose += [f"{name} in {where}: {text.strip()[:80]}" for name, mark in self.marks.items() if mark in text]


NAMES = ("person", "other", "room", "description", "message", "file")
MARKS = {name: f"١{number}٣" for number, name in enumerate(NAMES)}


def hostile(name: str) -> str:
    return HOSTILE.format(MARKS[name])


@pytest.fixture
async def room(site: Site) -> tuple[Browser, Browser, str]:
    asha, ravi = await site.people("asha", "ravi")
    await asha.rename(hostile("person"))
    await ravi.rename(hostile("other"))
    answer = await asha.post("/rooms", {"name": hostile("room"), "description": hostile("description")})
    room = answer.location.removeprefix("/rooms/")
    await ravi.join(room)
    answer = await asha.upload(
        f"/rooms/{room}/messages", ("files", f"{hostile('file')}.txt", b"one line"), form={"text": hostile("message")}
    )
    assert answer.status == 303, answer.text
    return asha, ravi, room


@on_sqlite
@pytest.mark.parametrize("code", LANGUAGES)
async def test_what_people_wrote_stands_by_itself(site: Site, room: tuple[Browser, Browser, str], code: str) -> None:
    asha, ravi, here = room
    for one in (asha, ravi):
        await one.post("/preferences", {"language": code})
    document = await ravi.stream(here, live=True)
    stream = await ravi.stream(here, since=0)
    await asha.post(f"/rooms/{here}/typing")
    await stream.wait_for("#typing")
    await document.wait(lambda: "message-2" in document.text, "the message")
    shown = {
        "home": (await asha.get("/")).text,
        "room": (await ravi.room(here)).text,
        "members": (await ravi.get(f"/rooms/{here}/members")).text,
        "gifs": (await asha.get(f"/rooms/{here}/gifs")).text,
        "message": (await ravi.get(f"/rooms/{here}/messages/2")).text,
        "messages": (await ravi.get(f"/rooms/{here}/messages")).text,
        "profile": (await asha.get("/profile")).text,
        "refused room": (
            await asha.post("/rooms", {"name": hostile("room") * 20, "description": hostile("description")})
        ).text,
        "refused name": (await asha.post("/profile", {"display_name": hostile("person") * 20})).text,
        "refused message": (await asha.post(f"/rooms/{here}/messages", {"text": hostile("message") * 5000})).text,
        "document": document.text,
        "stream": "\n".join(block.data for block in stream.blocks),
    }
    seen: set[str] = set()
    loose: list[str] = []
    for where, text in shown.items():
        look = Isolation(MARKS)
        look.feed(text)
        look.close()
        seen |= look.seen
        loose += [f"{where}: {one}" for one in look.loose]
    assert seen == {*NAMES}
    assert not loose, "\n".join(sorted(set(loose)))


def test_the_test_would_notice() -> None:
    mark = MARKS["room"]
    for text, is_loose in (
        (f"<h1>A message in {mark}</h1>", True),
        (f"<h1>A message in <bdi>{mark}</bdi></h1>", False),
        (f"<p dir=auto><em>{mark}</em></p>", False),
        (f"<p dir=auto><br>x</p>{mark}", True),
        (f"<input value='{mark}'>", True),
        (f"<input dir=auto value='{mark}'>", False),
        (f"<textarea>{mark}</textarea>", True),
    ):
        look = Isolation(MARKS)
        look.feed(text)
        look.close()
        assert bool(look.loose) == is_loose, text
