"""What stands in the circle of somebody without a picture: one or two signs of the name, on a colour of one's own."""

import math
import unicodedata
import zlib
from collections.abc import Iterator

from sampark.text.graphemes import clusters, is_sign

_LONGEST = 200
"""Characters of a name that are looked at."""
_JOINER_OFF = "\u200c"


def initials(display_name: str, username: str) -> str:
    """The first sign of the first word and that of the last, in capitals where the script has them; "?" if there is none.

    A sign is what a reader counts as one: `श्री राम` gives `श्रीरा`. One that is as wide as it is high (李, 한, 👩‍🚀) stands alone.
    """
    signs = [*_first_signs(display_name[:_LONGEST])] or [*_first_signs(username[:_LONGEST])]
    if not signs:
        return "?"
    first, last = signs[0], signs[-1]
    if len(signs) == 1 or _is_wide(first) or _is_wide(last):
        return first
    # Side by side, two Arabic letters would join into one shape, and a halant would draw the next letter under it.
    joins = unicodedata.bidirectional(last[0]) == "AL" or unicodedata.combining(first[-1]) == 9
    return first + (_JOINER_OFF if joins else "") + last


def _first_signs(name: str) -> Iterator[str]:
    for word in unicodedata.normalize("NFC", name).split():
        for cluster in clusters(word):
            if is_sign(cluster):
                # Title case: ǆ gives ǅ, and Georgian, which writes no capitals in names, stays as it is.
                yield cluster[0].title()[:1] + cluster[1:]
                break


def _is_wide(sign: str) -> bool:
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in sign) or "\ufe0f" in sign


HUES = 24
"""Colours, 15 degrees apart; number n has the angle 15n in OKLCH."""


def hue(key: str) -> int:
    """The number of somebody's colour, 0 to 23: always the same for the same key (a user's id, or the name as `names.key` has it)."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % HUES


def _hex(lightness: float, chroma: float, angle: float) -> str:
    """An OKLCH colour in sRGB, as "#rrggbb". Source: CSS Color 4, section 9 and appendix "Sample code for color conversions"."""
    a, b = chroma * math.cos(math.radians(angle)), chroma * math.sin(math.radians(angle))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * min(1, max(0, _gamma(part)))):02x}" for part in linear)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


LIGHT = [(_hex(0.875, 0.075, 15 * n), _hex(0.37, 0.075, 15 * n)) for n in range(HUES)]
DARK = [(_hex(0.385, 0.075, 15 * n), _hex(0.915, 0.05, 15 * n)) for n in range(HUES)]
"""Background and text of each colour, for light and for dark pages; at least 4.5:1 (WCAG 2.2, 1.4.3)."""


def colour(key: str, *, dark: bool = False) -> tuple[str, str]:
    """Somebody's background and text, each "#rrggbb"."""
    return (DARK if dark else LIGHT)[hue(key)]
