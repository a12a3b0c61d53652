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
from sampark.live import document, hub
from tests.support import Site, Stream, articles, marks, plain, until

_COPY = re.compile(r'<\?start name="c(\d+)">(.*?)<\?end name="c\1"><template for="c\1"></template>', re.DOTALL)


class Shown:
    """What the two kinds of browser make of the same bytes: those that patch out of order, and those that only know style sheets."""

    def __init__(self, text: str) -> None:
        self.patched: dict[int, str] = {}
        assert '<?start name="c' not in _COPY.sub("", text), "a copy that does not remove itself"
        body, *rest = re.split(r'(?=<template for="m\d+">)', _COPY.sub("", text))
        for piece in (body, *rest):
            patch = re.match(r'<template for="m(\d+)">(.*?)</template>', piece, re.DOTALL)
            if patch:
                self._patch(int(patch[1]), patch[2])
                piece = piece[patch.end() :]
            for seq, article in re.findall(r'<\?start name="m(\d+)">(.*?)<\?end name="m\1">', piece, re.DOTALL):
                assert int(seq) not in self.patched, f"message {seq} stands there twice"
                self.patched[int(seq)] = article

    def _patch(self, seq: int, content: str) -> None:
        found = re.fullmatch(rf'<\?start name="m{seq}">(.*)<\?end name="m{seq}">', content, re.DOTALL)
        assert seq in self.patched or not content, f"message {seq} is changed and does not stand there"
        if found:
            self.patched[seq] = found[1]
        else:
            self.patched.pop(seq, None)


def styled(text: str) -> list[str]:
    """The messages that a browser shows which does not patch, from above downwards."""
    seen = re.sub(r"<template .*?</template>", "", text, flags=re.DOTALL)
    hidden, orders = set(), {}
    for css in re.findall(r"<style nonce=[^>]*>(.*?)</style>", seen):
        for selectors, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            for selector in selectors.split(","):
                if rule.startswith("display:none"):
                    hidden.add(selector)
                elif rule.startswith("order:"):
                    orders[selector] = int(rule.removeprefix("order:"))
    shown = []
    found = re.findall(r'(?:<div class="(copy-\d+)">)?(<article id="message-(\d+)".*?</article>)', seen, re.DOTALL)
    for copy, article, seq in found:
        own = f".{copy}" if copy else f"#messages>#message-{seq}"
        if not {own, f"#message-{seq}"} & hidden:
            shown.append((orders[f".{copy}" if copy else f"#message-{seq}"], article))
    return [article for _, article in sorted(shown)]


async def outside(work: Coroutine[Any, Any, Any]) -> None:
    """As another request, although it happens in the middle of one."""
    await asyncio.create_task(work, context=contextvars.Context())


async def assert_shows_the_page(site: Site, stream: Stream, page: str) -> None:
    wanted = articles(page)
    await stream.wait(lambda: Shown(stream.text).patched == wanted, f"messages {[*wanted]} as on the page")
    assert styled(stream.text) == [wanted[seq] for seq in sorted(wanted)]


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
    assert stream.text.count('<article id="message-2"') == 1
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


async def test_its_heartbeat_is_a_link_that_hides_the_one_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0)  # one at each look for those that are due
    asha = await site.person("asha")
    room = await site.room(asha)
    stream = await asha.stream(room, live=True)
    assert "--lost-after:40s" in stream.text
    await stream.wait(lambda: stream.text.count('<template for="lost">') >= 2, "two beats")
    first, second, *_ = [int(number) for number in re.findall(r'class="live-lost copy-(\d+)"', stream.text)]
    assert "#live-lost{display:none}" in stream.text
    assert f".copy-{first}{{display:none}}" in stream.text
    assert f".copy-{second}{{display:none}}" not in stream.text.partition(f'"live-lost copy-{second}"')[0]
    assert stream.text.count(f'<a class="button" href="/rooms/{room}/live" target="_self">') >= 3


async def test_it_says_who_is_there(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await ravi.rename("<b>Ravi</b>")
    stream = await asha.stream(room, live=True)
    assert "1 online of 2" in plain(stream.text)
    await ravi.stream(room)
    await stream.wait_for("2 online of 2")
    told = stream.text.partition('<template for="people">')[2]
    assert "&lt;b&gt;Ravi&lt;/b&gt;" in told
    assert "#live-people{display:none}" in told
    assert "hx-partial" not in stream.text


async def test_it_shows_where_the_new_messages_begin_and_notes_them_as_read(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for number in range(3):
        await asha.say(room, f"message {number}")
    stream = await ravi.stream(room, live=True)
    assert "#message-1{--new:block}" in stream.text
    assert '<a class="button pill" href="#message-1" target="_self">3 new messages</a>' in stream.text
    await stream.close()
    assert room not in marks((await ravi.get("/")).text)


@pytest.mark.parametrize("name", ["MOST_TOLD", "MOST_COPIES"])
async def test_a_long_document_ends_and_goes_on_at_once_as_a_new_one(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(document, name, 12)
    asha = await site.person("asha")
    room = await site.room(asha)
    stream = await asha.stream(room, live=True)
    said: list[str] = []
    while not stream.ended and len(said) < 20:
        said.append(f"number {len(said)}.")
        await asha.say(room, said[-1])
        await stream.wait(lambda: stream.ended or said[-1] in stream.text, "it, or the end")
    assert stream.ended
    assert '<meta http-equiv="refresh" content="0">' in stream.text
    again = await asha.stream(room, live=True)
    assert said[-1] in again.text


async def test_an_old_document_ends_when_nothing_happens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0)
    monkeypatch.setattr(document, "LONGEST", 0.0)
    asha = await site.person("asha")
    stream = await asha.stream(await site.room(asha), live=True)
    await stream.wait(lambda: stream.ended, "the end")
    assert '<meta http-equiv="refresh" content="0">' in stream.text


async def test_in_a_frame_it_has_no_head_and_may_stand_in_our_page_only(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    alone, framed = await asha.stream(room, live=True), await asha.stream(room, live="framed")
    for stream, framers, option in ((alone, "'none'", "DENY"), (framed, "'self'", "SAMEORIGIN")):
        assert f"frame-ancestors {framers}" in stream.headers["Content-Security-Policy"]
        assert stream.headers["X-Frame-Options"] == option
        assert stream.text.count("<h1") == 1
        assert '<base target="_top">' in stream.text
    assert "live-head" in alone.text
    assert "live-head" not in framed.text


async def test_a_button_pressed_in_it_leaves_it_where_it_is(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.say(room, "one")
    referrer = {"Referer": f"http://localhost/rooms/{room}/live?framed=1"}
    assert (await asha.send("POST", f"/rooms/{room}/messages/1/delete", form={}, headers=referrer)).status == 204
    assert 1 not in (await asha.room(room)).articles
