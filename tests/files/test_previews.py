"""A first look into texts and PDFs, hostile ones included."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from documents import pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import black_png, put

from sampark.files import previews
from sampark.files.problems import CannotRead


def look(folder: Path, data: bytes) -> dict[str, Any]:
    facts, blobs = previews.render(put(folder, "file", data))
    assert blobs == {}
    return facts


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"one\ntwo\r\nthree\rfour", ["one", "two", "three", "four"]),
        ("नमस्ते\nदुनिया\n".encode(), ["नमस्ते", "दुनिया"]),
        ("नमस्ते".encode("utf-8-sig"), ["नमस्ते"]),
        ("नमस्ते\n२".encode("utf-16"), ["नमस्ते", "२"]),
        (b"\xfe\xff" + "ओम्".encode("utf-16-be"), ["ओम्"]),
        ("Müller;10 €".encode("cp1252"), ["Müller;10 €"]),
        (b"", []),
        (b"\n\n \n", []),
        (b"a,b\tc\x07\x1b[31md\x7f", ["a,b c[31md"]),
        ("safe\u202egnp.exe\u2066\ufeff\u200bx".encode(), ["safegnp.exex"]),
        ("श्री\u200dक\u200cष".encode(), ["श्री\u200dक\u200cष"]),
        (b"<script>alert(1)</script>", ["<script>alert(1)</script>"]),
        (b"\n".join(b"%d" % number for number in range(100)), [str(number) for number in range(8)]),
    ],
)
def test_the_first_lines_are_shown(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    assert look(tmp_path, data) == {"lines": lines, "pages": None}


def test_no_more_than_six_hundred_letters_are_shown(tmp_path: Path) -> None:
    assert look(tmp_path, b"x" * 1_000_000)["lines"] == ["x" * 600]
    assert [len(line) for line in look(tmp_path, b"\n".join([b"y" * 250] * 9))["lines"]] == [250, 250, 100]


def test_a_letter_cut_by_the_end_of_what_is_read_is_no_fault(tmp_path: Path) -> None:
    assert look(tmp_path, b"x" + "नमस्ते ".encode() * 10_000)["lines"][0].startswith("xनमस्ते")


@pytest.mark.parametrize("data", [b"MZ\0\0binary", black_png(8)])
def test_what_is_no_text_has_no_lines(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CannotRead):
        look(tmp_path, data)


def test_a_pdf_tells_its_first_lines_and_its_pages(tmp_path: Path) -> None:
    facts = look(tmp_path, pdf("Minutes of the meeting\nPresent: eleven", "Second page", "Third"))
    assert facts == {"lines": ["Minutes of the meeting", "Present: eleven"], "pages": 3}


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"%PDF-1.4\n<</OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        pdf("cut")[:300],
        b"%PDF-1.4\n1 0 obj << /Type /Pages /Kids [1 0 R] /Count 9 >> endobj trailer << /Root << /Pages 1 0 R >> >>",
        b"%PDF-1.4\n" + b"obj" * 100_000,
    ],
)
def test_of_a_broken_pdf_nothing_is_told(tmp_path: Path, data: bytes) -> None:
    assert look(tmp_path, data) == {"lines": [], "pages": None}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 2**32))
def test_whatever_the_bytes_are_it_ends_well(tmp_path: Path, noise: bytes, seed: int) -> None:
    source = random.Random(seed)
    data = bytearray(pdf("One line\nand another"))
    for _ in range(source.randrange(20)):
        data[source.randrange(len(data))] = source.randrange(256)
    for content in (bytes(data), noise, b"%PDF-" + noise, "\ufeff".encode("utf-16") + noise):
        try:
            facts = look(tmp_path, content)
        except CannotRead:
            continue
        assert len(facts["lines"]) <= 8
        assert sum(map(len, facts["lines"])) <= 600
        assert facts["pages"] is None or 0 < facts["pages"] <= 100_000
