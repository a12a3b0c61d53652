"""What is sent by a plain form after the session has ended is there again after signing in: for the same person, in the same room."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from sampark import db
from sampark.web import kept
from tests.databases import on_sqlite
from tests.support import Answer, Browser, Site, field_value, multipart

pytestmark = on_sqlite

README = Path(__file__).parents[2] / "README.md"
WORDS = "नमस्ते,\n\n  important words & <b>more</b>"


async def signed_out(site: Site) -> tuple[Browser, str]:
    """Somebody whose session has ended on the server, in front of a room's page; the room."""
    asha = await site.person("asha")
    room = await site.room(asha)
    await db.run("DELETE FROM sessions")
    return asha, room


async def send(who: Browser, room: str, *, text: str = WORDS, to: str = "messages", **fields: str) -> Answer:
    """The form of the room's page, as browsers send it."""
    form = {"key": "k", "person": str(who.id), "text": text, **fields}
    return await who.upload(f"/rooms/{room}/{to}", ("files", "", b""), form=form)


async def composer(who: Browser, room: str, path: str = "") -> str:
    return field_value((await who.get(f"/rooms/{room}{path}")).text, "text")


async def test_they_are_in_the_room_again_until_they_are_sent(site: Site) -> None:
    asha, room = await signed_out(site)
    answer = await send(asha, room)
    assert (answer.status, answer.location) == (303, f"/login?next=/rooms/{room}")
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{kept.COOKIE}=")]
    assert f"Path=/rooms/{room};" in f"{cookie};"
    for part in ("HttpOnly", "SameSite=Lax", "Max-Age=3600"):
        assert part in cookie
    login = (await asha.get(answer.location)).text
    assert "what you typed is in the box again" in login
    assert "important words" not in login
    await asha.begin_session()
    for _ in range(2):
        assert await composer(asha, room) == WORDS
        assert await composer(asha, room, "/compose") == WORDS
    other = await site.room(asha)
    assert await composer(asha, other) == ""
    await asha.say(other, "something else")
    assert await composer(asha, room) == WORDS
    assert (await send(asha, room)).status == 303
    assert await composer(asha, room) == ""
    assert "important words" in (await asha.room(room)).articles[1]


async def test_the_frame_says_so_and_shows_them_again(site: Site) -> None:
    asha, room = await signed_out(site)
    answer = await send(asha, room, to="compose")
    assert answer.status == 401
    assert "what you typed is in the box again" in answer.alert
    assert f'href="/login?next=/rooms/{room}"' in answer.text
    await asha.begin_session()
    assert await composer(asha, room, "/compose") == WORDS
    assert (await send(asha, room, to="compose")).status == 303
    assert await composer(asha, room, "/compose") == ""


async def test_nobody_else_reads_them(site: Site) -> None:
    asha, room = await signed_out(site)
    ravi = await site.person("ravi")
    await ravi.join(room)
    await send(asha, room)
    asha.id = ravi.id  # at the same browser
    await asha.begin_session()
    assert await composer(asha, room) == ""
    assert "important" not in (await asha.get(f"/rooms/{room}/compose")).text


async def test_what_one_is_told_to_correct_comes_before_them(site: Site) -> None:
    asha, room = await signed_out(site)
    await send(asha, room)
    await asha.begin_session()
    long = "word " * 2001
    assert field_value((await send(asha, room, text=long)).text, "text") == long


@pytest.mark.parametrize("to", ["messages", "compose"])
async def test_too_long_ones_are_shown_to_be_copied(site: Site, to: str) -> None:
    asha, room = await signed_out(site)
    long = "\n" + secrets.token_hex(4_990) + "<b>"
    answer = await send(asha, room, text=long, to=to)
    assert answer.status == 401
    assert "too long to be kept: copy it first" in answer.alert
    [shown] = re.findall(r"<textarea[^>]*readonly>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert shown == long.replace("<", "&lt;").replace(">", "&gt;")
    assert f'href="/login?next=/rooms/{room}"' in answer.text
    assert kept.COOKIE not in asha.cookies


async def test_a_long_message_as_people_write_them_is_kept_whole(site: Site) -> None:
    asha, room = await signed_out(site)
    long = README.read_text()[:5_000].strip()
    assert (await send(asha, room, text=long)).status == 303
    await asha.begin_session()
    assert await composer(asha, room) == long


async def test_files_are_not_read_and_words_before_them_are(site: Site) -> None:
    asha, room = await signed_out(site)
    body, kind = multipart({"person": str(asha.id), "text": WORDS}, [("files", "a.txt", b"x" * 3_000_000)])
    answer = await asha.send("POST", f"/rooms/{room}/messages", data=body, headers={"Content-Type": kind})
    assert answer.status == 303
    assert [path for path in (site.settings.data_dir / "files").rglob("*") if path.is_file()] == []
    await asha.begin_session()
    assert await composer(asha, room) == WORDS


@pytest.mark.parametrize("to", ["messages", "compose"])
async def test_other_sites_put_no_words_into_a_mouth(site: Site, to: str) -> None:
    asha, room = await signed_out(site)
    body, kind = multipart({"person": str(asha.id), "text": WORDS}, [])
    for headers, name in (
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Origin": "https://evil.example"}, None),
        ({}, None),
    ):
        await asha.send("POST", f"/rooms/{room}/{to}", data=body, headers={"Content-Type": kind, **headers}, site=name)
        assert kept.COOKIE not in asha.cookies, headers


async def test_a_text_browser_proves_itself_by_the_forms_token(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    token = field_value((await asha.room(room)).text, "csrf")
    await db.run("DELETE FROM sessions")
    form = {"csrf": token, "person": str(asha.id), "text": WORDS}
    body, kind = multipart(form, [])
    answer = await asha.send("POST", f"/rooms/{room}/messages", data=body, headers={"Content-Type": kind}, site=None)
    assert answer.status == 303
    await asha.begin_session()
    assert await composer(asha, room) == WORDS


@pytest.mark.parametrize(
    ("to", "fields"),
    [
        ("messages", {"person": ""}),
        ("messages", {"person": "asha"}),
        ("messages", {"text": " \n"}),
        ("leave", {}),
        ("typing", {}),
    ],
)
async def test_of_nobody_and_of_nothing_nothing_is_kept(site: Site, to: str, fields: dict[str, str]) -> None:
    asha, room = await signed_out(site)
    answer = await send(asha, room, to=to, **fields)
    assert answer.status == 303
    assert kept.COOKIE not in asha.cookies
    assert "in the box again" not in (await asha.get(answer.location)).text


async def test_scripts_keep_their_own(site: Site) -> None:
    asha, room = await signed_out(site)
    form = {"key": "k", "person": str(asha.id), "text": WORDS}
    assert (await asha.post(f"/rooms/{room}/messages", form, htmx=True)).status == 401
    assert kept.COOKIE not in asha.cookies


@pytest.mark.parametrize("cookie", ["nonsense", "x" * 3900, "", ".eJwDAAAAAAE.abc"])
async def test_a_cookie_that_is_not_ours_is_no_words(site: Site, cookie: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    asha.client.set_cookie("localhost", kept.COOKIE, cookie)
    assert await composer(asha, room) == ""
