"""`:name:` in a message: replaced in text, and nowhere else."""

from __future__ import annotations

import time

import pytest

from sampark.emoji.short_names import replaced
from sampark.text.markdown import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (":smile:", "<p>😄</p>"),
        ("well done :tada::+1:!", "<p>well done 🎉👍!</p>"),
        ("(:heart:)", "<p>(❤️)</p>"),
        (":Smile:", "<p>😄</p>"),
        (":slightly_smiling_face: and :stuck_out_tongue_winking_eye:", "<p>🙂 and 😜</p>"),
        ("**:heart:** _:+1:_ ~~:tada:~~", "<p><strong>❤️</strong> <em>👍</em> <s>🎉</s></p>"),
        (":wave::skin-tone-2: :wave::skin-tone-6:", "<p>👋🏻 👋🏿</p>"),
        (":लाल_दिल: दिल", "<p>❤️ दिल</p>"),
        ("> :wave:", "<blockquote>\n<p>👋</p>\n</blockquote>"),
    ],
)
def test_a_known_name_becomes_its_emoji(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "`:smile:`", "``a :smile:``", "```\n:smile:\n```", "    :smile:", r"\:smile:",
        "http://a.example/:smile:", "https://a.example/x:smile:y", "<http://a.example/:smile:>", "www.a.example/:smile:",
        "[x](http://a.example/:smile:)", "a.example/:smile:/", "user@a.example:smile:",
        "10:30:45", "1:100:5", "12:100:", "key:smile:value", "नमस्ते:smile:", ":smile:s", ":unknown:",
        ": smile :", ":smile", "::smile::", ":30",
    ],
)  # fmt: skip
def test_nothing_else_does(text: str) -> None:
    html = to_html(text)
    assert not any(sign in html for sign in "😄💯"), html


def test_the_text_of_a_link_is_text() -> None:
    assert ">see 😄</a>" in to_html("[see :smile:](http://a.example/)")


def test_a_name_is_no_way_to_markup() -> None:
    assert to_html(":<b>x</b>: :smile:") == "<p>:&lt;b&gt;x&lt;/b&gt;: 😄</p>"


@pytest.mark.parametrize("text", [":" * 10_000, ":a" * 5_000, ":a:" * 3_333, ":smile:" * 1_428, f":{'a' * 64}" * 150])
def test_the_time_is_bounded(text: str) -> None:
    replaced(":smile:")
    begun = time.process_time()
    to_html(text)
    assert time.process_time() - begun < 2
