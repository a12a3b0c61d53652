"""Pictures made safe and small. Runs in the workshop's process, never in the server.

What others see has been drawn anew from the pixels, or copied block by block after all of them could be drawn (`stripping`):
neither the place where it was taken nor anything else that was attached comes along.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import PIL.AvifImagePlugin
import PIL.GifImagePlugin
import PIL.MpoImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin  # noqa: F401 - all five are loaded before the fork, once
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from sampark.files import animations, stripping
from sampark.files.pixels import colour, is_plain, showable, shrunk, upright, webp, written
from sampark.files.problems import CannotRead

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
"""All that is ever opened: what browsers show. Pillow's other forty readers are never asked."""
MOST_PIXELS = 40_000_000
"""Of one picture: beyond every phone's usual setting; 160 MB in memory, see `picture_worker.MOST_MEMORY`."""
SMALL, LARGE = 360, 1280
"""Pixels of the longer side: in the list of messages on a dense screen, and alone on a page."""
MOST_CLEAN = 20 * 1024 * 1024
"""Bytes of the full-size picture: it passes through the server's memory. A larger one is made smaller."""
MOST_SIDE = 4096
"""Pixels of the longer side of a "clean" that had to be made smaller, or to be written as WebP: that takes 0.1 s a million."""
AVATARS = (48, 96, 256)
"""Pixels: beside a message, the same on a dense screen, on the profile's page."""

_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with others behind it, as many phones write; the first is the picture
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def render(path: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A picture for others to see.

    Facts: `width`, `height` (pixels, upright), `frames`, `duration_ms` (0 for a still), `colour` ("#rrggbb", for the time
    before it has loaded), `source` (media type of the file itself), `media_type` (that of "clean"), `thumbnail_type` (that of
    "small" and "large": WebP, or AVIF for what moves), `sizes` ({"small": [width, height], "large": …}). Blobs: "small" and "large"
    (the longer side at most `SMALL` and `LARGE`, moving if the picture does), "clean" (full size, or `MOST_SIDE` if it would
    be too many bytes), for animations also "still" (WebP, the first frame, as large as "small"). Errors: `CannotRead`.
    """
    with ExitStack() as stack:
        image = stack.enter_context(_opened(path))
        source = media_type = _MEDIA_TYPES[str(image.format)]
        frames, clean = animations.counted(image, source, path)
        if clean is not None:
            # Others may send the same clean bytes in another file: what is drawn of them must not depend on what was taken away.
            image = stack.enter_context(_opened(io.BytesIO(clean)))
        if frames > 1:
            return animations.render(image, source, frames, clean)
        picture = upright(image)
        if clean is None:
            media_type, clean = _clean(picture, image, source, path)
    large = shrunk(picture, LARGE)
    small = shrunk(large, SMALL)
    facts = {
        "width": picture.width,
        "height": picture.height,
        "frames": 1,
        "duration_ms": 0,
        "colour": colour(small),
        "source": source,
        "media_type": media_type,
        "thumbnail_type": "image/webp",
        "sizes": {"small": [*small.size], "large": [*large.size]},
    }
    return facts, {"small": webp(small), "large": webp(large), "clean": clean}


def avatar(
    path: str, *, x: float | None = None, y: float | None = None, side: float | None = None
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A square of a picture, in the sizes of `AVATARS`, as WebP; of an animation its first frame.

    `x`, `y`: the square's left and upper edge as fractions (0 to 1) of the upright picture's width and height; `side`: its side
    as a fraction of the shorter one. None: in the middle, as large as can be. A square that leaves the picture is moved into it.
    Facts: `colour`, `source`. Blobs: "48", "96", "256". Errors: `CannotRead`.
    """
    with _opened(path) as image:
        source = _MEDIA_TYPES[str(image.format)]
        picture = upright(image)
    square = showable(picture.crop(_square(picture.size, x, y, side)))
    largest = square.resize((AVATARS[-1],) * 2, Image.Resampling.LANCZOS, reducing_gap=2.0)
    faces = {str(size): largest.resize((size, size), Image.Resampling.LANCZOS) for size in AVATARS}
    return {"colour": colour(largest), "source": source}, {name: webp(face, 85) for name, face in faces.items()}


@contextmanager
def _opened(path: str | io.BytesIO) -> Iterator[Image.Image]:
    """The picture, its head read and within limits, its pixels not yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise CannotRead(_TOO_LARGE)
                yield image
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise CannotRead(_TOO_LARGE) from None
        except UnidentifiedImageError:
            raise CannotRead("no picture of a kind that browsers show") from None


_TOO_LARGE = f"more than {MOST_PIXELS // 1_000_000} million pixels"


def _clean(picture: Image.Image, image: Image.Image, source: str, path: str) -> tuple[str, bytes]:
    """Media type and bytes of the full-size picture."""
    if source == "image/jpeg":
        clean = _jpeg(picture, **_like(image, picture))
    elif source == "image/png" and is_plain(image):
        clean = stripping.png(Path(path).read_bytes())  # deflating a photograph anew takes many seconds
    elif source == "image/png" and picture.width * picture.height <= MOST_SIDE**2:
        clean = written(picture, "PNG", compress_level=3)
    elif source == "image/webp" and is_plain(image):
        clean = stripping.webp(Path(path).read_bytes())
    else:
        # An AVIF and a PNG that is large and not plain, too: written in their own format they take half a minute.
        source, clean = "image/webp", webp(shrunk(picture, MOST_SIDE), 90)
    if len(clean) > MOST_CLEAN:
        smaller = shrunk(picture, MOST_SIDE)
        source, clean = ("image/jpeg", _jpeg(smaller)) if smaller.mode == "RGB" else ("image/webp", webp(smaller))
    if len(clean) > MOST_CLEAN:
        raise CannotRead("grows too large")
    return source, clean


def _like(image: Image.Image, picture: Image.Image) -> dict[str, Any]:
    """The tables with which this JPEG was written: written with them again, it loses next to nothing and does not grow."""
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    if not tables or picture.mode != image.mode or max(map(max, tables.values())) > 255:
        return {"quality": 88}
    sampling = JpegImagePlugin.get_sampling(image) if image.mode == "RGB" else -1
    # Turned by a right angle, one that halves the width only would have to halve the height.
    return {"qtables": tables, "subsampling": sampling if sampling in {0, 2} else 0 if sampling == 1 else 2}


def _jpeg(picture: Image.Image, **options: Any) -> bytes:
    return written(
        picture if picture.mode in {"L", "RGB"} else picture.convert("RGB"), "JPEG", **(options or {"quality": 85})
    )


def _square(size: tuple[int, int], x: float | None, y: float | None, side: float | None) -> tuple[int, int, int, int]:
    shorter = min(size)
    length = max(1, min(shorter, round(shorter * _fraction(side, 1.0))))
    left, top = (
        max(0, min(whole - length, (whole - length) // 2 if edge is None else round(whole * _fraction(edge, 0.0))))
        for whole, edge in zip(size, (x, y), strict=True)
    )
    return left, top, left + length, top + length


def _fraction(value: float | None, default: float) -> float:
    """Within 0 to 1, whatever a form has sent; NaN is nothing that compares."""
    return max(0.0, min(1.0, value)) if value is not None and value == value else default
