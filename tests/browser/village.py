"""A place with everything in it, for tests that look at every page: rooms, people, and one message of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.host_site import embedded_room
from tests.browser.visitor import somebody
from tests.files.pictures import scene, written
from tests.files.sounds import make, tone
from tests.people import Person
from tests.support import multipart

CODE = (
    "```python\ndef greet(name):\n"
    "    return f'Namaste, {name}, and a line that is far too long for the window of any phone there is'\n```"
)
AXE = Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js"
"""Of npm's axe-core 4.14.1, as it was published; for tests only."""

CLUB = "https://club.example"
SHARED = "title=Bees%20and%20beans&text=%E0%A4%97%E0%A5%81%E0%A4%A8&url=https%3A%2F%2Fexample.org%2Fbees"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 4


@dataclass(frozen=True)
class Village:
    asha: Person
    ravi: Person
    newcomer: Person
    """In no room yet."""
    room: str
    quiet: str
    """Another room, with something new in it."""
    open: str
    """One that everybody may read, on another site's pages, too."""

    @property
    def pages(self) -> dict[str, tuple[Person, str]]:
        """Who looks, and where: at every page there is. A server knows the last ones by its prelude, and one that debugs."""
        stranger = Person.at(self.asha.base)
        return {
            "register": (stranger, "/register"),
            "login": (stranger, "/login"),
            "keys": (self.asha, "/keys"),
            "home": (self.asha, "/"),
            "home-empty": (self.newcomer, "/"),
            "room": (self.asha, f"/rooms/{self.room}"),
            "room-past": (self.asha, f"/rooms/{self.room}?before=20"),
            "members": (self.asha, f"/rooms/{self.room}/members"),
            "gifs": (self.asha, f"/rooms/{self.room}/gifs"),
            "message": (self.asha, f"/rooms/{self.room}/messages/2"),
            "profile": (self.asha, "/profile"),
            "invite": (self.asha, f"/rooms/{self.room}/invite"),
            "emoji": (self.asha, f"/rooms/{self.room}/emoji"),
            "emoji-found": (self.asha, f"/rooms/{self.room}/emoji?q=heart"),
            "share": (self.asha, f"/share?{SHARED}"),
            "share-out": (stranger, f"/share?{SHARED}"),
            "share-empty": (self.newcomer, f"/share?{SHARED}"),
            "offline": (stranger, "/offline"),
            "messages": (self.asha, f"/rooms/{self.room}/messages"),
            "compose": (self.asha, f"/rooms/{self.room}/compose"),
            "frames": (self.asha, f"/rooms/{self.quiet}"),
            "still": (self.asha, f"/rooms/{self.room}?plain=1"),
            "card": (stranger, f"/rooms/{self.open}"),
            "embedding": (self.asha, f"/rooms/{self.open}/embed"),
            "preview": (self.asha, f"/rooms/{self.open}/embed/preview"),
            "account": (self.asha, "/embed/account"),
            "frame": (stranger, f"/embed/rooms/{self.open}"),
            "frame-still": (stranger, f"/embed/rooms/{self.open}"),
            "frame-message": (stranger, f"/embed/rooms/{self.open}/messages/2"),
            "nothing": (self.asha, "/nothing"),
            "nothing-out": (stranger, "/static/nothing"),
            "unopened": (self.newcomer, f"/rooms/{self.room}"),
            "compose-out": (stranger, f"/rooms/{self.room}/compose"),
            "frame-nothing": (stranger, f"/embed/rooms/{self.open}/messages/99"),
            "forbidden": (self.ravi, f"/rooms/{self.room}/embed"),
            "too-large": (self.asha, "/went-wrong/413"),
            "too-fast": (self.asha, "/went-wrong/429"),
            "went-wrong": (self.asha, "/went-wrong/500"),
            "went-wrong-out": (stranger, "/went-wrong/500"),
            "styleguide": (stranger, "/styleguide"),
        }

    def speak(self, language: str) -> None:
        """All of them, from now on."""
        for person in (self.asha, self.ravi, self.newcomer):
            person.send("/preferences", language=language)


_NOBODY = Person.at("")
NAMES = tuple(Village(_NOBODY, _NOBODY, _NOBODY, "", "", "").pages)
STILL = {"frames", "still", "frame-still"}
"""Pages as they are for a browser without JavaScript, which shows more of them."""


async def opened(chromium: Browser, person: Person, language: str, *, is_still: bool = False, **more: Any) -> Page:
    """A page of a browser profile of its own, with axe in it."""
    context = await chromium.new_context(
        base_url=person.base, locale=language, reduced_motion="reduce", java_script_enabled=not is_still, **more
    )
    context.set_default_timeout(30_000)
    await context.add_init_script(path=AXE)
    # It would be loaded anew as soon as it finds the server.
    await context.add_init_script("if (location.pathname === '/offline') setInterval = () => 0;")
    page = await context.new_page()
    await become(page, person, language)
    return page


async def become(page: Page, person: Person, language: str) -> None:
    """Whoever sat here before is gone."""
    await page.context.clear_cookies()
    cookies = {**person.cookies, "language": language, "frames": "on"}
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": person.base} for name, value in cookies.items()]
    )


async def each_page(
    village: Village, chromium: Browser, language: str, names: Iterable[str] = NAMES, **more: Any
) -> AsyncIterator[tuple[str, Page]]:
    """One page after the other, in a browser with JavaScript, or for those that stand still in one without."""
    village.speak(language)
    for is_still in (False, True):
        page = await opened(chromium, village.asha, language, is_still=is_still, **more)
        for name in names:
            if (name in STILL) == is_still:
                await look(page, village, name, language)
                yield name, page
        await page.context.close()


async def look(page: Page, village: Village, name: str, language: str) -> None:
    person, path = village.pages[name]
    await become(page, person, language)
    # A page around a document that never ends is never loaded whole.
    await page.goto(path, wait_until="domcontentloaded" if name in STILL else "load")
    await expect(page.locator("html")).to_have_attribute("lang", language)
    if name in {"frames", "frame-still"}:
        await expect(page.frame_locator(".live-frame").locator(".message").last).to_be_visible()


def attach(person: Person, room: str, *files: tuple[str, str, bytes], text: str = "") -> None:
    body, kind = multipart({"text": text}, files)
    answer = person.request(
        "POST", f"/rooms/{room}/messages", body, {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    )
    assert answer.status == 303, answer.text


def founded(base: str) -> Village:
    """Everything is put there through the server's own forms."""
    asha, ravi, newcomer = (Person.at(base).signed_up(somebody(name)) for name in ("asha", "ravi", "meera"))
    ravi.send("/profile", display_name="Ravi Kumar of the very long name that does not end where others do")
    answer = asha.send("/rooms", name="Garden", description="Where things grow, and where we say what we have sown.")
    room = answer.location.rpartition("/")[2]
    quiet = asha.open_room("Kitchen")
    for one in (room, quiet):
        ravi.join(one)
    asha.post(
        room, "**bold**, *italic*, ~~gone~~, `code` and [a link](https://example.org/)\n\n> said before\n\n- one\n- two"
    )
    ravi.post(room, CODE)
    ravi.post(room, f"{LONG} https://example.org/{LONG}")
    asha.post(room, "नमस्ते! बगीचे में क्या उगा है?")
    ravi.post(room, "مرحبا بالجميع")
    attach(asha, room, ("files", "garden.jpg", written(scene(640, 480), "JPEG")), text="Look")
    attach(
        ravi,
        room,
        ("files", "one.jpg", written(scene(300, 400), "JPEG")),
        ("files", "two.jpg", written(scene(500, 300), "JPEG")),
    )
    attach(
        ravi,
        room,
        ("files", f"{LONG[:80]}.txt", b"a line of notes\n" * 9),
        ("files", "tune.ogg", make("ogg", tone(1.0))),
    )
    attach(asha, room, ("voice", "voice.webm", make("webm", tone(2.0))))
    asha.post(room, "", gif="local:namaste")
    for number in range(14):
        (asha if number % 3 else ravi).post(room, f"and so on {number}")
    ravi.leave(room)
    ravi.join(room)
    ravi.post(quiet, "dinner!")
    return Village(asha, ravi, newcomer, room, quiet, opened_to_all(asha))


def opened_to_all(asha: Person) -> str:
    code = embedded_room(asha, CLUB, name="Reading room")
    asha.post(code, CODE)
    asha.post(code, "A [link](https://example.org), `code` and नमस्ते")
    attach(asha, code, ("files", "garden.jpg", written(scene(640, 480), "JPEG")), text="Look")
    return code
