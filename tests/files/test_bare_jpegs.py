"""JPEGs that cannot be drawn, taken apart: what is theirs stays, and nothing else."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from pictures import CAMERA, PLACE, exif, scene, written
from PIL import Image

from sampark.files import stripping
from sampark.files.problems import CannotRead

SECOND = written(scene(), "JPEG", exif=exif())


def bare(folder: Path, data: bytes) -> bytes:
    path = folder / "home.jpg"
    path.write_bytes(data)
    return stripping.jpeg(path)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}], ids=str)
def test_every_scan_stays_and_what_follows_the_end_goes(tmp_path: Path, options: dict[str, object]) -> None:
    plain = written(scene(), "JPEG", **options)
    kept = bare(tmp_path, written(scene(), "JPEG", exif=exif(), comment=PLACE, **options) + SECOND)
    assert kept == plain


def test_what_stands_between_the_scans_goes_too(tmp_path: Path) -> None:
    plain = written(scene(), "JPEG", progressive=True)
    tables = [found.start() for found in re.finditer(b"\xff\xc4", plain)]
    assert len(tables) > 4
    told = b"\xff\xe1" + (len(exif()) + 4).to_bytes(2, "big") + exif() + b"\xff\xd9"
    assert bare(tmp_path, plain[: tables[4]] + told + plain[tables[4] :]) == plain


def test_bytes_that_fill_up_hide_no_segment(tmp_path: Path) -> None:
    plain = written(scene(), "JPEG")
    told = b"\xff\xff\xff\xe1" + (len(exif()) + 2).to_bytes(2, "big") + exif()
    assert bare(tmp_path, plain[:2] + told + plain[2:]) == plain


def test_one_that_is_cut_off_ends_where_another_begins(tmp_path: Path) -> None:
    plain = written(scene(), "JPEG")
    kept = bare(tmp_path, plain[:-200] + SECOND)
    assert kept == plain[:-200] + b"\xff\xd9"
    assert Image.open(io.BytesIO(kept)).size == (640, 480)


@pytest.mark.parametrize("data", [b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\0\0" * 3, SECOND[:300]])
def test_one_without_a_picture_is_not_taken_apart(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CannotRead):
        bare(tmp_path, data)


def test_what_is_still_told_is_seen() -> None:
    assert not stripping.still_tells(written(scene(), "JPEG"))
    assert stripping.still_tells(SECOND)
    assert CAMERA in SECOND
