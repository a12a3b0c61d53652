"""The pack that is shipped: enough, small, moving, described in two languages, and drawn by us."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from sampark.gifs.library import STARTER
from tools import draw_gifs, gif_pen

INDEX = json.loads((STARTER / "index.json").read_text(encoding="utf-8"))
ENTRIES = INDEX["gifs"]


def test_there_are_enough_and_they_are_small_together() -> None:
    assert len(ENTRIES) >= 44
    assert len({entry["id"] for entry in ENTRIES}) == len(ENTRIES)
    assert sum(path.stat().st_size for path in STARTER.iterdir()) <= 1_200_000
    assert INDEX["credits"]


def test_every_file_belongs_to_an_entry() -> None:
    expected = {f"{entry['id']}{end}" for entry in ENTRIES for end in (".webp", ".still.webp")} | {"index.json"}
    assert {path.name for path in STARTER.iterdir()} == expected


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_it_moves_and_loops(entry: dict[str, object]) -> None:
    path = STARTER / f"{entry['id']}.webp"
    assert path.stat().st_size <= 40_000
    with Image.open(path) as film:
        assert film.format == "WEBP"
        assert film.n_frames == entry["frames"]
        assert film.n_frames >= 6
        assert film.size == (entry["width"], entry["height"])
        assert film.info["loop"] == 0
        frames = []
        for number in range(film.n_frames):
            film.seek(number)
            frames.append(film.convert("RGB"))
    moved = [ImageChops.difference(frames[0], frame).getbbox() for frame in frames[1:]]
    assert sum(box is not None for box in moved) >= 5
    with Image.open(STARTER / f"{entry['id']}.still.webp") as still:
        assert still.size == frames[0].size
        assert not getattr(still, "is_animated", False)
        still.load()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_it_has_words_in_english_and_hindi(entry: dict[str, dict[str, object]]) -> None:
    for field in ("title", "alt"):
        assert str(entry[field]["en"]).isascii()
        assert any("\u0900" <= letter <= "\u097f" for letter in str(entry[field]["hi"]))
    assert len(str(entry["alt"]["en"])) >= 15
    for language in ("en", "hi"):
        tags = entry["tags"][language]
        assert isinstance(tags, list)
        assert len(tags) >= 4
        assert all(tag.strip() == tag != "" for tag in tags)


def test_the_words_and_the_scenes_are_the_same_ones() -> None:
    assert {entry["id"] for entry in ENTRIES} == set(gif_pen.ACTS)
    assert draw_gifs.index() == ENTRIES


@pytest.mark.parametrize("name", ["tea", "cricket"])
def test_drawing_it_again_gives_the_same_pictures(name: str) -> None:
    *frames, still = draw_gifs.moments(name)
    assert _same(still, STARTER / f"{name}.still.webp", 0)
    with Image.open(STARTER / f"{name}.webp") as film:
        shown = [_at(film, number) for number in range(film.n_frames)]
    distinct = [
        frame for place, frame in enumerate(frames) if not place or frame.tobytes() != frames[place - 1].tobytes()
    ]
    assert [frame.tobytes() for frame in distinct] == [frame.tobytes() for frame in shown]


def _at(film: Image.Image, number: int) -> Image.Image:
    film.seek(number)
    return film.convert("RGB")


def _same(picture: Image.Image, path: Path, number: int) -> bool:
    with Image.open(path) as film:
        return _at(film, number).tobytes() == picture.tobytes()
