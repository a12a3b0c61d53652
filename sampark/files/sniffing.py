"""What the first bytes of a file say: magic numbers, with as much structure behind them as can be told without a decoder.

Kinds are named by their usual extension, as in `kinds`. ZIP and OLE files, which hold other kinds, are in `packages`.
"""

import re
import struct
from typing import BinaryIO

HEAD = 4096
"""Bytes that are enough to decide."""

_BEGINNINGS = tuple(
    (re.compile(pattern, re.DOTALL), extension)
    for pattern, extension in [
        (rb"\xff\xd8\xff[\xc0-\xfe]", "jpg"),
        (rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR.{8}", "png"),
        (rb"GIF8[79]a.{7}", "gif"),
        (rb"RIFF.{4}WEBPVP8[ LX]", "webp"),
        (rb"RIFF.{4}WAVE(?:fmt |JUNK|bext|LIST|fact)", "wav"),
        (rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}", "bmp"),
        (rb"fLaC[\0\x80]\0\0\x22", "flac"),
        # A first page with one packet, which names the codec (RFC 3533; RFC 7845; Vorbis I; Speex; Ogg FLAC).
        (rb"OggS\0[\x02\x06].{20}\x01.(?:OpusHead|\x01vorbis|Speex   |\x7fFLAC)", "ogg"),
        (rb"%PDF-[12]\.\d", "pdf"),
        (rb"7z\xbc\xaf\x27\x1c\0", "7z"),
        (rb"\xfd7zXZ\0\0[\0\x01\x04\x0a]", "xz"),
        (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bz2"),
        (rb"\x1f\x8b\x08[\0-\x1f]", "gz"),
        (rb"\x28\xb5\x2f\xfd", "zst"),
        # RFC 8794, section 11.2: the header's DocType. Matroska in general holds what browsers do not play.
        (rb"\x1a\x45\xdf\xa3.{0,120}?\x42\x82(?:\x84|\x40\x04|\x10\0\0\x04|\x01\0{6}\x04)webm", "webm"),
    ]
)


def sniff(file: BinaryIO, head: bytes) -> str | None:
    """The usual extension of the kind; None when nothing fits. `head` is the first `HEAD` bytes of the file."""
    for pattern, extension in _BEGINNINGS:
        if pattern.match(head):
            return extension
    return _iso_media(head) or _mp3(file, head) or _tiff(file, head) or _tar(head)


_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_MP4_BRANDS = {b"isom", b"mp41", b"mp42", b"mp71", b"avc1", b"dash", b"M4V ", b"MSNV", b"cmfc"}
_MP4_BRANDS |= {b"iso%d" % edition for edition in range(2, 10)}


def _iso_media(head: bytes) -> str | None:
    """ISO/IEC 14496-12, section 4.3: the first box names the brands that a reader may take the file for."""
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not 16 <= length <= min(1024, len(head)) or length % 4:
        return None
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, length, 4))}
    if major == b"qt  ":
        return "mov"
    if major in {b"mif1", b"msf1"}:
        return "avif" if brands & _AVIF_BRANDS else "heic" if brands & _HEIC_BRANDS else None
    if major in _AVIF_BRANDS | _HEIC_BRANDS:
        return "avif" if major in _AVIF_BRANDS else "heic"
    if major in {b"M4A ", b"M4B "}:
        return "m4a"
    return "mp4" if brands & _MP4_BRANDS else None


# kbit/s by index, of layer III: MPEG 1 (ISO/IEC 11172-3, 2.4.2.3), and MPEG 2 and 2.5 (ISO/IEC 13818-3).
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3(file: BinaryIO, head: bytes) -> str | None:
    """Two frames, one right behind the other, at the start or behind an ID3v2 tag (id3.org, section 3.1)."""
    start = 0
    if re.match(rb"ID3[\x02-\x04][^\xff][\0-\xff][\0-\x7f]{4}", head):
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte
        start = 10 + size + (10 if head[5] & 0x10 else 0)
    file.seek(start)
    data = file.read(HEAD)
    padding = len(data) - len(data.lstrip(b"\0")) if start else 0
    length = _frame(data[padding : padding + 4])
    file.seek(start + padding + length)
    following = file.read(4)
    return "mp3" if length and (not following or _frame(following)) else None


def _frame(header: bytes) -> int:
    """Bytes of the frame that begins so; 0 for what is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2 or header[1] & 0x18 == 0x08:
        return 0
    rate, frequency = header[2] >> 4, header[2] >> 2 & 3
    if not 0 < rate < 15 or frequency == 3:
        return 0
    version = header[1] >> 3 & 3
    hertz = (44100, 48000, 32000)[frequency] // {3: 1, 2: 2, 0: 4}[version]
    kbits = (_RATES_1 if version == 3 else _RATES_2)[rate]
    return (144 if version == 3 else 72) * kbits * 1000 // hertz + (header[2] >> 1 & 1)


def _tiff(file: BinaryIO, head: bytes) -> str | None:
    """TIFF 6.0, section 2: the first directory is where the header says, and its tags rise."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or len(head) < 8:
        return None
    file.seek(struct.unpack(f"{order}I", head[4:8])[0])
    start = file.read(26)
    if len(start) < 26:
        return None
    count, first, second = struct.unpack(f"{order}HH10xH10x", start)
    return "tiff" if 2 <= count <= 1000 and 254 <= first < second else None


def _tar(head: bytes) -> str | None:
    """POSIX.1, pax: the sum over the first header, its own field counted as spaces."""
    match = re.match(rb" *([0-7]{1,7})[ \0]", head[148:156])
    if head[257:262] != b"ustar" or match is None:
        return None
    return "tar" if sum(head[:148]) + 8 * 32 + sum(head[156:512]) == int(match[1], 8) else None
