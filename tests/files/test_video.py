"""Videos: what they are like, and a picture of them. Made here with PyAV, then mistreated."""

from __future__ import annotations

import io
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from pictures import PLACE, put, scene
from PIL import Image

from sampark.files import video
from sampark.files.problems import CannotRead


def film(
    folder: Path,
    name: str = "film.mp4",
    codec: str = "libx264",
    *,
    seconds: float = 2,
    size: tuple[int, int] = (320, 240),
    sound: bool = False,
    rotation: int = 0,
    ratio: Fraction | None = None,
    black: float = 0,
    rate: int = 10,
    **options: Any,
) -> str:
    """A film of `scene`, ten pictures a second, after so many seconds of black; without pictures if `codec` is empty."""
    path = str(folder / name)
    with av.open(path, "w", **options) as container:
        tracks: list[Any] = []
        if codec:
            pictures = container.add_stream(codec, rate=rate)
            pictures.width, pictures.height = size
            pictures.pix_fmt = "yuv420p"
            pictures.codec_context.gop_size = 5
            if ratio:
                pictures.codec_context.sample_aspect_ratio = ratio
            if rotation:
                pictures.set_display_rotation(rotation)
            tracks.append(pictures)
        if sound:
            tone = container.add_stream("libopus" if name.endswith("webm") else "aac", rate=48_000)
            tone.layout = "mono"
            tracks.append(tone)
        container.metadata["location"] = PLACE.decode()
        for number in range(round(seconds * 10) if codec else 0):
            shown = Image.new("RGB", size) if number < black * 10 else scene(*size)
            container.mux(tracks[0].encode(av.VideoFrame.from_image(shown)))
        if sound:
            for number in range(round(seconds * 50)):
                frame = av.AudioFrame(format="flt" if name.endswith("webm") else "fltp", layout="mono", samples=960)
                frame.planes[0].update(bytes(960 * 4))
                frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
                container.mux(tone.encode(frame))
        for track in tracks:
            container.mux(track.encode(None))
    return path


def poster(blobs: dict[str, bytes]) -> Image.Image:
    assert [*blobs] == ["poster"]
    with Image.open(io.BytesIO(blobs["poster"])) as picture:
        assert picture.format == "WEBP"
        return picture.convert("RGB")


def is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (20, 40, 200)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mov", "libx264"), ("a.webm", "libvpx"), ("a.webm", "libvpx-vp9"), ("a.mp4", "mpeg4"),
     ("a.mp4", "libsvtav1"), ("a.mkv", "libx264")],
)  # fmt: skip
def test_a_film_is_measured_and_shown(tmp_path: Path, name: str, codec: str) -> None:
    facts, blobs = video.render(film(tmp_path, name, codec, sound=True))
    assert (facts["width"], facts["height"], facts["audio"], facts["video"]) == (320, 240, True, True)
    assert abs(facts["duration_ms"] - 2_000) < 100
    picture = poster(blobs)
    assert picture.size == (320, 240)
    assert is_near(picture.getpixel((80, 60)), RED)
    assert is_near(picture.getpixel((240, 60)), GREEN)
    assert is_near(picture.getpixel((80, 180)), BLUE)
    assert is_near(tuple(bytes.fromhex(facts["colour"][1:])), BLUE)
    assert PLACE not in blobs["poster"]


def test_a_large_film_has_a_small_poster(tmp_path: Path) -> None:
    facts, blobs = video.render(film(tmp_path, size=(1920, 1080), seconds=0.3))
    assert (facts["width"], facts["height"], facts["audio"]) == (1920, 1080, False)
    assert poster(blobs).size == (640, 360)


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_a_film_from_a_phone_is_turned_upright(tmp_path: Path, rotation: int) -> None:
    facts, blobs = video.render(film(tmp_path, rotation=rotation))
    size = (320, 240) if rotation == 180 else (240, 320)
    assert (facts["width"], facts["height"]) == poster(blobs).size == size
    # The red corner, above left before, goes round against the clock.
    corner = {90: (60, 240), -90: (180, 80), 180: (240, 180)}[rotation]
    assert is_near(poster(blobs).getpixel(corner), RED)


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    facts, blobs = video.render(film(tmp_path, ratio=Fraction(2, 1)))
    assert (facts["width"], facts["height"]) == poster(blobs).size == (640, 240)


def test_the_poster_is_not_the_black_beginning(tmp_path: Path) -> None:
    _, blobs = video.render(film(tmp_path, seconds=4, black=0.8))
    assert is_near(poster(blobs).getpixel((80, 60)), RED)


def test_a_film_of_one_picture_has_a_poster(tmp_path: Path) -> None:
    _, blobs = video.render(film(tmp_path, seconds=0.1))
    assert is_near(poster(blobs).getpixel((80, 60)), RED)


def test_sound_without_pictures_has_none(tmp_path: Path) -> None:
    facts, blobs = video.render(film(tmp_path, "a.webm", "", sound=True))
    assert (facts["video"], facts["audio"], facts["width"], facts["colour"], blobs) == (False, True, 0, None, {})


def test_a_recording_that_does_not_say_its_length_is_shown_all_the_same(tmp_path: Path) -> None:
    path = film(tmp_path, "a.webm", "libvpx", options={"live": "1"})
    facts, blobs = video.render(path)
    assert facts["duration_ms"] is None
    assert is_near(poster(blobs).getpixel((80, 60)), RED)


def test_too_many_pixels_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MOST_PIXELS", 320 * 240 - 1)
    with pytest.raises(CannotRead, match="too many pixels"):
        video.render(film(tmp_path))


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "mjpeg"), ("a.mkv", "ffv1"), ("a.mov", "prores")])
def test_codecs_that_browsers_do_not_know_are_not_decoded(tmp_path: Path, name: str, codec: str) -> None:
    path = str(tmp_path / name)
    with av.open(path, "w") as container:
        track = container.add_stream(codec, rate=10)
        track.width, track.height = 64, 64
        track.pix_fmt = {"mjpeg": "yuvj420p", "ffv1": "yuv420p", "prores": "yuv422p10le"}[codec]
        container.mux(track.encode(av.VideoFrame.from_image(scene(64, 64))))
        container.mux(track.encode(None))
    with pytest.raises(CannotRead, match="codec"):
        video.render(path)


def test_lists_that_point_elsewhere_are_not_followed(tmp_path: Path) -> None:
    target = film(tmp_path)
    lists = {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{target}\n#EXT-X-ENDLIST\n",
        "list.txt": f"ffconcat version 1.0\nfile '{target}'\n",
        "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    }
    for name, text in lists.items():
        for called in (name, name + ".mp4"):
            with pytest.raises(CannotRead):
                video.render(put(tmp_path, called, text.encode()))


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 5_000, b"<!doctype html><script>alert(1)</script>", b"\x1aE\xdf\xa3" + b"\xff" * 99]
)
def test_what_is_no_film_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CannotRead):
        video.render(put(tmp_path, "a.mp4", data))


def test_other_formats_are_refused(tmp_path: Path) -> None:
    for name, codec in (("a.avi", "mpeg4"), ("a.flv", "flv"), ("a.mpg", "mpeg1video")):
        path = film(tmp_path, name, codec, rate=25)
        with pytest.raises(CannotRead):
            video.render(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_broken_film_is_shown_or_refused_and_nothing_else(tmp_path: Path, name: str) -> None:
    whole = Path(film(tmp_path, name, "libx264" if name == "a.mp4" else "libvpx", sound=True)).read_bytes()
    source = random.Random(7)
    outcomes = set()
    for number in range(60):
        data = bytearray(whole[: source.randrange(1, len(whole))] if number % 3 == 0 else whole)
        for _ in range(source.randrange(1, 200) if number % 3 else 0):
            data[source.randrange(len(data))] = source.randrange(256)
        try:
            facts, _ = video.render(put(tmp_path, "broken", bytes(data)))
            outcomes.add("shown")
            assert facts["duration_ms"] is None or 0 < facts["duration_ms"] <= video.LONGEST_MS
        except CannotRead:
            outcomes.add("refused")
    assert outcomes == {"shown", "refused"}
