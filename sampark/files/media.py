"""What is in a file of sound or moving pictures: container, tracks with their codecs, duration. Read from the bytes, in Python.

Nothing is decoded, little is read, and nothing that a header merely claims is believed where the file itself can be asked.
"""

from pathlib import Path
from typing import BinaryIO

from sampark.files import media_boxes, media_ebml, media_frames, media_ogg
from sampark.files.media_source import Media, Source, TooManySteps, Track
from sampark.files.problems import CannotRead

__all__ = ["CannotRead", "Media", "Source", "Track", "read", "read_from"]


def read(file: Path | BinaryIO) -> Media:
    """What a file, or an open seekable one, holds.

    Errors: `CannotRead` with `unknown-format`, `damaged`, `no-tracks` or `too-complex`. Whatever the bytes are, no other
    error comes from them, at most about as many of them are read as there are (twice for MP4 with its index at the end), and
    at most `media_source.MOST_STEPS` things in them are looked at.
    """
    if not isinstance(file, Path):
        return read_from(Source(file))
    with file.open("rb") as opened:
        return read_from(Source(opened))


def read_from(source: Source) -> Media:
    """The same, for whoever wants to know afterwards what it took."""
    try:
        media = _read(source)
    except TooManySteps:
        raise CannotRead("too-complex") from None
    if not media.tracks:
        raise CannotRead("no-tracks")
    return media


def _read(source: Source) -> Media:
    head = source.read(0, 12)
    if head.startswith(media_ebml.MAGIC):
        return media_ebml.read(source)
    if media_boxes.is_start(head):
        return media_boxes.read(source)
    if head.startswith(media_ogg.MAGIC):
        return media_ogg.read(source)
    if head[:4] in {b"RIFF", b"RF64"} and head[8:] == b"WAVE":
        return media_frames.read_wav(source)
    if head.startswith(b"fLaC"):
        return media_frames.read_flac(source)
    return media_frames.read_frames(source)
