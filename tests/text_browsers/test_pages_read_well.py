"""What lynx and w3m make of each page, word by word: `tests/golden/PAGE.BROWSER.txt`.

A change of a page shows in these files, so that somebody reads it as they do. `UPDATE_GOLDEN=1 make test ARGS="-k read_well"`
writes them anew; look at what `git diff` shows then.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from sampark.chat import history
from sampark.text import language, room_ids
from sampark.text.problems import TooMany
from sampark.web import embed_leave
from tests.databases import on_sqlite
from tests.embeds import Frame, choose, embedded
from tests.files.pictures import moving, scene, written
from tests.files.sounds import make, tone
from tests.machine import lynx_path, w3m_path
from tests.support import PATIENCE, Browser, Site
from tests.text_browsers.browsers import environment
from tests.web.test_embed_frames import fields, leaving

GOLDEN = Path(__file__).parents[1] / "golden"
PAGES = {
    "register": "/register",
    "login": "/login",
    "home": "/",
    "home-first": "/",
    "room": "/rooms/{room}",
    "room-older": "/rooms/{room}?before=3",
    "messages": "/rooms/{room}/messages",
    "message": "/rooms/{room}/messages/3",
    "members": "/rooms/{room}/members",
    "gifs": "/rooms/{room}/gifs?q=namaste",
    "profile": "/profile",
    "compose": "/rooms/{room}/compose",
    "invite": "/rooms/{room}/invite",
    "keys": "/keys",
    "emoji": "/rooms/{room}/emoji",
    "emoji-found": "/rooms/{room}/emoji?q=namaste",
    "share": "/share?title=Bees&text=Look%20at%20them&url=https%3A%2F%2Fexample.org%2Fbees",
    "share-first": "/share?text=Bees",
    "login-to-share": "/login?next=%2Fshare%3Ftext%3DBees",
    "offline": "/offline",
    "embed-account": "/embed/account",
    "not-found": "/nothing",
    "not-in-room": "/rooms/{room}",
    "not-allowed": "/rooms/{room}/embed",
}
WHO = {
    "register": "stranger", "login": "stranger", "login-to-share": "stranger", "home-first": "mina", "share-first": "mina",
    "not-in-room": "mina", "not-allowed": "ravi",
}  # fmt: skip


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same moment and the same IDs, whenever it runs."""
    numbers = itertools.count(2)
    monkeypatch.setattr(language, "moment", lambda time, code: "1 Jan 2027, 09:30 UTC")
    monkeypatch.setattr(room_ids, "new", lambda: f"k3f9x2mq7hp{next(numbers)}")


async def everything(site: Site) -> tuple[dict[str, Browser], str]:
    """A room with a message of each kind, and people to look at it."""
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    for who in (asha, ravi, mina):
        who.headers["Accept-Language"] = "en"
    await asha.rename("Asha Rao")
    answer = await asha.post("/rooms", {"name": "School garden", "description": "What grows, and who waters it."})
    room = answer.location.rpartition("/")[2]
    await asha.post("/rooms", {"name": "Kitchen", "description": ""})
    await ravi.join(room)
    await asha.say(
        room,
        "Namaste!\n\nThe **beans** are up: see https://example.org/beans\n\n- water\n- weed\n\n> who helps?\n\n`one` line",
    )
    await ravi.say(room, "नमस्ते, मैं आता हूँ।")
    picture, other = written(scene(), "PNG"), written(scene(320, 200), "JPEG")
    files = f"/rooms/{room}/messages"
    await ravi.upload(files, ("files", "beans.png", picture), form={"text": "They look like this:"})
    await ravi.upload(files, ("files", "one.png", picture), ("files", "two.jpg", other))
    await ravi.upload(
        files, ("files", "plan.txt", b"Monday: water\nTuesday: weed\n"), ("files", "blinking.gif", moving("GIF", 3))
    )
    await asha.upload(files, ("voice", "voice.webm", make("webm", tone(2.0))))
    await asha.upload(files, ("files", "birds.wav", make("wav", tone(1.0))))
    await asha.post(files, {"gif": "local:namaste"})
    gone = await ravi.say(room, "a slip")
    await ravi.unsay(room, gone)
    return {"asha": asha, "ravi": ravi, "mina": mina, "stranger": site.stranger()}, room


def read(browser: str, html: str, folder: Path) -> str:
    """The page as this browser prints it."""
    page = folder / "page.html"
    # How much room the pictures take is the encoder's business.
    page.write_text(re.sub(r"(Files in this room): \S+ kB", r"\1: 120 kB", html))
    command = {
        "lynx": [
            lynx_path(),
            "-dump",
            "-nolist",
            "-width=80",
            "-force_html",
            "-assume_charset=utf-8",
            "-display_charset=utf-8",
            str(page),
        ],
        "w3m": [w3m_path(), "-dump", "-cols", "80", "-I", "UTF-8", "-O", "UTF-8", "-T", "text/html", str(page)],
    }[browser]
    done = subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, timeout=PATIENCE * 3, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def faults(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Which of them no longer read as they did."""
    wrong = []
    for name, html in pages.items():
        for browser in ("lynx", "w3m"):
            dump, golden = read(browser, html, folder), GOLDEN / f"{name}.{browser}.txt"
            if os.environ.get("UPDATE_GOLDEN"):
                golden.parent.mkdir(exist_ok=True)
                golden.write_text(dump)
            elif not golden.exists() or golden.read_text() != dump:
                wrong.append(f"{golden.name} differs; the page now reads:\n{dump}")
    return wrong


@on_sqlite
async def test_each_page_reads_well(site: Site, tmp_path: Path, still: None) -> None:
    people, room = await everything(site)
    shown = {
        name: (await people[WHO.get(name, "asha")].get(path.format(room=room))).text for name, path in PAGES.items()
    }
    wrong = faults(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


@on_sqlite
async def test_what_stands_in_other_sites_pages_reads_well(
    site: Site, tmp_path: Path, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed_leave, "SOONEST", 0)
    asha = await site.person("asha")
    code = await embedded(site, asha, needs_approval="on")
    await asha.say(code, "The **beans** are up.")
    frame = Frame(site, code)
    shown = {
        "card": (await site.stranger().get(f"/rooms/{code}")).text,
        "frame": (await frame.load()).text,
        "frame-message": (await frame.get(f"{frame.way}/messages/1")).text,
        "frame-not-found": (await frame.get(f"{frame.way}/messages/9")).text,
        "frame-waiting": (await frame.join("Priya")).text,
        "embedding": (await asha.get(f"/rooms/{code}/embed")).text,
        "preview": (await asha.get(f"/rooms/{code}/embed/preview")).text,
    }
    [approval] = re.findall(r'action="([^"]*/approve)"', shown["embedding"])
    assert (await asha.post(approval)).status == 303
    shown["frame-guest"] = (await frame.load()).text
    tab, form = await leaving(site, frame)
    asked = await tab.post("/embed/leave/ask", form)
    shown |= {"leave": asked.text, "left": (await tab.post("/embed/leave", fields(asked.text))).text}
    await choose(asha, code, level="vouched")
    shown["frame-closed"] = (await Frame(site, code).load()).text
    wrong = faults(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


@on_sqlite
async def test_what_went_wrong_reads_well(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, stranger = await site.person("asha"), site.stranger()
    room = await site.room(asha)

    async def goes_wrong(fault: Exception) -> str:
        async def raises(*_: object, **__: object) -> None:
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(history, "newest", raises)
            return (await asha.get(f"/rooms/{room}")).text

    too_much = await asha.post("/rooms", {"name": "x" * 2_000_000}, headers={"Referer": "http://localhost/"})
    assert too_much.status == 413
    shown = {
        "too-large": too_much.text,
        "too-fast": await goes_wrong(
            TooMany("That was too often. Please try again in %(seconds)s seconds.", 30, seconds=30)
        ),
        "went-wrong": await goes_wrong(ValueError("whatever")),
        "not-found-out": (await stranger.get("/static/nothing")).text,
        "compose-out": (await stranger.get(f"/rooms/{room}/compose")).text,
    }
    wrong = faults(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)
