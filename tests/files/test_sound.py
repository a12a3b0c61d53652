"""Voice messages decoded: true durations, waveforms that follow the sound, and everything that is not one."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sampark.files import audio
from sampark.files.problems import CannotRead
from tests.files.sounds import SILENCE, TONE, WAYS, element, make, make_video, saved, tone, webm

QUIET_TONE_QUIET = [(SILENCE, 1.0, 0.0), (TONE, 1.0, 0.5), (SILENCE, 1.0, 0.0)]

TYPES = {
    "webm": "audio/webm",
    "mp4": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "adts": "audio/aac",
    "flac": "audio/flac",
}


@pytest.mark.parametrize("way", WAYS)
def test_duration_waveform_and_type_of_every_kind(way: str, tmp_path: Path) -> None:
    facts, blobs = audio.render(saved(tmp_path, make(way, QUIET_TONE_QUIET)))
    assert blobs == {}
    assert facts["duration"] == pytest.approx(3.0, abs=0.1)
    assert facts["container"] == way.partition("-")[0]
    assert facts["media_type"] == TYPES[facts["container"]]
    values = facts["waveform"]
    assert len(values) == 100
    assert all(value < 30 for value in values[:30] + values[70:])
    assert all(value > 220 for value in values[37:63])


def test_louder_is_higher_as_people_hear_it(tmp_path: Path) -> None:
    steps = [(TONE, 1.0, 0.8), (TONE, 1.0, 0.8 / 10**0.5), (TONE, 1.0, 0.08)]  # each 10 dB below the one before
    values = audio.render(saved(tmp_path, make("wav", steps)))[0]["waveform"]
    assert values[15] == 255
    assert values[50] == pytest.approx(255 / 2, abs=2)
    assert values[85] == pytest.approx(255 / 4, abs=2)


@pytest.mark.parametrize("loudness", [1.0, 0.1, 0.005])
def test_a_quiet_recording_shows_as_well_as_a_loud_one(loudness: float, tmp_path: Path) -> None:
    parts = [(SILENCE, 0.5, 0.0), (TONE, 0.5, loudness)]
    values = audio.render(saved(tmp_path, make("wav", parts)))[0]["waveform"]
    assert max(values[:45]) == 0
    assert min(values[55:]) > 240


@pytest.mark.parametrize("way", ["wav", "webm", "mp3", "mp4"])
def test_silence_stays_flat(way: str, tmp_path: Path) -> None:
    facts = audio.render(saved(tmp_path, make(way, [(SILENCE, 1.0, 0.0)])))[0]
    assert facts["waveform"] == [0] * 100


def test_noise_below_hearing_stays_flat(tmp_path: Path) -> None:
    facts = audio.render(saved(tmp_path, make("wav", [(TONE, 1.0, 0.001)])))[0]
    assert facts["waveform"] == [0] * 100


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_other_rates(rate: int, tmp_path: Path) -> None:
    facts = audio.render(saved(tmp_path, make("mp4", tone(1.7), rate=rate)))[0]
    assert facts["duration"] == pytest.approx(1.7, abs=0.1 if rate > 8000 else 0.2)


@pytest.mark.parametrize("way", ["webm", "webm-live", "mp4-fragmented", "ogg", "wav"])
def test_what_was_cut_off_is_as_long_as_what_is_left(way: str, tmp_path: Path) -> None:
    body = make(way, tone(4))
    facts = audio.render(saved(tmp_path, body[: len(body) // 2]))[0]
    assert 1.5 < facts["duration"] < 2.5


# Hostile case 9 of the project's list.


def refusal(folder: Path, body: bytes, **limits: float) -> str:
    with pytest.raises(CannotRead) as caught:
        audio.render(saved(folder, body), **limits)
    return str(caught.value)


def test_a_day_claimed_by_the_header_is_not_believed(tmp_path: Path) -> None:
    body = bytearray(make("webm", tone(3)))
    at = body.index(b"\x44\x89\x88") + 3
    body[at : at + 8] = struct.pack(">d", 86_400_000.0)
    assert audio.render(saved(tmp_path, bytes(body)))[0]["duration"] == pytest.approx(3, abs=0.1)


def test_a_day_of_gaps_between_two_blocks_is_too_long(tmp_path: Path) -> None:
    assert refusal(tmp_path, webm([(0, b"\x78\xff\xfe"), (86_400_000, b"\x78\xff\xfe")])) == "too-long"


def test_gaps_that_make_minutes_out_of_seconds_are_wrong_times(tmp_path: Path) -> None:
    packets = [(time, b"\x78\xff\xfe") for time in range(0, 1000, 20)] + [(200_000, b"\x78\xff\xfe")]
    assert refusal(tmp_path, webm(packets)) == "wrong-times"


@pytest.mark.parametrize("way", ["webm", "webm-live", "mp4", "mp3", "wav"])
def test_too_long(way: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, make(way, tone(4)), most_seconds=2.5) == "too-long"


def test_a_sound_that_hides_its_length_is_stopped_while_it_is_decoded(tmp_path: Path) -> None:
    body = bytearray(make("flac", tone(4)))
    body[21:26] = bytes([body[21] & 0xF0, 0, 0, 0, 0])  # STREAMINFO: the number of samples is not known
    assert refusal(tmp_path, bytes(body), most_seconds=2.5) == "too-long"


def test_a_recorder_that_stopped_at_the_limit_is_let_pass(tmp_path: Path) -> None:
    assert audio.render(saved(tmp_path, make("webm", tone(2.9))), most_seconds=2.5)[0]["duration"] > 2.8


@pytest.mark.parametrize("way", ["webm", "wav", "mp4"])
def test_next_to_nothing_is_empty(way: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, make(way, [(TONE, 0.02, 0.5)])) == "empty"


def test_no_blocks_at_all_are_empty_or_damaged(tmp_path: Path) -> None:
    assert refusal(tmp_path, webm([])) in {"empty", "damaged"}


@pytest.mark.parametrize("form", ["webm", "mp4"])
@pytest.mark.parametrize("sound", [True, False])
def test_moving_pictures_are_no_voice(form: str, sound: bool, tmp_path: Path) -> None:
    body = make_video(form, "libvpx-vp9", sound=sound)
    assert refusal(tmp_path, body) == "has-video"


@pytest.mark.parametrize(
    "codec", [b"A_AC3", b"A_AAC/MPEG2/MAIN", b"A_TRUEHD", b"A_QUICKTIME/QDMC", b"A_REAL/COOK", b""]
)
def test_a_codec_that_browsers_do_not_play(codec: bytes, tmp_path: Path) -> None:
    body = webm([(time, b"\x78\xff\xfe") for time in range(0, 1000, 20)], codec=codec)
    assert refusal(tmp_path, body) in {"wrong-codec", "damaged"}


def test_one_codec_called_by_the_name_of_another(tmp_path: Path) -> None:
    packets = [(time, b"<script>alert(1)</script>" * 4) for time in range(0, 1000, 20)]
    assert refusal(tmp_path, webm(packets, codec=b"A_VORBIS")) == "damaged"
    assert refusal(tmp_path, webm(packets, codec=b"A_FLAC")) == "damaged"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>voice.webm</title><script>alert(1)</script>",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
    ],
)
def test_what_is_no_sound_is_never_shown_to_a_decoder(
    body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import av

    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("opened"))
    assert refusal(tmp_path, body) == "unknown-format"


def test_html_behind_the_beginning_of_a_webm(tmp_path: Path) -> None:
    body = element(0x1A45DFA3, element(0x4282, b"webm")) + b"<script>alert(1)</script>" * 50
    assert refusal(tmp_path, body) == "no-tracks"


def test_five_minutes_take_little_memory(tmp_path: Path) -> None:
    parts = [(TONE, 300.0, 0.3)]
    path = saved(tmp_path, make("webm", parts))
    script = (
        "import resource, sys, av\nfrom sampark.files import audio\naudio.render(sys.argv[2])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "facts, _ = audio.render(sys.argv[1])\n"
        "print(facts['duration'], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    short = saved(tmp_path, make("webm", tone(1)), "short")
    done = subprocess.run([sys.executable, "-c", script, path, short], capture_output=True, text=True, check=True)
    duration, kilobytes = done.stdout.split()
    assert float(duration) == pytest.approx(300, abs=0.1)
    assert int(kilobytes) < 8_000


def test_the_waveform_of_few_windows_is_stretched() -> None:
    assert audio.waveform([0.5, 0.0], 4) == [255, 255, 0, 0]
    assert audio.waveform([], 3) == [0, 0, 0]
    assert audio.waveform([math.ulp(1.0)] * 10, 2) == [0, 0]
