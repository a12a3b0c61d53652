"""Answers are packed for those who take them so, whole ones only, and never so that their length tells a secret."""

from __future__ import annotations

import gzip
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from quart import Quart, Response

from sampark.web import compression
from tests.databases import on_sqlite, serving, settings_for
from tests.people import Person
from tests.servers import ServerProcess
from tests.support import Answer, Browser, Site

UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}

WISHES = {
    "": "",
    "gzip": "gzip",
    "GZIP": "gzip",
    "x-gzip": "gzip",
    "br": "br",
    "gzip, deflate, br, zstd": "br",
    "deflate, zstd": "",
    "*": "br",
    "identity": "",
    "identity, gzip": "gzip",
    "br;q=0, gzip": "gzip",
    "br;q=0.2, gzip;q=0.3": "gzip",
    "br ; q=0.001": "br",
    "gzip;q=0": "",
    "gzip;q=0, *": "br",
    "gzip;q=0, br;q=0, *": "",
    "*;q=0": "",
    "*;q=0, gzip;q=0.5": "gzip",
    "identity;q=0": "",
    "identity;q=0, *;q=0.1": "br",
    "identity, gzip;q=0.5": "",
    "identity;q=0.5, gzip": "gzip",
    "*;q=0.5, gzip;q=0.4": "br",
    # What is no header at all is no wish either.
    "gzip;q=much": "",
    "gzip;q=": "",
    "gzip;q=-1": "",
    "gzip;q=1e9": "",
    "gzip;q=\u00b2": "",
    ";;,,;q=1,": "",
    "gzip," * 100_000: "",
}


def unpacked(answer: Answer) -> bytes:
    coding = answer.headers.get("Content-Encoding")
    return UNPACK[coding](answer.body) if coding else answer.body


def rest(answer: Answer) -> dict[str, str]:
    """The headers that packing has no part in."""
    return {
        name.lower(): value
        for name, value in answer.headers.items()
        if name.lower() not in {"content-encoding", "content-length", "date"}
    }


async def packed(who: Browser, path: str, wish: str = "br", *, htmx: bool = False, **headers: str) -> Answer:
    return await who.get(path, htmx=htmx, **{"Accept-Encoding": wish}, **headers)


@on_sqlite
async def test_a_page_comes_as_the_visitor_wishes(site: Site) -> None:
    asha = await site.person("asha")
    path = f"/rooms/{await site.room(asha, say=60)}/members"
    plain = await asha.get(path)
    assert plain.headers["Vary"] == "Accept-Encoding"
    for wish, coding in WISHES.items():
        answer = await packed(asha, path, wish)
        assert answer.status == 200
        assert answer.headers.get("Content-Encoding", "") == coding, wish[:40]
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert unpacked(answer) == plain.body
        assert rest(answer) == rest(plain)


async def test_rooms_pieces_and_mistakes_are_packed_and_much_smaller(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=60)
    for path, htmx, least in (
        (f"/rooms/{room}/messages", False, 8),
        (f"/rooms/{room}/messages?before=55", True, 8),
        ("/nothing", False, 1.5),
    ):
        plain = await asha.get(path, htmx=htmx)
        for coding in UNPACK:
            answer = await packed(asha, path, coding, htmx=htmx)
            assert answer.headers["Content-Encoding"] == coding
            assert unpacked(answer) == plain.body
            assert len(answer.body) * least < len(plain.body)
    refused = await asha.send(
        "POST", f"/rooms/{room}/messages", form={"text": "x" * 10_001}, headers={"Accept-Encoding": "gzip"}
    )
    assert (refused.status, refused.headers["Content-Encoding"]) == (422, "gzip")
    assert b'role="alert"' in unpacked(refused)


@on_sqlite
async def test_what_is_small_or_empty_stays_plain(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    for answer in (
        await packed(asha, "/healthz"),
        await asha.send("POST", f"/rooms/{room}/typing", headers={"Accept-Encoding": "br"}),
        await asha.send("POST", f"/rooms/{room}/messages", form={"text": "x"}, headers={"Accept-Encoding": "br"}),
        await asha.send("POST", f"/rooms/{room}/messages/1/delete", headers={"Accept-Encoding": "br"}, htmx=True),
        await packed(asha, "/nothing", htmx=True),
    ):
        assert "Content-Encoding" not in answer.headers
        assert "Vary" not in answer.headers
    # Unless plain is what the visitor cannot take.
    answer = await packed(asha, "/nothing", "gzip, identity;q=0", htmx=True)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b'role="alert"' in unpacked(answer)
    answer = await packed(asha, "/healthz", "gzip, *;q=0")
    assert (answer.headers["Content-Encoding"], unpacked(answer)) == ("gzip", b"ok\n")


@on_sqlite
async def test_streams_are_never_packed(site: Site) -> None:
    asha = await site.person("asha")
    asha.headers = {"Accept-Encoding": "br, gzip, *"}
    room = await site.room(asha, say=60)
    for live in (False, True):
        stream = await asha.stream(room, since=0, live=live)
        await stream.wait(lambda stream=stream: "message-60" in stream.text, "the messages")
        assert "Content-Encoding" not in stream.headers
        assert "no-transform" in stream.headers["Cache-Control"]
        head = await asha.send("HEAD", f"/rooms/{room}/{'live' if live else 'events'}")
        assert "Content-Encoding" not in head.headers


@on_sqlite
async def test_the_head_alone_is_that_of_the_page(site: Site) -> None:
    asha = await site.person("asha")
    path = f"/rooms/{await site.room(asha, say=60)}/messages"
    for wish in ("", "br", "gzip"):
        whole = await packed(asha, path, wish)
        head = await asha.send("HEAD", path, headers={"Accept-Encoding": wish})
        assert rest(head) == rest(whole)
        assert head.headers.get("Content-Encoding", "") == wish


@on_sqlite
async def test_a_page_that_another_site_asked_for_is_as_long_as_it_is(site: Site) -> None:
    """Who makes a browser ask, and sees the length, must not learn which words repeat."""
    asha = await site.person("asha")
    path = f"/rooms/{await site.room(asha, say=60)}"
    for where, is_packed in (("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False)):
        for wish in ("br", "gzip", "gzip, identity;q=0"):
            answer = await packed(asha, path, wish, **{"Sec-Fetch-Site": where})
            assert ("Content-Encoding" in answer.headers) is is_packed
            assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.fixture
async def secure(empty_sqlite: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with serving(settings_for(tmp_path, empty_sqlite, SAMPARK_PUBLIC_URL="https://chat.example.org")) as site:
        yield site


@pytest.mark.filterwarnings("ignore:Secure cookies will be ignored")  # the test client speaks plain HTTP
async def test_behind_https_only_browsers_that_say_where_a_request_comes_from_get_packed_pages(secure: Site) -> None:
    visitor = secure.stranger()
    assert "Content-Encoding" not in (await packed(visitor, "/register")).headers
    answer = await packed(visitor, "/register", **{"Sec-Fetch-Site": "none"})
    assert answer.headers["Content-Encoding"] == "br"


@on_sqlite
@pytest.mark.parametrize("coding", UNPACK)
async def test_the_length_of_the_same_page_varies_and_its_content_does_not(site: Site, coding: str) -> None:
    asha = await site.person("asha")
    path = f"/rooms/{await site.room(asha, say=60)}/members"
    answers = [await packed(asha, path, coding) for _ in range(30)]
    lengths = {len(answer.body) for answer in answers}
    assert len(lengths) > 10
    assert max(lengths) - min(lengths) < 100
    assert len({unpacked(answer) for answer in answers}) == 1


async def test_packed_too_a_private_room_looks_like_one_that_never_was(site: Site) -> None:
    asha, stranger = await site.people("asha", "stranger")
    room = await site.room(asha, name="Secret society")
    private, never = [await packed(stranger, f"/rooms/{code}", "gzip") for code in (room, "k3f9x2mq7hpt")]
    assert private.status == never.status == 404
    assert unpacked(private) == unpacked(never)
    for answer in (private, never):
        assert answer.headers["Content-Encoding"] == "gzip"
    assert rest(private) == rest(never)


async def test_the_largest_page_is_packed_as_well(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for number in range(40):
        await asha.say(room, f"{number} " + "wide words " * 900)
    path = f"/rooms/{room}/messages?limit=100"
    plain = await asha.get(path)
    assert len(plain.body) > 256 * 1024
    for coding in UNPACK:
        assert unpacked(await packed(asha, path, coding)) == plain.body


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("body", [b"", b"x", bytes(range(256)) * 40, "सम्पर्क सेतु ".encode() * 1000])
def test_any_body_comes_out_as_it_went_in(coding: str, body: bytes) -> None:
    for _ in range(300):  # with any padding
        assert UNPACK[coding](compression._PACKERS[coding](body)) == body


ANSWERS: dict[str, tuple[int, dict[str, str]]] = {
    "as it is": (200, {}),
    "packed already": (200, {"Content-Encoding": "zstd"}),
    "not to be changed": (200, {"Cache-Control": "no-transform"}),
    "a piece": (206, {}),
    "a picture": (200, {"Content-Type": "image/png"}),
    "kept by its version": (200, {"ETag": '"1"', "Vary": "Cookie"}),
    "varying already": (200, {"Vary": "accept-encoding, Cookie"}),
}


async def test_only_whole_text_is_packed_and_only_once() -> None:
    app = Quart("a part of the whole")
    compression.set_up(app, is_secure=False)

    @app.get("/<name>")
    async def answer(name: str) -> Response:
        status, headers = ANSWERS[name]
        return Response(b"x" * 5000, status, {"Content-Type": "text/plain", **headers})

    client, found = app.test_client(), {}
    for name in ANSWERS:
        found[name] = (await client.get(f"/{name}", headers={"Accept-Encoding": "br"})).headers
    assert {name for name, headers in found.items() if headers.get("Content-Encoding") == "br"} == {
        "as it is",
        "kept by its version",
        "varying already",
    }
    assert found["packed already"]["Content-Encoding"] == "zstd"
    # A strong validator promises the same bytes, which packed ones are not.
    assert found["kept by its version"]["ETag"] == 'W/"1"'
    assert found["kept by its version"]["Vary"] == "Cookie, Accept-Encoding"
    assert found["varying already"]["Vary"] == "accept-encoding, Cookie"


def raw(server: ServerProcess, who: Person, method: str, path: str, **headers: str) -> tuple[str, bytes]:
    """Head and body as they are on the wire, to the end of the connection."""
    address = urlsplit(server.url)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", f"Cookie: {who.cookie}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode().lower(), body


def test_on_the_wire_lengths_are_right_and_heads_and_304_have_no_body(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        asha = Person.at(server.url).signed_up("asha")
        path = f"/rooms/{asha.open_room('Garden')}/messages"
        for coding, unpack in UNPACK.items():
            head, body = raw(server, asha, "GET", path, Accept_Encoding=coding)
            assert f"content-encoding: {coding}\r\n" in head
            assert f"content-length: {len(body)}\r\n" in head
            assert b"</html>" in unpack(body)
            head, body = raw(server, asha, "HEAD", path, Accept_Encoding=coding)
            assert head.startswith("http/1.1 200")
            assert f"content-encoding: {coding}\r\n" in head
            assert "content-length" not in head  # only packing would tell
            assert body == b""
            [known_as] = [line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("etag: ")]
            head, body = raw(
                server, asha, "GET", path, Accept_Encoding=coding, If_None_Match=known_as.replace("w/", "W/")
            )
            assert head.startswith("http/1.1 304")
            assert not {"content-length", "content-type", "content-encoding", "transfer-encoding"} & {
                line.partition(":")[0] for line in head.split("\r\n")
            }
            assert body == b""
