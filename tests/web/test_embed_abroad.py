"""Level 4: fragments, stream and tokens for the own scripts of listed sites, across origins."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from typing import Any

import jwt
import pytest

from sampark import access, db
from sampark.access import OpenRoom
from sampark.chat import embeds
from sampark.chat.embeds import Choices
from sampark.web import embedding
from tests.databases import on_sqlite
from tests.support import Answer, Browser, Site, Stream, articles

CLUB, OTHER, EVIL = "https://club.example", "https://other.example", "https://evil.example"
HERE = "http://localhost"
FROM_CLUB = {"Origin": CLUB, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


class Desk:
    """A room with its creator, and the site that may show it."""

    def __init__(self, site: Site, asha: Browser, room: OpenRoom, kid: str, secret: str) -> None:
        self.site, self.asha, self.room, self.kid, self.secret = site, asha, room, kid, secret
        self.path = f"/embed/rooms/{room.code}"

    @classmethod
    async def open(cls, site: Site, level: str = "read", *origins: str) -> Desk:
        [asha] = await site.people("asha")
        room = await access.room_for(await asha.person(), await site.room(asha))
        for origin in origins or (CLUB, OTHER):
            await embeds.add_origin(room, origin)
        await embeds.change(room, Choices(is_on=True, level=level), site.hub.bell)
        key = await embeds.add_key(room, "HS256", "")
        assert key.secret
        return cls(site, asha, room, key.kid, key.secret)

    def signed(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": CLUB, "aud": HERE, "room": self.room.code, "sub": "7", "name": "Meera", "iat": now, "exp": now + 60,
            "jti": secrets.token_hex(8),
        }  # fmt: skip
        return jwt.encode({**claims, **changed}, self.secret, "HS256")

    async def get(self, what: str, *, bearer: str = "", **headers: str) -> Answer:
        sent = {**FROM_CLUB, **({"Authorization": f"Bearer {bearer}"} if bearer else {}), **headers}
        return await self.site.stranger().send("GET", self.path + what, headers=sent)

    async def trade(self, token: str, origin: str | None = CLUB) -> Answer:
        headers = {"Origin": origin} if origin else {}
        return await self.site.stranger().send(
            "POST", f"{self.path}/token", form={"token": token}, headers=headers, site="cross-site"
        )

    async def bearer(self) -> str:
        answer = await self.trade(self.signed())
        assert answer.status == 200, answer.text
        return str(json.loads(answer.text)["token"])

    async def stream(self, *, query: str = "?since=newest", bearer: str = "", **headers: str) -> Stream:
        sent = {**FROM_CLUB, **({"Authorization": f"Bearer {bearer}"} if bearer else {}), **headers}
        return await self.site.stranger()._open(f"{self.path}/stream{query}", sent)


async def test_a_listed_site_reads_an_open_room(site: Site) -> None:
    desk = await Desk.open(site)
    await desk.asha.say(desk.room.code, "Hello **there**, see https://example.org/rooms/x")
    answer = await desk.get("/messages")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == CLUB
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert len(answer.articles) == 1
    assert "<script" not in answer.text
    assert "<form" not in answer.text
    for address in re.findall(r'(?:href|src|srcset|action|hx-\w+)="([^"]+)"', answer.text):
        assert address.startswith((f"{HERE}/embed/rooms/{desk.room.code}", "https://example.org/")), address


async def test_history_goes_on_from_another_sites_page(site: Site) -> None:
    desk = await Desk.open(site)
    for number in range(4):
        await desk.asha.say(desk.room.code, f"line {number}")
    answer = await desk.get("/messages?limit=2")
    assert [*answer.articles] == [3, 4]
    [older] = re.findall(r'hx-get="([^"]+)"', answer.text)
    assert older == f"{HERE}{desk.path}/messages?before=3"
    assert [*(await desk.get("/messages?before=3")).articles] == [1, 2]


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "https://club.example.evil.example", f"{CLUB}:8443", "http://club.example", "*", ""]
)
@pytest.mark.parametrize("level", ["read", "vouched"])
async def test_no_other_site_reads_anything(site: Site, origin: str, level: str) -> None:
    desk = await Desk.open(site, level)
    await desk.asha.say(desk.room.code, "ours")
    for what in ("/messages", "/stream"):
        answer = await desk.get(what, Origin=origin)
        unknown = await site.stranger().send("GET", f"/embed/rooms/222222222222{what}", headers=FROM_CLUB)
        assert answer.status == unknown.status == 404
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Origin" not in unknown.headers
    assert (await desk.trade(desk.signed(iss=origin), origin)).status == 404


async def test_a_preflight_names_one_site_and_is_remembered(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    wanted = "authorization, last-event-id, hx-current-url, hx-request, hx-request-type, hx-source, hx-target"
    asked = {"Access-Control-Request-Headers": wanted}
    for what, method in (("/messages", "GET"), ("/stream", "GET"), ("/token", "POST")):
        asked["Access-Control-Request-Method"] = method
        for origin in (CLUB, OTHER):
            answer = await site.stranger().send(
                "OPTIONS", desk.path + what, headers={**asked, "Origin": origin}, site=None
            )
            assert answer.status == 200, what
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            assert {*wanted.split(", ")} <= {*answer.headers["Access-Control-Allow-Headers"].lower().split(", ")}
            assert answer.headers["Access-Control-Max-Age"] == "7200"
            assert "Access-Control-Allow-Credentials" not in answer.headers
        refused = await site.stranger().send("OPTIONS", desk.path + what, headers={**asked, "Origin": EVIL}, site=None)
        assert refused.status == 404
        assert not [name for name, _ in refused.headers.items() if name.lower().startswith("access-control")]
    for what in ("", "/guest", "/vouch", "/messages/1/delete", "/typing", "/account", "/live"):
        answer = await site.stranger().send("OPTIONS", desk.path + what, headers={**asked, "Origin": CLUB}, site=None)
        assert "Access-Control-Allow-Origin" not in answer.headers, what


async def test_nothing_else_can_be_asked_for_by_scripts(site: Site) -> None:
    desk = await Desk.open(site, "guests")
    await desk.asha.say(desk.room.code, "ours")
    for method, path in (
        ("GET", desk.path),
        ("GET", f"{desk.path}/messages/1"),
        ("GET", f"/rooms/{desk.room.code}"),
        ("GET", f"/rooms/{desk.room.code}/messages"),
        ("POST", f"{desk.path}/messages"),
        ("POST", f"{desk.path}/guest"),
        ("POST", f"{desk.path}/messages/1/delete"),
    ):
        answer = await desk.asha.send(
            method,
            path,
            form={"text": "x", "name": "x"} if method == "POST" else None,
            headers=FROM_CLUB,
            site="cross-site",
        )
        assert "Access-Control-Allow-Origin" not in answer.headers, path
        assert method == "GET" or answer.status in {403, 404}, path
    assert len((await desk.get("/messages")).articles) == 1


async def test_the_stream_brings_the_page_and_goes_on(site: Site) -> None:
    desk = await Desk.open(site)
    first = await desk.asha.say(desk.room.code, "before")
    stream = await desk.stream()
    await stream.wait(lambda: "before" in stream.text, "the newest page")
    assert stream.headers["Access-Control-Allow-Origin"] == CLUB
    await desk.asha.say(desk.room.code, "after")
    await stream.wait(lambda: "after" in stream.text, "a new message")
    await desk.asha.unsay(desk.room.code, first)
    await stream.wait(lambda: f'hx-target="#message-{first}" hx-swap="delete"' in stream.text, "a deletion")
    await desk.asha.post(f"/rooms/{desk.room.code}/typing")
    assert "#members" not in stream.text
    assert "#typing" not in stream.text
    assert "people" not in stream.text
    assert "<form" not in stream.text
    assert f'href="{HERE}/embed/rooms/{desk.room.code}/messages/' in stream.text
    assert 'href="/' not in stream.text


async def test_a_lost_line_goes_on_where_it_stopped(site: Site) -> None:
    desk = await Desk.open(site)
    stream = await desk.stream(query="?since=0")
    await desk.asha.say(desk.room.code, "one")
    await stream.wait(lambda: "one" in stream.text, "one")
    reached = re.findall(r"^id: (\d+)$", stream.text, re.MULTILINE)[-1]
    await stream.close()
    await desk.asha.say(desk.room.code, "two")
    again = await desk.stream(**{"Last-Event-ID": reached})
    await again.wait(lambda: "two" in again.text, "two")
    assert "one" not in again.text


async def test_a_closed_room_is_read_with_a_token(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    await desk.asha.say(desk.room.code, "for us only")
    assert (await desk.get("/messages")).status == 404
    bearer = await desk.bearer()
    answer = await desk.get("/messages?limit=1", bearer=bearer)
    assert "for us only" in answer.text
    assert "Authorization" in answer.headers["Vary"]
    assert "more older" not in answer.text  # a link would bring no token with it
    stream = await desk.stream(bearer=bearer)
    await stream.wait(lambda: "for us only" in stream.text, "the page")
    people = [*articles((await desk.asha.room(desk.room.code)).text)]
    assert len(people) == 1, "who only reads says nothing"


@pytest.mark.parametrize("change", ["key", "site", "off"])
async def test_what_was_revoked_ends_at_once(site: Site, change: str) -> None:
    desk = await Desk.open(site, "vouched")
    bearer = await desk.bearer()
    stream = await desk.stream(bearer=bearer)
    if change == "key":
        [key] = await embeds.keys_of(desk.room)
        await embeds.remove_key(desk.room, key["id"], site.hub.bell)
    elif change == "site":
        [club] = [row for row in await embeds.origins_of(desk.room) if row["origin"] == CLUB]
        await embeds.remove_origin(desk.room, club["id"], site.hub.bell)
    else:
        await embeds.change(desk.room, Choices(is_on=False, level="vouched"), site.hub.bell)
    await stream.wait(lambda: stream.ended, "its end")
    assert "event: gone" in stream.text
    assert (await desk.get("/messages", bearer=bearer)).status == 404


async def test_an_open_stream_ends_with_its_site(site: Site) -> None:
    desk = await Desk.open(site)
    stream = await desk.stream()
    [club] = [row for row in await embeds.origins_of(desk.room) if row["origin"] == CLUB]
    await embeds.remove_origin(desk.room, club["id"], site.hub.bell)
    await stream.wait(lambda: stream.ended, "its end")
    assert "event: gone" in stream.text


async def test_a_token_to_read_with_does_nothing_else(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    seq = await desk.asha.say(desk.room.code, "ours")
    bearer = await desk.bearer()
    held = {"Authorization": f"Bearer {bearer}", "Cookie": f"__Host-sampark-embed-{desk.room.code}={bearer}"}
    for method, what in (
        ("GET", ""),
        ("GET", f"/messages/{seq}"),
        ("POST", "/messages"),
        ("POST", f"/messages/{seq}/delete"),
        ("POST", "/typing"),
    ):
        answer = await site.stranger().send(
            method, desk.path + what, form={"text": "mine"} if method == "POST" else None, headers=held
        )
        assert answer.status in {403, 404}, (method, what, answer.status)
    assert len((await desk.get("/messages", bearer=bearer)).articles) == 1


async def test_forged_and_old_tokens_are_nobodys(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await Desk.open(site, "vouched")
    bearer = await desk.bearer()
    session, expires, mark = bearer.split("-")
    for forged in (
        "",
        "x",
        "--",
        "a-b-c",
        f"{int(session, 16) + 1:x}-{expires}-{mark}",
        f"{session}-{int(expires, 16) + 600:x}-{mark}",
        f"{session}-{expires}-{mark[::-1]}",
        f"{bearer}-",
        bearer.upper() + "é",
        bearer * 9,
    ):
        assert (await desk.get("/messages", bearer=forged.encode().decode("latin-1"))).status == 404, forged
    end = int(expires, 16)
    monkeypatch.setattr(embedding.time, "time", lambda: end - 1)
    assert (await desk.get("/messages", bearer=bearer)).status == 200
    monkeypatch.setattr(embedding.time, "time", lambda: end + 1)
    assert (await desk.get("/messages", bearer=bearer)).status == 404


async def test_a_token_of_one_room_opens_no_other(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    other = await access.room_for(await desk.asha.person(), await site.room(desk.asha))
    await embeds.add_origin(other, CLUB)
    await embeds.change(other, Choices(is_on=True, level="vouched"), site.hub.bell)
    bearer = await desk.bearer()
    answer = await site.stranger().send(
        "GET", f"/embed/rooms/{other.code}/messages", headers={**FROM_CLUB, "Authorization": f"Bearer {bearer}"}
    )
    assert answer.status == 404


async def test_a_refusal_is_told_to_the_sites_developer(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    desk = await Desk.open(site, "vouched")
    token = desk.signed()
    assert (await desk.trade(token)).status == 200
    with caplog.at_level(logging.WARNING):
        again = await desk.trade(token)
    assert again.status == 403
    assert "used before" in again.text
    assert again.headers["Access-Control-Allow-Origin"] == CLUB
    for wrong, says in (
        (desk.signed(aud="https://elsewhere.example"), "“aud”"),
        (desk.signed(iss=OTHER), "“iss”"),
        (desk.signed(exp=int(time.time()) - 100, iat=int(time.time()) - 200), "expired"),
        ("nonsense", "no token"),
    ):
        refused = await desk.trade(wrong)
        assert refused.status == 403
        assert says in refused.text
    assert (await desk.trade(desk.signed(), None)).status == 404


async def test_a_site_has_a_measure(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    limits = site.parts.limits
    limits._scale = 1 / 600
    try:
        assert (await desk.trade(desk.signed())).status == 200
        refused = await desk.trade(desk.signed())
    finally:
        limits._scale = site.settings.rate_scale
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["Access-Control-Allow-Origin"] == CLUB


@on_sqlite
async def test_sessions_of_readers_do_not_pile_up(site: Site) -> None:
    desk = await Desk.open(site, "vouched")
    for _ in range(3):
        await desk.bearer()
        await db.run("UPDATE sessions SET expires_at = '2020-01-01 00:00:00+00:00' WHERE embed_id IS NOT NULL")
    await desk.bearer()
    [row] = await db.fetch("SELECT count(*) AS count FROM sessions WHERE embed_id IS NOT NULL")
    assert row["count"] == 1
