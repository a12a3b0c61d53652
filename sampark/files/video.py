"""What a video is like and a picture of it. Runs in the workshop's process, with PyAV, which is FFmpeg's libraries."""

import contextlib
import itertools
from fractions import Fraction
from typing import Any

import av
import av.logging
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from sampark.files.pixels import colour, webp
from sampark.files.problems import CannotRead

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
"""Readers of files only: none of FFmpeg's others, which follow lists to other files and hosts."""
CODECS = {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"}
"""What cameras and browsers write. The other hundreds of decoders are never asked."""
MOST_PIXELS = 8192 * 4320
"""Of one frame: what the largest cameras record."""
POSTER = 640
"""Pixels of the longer side."""
LONGEST_MS = 24 * 60 * 60 * 1000
_MOST_PACKETS = 300
"""Looked at for the first picture: ten seconds of a video that begins with broken ones."""

av.logging.set_level(av.logging.PANIC)


def render(path: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What a video is like, and a picture of it.

    Facts: `width`, `height` (pixels, as shown; 0 if there is nothing to see), `duration_ms` (None if the file does not say),
    `audio` and `video` (whether there is such a track), `colour` ("#rrggbb" of the poster, or None). Blob: "poster" (WebP, the
    longer side at most `POSTER`), if there is something to see. Errors: `CannotRead`.
    """
    try:
        with av.open(path, options={"format_whitelist": FORMATS, "protocol_whitelist": "file"}) as container:
            return _rendered(container)
    except (av.FFmpegError, ValueError, OverflowError, ZeroDivisionError) as fault:
        raise CannotRead(f"no video that can be read ({type(fault).__name__})") from None


def _rendered(container: InputContainer) -> tuple[dict[str, Any], dict[str, bytes]]:
    facts: dict[str, Any] = {
        "width": 0,
        "height": 0,
        "duration_ms": _duration(container),
        "audio": bool(container.streams.audio),
        "video": bool(container.streams.video),
        "colour": None,
    }
    if facts["video"]:
        frame = _frame(container, container.streams.video[0])
        facts["width"], facts["height"], poster = _shown(frame, container.streams.video[0])
        return facts | {"colour": colour(poster)}, {"poster": webp(poster)}
    if not facts["audio"]:
        raise CannotRead("neither picture nor sound")
    return facts, {}


def _duration(container: InputContainer) -> int | None:
    """What the file says; a recording that was sent while it was made does not."""
    lengths = [Fraction(container.duration, av.time_base)] if container.duration else []
    lengths += [track.duration * track.time_base for track in container.streams if track.duration and track.time_base]
    length = int(max(lengths, default=Fraction(0)) * 1000)
    return length if 0 < length <= LONGEST_MS else None


def _frame(container: InputContainer, track: VideoStream) -> VideoFrame:
    """One from a second in, since many videos begin in black; else the first that can be drawn."""
    context = track.codec_context
    if context is None or context.codec.canonical_name not in CODECS:  # None: FFmpeg knows no decoder either
        raise CannotRead("a codec that browsers do not know")
    if context.width * context.height > MOST_PIXELS:
        raise CannotRead("too many pixels")
    context.options = {"max_pixels": str(MOST_PIXELS)}  # a later frame may be larger than the head says
    context.thread_count = 1  # each thread keeps frames of its own in memory
    for place in (min(1_000_000, (container.duration or 0) // 2), 0):
        frame = _first(container, track, place)
        if frame is not None:
            return frame
    raise CannotRead("no frame can be drawn")


def _first(container: InputContainer, track: VideoStream, place: int) -> VideoFrame | None:
    """The first frame that can be drawn from `place` (µs) on."""
    try:
        container.seek(place)
        for packet in itertools.islice(container.demux(track), _MOST_PACKETS):
            with contextlib.suppress(av.InvalidDataError):
                for frame in packet.decode():
                    return frame
    except av.FFmpegError:
        return None  # it cannot be sought in, or ends here
    return None


def _shown(frame: VideoFrame, track: VideoStream) -> tuple[int, int, Image.Image]:
    """Width and height as shown, with square pixels and turned upright, and the poster."""
    ratio = track.sample_aspect_ratio or Fraction(1)
    width = round(frame.width * ratio) if Fraction(1, 8) <= ratio <= 8 else frame.width
    scale = min(1, POSTER / max(width, frame.height))
    small = frame.reformat(max(2, round(width * scale)), max(2, round(frame.height * scale)), "rgb24")
    poster: Image.Image = small.to_image()  # type: ignore[no-untyped-call]
    height, turn = frame.height, round(frame.rotation / 90) % 4
    if turn % 2:
        width, height = height, width
    return width, height, poster.rotate(turn * 90, expand=True)
