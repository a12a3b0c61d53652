"""What lynx and w3m make of each page, word by word: `tests/golden/PAGE.BROWSER.txt`.

A change of a page shows in these files, so that somebody reads it as they do. `UPDATE_GOLDEN=1 make test ARGS="-k read_well"`
writes them anew; look at what `git diff` shows then.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path

import pytest

from sampark.text import language, room_ids
from tests.databases import on_sqlite
from tests.files.pictures import moving, scene, written
from tests.files.sounds import make, tone
from tests.machine import lynx_path, w3m_path
from tests.support import PATIENCE, Browser, Site
from tests.text_browsers.browsers import environment

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
    "not-found": "/nothing",
}
WHO = {"register": "stranger", "login": "stranger", "home-first": "mina"}


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
    return {"asha": asha, "mina": mina, "stranger": site.stranger()}, room


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


@on_sqlite
async def test_each_page_reads_well(site: Site, tmp_path: Path, still: None) -> None:
    people, room = await everything(site)
    wrong = []
    for name, path in PAGES.items():
        html = (await people[WHO.get(name, "asha")].get(path.format(room=room))).text
        for browser in ("lynx", "w3m"):
            dump, golden = read(browser, html, tmp_path), GOLDEN / f"{name}.{browser}.txt"
            if os.environ.get("UPDATE_GOLDEN"):
                golden.parent.mkdir(exist_ok=True)
                golden.write_text(dump)
            elif not golden.exists() or golden.read_text() != dump:
                wrong.append(f"{golden.name} differs; the page now reads:\n{dump}")
    assert not wrong, "\n\n".join(wrong)
