"""Formats that only hold sound and say little about themselves: WAV, FLAC, MP3, ADTS. What is there is counted."""

from collections.abc import Callable

from sampark.files.media_source import Media, Source, TooManySteps, Track
from sampark.files.problems import CannotRead

_MOST_JUNK = 64 * 1024
"""Bytes passed over in search of the next frame of an MP3 or ADTS file."""


# WAV: "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), with RF64's and recorders' unset sizes.

_WAV_CODECS = {1: "pcm", 3: "pcm", 6: "alaw", 7: "mulaw", 0x55: "mp3"}
_EXTENSIBLE = 0xFFFE


def read_wav(source: Source) -> Media:
    at, codec, rate = 12, "", 0
    while at + 8 <= source.size:
        source.step()
        name, size = source.read(at, 4), int.from_bytes(source.read(at + 4, 4), "little")
        if name == b"fmt ":
            codec, rate = _wav_format(source.read(at + 8, min(size, 40)))
        if name == b"data":
            there = min(size or source.size, source.size - at - 8)
            return Media("wav", [Track("audio", codec)], there / rate if rate else 0.0)
        at += 8 + size + size % 2
    raise CannotRead("damaged")


def _wav_format(chunk: bytes) -> tuple[str, int]:
    """The codec, and bytes a second: of PCM from the size of its samples, which decides what a player does."""
    places = ((0, 2), (4, 4), (8, 4), (12, 2), (24, 2))
    tag, samples, rate, block, subformat = (int.from_bytes(chunk[at : at + size], "little") for at, size in places)
    codec = _WAV_CODECS.get(subformat if tag == _EXTENSIBLE else tag, f"wav-{tag:x}")
    return codec, samples * block if codec == "pcm" else rate


# FLAC: RFC 9639, section 8.2. How many samples there are stands in the head alone; whoever decodes them checks it.


def read_flac(source: Source, at: int = 0) -> Media:
    info = source.read(at + 8, 18)
    packed = int.from_bytes(info[10:18], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    if source.number(at + 4, 1) & 0x7F != 0 or len(info) < 18 or rate == 0:
        raise CannotRead("damaged")
    return Media("flac", [Track("audio", "flac")], samples / rate if samples else None)


# MP3: ISO/IEC 11172-3, section 2.4.2.3, and 13818-3 for the lower rates; ADTS: ISO/IEC 13818-7, section 6.2.

_MPEG1_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES = (44100, 48000, 32000)
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)

Frame = tuple[int, float]
"""Bytes and seconds."""


def mp3_frame(head: bytes) -> Frame | None:
    """The frame of layer III that starts so (4 bytes); None if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bits in {0, 15} or rate == 3:
        return None
    hertz = _MPEG_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    samples = 1152 if version == 3 else 576
    kbits = (_MPEG1_KBITS if version == 3 else _MPEG2_KBITS)[bits]
    return samples // 8 * kbits * 1000 // hertz + (head[2] >> 1 & 1), samples / hertz


def adts_frame(head: bytes) -> Frame | None:
    """The frame of AAC that starts so (7 bytes); None if none does."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or (rate := head[2] >> 2 & 15) >= len(_AAC_RATES):
        return None
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return (size, 1024 * ((head[6] & 3) + 1) / _AAC_RATES[rate]) if size > 7 else None


def read_frames(source: Source) -> Media:
    """MP3 or ADTS, behind an ID3 tag if there is one (id3.org, "ID3 tag version 2.4.0", section 3.1)."""
    start = 0
    if source.read(0, 3) == b"ID3":
        size = source.read(6, 4)
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=False))
    if source.read(start, 4) == b"fLaC":
        return read_flac(source, start)
    for container, codec, frame in (("adts", "aac", adts_frame), ("mp3", "mp3", mp3_frame)):
        at = _next_frame(source, start, frame)
        if at is not None:
            return Media(container, [Track("audio", codec)], _sum(source, at, frame))
    raise CannotRead("unknown-format")


def _next_frame(source: Source, start: int, frame: Callable[[bytes], Frame | None]) -> int | None:
    """Where the next frame begins that another one, or the end, follows: two bytes alike occur by chance."""
    junk = source.read(start, _MOST_JUNK)
    at = junk.find(b"\xff")
    while at >= 0:
        source.step()
        found = frame(source.read(start + at, 7))
        if found and (frame(source.read(start + at + found[0], 7)) or start + at + found[0] == source.size):
            return start + at
        at = junk.find(b"\xff", at + 1)
    return None


def _sum(source: Source, at: int, frame: Callable[[bytes], Frame | None]) -> float | None:
    try:
        return _seconds(source, at, frame)
    except TooManySteps:
        return None


def _seconds(source: Source, at: int, frame: Callable[[bytes], Frame | None]) -> float:
    seconds = 0.0
    if frame is mp3_frame and _is_index(source.read(at, 200)):
        at += (mp3_frame(source.read(at, 4)) or (0, 0))[0]
    while at < source.size:
        source.step()
        found = frame(source.read(at, 7))
        if found:
            seconds += found[1]
            at += found[0]
        elif source.read(at, 3) == b"TAG" or (again := _next_frame(source, at + 1, frame)) is None:
            break
        else:
            at = again
    return seconds


def _is_index(frame: bytes) -> bool:
    """A first frame without sound, which says how many others there are (the Xing header)."""
    return any(frame.startswith((b"Xing", b"Info"), at) for at in (13, 21, 36))
