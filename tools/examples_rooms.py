"""What there is in the chat that `tools/examples.py` starts: two people, and a room for each of the four sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sampark import access, db, schema
from sampark.access import Person
from sampark.chat import accounts, embeds, messages, rooms
from sampark.chat.embeds import Choices
from sampark.live.doorbell import LocalDoorbell
from sampark.models.embed import GUESTS, READ, SITE
from sampark.settings import from_environment
from sampark.text.signing import EDDSA, HS256

PASSWORD = "walnut-lantern-monsoon-kettle"  # noqa: S105 - of an instance that only this machine sees

_BELL = LocalDoorbell()


@dataclass(frozen=True)
class Site:
    about: str
    room: str
    description: str
    level: str
    algorithm: str
    says: tuple[tuple[str, str], ...]
    theme: str = "system"
    accent: str = ""


@dataclass(frozen=True)
class Made:
    code: str
    secret: str


SITES = {
    "card": Site(
        "link and card: a garden club's festival", "Harvest festival", "Who brings what, who comes when.", READ, "",
        (
            ("asha", "The walnut yard is ours from **eight**. Who has the long table?"),
            ("meera", "I do, and it fits on the cart. Imran pulls."),
            ("asha", "कद्दू की पाई कौन ला रहा है? 🎃"),
            ("meera", "Seeds in paper bags, please, each with its name: https://example.org/seeds"),
        ),
        accent="#2f5d34",
    ),
    "frame": Site(
        "frame: a class room beside the timetable", "Class 7B", "Homework, scarves, fractions.", GUESTS, "",
        (
            ("asha", "Good morning, 7B. The map of the river stays in the corridor until Friday."),
            ("meera", "Somebody left a blue scarf in the music room."),
            ("asha", "For tomorrow: page 41, and bring *one* leaf each."),
        ),
        accent="#1d4f91",
    ),
    "element": Site(
        "element: a shop's help room in a corner", "Help desk", "We answer from nine to five.", GUESTS, HS256,
        (("meera", "Namaste! Ask about cloth, dyes or your parcel; somebody is here from nine to five."),),
        accent="#8a3324",
    ),
    "fragments": Site(
        "fragments: an intranet in its own looks", "Staff room", "For teachers.", SITE, EDDSA,
        (
            ("asha", "The copier on the first floor is well again."),
            ("meera", "Whoever has the key to the map room: the inspector would like to see the globe."),
        ),
    ),
}  # fmt: skip


async def furnish(environ: Mapping[str, str], places: Mapping[str, str], public_key: str) -> dict[str, Made]:
    """Make it all; by the name of each site its room's ID, and the secret that the site signs with."""
    settings = from_environment(environ)
    await schema.migrate(settings)
    await db.open_database(settings)
    try:
        people = {name: await _person(name, shown) for name, shown in (("asha", "Asha Verma"), ("meera", "Meera Iyer"))}
        return {name: await _room(site, places[name], public_key, people) for name, site in SITES.items()}
    finally:
        await db.close_database()


async def _person(name: str, shown: str) -> Person:
    email = f"{name}@example.org"
    user_id = await accounts.register(name, email, PASSWORD, cost=4, is_open=True, bell=_BELL)
    person = Person(user_id, 0, name, name, email, False, "system", None, True, None)
    await accounts.change_profile(person, username=name, email=email, display_name=shown, bell=_BELL)
    return person


async def _room(site: Site, place: str, public_key: str, people: Mapping[str, Person]) -> Made:
    founder = people["asha"]
    code = await rooms.create(founder, site.room, site.description)
    await rooms.join(people["meera"], code, _BELL)
    room = await access.room_for(founder, code)
    for who, text in site.says:
        await messages.post(people[who], room, text, "", _BELL)
    await embeds.change(room, Choices(True, site.level, False, site.theme, site.accent), _BELL)
    await embeds.add_origin(room, place)
    if not site.algorithm:
        return Made(code, "")
    key = await embeds.add_key(room, site.algorithm, public_key if site.algorithm == EDDSA else "")
    return Made(code, key.secret or "")
