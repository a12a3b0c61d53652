"""The pen that draws the starter GIFs: flat fills and one thick line, several times too large and then made small.

Nothing here depends on a font, a clock or chance: the same scene gives the same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tools.gif_shapes import Point, ellipse

FIELD = 200
"""Both sides of the field on which scenes are drawn."""
SIZE = 180
"""Pixels of a finished picture, both ways."""
FINER = 5
"""How much larger it is drawn first, so that edges come out smooth."""
FINE = SIZE * FINER / FIELD

INK = "#40294d"
WHITE = "#fffdf6"
CREAM = "#fff3d9"
SAND = "#f2d6a2"
MARIGOLD = "#fbb02d"
SAFFRON = "#f57f3b"
RED = "#e5484d"
ROSE = "#f2648b"
BLUSH = "#f9a8b8"
MAGENTA = "#c63d83"
PLUM = "#8457b5"
LAVENDER = "#bfa8ee"
INDIGO = "#4a4f9f"
NIGHT = "#322f62"
SKY = "#7cc4f0"
TEAL = "#20909a"
AQUA = "#7fd6c8"
LEAF = "#4fa862"
LIME = "#b5d85c"
TEA = "#c98047"
BROWN = "#8c5638"
STONE = "#b3abc4"

DAWN, MINT, AIR, LILAC, PETAL, LEMON, PAPER, EVENING = (
    "#ffdfc8", "#cdeedd", "#cfe8fa", "#e2d8f8", "#ffd6df", "#ffecad", "#fbe9d0", "#373468",
)  # fmt: skip
"""Backgrounds, one mood each."""

LINE = 4.4

Scene = Callable[["Pen", float], None]


@dataclass(frozen=True)
class Act:
    """A scene and how it is played: `frames` pictures, `beat` milliseconds each, on one background."""

    draw: Scene
    background: str
    frames: int
    beat: int
    still: float
    """The moment, 0 to 1, that the poster shows."""


ACTS: dict[str, Act] = {}


def scene(background: str, *, frames: int = 12, beat: int = 80, still: float = 0.0) -> Callable[[Scene], Scene]:
    """Register a function `(pen, t)` that draws its picture at the moment t, 0 ≤ t < 1, under its own name."""

    def register(draw: Scene) -> Scene:
        ACTS[draw.__name__.replace("_", "-")] = Act(draw, background, frames, beat, still)
        return draw

    return register


def mix(one: str, other: str, k: float) -> str:
    """The colour at `k` (0 to 1) of the way from one to the other."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * min(max(k, 0), 1)):02x}" for a, b in pairs)


class Pen:
    """Draws in the coordinates of the finished picture, through the turns and shifts of `at`."""

    def __init__(self, background: str) -> None:
        self.background = background
        self._image = Image.new("RGB", (SIZE * FINER, SIZE * FINER), background)
        self._draw = ImageDraw.Draw(self._image)
        self._matrix = (FINE, 0.0, 0.0, 0.0, FINE, 0.0)

    def picture(self) -> Image.Image:
        return self._image.reduce(FINER)

    def soft(self, k: float, colour: str = INK) -> str:
        """A colour that is nearly the background: for shadows and things far away."""
        return mix(self.background, colour, k)

    @contextmanager
    def at(self, x: float, y: float, turn: float = 0, grow: float | tuple[float, float] = 1) -> Iterator[Pen]:
        """Move the origin, turn clockwise by degrees, and scale; undone at the end of the block."""
        before = self._matrix
        a, b, c, d, e, f = before
        sx, sy = grow if isinstance(grow, tuple) else (grow, grow)
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        self._matrix = (
            (a * cos + b * sin) * sx, (b * cos - a * sin) * sy, a * x + b * y + c,
            (d * cos + e * sin) * sx, (e * cos - d * sin) * sy, d * x + e * y + f,
        )  # fmt: skip
        yield self
        self._matrix = before

    @contextmanager
    def inside(self, outline: Sequence[Point]) -> Iterator[Pen]:
        """What is drawn in the block shows only inside the outline."""
        before = self._image.copy()
        mask = Image.new("L", before.size, 0)
        ImageDraw.Draw(mask).polygon(self._place(outline), fill=255)
        yield self
        self._image.paste(Image.composite(self._image, before, mask))

    def fill(self, outline: Sequence[Point], colour: str, line: str | None = INK, width: float = LINE) -> None:
        """A flat shape with a line round it; `line=None` for none."""
        self._draw.polygon(self._place(outline), fill=colour)
        if line is not None:
            self._trace([*outline, outline[0]], line, width)

    def disc(self, x: float, y: float, radius: float, colour: str, line: str | None = INK, width: float = LINE) -> None:
        self.fill(ellipse(x, y, radius), colour, line, width)

    def stroke(self, points: Sequence[Point], colour: str = INK, width: float = LINE) -> None:
        """An open line with round ends."""
        self._trace(points, colour, width)

    def shadow(self, x: float = 100, y: float = 168, width: float = 46) -> None:
        self.fill(ellipse(x, y, width, 6.5), self.soft(0.14), None)

    def _trace(self, points: Sequence[Point], colour: str, width: float) -> None:
        placed = self._place(points)
        self._draw.line(placed, fill=colour, width=round(width * FINE))
        radius = width * FINE / 2
        for x, y in placed:
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def _place(self, points: Sequence[Point]) -> list[Point]:
        a, b, c, d, e, f = self._matrix
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in points]


def draw(name: str, moment: float) -> Image.Image:
    """One finished picture, RGB: the stage, then the scene on it."""
    act = ACTS[name]
    pen = Pen(act.background)
    pen.disc(100, 100, 88, mix(act.background, WHITE, 0.12 if act.background == EVENING else 0.45), None)
    act.draw(pen, moment)
    return pen.picture()
