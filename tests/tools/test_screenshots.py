"""What `make screenshots` rests on; the pictures themselves are looked at by people."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sampark.cli.demo_texts import STORIES
from sampark.text import room_ids
from tools import screenshots


def test_each_room_of_the_demonstration_has_an_id_that_stays() -> None:
    assert len({*screenshots.CODES}) == len(STORIES)
    assert all(room_ids.read(code) == code for code in screenshots.CODES)


def test_a_picture_is_kept_small(tmp_path: Path) -> None:
    screenshots.IMAGES, kept = tmp_path, screenshots.IMAGES
    try:
        shot = Image.linear_gradient("L").resize((300, 600)).convert("RGB")
        whole = screenshots.beside(shot, shot, shot)
        assert whole.width > 3 * shot.width
        screenshots.store(whole, "phones.png")
        with Image.open(tmp_path / "phones.png") as stored:
            assert (stored.mode, stored.size) == ("P", whole.size)
    finally:
        screenshots.IMAGES = kept
    assert all(file.stat().st_size < 300_000 for file in kept.glob("*.png"))
