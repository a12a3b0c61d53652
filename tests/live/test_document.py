"""The room as an endless document, for browsers without JavaScript: the same messages, the same law."""

from __future__ import annotations

import asyncio
import contextvars
import re
from collections.abc import Coroutine
from typing import Any

import pytest

from sampark import db
from sampark.chat import history
from sampark.live import hub
from tests.support import Site, Stream, articles, until


class Shown:
    """What a browser makes of the bytes so far: with out-of-order patching, or only with style sheets."""

    def __init__(self, text: str) -> None:
        self.patched: dict[int, str] = {}
        self.styled: dict[int, str] = {}
        body, *rest = re.split(r'(?=<template for="m\d+">)', text)
        for piece in (body, *rest):
            patch = re.match(r'<template for="m(\d+)">(.*?)</template>', piece, re.DOTALL)
            if patch:
                self._patch(int(patch[1]), patch[2])
                piece = piece[patch.end() :]
            for seq, article in re.findall(r'<\?start name="m(\d+)">(.*?)<\?end name="m\1">', piece, re.DOTALL):
                assert int(seq) not in self.patched, f"message {seq} stands there twice"
                self.patched[int(seq)] = self.styled[int(seq)] = article
        for style in re.findall(r"<style nonce=[^>]*>([^<]*)\{display:none!important\}</style>", text):
            for seq in re.findall(r"#message-(\d+)", style):
                self.styled.pop(int(seq), None)

    def _patch(self, seq: int, content: str) -> None:
        found = re.fullmatch(rf'<\?start name="m{seq}">(.*)<\?end name="m{seq}">', content, re.DOTALL)
        if found and seq in self.patched:
            self.patched[seq] = found[1]
        elif not content:
            self.patched.pop(seq, None)


async def outside(work: Coroutine[Any, Any, Any]) -> None:
    """As another request, although it happens in the middle of one."""
    await asyncio.create_task(work, context=contextvars.Context())


async def assert_shows_the_page(site: Site, stream: Stream, page: str) -> None:
    wanted = articles(page)
    await stream.wait(lambda: Shown(stream.text).patched == wanted, f"messages {[*wanted]} as on the page")
    assert {*Shown(stream.text).styled} == {*wanted}


async def test_it_is_a_whole_page_that_never_ends(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3, name="Book club")
    stream = await asha.stream(room, live=True)
    assert stream.status == 200
    assert stream.headers["Content-Type"] == "text/html; charset=utf-8"
    assert stream.headers["Cache-Control"] == "no-store, no-transform"
    assert stream.headers["X-Accel-Buffering"] == "no"
    assert "Refresh" in stream.headers
    assert stream.text.startswith("<!doctype html>\n<html lang=")
    assert "<h1" in stream.text
    assert "Book club" in stream.text
    assert "</html>" not in stream.text
    nonce = re.search(r"'nonce-([^']+)'", stream.headers["Content-Security-Policy"])
    assert nonce
    assert f'nonce="{nonce[1]}"' in stream.text


async def test_every_document_has_a_nonce_of_its_own(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    policies = {(await asha.stream(room, live=True)).headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


async def test_posts_deletions_and_names_arrive(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for number in range(3):
        await asha.say(room, f"before {number}")
    stream = await ravi.stream(room, live=True)
    await asha.say(room, "after")
    await asha.unsay(room, 2)
    await asha.rename("Asha <K>")
    await asha.say(room, "last")
    await asha.unsay(room, 4)
    await assert_shows_the_page(site, stream, (await ravi.room(room)).text)


async def test_a_message_posted_while_the_document_begins_stands_there_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    newest = history.newest

    async def a_moment_later(*values: int) -> history.Page:
        if not said:
            said.append(True)
            await outside(asha.say(room, "in between"))
        return await newest(*values)

    said: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(history, "newest", a_moment_later)
        stream = await ravi.stream(room, live=True)
    await asha.say(room, "afterwards")
    await stream.wait_for("afterwards")
    await assert_shows_the_page(site, stream, (await ravi.room(room)).text)


async def test_a_message_deleted_while_the_document_begins_is_not_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await asha.say(room, "one")
    newest = history.newest

    async def a_moment_later(*values: int) -> history.Page:
        page = await newest(*values)
        if not said:
            said.append(True)
            await outside(asha.unsay(room, 1))
        return page

    said: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(history, "newest", a_moment_later)
        stream = await ravi.stream(room, live=True)
    await asha.say(room, "afterwards")
    await stream.wait_for("afterwards")
    await assert_shows_the_page(site, stream, (await ravi.room(room)).text)


async def test_what_is_told_once_more_because_another_reader_s_block_failed_stands_there_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await asha.stream(room, live=True)
    await asha.say(room, "one")
    await stream.wait_for("<p>one</p>")  # from here on it is told before those who come later
    ravi.headers["Accept-Language"] = "hi"
    hindi = await ravi.stream(room)
    message, faults = site.parts.fragments._message, [RuntimeError("a template that fails")]

    def failing(row: db.Row, code: str) -> str:
        if code == "hi" and faults:
            raise faults.pop()
        return message(row, code)

    monkeypatch.setattr(site.parts.fragments, "_message", failing)
    await asha.say(room, "two")
    await stream.wait_for("<p>two</p>")
    await until(lambda: not faults, "the fault")
    await asha.say(room, "three")
    await hindi.wait_for("<p>two</p>")
    await stream.wait_for("<p>three</p>")
    assert stream.text.count('<article id="message-2"') == 2  # it was told again
    await assert_shows_the_page(site, stream, (await asha.room(room)).text)


async def test_more_changes_than_it_can_mend_end_it_so_that_it_loads_anew(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=230)
    stream = await ravi.stream(room, live=True)
    await asha.rename("Somebody else")  # 230 messages change at once
    await stream.wait(lambda: stream.ended, "the end")
    assert stream.text.rstrip().endswith("</html>")
    again = await ravi.stream(room, live=True)
    assert "Somebody else" in again.text


async def test_who_types_is_shown_to_others(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    asha.headers["Accept-Language"] = "en"
    await ravi.rename("<svg onload=alert(1)>")
    watching, own = await asha.stream(room, live=True), await ravi.stream(room, live=True)
    await ravi.post(f"/rooms/{room}/typing")
    await watching.wait_for("is typing…")
    assert "<bdi>&lt;svg onload=alert(1)&gt;</bdi> is typing…" in watching.text
    await asha.say(room, "x")
    await own.wait_for("<p>x</p>")
    assert "is typing" not in own.text


async def test_its_heartbeat_is_a_comment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0)  # one at each look for those that are due
    asha = await site.person("asha")
    stream = await asha.stream(await site.room(asha), live=True)
    await stream.wait_for("<!-- -->\n<!-- -->\n")
