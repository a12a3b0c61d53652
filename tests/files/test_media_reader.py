"""What is in a file of sound or pictures: real ones of every kind, and those that lie about themselves."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from sampark.files import media
from sampark.files.media import CannotRead, Source, Track
from sampark.files.media_source import opus_seconds
from tests.files.sounds import WAYS, box, element, make, make_video, number, tone, webm

DAY = 24 * 3600.0
TWENTY_MS = b"\x78\xff\xfe"
"""An Opus packet of 20 ms of silence: TOC byte 0x78 is CELT, full band, one frame (RFC 6716, table 2)."""

CODECS = {"libopus": "opus", "pcm_s16le": "pcm", "libmp3lame": "mp3"}


def read(body: bytes) -> media.Media:
    return media.read(io.BytesIO(body))


@pytest.mark.parametrize("way", WAYS)
def test_container_codec_and_duration_of_every_kind(way: str) -> None:
    found = read(make(way, tone(2.5)))
    assert found.container == way.partition("-")[0]
    codec = WAYS[way][1]
    assert found.tracks == [Track("audio", CODECS.get(codec, codec))]
    assert found.is_audio_only
    assert found.duration == pytest.approx(2.5, abs=0.1)


def test_a_live_webm_says_no_duration_and_its_blocks_do() -> None:
    body = make("webm-live", tone(1.5))
    assert b"\x44\x89\x88" not in body  # the Duration element
    assert read(body).duration == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(
    ("form", "codec", "name"), [("webm", "libvpx", "vp8"), ("mp4", "libx264", "h264"), ("mov", "libx264", "h264")]
)
def test_moving_pictures_are_no_sound(form: str, codec: str, name: str) -> None:
    found = read(make_video(form, codec, sound=form != "mov"))
    assert Track("video", name) in found.tracks
    assert found.container == form
    assert not found.is_audio_only
    assert found.duration == pytest.approx(0.5, abs=0.15)


def test_a_path_is_read_like_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(make("ogg", tone(1)))
    assert media.read(path) == read(path.read_bytes())


@pytest.mark.parametrize(
    ("packet", "seconds"),
    [
        (b"", 0),
        (b"\x00", 0.01),  # SILK, narrow band, 10 ms
        (b"\x18", 0.06),
        (b"\x60", 0.01),  # hybrid
        (b"\x80", 0.0025),  # CELT
        (b"\x78", 0.02),
        (b"\x79", 0.04),  # two frames of one size
        (b"\x7b\x03", 0.06),  # as many as the second byte says
        (b"\x7b\x00", 0),
        (b"\x1b\xff", 0.12),  # more than a packet may hold
    ],
)
def test_an_opus_packet_says_how_long_it_lasts(packet: bytes, seconds: float) -> None:
    assert opus_seconds(packet) == pytest.approx(seconds)


# What lies.


def test_a_day_in_the_header_of_a_webm_is_not_believed() -> None:
    claim = element(0x4489, struct.pack(">d", DAY * 1000))
    body = webm([(time, TWENTY_MS) for time in range(0, 3000, 20)], header=claim)
    assert read(body).duration == pytest.approx(3.0)


def test_clusters_without_a_size_as_browsers_record_them() -> None:
    found = read(webm([(time, TWENTY_MS) for time in range(0, 1000, 20)]))
    assert (found.container, found.tracks) == ("webm", [Track("audio", "opus")])
    assert found.duration == pytest.approx(1.0)


def test_blocks_a_day_apart_are_a_day() -> None:
    assert read(webm([(0, TWENTY_MS), (86_400_000, TWENTY_MS)])).duration == pytest.approx(DAY, abs=0.1)


def test_a_sound_that_begins_late_lasts_no_longer() -> None:
    assert read(webm([(5_000_000 + time, TWENTY_MS) for time in range(0, 500, 20)])).duration == pytest.approx(0.5)


def test_what_is_thrown_away_at_the_end_does_not_count() -> None:
    group = element(
        0xA0, element(0xA1, b"\x81\0\0\0" + TWENTY_MS), number(0x9B, 86_400_000), number(0x75A2, 15_000_000)
    )
    body = webm([(0, TWENTY_MS)]) + element(0x1F43B675, number(0xE7, 20), group)
    assert read(body).duration == pytest.approx(0.025)


def test_what_a_decoder_throws_away_at_the_start_does_not_count() -> None:
    track = element(0xAE, number(0xD7, 1), number(0x83, 2), element(0x86, b"A_OPUS"), number(0x56AA, 15_000_000))
    head = element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x1654AE6B, track)
    cluster = element(0x1F43B675, number(0xE7, 0), element(0xA3, b"\x81\0\0\x80" + TWENTY_MS))
    assert read(head + cluster).duration == pytest.approx(0.005)


def test_a_day_in_the_headers_of_an_mp4_is_not_believed() -> None:
    body = bytearray(make("mp4", tone(1)))
    for name in (b"mvhd", b"mdhd", b"tkhd"):
        at = body.index(name) + (24 if name == b"tkhd" else 20)
        body[at : at + 4] = b"\x7f\xff\xff\xff"
    assert read(bytes(body)).duration == pytest.approx(1.0, abs=0.1)


def test_a_table_cannot_count_more_samples_than_there_are() -> None:
    body = bytearray(make("mp4", tone(1)))
    at = body.index(b"stts") + 12
    body[at : at + 4] = b"\xff\xff\xff\xff"
    assert (read(bytes(body)).duration or 0) == pytest.approx(1.0, abs=0.1)


def test_an_mp4_without_samples_lasts_no_time() -> None:
    trak = box(
        b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"soun"), box(b"mdhd", bytes(12), b"\0\0\0\1\xff\xff\xff\xff"))
    )
    assert read(box(b"ftyp", b"isom") + box(b"moov", trak)).duration == 0


def test_a_day_in_the_last_page_of_an_ogg_is_not_believed() -> None:
    body = bytearray(make("ogg", tone(1)))
    at = body.rindex(b"OggS") + 6
    body[at : at + 8] = int(DAY * 48_000).to_bytes(8, "little")
    assert read(bytes(body)).duration == pytest.approx(1.0, abs=0.1)


def test_links_of_an_ogg_sound_one_after_the_other() -> None:
    found = read(make("ogg", tone(1)) + make("ogg", tone(0.5)))
    assert found.duration == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("claim", [0, 0xFFFFFFFF])
def test_a_wav_whose_writer_did_not_know_how_long_it_gets(claim: int) -> None:
    body = bytearray(make("wav", tone(1)))
    at = body.index(b"data") + 4
    body[at : at + 4] = claim.to_bytes(4, "little")
    assert read(bytes(body)).duration == pytest.approx(1.0, abs=0.01)


def test_mp3_frames_behind_junk_and_before_a_tag() -> None:
    body = make("mp3-bare", tone(1))
    half = len(body) // 2
    found = read(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + body[:half] + bytes(500) + body[half:] + b"TAG" + bytes(125))
    assert found.duration == pytest.approx(1.0, abs=0.1)


# What is no sound at all, broken, or made to keep us busy.


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unknown-format"),
        (b"<!doctype html><script>alert(1)</script>", "unknown-format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "unknown-format"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "unknown-format"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "unknown-format"),
        (b"\xff" * 100_000, "unknown-format"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", "unknown-format"),
        (b"\x1a\x45\xdf\xa3", "unknown-format"),
        (element(0x1A45DFA3, element(0x4282, b"pizza")), "unknown-format"),
        (element(0x1A45DFA3, element(0x4282, b"webm")), "no-tracks"),
        (webm([(0, TWENTY_MS)], kind=17), "no-tracks"),
        (box(b"ftyp", b"isom"), "no-tracks"),
        (box(b"ftyp", b"avif") + box(b"moov", box(b"trak", box(b"hdlr", bytes(8), b"pict"))), "no-tracks"),
        (b"OggS" + bytes(23), "no-tracks"),
        (b"RIFF\0\0\0\0WAVE", "damaged"),
        (b"fLaC", "damaged"),
        (box(b"ftyp", b"isom") + box(b"trak") * 65, "too-complex"),
        (box(b"ftyp", b"isom") + box(b"free") * 300_000, "no-tracks"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(CannotRead, match=f"^{reason}$"):
        read(body)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 0xFFFFFFFF])
def test_boxes_whose_size_is_a_lie_end_the_reading(size: int) -> None:
    body = make("mp4", tone(0.2))
    source = Source(io.BytesIO(body + box(b"moof", bytes(64), claims=size) * 1000))
    assert media.read_from(source).duration == pytest.approx(0.2, abs=0.1)
    assert source.steps < 100


def test_a_box_of_64_bits() -> None:
    wide = (1).to_bytes(4, "big") + b"mdat" + (1 << 63).to_bytes(8, "big")
    assert read(make("mp4", tone(0.2)) + wide).duration == pytest.approx(0.2, abs=0.1)


def test_elements_within_elements_without_end_are_only_so_many_steps() -> None:
    body = (
        webm([(0, TWENTY_MS)])
        + element(0x1F43B675, claims=b"\xff") * 150_000
        + element(0x1F43B675, claims=b"\xff") * 150_000
    )
    source = Source(io.BytesIO(body))
    assert media.read_from(source).duration is None
    assert source.steps == 200_001


def test_an_hour_of_video_is_measured_by_its_first_and_last_cluster() -> None:
    blocks = element(0xA3, b"\x81\0\0\x80" + TWENTY_MS) * 1000
    clusters = b"".join(element(0x1F43B675, number(0xE7, time), blocks) for time in range(0, 3_600_000, 30_000))
    source = Source(io.BytesIO(webm([]) + clusters))
    assert media.read_from(source).duration == pytest.approx(3570.02)
    assert source.steps < 3000


@pytest.mark.parametrize("way", ["webm", "webm-live", "mp4-fragmented", "ogg", "mp3", "adts", "wav", "flac"])
def test_a_file_cut_anywhere_is_shorter_or_refused(way: str) -> None:
    body = make(way, tone(0.4))
    whole = read(body).duration or 0
    for end in range(0, len(body), 7):
        try:
            found = read(body[:end])
        except CannotRead:
            continue
        assert found.duration is None or found.duration <= whole + 0.03
