"""The name of a file: what people see, what their systems save, what stands in the header (hostile case 6)."""

from __future__ import annotations

import re
import unicodedata

import pytest
import werkzeug.http
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sampark.files.disposition import clean_name, content_disposition, extension_of

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
NAMES = st.text(max_size=400) | st.text(
    "ab./\\ \r\n\"%'\u202e\u0915\u094d\u0937\u093f\u0301\u200d\U0001f468\U0001f1ee\U0001f1f3", max_size=400
)


@pytest.mark.parametrize(
    ("given_name", "clean"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\asha\\photo.jpg", "photo.jpg"),
        ("folder/photo.jpg/", "photo.jpg"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("/", "file"),
        ("...", "file"),
        (" \u200b\u2800\u3164 ", "file"),
        ("\u202e", "file"),
        (".htaccess", "htaccess"),
        ("run.exe. .", "run.exe"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("a\u2066b\u2069c\u200fd.txt", "a b c d.txt"),
        ("two\r\nSet-Cookie: a=b.txt", "two Set-Cookie: a=b.txt"),
        ("nul\0l.txt", "nul l.txt"),
        ("Cafe\u0301.txt", "Caf\u00e9.txt"),
        ("नमस्ते दुनिया.pdf", "नमस्ते दुनिया.pdf"),
        ("क्\u200dष.txt", "क्\u200dष.txt"),
        (f"{FAMILY}.png", f"{FAMILY}.png"),
        ("<svg onload=alert(1)>.png", "<svg onload=alert(1)>.png"),
        ('quo"te.txt', 'quo"te.txt'),
        ("lone\ud800.txt", "lone.txt"),
        ("all.tar.gz", "all.tar.gz"),
        ("a" * 300 + ".jpeg", "a" * 195 + ".jpeg"),
        ("a" * 300 + ".tar.gz", "a" * 193 + ".tar.gz"),
        ("न" * 100 + ".pdf", "न" * 83 + ".pdf"),
        ("a" * 10_000, "a" * 200),
        ("a" * 10_000 + ".png", "a" * 196 + ".png"),
        ("x." + "e" * 300, "x." + "e" * 198),
    ],
)
def test_a_name_is_cleaned(given_name: str, clean: str) -> None:
    assert clean_name(given_name) == clean


@pytest.mark.parametrize(
    "letter", ["कि", "क्ष", "e\u0323\u0302", FAMILY, "\U0001f1ee\U0001f1f3", "\U0001f44d\U0001f3fd", "❤\ufe0f"]
)
@pytest.mark.parametrize("before", range(8))
def test_no_letter_is_cut_apart(letter: str, before: int) -> None:
    letter = unicodedata.normalize("NFC", letter)
    clean = clean_name("a" * before + letter * 100 + ".png")
    assert re.fullmatch(f"a{{{before}}}(?:{letter})+\\.png", clean)
    assert len(clean) + len(letter) > 200 or len(clean.encode()) + len(letter.encode()) > 255, (
        "more than needed was cut"
    )


@settings(max_examples=500, deadline=None)
@given(NAMES)
@example("\u0301" * 5000 + ".png")
@example("a" + "\u0301\u0323" * 3000)
@example("\U0001f1ee" * 201)
@example("a.tar." + "b" * 10)
def test_a_clean_name_is_one_everywhere(name: str) -> None:
    clean = clean_name(name)
    assert clean == clean_name(clean)
    assert 0 < len(clean) <= 200
    assert 0 < len(clean.encode()) <= 255
    assert clean == unicodedata.normalize("NFC", clean)
    assert not re.search("[/\\\\\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", clean)
    assert clean.strip(". ") == clean
    assert extension_of(clean) == "" or clean.lower().endswith("." + extension_of(clean))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("photo.jpg", 'attachment; filename="photo.jpg"'),
        ("two words.txt", 'attachment; filename="two words.txt"'),
        ("café.txt", "attachment; filename=\"cafe.txt\"; filename*=UTF-8''caf%C3%A9.txt"),
        ("€ rates.txt", "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"),
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("100%41.txt", "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt"),
        ("a;b='c'.txt", 'attachment; filename="a;b=\'c\'.txt"'),
        ("x\r\nSet-Cookie: a=b", "attachment; filename=\"x__Set-Cookie: a=b\"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a%3Db"),
        ("", "attachment; filename=\"_\"; filename*=UTF-8''"),
    ],
)  # fmt: skip
def test_the_header_says_the_name(name: str, header: str) -> None:
    assert content_disposition("attachment", name) == header


def test_inline_says_the_name_for_saving() -> None:
    assert content_disposition("inline", "नमस्ते.png").startswith("inline; filename=")


@settings(max_examples=500, deadline=None)
@given(NAMES)
def test_any_name_survives_the_header(name: str) -> None:
    header = content_disposition("attachment", name)
    assert re.fullmatch("[ -~]+", header), "only printable ASCII"
    assert header.count('"') == 2
    said, options = werkzeug.http.parse_options_header(header)
    assert said == "attachment"
    if clean_name(name) == name:
        assert options["filename"] == name
