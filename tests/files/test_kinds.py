"""The bytes decide what a file is, and only what is on the list passes (hostile case 6)."""

from __future__ import annotations

import contextlib
import random
import tracemalloc
from pathlib import Path

import puremagic
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sampark.files.kinds import ALLOWED, Empty, Kind, NotAllowed, kind_of, name_for
from tests.files.hostile_files import GOOD, HTML, REFUSED, SVG, boxes, drawn, many_members, mp3, ogg, zipped

INLINE = {
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif",
    "video/mp4", "video/webm", "audio/ogg", "audio/mpeg", "audio/wav", "audio/mp4",
}  # fmt: skip


def kind(folder: Path, name: str, data: bytes) -> Kind:
    (folder / "blob").write_bytes(data)
    return kind_of(folder / "blob", name)


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    media_type, data = GOOD[name]
    found = kind(tmp_path, name, data)
    assert found.media_type == media_type
    assert found.is_inline == (media_type in INLINE)
    assert name_for(name, found) == name
    if found.family != "text":
        assert kind(tmp_path, "whatever.exe", data) == found, "the name decided"
        assert name_for("whatever.exe", found) == f"whatever.exe.{found.extension}"


def test_all_kinds_on_the_list_are_tried(tmp_path: Path) -> None:
    found = {kind(tmp_path, name, data).extension for name, (_, data) in GOOD.items()}
    assert found == {extension for family in ALLOWED.values() for extension in family}


@pytest.mark.parametrize("name", REFUSED)
def test_the_rest_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotAllowed):
        kind(tmp_path, name, REFUSED[name])


def test_the_list_that_is_told() -> None:
    assert ALLOWED["image"][:3] == ("jpg", "png", "gif")
    assert not {"html", "svg", "exe"} & {extension for family in ALLOWED.values() for extension in family}


def test_nothing_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Empty):
        kind(tmp_path, "a.txt", b"")


@pytest.mark.parametrize(
    "data", [HTML, SVG, b"<?xml version='1.0'?>", b"#!/bin/sh", b"<img src=x>", HTML.decode().encode("utf-16")]
)
@pytest.mark.parametrize("name", ["page.txt", "page.md", "page.csv", "page.HTML.TXT", "page.log"])
def test_a_page_under_the_name_of_a_text_is_plain_text_to_be_saved(tmp_path: Path, name: str, data: bytes) -> None:
    found = kind(tmp_path, name, data)
    assert (found.media_type, found.is_inline) == ("text/plain", False)
    assert name_for(name, found).lower().endswith((".txt", ".log"))


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("script.gif", b"GIF89a=1;alert(document.domain)//" + HTML, "image/gif"),
        ("page.jpg", drawn("JPEG") + HTML, "image/jpeg"),
        ("paper.pdf.zip", b"%PDF-1.7\n" + zipped({"a": HTML}), "application/pdf"),
        ("page.zip", zipped({"index.html": HTML}), "application/zip"),
        ("photo.png", drawn("TIFF"), "image/tiff"),
        ("page.html", drawn("PNG"), "image/png"),
        ("sound.html", mp3(), "audio/mpeg"),
    ],
)
def test_what_is_two_things_is_what_its_first_bytes_say(
    tmp_path: Path, name: str, data: bytes, media_type: str
) -> None:
    found = kind(tmp_path, name, data)
    assert found.media_type == media_type
    assert name_for(name, found).endswith(f".{found.extension}")


@pytest.mark.parametrize("name", ["prog.py", "evil.bat", "x.hta", "page.html", "noname", "a.svg", "letter.txt.exe"])
def test_harmless_text_is_saved_under_no_name_that_runs(tmp_path: Path, name: str) -> None:
    found = kind(tmp_path, name, b"print('hello')\n")
    assert found.content_type == "text/plain; charset=utf-8"
    assert name_for(name, found) == f"{name}.txt"


def test_texts_tell_their_charset(tmp_path: Path) -> None:
    assert kind(tmp_path, "a.csv", "a;ब".encode("utf-16")).content_type == "text/csv; charset=utf-16"
    assert kind(tmp_path, "a.md", b"# a").content_type == "text/markdown; charset=utf-8"
    assert kind(tmp_path, "a.png", drawn("PNG")).content_type == "image/png"


def test_a_letter_may_lie_across_two_pieces(tmp_path: Path) -> None:
    assert kind(tmp_path, "a.txt", b"a" + "न".encode() * 300_000).charset == "utf-8"


def test_much_text_and_many_members_take_little_memory(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_bytes(b"a line of text\n" * 2_000_000)
    (tmp_path / "many.zip").write_bytes(many_members(400_000))
    tracemalloc.start()
    try:
        assert kind_of(tmp_path / "long.txt", "long.txt").family == "text"
        assert kind_of(tmp_path / "many.zip", "many.zip").extension == "zip"
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith((".txt", ".csv", ".md"))])
def test_files_cut_short_or_spoilt_never_make_it_fail(tmp_path: Path, name: str) -> None:
    data = GOOD[name][1]
    chance = random.Random(name)
    for _ in range(200):
        spoilt = bytearray(data[: chance.randrange(1, len(data) + 1)])
        for _ in range(chance.randrange(4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        with contextlib.suppress(NotAllowed):
            assert kind(tmp_path, name, bytes(spoilt)).extension


BEGINNINGS = st.sampled_from(
    [
        b"",
        b"PK\3\4",
        b"PK\5\6",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"ID3\4\0\0",
        b"II*\0",
        b"\xff\xfb",
        b"<",
        b"\xff\xfe",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begin=BEGINNINGS, data=st.binary(max_size=700), name=st.text(max_size=10))
@example(begin=b"PK\5\6", data=bytes(30), name="")
def test_any_bytes_are_a_kind_or_refused(tmp_path: Path, begin: bytes, data: bytes, name: str) -> None:
    try:
        found = kind(tmp_path, name, begin + data)
    except (NotAllowed, Empty):
        return
    assert found.extension in ALLOWED[found.family]
    assert not found.is_inline or found.media_type in INLINE


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    blank=st.text(" \t\r\n\f\ufeff", max_size=20),
    tag=st.sampled_from(["<!doctype html", "<HtMl", "<script", "<a ", "<!--", "<?xml", "<svg", "</p", "<h1>"]),
)
def test_no_page_passes_under_a_name_that_is_no_text(tmp_path: Path, blank: str, tag: str) -> None:
    with pytest.raises(NotAllowed):
        kind(tmp_path, "picture.jpg", f"{blank}{tag}>hello".encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (drawn("JPEG"), "image/jpeg"),
        (drawn("PNG"), "image/png"),
        (drawn("GIF"), "image/gif"),
        (drawn("WEBP"), "image/webp"),
    ],
)
def test_another_judge_says_the_same(tmp_path: Path, data: bytes, says: str) -> None:
    assert kind(tmp_path, "a", data).media_type == says
    assert says in {match.mime_type for match in puremagic.magic_string(data)}


def test_a_brand_of_sound_is_sound_at_once(tmp_path: Path) -> None:
    assert kind(tmp_path, "a", boxes(b"M4A ", b"isom")).family == "audio"
    assert kind(tmp_path, "a", ogg(b"OpusHead")).family == "audio"
    assert kind(tmp_path, "a", boxes(b"isom")).family == "video"
