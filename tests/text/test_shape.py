"""Messages of nothing but emoji, and messages that are long."""

from __future__ import annotations

import time

import pytest
import regex

from sampark.text.markdown import to_html
from sampark.text.shape import FEW, LONGEST, MOST_LINES, SOME, emoji, is_long


@pytest.mark.parametrize(
    "text",
    [
        "😀",
        "😀😀😀",
        "😀 😀\n😀",
        "❤️",
        "☺️",
        "👍🏽",
        "☝🏿",
        "👩‍👩‍👧‍👦",
        "👩🏽‍🚒",
        "🧑🏿‍🤝‍🧑🏻",
        "🏳️‍🌈",
        "🏳‍🌈",
        "❤️‍🔥",
        "👁️‍🗨️",
        "🤷🏽‍♂️",
        "🇮🇳",
        "🇮🇳🇳🇵🇱🇰",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "1️⃣",
        "#️⃣*️⃣",
        "5⃣",
        "™️",
        "🪿",
        "🫩",
    ],
)
def test_one_to_three_emoji_are_few(text: str) -> None:
    assert emoji(text) == FEW


@pytest.mark.parametrize("text", ["😀" * 4, "🇮🇳 " * 12, "👩‍👩‍👧‍👦" * 12, "1️⃣2️⃣3️⃣4️⃣"])
def test_up_to_twelve_are_some(text: str) -> None:
    assert emoji(text) == SOME


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "हाँ",
        "はい",
        "نعم",
        "😀 a",
        "a😀",
        "😀!",
        "123",
        "1",
        "#",
        "*",
        "©",
        "™",
        "→",
        "❤︎",
        "❤",
        "😀︎",
        "`😀`",
        "> 😀",
        ":)",
        "🇮",
        "\u200d",
        "\ufe0f",
        "🏽‍",
        "😀\u0301",
        "\u20e3",
        "😀" * 13,
        "😀\n" * 5,
        "- 😀",
    ],
)
def test_all_else_is_text(text: str) -> None:
    assert emoji(text) == ""


def test_what_unicode_shows_as_emoji_is_emoji_here() -> None:
    """Against a package that follows Unicode: when it knows more than our table does, the table is to be brought up to date."""
    presented = regex.compile(r"\p{Emoji_Presentation}")
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    missing = [
        f"{ord(sign):x}" for sign in everything if presented.match(sign) and not (emoji(sign) or emoji(sign * 2))
    ]
    assert not missing
    growing = range(0x1FA70, 0x1FB00)
    wrong = [sign for sign in everything if emoji(sign) and not presented.match(sign) and ord(sign) not in growing]
    assert not wrong
    extended = regex.compile(r"\p{Emoji}")
    signed = [sign for sign in everything if extended.match(sign) and sign not in "0123456789#*"]
    flags = range(0x1F1E6, 0x1F200)
    assert not [f"{ord(s):x}" for s in signed if ord(s) not in flags and emoji(s + "\ufe0f") != FEW]


@pytest.mark.parametrize(
    "text", ["😀" * 9_999, "👩‍" * 5_000, "🏴" + "\U000e0067" * 9_999, " " * 9_999 + "a", "🇮" * 9_999, "1️" * 5_000]
)
def test_hostile_rows_of_signs_take_no_time(text: str) -> None:
    began = time.process_time()
    emoji(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("short", False),
        ("word " * (LONGEST // 5 - 1), False),
        ("word " * (LONGEST // 5 + 5), True),
        ("line\n" * MOST_LINES, False),
        ("line\n" * (MOST_LINES + 1), True),
        ("- line\n" * (MOST_LINES + 1), True),
        ("para\n\n" * (MOST_LINES + 1), True),
        ("a" + "\n" * 400 + "b", False),
        ("```\n" + "x\n" * (MOST_LINES + 1) + "```", True),
        ("[a](https://example.org/" + "x" * 3_000 + ")", False),
        ("आ" * (LONGEST + 1), True),
    ],
)
def test_long_is_what_takes_much_room(text: str, folded: bool) -> None:
    assert is_long(to_html(text.strip())) is folded
