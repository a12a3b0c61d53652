"""People, rooms and streams for tests, and the law: a page, and every block since, equals the page of now."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import html
import io
import itertools
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import bcrypt
import structlog
from quart import Quart
from quart.testing.connections import TestHTTPConnection

from sampark import access, db
from sampark.live.hub import Hub
from sampark.settings import Settings
from sampark.sqlite_reader import SqliteReader
from sampark.text import names, room_ids
from sampark.web.parts import Parts
from tests.people import Block

PATIENCE = 10.0
"""Seconds that anything may take on a busy machine before a test calls it broken."""

SECRET = "a secret for tests, the same in every process"
PASSWORD = "four otters juggling lanterns"
TABLES = (
    "users", "rooms", "memberships", "messages", "embeds", "embed_origins", "embed_keys", "embed_guests", "used_tokens",
    "sessions", "blobs", "files",
)  # fmt: skip

_ARTICLE = re.compile(r'<article id="message-(\d+)".*?</article>', re.DOTALL)
_MEMBERS = re.compile(r'<ul id="members".*?</ul>', re.DOTALL)
_PEOPLE = re.compile(r'<p id="people-count">.*?</p>', re.DOTALL)
_MARK = re.compile(r'<li data-room="(\w+)">.*?<span class="unread">(.*?)</span>', re.DOTALL)
_TYPING = re.compile(r'<p id="typing">(.*?)</p>', re.DOTALL)
_SINCE = re.compile(r"/events\?since=(\d+)")
_PARTIAL = re.compile(r'<hx-partial hx-target="([^"]*)" hx-swap="([^"]*)">(.*?)</hx-partial>', re.DOTALL)

_numbers = itertools.count(1)


def stored_hash(password: str) -> str:
    """As the application stores it, but quick: made without the application where its form is known."""
    from sampark.chat.passwords import _digest

    return "1$" + bcrypt.hashpw(_digest(password), bcrypt.gensalt(4)).decode()


_PASSWORD_HASH = stored_hash(PASSWORD)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def articles(self) -> dict[int, str]:
        return articles(self.text)

    @property
    def alert(self) -> str:
        """What the one element with role="alert" says."""
        found = re.findall(r'<(\w+)[^>]*role="alert"[^>]*>(.*?)</\1>', self.text, re.DOTALL)
        assert len(found) == 1, f"{len(found)} alerts in {self.text}"
        return plain(found[0][1])

    def same_headers(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() != "date"}


def articles(text: str) -> dict[int, str]:
    """The messages in a page or fragment, by number."""
    found = {int(match[1]): match[0] for match in _ARTICLE.finditer(text)}
    assert len(found) == text.count('<article id="message-'), "a message stands there twice, or is cut"
    return found


def marks(page: str) -> set[str]:
    """The rooms that a page's list shows as unread."""
    return {room for room, says in _MARK.findall(page) if says}


def plain(fragment: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", fragment)).split())


def field_value(text: str, name: str) -> str:
    """What a form's field is filled with."""
    area = re.search(rf'<textarea[^>]*\bname="{name}"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL)
    if area:
        return html.unescape(area[1])
    field = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', text)
    assert field, f"no field {name} in {text}"
    value = re.search(r'\bvalue="([^"]*)"', field[0])
    return html.unescape(value[1]) if value else ""


BOUNDARY = "a-boundary-that-no-file-holds"


def multipart(form: Mapping[str, str], files: Iterable[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    """A body as browsers send it, and its `Content-Type`. What the part says of its own type is a lie: nobody should believe it."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in form.items()]
    parts += [
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'.encode()
        + data
        for field, name, data in files
    ]
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


@dataclass
class Site:
    """A running application."""

    app: Quart
    settings: Settings
    streams: list[Stream] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        return self.app.extensions["sampark"]

    @property
    def hub(self) -> Hub:
        return self.parts.hub

    def stranger(self) -> Browser:
        """Somebody who has not signed in."""
        return Browser(self)

    async def person(self, name: str = "", *, display_name: str = "", is_admin: bool = False) -> Browser:
        """A new account, signed in: put into the database directly, because registering is slow."""
        name = name or f"person-{next(_numbers)}"
        rows = await db.fetch(
            "INSERT INTO users (username, username_key, email, email_key, password_hash, display_name, is_admin, is_online,"
            " theme, sounds, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'system', ?, ?) RETURNING id",
            name, names.key(name), f"{name}@example.org", names.key(f"{name}@example.org"), _PASSWORD_HASH,
            display_name or name, is_admin, False, True, _now(),
        )  # fmt: skip
        browser = Browser(self, name, int(rows[0]["id"]))
        await browser.begin_session()
        return browser

    async def people(self, *names: str) -> list[Browser]:
        return [await self.person(name) for name in names]

    async def room(self, creator: Browser, *members: Browser, name: str = "Lighthouse", say: int = 0) -> str:
        """A new private room's ID. The memberships, and `say` messages of the creator, are put in directly and silently."""
        code = room_ids.new()
        rows = await db.fetch(
            "INSERT INTO rooms (code, name, description, created_by_id, is_global, version, last_seq, created_at)"
            " VALUES (?, ?, '', ?, ?, 0, 0, ?) RETURNING id",
            code, name, creator.id, False, _now(),
        )  # fmt: skip
        for person in (creator, *members):
            await db.run(
                "INSERT INTO memberships (room_id, user_id, role, joined_at, read_seq) VALUES (?, ?, ?, ?, 0)",
                rows[0]["id"], person.id, "creator" if person is creator else "member", _now(),
            )  # fmt: skip
        if say:
            await fill(rows[0]["id"], creator.id, say)
        return code

    async def close(self) -> None:
        for stream in self.streams:
            await stream.close()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


async def fill(room_id: int, user_id: int, count: int) -> None:
    """This many messages, numbered from 1, each with its own version; in pieces, because a statement has ten seconds."""
    when = "CURRENT_TIMESTAMP" if db.is_postgres() else "strftime('%Y-%m-%d %H:%M:%f+00:00')"
    for first in range(1, count + 1, 50_000):
        await db.run(
            "INSERT INTO messages (room_id, user_id, seq, version, posted_version, message_type, content, html, timestamp)"
            " WITH RECURSIVE n (seq) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT seq + 1 FROM n WHERE seq < CAST(? AS BIGINT))"
            f" SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), seq, seq, seq, 'text', 'm', '<p>m</p>', {when} FROM n",
            first, min(first + 49_999, count), room_id, user_id,
        )  # fmt: skip
    await db.run("UPDATE rooms SET version = ?, last_seq = ? WHERE id = ?", count, count, room_id)


@dataclass
class Browser:
    """One browser of one person: its cookies, and what it sends with every request."""

    site: Site
    name: str = ""
    id: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    password: str = PASSWORD

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client()

    async def begin_session(self) -> str:
        """Signed in without the form; the token, which the cookie holds signed."""
        token = secrets.token_urlsafe(24)
        await db.run(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at, agent) VALUES (?, ?, ?, ?, 'tests')",
            access.token_hash(token), self.id, _now(), _now() + datetime.timedelta(days=1),
        )  # fmt: skip
        [extension] = self.site.app.extensions["QUART_AUTH"]
        self.client.set_cookie("localhost", extension.cookie_name, extension.dump_token(token, app=self.site.app))
        return token

    async def another(self) -> Browser:
        """Another browser of the same person, signed in."""
        browser = Browser(self.site, self.name, self.id)
        await browser.begin_session()
        return browser

    @property
    def cookies(self) -> dict[str, str]:
        assert self.client.cookie_jar is not None
        return {cookie.name: cookie.value or "" for cookie in self.client.cookie_jar}

    async def get(self, path: str, *, htmx: bool = False, **headers: str) -> Answer:
        return await self.send("GET", path, htmx=htmx, headers=headers)

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, *, htmx: bool = False, **more: Any
    ) -> Answer:
        """A form, sent as a browser does."""
        return await self.send("POST", path, form={**(form or {})}, htmx=htmx, **more)

    async def send(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        data: bytes | None = None,
        htmx: bool = False,
        headers: Mapping[str, str] | None = None,
        site: str | None = "same-origin",
    ) -> Answer:
        sent = {**self.headers, **({"HX-Request": "true"} if htmx else {}), **(headers or {})}
        if site is not None and method not in {"GET", "HEAD"}:
            sent.setdefault("Sec-Fetch-Site", site)
        body = {"form": dict(form)} if form is not None else {"data": data} if data is not None else {}
        response = await asyncio.wait_for(self.client.open(path, method=method, headers=sent, **body), PATIENCE * 3)
        return Answer(response.status_code, response.headers, await response.get_data(as_text=False))

    async def upload(
        self,
        path: str,
        *files: tuple[str, str, bytes],
        form: Mapping[str, str] | None = None,
        htmx: bool = False,
        **headers: str,
    ) -> Answer:
        """A form with files, each of them a field, a name and its bytes."""
        body, kind = multipart(form or {}, files)
        return await self.send("POST", path, data=body, htmx=htmx, headers={"Content-Type": kind, **headers})

    async def person(self) -> access.Person:
        """As the verbs know whoever sits at this browser."""
        row = await db.one("SELECT max(id) AS id FROM sessions WHERE user_id = ?", self.id)
        user = await db.one(
            "SELECT username, display_name, email, is_admin, theme, language, sounds, profile_picture FROM users WHERE id = ?",
            self.id,
        )
        assert row
        assert user
        return access.Person(id=self.id, session_id=row["id"], **user)

    async def say(self, room: str, text: str, key: str = "") -> int:
        """Post; the new message's number."""
        answer = await self.post(f"/rooms/{room}/messages", {"text": text, "key": key})
        assert answer.status == 303, answer.text
        return int(answer.location.rpartition("-")[2])

    async def unsay(self, room: str, seq: int) -> None:
        answer = await self.post(f"/rooms/{room}/messages/{seq}/delete")
        assert answer.status == 303, answer.text

    async def join(self, room: str) -> None:
        assert (await self.post("/rooms/join", {"room": room})).status == 303

    async def leave(self, room: str) -> None:
        assert (await self.post(f"/rooms/{room}/leave")).status == 303

    async def rename(self, display_name: str) -> None:
        assert (await self.post("/profile", {"display_name": display_name})).status == 303

    async def room(self, room: str, **query: int) -> Answer:
        wanted = "&".join(f"{name}={value}" for name, value in query.items())
        answer = await self.get(f"/rooms/{room}" + (f"?{wanted}" if wanted else ""))
        assert answer.status == 200, answer.text
        return answer

    async def stream(
        self, room: str, *, since: object = None, resume: object = None, live: bool | str = False
    ) -> Stream:
        """Open a stream, or the endless document (`live="framed"`: as it stands in a frame), and wait for its first bytes."""
        query = "?framed=1" if live == "framed" else "" if since is None else f"?since={quote(str(since))}"
        path = f"/rooms/{room}/{'live' if live else 'events'}{query}"
        headers = {**self.headers, **({} if resume is None else {"Last-Event-ID": str(resume)})}
        return await self._open(path, headers)

    async def own_stream(self, *, resume: object = None, seen: str | None = None) -> Stream:
        """Of the person, without a room; with `seen`, for their tabs in the background."""
        return await self._open(
            "/events" + ("" if seen is None else f"?seen={seen}"),
            {**self.headers, **({} if resume is None else {"Last-Event-ID": str(resume)})},
        )

    async def _open(self, path: str, headers: dict[str, str]) -> Stream:
        stream = Stream(self.client.request(path, headers=headers))  # type: ignore[arg-type]
        self.site.streams.append(stream)
        await stream.open()
        return stream


async def send_raw(who: Browser, path: str, body: bytes, kind: str, *, chunked: bool) -> Answer:
    """A body sent in pieces, with its length or without."""
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    if not chunked:
        headers["Content-Length"] = str(len(body))
    connection = who.client.request(path, method="POST", headers=headers)  # type: ignore[arg-type]
    async with connection:
        for start in range(0, len(body), 65_536):
            await connection.send(body[start : start + 65_536])
        await connection.send_complete()
    response = await connection.as_response()
    return Answer(response.status_code, response.headers, await response.get_data(as_text=False))


class Stream:
    """An open connection: everything that came over it, and whether it has ended."""

    def __init__(self, connection: TestHTTPConnection) -> None:
        self.connection = connection
        self.raw = b""
        self.ended = False
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.connection.__aenter__()
        await self.connection.send_complete()
        self._reading = asyncio.create_task(self._read())
        await self.wait(lambda: self.raw or self.ended, "its first bytes")

    async def _read(self) -> None:
        over = asyncio.ensure_future(self.connection._task)
        while not over.done():
            receive = asyncio.ensure_future(self.connection.receive())
            await asyncio.wait({receive, over}, return_when=asyncio.FIRST_COMPLETED)
            if receive.done():
                self.raw += receive.result()
                self._news.set()
            else:
                receive.cancel()
        queue = self.connection._receive_queue
        while not queue.empty():
            item = queue.get_nowait()
            self.raw += item if isinstance(item, bytes) else b""
        self.ended = True
        self._news.set()

    @property
    def status(self) -> int:
        assert self.connection.status_code is not None
        return self.connection.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        assert self.connection.headers is not None
        return self.connection.headers

    @property
    def text(self) -> str:
        return self.raw.decode()

    @property
    def blocks(self) -> list[Block]:
        """Everything but comments."""
        whole = self.text.rpartition("\n\n")[0]
        return [Block.parse(text) for text in whole.split("\n\n") if text and not text.startswith(":")]

    @property
    def version(self) -> int:
        """The last id, which is what a browser would come back with."""
        return next((int(block.id) for block in reversed(self.blocks) if block.id is not None), 0)

    async def wait(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"after {seconds} s still not: {what}; there is {self.text[-3000:]!r}") from None

    async def wait_for(self, text: str) -> None:
        await self.wait(lambda: text in self.text, repr(text))

    async def wait_for_version(self, version: int) -> None:
        await self.wait(lambda: self.version >= version, f"version {version}")

    async def gone(self, within: float = 2.0) -> Block:
        """The last block, which says why."""
        await self.wait(lambda: self.ended, "the end", within)
        last = self.blocks[-1]
        assert last.event == "gone", self.text
        return last

    async def close(self) -> None:
        """The reader goes away."""
        if not self.ended:
            await self.connection.disconnect()
            await self.wait(lambda: self.ended, "the end after going away")
        if self._reading is not None:
            await self._reading


@dataclass
class Screen:
    """What a browser shows, as far as the stream may change it: htmx's own swaps, done by hand."""

    messages: dict[int, str]
    members: str
    typing: str
    marked: set[str] = field(default_factory=set)
    people: str = ""

    @classmethod
    def of(cls, page: str) -> Screen:
        members, typing, people = _MEMBERS.search(page), _TYPING.search(page), _PEOPLE.search(page)
        assert members
        assert typing
        assert people
        return cls(articles(page), members[0], typing[1], marks(page), plain(people[0]))

    def apply(self, block: Block) -> None:
        rest = _PARTIAL.sub("", block.data).strip()
        assert block.event or not rest, f"outside of every partial: {rest}"
        for target, swap, content in _PARTIAL.findall(block.data):
            self._swap(html.unescape(target), swap, content)

    def _swap(self, target: str, swap: str, content: str) -> None:
        alone = re.fullmatch(r"#message-(\d+)", target)
        match target, swap:
            case "#messages", "upsert key:data-seq":
                self.messages |= articles(content)
            case "#messages", "innerHTML":
                self.messages = articles(content)
            case "#members", "outerHTML":
                self.members = content.strip()
            case "#people-count", "outerHTML":
                self.people = plain(content)
            case _, _ if target.startswith("#members[data-fetched]"):
                assert "data-fetched" not in self.members, "a fetched list is not followed here"
            case "#typing", "outerHTML":
                self.typing = _TYPING.fullmatch(content.strip())[1]  # type: ignore[index]
            case _, "outerHTML" if alone:
                [(seq, article)] = articles(content).items()
                assert seq == int(alone[1])
                if seq in self.messages:
                    self.messages[seq] = article
            case _, "delete" if alone:
                assert not content
                self.messages.pop(int(alone[1]), None)
            case _ if re.fullmatch(r"\[data-room='\w+'\] \.unread", target):
                (self.marked.add if content else self.marked.discard)(target[12:24])
            case _:
                raise AssertionError(f"nobody knows this swap: {swap} {target}")


def assert_stream_equals_page(screen: Screen, page: str) -> None:
    """The law, for messages: byte by byte, from the later of the two first messages on."""
    now = articles(page)
    first = max(min(screen.messages, default=0), min(now, default=0))
    shown = {seq: article for seq, article in sorted(screen.messages.items()) if seq >= first}
    wanted = {seq: article for seq, article in sorted(now.items()) if seq >= first}
    assert shown == wanted, f"the screen shows {[*shown]}, the page {[*wanted]}"


class Follower:
    """Somebody who opened the room's page, and has followed its stream since."""

    def __init__(self, browser: Browser, room: str, page: str) -> None:
        self.browser = browser
        self.room = room
        self.screen = Screen.of(page)
        since = _SINCE.search(page)
        assert since, page
        self.version = int(since[1])
        self.stream: Stream | None = None
        self._applied = 0

    async def resume(self, *, by_header: bool = True) -> None:
        """Come back as htmx does: by the last id it saw, in the header, or in the address as on the first time."""
        place = {"resume": self.version} if by_header else {"since": self.version}
        self.stream = await self.browser.stream(self.room, **place)
        assert self.stream.status == 200, self.stream.text
        self._applied = 0

    async def drop(self) -> None:
        """The connection breaks, at whatever was read by now."""
        assert self.stream
        self._read()
        await self.stream.close()
        self.stream = None

    def _read(self) -> None:
        assert self.stream
        for block in self.stream.blocks[self._applied :]:
            self.screen.apply(block)
            self.version = self.version if block.id is None else int(block.id)
            self._applied += 1

    async def check(self) -> None:
        """The law holds now; if the room changes under our eyes, at the next moment that it stands still."""
        assert self.stream, "nobody follows"
        for _ in range(50):
            page = (await self.browser.room(self.room)).text
            version = int(_SINCE.search(page)[1])  # type: ignore[index]
            await self.stream.wait_for_version(version)
            self._read()
            if self.version == version == (await room_row(self.room))["version"]:
                break
        assert_stream_equals_page(self.screen, page)
        await until(self._shows_members, "the members, as a page shows them")

    async def _shows_members(self) -> bool:
        self._read()
        now = Screen.of((await self.browser.room(self.room)).text)
        return (self.screen.members, self.screen.people) == (now.members, now.people)


@contextlib.asynccontextmanager
async def law(browser: Browser, room: str) -> AsyncIterator[Follower]:
    """Whatever happens to the room inside, the reader's screen is in the end what a fresh page shows."""
    follower = Follower(browser, room, (await browser.room(room)).text)
    await follower.resume(by_header=False)
    yield follower
    if follower.stream is None:
        await follower.resume()
    await follower.check()
    await follower.drop()


async def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
    """Until it holds; `condition` may be a coroutine function."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                result = condition()
                if await result if asyncio.iscoroutine(result) else result:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"after {seconds} s still not: {what}") from None


async def room_row(room: str) -> dict[str, Any]:
    row = await db.one("SELECT * FROM rooms WHERE code = ?", room)
    assert row
    return row


async def count(table: str, where: str = "1 = 1", *values: Any) -> int:
    row = await db.one(f"SELECT COUNT(*) AS many FROM {table} WHERE {where}", *values)
    assert row
    return int(row["many"])


@contextlib.contextmanager
def statements(*, with_notes: bool = False) -> Iterator[list[str]]:
    """Every SQL statement that runs inside, on the application's connection. Presence's notes and the files' tidying come when they may."""
    seen: list[str] = []
    inside = ContextVar("inside", default=False)
    kind = type(db.connection())
    read = SqliteReader.fetch

    def tidies() -> bool:
        task = asyncio.current_task()
        return task is not None and task.get_name() == "tidy"

    def reading(self: Any, sql: str, values: Any) -> Any:
        if not tidies():
            seen.append(sql)
        return read(self, sql, values)

    originals = {name: getattr(kind, name) for name in ("execute_query", "execute_query_dict", "execute_insert")}

    def wrapped(name: str) -> Any:
        async def execute(self: Any, query: str, *values: Any, **named: Any) -> Any:
            if not inside.get() and not tidies() and (with_notes or not query.startswith("UPDATE users SET is_online")):
                seen.append(query)
            was = inside.set(True)
            try:
                return await originals[name](self, query, *values, **named)
            finally:
                inside.reset(was)

        return execute

    for name in originals:
        setattr(kind, name, wrapped(name))
    SqliteReader.fetch = reading  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        SqliteReader.fetch = read  # type: ignore[method-assign]
        for name, original in originals.items():
            setattr(kind, name, original)


@contextlib.contextmanager
def logged() -> Iterator[io.StringIO]:
    """All that is logged inside, ours and the libraries' alike, as the application has set it up."""
    said = io.StringIO()
    before = structlog.get_config()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(said))  # type: ignore[arg-type]
    root.addHandler(handler)
    try:
        yield said
    finally:
        root.removeHandler(handler)
        structlog.configure(**before)
