"""Pictures that are bombs, broken, or none: refused, or harmless."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from pictures import KINDS, black_png, chunk, gif, lzw, render, scene, written

from sampark.files import images
from sampark.files.problems import CannotRead


def test_fifty_thousand_pixels_squared_are_refused(tmp_path: Path) -> None:
    bomb = black_png(50_000, rows=100)
    assert len(bomb) < 12_000
    with pytest.raises(CannotRead, match="40 million pixels"):
        render(tmp_path, bomb)
    with pytest.raises(CannotRead, match="40 million pixels"):
        images.avatar(str(tmp_path / "picture"))
    with pytest.raises(CannotRead, match="40 million pixels"):
        render(tmp_path, black_png(6_400))


def test_just_under_the_limit_is_shown(tmp_path: Path) -> None:
    facts, _ = render(tmp_path, black_png(6_300))
    assert (facts["width"], facts["colour"]) == (6_300, "#000000")


def test_text_that_unpacks_to_gigabytes_is_refused_or_dropped(tmp_path: Path) -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
    data = written(scene(), "PNG")
    try:
        _, blobs = render(tmp_path, data[:33] + text * 2 + data[33:])
    except (CannotRead, ValueError):
        return
    assert len(blobs["clean"]) < 2 * len(data)


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "BMP", "PPM", "TGA", "PCX", "JPEG2000", "ICNS", "EPS", "PDF"])
def test_other_formats_are_not_even_opened(tmp_path: Path, kind: str) -> None:
    with pytest.raises(CannotRead, match="no picture of a kind"):
        render(tmp_path, written(scene(64, 64), kind), "photo.png")


HEADS = {
    "psd": b"8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\x10\0\0\0\x10\0\x08\0\3" + b"\0" * 900,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>>>> endobj",
    "nothing": b"",
    "zeros": b"\0" * 5_000,
    "gif/js": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//",
}


@pytest.mark.parametrize("head", HEADS)
def test_what_only_calls_itself_a_picture_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises((CannotRead, OSError, SyntaxError)):
        render(tmp_path, HEADS[head], "photo.png")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    frames = [scene(300, 200), scene(300, 200).rotate(90), scene(300, 200).rotate(180)]
    moving = {"save_all": True, "append_images": frames[1:], "duration": 100} if "moving" in kind else {}
    data = written(frames[0], kind.removeprefix("moving "), **moving)
    with pytest.raises((CannotRead, OSError, SyntaxError, ValueError, EOFError)):
        render(tmp_path, data[: int(len(data) * share)])


def test_a_polyglot_loses_what_is_not_picture(tmp_path: Path) -> None:
    script = b"/*<script>alert(1)</script>*/"
    data = gif([((0, 0, 4, 4), 10, 1, lzw([0] * 16))] * 2, (4, 4), b"!\xfe" + bytes([len(script)]) + script + b"\0")
    _, blobs = render(tmp_path, data + script)
    assert all(b"alert" not in blob for blob in blobs.values())
