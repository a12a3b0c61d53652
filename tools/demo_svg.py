"""Pieces of SVG, and chance that is the same each time: what the demonstration's pictures are drawn with."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

TEXT = "font-family:'Noto Sans','Noto Sans Devanagari',sans-serif"
TITLE = "font-family:'Noto Serif','Noto Serif Devanagari',serif"


def picture(width: int, height: int, *parts: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"{''.join(parts)}</svg>"
    )


def tag(name: str, inner: str = "", /, **attributes: object) -> str:
    """`stroke_width=3` is `stroke-width="3"`."""
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>"


def path(d: str, fill: str = "none", /, **more: object) -> str:
    return tag("path", d=d, fill=fill, **more)


def circle(x: float, y: float, r: float, fill: str = "none", /, **more: object) -> str:
    return tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{r:.1f}", fill=fill, **more)


def rect(x: float, y: float, width: float, height: float, fill: str = "none", /, **more: object) -> str:
    return tag("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", fill=fill, **more)


def line(d: str, colour: str, width: float, /, **more: object) -> str:
    return path(d, stroke=colour, stroke_width=width, stroke_linecap="round", stroke_linejoin="round", **more)


def text(x: float, y: float, said: str, size: float, fill: str, family: str = TEXT, **more: object) -> str:
    return tag("text", said, x=x, y=y, font_size=size, fill=fill, style=family, **more)


def moved(inner: str, x: float = 0, y: float = 0, turn: float = 0, scale: float = 1) -> str:
    return f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f}) scale({scale:.3f})">{inner}</g>'


def ring(piece: str, count: int, radius: float, turn: float = 0) -> str:
    """A piece that points up, so many times around the origin."""
    return "".join(
        f'<g transform="rotate({turn + 360 * at / count:.2f}) translate(0 {-radius:.1f})">{piece}</g>'
        for at in range(count)
    )


def gradient(name: str, *colours: str, radial: bool = False, down: bool = True) -> str:
    stops = "".join(
        f'<stop offset="{at / (len(colours) - 1):.2f}" stop-color="{colour}"/>' for at, colour in enumerate(colours)
    )
    if radial:
        return f'<radialGradient id="{name}">{stops}</radialGradient>'
    return f'<linearGradient id="{name}" x2="{0 if down else 1}" y2="{1 if down else 0}">{stops}</linearGradient>'


def soft(name: str, blur: float, dx: float = 0, dy: float = 4, opacity: float = 0.35) -> str:
    """A shadow below what has `filter="url(#name)"`."""
    return (
        f'<filter id="{name}" x="-30%" y="-30%" width="160%" height="160%">'
        f'<feDropShadow dx="{dx}" dy="{dy}" stdDeviation="{blur}" flood-color="#1d0f05" flood-opacity="{opacity}"/></filter>'
    )


def scattered(seed: int, count: int, radius: float) -> Iterable[tuple[float, float, float]]:
    """Places in a disc, and a turn for each; denser in the middle, as a heap is."""
    chance = random.Random(seed)
    for _ in range(count):
        angle, away = chance.uniform(0, 2 * math.pi), radius * chance.random() ** 0.6
        yield away * math.cos(angle), away * math.sin(angle), chance.uniform(0, 360)
