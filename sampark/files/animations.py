"""Moving pictures: GIF, animated WebP, PNG and AVIF. A part of `images`, in the same process."""

from pathlib import Path
from typing import Any

from PIL import Image

from sampark.files import stripping
from sampark.files.pixels import colour, shrunk, webp, written
from sampark.files.problems import CannotRead

MOST_DRAWN = 300_000_000
"""Pixels × frames: 640×480 for a thousand frames. Each one has to be drawn, since later ones build on it."""
MOST_KEPT = 60
"""Frames of a thumbnail: five seconds at 12 a second look the same, and each one costs its readers some kilobytes."""
SMALL, LARGE = 360, 640
"""Pixels of the longer side. Few animations are larger, and those show themselves in full."""
MOST_CLEAN = 20 * 1024 * 1024
"""Bytes of the full-size animation, which passes through the server's memory. A larger one is replaced by the large thumbnail."""
_FASTEST, _USUAL = 10, 100
"""Milliseconds: browsers show a frame that is to last 10 or less for 100, as the first ones did."""

Clean = bytes | None


def counted(image: Image.Image, source: str, path: str) -> tuple[int, Clean]:
    """Frames of a picture of media type `source`, opened but not loaded; if it is a GIF or moves, the file stripped bare.

    None: it has to be drawn anew. Errors: `CannotRead` for too many.
    """
    if source == "image/gif":  # counted by us: Pillow would walk through millions of them first
        clean, frames = stripping.gif(Path(path).read_bytes())
        return frames, clean
    frames = 1 if source == "image/jpeg" else getattr(image, "n_frames", 1)
    if frames > stripping.MOST_FRAMES:
        raise CannotRead(f"more than {stripping.MOST_FRAMES} frames")
    if frames > 1 and source == "image/webp":
        return frames, stripping.webp(Path(path).read_bytes())
    if frames > 1 and source == "image/png":
        return frames, stripping.png(Path(path).read_bytes())
    return frames, None


def render(image: Image.Image, source: str, frames: int, clean: Clean) -> tuple[dict[str, Any], dict[str, bytes]]:
    """As `images.render`, with what `counted` has found."""
    if image.width * image.height * frames > MOST_DRAWN:
        raise CannotRead("too many pixels in all frames")
    width, height = image.size
    loop = int(image.info.get("loop", 1 if source == "image/gif" else 0))
    larges, durations = _drawn(image, frames)
    smalls = [shrunk(frame, SMALL) for frame in larges]
    large = _moving(larges, durations, loop)
    small = large if smalls[0].size == larges[0].size else _moving(smalls, durations, loop)
    media_type, thumbnail_type = source, "image/webp" if loop else "image/avif"
    if clean is None or len(clean) > MOST_CLEAN:
        media_type, clean = thumbnail_type, large
    facts = {
        "width": width,
        "height": height,
        "frames": frames,
        "duration_ms": sum(durations),
        "colour": colour(smalls[0]),
        "source": source,
        "media_type": media_type,
        "thumbnail_type": thumbnail_type,
        "sizes": {"small": [*smalls[0].size], "large": [*larges[0].size]},
    }
    return facts, {"small": small, "large": large, "clean": clean, "still": webp(smalls[0])}


def _drawn(image: Image.Image, frames: int) -> tuple[list[Image.Image], list[int]]:
    """At most `MOST_KEPT` frames, evenly taken and shrunk, and how long each one shows in ms: as long as those it stands for."""
    size = image.size
    count = min(frames, MOST_KEPT)
    wanted = {number * frames // count for number in range(count)}
    kept: list[Image.Image] = []
    durations: list[int] = []
    for number in range(frames):
        image.seek(number)
        image.load()
        if number in wanted:
            # A GIF's frame may reach beyond its canvas, which then grows.
            whole = image if image.size == size else image.crop((0, 0, *size))
            kept.append(shrunk(whole.convert("RGBA"), LARGE))
            durations.append(0)
        shown = int(image.info.get("duration", 0))
        durations[-1] += shown if shown > _FASTEST else _USUAL
    return kept, durations


def _moving(frames: list[Image.Image], durations: list[int], loop: int) -> bytes:
    """AVIF came out at 0.1 to 0.9 of WebP's size, in up to twice its time; but Pillow writes no number of repetitions there."""
    if loop == 0:
        return written(
            frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=durations, quality=55, speed=9
        )
    return written(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=loop, quality=70, method=2
    )
