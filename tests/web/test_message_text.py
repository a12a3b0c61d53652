"""How a message's text is shown: emoji large, long ones folded, code and tables in frames, the exact time in words."""

from __future__ import annotations

import datetime
import re

import pytest

from sampark import db
from sampark.fragments import Fragments
from sampark.text import language
from sampark.text.markdown import to_html
from tests.databases import on_sqlite
from tests.support import Site, law


def shown(text: str, code: str = "en", html: str | None = None) -> str:
    row: db.Row = {
        "id": 1, "seq": 7, "version": 9, "code": "k3f9x2mq7hpt", "username": "asha", "display_name": "Asha", "profile_picture": None,
        "message_type": "text", "content": text, "html": to_html(text) if html is None else html, "attachments": None, "client_key": None,
        "timestamp": datetime.datetime(2026, 11, 22, 18, 5, 9, tzinfo=datetime.UTC),
    }  # fmt: skip
    return str(Fragments().message(row, code))


@pytest.mark.parametrize(
    ("text", "css"),
    [
        ("🎉", "message-text emoji-few"),
        ("🎉" * 5, "message-text emoji-some"),
        ("🎉 hi", "message-text"),
        ("हाँ", "message-text"),
    ],
)
def test_a_message_of_emoji_alone_is_large(text: str, css: str) -> None:
    assert f'<div class="{css}" dir="auto"><p>{text}</p></div>' in shown(text)


def test_a_long_message_is_all_there_and_can_be_opened() -> None:
    made = shown("line\n" * 30)
    assert made.count("line") == 30
    assert '<div class="message-text is-long" dir="auto"><div class="long-text"><p>line<br>' in made
    assert '<details class="unfold"><summary aria-label="Show the whole message"></summary></details></div>' in made
    assert "पूरा संदेश" in shown("line\n" * 30, "hi")
    assert "long-text" not in shown("line\n" * 12)


@pytest.mark.parametrize(("info", "name", "caption"), [("py", "Code in Python", "Python"), ("", "Code", "Code")])
def test_code_stands_in_a_frame_that_a_keyboard_reaches(info: str, name: str, caption: str) -> None:
    made = shown(f"before\n```{info}\nx = 1\n```\n`after`")
    assert f'<pre tabindex="0" role="group" aria-label="{name}"><code>x' in made
    assert made.count("<figure") == made.count("</figure>") == 1
    assert f"<figcaption>{caption}</figcaption>" in made
    assert 'aria-label="Copy code"' in made


def test_messages_that_were_stored_before_there_were_frames_have_them() -> None:
    made = shown("```\nx\n```\n```\ny\n```", html="<pre><code>x\n</code></pre>\n<pre><code>y\n</code></pre>")
    assert made.count("</pre></figure>") == made.count('<figure class="code" dir="ltr">') == 2


def test_a_language_that_is_known_no_more_is_code_without_a_name() -> None:
    assert "<figcaption>Code</figcaption>" in shown("x", html='<pre data-language="cobol"><code>x</code></pre>')


def test_a_table_stands_in_a_frame() -> None:
    made = shown("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<div class="table" tabindex="0" role="group" aria-label="Table"><table>' in made
    assert "</table></div>" in made
    assert '<td class="end">2</td>' in made


@pytest.mark.parametrize(
    "text", ["`<pre>`", "&lt;pre&gt; <table>", "[x](https://a.example/?<pre><table>)", "<https://a.example/<pre>>"]
)
def test_what_looks_like_a_frame_makes_none(text: str) -> None:
    assert not re.search("<(figure|pre|table)", shown(text))


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_the_exact_time_is_said_with_its_zone(code: str) -> None:
    [title] = re.findall(r'<time datetime="2026-11-22T18:05:09Z" title="(.*?)">', shown("x", code))
    assert title.endswith("18:05:09 UTC")
    assert "2026" in title
    if code == "en":
        assert title == "Sunday, November 22, 2026, 18:05:09 UTC"


@on_sqlite
@pytest.mark.parametrize(
    "text", ["🎉", "line\n" * 30, "```py\nif x: pass\n```", "a | b\n--|--\n1 | 2", "```python evil\n<b>\n```"]
)
async def test_the_stream_brings_what_the_page_shows(site: Site, text: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        seq = await asha.say(room, text)
        assert follower.stream
        await follower.stream.wait_for(f'id="message-{seq}"')
