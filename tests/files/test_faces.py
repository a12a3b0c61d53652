"""Profile pictures: a square of a picture in three sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import BLUE, GREEN, RED, exif, is_near, moving, opened, put, scene, written
from PIL import Image

from sampark.files import images


def faces(folder: Path, data: bytes, **square: Any) -> list[Image.Image]:
    _, blobs = images.avatar(put(folder, "face", data), **square)
    assert [*blobs] == ["48", "96", "256"]
    shown = [opened(blob) for blob in blobs.values()]
    assert [(face.format, face.size) for face in shown] == [("WEBP", (size, size)) for size in (48, 96, 256)]
    return [face.convert("RGB") for face in shown]


def test_without_a_choice_the_middle_is_taken(tmp_path: Path) -> None:
    for face in faces(tmp_path, written(scene(400, 200), "PNG")):
        side = face.width
        assert is_near(face.getpixel((side // 4, side // 4)), RED)
        assert is_near(face.getpixel((side * 3 // 4, side // 4)), GREEN)
        assert is_near(face.getpixel((side // 2, side * 3 // 4)), BLUE)


@pytest.mark.parametrize(
    ("square", "colour"),
    [
        ({"x": 0.0, "y": 0.0, "side": 0.4}, RED),
        ({"x": 0.6, "y": 0.0, "side": 0.4}, GREEN),
        ({"x": 0.3, "y": 0.6, "side": 0.4}, BLUE),
        ({"x": 9.0, "y": -5.0, "side": 0.3}, GREEN),
        ({"x": float("nan"), "y": float("-inf"), "side": 0.0}, RED),
        ({"x": 0.0, "y": float("inf"), "side": 1e-9}, BLUE),
    ],
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_square_that_was_chosen_is_taken(
    tmp_path: Path, square: dict[str, float], colour: tuple[int, ...], orientation: int
) -> None:
    picture = scene(400, 200) if orientation == 1 else scene(400, 200).transpose(Image.Transpose.ROTATE_90)
    for face in faces(tmp_path, written(picture, "PNG", exif=exif(orientation)), **square):
        assert is_near(face.getpixel((face.width // 2, face.width // 2)), colour)


def test_of_an_animation_the_first_frame_is_the_face(tmp_path: Path) -> None:
    for face in faces(tmp_path, moving("GIF", 5)):
        assert is_near(face.getpixel((20, 20)), (0, 0, 255))


def test_the_smallest_picture_is_a_face(tmp_path: Path) -> None:
    for data in (written(Image.new("RGB", (1, 1)), "PNG"), written(Image.new("LA", (1, 900)), "PNG")):
        assert [face.size for face in faces(tmp_path, data, x=0.5, y=0.5, side=0.5)] == [(48, 48), (96, 96), (256, 256)]
