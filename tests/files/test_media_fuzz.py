"""Whatever the bytes are: an answer or `CannotRead`, after a number of steps that the length of the file bounds."""

from __future__ import annotations

import functools
import io
import math
import tempfile

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sampark.files import audio, media
from sampark.files.media import CannotRead, Source
from sampark.files.media_source import MOST_STEPS
from tests.files.sounds import WAYS, make, make_video, tone, webm

MAGICS = [
    b"\x1a\x45\xdf\xa3",
    b"\0\0\0\x08ftypisom",
    b"OggS",
    b"RIFF\0\0\0\0WAVE",
    b"ID3\x04\0\0",
    b"fLaC\0\0\0\x22",
    b"\xff\xfb\x90\0",
    b"\xff\xf1\x50\x80",
]
UNITS = [
    b"\xff",
    b"\0",
    b"\xff\xfb",
    b"\xff\xfb\x90\0",
    b"\xff\xf1\x50\x80\x01\0\xfc",
    b"\xec\x80",
    b"\x1f\x43\xb6\x75\xff",
    b"\0\0\0\x08moof",
    b"OggS",
]
NUMBERS = [
    b"\0",
    b"\xff",
    b"\x01",
    b"\x80",
    bytes(4),
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff" * 8,
    b"\x01" + b"\xff" * 7,
]


@functools.cache
def seeds() -> list[bytes]:
    hand = webm([(time, b"\x78\xff\xfe") for time in range(0, 400, 20)])
    return [*(make(way, tone(0.3)) for way in WAYS), make_video(), make_video("mp4", "libx264"), hand]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A real file with bytes overwritten, numbers blown up, pieces cut out, doubled or swapped with another file's."""
    body = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 8))):
        # Most of what can be lied about stands at the beginning.
        reach = draw(st.sampled_from([200, 1000, len(body)]))
        at = draw(st.integers(0, max(0, min(reach, len(body)) - 1)))
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["put", "cut", "double", "graft", "shorten"])):
            case "put":
                value = draw(st.one_of(st.sampled_from(NUMBERS), st.binary(min_size=1, max_size=8)))
                body[at : at + len(value)] = value
            case "cut":
                del body[at : at + length]
            case "double":
                body[at:at] = bytes(body[at : at + length]) * draw(st.integers(1, 200))
            case "graft":
                other = draw(st.sampled_from(seeds()))
                body[at : at + length] = other[at : at + 4 * length]
            case _:
                del body[len(body) - length :]
    return bytes(body)


def assert_bounded(body: bytes) -> None:
    source = Source(io.BytesIO(body))
    try:
        found = media.read_from(source)
    except CannotRead as fault:
        found, reason = None, str(fault)
    if found is None:
        assert reason in {"unknown-format", "damaged", "no-tracks", "too-complex"}
    else:
        assert found.duration is None or (found.duration >= 0 and math.isfinite(found.duration))
        assert found.tracks
    # Nothing is smaller than two bytes, and nothing is passed more than three times.
    assert source.steps <= min(MOST_STEPS + 1, 3 * len(body) // 2 + 8)
    assert source.taken <= 6 * len(body) + 8192


@given(mutations())
@effort(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_real_files_that_were_spoiled(body: bytes) -> None:
    assert_bounded(body)


@given(mutations())
@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_voice_message_that_was_spoiled_is_one_or_is_refused(body: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        try:
            facts, _ = audio.render(file.name)
        except CannotRead:
            return
    assert 0.1 <= facts["duration"] <= 301
    assert len(facts["waveform"]) == 100


@given(st.sampled_from(MAGICS), st.binary(max_size=2000))
@effort(max_examples=500, deadline=None)
def test_anything_behind_a_right_beginning(magic: bytes, body: bytes) -> None:
    assert_bounded(magic + body)


@pytest.mark.parametrize("magic", MAGICS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_of_one_thing(magic: bytes, unit: bytes) -> None:
    assert_bounded(magic + unit * (1_000_000 // len(unit)))
