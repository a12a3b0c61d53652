"""What is done to pixels, the same for stills and moving pictures. A part of `images`, in the same process."""

import io
from collections import Counter
from typing import Any

from PIL import Image, ImageCms

from sampark.files.problems import CannotRead

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture of this orientation upright. Source: Exif 2.32, tag 0x0112."""
_ORIENTATION = 0x0112

_SRGB = ImageCms.createProfile("sRGB")


def upright(image: Image.Image) -> Image.Image:
    """The picture as it is to be seen, and nothing else: turned upright, in sRGB, 8 bits a channel, nothing attached."""
    image.load()
    turn, profile, transparency = _turn(image), _profile(image), image.info.get("transparency")
    picture = _in_srgb(_eight_bits(image.transpose(turn) if turn is not None else image), profile)
    if picture is image:
        picture = image.copy()
    picture.info = {"transparency": transparency} if transparency is not None and picture.mode == image.mode else {}
    return picture


def is_plain(image: Image.Image) -> bool:
    """Whether a picture looks right without anything that is attached to it."""
    return _turn(image) is None and _profile(image) is None


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(int(image.getexif().get(_ORIENTATION, 1)))
    except MemoryError:
        raise
    except Exception:  # broken metadata does not make a broken picture
        return None


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The colour profile; None if it is that of every screen (sRGB), or makes no sense."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        return None if "sRGB" in ImageCms.getProfileDescription(profile) else profile
    except (KeyError, TypeError, ImageCms.PyCMSError, OSError, ValueError):
        return None


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value / 257).convert("L")
    return image.convert("RGBA") if image.mode in {"PA", "La", "RGBa"} else image


def _in_srgb(picture: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    if profile is not None and picture.mode != "1":
        direct = showable(picture) if picture.mode in {"P", "LA"} else picture
        try:
            target = "RGBA" if direct.mode == "RGBA" else "RGB"
            return ImageCms.profileToProfile(direct, profile, _SRGB, outputMode=target) or picture
        except (ImageCms.PyCMSError, ValueError):
            pass  # a profile for other channels than the picture's
    return picture if picture.mode in {"1", "L", "LA", "P", "RGB", "RGBA"} else picture.convert("RGB")


def shrunk(picture: Image.Image, side: int) -> Image.Image:
    """So that neither side is longer than `side`; never larger than it was."""
    scale = min(1, side / max(picture.size))
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return showable(picture).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def showable(picture: Image.Image) -> Image.Image:
    """In RGB, or in RGBA if something shows through."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode == mode:
        return picture
    shown = picture.convert(mode)
    shown.info = {}
    return shown


def colour(picture: Image.Image) -> str:
    """The colour that takes most of a picture (RGB or RGBA), as "#rrggbb"; grey for one that shows nothing."""
    pixels = [*picture.convert("RGBA").resize((32, 32), Image.Resampling.BOX).get_flattened_data()]
    seen = [(red, green, blue) for red, green, blue, alpha in pixels if alpha > 127]
    groups = Counter((red // 32, green // 32, blue // 32) for red, green, blue in seen)
    if not groups:
        return "#808080"
    ((most, count),) = groups.most_common(1)
    members = [pixel for pixel in seen if tuple(part // 32 for part in pixel) == most]
    return "#" + "".join(f"{sum(parts) // count:02x}" for parts in zip(*members, strict=True))


def webp(picture: Image.Image, quality: int = 80) -> bytes:
    if max(picture.size) > 16383:  # RFC 9649, section 1
        raise CannotRead("a side of more than 16383 pixels")
    # Method 2 of 6: measured as small as the default, in a sixth of its time on noisy photographs.
    return written(showable(picture), "WEBP", quality=quality, method=2)


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
