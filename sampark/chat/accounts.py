"""Making an account, recognising its owner, and changing it."""

import datetime
import re

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from sampark import db
from sampark.access import Person
from sampark.chat import passwords, rooms
from sampark.chat.bell import Bell
from sampark.models.user import PERSON
from sampark.text import names
from sampark.text.language import N_
from sampark.text.problems import Forbidden, Invalid, Taken

_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\]+\.[^@\s<>\"',;:()\[\]\\.]{2,}")

# One sentence for both: which of the two is taken, the form does not say.
_TAKEN = N_(
    "That username or e-mail address is taken already. Choose another username, or sign in if the account is yours."
)

_CLOSED = N_("This Sampark takes no new accounts. Ask the person who runs it to make one for you.")


async def nobody_yet() -> bool:
    """Whether the next account is the first one, and so the administrator's."""
    return not await db.fetch("SELECT id FROM users WHERE kind = ? LIMIT 1", PERSON)


async def register(username: str, email: str, password: str, *, cost: int, is_open: bool, bell: Bell) -> int:
    """Make an account; its id. The first of an instance is the administrator's.

    Errors: `Invalid`, `Taken`, and `Forbidden` where registration is closed and somebody is here already.
    """
    username, email = _username(username), _email(email)
    await passwords.check_strength(password, username, email)
    if not is_open and not await nobody_yet():
        raise Forbidden(_CLOSED)
    password_hash = await passwords.hashed(password, cost)
    now = datetime.datetime.now(datetime.UTC)
    try:
        async with db.transaction() as using:
            # One at a time: two people racing on an empty instance must not both become its administrator.
            await db.serialise("accounts", using)
            rows = await db.fetch(
                "INSERT INTO users (username, username_key, email, email_key, password_hash, display_name, is_admin,"
                " is_online, theme, sounds, created_at)"
                " SELECT ?, ?, ?, ?, ?, ?, NOT EXISTS (SELECT 1 FROM users WHERE kind = 'person'), ?, 'system', ?, ?"
                " RETURNING id, is_admin",
                username, names.key(username), email, names.key(email), password_hash, username, False, True, now,
                using=using,
            )  # fmt: skip
            user_id = int(rows[0]["id"])
            if not is_open and not rows[0]["is_admin"]:
                raise Forbidden(_CLOSED)
            global_rooms = await rooms.enter_global(user_id, using)
    except IntegrityError:
        raise Taken(_TAKEN, "username") from None
    for room_id in global_rooms:
        bell.people(room_id)
    return user_id


async def recognise(name: str, password: str, *, cost: int) -> int | None:
    """The id of the account with this username or e-mail address and this password; equally slow when there is none."""
    return await confirm(await find(name), password, cost=cost)


async def confirm(account: db.Row | None, password: str, *, cost: int) -> int | None:
    """The same, for what `find` found."""
    right = await passwords.matches(password, account["password_hash"] if account else None, cost)
    return int(account["id"]) if account and right else None


async def find(name: str) -> db.Row | None:
    """The account (id, password_hash) with this username or e-mail address."""
    column = "email_key" if "@" in name else "username_key"
    key = names.key(names.line(name))[:240]
    return await db.one(f"SELECT id, password_hash FROM users WHERE {column} = ? AND kind = ?", key, PERSON)  # noqa: S608


async def change_profile(person: Person, *, username: str, email: str, display_name: str, bell: Bell) -> None:
    """Errors: `Invalid`, `Taken`."""
    username, email = _username(username), _email(email)
    display_name = _display_name(display_name) or username
    is_renamed = (username, display_name) != (person.username, person.display_name)
    known = await rooms.with_words_of(person.id) if is_renamed else []

    async def change(using: BaseDBAsyncClient) -> dict[int, int]:
        # Rooms first: whoever posts holds the room, and then wants the author's row.
        shown = await rooms.raise_versions(known, using)
        await db.run(
            "UPDATE users SET username = ?, username_key = ?, email = ?, email_key = ?, display_name = ? WHERE id = ?",
            username, names.key(username), email, names.key(email), display_name, person.id, using=using,
        )  # fmt: skip
        return await rooms.show_new_name(person.id, shown, using) if is_renamed else {}

    try:
        # All in one: a name that changed must not be shown in some rooms and not in others.
        shown = await db.whole(change)
    except IntegrityError:
        raise Taken(_TAKEN, "username") from None
    for room_id, version in shown.items():
        bell.changed(room_id, version)
        bell.people(room_id)


async def change_password(person: Person, current: str, new: str, *, cost: int) -> None:
    """Errors: `Invalid` when the current password is wrong or the new one too weak. Sessions are the caller's to end."""
    row = await db.one("SELECT password_hash FROM users WHERE id = ?", person.id)
    if row is None or not await passwords.matches(current, row["password_hash"], cost):
        raise Invalid(N_("That is not your current password."), "current_password")
    await passwords.check_strength(new, person.username, person.email)
    await set_password(person.id, new, cost=cost)


async def set_password(user_id: int, password: str, *, cost: int) -> None:
    await db.run("UPDATE users SET password_hash = ? WHERE id = ?", await passwords.hashed(password, cost), user_id)


async def prefer(
    person: Person, *, theme: str | None = None, language: str | None = None, sounds: bool | None = None
) -> None:
    """Keep what a person likes; None leaves it as it is. The values are checked by the caller's form."""
    await db.run(
        "UPDATE users SET theme = ?, language = ?, sounds = ? WHERE id = ?",
        theme or person.theme,
        language or person.language,
        person.sounds if sounds is None else sounds,
        person.id,
    )


def _username(typed: str) -> str:
    name = names.line(typed)
    if len(name) < 3:
        raise Invalid(
            N_("The username is too short by %(under)s: it needs at least 3 characters."),
            "username",
            under=3 - len(name),
        )
    if len(name) > 80:
        raise Invalid(
            N_("The username is too long by %(over)s characters; 80 are the most."), "username", over=len(name) - 80
        )
    if not names.is_username(name) or len(names.key(name)) > 160:
        raise Invalid(N_("A username has letters, digits and _ . - only, and no spaces."), "username")
    if names.mixes_scripts(name):
        raise Invalid(N_("A username keeps to one alphabet, so that nobody can imitate another person’s."), "username")
    return name


def _email(typed: str) -> str:
    email = names.line(typed)
    if len(email) > 120:
        raise Invalid(
            N_("The e-mail address is too long by %(over)s characters; 120 are the most."),
            "email",
            over=len(email) - 120,
        )
    if not _EMAIL.fullmatch(email) or len(names.key(email)) > 240:
        raise Invalid(N_("That does not look like an e-mail address. It has the form name@example.org."), "email")
    return email


def _display_name(typed: str) -> str:
    name = names.line(typed)
    if len(name) > 100:
        raise Invalid(
            N_("The display name is too long by %(over)s characters; 100 are the most."),
            "display_name",
            over=len(name) - 100,
        )
    return name if names.is_visible(name) else ""
