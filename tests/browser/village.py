"""A place with everything in it, for tests that look at every page: rooms, people, and one message of each kind."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.visitor import somebody
from tests.files.pictures import scene, written
from tests.files.sounds import make, tone
from tests.people import Person
from tests.support import multipart

CODE = (
    "```python\ndef greet(name):\n"
    "    return f'Namaste, {name}, and a line that is far too long for the window of any phone there is'\n```"
)
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

    @property
    def pages(self) -> dict[str, tuple[Person, str]]:
        """Who looks, and where."""
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
            "nothing": (self.asha, "/nothing"),
            "nothing-out": (stranger, "/static/nothing"),
        }


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
    return Village(asha, ravi, newcomer, room, quiet)
