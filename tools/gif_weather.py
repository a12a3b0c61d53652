"""Starter GIFs for the weather and what one does in it."""

from __future__ import annotations

from tools.gif_faces import face
from tools.gif_motion import blink, sway
from tools.gif_pen import (
    AIR,
    BROWN,
    CREAM,
    INK,
    MAGENTA,
    MARIGOLD,
    RED,
    TEAL,
    WHITE,
    Pen,
    mix,
    scene,
)
from tools.gif_shapes import Point, arc, ellipse, smooth
from tools.gif_things import cloud

TAILS = (RED, MARIGOLD, TEAL, MAGENTA)


@scene("#cfdcee", beat=75, still=0.2)
def rain(pen: Pen, t: float) -> None:
    for place in range(12):
        k = (t * 2 + place * 0.37) % 1
        x = 30 + place * 13 - 10 * k
        y = 72 + 104 * k
        if not (42 < x < 158 and y > 96):
            pen.stroke([(x, y), (x - 3, y + 11)], "#5aa7e4", 4.4)
    with pen.at(100, 48 + 2 * sway(t), 0, 0.82):
        cloud(pen, None, "#f1f3fb")
    with pen.at(100, 178, 4 * sway(t), 1.06):
        hook = smooth([(0, -46), (0, -8), (6, 2), (16, -2)], closed=False)
        pen.stroke(hook, INK, 11)
        pen.stroke(hook, BROWN, 4)
        edge = [(-52, -38), *arc(0, -38, 52, 180, 360, 42)]
        scallops = [point for place in range(4) for point in arc(39 - 26 * place, -38, 13, 0, -180, 8)]
        pen.fill([*edge, *scallops], MAGENTA)
        for at in (-26, 26):
            pen.stroke(smooth([(0, -80), (at * 0.85, -66), (at, -42)], closed=False), mix(MAGENTA, INK, 0.3), 3)
        face(pen, "joy", 0, -60, size=0.8, wide=13, cheeks="#e889bd")


@scene(AIR, still=0.3)
def monsoon(pen: Pen, t: float) -> None:
    with pen.at(134, 44 + 2 * sway(t), 0, 0.62):
        cloud(pen, "smile", WHITE, shut=blink(t))
    for place in range(7):
        k = (t * 2 + place * 0.31) % 1
        pen.stroke([(104 + place * 11 - 12 * k, 68 + 60 * k), (101 + place * 11 - 12 * k, 78 + 60 * k)], "#5aa7e4", 4)
    with pen.inside(ellipse(100, 100, 88)):
        _waves(pen, t, 140, "#8fcdf2")
        with pen.at(94, 128 + 4 * sway(t), 6 * sway(t, 1, 0.2)):
            pen.fill([(-8, -50), (26, -8), (-26, -8)], WHITE)
            pen.fill([(-8, -50), (-8, -8), (-26, -8)], "#ffe4ea")
            pen.fill([(-62, -16), (-30, -8), (30, -8), (62, -16), (40, 26), (-40, 26)], CREAM)
            pen.fill([(-62, -16), (-30, -8), (-40, 26)], "#ffd9c2")
            face(pen, "joy", 2, 6, size=0.85, wide=13)
        _waves(pen, t + 0.4, 154, "#58abe3")


def _waves(pen: Pen, t: float, y: float, colour: str) -> None:
    crest: list[Point] = [(x, y + 5 * sway(x / 50 + t)) for x in range(-10, 215, 5)]
    pen.fill([*crest, (215, 215), (-10, 215)], colour, None)
    pen.stroke(crest, WHITE, 3.6)


@scene("#bfe2f8", beat=85, still=0.2)
def kite(pen: Pen, t: float) -> None:
    for x, y, late in ((40, 150, 0), (156, 168, 0.5)):
        with pen.at(x + 5 * sway(t, 1, late), y, 0, 0.42):
            pen.fill(
                smooth(
                    [(-56, 12), (-50, -12), (-20, -34), (8, -40), (28, -24), (48, -18), (58, 4), (48, 20), (-44, 20)]
                ),
                WHITE,
                None,
            )
    across, down = 108 + 9 * sway(t), 82 + 6 * sway(t, 1, 0.5)
    pen.stroke(smooth([(across - 8, down + 30), (70 + 6 * sway(t, 1, 0.2), 150), (30, 205)], closed=False), INK, 3)
    with pen.at(across, down, 14 + 7 * sway(t)):
        tail = [(0.0, 58.0)] + [(9 * sway(t, 1, 0.25 * step), 58 + 13.0 * step) for step in range(1, 5)]
        pen.stroke(smooth(tail, closed=False), INK, 3.4)
        for place, (at, down) in enumerate(tail[1:]):
            pen.fill([(at - 9, down - 5), (at, down), (at - 9, down + 5)], TAILS[place], width=3)
            pen.fill([(at + 9, down - 5), (at, down), (at + 9, down + 5)], TAILS[place], width=3)
        diamond = [(0, -60), (48, 0), (0, 58), (-48, 0)]
        pen.fill(diamond, RED)
        with pen.inside(diamond):
            pen.fill([(0, -70), (0, 0), (-60, 0)], MARIGOLD, None)
            pen.fill([(0, 70), (0, 0), (60, 0)], TEAL, None)
        pen.stroke([*diamond, diamond[0]])
        pen.stroke(arc(0, 22, 52, 205, 335), INK, 3)
        pen.disc(0, 2, 25, CREAM, None)
        face(pen, "joy", 0, -1, size=0.85, wide=11)
