"""People for tests: a small browser without JavaScript, and readers that follow a room as htmx does, or as a document.

A `Reader` keeps what its blocks make of the page, comes back by version after every lost connection, and can say whether
anything was lost, doubled or out of order: that is the law of the stream, checked from outside.
"""

from __future__ import annotations

import contextlib
import html
import http.client
import re
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from tests.servers import PATIENCE

PASSWORD = "four otters juggling lanterns"

_ARTICLE = re.compile(r'<article id="message-(\d+)".*?</article>', re.DOTALL)
_PARTIAL = re.compile(r'<hx-partial hx-target="([^"]*)" hx-swap="([^"]*)">(.*?)</hx-partial>', re.DOTALL)
_ONLINE = re.compile(r'<li data-username="([^"]*)" data-online="true"')


def articles(text: str) -> dict[int, str]:
    """The messages in a page or fragment, by number, as they came."""
    return {int(found[1]): found[0] for found in _ARTICLE.finditer(text)}


def words(article: str) -> str:
    """What a message says."""
    inner = re.search(r'class="message-text[^>]*>(.*?)</(?:div|p)>', article, re.DOTALL)
    return html.unescape(re.sub("<[^>]*>", "", inner[1] if inner else "")).strip()


def said(page: str) -> str:
    """What a page has to say about a refusal."""
    alert = re.search(r'role="alert"[^>]*>(.*?)</p>', page, re.DOTALL)
    return words(f'<p class="message-text">{alert[1]}</p>') if alert else page[:500]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers["Location"]


@dataclass(frozen=True)
class Person:
    """One browser of one person. `elsewhere` gives the same one at another server."""

    base: str
    name: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, base: str) -> Self:
        return cls(base)

    def elsewhere(self, base: str) -> Person:
        return replace(self, base=base)

    def signed_up(self, name: str) -> Person:
        """A new account, signed in."""
        email = f"{name}@example.org"
        answer = self.send("/register", username=name, email=email, password=PASSWORD)
        assert answer.status == 303, f"{answer.status}: {said(answer.text)}"
        return self.signed_in(name)

    def signed_in(self, name: str) -> Person:
        """In another browser of the same person: the cookies are new."""
        there = replace(self, name=name, cookies={})
        answer = there.send("/login", username=name, password=PASSWORD)
        assert answer.status == 303, f"{answer.status}: {said(answer.text)}"
        return there

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def send(self, path: str, **fields: str) -> Answer:
        """A form, as a browser sends it."""
        return self.request("POST", path, urllib.parse.urlencode(fields), {"Sec-Fetch-Site": "same-origin"})

    def request(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        address = urllib.parse.urlsplit(self.base)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        sent = {"Connection": "close", "Cookie": self.cookie, **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, text)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def open_room(self, name: str) -> str:
        """The new room's ID."""
        answer = self.send("/rooms", name=name, description="")
        assert answer.status == 303, f"{answer.status}: {said(answer.text)}"
        return answer.location.rpartition("/")[2]

    def join(self, room: str) -> Person:
        answer = self.send("/rooms/join", room=room)
        assert answer.status == 303, f"{answer.status}: {said(answer.text)}"
        return self

    def post(self, room: str, text: str, **more: str) -> int:
        """The new message's number."""
        answer = self.send(f"/rooms/{room}/messages", text=text, **more)
        assert answer.status == 303, f"{answer.status}: {said(answer.text)}"
        return int(answer.location.rpartition("-")[2])

    def delete(self, room: str, seq: int) -> None:
        assert self.send(f"/rooms/{room}/messages/{seq}/delete").status == 303

    def leave(self, room: str) -> None:
        assert self.send(f"/rooms/{room}/leave").status == 303

    def delete_room(self, room: str) -> None:
        assert self.send(f"/rooms/{room}/delete").status == 303

    def sign_out(self) -> None:
        assert self.send("/logout").status == 303

    def messages(self, room: str) -> dict[int, str]:
        """All of the room's messages as a page shows them now, read page by page."""
        found: dict[int, str] = {}
        after = 0
        while page := articles(self.get(f"/rooms/{room}/messages?after={after}&limit=100").text):
            found |= page
            after = max(page)
        return found

    def follow(self, room: str, since: int = 0, **more: Any) -> Reader:
        """Read the room's events from this version on; 0 brings everything."""
        return Reader(self, f"/rooms/{room}/events", since=since, **more)

    def watch(self, room: str) -> Watcher:
        """Read the room's endless document."""
        return Watcher(self, f"/rooms/{room}/live")


@dataclass(frozen=True)
class Block:
    """One server-sent event, as the HTML standard parses it."""

    id: str | None
    event: str | None
    retry: int | None
    data: str

    @classmethod
    def parse(cls, text: str) -> Block:
        fields: dict[str, list[str]] = {}
        for line in re.split("\r\n|\r|\n", text):
            name, _, value = line.partition(":")
            if name:
                assert name in {"id", "event", "retry", "data"}, f"a field that nobody sends: {line!r}"
                fields.setdefault(name, []).append(value.removeprefix(" "))
        retry = fields.get("retry")
        return cls(
            fields["id"][-1] if "id" in fields else None,
            fields["event"][-1] if "event" in fields else None,
            int(retry[-1]) if retry else None,
            "\n".join(fields.get("data", [])),
        )


@dataclass(frozen=True)
class Ending:
    """How one connection ended: with which status it began, and whether the body was whole."""

    status: int
    complete: bool


class Connection(threading.Thread):
    """Reads one address for ever in a thread of its own; `take` gets the text as it comes."""

    def __init__(self, person: Person, path: str) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.path = path
        self.text = ""
        self.endings: list[Ending] = []
        self.changed = threading.Condition()
        self._is_closed = False
        self._socket: socket.socket | None = None

    def run(self) -> None:
        with contextlib.suppress(OSError):
            self.read_once()

    def headers(self) -> dict[str, str]:
        return {}

    def take(self, text: str) -> None:
        self.text += text

    def read_once(self) -> None:
        """One request, to its end, clean or not."""
        address = urllib.parse.urlsplit(self.person.base)
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {address.netloc}", f"Cookie: {self.person.cookie}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        status, complete = 0, False
        try:
            with socket.create_connection((address.hostname or "", address.port or 80), timeout=PATIENCE) as connection:
                self._socket = connection
                connection.sendall("\r\n".join([*lines, "", ""]).encode())
                with connection.makefile("rb") as stream:
                    status = int(stream.readline().split()[1])
                    complete = self._read_body(stream)
        except (OSError, ValueError, IndexError):
            pass  # cut: `complete` says so
        finally:
            self._socket = None
            with self.changed:
                self.endings.append(Ending(status, complete))
                self.changed.notify_all()

    def _read_body(self, stream: Any) -> bool:
        head = http.client.parse_headers(stream)
        if head.get("Transfer-Encoding") != "chunked":
            stream.read(int(head.get("Content-Length", 0)))
            return True
        rest = b""
        while size := int(stream.readline(), 16):
            chunk = stream.read(size)
            stream.readline()
            if len(chunk) < size:
                return False
            with self.changed:
                # A chunk may end inside a letter; an event never does.
                text, rest = _whole(rest + chunk)
                self.take(text)
                self.changed.notify_all()
        return stream.readline() == b"\r\n"

    def wait(self, condition: Callable[[Self], object], what: str, seconds: float = PATIENCE) -> Self:
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), seconds), (
                f"after {seconds:.0f} s still not: {what}; endings {self.endings}, last text {self.text[-2000:]!r}"
            )
        return self

    def wait_end(self) -> Ending:
        """The first connection's ending."""
        self.wait(lambda self: self.endings, f"{self.path} ends")
        return self.endings[0]

    def close(self) -> None:
        self._is_closed = True
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _whole(data: bytes) -> tuple[str, bytes]:
    for cut in range(4):
        end = len(data) - cut
        with contextlib.suppress(UnicodeDecodeError):
            return data[:end].decode(), data[end:]
    raise AssertionError(f"not UTF-8: {data[-20:]!r}")


class Watcher(Connection):
    """The endless document: its text is all there is."""

    def seqs(self) -> list[int]:
        return [int(found[1]) for found in _ARTICLE.finditer(self.text)]


class Reader(Connection):
    """The stream of events, applied as htmx applies it, and taken up again by version whenever it was lost."""

    def __init__(self, person: Person, path: str, *, since: int, returns: bool = True) -> None:
        super().__init__(person, path)
        self.version = since
        self.returns = returns
        self.blocks: list[Block] = []
        self.arrived: list[int] = []
        """The numbers of the messages that came as new ones, in order of their coming, over all connections."""
        self.page: dict[int, str] = {}
        self.online: set[str] = set()
        self.typing = ""
        self._rest = ""

    def run(self) -> None:
        while True:
            self._rest = ""
            with contextlib.suppress(OSError):
                self.read_once()
            if self._is_closed or not self.returns or self.endings[-1].status in {401, 404} or self.is_gone:
                return
            time.sleep(0.05)

    def headers(self) -> dict[str, str]:
        return {"Last-Event-ID": str(self.version), "Accept": "text/event-stream"}

    @property
    def is_gone(self) -> bool:
        return any(block.event == "gone" for block in self.blocks)

    @property
    def last(self) -> Block:
        return self.blocks[-1]

    def take(self, text: str) -> None:
        super().take(text)
        *whole, self._rest = (self._rest + text).split("\n\n")
        for one in whole:
            if one.startswith(":"):
                continue
            block = Block.parse(one)
            self.blocks.append(block)
            if block.event is None:
                for target, swap, inner in _PARTIAL.findall(block.data):
                    self._apply(target, swap, inner)
            if block.id is not None:
                assert int(block.id) >= self.version, "the version went back"
                self.version = int(block.id)

    def _apply(self, target: str, swap: str, inner: str) -> None:
        if target == "#messages":
            came = articles(inner)
            if swap == "innerHTML":
                self.page = {}
            self.arrived += came
            self.page |= came
        elif target.startswith("#message-"):
            seq = int(target.removeprefix("#message-"))
            if swap == "delete":
                self.page.pop(seq, None)
            elif seq in self.page:
                self.page[seq] = inner
        elif target == "#members":
            self.online = {*_ONLINE.findall(inner)}
        elif target == "#typing":
            self.typing = html.unescape(re.sub("<[^>]*>", "", inner))

    def wait_for(self, seq: int, seconds: float = PATIENCE) -> Self:
        """Until the message with this number has come."""
        return self.wait(lambda self: self.arrived and max(self.arrived) >= seq, f"message {seq} has come", seconds)

    def assert_saw_everything(self, room: str, first: int = 1) -> None:
        """Nothing lost, doubled or out of order; and page then + blocks since = page now."""
        now = self.person.messages(room)
        last = max(now, default=0)
        self.wait(lambda self: self.page == now or not self.is_alive(), "the reader is where the page is")
        assert self.arrived == list(range(first, max(self.arrived, default=0) + 1))
        assert max(self.arrived, default=0) >= last
        assert self.page == {seq: article for seq, article in now.items() if seq >= first}
        assert sorted(self.page) == list(self.page)
