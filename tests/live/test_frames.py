"""Blocks as bytes: nothing that anyone writes starts a field or an event of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sampark.fragments import Fragments
from sampark.live.frames import EventFrames, event, partial
from tests.databases import on_sqlite
from tests.people import Block
from tests.support import Site, law

HOSTILE = [
    "a\revent: gone\rdata: x",
    "a\nevent: gone\n\ndata: x",
    "a\r\n\r\nid: 99\r\n\r\n",
    "a\u2028event: gone",
    "a\u2029id: 9",
    "a\x85retry: 1",
    "a\x0bevent: x\x0c",
    "event: gone",
    "id: 99",
    ": comment",
    "data: <hx-partial hx-target=body hx-swap=delete>",
    "\ufeffid: 7",
]


def parse(raw: bytes) -> list[Block]:
    """As a browser: the three line ends, and blocks end at an empty line."""
    text = raw.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert text.endswith("\n\n")
    return [Block.parse(block) for block in text[:-2].split("\n\n")]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_of_a_text_becomes_a_field(text: str) -> None:
    [block] = parse(event(text, id=7))
    assert (block.id, block.event, block.retry) == ("7", None, None)
    assert block.data == text.replace("\r\n", "\n").replace("\r", "\n")


@effort(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet=st.sampled_from("a:\r\n\u2028\u2029\x85\x0b\x00 id"), max_size=30))
def test_any_text_is_the_data_of_one_block(text: str) -> None:
    [block] = parse(event(text + "x", id=1))
    assert block == Block("1", None, None, re.sub("\r\n|\r", "\n", text + "x"))


def test_the_first_block_holds_only_an_id() -> None:
    assert EventFrames(Fragments(), "en").opening(41) == b"id: 41\n\n"


def test_goodbyes_spread_between_one_and_four_seconds() -> None:
    frames = EventFrames(Fragments(), "en")
    waits = [parse(frames.bye())[0] for _ in range(300)]
    assert {block.event for block in waits} == {"bye"}
    assert all(block.data for block in waits)  # htmx ignores a retry that stands alone
    retries = [block.retry or 0 for block in waits]
    assert min(retries) >= 1000
    assert max(retries) <= 4000
    assert max(retries) - min(retries) > 2000


def test_a_heartbeat_is_a_comment() -> None:
    assert EventFrames(Fragments(), "en").heartbeat().startswith(b":")


def test_a_partial_says_where_and_how() -> None:
    assert partial("#message-3", "delete") == '<hx-partial hx-target="#message-3" hx-swap="delete"></hx-partial>'


@on_sqlite
@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_messages_and_names_keep_the_law(site: Site, text: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        await asha.rename(text)
        seq = await asha.say(room, text)
        assert follower.stream
        await follower.stream.wait_for(f'id="message-{seq}"')  # whoever posts has stopped typing
        await asha.post(f"/rooms/{room}/typing")
        await follower.stream.wait_for("#typing")
        blocks = follower.stream.blocks
    assert blocks
    assert all(block.event is None and block.retry is None for block in blocks)
    assert {*follower.screen.messages} == {1}
