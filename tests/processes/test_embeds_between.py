"""Rooms in other sites' pages, served by several processes: what is taken back on one of them ends on all, and a token is good once
for all of them together."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.browser.host_site import embedded_room
from tests.browser.tokens import key_of, signed
from tests.people import Answer, Person, Reader, said
from tests.processes.conftest import Start
from tests.processes.test_together import ONLY_RINGS
from tests.servers import ServerProcess

CHAT, CLUB, SCHOOL = "https://chat.example.org", "https://club.example", "https://school.example"
WITHIN = 2.0
"""Seconds until what was taken back has ended everywhere."""


@pytest.fixture
def two(start: Start, shared: dict[str, str]) -> tuple[ServerProcess, ServerProcess]:
    """Both known by one address, as behind a proxy."""
    settings = {"SAMPARK_PUBLIC_URL": CHAT, **shared}
    return start(prelude=ONLY_RINGS, **settings), start(prelude=ONLY_RINGS, **settings)


class Frame:
    """A room's frame in a page of `site`, reached over one process."""

    def __init__(self, server: ServerProcess, room: str, site: str = CLUB) -> None:
        self.visitor = Person.at(server.url)
        self.way = f"/embed/rooms/{room}"
        self.site = site

    def page(self) -> str:
        headers = {"Referer": f"{self.site}/", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
        answer = self.visitor.request("GET", self.way, headers=headers)
        assert answer.status == 200, said(answer.text)
        return answer.text

    def joined(self, name: str) -> Frame:
        action = re.search(rf'action="({self.way}/guest[^"]*)"', self.page())
        assert action
        assert self.visitor.send(html.unescape(action[1]), name=name).status == 303
        return self

    def vouched(self, token: str) -> Frame:
        answer = self.posts("vouch", token)
        assert answer.status == 303, said(answer.text)
        return self

    def posts(self, what: str, token: str) -> Answer:
        headers = {"Origin": self.site, "Sec-Fetch-Site": "cross-site"}
        return self.visitor.request("POST", f"{self.way}/{what}", urllib.parse.urlencode({"token": token}), headers)

    def stream(self) -> Reader:
        address = re.search(r'hx-sse:connect="([^"]*)"', self.page())
        assert address
        return Reader(self.visitor, html.unescape(address[1]), since=0, returns=False)

    def abroad(self, token: str = "") -> Reader:
        """The same room for the site's own htmx; for whom the token names, if there is one."""
        bearer = json.loads(self.posts("token", token).text)["token"] if token else ""
        more = {"Origin": self.site, **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        return ReaderAbroad(self.visitor, f"{self.way}/stream", more)


class ReaderAbroad(Reader):
    def __init__(self, person: Person, path: str, more: Mapping[str, str]) -> None:
        super().__init__(person, path, since=0, returns=False)
        self.more = more

    def headers(self) -> dict[str, str]:
        return {**super().headers(), **self.more}


def key_ids(asha: Person, room: str) -> list[str]:
    """The older one first."""
    return re.findall(rf"/rooms/{room}/embed/keys/(\d+)/remove", asha.get(f"/rooms/{room}/embed").text)


def site_ids(asha: Person, room: str) -> dict[str, str]:
    page = asha.get(f"/rooms/{room}/embed").text
    listed = re.findall(r'<li><code dir="ltr">([^<]*)</code>\s*<form[^>]*/embed/origins/(\d+)/remove"', page)
    return dict(listed)


def all_open(stack: ExitStack, *readers: Reader) -> list[Reader]:
    for reader in readers:
        stack.enter_context(reader)
    for reader in readers:
        reader.wait(lambda reader: reader.blocks, f"{reader.path} is open")
    return [*readers]


def assert_cut_off(readers: list[Reader]) -> None:
    for reader in readers:
        ended = reader.wait(lambda reader: reader.endings, "the end", seconds=WITHIN)
        assert ended.endings[0].complete
        assert reader.last.event == "gone", reader.text


def assert_hear(readers: list[Reader], asha: Person, room: str, text: str) -> None:
    seq = asha.post(room, text)
    for reader in readers:
        reader.wait_for(seq)
        assert not reader.endings


def test_a_site_struck_off_on_one_process_is_cut_off_on_the_other(two: tuple[ServerProcess, ServerProcess]) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = embedded_room(asha, CLUB)
    assert asha.send(f"/rooms/{room}/embed/origins", origin=SCHOOL).status == 303
    key = key_of(asha, room)
    with ExitStack() as stack:
        cut = all_open(
            stack,
            Frame(b, room).stream(),
            Frame(b, room).joined("Priya").stream(),
            Frame(b, room).vouched(signed(room, key, CLUB, CHAT)).stream(),
            Frame(b, room).abroad(),
            Frame(b, room).abroad(signed(room, key, CLUB, CHAT, sub="8")),
        )
        kept = all_open(
            stack,
            Frame(b, room, SCHOOL).stream(),
            Frame(b, room, SCHOOL).joined("Zara").stream(),
            Frame(b, room, SCHOOL).vouched(signed(room, key, SCHOOL, CHAT, sub="9")).stream(),
            Frame(b, room, SCHOOL).abroad(),
        )
        assert_hear(cut + kept, asha, room, "all hear this")
        assert asha.send(f"/rooms/{room}/embed/origins/{site_ids(asha, room)[CLUB]}/remove").status == 303
        assert_cut_off(cut)
        assert_hear(kept, asha, room, "who still hears")
        assert not any("who still hears" in reader.text for reader in cut)
    assert Frame(b, room).posts("vouch", signed(room, key, CLUB, CHAT)).status == 404
    for server in two:
        server.stop().assert_clean()


def test_a_key_removed_on_one_process_ends_what_it_opened_on_the_other(
    two: tuple[ServerProcess, ServerProcess],
) -> None:
    """Rotated: the new one counts beside the old one, and alone after it."""
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = embedded_room(asha, CLUB, "vouched")
    old = key_of(asha, room)
    with ExitStack() as stack:
        cut = all_open(
            stack,
            Frame(b, room).vouched(signed(room, old, CLUB, CHAT, sub="1")).stream(),
            Frame(b, room).abroad(signed(room, old, CLUB, CHAT, sub="2")),
        )
        new = key_of(asha, room)
        kept = all_open(
            stack,
            Frame(b, room).vouched(signed(room, new, CLUB, CHAT, sub="3")).stream(),
            Frame(b, room).abroad(signed(room, new, CLUB, CHAT, sub="4")),
        )
        assert_hear(cut + kept, asha, room, "all hear this")
        assert asha.send(f"/rooms/{room}/embed/keys/{key_ids(asha, room)[0]}/remove").status == 303
        assert_cut_off(cut)
        assert_hear(kept, asha, room, "who still hears")
    assert Frame(b, room).posts("vouch", signed(room, old, CLUB, CHAT)).status == 403
    Frame(b, room).vouched(signed(room, new, CLUB, CHAT))
    assert asha.send(f"/rooms/{room}/embed/keys/{key_ids(asha, room)[0]}/remove").status == 303
    assert Frame(b, room).posts("vouch", signed(room, new, CLUB, CHAT)).status == 403
    for server in two:
        server.stop().assert_clean()


@pytest.mark.parametrize(("first", "then"), [("vouch", "vouch"), ("vouch", "token"), ("token", "vouch")])
def test_a_token_used_on_one_process_is_refused_on_the_other(
    two: tuple[ServerProcess, ServerProcess], first: str, then: str
) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = embedded_room(asha, CLUB, "vouched")
    token = signed(room, key_of(asha, room), CLUB, CHAT)
    assert Frame(a, room).posts(first, token).status in {200, 303}
    again = Frame(b, room).posts(then, token)
    assert again.status == 403
    assert "used before" in again.text
    assert not again.headers.get("Set-Cookie")


def test_of_many_who_bring_one_token_to_both_one_gets_in(two: tuple[ServerProcess, ServerProcess]) -> None:
    asha = Person.at(two[0].url).signed_up("asha")
    room = embedded_room(asha, CLUB, "vouched")
    token = signed(room, key_of(asha, room), CLUB, CHAT)
    with ThreadPoolExecutor(8) as pool:
        tried = pool.map(lambda number: Frame(two[number % 2], room).posts("vouch", token).status, range(8))
        assert sorted(tried) == [303] + [403] * 7
    for server in two:
        server.stop().assert_clean()
