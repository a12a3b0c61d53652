"""Sessions: new at each sign-in, dead on the server when they end, listed, and ended one by one."""

from __future__ import annotations

import datetime
import re

import pytest

from sampark import access, db
from sampark.chat import passwords
from tests.support import PASSWORD, Browser, Site, count, plain


def with_cookies(site: Site, cookies: dict[str, str]) -> Browser:
    browser = site.stranger()
    for name, value in cookies.items():
        browser.client.set_cookie("localhost", name, value)
    return browser


async def signed_in(site: Site, name: str, browser: Browser | None = None, agent: str = "tests") -> Browser:
    browser = browser or site.stranger()
    browser.headers["User-Agent"] = agent
    answer = await browser.post("/login", {"username": name, "password": PASSWORD})
    assert answer.status == 303
    return browser


async def test_signing_in_makes_a_new_session_and_ends_the_one_before(site: Site) -> None:
    await site.person("asha")
    browser = await signed_in(site, "asha")
    first = dict(browser.cookies)
    await signed_in(site, "asha", browser)
    assert browser.cookies["sampark"] != first["sampark"]
    assert (await browser.get("/")).status == 200
    assert (await with_cookies(site, first).get("/")).status == 303


async def test_a_planted_session_is_worth_nothing_after_sign_in(site: Site) -> None:
    """An attacker who put a cookie into somebody's browser must not be signed in with them."""
    await site.people("asha", "attacker")
    attacker = await signed_in(site, "attacker")
    victim = with_cookies(site, attacker.cookies)
    await signed_in(site, "asha", victim)
    assert "attacker" not in (await victim.get("/profile")).text
    assert (await attacker.get("/profile")).status == 303
    with_own_token = with_cookies(site, {"sampark": "made-up-token"})
    await signed_in(site, "asha", with_own_token)
    assert "made-up-token" not in with_own_token.cookies["sampark"]


async def test_signing_out_kills_the_session_on_the_server(site: Site) -> None:
    await site.person("asha")
    browser = await signed_in(site, "asha")
    stolen = with_cookies(site, browser.cookies)
    assert (await stolen.get("/")).status == 200
    assert (await browser.post("/logout")).location == "/login"
    assert (await stolen.get("/")).status == 303
    assert (await browser.get("/")).status == 303
    assert (await browser.post("/logout")).location == "/login"  # once more does no harm
    assert await count("sessions", "agent = 'tests'") == 1  # the one that the test put there


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: cookie[:-2],
        lambda cookie: "x" + cookie,
        lambda cookie: "",
        lambda cookie: "a.b.c",
        lambda cookie: "é" * 10,
    ],
)
async def test_a_cookie_that_was_not_signed_by_us_is_nobody(site: Site, forge: object) -> None:
    await site.person("asha")
    browser = await signed_in(site, "asha")
    forged = with_cookies(site, {"sampark": forge(browser.cookies["sampark"])})  # type: ignore[operator]
    assert (await forged.get("/")).status == 303
    assert (await forged.get("/login")).status == 200


async def test_the_database_holds_no_token(site: Site) -> None:
    asha = await site.person("asha")
    token = await asha.begin_session()
    rows = await db.fetch("SELECT * FROM sessions")
    assert token not in str(rows)
    assert access.token_hash(token) in {row["token_hash"] for row in rows}


async def test_an_old_session_is_over(site: Site) -> None:
    asha = await site.person("asha")
    await db.run(
        "UPDATE sessions SET expires_at = ?", datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=5)
    )
    assert (await asha.get("/")).status == 303
    await signed_in(site, "asha")
    assert await count("sessions") == 1  # the old one is swept away


async def test_a_session_of_tomorrow_is_not_over(site: Site) -> None:
    asha = await site.person("asha")
    for ahead in (datetime.timedelta(seconds=30), datetime.timedelta(days=80)):
        await db.run("UPDATE sessions SET expires_at = ?", datetime.datetime.now(datetime.UTC) + ahead)
        assert (await asha.get("/")).status == 200


async def test_sessions_are_listed_and_ended_one_by_one(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    laptop = await signed_in(site, "asha", agent="Laptop <svg onload=alert(1)>")
    phone = await signed_in(site, "asha", agent="Phone" + "x" * 5000)
    page = (await laptop.get("/profile")).text
    assert "<svg onload" not in page
    items = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    assert len([item for item in items if "since" in plain(item)]) == 3
    assert "this browser" in page
    ids = [int(found) for found in re.findall(r"/profile/sessions/(\d+)/end", page)]
    [of_phone] = [row["id"] for row in await db.fetch("SELECT id FROM sessions WHERE agent LIKE 'Phone%'")]
    assert of_phone in ids
    assert (await ravi.post(f"/profile/sessions/{of_phone}/end")).status == 404
    assert (await phone.get("/")).status == 200
    assert (await laptop.post(f"/profile/sessions/{of_phone}/end")).status == 303
    assert (await phone.get("/")).status == 303
    assert (await asha.get("/")).status == 200
    assert (await laptop.post("/profile/sessions/end-others")).status == 303
    assert (await asha.get("/")).status == 303
    assert (await laptop.get("/")).status == 200


async def test_a_new_password_ends_all_other_sessions_and_renews_this_one(site: Site) -> None:
    asha = await site.person("asha")
    here, there = await signed_in(site, "asha"), await signed_in(site, "asha")
    stolen = with_cookies(site, here.cookies)
    form = {"current_password": PASSWORD, "password": "five newts balancing teacups"}
    assert (await here.post("/profile/password", form)).location == "/profile"
    assert (await here.get("/")).status == 200
    for browser in (asha, there, stolen):
        assert (await browser.get("/")).status == 303
    assert (await site.stranger().post("/login", {"username": "asha", "password": PASSWORD})).status == 422
    assert (await site.stranger().post("/login", {"username": "asha", "password": form["password"]})).status == 303


async def test_a_wrong_current_password_changes_nothing(site: Site) -> None:
    asha = await site.person("asha")
    for form in (
        {"current_password": "wrong", "password": "five newts balancing"},
        {"current_password": PASSWORD, "password": "password"},
        {},
    ):
        assert (await asha.post("/profile/password", form)).status == 422
    assert (await site.stranger().post("/login", {"username": "asha", "password": PASSWORD})).status == 303
    assert (await asha.get("/")).status == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("asha", "wrong"),
        ("nobody", "wrong"),
        ("nobody@example.org", "wrong"),
        ("asha@example.org", ""),
        ("", ""),
        ("asha\x00", "x"),
        ("asha", "x" * 100_000),
    ],
)
async def test_every_wrong_sign_in_says_the_same_and_costs_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    await site.person("asha")
    checked: list[str] = []
    checkpw = passwords.bcrypt.checkpw

    def noted(given: bytes, stored: bytes) -> bool:
        checked.append(stored.decode()[:7])
        return checkpw(given, stored)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", noted)
    await site.stranger().post("/login", {"username": "warm-up", "password": "x"})
    checked.clear()
    answer = await site.stranger().post("/login", {"username": name, "password": password})
    assert answer.status == 422
    assert answer.alert.startswith("That name and password do not belong together")
    assert checked == ["$2b$04$"]


async def test_registering_does_not_tell_whose_address_is_known(site: Site) -> None:
    await site.person("asha")
    known = await site.stranger().post(
        "/register", {"username": "free-name", "email": "asha@example.org", "password": PASSWORD}
    )
    taken = await site.stranger().post(
        "/register", {"username": "asha", "email": "free@example.org", "password": PASSWORD}
    )
    assert known.status == taken.status == 409
    assert known.alert == taken.alert


async def test_whoever_is_signed_in_needs_no_sign_in_page(site: Site) -> None:
    asha = await site.person("asha")
    assert (await asha.get("/login")).location == "/"
    assert (await asha.get("/login?next=/profile")).location == "/profile"


async def test_closed_registration_takes_only_the_first(site: Site) -> None:
    import dataclasses

    object.__setattr__(site.parts, "settings", dataclasses.replace(site.settings, registration="closed"))
    visitor = site.stranger()
    assert "<form" in (await visitor.get("/register")).text
    form = {"username": "asha", "email": "a@example.org", "password": PASSWORD}
    assert (await visitor.post("/register", form)).status == 303
    page = await visitor.get("/register")
    assert "takes no new accounts" in page.text
    assert 'name="username"' not in page.text
    refused = await visitor.post("/register", {**form, "username": "ravi", "email": "r@example.org"})
    assert refused.status == 403
    assert await count("users") == 1
