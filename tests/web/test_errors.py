"""Whatever goes wrong is a readable page or fragment with the right status, and nothing typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sampark.chat import history
from sampark.settings import Settings
from tests.databases import on_sqlite, serving, settings_for
from tests.live.real import Peer, served
from tests.support import PASSWORD, Answer, Site, field_value, law, send_raw, until
from tests.web.test_urls import assert_is_fragment, assert_is_page

LONG = "x" * 10_001


def assert_says(answer: Answer, status: int, *, htmx: bool = False) -> None:
    assert answer.status == status
    assert len(answer.alert) > 10
    if htmx:
        assert_is_fragment(answer.text)
    else:
        assert_is_page(answer.text)


FORMS = [
    ("/register", {"username": "x", "email": "a@example.org", "password": PASSWORD}, 422),
    ("/register", {"username": "asha", "email": "new@example.org", "password": PASSWORD}, 409),
    ("/register", {"username": "mina", "email": "nonsense", "password": PASSWORD}, 422),
    ("/register", {"username": "mina", "email": "m@example.org", "password": "tin7"}, 422),
    ("/login", {"username": "asha", "password": "wrong", "next": "/profile"}, 422),
    ("/login", {"username": "nobody", "password": "wrong", "next": ""}, 422),
    ("/rooms", {"name": "x", "description": "kept <b>"}, 422),
    ("/rooms", {"name": "Room", "description": "x" * 2001}, 422),
    ("/rooms/join", {"room": "k3f9-x2mq-7hpt"}, 404),
    ("/rooms/join", {"room": "<svg onload=alert(1)>"}, 404),
    ("/profile", {"display_name": "x" * 101, "username": "asha", "email": "asha@example.org"}, 422),
    ("/profile", {"display_name": "Asha", "username": "ravi", "email": "asha@example.org"}, 409),
    ("/profile", {"display_name": "Asha", "username": "a b", "email": "asha@example.org"}, 422),
    ("/rooms/{room}/messages", {"text": LONG, "key": "k"}, 422),
    ("/rooms/{room}/messages", {"text": "", "key": "k"}, 422),
]


@pytest.mark.parametrize(("path", "form", "status"), FORMS)
async def test_a_form_comes_back_as_it_was_filled(site: Site, path: str, form: dict[str, str], status: int) -> None:
    asha, _ = await site.people("asha", "ravi")
    room = await site.room(asha)
    who = site.stranger() if path in {"/register", "/login"} else asha
    for htmx in (False, True):
        answer = await who.post(path.format(room=room), form, htmx=htmx)
        assert_says(answer, status, htmx=htmx)
        for name, value in form.items():
            if "password" in name:
                assert value not in answer.text
            elif name != "key":
                assert field_value(answer.text, name) == value
        assert 'aria-invalid="true"' in answer.text


async def test_a_wrong_password_change_keeps_the_page_and_no_password(site: Site) -> None:
    asha = await site.person("asha")
    for form in (
        {"current_password": "wrong one", "password": "five newts balancing"},
        {"current_password": PASSWORD, "password": "x"},
    ):
        answer = await asha.post("/profile/password", form)
        assert_says(answer, 422)
        assert "wrong one" not in answer.text
        assert PASSWORD not in answer.text


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/rooms/k3f9x2mq7hpt",
        "/rooms/x/events",
        "/rooms/{room}/messages/9",
        "/rooms/{room}/messages/x",
        "/rooms/{room}/nothing",
        "/%00",
        "/rooms/%2e%2e/login",
        "/rooms/{room}/messages/99999999999999999999",
    ],
)
async def test_what_is_not_there_is_a_404_that_offers_a_way_on(site: Site, path: str, htmx: bool) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    answer = await asha.get(path.format(room=room), htmx=htmx)
    assert_says(answer, 404, htmx=htmx)
    if not htmx:
        assert field_value(answer.text, "room") == ""  # the form to join by ID


@on_sqlite
async def test_who_follows_a_rooms_link_is_asked_in(site: Site) -> None:
    asha, mina = await site.people("asha", "mina")
    answer = await mina.get(f"/rooms/{await site.room(asha)}")
    assert_says(answer, 404)
    assert "Join this room?</h1>" in answer.text
    first, _, below = answer.text.partition('<details class="other-room" open>')
    assert first.count('class="primary"') == 1
    assert "Join room" in below


@on_sqlite
async def test_what_a_username_may_be_is_said_before_it_is_wrong(site: Site) -> None:
    visitor = site.stranger()
    assert 'id="username-hint"' in (page := (await visitor.get("/register")).text)
    assert 'aria-describedby="username-hint"' in page
    refused = await visitor.post("/register", {"username": "x", "email": "a@example.org", "password": PASSWORD})
    assert 'aria-describedby="problem-username username-hint"' in refused.text


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/logout", "POST"),
        ("POST", "/", "GET"),
        ("DELETE", "/profile", "POST"),
        ("PUT", "/rooms", "POST"),
        ("GET", "/rooms/{room}/typing", "POST"),
        ("POST", "/rooms/{room}/events", "GET"),
    ],
)
async def test_the_wrong_method_is_told_with_the_right_ones(site: Site, method: str, path: str, allowed: str) -> None:
    asha = await site.person("asha")
    answer = await asha.send(method, path.format(room=await site.room(asha)))
    assert_says(answer, 405)
    assert allowed in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/profile/sessions/99999999999999999999/end", "/profile/sessions/0/end", "/profile/sessions/123456/end"]
)
async def test_a_session_that_is_not_there_is_a_404_and_ends_none(site: Site, path: str) -> None:
    asha = await site.person("asha")
    assert (await asha.post(path)).status == 404
    assert (await asha.get("/")).status == 200


@on_sqlite
@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
async def test_a_body_too_large_is_refused_early(site: Site, chunked: bool, kind: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    body = b"text=" + b"x" * 3_000_000
    if kind.startswith("multipart"):
        body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--b--\r\n"
    answer = await send_raw(asha, f"/rooms/{room}/messages", body, kind, chunked=chunked)
    assert_says(answer, 413)
    assert (await asha.room(room)).articles == {}


@on_sqlite
@pytest.mark.parametrize("size", ["Content-Length: 5000", "Content-Length: 500000", "Transfer-Encoding: chunked"])
async def test_a_body_that_stops_arriving_is_told_and_changes_nothing(settings: Settings, size: str) -> None:
    async with served(settings) as (site, port):
        site.app.config["BODY_TIMEOUT"] = 0.2
        asha = await site.person("asha")
        room = await site.room(asha)
        cookie = "; ".join(f"{name}={value}" for name, value in asha.cookies.items())
        for path, sent in ((f"/rooms/{room}/messages", cookie), (f"/rooms/{room}/leave", cookie), ("/login", "")):
            if path.endswith("/leave") and size != "Content-Length: 5000":
                continue  # what asks for no form does not wait for a long one
            peer = await Peer.connect(port)
            lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Cookie: {sent}", "Sec-Fetch-Site: same-origin", size]
            lines += ["Content-Type: application/x-www-form-urlencoded", "", "9\r\ntext=half\r\n"]
            peer.writer.write("\r\n".join(lines).encode())
            head, _, body = (await peer.rest()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408 "), head
            assert b"\r\nconnection: close" in head.lower()
            assert_says(Answer(408, {}, body), 408)
        assert (await asha.room(room)).articles == {}


async def test_the_longest_message_fits_in_every_encoding(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    text = "क" * 10_000  # ninety thousand bytes, percent-encoded
    assert (await asha.post(f"/rooms/{room}/messages", {"text": text})).status == 303
    body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text.encode() + b"\r\n--b--\r\n"
    assert (
        await send_raw(asha, f"/rooms/{room}/messages", body, "multipart/form-data; boundary=b", chunked=True)
    ).status == 303


@on_sqlite
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", ""])
async def test_a_body_that_is_no_form_is_not_accepted(site: Site, kind: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    answer = await send_raw(asha, f"/rooms/{room}/messages", b'{"text": "x"}', kind, chunked=False)
    assert answer.status in {415, 422}
    assert len(answer.alert) > 10
    assert (await asha.room(room)).articles == {}


@pytest.mark.parametrize(
    "body",
    [b"text=a&text=b", b"text[]=a", b"text=%ff%fe", b"text=%ED%A0%80", b"%=%&%%%", b"=", b"text=a%00b", b"&" * 5000],
)
async def test_a_crooked_form_is_no_fault_of_ours(site: Site, body: bytes) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    async with law(asha, room):
        for path in (
            f"/rooms/{room}/messages",
            "/rooms",
            "/rooms/join",
            "/profile",
            "/login",
            "/register",
            "/preferences",
        ):
            answer = await send_raw(asha, path, body, "application/x-www-form-urlencoded", chunked=False)
            assert answer.status in {303, 404, 409, 413, 415, 422}


@pytest.mark.parametrize(
    "field",
    ["username", "email", "password", "next", "display_name", "name", "description", "room", "text", "key", "theme"],
)
async def test_a_nul_anywhere_is_no_fault_of_ours(site: Site, field: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for path in (
        "/register",
        "/login",
        "/profile",
        "/rooms",
        "/rooms/join",
        f"/rooms/{room}/messages",
        "/preferences",
        "/profile/password",
    ):
        form = {
            "username": "someone",
            "email": "s@example.org",
            "password": PASSWORD,
            "text": "x",
            "name": "Room",
            "room": room,
        }
        answer = await asha.post(path, {**form, field: "a\x00b"})
        assert answer.status < 500, path


async def test_an_unexpected_fault_is_a_page_that_says_nothing_of_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)

    async def breaks(*_: object) -> None:
        raise ValueError("the inner secret")

    monkeypatch.setattr(history, "newest", breaks)
    for htmx in (False, True):
        answer = await asha.get(f"/rooms/{room}", htmx=htmx)
        assert_says(answer, 500, htmx=htmx)
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


class Wire:
    """Between the application and PostgreSQL: it can be cut, and joined again."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.listens_on = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.listens_on)
        self.listens_on = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for writer in [*self._open]:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
        self._open |= {writer, there_writer}

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65_536):
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            finally:
                sink.close()

        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer))


@pytest.fixture
async def wired(empty_postgres: str, redis_url: str, tmp_path: Path, quick: None) -> AsyncIterator[tuple[Site, Wire]]:
    """An application whose database can go away."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(empty_postgres)
    wire = Wire(parts.hostname or "", parts.port or 5432)
    await wire.join()
    user = f"{parts.username}:{parts.password}@" if parts.password else f"{parts.username}@"
    url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{wire.listens_on}"))
    async with serving(settings_for(tmp_path, url, redis_url)) as site:
        yield site, wire
        await wire.cut()


async def test_while_the_database_is_away_everything_says_so_and_then_goes_on(wired: tuple[Site, Wire]) -> None:
    site, wire = wired
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        await asha.say(room, "before")
        await wire.cut()
        for _ in range(3):
            for htmx in (False, True):
                for answer in (
                    await asha.get(f"/rooms/{room}", htmx=htmx),
                    await asha.post(f"/rooms/{room}/messages", {"text": "x"}, htmx=htmx),
                    await site.stranger().get("/login", htmx=htmx),
                    await site.stranger().post("/login", {"username": "asha", "password": PASSWORD}, htmx=htmx),
                ):
                    assert_says(answer, 503, htmx=htmx)
                    assert int(answer.headers["Retry-After"]) > 0
        assert (await asha.get("/healthz")).status == 200
        ready = await asha.get("/readyz")
        assert (ready.status, "database" in ready.text) == (503, True)
        assert follower.stream
        assert not follower.stream.ended
        await wire.join()

        async def is_back() -> bool:
            return (await asha.get("/readyz")).status == 200

        await until(is_back, "ready again")
        await asha.say(room, "after")


async def test_the_database_lost_in_the_middle_of_many_requests_gives_503s_only(wired: tuple[Site, Wire]) -> None:
    site, wire = wired
    people = await site.people(*(f"person-{number}" for number in range(10)))
    room = await site.room(people[0], *people[1:])
    asking = [
        asyncio.create_task(person.post(f"/rooms/{room}/messages", {"text": f"{turn}"}))
        for turn in range(6)
        for person in people
    ]
    await asyncio.sleep(0.05)
    await wire.cut()
    answers = await asyncio.gather(*asking)
    assert {answer.status for answer in answers} <= {303, 503}
    assert 503 in {answer.status for answer in answers}


async def test_a_fragment_that_goes_wrong_never_takes_a_messages_place(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=1)
    for path in (f"/rooms/{room}/messages/1/delete", f"/rooms/{room}/messages/9/delete", "/rooms/k3f9x2mq7hpt/leave"):
        answer = await ravi.post(path, htmx=True)
        assert answer.status in {403, 404}
        assert answer.headers["HX-Retarget"] == "#alerts"
        assert answer.headers["HX-Reswap"] == "innerHTML"


async def test_errors_come_in_the_readers_language(site: Site) -> None:
    asha = await site.person("asha")
    english, hindi = await asha.get("/nothing"), await asha.get("/nothing", **{"Accept-Language": "hi"})
    assert 'lang="hi"' in hindi.text
    assert hindi.alert != english.alert
