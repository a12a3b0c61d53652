"""`sampark seed-demo`: a school and its clubs, in the middle of their week."""

import asyncio
import datetime
import hashlib
import hmac
from collections import Counter

import click

from sampark import access, db
from sampark.access import OpenRoom, Person
from sampark.chat import accounts, messages, reading, rooms
from sampark.cli import demo_media, demo_script, main, with_database
from sampark.cli.demo_media import Media
from sampark.cli.demo_script import Character, Line, Story
from sampark.cli.demo_texts import CHARACTERS, STORIES
from sampark.live.doorbell import LocalDoorbell
from sampark.settings import Settings
from sampark.text import names

_WORDS = [
    "amber", "apple", "bamboo", "basil", "bridge", "candle", "cedar", "cloud", "coral", "cotton", "desert",
    "ember", "falcon", "garden", "ginger", "harbour", "indigo", "jasmine", "kettle", "ladder", "lantern", "lemon",
    "mango", "marble", "meadow", "monsoon", "orchid", "paper", "pepper", "river", "saffron", "velvet",
]  # fmt: skip

_BELL = LocalDoorbell()
_REGRET = datetime.timedelta(seconds=25)


@main.command("seed-demo")
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), hidden=True, help="As if it were this moment, UTC: for pictures."
)
@with_database
async def seed_demo(settings: Settings, at: datetime.datetime | None) -> None:
    """Fill an instance with people, rooms and a few hundred messages, and say how to sign in. A second call changes nothing."""
    password = _password(settings.secret_key)
    if await _is_seeded():
        await _refuse(settings, password)
        return
    now = at.replace(tzinfo=datetime.UTC) if at else datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    counts: Counter[str] = Counter()
    async with demo_media.opened(settings) as media:
        people = await _invite(settings, password)
        for person in people.values():
            await media.face(person, _BELL)
        for story in STORIES:
            counts.update(await _tell(story, people, now, media))
    click.echo(
        f"Made {len(people)} people, {len(STORIES)} rooms and {counts[demo_script.SAYS] + counts[demo_script.REGRETS]} messages."
    )
    _how_to_sign_in(password)


def _password(secret: str) -> str:
    """One for all of them, known from the instance's secret only: whoever reads this file cannot sign in elsewhere with it."""
    digest = hmac.digest(secret.encode(), b"demonstration", hashlib.sha256)
    return "-".join([*(_WORDS[byte % len(_WORDS)] for byte in digest[:4]), f"{digest[4] * digest[5] % 9000 + 1000}"])


def _email(character: Character) -> str:
    return f"{character.username}@demo.example.org"


async def _is_seeded() -> bool:
    """Errors: `ClickException` when other people have some of the names."""
    keys = [names.key(character.username) for character in CHARACTERS]
    taken = await db.fetch(f"SELECT username, email FROM users WHERE username_key IN ({db.marks(keys)})", *keys)  # noqa: S608
    others = {row["username"] for row in taken} - {
        character.username for character in CHARACTERS if _email(character) in {row["email"] for row in taken}
    }
    if others:
        raise click.ClickException(
            f"{', '.join(sorted(others))} is somebody else’s name here already, so nothing was made."
            " Give the demonstration a data folder of its own: SAMPARK_DATA_DIR=./var/demo sampark seed-demo"
        )
    return bool(taken)


async def _refuse(settings: Settings, password: str) -> None:
    click.echo("The demonstration’s people are here already; nothing was changed.")
    if await accounts.recognise(CHARACTERS[0].username, password, cost=settings.bcrypt_cost):
        _how_to_sign_in(password)
    else:
        click.echo(f"Their password is not the first one any more. `sampark user password {CHARACTERS[0].username}`")


def _how_to_sign_in(password: str) -> None:
    click.echo(f"Sign in as {CHARACTERS[0].username} (teacher), rohan (pupil) or sunita (हिन्दी): {password}")
    click.echo(f"The same password is for {', '.join(character.username for character in CHARACTERS)}.")


async def _invite(settings: Settings, password: str) -> dict[str, Person]:
    """Accounts for all, by username; on an empty instance the first one is the administrator's."""
    first, *others = CHARACTERS
    invited = [await _register(first, settings, password)]
    invited += await asyncio.gather(*(_register(character, settings, password) for character in others))
    return {person.username: person for person in invited}


async def _register(character: Character, settings: Settings, password: str) -> Person:
    email = _email(character)
    user_id = await accounts.register(
        character.username, email, password, cost=settings.bcrypt_cost, is_open=True, bell=_BELL
    )
    person = Person(user_id, 0, character.username, character.username, email, False, "system", None, True, None)
    await accounts.change_profile(
        person, username=person.username, email=email, display_name=character.display_name, bell=_BELL
    )
    if character.language:
        await accounts.prefer(person, language=character.language)
    return person


async def _tell(story: Story, people: dict[str, Person], now: datetime.datetime, media: Media) -> Counter[str]:
    """Open the room and let everything in it happen, each thing at its time; how much of what happened."""
    lines = demo_script.read(story.script, now)
    code, witness = await _open(story, people)
    room = await access.room_for(witness, code)
    began = lines[0].when - datetime.timedelta(minutes=2)
    await db.run("UPDATE rooms SET created_at = ? WHERE id = ?", began, room.id)
    await db.run("UPDATE memberships SET joined_at = ? WHERE room_id = ?", began, room.id)
    for line in lines:
        await _happen(line, people[line.who], room, media)
    await _read_up(story, people, room)
    return Counter(line.what for line in lines)


async def _open(story: Story, people: dict[str, Person]) -> tuple[str, Person]:
    if story.founder is None:
        return await rooms.create_global(story.name, story.description), people[CHARACTERS[0].username]
    founder = people[story.founder]
    return await rooms.create(founder, story.name, story.description), founder


async def _happen(line: Line, person: Person, room: OpenRoom, media: Media) -> None:
    if line.what == demo_script.JOINS:
        await rooms.join(person, room.code, _BELL)
        await db.run(
            "UPDATE memberships SET joined_at = ? WHERE room_id = ? AND user_id = ?", line.when, room.id, person.id
        )
    elif line.what == demo_script.LEAVES:
        await rooms.leave(person, await access.room_for(person, room.code), _BELL)
    else:
        files, gif = await media.files(person, room.id, line.things), await media.gif(line.things)
        message = await messages.post(person, room, line.text, "", _BELL, files=files, gif=gif)
        if line.what == demo_script.REGRETS:
            await messages.delete(person, room, message["seq"], _BELL)
            await db.run("UPDATE messages SET deleted_at = ? WHERE id = ?", line.when + _REGRET, message["id"])
    await _date_newest(line, room)


async def _date_newest(line: Line, room: OpenRoom) -> None:
    """What was just said was said then: only its time changes, so that versions and numbers stay as the verbs made them."""
    await db.run(
        "UPDATE messages SET timestamp = ? WHERE room_id = ? AND seq = (SELECT last_seq FROM rooms WHERE id = ?)",
        line.when,
        room.id,
        room.id,
    )


async def _read_up(story: Story, people: dict[str, Person], room: OpenRoom) -> None:
    """Everyone has read to the end, but for those who will find the room's name marked as new."""
    for member in await rooms.members(room.id, len(people)):
        if member["username"] not in story.unread_by:
            here = await access.room_for(people[member["username"]], room.code)
            await reading.mark_read(people[member["username"]], here, here.last_seq)
