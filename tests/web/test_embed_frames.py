"""A room's frame: who gets in, as whom, what can be done there and what cannot."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import html
import re
import time

import pytest

from sampark import db
from sampark.rates import Limit
from sampark.settings import Settings
from sampark.web import embed_leave
from tests.databases import on_sqlite, serving
from tests.embeds import CLUB, OURS, Frame, choose, embedded, new_key, token
from tests.support import Browser, Site, count, field_value, logged, plain, statements


async def leaving(site: Site, frame: Frame) -> tuple[Browser, dict[str, str]]:
    """A tab in which nobody has signed in, and what the frame's form to leave brings there."""
    await frame.load()
    [form] = re.findall(
        r'<form class="embed-leave" [^>]*action="/embed/leave/ask" target="_blank".*?</form>', frame.page, re.DOTALL
    )
    return site.stranger(), fields(form)


def fields(page: str) -> dict[str, str]:
    return {name: field_value(page, name) for name in ("room", "leaving", "csrf")}


async def test_a_guest_joins_writes_and_is_still_the_same_one(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    await asha.say(code, "from the app")
    frame = Frame(site, code)
    shown = await frame.load()
    assert "from the app" in shown.text
    assert "Priya" not in (await frame.join("Priya")).text.partition('id="desk"')[0]
    seq = await frame.say("from the frame")
    again = await frame.load()
    assert "You are <bdi>Priya</bdi>" in again.text
    article = (await asha.room(code)).articles[seq]
    assert "Guest · <bdi>club.example</bdi>" in article
    assert "Guest · <bdi>club.example</bdi>" in (await asha.get(f"/rooms/{code}/members")).text
    [cookie] = frame.cookies
    assert cookie == f"__Host-sampark-embed-{code}"


async def test_the_cookie_is_for_one_sites_pages_only(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.load()
    answer = await frame.post("guest", {"name": "Priya"})
    said = {part.strip() for part in answer.headers["Set-Cookie"].partition(";")[2].split(";")}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"} <= said


async def test_messages_in_a_frame_are_the_apps_with_addresses_of_their_own(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    seq = await asha.say(code, "hello")
    frame = Frame(site, code)
    await frame.join()
    app = (await asha.room(code)).articles[seq]
    there = (await frame.load()).articles[seq]
    assert there != app
    assert there.replace("/embed/rooms/", "/rooms/") == re.sub(r"(?s)<object declare.*?</object>", "", app)
    assert (await frame.get(f"{frame.way}/messages", htmx=True)).articles[seq] == there


async def test_a_frame_hears_what_is_said_and_the_app_hears_the_frame(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame, reader = Frame(site, code), Frame(site, code)
    await frame.join()
    await reader.load()
    streams = [await frame.stream(), await reader.stream()]
    app = await asha.stream(code)
    seq = await asha.say(code, "from the app")
    for stream in streams:
        await stream.wait_for("from the app")
        assert f'/embed/rooms/{code}/messages/{seq}"' in stream.text
        assert '"/rooms/' not in stream.text
    await frame.say("from the frame")
    for stream in (*streams, app):
        await stream.wait_for("from the frame")
    await asha.post(f"/rooms/{code}/messages/{seq}/delete")
    for stream in streams:
        await stream.wait_for(f'hx-target="#message-{seq}" hx-swap="delete"')


async def test_without_scripts_the_frame_holds_an_endless_document(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.load()
    address = re.search(r'class="live-frame"[^>]*src="([^"]*)"', frame.page)
    assert address
    first = await frame.get(address[1].replace("&amp;", "&"))
    assert first.headers["Refresh"].startswith("1; url=/embed/rooms/")
    stream = await frame.stream(address[1].replace("&amp;begin=1", "").replace("&amp;", "&"))
    seq = await asha.say(code, "as it happens")
    await stream.wait_for("as it happens")
    assert f'"/embed/rooms/{code}/messages/{seq}"' in stream.text
    assert "_top" not in stream.text
    assert "Room ID" not in stream.text
    await choose(asha, code, is_on="")
    await stream.wait(lambda: stream.ended, "the end")
    assert "not open here any more" in stream.text


async def test_in_a_frame_nothing_deletes_a_message(site: Site) -> None:
    """The page around it could lead a click there."""
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    mine = await frame.say("mine")
    await frame.load()
    for text in (frame.page, (await frame.get(f"{frame.way}/messages/{mine}")).text):
        assert "mine" in text
        assert "/delete" not in text
        assert "message-tools" not in text
    assert (await frame.post(f"messages/{mine}/delete")).status == 404
    assert mine in (await asha.room(code)).articles


async def test_who_was_muted_does_not_write_by_another_name(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    await frame.say("too much")
    [row] = await db.fetch("SELECT id FROM embed_guests")
    await asha.post(f"/rooms/{code}/embed/guests/{row['id']}/mute")
    assert (await frame.post("messages", {"text": "more", "key": "k"})).status == 403
    await frame.post("guest", {"name": "Somebody new"})
    assert (await frame.post("messages", {"text": "more", "key": "k"})).status in {403, 404}


async def test_signing_out_of_the_app_ends_ones_frames(site: Site) -> None:
    asha = await site.person("asha")
    await embedded(site, asha)
    before = await count("sessions", "embed_id IS NOT NULL")
    await db.run(
        "INSERT INTO sessions (token_hash, user_id, created_at, expires_at, agent, embed_id)"
        " SELECT 'x', u.id, u.created_at, ?, '', e.id FROM users u, embeds e WHERE u.username = 'asha'",
        datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1),
    )
    await asha.post("/logout")
    assert await count("sessions", "embed_id IS NOT NULL") == before


async def test_a_room_without_anybody_to_look_after_it_stands_in_no_page(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    await asha.post(f"/rooms/{code}/leave")
    assert (await frame.get(frame.way)).status == 404
    assert (await frame.post("messages", {"text": "alone", "key": "k"})).status == 404


@pytest.mark.parametrize("path", ["leave", "delete", "members", "embed", "compose", "mute", "invite", "events"])
@on_sqlite
async def test_nothing_else_can_be_done_in_a_frame(site: Site, path: str) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    for answer in (await frame.post(path), await frame.get(f"{frame.way}/{path}")):
        assert answer.status == 404
        assert answer.headers["X-Frame-Options"] == "DENY"
    for answer in (
        await frame.send("GET", "/profile"),
        await frame.send("POST", f"/rooms/{code}/leave", {}, {"Sec-Fetch-Site": "same-origin"}),
    ):
        assert answer.status == 303
        assert answer.location.startswith("/login"), "the app knows nothing of a frame's session"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_an_account_of_the_app_is_nobody_in_a_frame(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    shown = await asha.get(f"/embed/rooms/{code}")
    assert "asha" not in shown.text.partition('id="desk"')[2]
    assert (await asha.post(f"/embed/rooms/{code}/messages", {"text": "as the app"})).status == 404


async def test_only_listed_sites_may_frame_it(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    unknown = await Frame(site, "k3f9x2mq7hpt").load()
    elsewhere = await Frame(site, code, "https://elsewhere.example").load()
    assert (elsewhere.status, elsewhere.body, elsewhere.same_headers()) == (404, unknown.body, unknown.same_headers())
    assert "frame-ancestors 'none'" in unknown.headers["Content-Security-Policy"]
    assert unknown.headers["X-Frame-Options"] == "DENY"
    for host in (CLUB, None):
        listed = await Frame(site, code, host).load()
        assert listed.status == 200
        assert f"frame-ancestors 'self' {CLUB}" in listed.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in listed.headers
        assert "Set-Cookie" not in listed.headers


async def test_what_is_off_or_private_was_never_there(site: Site) -> None:
    asha = await site.person("asha")
    off, vouched, plain_room = (
        await embedded(site, asha, is_on=""),
        await embedded(site, asha, "vouched"),
        await site.room(asha),
    )
    for path in ("", "/messages", "/stream", "/live", "/messages/1", "/desk", "/files/aaaaaaaaaaaaaaaaaaaaaa/a.png"):
        unknown = await Frame(site, "k3f9x2mq7hpt").send("GET", f"/embed/rooms/k3f9x2mq7hpt{path}")
        for code in (off, vouched, plain_room):
            answer = await Frame(site, code).send("GET", f"/embed/rooms/{code}{path}")
            assert (answer.status, answer.body, answer.same_headers()) == (404, unknown.body, unknown.same_headers())


async def test_a_vouched_room_tells_a_listed_sites_visitors_nothing_but_that(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, "vouched")
    await asha.say(code, "a secret")
    frame = Frame(site, code)
    gate = await frame.load()
    assert gate.status == 200
    assert "club.example" in gate.text
    assert "Lighthouse" not in gate.text
    ticket = re.search(r"ticket=([\w-]+)", gate.text)
    assert ticket
    for path in ("/messages", "/stream", "/live", "/messages/1"):
        assert (await frame.get(f"{frame.way}{path}?ticket={ticket[1]}")).status == 404


async def test_a_vouched_person_comes_by_a_token_and_stays(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, "vouched")
    await asha.say(code, "a secret")
    key = await new_key(asha, code)
    frame = Frame(site, code)
    await frame.load()
    good = token(code, key)
    assert "a secret" in (await frame.follow(await frame.vouch(good))).text
    assert "a secret" in (await frame.load()).text
    seq = await frame.say("from the club")
    article = (await asha.room(code)).articles[seq]
    assert ">Meera</bdi>" in article
    assert "from <bdi>club.example</bdi>" in article
    stream = await frame.stream()
    await asha.say(code, "and live")
    await stream.wait_for("and live")
    other = Frame(site, code)
    refused = await other.vouch(good)
    assert refused.status == 403
    assert "used before" in refused.alert
    assert "a secret" not in refused.text


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1_700_000_000, "iat": 1_699_999_990}, "expired"),
        ({"aud": "https://elsewhere.example"}, "“aud”"),
        ({"iss": "https://elsewhere.example"}, "“iss”"),
        ({"room": "k3f9x2mq7hpt"}, "“room”"),
    ],
)
@on_sqlite
async def test_a_refused_token_is_explained_to_its_maker_and_not_kept(
    site: Site, claims: dict[str, object], why: str
) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, "vouched")
    key = await new_key(asha, code)
    bad = token(code, key, **claims)
    with logged() as said:
        answer = await Frame(site, code).vouch(bad)
    assert answer.status == 403
    assert why in answer.alert
    assert "Set-Cookie" not in answer.headers
    log = said.getvalue()
    assert "token_refused" in log
    assert bad not in log
    assert code not in log
    assert await count("sessions", "embed_id IS NOT NULL") == 0


async def test_tokens_come_from_pages_of_listed_sites_only(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    key = await new_key(asha, code)
    for origin in ("null", "https://elsewhere.example", OURS, None):
        assert (await Frame(site, code).vouch(token(code, key), origin)).status == 404
    assert (await Frame(site, code).vouch(token(code, key))).status == 303


async def test_every_other_form_is_the_frames_own(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    for action in ("messages", "guest", "account", "typing"):
        answer = await frame.post(
            action, {"text": "x", "name": "x"}, **{"Sec-Fetch-Site": "cross-site", "Origin": CLUB}
        )
        assert answer.status == 403
        assert (await frame.post(action, {}, **{"Sec-Fetch-Site": "same-site"})).status == 403
    assert await count("messages") == 0
    assert await count("sessions", "embed_id IS NOT NULL") == 1


async def test_what_is_revoked_ends_at_once(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    await asha.post(f"/rooms/{code}/embed/origins", {"origin": "https://other.example"})
    key = await new_key(asha, code)
    guest, reader, other, vouched = (Frame(site, code) for _ in range(4))
    other.host = "https://other.example"
    await guest.join()
    await reader.load()
    await other.join("Zara")
    await vouched.follow(await vouched.vouch(token(code, key)))
    streams = [await frame.stream() for frame in (guest, reader, other, vouched)]
    [key_id] = [row["id"] for row in await db.fetch("SELECT id FROM embed_keys")]
    await asha.post(f"/rooms/{code}/embed/keys/{key_id}/remove")
    assert (await streams[3].gone()).event == "gone"
    club = (await db.fetch("SELECT id FROM embed_origins WHERE origin = ?", CLUB))[0]["id"]
    await asha.post(f"/rooms/{code}/embed/origins/{club}/remove")
    for stream in streams[:2]:
        assert "left" in (await stream.gone()).data
    await asha.say(code, "who still hears")
    await streams[2].wait_for("who still hears")
    assert not streams[2].ended
    assert (await guest.load()).status == 404
    again = re.search(r'hx-sse:connect="([^"]*)"', reader.page)
    assert again
    assert (await reader.get(again[1].replace("&amp;", "&"))).status == 404


async def test_ten_rooms_on_one_page_have_ten_visitors(site: Site) -> None:
    asha = await site.person("asha")
    cookies: dict[str, str] = {}
    for number in range(10):
        frame = Frame(site, await embedded(site, asha), cookies=cookies)
        await frame.join(f"Guest {number}")
    assert len(cookies) == 10
    assert await count("embed_guests") == 10


async def test_plain_http_says_why_it_keeps_nobody(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    page = await frame.send("GET", frame.way, headers={"Host": "chat.school.example"})
    assert page.status == 200
    assert "without TLS" in plain(page.text)
    assert 'name="name"' not in page.text
    headers = {"Host": "chat.school.example", "Sec-Fetch-Site": "same-origin"}
    assert (await frame.send("POST", f"{frame.way}/guest", {"name": "Priya"}, headers)).status == 404


async def test_waiting_muting_and_banning(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, needs_approval="on")
    frame = Frame(site, code)
    assert "let you in" in (await frame.join()).text
    assert (await frame.post("messages", {"text": "too early"})).status == 404
    assert (await frame.get(f"{frame.way}/desk", htmx=True)).status == 204
    guest_id = (await db.fetch("SELECT id FROM embed_guests"))[0]["id"]
    decide = f"/rooms/{code}/embed/guests/{guest_id}"
    assert "waits to be let in" in (await asha.get(f"/rooms/{code}/embed")).text
    assert (await asha.post(f"{decide}/approve")).status == 303
    assert 'id="composer"' in (await frame.get(f"{frame.way}/desk", htmx=True)).text
    await frame.load()
    await frame.say("at last")
    await asha.post(f"{decide}/mute")
    assert (await frame.post("messages", {"text": "still"})).status == 403
    stream = await frame.stream()
    await asha.post(f"{decide}/ban")
    await stream.gone()
    await frame.load()
    refused = await frame.post("guest", {"name": "Priya again"})
    assert refused.status == 403
    assert "cannot write" in refused.alert
    ravi = await site.person("ravi")
    assert (await ravi.post(f"{decide}/unban")).status == 404


async def test_who_is_unmuted_writes_again_and_who_is_removed_comes_back_as_somebody_new(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    await frame.say("hello")
    guest_id = (await db.fetch("SELECT id FROM embed_guests"))[0]["id"]
    decide = f"/rooms/{code}/embed/guests/{guest_id}"
    await asha.post(f"{decide}/mute")
    assert (await frame.post("messages", {"text": "still"})).status == 403
    await asha.post(f"{decide}/unmute")
    await frame.load()
    await frame.say("again")
    stream = await frame.stream()
    await asha.post(f"{decide}/remove")
    await stream.gone()
    assert "Priya" not in (await asha.get(f"/rooms/{code}/members")).text
    assert (await frame.post("messages", {"text": "nobody"})).status == 404
    await frame.load()
    await frame.join()
    assert (await db.fetch("SELECT id FROM embed_guests ORDER BY id DESC"))[0]["id"] != guest_id
    for word in ("promote", "", "approve/1"):
        assert (await asha.post(f"{decide}/{word}")).status == 404


async def test_a_refused_name_comes_back_with_what_was_typed(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.load()
    answer = await frame.post("guest", {"name": "asha"})
    assert answer.status == 409
    assert 'value="asha"' in answer.text
    assert f"frame-ancestors 'self' {CLUB}" in answer.headers["Content-Security-Policy"]
    answer = await frame.post("messages", {"text": "nobody"})
    assert answer.status == 404


async def test_who_leaves_is_gone_from_the_room(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    stream = await frame.stream()
    tab, way = await leaving(site, frame)
    asked = await tab.post("/embed/leave/ask", way)
    assert "You are <bdi>Priya</bdi> in a chat on a page of <bdi>club.example</bdi>" in asked.text
    await asyncio.sleep(embed_leave.SOONEST)
    done = await tab.post("/embed/leave", fields(asked.text))
    assert "You have left" in done.text
    await stream.gone()
    assert await count("users", "kind = 'guest'") == 0
    assert "Your name here" in (await frame.load()).text
    assert "You have left" in (await tab.post("/embed/leave/ask", way)).text


async def test_no_click_in_the_frame_makes_anybody_leave(site: Site) -> None:
    """What leads out of the room is asked in a window that no page can stand around, and not of a double click's second half."""
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    tab, way = await leaving(site, frame)
    assert (await frame.post("sign-out")).status == 404
    asked = await tab.post("/embed/leave/ask", way)
    for answer in (asked, await tab.post("/embed/leave", fields(asked.text))):
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert await count("users", "kind = 'guest'") == 1
    assert answer.status == 422
    assert "Nothing has happened yet" in answer.alert
    for origin in ("cross-site", "same-site"):
        assert (await tab.post("/embed/leave", fields(asked.text), site=origin)).status == 403
    assert await count("users", "kind = 'guest'") == 1


async def test_only_the_frame_says_whose_leaving_is_meant(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha")
    code, other = await embedded(site, asha), await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    tab, way = await leaving(site, frame)
    said = fields((await tab.post("/embed/leave/ask", way)).text)
    session, made, mark = said["leaving"].split("-")
    for forged in (
        "", "x", "--", "a-b-c", f"{int(session, 16) + 1:x}-{made}-{mark}", f"{session}-{int(made, 16) - 5000:x}-{mark}",
        f"{session}-{made}-{mark[::-1]}", f"{said['leaving']}-", "é" * 90,
    ):  # fmt: skip
        assert (await tab.post("/embed/leave/ask", {**said, "leaving": forged})).status == 404
        assert (await tab.post("/embed/leave", {**said, "leaving": forged})).status == 404
    await tab.post("/embed/leave", {**said, "room": other})
    now = time.time()
    monkeypatch.setattr("sampark.web.embed_leave.time.time", lambda: now + embed_leave.LATEST + 5)
    late = await tab.post("/embed/leave", said)
    assert late.status == 422
    assert fields(late.text)["leaving"] != said["leaving"]
    assert await count("users", "kind = 'guest'") == 1


@pytest.mark.parametrize("approval", ["", "on"])
async def test_words_of_a_guest_whose_session_has_ended_stay_with_them(site: Site, approval: str) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.join()
    await choose(asha, code, needs_approval=approval)
    await db.run("DELETE FROM sessions WHERE embed_id IS NOT NULL")
    answer = await frame.post("messages", {"text": "My <b>words"})
    assert answer.status == 404
    assert "Your words are still here" in answer.alert
    assert field_value(answer.text, "text") == "My <b>words"
    # A name that does not do loses nothing, nor does one that does.
    frame.page = answer.text
    again = await frame.post("guest", {"name": "asha", "text": "My <b>words"})
    assert (again.status, field_value(again.text, "text")) == (409, "My <b>words")
    entered = await frame.post("guest", {"name": "Priya", "text": "My <b>words"})
    assert (entered.status, field_value(entered.text, "text")) == (200, "My <b>words")
    assert ("can write as soon as" in entered.text) is bool(approval)
    assert ('<form id="composer"' in entered.text) is not bool(approval)
    if not approval:
        frame.page = entered.text
        assert (await frame.post("messages", {"text": "My <b>words"})).status == 303
    # Where nobody may read without being known, there is nothing to say.
    await choose(asha, code, level="vouched")
    await db.run("DELETE FROM sessions WHERE embed_id IS NOT NULL")
    assert (await frame.post("messages", {"text": "x"})).status == 404


async def test_whoever_leaves_one_room_learns_nothing_of_others(site: Site) -> None:
    asha = await site.person("asha")
    code, closed = await embedded(site, asha), await embedded(site, asha, "vouched")
    frame = Frame(site, code)
    await frame.join()
    tab, way = await leaving(site, frame)
    for action in ("/embed/leave/ask", "/embed/leave"):
        answers = [await tab.post(action, {**way, "room": room}) for room in (closed, "k3f9x2mq7hpt")]
        assert [answer.status for answer in answers] == [404, 404]
        assert answers[0].text == answers[1].text


@pytest.mark.parametrize("unseen", list("\u00ad\u034f\u200c\u180e\ufe0f\u2800\u3164\U000e0041"), ids=ascii)
async def test_a_guest_takes_no_members_name_with_a_letter_that_nobody_sees(site: Site, unseen: str) -> None:
    asha = await site.person("asha")
    await asha.post("/profile", {"display_name": "Asha\u200d Rao", "username": "asha", "email": "asha@example.org"})
    frame = Frame(site, await embedded(site, asha))
    for name in (f"as{unseen}ha", f"Asha{unseen} Rao", f"Asha{unseen}Rao"):
        await frame.load()
        answer = await frame.post("guest", {"name": name})
        assert answer.status == 409, name
        assert "called that already" in answer.text
    assert (await frame.post("guest", {"name": f"Ash{unseen}ok"})).status == 303


async def test_the_frames_address_chooses_how_it_looks_within_bounds(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, theme="dark", accent="#ff8800", own_accent="on")
    frame = Frame(site, code)
    chosen = await frame.load()
    assert 'data-theme="dark"' in chosen.text
    assert ":root{--accent:#ff8800}" in chosen.text
    other = await frame.load(f"{frame.way}?theme=light&accent=00aa55")
    assert 'data-theme="light"' in other.text
    assert ":root{--accent:#00aa55}" in other.text
    assert "&amp;theme=light&amp;accent=00aa55" in other.text
    for bad in ("red", "%23fff", "#00aa55;}body{", "</style><script>"):
        page = await frame.load(f"{frame.way}?theme={bad}&accent={bad}")
        assert ":root{--accent:#ff8800}" in page.text
        assert 'data-theme="dark"' in page.text


async def test_ones_own_account_is_handed_over_by_a_cookie_for_nothing_else(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await embedded(site, asha)
    frame = Frame(site, code)
    await frame.load()
    assert (await frame.post("account")).status == 403
    for person, status in ((ravi, 403), (asha, 303)):
        allowed = await person.post("/embed/account")
        assert allowed.status == 303
        cookie = allowed.headers["Set-Cookie"]
        assert "SameSite=None" in cookie
        assert "Partitioned" not in cookie
        frame.cookies["__Host-sampark-account"] = cookie.partition("=")[2].partition(";")[0]
        answer = await frame.post("account")
        assert answer.status == status, answer.text
    assert "You are <bdi>asha</bdi>" in (await frame.follow(answer)).text
    seq = await frame.say("as myself")
    assert "Guest" not in (await asha.room(code)).articles[seq]
    alone = Frame(site, code, cookies={"__Host-sampark-account": frame.cookies["__Host-sampark-account"]})
    assert (await alone.send("GET", "/profile")).status == 303
    assert "embed-who" not in (await alone.load()).text
    await asha.post("/logout")
    await alone.load()
    assert (await alone.post("account")).status == 403


async def test_every_form_of_a_frame_is_known_to_these_tests(site: Site) -> None:
    posts = {
        rule.rule.removeprefix("/embed/rooms/<room>/")
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/embed/rooms/") and "POST" in (rule.methods or set())
    }
    # `vouch` and `token` (test_embed_abroad.py) come from elsewhere by design: each needs a signed token, which is good once.
    assert posts == {
        "messages", "typing", "guest", "account", "vouch", "token",
    }  # fmt: skip


async def test_a_frame_costs_no_more_queries_than_the_room(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    for number in range(5):
        await asha.say(code, f"line {number}")
    reader, guest = Frame(site, code), Frame(site, code)
    await guest.join()
    for frame, most in ((reader, 3), (guest, 5)):
        await frame.load()
        with statements() as seen:
            await frame.load()
        assert len(seen) <= most, seen
    with statements() as seen:
        await guest.post("messages", {"text": "x", "key": "k"}, htmx=True)
    assert len([one for one in seen if not re.match("BEGIN|COMMIT|SAVEPOINT", one)]) <= 8, seen
    with statements() as seen:
        await guest.get(f"{guest.way}/messages", htmx=True)
    assert len(seen) <= 3, seen


async def test_too_much_is_told_in_the_frame(settings: Settings) -> None:
    rates = dataclasses.replace(settings.rates, guest_post=Limit(1, 60, 1), readers=1)
    async with serving(dataclasses.replace(settings, rate_scale=1.0, rates=rates)) as site:
        asha = await site.person("asha")
        code = await embedded(site, asha)
        frame, other = Frame(site, code), Frame(site, code)
        await frame.join()
        await frame.say("one")
        answer = await frame.post("messages", {"text": "two"})
        assert answer.status == 429
        assert answer.headers["Retry-After"]
        assert "too often" in answer.alert
        assert ">\ntwo</textarea>" in answer.text
        assert CLUB in answer.headers["Content-Security-Policy"]
        await other.load()
        await other.stream()
        again = re.search(r'hx-sse:connect="([^"]*)"', other.page)
        assert again
        assert (await other.get(again[1].replace("&amp;", "&"))).status == 429


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" HTTPS://School.Example:443/ ", "https://school.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        (CLUB, CLUB),
    ],
)
@on_sqlite
async def test_it_is_said_what_was_made_of_a_sites_address(site: Site, typed: str, kept: str) -> None:
    asha = await site.person("asha")
    code = await site.room(asha)
    added = await asha.post(f"/rooms/{code}/embed/origins", {"origin": typed})
    assert added.location.endswith("#sites")
    said = f'role="status">Added as <code dir="ltr">{kept}</code>.'
    assert said in (await asha.get(added.location.partition("#")[0])).text
    assert "Added as" not in (await asha.get(f"/rooms/{code}/embed?added=https://elsewhere.example")).text
    [row] = await db.fetch("SELECT id FROM embed_origins")
    gone = await asha.post(f"/rooms/{code}/embed/origins/{row['id']}/remove")
    assert "Added as" not in (await asha.get(gone.location.partition("#")[0])).text
    assert "Added as" not in (await asha.get(added.location.partition("#")[0])).text


async def test_what_is_pasted_elsewhere_is_whole_there(site: Site) -> None:
    asha = await site.person("asha")
    code = await site.room(asha, name='Tom & "Jerry" <b>')
    shown = (await asha.get(f"/rooms/{code}/embed")).text
    pasted = html.unescape(re.findall(r'<pre id="snippet-frame"[^>]*><code>(.*?)</code>', shown, re.DOTALL)[0])
    assert 'title="Tom &amp; &#34;Jerry&#34; &lt;b&gt;"' in pasted
    assert f'src="{OURS}/embed/rooms/{code}"' in pasted


async def test_a_guest_whom_the_site_vouches_for_is_here_once(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha)
    key = await new_key(asha, code)
    frame = Frame(site, code)
    await frame.join("Priya")
    assert "You are <bdi>Meera</bdi>" in (await frame.follow(await frame.vouch(token(code, key)))).text
    assert await count("memberships") == 2
    assert await count("users", "kind = 'guest'") == 0
    first = await frame.stream()
    await frame.follow(await frame.vouch(token(code, key)))
    await asha.say(code, "still heard in the first tab")
    await first.wait_for("still heard")
