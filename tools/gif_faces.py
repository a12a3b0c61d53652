"""Faces for the starter GIFs, and the animals that wear them. Each is drawn round its own origin."""

from __future__ import annotations

from tools.gif_pen import BLUSH, CREAM, INK, LIME, RED, TEA, WHITE, Pen, mix
from tools.gif_shapes import arc, ellipse, heart, smooth

FUR = "#f6b26b"
GREY = "#a9aed6"
MOUTH = "#7c2440"
WARM = "#ff9a6b"
"""Cheeks on yellow and orange skins."""


def face(
    pen: Pen, mood: str = "smile", x: float = 0, y: float = 0, *, size: float = 1, wide: float = 15,
    look: tuple[float, float] = (0, 0), shut: bool = False, cheeks: str | None = BLUSH,
) -> None:  # fmt: skip
    """Eyes `wide` to each side, a mouth, cheeks.

    Moods: smile, open, joy, laugh, love, sad, cry, worry, cross, flat, wow, sleep, wink, plead.
    """
    with pen.at(x, y, grow=size):
        for side in (-1, 1):
            if cheeks:
                pen.fill(ellipse(side * (wide + 9), 8, 6, 4), cheeks, None)
            with pen.at(side * wide, 0):
                _eye(pen, mood, side, look, shut=shut)
        _mouth(pen, mood)


def _eye(pen: Pen, mood: str, side: int, look: tuple[float, float], *, shut: bool) -> None:
    if mood in {"joy", "laugh"} or (mood == "wink" and side == 1):
        pen.stroke(arc(0, 3, 6, 200, 340), width=4)
    elif mood == "sleep" or shut:
        pen.stroke(arc(0, -2, 6, 20, 160), width=4)
    elif mood == "cry":
        pen.stroke([(-5 * side, -4), (4 * side, 0), (-5 * side, 4)], width=4)
    elif mood == "love":
        pen.fill(heart(0, 0, 8), RED, None)
    elif mood == "wow":
        pen.disc(0, -1, 7.5, WHITE, width=3.4)
        pen.disc(look[0], look[1] - 1, 3.2, INK, None)
    elif mood == "plead":
        pen.fill(ellipse(0, -1, 8.5, 9.5), INK, None)
        pen.disc(2.6, -4.4, 3.2, WHITE, None)
        pen.disc(-2.4, 3.4, 1.8, WHITE, None)
    else:
        pen.fill(ellipse(look[0], look[1], 4.6, 5.6), INK, None)
        pen.disc(look[0] + 1.6, look[1] - 2.2, 1.7, WHITE, None)
    if mood in {"cross", "sad", "worry"}:
        tilt = -4 if mood == "cross" else 3
        pen.stroke([(-6 * side, -11 - tilt), (6 * side, -11 + tilt)], width=3.6)


def _mouth(pen: Pen, mood: str) -> None:
    if mood in {"open", "joy", "laugh", "love"}:
        deep = 13 if mood == "laugh" else 10
        mouth = [(-9, 7), (9, 7), *arc(0, 7, 9, 0, 180, deep)]
        pen.fill(mouth, MOUTH, None)
        with pen.inside(mouth):
            pen.disc(0, 9 + deep, 8, "#ff8a94", None)
        pen.stroke([*mouth, mouth[0]], width=3.4)
    elif mood in {"sad", "cross", "worry"}:
        pen.stroke(arc(0, 15, 6, 205, 335), width=3.8)
    elif mood == "cry":
        pen.stroke(smooth([(-9, 13), (-4, 9), (0, 13), (4, 9), (9, 13)], closed=False), width=3.8)
    elif mood == "flat":
        pen.stroke([(-5, 11), (5, 11)], width=3.8)
    elif mood == "wow":
        pen.fill(ellipse(0, 16, 5, 7), MOUTH, width=3.4)
    elif mood == "sleep":
        pen.fill(ellipse(0, 11, 3, 3.4), INK, None)
    elif mood == "plead":
        pen.stroke(arc(0, 16, 4, 205, 335), width=3.4)
    else:
        pen.stroke(arc(0, 6, 6.5, 20, 160), width=3.8)


def cat_head(
    pen: Pen, mood: str = "smile", *, look: tuple[float, float] = (0, 0), shut: bool = False, ears: float = 0
) -> None:
    """About 92 wide, the origin between the eyes; `ears` droop from 0 to 1."""
    for side in (-1, 1):
        with pen.at(side * 27, -24 + 6 * ears, side * (8 + 50 * ears)):
            pen.fill(smooth([(-17, 10), (side * 4, -27), (17, 10), (0, 18)]), FUR)
            pen.fill(smooth([(-8, 8), (side * 3, -14), (8, 8)]), BLUSH, None)
    pen.fill(smooth([(-46, 6), (-38, -22), (0, -33), (38, -22), (46, 6), (30, 30), (0, 35), (-30, 30)]), FUR)
    for at in (-11, 0, 11):
        pen.stroke([(at, -29 + abs(at) * 0.15), (at * 0.8, -19 + abs(at) * 0.1)], TEA, 4.6)
    for side in (-1, 1):
        for lift in (-2, 5):
            pen.stroke([(side * 37, 9 + lift), (side * 52, 7 + lift * 1.9)], width=2.6)
    face(pen, mood, 0, 1, wide=19, look=look, shut=shut)
    pen.fill(smooth([(-5, 1), (5, 1), (0, 6.5)]), MOUTH, None)


def paw(pen: Pen, x: float, y: float, size: float = 12, colour: str = FUR) -> None:
    pen.fill(ellipse(x, y, size, size * 0.9), colour)
    for at in (-0.33, 0.33):
        pen.stroke([(x + size * at, y + size * 0.25), (x + size * at, y + size * 0.75)], width=2.6)


def arm(pen: Pen, turn: float, reach: float = 44) -> None:
    """A cat's arm from its shoulder at the origin, pointing up, with a paw."""
    with pen.at(0, 0, turn):
        pen.fill(ellipse(0, -reach / 2, 11, reach / 2 + 6), FUR)
        paw(pen, 0, -reach, 13.5)


def cat_body(pen: Pen, *, tail: float = 0) -> None:
    """A sitting body under a head at the origin; `tail` from -1 to 1."""
    line = smooth([(28, 80), (52, 82), (60 + 5 * tail, 62), (56 + 12 * tail, 42)], closed=False)
    pen.stroke(line, INK, 17.4)
    pen.stroke(line, FUR, 8.6)
    pen.fill(smooth([(-24, 20), (24, 20), (40, 66), (34, 90), (0, 93), (-34, 90), (-40, 66)]), FUR)
    pen.fill(smooth([(-14, 36), (14, 36), (20, 70), (0, 84), (-20, 70)]), CREAM, None)


def elephant_head(
    pen: Pen, mood: str = "smile", *, trunk: float = 0, ears: float = 0, shut: bool = False, lift: float = 0
) -> None:
    """About 150 wide with its ears; `trunk` swings from -1 to 1 and `lift`s from 0 to 1, `ears` flap from -1 to 1."""
    for side in (-1, 1):
        with pen.at(side * 34, -6, side * 10 * ears, (1 - 0.1 * ears, 1)):
            pen.fill(smooth([(0, -28), (side * 34, -34), (side * 50, -4), (side * 36, 30), (side * 6, 28)]), GREY)
            inner = smooth([(side * 8, -16), (side * 30, -21), (side * 39, -2), (side * 28, 18), (side * 10, 14)])
            pen.fill(inner, BLUSH, None)
    pen.fill(smooth([(-38, -4), (-28, -38), (0, -48), (28, -38), (38, -4), (26, 28), (0, 36), (-26, 28)]), GREY)
    face(pen, mood if mood != "open" else "smile", 0, -8, wide=20, shut=shut)
    tip = (50 * trunk + 6 + 62 * lift, 60 - 72 * lift - 6 * abs(trunk))
    middle = (26 * trunk + 8 + 46 * lift, 58 - 12 * lift)
    spine = smooth([(0, 2), (1, 24), (7 + 12 * trunk + 12 * lift, 46), middle, tip], closed=False)
    pen.stroke(spine, INK, 25)
    pen.stroke(spine, GREY, 16.2)
    for at in (11, 17, 23):
        x, y = spine[at]
        pen.stroke([(x - 5, y + 1), (x + 4, y + 2)], mix(GREY, INK, 0.5), 2.6)


def laddu(
    pen: Pen, mood: str = "smile", *, size: float = 40, shut: bool = False, look: tuple[float, float] = (0, 0)
) -> None:
    pen.disc(0, 0, size, "#ffbd45")
    spots = (
        (-0.6, -0.45),
        (-0.25, -0.7),
        (0.3, -0.66),
        (0.66, -0.34),
        (-0.72, 0.32),
        (0.66, 0.44),
        (0.22, 0.76),
        (-0.3, 0.72),
    )
    for x, y in spots:
        pen.disc(x * size, y * size, size * 0.085, "#f0932b", None)
    pen.fill(smooth([(-9, -size * 0.88), (0, -size * 1.02), (9, -size * 0.88), (0, -size * 0.74)]), LIME, width=3)
    face(pen, mood, 0, -2, size=size / 42, wide=14, shut=shut, look=look, cheeks="#ff8f6b")
