"""The colours of `static/css/10-palette.css` as numbers: what each is, and how well one reads on another."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

Colour = tuple[float, float, float]
"""Lightness, chroma and hue in OKLCH."""

_RULE = re.compile(r"--([a-z-]+): (?:light-dark\((oklch\([^()]*\)), (oklch\([^()]*\))\)|(oklch\([^()]*\)));")
_MORE = "@media (prefers-contrast: more)"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours by name, on light and on dark."""

    light: dict[str, Colour]
    dark: dict[str, Colour]


def read(path: Path) -> tuple[Palette, Palette]:
    """As they usually are, and for whoever prefers more contrast. Colours that are not quite opaque are left out."""
    usual, _, more = path.read_text().partition(_MORE)
    plain = _colours(usual)
    strong = _colours(more)
    return plain, Palette({**plain.light, **strong.light}, {**plain.dark, **strong.dark})


def _colours(css: str) -> Palette:
    light, dark = {}, {}
    for name, on_light, on_dark, on_both in _RULE.findall(css):
        light[name] = _parsed(on_light or on_both)
        dark[name] = _parsed(on_dark or on_both)
    return Palette(light, dark)


def _parsed(text: str) -> Colour:
    lightness, chroma, hue = (float(part) for part in text.removeprefix("oklch(").removesuffix(")").split())
    return lightness, chroma, hue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21, as WCAG 2.2 counts it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour: Colour) -> tuple[float, float, float]:
    """Linear sRGB, cut off where a screen of that kind ends (CSS Color 4, sections 9.3 and 20)."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return min(1.0, max(0.0, red)), min(1.0, max(0.0, green)), min(1.0, max(0.0, blue))


TEXT = 4.5
EDGE = 3.0
TEXT_STRONG = 7.0
EDGE_STRONG = 4.5

_GROUNDS = ("paper", "sheet", "shade")
PAIRS: tuple[tuple[str, str, float, float], ...] = (
    *((letters, ground, TEXT, TEXT_STRONG) for letters in ("ink", "soft", "brand") for ground in _GROUNDS),
    *((letters, "sheet", TEXT, TEXT_STRONG) for letters in ("bad", "good")),
    *((letters, "mine-tint", TEXT, TEXT_STRONG) for letters in ("ink", "soft", "brand")),
    ("ink", "brand-tint", TEXT, TEXT_STRONG),
    ("ink", "glow", TEXT, TEXT),
    ("on-brand", "brand", TEXT, TEXT_STRONG),
    ("on-brand", "brand-over", TEXT, TEXT_STRONG),
    ("on-deck", "deck", TEXT, TEXT_STRONG),
    ("bad", "bad-tint", TEXT, TEXT_STRONG),
    ("good", "good-tint", TEXT, TEXT_STRONG),
    *((f"code-{part}", "code-ground", TEXT, TEXT_STRONG) for part in ("ink", *"ksmcfb")),
    ("bad", "code-ground", TEXT, TEXT_STRONG),
    ("edge", "sheet", EDGE, EDGE_STRONG),
    ("edge", "paper", EDGE, EDGE_STRONG),
    ("brand", "sheet", EDGE, EDGE_STRONG),
)
"""What stands on what in our style sheets, and the least contrast between the two: usually, and where more is preferred."""
