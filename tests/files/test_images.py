"""Pictures of strangers: what others get to see of them. The jobs run here, in this process."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from pictures import (
    BLUE,
    CAMERA,
    GREEN,
    KINDS,
    PLACE,
    RED,
    exif,
    is_near,
    opened,
    render,
    scene,
    swapping_profile,
    told_everything,
    written,
)
from PIL import Image

from sampark.files import images


def test_a_photograph_comes_in_three_sizes_with_its_facts(tmp_path: Path) -> None:
    facts, blobs = render(tmp_path, written(scene(2000, 1500), "JPEG", quality=92))
    assert facts == {
        "width": 2000, "height": 1500, "frames": 1, "duration_ms": 0, "colour": facts["colour"], "source": "image/jpeg",
        "media_type": "image/jpeg", "thumbnail_type": "image/webp", "sizes": {"small": [360, 270], "large": [1280, 960]},
    }  # fmt: skip
    assert {name: (opened(blob).format, opened(blob).size) for name, blob in blobs.items()} == {
        "small": ("WEBP", (360, 270)), "large": ("WEBP", (1280, 960)), "clean": ("JPEG", (2000, 1500)),
    }  # fmt: skip
    assert is_near(bytes.fromhex(facts["colour"][1:]), BLUE)  # the half of it
    assert opened(blobs["clean"]).quantization == opened(written(scene(9, 9), "JPEG", quality=92)).quantization


def test_a_small_picture_is_not_made_larger(tmp_path: Path) -> None:
    facts, blobs = render(tmp_path, written(scene(20, 10), "PNG"))
    assert facts["sizes"] == {"small": [20, 10], "large": [20, 10]}
    assert opened(blobs["large"]).size == (20, 10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    lying = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    picture = scene() if lying is None else scene().transpose(lying)
    facts, blobs = render(tmp_path, written(picture, kind, exif=exif(orientation)))
    assert (facts["width"], facts["height"]) == (640, 480)
    for blob in blobs.values():
        shown = opened(blob).convert("RGB")
        width, height = shown.size
        assert width > height
        assert is_near(shown.getpixel((width // 4, height // 4)), RED)
        assert is_near(shown.getpixel((width * 3 // 4, height // 4)), GREEN)
        assert is_near(shown.getpixel((width // 4, height * 3 // 4)), BLUE)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_tells_where_a_picture_was_taken(tmp_path: Path, kind: str) -> None:
    data = told_everything(kind)
    assert PLACE in data
    facts, blobs = render(tmp_path, data)
    assert facts["frames"] == (2 if "moving" in kind else 1)
    assert {*blobs} == {"small", "large", "clean"} | ({"still"} if "moving" in kind else set())
    _, faces = images.avatar(str(tmp_path / "picture"))
    for blob in [*blobs.values(), *faces.values()]:
        assert PLACE not in blob
        assert CAMERA not in blob
        assert not re.search(rb"[Ee]xif|EXIF|http|xmp|XMP|ICCP|iCCP|Photoshop", blob)
        shown = opened(blob)
        shown.load()
        assert not {*shown.info} & {"exif", "xmp", "XML:com.adobe.xmp", "comment", "icc_profile", "photoshop"}
        assert not shown.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_colours_of_other_profiles_become_those_of_the_screen(tmp_path: Path, kind: str) -> None:
    picture = Image.new("RGB", (64, 64), (255, 0, 0))
    facts, blobs = render(
        tmp_path, written(picture, kind, icc_profile=swapping_profile(), **({"quality": 95} if kind != "PNG" else {}))
    )
    for blob in blobs.values():
        assert is_near(opened(blob).convert("RGB").getpixel((30, 30)), (0, 255, 0)), kind
    assert is_near(bytes.fromhex(facts["colour"][1:]), (0, 255, 0))


@pytest.mark.parametrize("profile", [b"", b"nonsense", b"\0" * 200, swapping_profile()[:300]])
def test_a_profile_that_makes_no_sense_is_not_applied(tmp_path: Path, profile: bytes) -> None:
    _, blobs = render(
        tmp_path, written(Image.new("RGB", (64, 64), (255, 0, 0)), "JPEG", icc_profile=profile, quality=95)
    )
    assert is_near(opened(blobs["clean"]).getpixel((30, 30)), (255, 0, 0))


def test_print_colours_become_those_of_a_screen(tmp_path: Path) -> None:
    facts, blobs = render(tmp_path, written(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "JPEG", quality=95))
    assert opened(blobs["clean"]).mode == "RGB"
    assert is_near(opened(blobs["clean"]).getpixel((9, 9)), (255, 0, 0))
    assert facts["media_type"] == "image/jpeg"


def test_what_shows_through_goes_on_showing_through(tmp_path: Path) -> None:
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (0, 0, 32, 64))
    for number, picture in enumerate(
        (written(palette, "PNG", transparency=0), written(palette, "GIF", transparency=0))
    ):
        facts, blobs = render(tmp_path, picture, str(number))
        assert facts["colour"] == "#0000ff"
        for blob in blobs.values():
            shown = opened(blob).convert("RGBA")
            assert shown.getpixel((shown.width - 5, 5))[3] == 0
            assert is_near(shown.getpixel((5, 5)), (0, 0, 255, 255))


def sixteen_bits(picture: Image.Image) -> Image.Image:
    return Image.frombytes("I;16", picture.size, bytes(value for grey in picture.tobytes() for value in (grey, grey)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "P", "RGBA"])
def test_every_kind_of_pixel_is_shown(tmp_path: Path, mode: str) -> None:
    picture = Image.linear_gradient("L").resize((80, 60))
    data = sixteen_bits(picture) if mode == "I;16" else picture.convert(mode)
    facts, blobs = render(tmp_path, written(data, "PNG"))
    assert (facts["width"], facts["height"], facts["media_type"]) == (80, 60, "image/png")
    shown = opened(blobs["small"]).convert("L")
    assert shown.getpixel((40, 2)) < 40
    assert shown.getpixel((40, 57)) > 215
    if mode not in {"1"}:
        assert 90 < shown.getpixel((40, 30)) < 165


def test_a_turned_picture_of_sixteen_bits_keeps_its_shades(tmp_path: Path) -> None:
    picture = sixteen_bits(Image.linear_gradient("L").resize((80, 60)))
    _, blobs = render(tmp_path, written(picture, "PNG", exif=exif(3)))
    assert 90 < opened(blobs["clean"]).getpixel((40, 30)) < 165
    assert opened(blobs["clean"]).getpixel((40, 57)) < 40


def test_a_phone_s_picture_with_others_behind_it_is_a_still(tmp_path: Path) -> None:
    data = written(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)], exif=exif())
    facts, blobs = render(tmp_path, data)
    assert (facts["frames"], facts["source"], facts["media_type"]) == (1, "image/jpeg", "image/jpeg")
    assert opened(blobs["clean"]).format == "JPEG"
    assert b"MPF" not in blobs["clean"]


@pytest.mark.parametrize("noise", [False, True])
def test_a_clean_picture_is_never_too_large_for_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noise: bool
) -> None:
    monkeypatch.setattr(images, "MOST_CLEAN", 200_000)
    monkeypatch.setattr(images, "MOST_SIDE", 300)
    picture = Image.frombytes("RGB", (600, 400), random.Random(1).randbytes(720_000)) if noise else scene(600, 400)
    facts, blobs = render(tmp_path, written(picture, "PNG"))
    assert len(blobs["clean"]) <= 200_000
    assert (facts["width"], facts["height"]) == (600, 400)
    assert facts["media_type"] == ("image/jpeg" if noise else "image/png")
    assert opened(blobs["clean"]).size == ((300, 200) if noise else (600, 400))


@pytest.mark.parametrize("most_side", [64, 100])
def test_a_large_png_that_is_not_plain_becomes_a_webp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_side: int
) -> None:
    monkeypatch.setattr(images, "MOST_SIDE", most_side)
    facts, blobs = render(tmp_path, written(scene(100, 100), "PNG", exif=exif(6)))
    assert facts["media_type"] == ("image/png" if most_side == 100 else "image/webp")
    assert opened(blobs["clean"]).size == (most_side, most_side)
