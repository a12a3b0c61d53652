"""Pictures without anything else: the container is read block by block, and only the blocks that draw are kept.

Nothing is encoded anew, so the pictures stay as they were and it costs a copy. What stands behind the end is dropped, too.
Errors: `CannotRead` for a file that is cut off or breaks the rules of its format.
"""

import io
import mmap
import re
import struct
from pathlib import Path

from sampark.files.problems import CannotRead

MOST_BYTES = 16_000_000
"""Of a picture that is taken apart because it could not be drawn: it is in memory twice meanwhile."""
MOST_FRAMES = 1_000
"""About a minute at 15 frames a second. A file with more costs its readers more than it shows them."""


def gif(data: bytes) -> tuple[bytes, int]:
    """A GIF without comments, texts and application blocks but the one that says how often to repeat; its number of frames.

    Source: GIF89a specification, sections 18 to 27; NETSCAPE2.0 is described in the HTML of its time only.
    """
    if data[:6] not in {b"GIF87a", b"GIF89a"} or len(data) < 13:
        raise CannotRead("no GIF")
    place = 13 + _colours(data[10])
    kept, frames = [data[:place]], 0
    while (kind := data[place : place + 1]) != b";":
        if kind == b",":
            frames += 1
            if frames > MOST_FRAMES:
                raise CannotRead(f"more than {MOST_FRAMES} frames")
            end = _sub_blocks(data, place + 10 + _colours(_byte(data, place + 9)) + 1)
            kept.append(data[place:end])
        elif kind == b"!":
            end = _sub_blocks(data, place + 2)
            if _draws(data[place : place + 19]):
                kept.append(data[place:end])
        else:
            raise CannotRead("GIF is cut off" if not kind else "GIF with an unknown block")
        place = end
    return b"".join([*kept, b";"]), frames


def _colours(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _byte(data: bytes, place: int) -> int:
    if place >= len(data):
        raise CannotRead("GIF is cut off")
    return data[place]


def _sub_blocks(data: bytes, place: int) -> int:
    """Where they end."""
    while size := _byte(data, place):
        place += size + 1
    return place + 1


def _draws(extension: bytes) -> bool:
    """A graphic control block of the one size there is, or the repetition's."""
    if extension[1:3] == b"\xf9\x04":
        return extension[7:8] == b"\0"
    return extension[1:14] == b"\xff\x0bNETSCAPE2.0" and extension[14:16] == b"\x03\x01" and extension[18:19] == b"\0"


_WEBP_CHUNKS = {b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"}
_WEBP_METADATA = 0x20 | 0x08 | 0x04
"""Flags of VP8X: an ICC profile, EXIF, XMP follow."""


def webp(data: bytes) -> bytes:
    """A WebP without profile, EXIF, XMP and unknown chunks, also inside its frames. Source: RFC 9649, section 2."""
    size = int.from_bytes(data[4:8], "little") + 8
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or size > len(data):
        raise CannotRead("no WebP, or cut off")
    body = b"WEBP" + _riff(data[12:size], _WEBP_CHUNKS)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff(data: bytes, names: set[bytes]) -> bytes:
    kept, place = [], 0
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        content = data[place + 8 : place + 8 + size]
        if len(content) < size:
            raise CannotRead("WebP is cut off")
        place += 8 + size + size % 2
        if name not in names:
            continue
        if name == b"VP8X" and content:
            content = bytes([content[0] & ~_WEBP_METADATA]) + content[1:]
        elif name == b"ANMF":
            content = content[:16] + _riff(content[16:], {b"ALPH", b"VP8 ", b"VP8L"})
        kept.append(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2))
    return b"".join(kept)


_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"}


def png(data: bytes) -> bytes:
    """A PNG without texts, time, EXIF, profile and private chunks. Source: PNG specification, third edition, section 5."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise CannotRead("no PNG")
    kept, place, name = [data[:8]], 8, b""
    while name != b"IEND":
        size, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + size
        if end > len(data) or len(name) < 4:
            raise CannotRead("PNG is cut off")
        if name in _PNG_CHUNKS:
            kept.append(data[place:end])
        place = end
    return b"".join(kept)


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In a picture's own data 0xFF is followed by a zero, a restart marker, or another 0xFF that fills up."""
_SEGMENTS = {*range(0xC0, 0xFF)} - {*range(0xD0, 0xDA)}
_DRAW = {*range(0xC0, 0xE1), 0xEE} & _SEGMENTS
_SCAN = 0xDA


def jpeg(path: Path) -> bytes:
    """A JPEG that could not be drawn, up to its own end, without the segments that tell about camera, place and author.

    Kept are APP0 (JFIF) and APP14 (how its colours are meant). What phones put behind the end, a second picture or a film, says where
    it was taken, too. Source: ITU-T T.81, annex B; segments may also stand between the scans of a progressive one.
    """
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        # It may have 50 MB, and is in memory once.
        bare, place, kind, has_scan = io.BytesIO(data[:2]), 2, 0, False
        bare.seek(2)
        while marker := _MARKER.search(data, place):
            if kind == _SCAN:
                bare.write(view[place : marker.start()])
            kind = data[marker.start() + 1]
            if kind not in _SEGMENTS:  # its end, or that of what makes sense
                break
            place = marker.start() + 2 + int.from_bytes(data[marker.start() + 2 : marker.start() + 4], "big")
            if kind in _DRAW:
                bare.write(view[marker.start() : place])
            has_scan = has_scan or kind == _SCAN
        else:
            if kind == _SCAN:
                bare.write(view[place:])
        if not has_scan:
            raise CannotRead("no JPEG that can be taken apart")
        bare.write(b"\xff\xd9")
        return bare.getvalue()


_SIGNS = (
    b"Exif\0",
    b"eXIf",
    b"EXIF",
    b"XMP ",
    b"xmpmeta",
    b"rdf+xml",
    b"XML:com.adobe.xmp",
    b"Raw profile type",
    b"\xa9xyz",
)
"""What the places are called in which pictures of any format, and films behind them, hold what tells of them."""
_LONG_SIGNS = tuple(sign for sign in _SIGNS if len(sign) > 4)
"""Four bytes are no sign in compressed data, of which a large picture holds them by chance."""


def undrawn(path: Path, media_type: str) -> bytes | None:
    """A picture that could not be drawn anew, without what it tells of itself. None if it cannot be taken apart."""
    try:
        if media_type == "image/jpeg":
            return jpeg(path)
        if path.stat().st_size > MOST_BYTES:
            return None
        match media_type:
            case "image/png":
                return png(path.read_bytes())
            case "image/webp":
                return webp(path.read_bytes())
            case "image/gif":
                return gif(path.read_bytes())[0]
    except CannotRead:
        pass
    return None


def tells(path: Path) -> bool:
    """Whether a picture's bytes may say where it was taken."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(sign) >= 0 for sign in _SIGNS)


def still_tells(bare: bytes) -> bool:
    """The same of what `undrawn` has left of one: where it held on to too much."""
    return any(sign in bare for sign in _LONG_SIGNS)
