"""Sounds made for tests: tones and silence, in every container and codec that voice messages come in."""

from __future__ import annotations

import array
import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av

RATE = 48_000
TONE, SILENCE = 440.0, 0.0

Part = tuple[float, float, float]
"""Hertz (0: silence), seconds, loudness (1.0 is full scale)."""

WAYS: dict[str, tuple[str, str, dict[str, str]]] = {
    "webm": ("webm", "libopus", {}),
    "webm-live": ("webm", "libopus", {"live": "1"}),
    "webm-vorbis": ("webm", "vorbis", {}),
    "mp4": ("mp4", "aac", {}),
    "mp4-fragmented": (
        "mp4",
        "aac",
        {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "200000"},
    ),
    "mp4-opus": ("mp4", "libopus", {}),
    "ogg": ("ogg", "libopus", {}),
    "ogg-flac": ("ogg", "flac", {}),
    "wav": ("wav", "pcm_s16le", {}),
    "mp3": ("mp3", "libmp3lame", {}),
    "mp3-bare": ("mp3", "libmp3lame", {"write_xing": "0", "id3v2_version": "0"}),
    "adts": ("adts", "aac", {}),
    "flac": ("flac", "flac", {}),
}
"""FFmpeg's container, encoder and options for each kind of file."""


def samples(parts: Iterable[Part], rate: int = RATE) -> array.array[int]:
    sound = array.array("h")
    for hertz, seconds, loudness in parts:
        turn, peak = 2 * math.pi * hertz / rate, 32767 * loudness
        # Whole numbers of hertz: one second is like the next.
        second = array.array("h", (int(peak * math.sin(turn * at)) for at in range(rate)))
        length = round(seconds * rate)
        sound.extend((second * (length // rate + 1))[:length])
    return sound


def tone(seconds: float, loudness: float = 0.5) -> list[Part]:
    return [(TONE, seconds, loudness)]


def make(way: str, parts: Iterable[Part], *, rate: int = RATE) -> bytes:
    """A file of that kind, mono."""
    form, codec, options = WAYS[way]
    sound = samples(parts, rate)
    out = io.BytesIO()
    # A live file is one whose writer cannot go back.
    target: Any = OneWay() if way == "webm-live" else out
    with av.open(target, "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        if codec == "vorbis":
            stream.codec_context.options = {"strict": "experimental"}
            stream.codec_context.layout = "stereo"
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=stream.codec_context.layout, rate=rate)
        for at in range(0, len(sound), 960):
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound[at : at + 960]))
            frame.planes[0].update(sound[at : at + 960].tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
            frame.sample_rate, frame.pts = rate, at
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return target.body if isinstance(target, OneWay) else out.getvalue()


class OneWay:
    """A file that can only be written on."""

    def __init__(self) -> None:
        self.body = b""

    def write(self, piece: bytes) -> int:
        self.body += piece
        return len(piece)


def make_video(form: str = "webm", codec: str = "libvpx", *, sound: bool = True) -> bytes:
    """Half a second of moving picture, with or without sound."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        picture = container.add_stream(codec, rate=10, width=64, height=64, pix_fmt="yuv420p")
        heard = container.add_stream("libopus", rate=RATE, layout="mono") if sound else None
        for _ in range(5):
            container.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(picture.encode(None))
        if heard is not None:
            for at in range(0, RATE // 2, 960):
                frame = av.AudioFrame(format="s16", layout="mono", samples=960)
                frame.planes[0].update(bytes(frame.planes[0].buffer_size))
                frame.sample_rate, frame.pts = RATE, at
                container.mux(heard.encode(frame))
            container.mux(heard.encode(None))
    return out.getvalue()


def saved(folder: Path, body: bytes, name: str = "sound") -> str:
    path = folder / name
    path.write_bytes(body)
    return str(path)


# EBML by hand (RFC 8794): what no encoder would write.


def size(value: int) -> bytes:
    return (value | 1 << 56).to_bytes(8, "big")


UNKNOWN = b"\x01" + b"\xff" * 7


def element(name: int, *body: bytes, claims: bytes | None = None) -> bytes:
    content = b"".join(body)
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (claims or size(len(content))) + content


def number(name: int, value: int) -> bytes:
    return element(name, value.to_bytes(8, "big"))


def webm(blocks: Iterable[tuple[int, bytes]], *, codec: bytes = b"A_OPUS", header: bytes = b"", kind: int = 2) -> bytes:
    """`blocks`: milliseconds and packet of each, in a cluster of its own without a size; `header`: more in the Info element."""
    track = element(0xAE, number(0xD7, 1), number(0x83, kind), element(0x86, codec))
    clusters = b"".join(
        element(0x1F43B675, number(0xE7, time), element(0xA3, b"\x81\0\0\x80", packet), claims=UNKNOWN)
        for time, packet in blocks
    )
    info = element(0x1549A966, number(0x2AD7B1, 1_000_000), header)
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(
        0x18538067, info, element(0x1654AE6B, track), clusters, claims=UNKNOWN
    )


def box(name: bytes, *body: bytes, claims: int | None = None) -> bytes:
    """ISO/IEC 14496-12, section 4.2."""
    content = b"".join(body)
    return (len(content) + 8 if claims is None else claims).to_bytes(4, "big") + name + content
