"""Draw the icons of the installed app, and the one of a tab with news, from the mark (static/icons/sampark.svg).

    python -m tools.draw_icons

It reads of SVG what the mark is made of: a rounded square, circles, and lines of straight strokes and half circles with round ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as xml

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
MARK = ICONS / "sampark.svg"
FINER = 8
"""Drawn so many times larger, then made small: that is what smooths the edges."""
SIDE = 64.0
NEWS = '<circle cx="50" cy="14" r="13" fill="#d3341f" stroke="#fdf8ec" stroke-width="3"/>'
_ARCH = re.compile(r"M([\d.]+) ([\d.]+)(?:v(-?[\d.]+))?a([\d.]+) [\d.]+ 0 0 1 [\d.]+ 0v(-?[\d.]+)")
"""From where it begins: up (if at all), over half a circle of this radius, down."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    """A square of `pixels`; the mark covers `share` of its side, in the middle."""

    image: Image.Image
    share: float

    @property
    def unit(self) -> float:
        return self.image.width * self.share / SIDE

    def place(self, x: float, y: float) -> Point:
        shift = self.image.width * (1 - self.share) / 2
        return shift + x * self.unit, shift + y * self.unit

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        left, top = self.place(x - radius, y - radius)
        right, bottom = self.place(x + radius, y + radius)
        ImageDraw.Draw(self.image).ellipse((left, top, right, bottom), fill=colour)

    def stroke(self, points: list[Point], width: float, colour: str) -> None:
        """A round pen along the points, which lie close together."""
        for x, y in points:
            self.disc(x, y, width / 2, colour)


def icon(pixels: int, *, share: float = 1.0, is_full: bool = False) -> Image.Image:
    """The mark at this size. `is_full`: its ground fills the whole square, which somebody else will cut."""
    mark = xml.fromstring(MARK.read_text())  # noqa: S314 - our own file
    rect = mark.find("{*}rect")
    assert rect is not None  # noqa: S101
    ground, large = rect.attrib["fill"], pixels * FINER
    image = Image.new("RGBA", (large, large), ground if is_full else "#0000")
    sheet = Sheet(image, share)
    if not is_full:
        radius = float(rect.attrib["rx"]) * sheet.unit
        ImageDraw.Draw(image).rounded_rectangle((0, 0, large - 1, large - 1), radius, fill=ground)
    group = mark.find("{*}g")
    assert group is not None  # noqa: S101
    for path in group.findall("{*}path"):
        sheet.stroke([*_points(path.attrib["d"])], float(group.attrib["stroke-width"]), group.attrib["stroke"])
    for circle in mark.findall("{*}circle"):
        x, y, radius = (float(circle.attrib[name]) for name in ("cx", "cy", "r"))
        sheet.disc(x, y, radius, circle.attrib["fill"])
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)


def _points(d: str) -> Iterator[Point]:
    """Along an arch: up a straight line (or none), over half a circle to the right, down a straight line."""
    found = _ARCH.fullmatch(d)
    if found is None:
        raise ValueError(f"this path is no arch: {d}")
    x, y, up, radius, down = (float(number or 0) for number in found.groups())
    for step in range(201):
        yield x, y + up * step / 200
    for step in range(801):
        yield _on_circle(x + radius, y + up, radius, step / 800)
    for step in range(201):
        yield x + 2 * radius, y + up + down * step / 200


def _on_circle(x: float, y: float, radius: float, part: float) -> Point:
    turned = complex(-radius, 0) * 1j ** (2 * part)
    return x + turned.real, y + turned.imag


def _save(name: str, image: Image.Image) -> None:
    image.quantize(64).save(ICONS / name, optimize=True)
    print(f"{name}: {(ICONS / name).stat().st_size} bytes")


def main() -> None:
    _save("192.png", icon(192))
    _save("512.png", icon(512))
    _save("maskable.png", icon(512, share=0.76, is_full=True))
    _save("apple.png", icon(180, share=0.88, is_full=True))
    (ICONS / "news.svg").write_text(MARK.read_text().strip().replace("</svg>", f"{NEWS}</svg>\n"))


if __name__ == "__main__":
    main()
