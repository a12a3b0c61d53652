"""Moving pictures: they go on moving, and tell no more than stills."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import gif, is_near, lzw, moving, opened, render
from PIL import ImageSequence

from sampark.files import images, stripping
from sampark.files.problems import CannotRead

DISPOSALS = [
    ((0, 0, 4, 4), 10, 1, lzw([0] * 16)),  # all red, stays
    ((1, 1, 2, 2), 20, 2, lzw([1] * 4)),  # green in the middle, then gone
    ((0, 0, 1, 1), 0, 3, lzw([2])),  # blue in the corner, then as before
    ((3, 3, 1, 1), 5, 1, lzw([3])),  # black in the other corner
]


def test_frames_are_drawn_over_each_other_as_they_say(tmp_path: Path) -> None:
    facts, blobs = render(tmp_path, gif(DISPOSALS, (4, 4)))
    assert (facts["frames"], facts["source"], facts["media_type"]) == (4, "image/gif", "image/gif")
    assert facts["duration_ms"] == 100 + 200 + 100 + 50  # no time at all is a tenth of a second, as in browsers
    expected = [
        [round(part) for part in frame.convert("RGB").resize((4, 4)).tobytes()]
        for frame in ImageSequence.Iterator(opened(gif(DISPOSALS, (4, 4))))
    ]
    clean = opened(blobs["clean"])
    assert clean.info["loop"] == 0
    assert [[*frame.convert("RGB").tobytes()] for frame in ImageSequence.Iterator(clean)] == expected
    assert [[*expected[n][0:3], *expected[n][15:18], *expected[n][45:48]] for n in range(4)] == [
        [255, 0, 0, 255, 0, 0, 255, 0, 0],
        [255, 0, 0, 0, 255, 0, 255, 0, 0],
        [0, 0, 255, 255, 0, 0, 255, 0, 0],
        [255, 0, 0, 255, 0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_goes_on_moving_in_every_size(tmp_path: Path, kind: str) -> None:
    facts, blobs = render(tmp_path, moving(kind, 100, 40, **({} if kind == "AVIF" else {"loop": 0})))
    assert (facts["frames"], facts["duration_ms"]) == (100, 4_000)
    assert facts["thumbnail_type"] == "image/avif"
    for name in ("small", "large"):
        shown = opened(blobs[name])
        assert (shown.format, shown.n_frames) == ("AVIF", 60)
        times = []
        for frame in ImageSequence.Iterator(shown):
            frame.load()
            times.append(frame.info["duration"])
        assert abs(sum(times) - 4_000) <= 5
        shown.seek(59)
        assert is_near(shown.convert("RGB").getpixel((30, 20)), (250, 0, 5))
    assert opened(blobs["still"]).n_frames == 1
    assert is_near(opened(blobs["still"]).getpixel((30, 20)), (0, 0, 255))
    assert opened(blobs["clean"]).n_frames == (100 if kind != "AVIF" else 60)
    assert facts["media_type"] == f"image/{kind.lower()}"


def test_an_animation_that_ends_does_not_begin_again(tmp_path: Path) -> None:
    facts, blobs = render(tmp_path, moving("GIF", 5))
    assert facts["thumbnail_type"] == "image/webp"
    assert opened(blobs["small"]).info["loop"] == 1


def test_ten_thousand_frames_are_refused(tmp_path: Path) -> None:
    frame = ((0, 0, 1, 1), 1, 1, lzw([1]))
    with pytest.raises(CannotRead, match="1000 frames"):
        render(tmp_path, gif([frame] * 10_000, (1, 1)))
    images.avatar(str(tmp_path / "picture"))  # looks at the first one only


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_too_many_frames_of_other_kinds_are_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripping, "MOST_FRAMES", 20)
    with pytest.raises(CannotRead, match="20 frames"):
        render(tmp_path, moving(kind, 21))


def test_many_frames_of_a_large_canvas_are_refused(tmp_path: Path) -> None:
    frame = ((0, 0, 1, 1), 1, 1, lzw([1]))
    with pytest.raises(CannotRead, match="too many pixels in all"):
        render(tmp_path, gif([frame] * 20, (5_000, 5_000)))


def test_a_frame_beyond_the_canvas_does_not_break_it(tmp_path: Path) -> None:
    frames = [((0, 0, 4, 4), 10, 1, lzw([0] * 16)), ((2, 2, 8, 8), 10, 1, lzw([1] * 64))]
    facts, blobs = render(tmp_path, gif(frames, (4, 4)))
    assert facts["sizes"]["small"] == [4, 4]
    assert opened(blobs["small"]).size == (4, 4)


NOT_THEIRS = b"!\xf9\x05\x01\0\0\0\0\0"
"""A graphic control block one byte too long, which makes red transparent: it is taken away, but Pillow would obey it."""


@pytest.mark.parametrize("count", [1, 2])
def test_thumbnails_show_what_is_kept_and_not_what_was_taken_away(tmp_path: Path, count: int) -> None:
    frames = [((0, 0, 4, 4), 10, 1, lzw([0] * 16)), ((0, 0, 2, 2), 10, 1, lzw([1] * 4))][:count]
    plain = render(tmp_path, gif(frames, (4, 4)))
    assert render(tmp_path, gif(frames, (4, 4), NOT_THEIRS)) == plain
