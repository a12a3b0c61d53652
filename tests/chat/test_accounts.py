"""Accounts: making them, recognising their owners, changing them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sampark import db
from sampark.chat import accounts, passwords, rooms
from sampark.live.doorbell import LocalDoorbell
from sampark.text.problems import Forbidden, Invalid, Taken
from tests.support import PASSWORD, Site, count, law

BELL = LocalDoorbell()


async def register(name: str, email: str = "", password: str = PASSWORD, *, is_open: bool = True) -> int:
    return await accounts.register(name, email or f"{name}@example.org", password, cost=4, is_open=is_open, bell=BELL)


async def recognised(name: str, password: str) -> int | None:
    return await accounts.confirm(await accounts.find(name), password, cost=4)


async def test_of_twenty_who_register_at_once_exactly_one_is_administrator(site: Site) -> None:
    ids = await asyncio.gather(*(register(f"person-{number}") for number in range(20)))
    assert len({*ids}) == 20
    admins = await db.fetch("SELECT id FROM users WHERE is_admin")
    assert len(admins) == 1
    assert admins[0]["id"] == min(ids)


async def test_where_registration_is_closed_only_the_first_of_twenty_gets_in(site: Site) -> None:
    results = await asyncio.gather(
        *(register(f"person-{number}", is_open=False) for number in range(20)), return_exceptions=True
    )
    assert len([result for result in results if isinstance(result, int)]) == 1
    assert len([result for result in results if isinstance(result, Forbidden)]) == 19
    assert await count("users") == 1
    assert await count("users", "is_admin") == 1


async def test_of_twenty_who_want_one_name_one_gets_it(site: Site) -> None:
    results = await asyncio.gather(
        *(register("asha", f"a{number}@example.org") for number in range(20)), return_exceptions=True
    )
    assert len([result for result in results if isinstance(result, int)]) == 1
    assert len([result for result in results if isinstance(result, Taken)]) == 19
    assert await count("users") == 1


@pytest.mark.parametrize("name", ["ASHA", "Asha", "аsha".replace("a", "а").replace("sh", "ѕһ"), "ａｓｈａ"])
async def test_a_name_that_looks_the_same_is_taken(site: Site, name: str) -> None:
    await register("asha")
    with pytest.raises(Taken):
        await register(name, "other@example.org")


async def test_an_address_is_taken_whatever_its_case_and_the_sentence_tells_nothing(site: Site) -> None:
    await register("asha", "Asha@Example.org")
    with pytest.raises(Taken) as by_email:
        await register("ravi", "asha@example.ORG")
    with pytest.raises(Taken) as by_name:
        await register("asha", "free@example.org")
    assert str(by_email.value) == str(by_name.value)
    assert by_email.value.field == by_name.value.field


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ab", "too short by 1"),
        ("", "too short by 3"),
        (" a\u200b ", "too short by 2"),
        ("x" * 81, "too long by 1 "),
        ("x" * 180, "too long by 100 "),
        ("a b c", "no spaces"),
        ("asha@home", "letters, digits"),
        ("<svg onload=alert(1)>", "letters, digits"),
        ("аshа", "one alphabet"),
        ("\u0301asha", "letters, digits"),
        ("ﷺ" * 20, "letters, digits"),  # one character that unfolds to eighteen
    ],
)
async def test_a_wrong_username_is_told_by_how_much(name: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as problem:
        await register(name, "a@example.org")
    assert problem.value.field == "username"


@pytest.mark.parametrize("name", ["abc", "x" * 80, "आशा", "क" * 80, "Ольга", "ß" * 80])
async def test_the_longest_and_shortest_names_fit_the_database(site: Site, name: str) -> None:
    user_id = await register(name, "a@example.org")
    assert await recognised(name, PASSWORD) == user_id


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("a" * 109 + "@example.org", "too long by 1 "),
        ("nobody", "form name@"),
        ("a@b", "form name@"),
        ("a@b.c", "form name@"),
        ("a b@example.org", "form name@"),
        ("<svg>@example.org", "form name@"),
        ("a@exa\nmple.org", "form name@"),
        ("a@@example.org", "form name@"),
        ("", "form name@"),
        ("a,b@example.org", "form name@"),
    ],
)
async def test_a_wrong_address_is_told(email: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as problem:
        await accounts.register("asha", email, PASSWORD, cost=4, is_open=True, bell=BELL)
    assert problem.value.field == "email"


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short12", "at least 8"),
        ("é" * 513, "too long by 2 "),
        ("x" * 1025, "too long by 1 "),
        ("password", "anyone would guess"),
        ("qwerty123", "anyone would guess"),
    ],
)
async def test_a_weak_password_is_told(password: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as problem:
        await passwords.check_strength(password, "asha", "asha@example.org")
    assert problem.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [
        "xkq7vmzp",
        "कमल दीपक नदी पर्वत " * 20,
        "correct horse battery staple " * 35,
        "four\x00otters juggling",
        "नमस्ते दुनिया कमल",
        "p@ss\ud7ffword-lantern",
    ],
)
async def test_long_hindi_and_odd_passwords_work(site: Site, password: str) -> None:
    await passwords.check_strength(password)
    user_id = await register("asha", password=password)
    assert await recognised("asha", password) == user_id
    assert await recognised("asha", password[:-1]) is None
    assert await recognised("asha", password + "x") is None


async def test_passwords_typed_on_another_keyboard_are_the_same(site: Site) -> None:
    user_id = await register("asha", password="cafe\u0301 lanterns")
    assert await recognised("asha", "caf\u00e9 lanterns") == user_id


async def test_only_the_beginning_of_a_long_password_is_not_enough(site: Site) -> None:
    await register("asha", password="x9" + "lanterns" * 20)
    assert await recognised("asha", ("x9" + "lanterns" * 20)[:72]) is None


async def test_people_are_recognised_by_name_or_address_in_any_case(site: Site) -> None:
    user_id = await register("Asha", "Asha@Example.org")
    for name in ("asha", "ASHA", " asha ", "asha@example.org", "ASHA@EXAMPLE.ORG"):
        assert await recognised(name, PASSWORD) == user_id
    for name in ("ash", "asha@example", "", "%", "' OR 1=1 --", "\x00", "x" * 5000):
        assert await recognised(name, PASSWORD) is None


async def test_a_stored_password_is_not_the_password(site: Site) -> None:
    await register("asha")
    [row] = await db.fetch("SELECT * FROM users")
    assert PASSWORD not in str(row)
    assert row["password_hash"].startswith("1$$2b$04$")


async def test_too_many_waiting_for_bcrypt_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_queue", 100)
    with pytest.raises(passwords.TooMany) as problem:
        await passwords.hashed("x", 4)
    assert problem.value.retry_after > 0


async def test_a_new_account_is_in_every_global_room(site: Site) -> None:
    asha = await site.person("asha")
    code = await rooms.create_global("Everyone")
    async with law(asha, code):
        form = {"username": "ravi", "email": "ravi@example.org", "password": PASSWORD}
        assert (await site.stranger().post("/register", form)).status == 303
    [row] = await db.fetch("SELECT role FROM memberships WHERE user_id <> ?", asha.id)
    assert row["role"] == "member"


async def test_a_global_room_opened_while_people_register_leaves_nobody_out(site: Site) -> None:
    await asyncio.gather(*(register(f"person-{number}") for number in range(10)), rooms.create_global("Everyone"))
    assert await count("memberships") == 10


async def test_a_profile_changes_and_every_message_shows_it(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    one, other = await site.room(asha, ravi), await site.room(asha, ravi)
    async with law(ravi, one), law(ravi, other), law(asha, one):
        await asha.say(one, "first")
        await asha.say(other, "second")
        await asha.post("/profile", {"display_name": "Asha <K>", "username": "asha.k"})
    for room in (one, other):
        [article] = (await ravi.room(room)).articles.values()
        assert 'data-author="asha.k"' in article
        assert "Asha &lt;K&gt;" in article


async def test_somebody_who_left_is_renamed_there_too(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(ravi, asha)
    await asha.say(room, "I was here")
    await asha.leave(room)
    async with law(ravi, room):
        await asha.rename("Somebody else")
    assert "Somebody else" in (await ravi.room(room)).text


async def test_a_profile_cannot_take_what_is_taken(site: Site) -> None:
    asha, _ = await site.people("asha", "ravi")
    for form in ({"username": "RAVI"}, {"email": "Ravi@example.org"}):
        answer = await asha.post("/profile", form)
        assert answer.status == 409
        assert "taken" in answer.alert
    assert (await asha.post("/profile", {"username": "ASHA"})).status == 303  # one's own, in another case


async def test_an_empty_display_name_is_the_username(site: Site) -> None:
    asha = await site.person("asha", display_name="Asha K")
    await asha.rename("")
    [row] = await db.fetch("SELECT display_name FROM users")
    assert row["display_name"] == "asha"


async def test_a_rename_that_fails_half_way_breaks_the_law_nowhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may be killed at any moment; whoever resumes afterwards must still end up with what a page shows."""
    asha, ravi = await site.people("asha", "ravi")
    one, other = await site.room(asha, ravi), await site.room(asha, ravi)
    await asha.say(one, "first")
    await asha.say(other, "second")
    async with law(ravi, one) as in_one, law(ravi, other) as in_other:
        await in_one.drop()
        await in_other.drop()
        before: Callable[..., object] = rooms.notices.next_version
        calls = []

        async def dies(room_id: int, using: object) -> object:
            calls.append(room_id)
            if len(calls) == 2:
                raise RuntimeError("killed")
            return await before(room_id, using)  # type: ignore[misc]

        with monkeypatch.context() as patch:
            patch.setattr(rooms.notices, "next_version", dies)
            assert (await asha.post("/profile", {"display_name": "New name"})).status == 500
        site.parts.fragments._messages._kept.clear()  # a new process remembers nothing
