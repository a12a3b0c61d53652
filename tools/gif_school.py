"""Starter GIFs of the school day and of what comes after it."""

from __future__ import annotations

from tools.gif_faces import face
from tools.gif_motion import blink, ease, hop, part, sway, there_and_back
from tools.gif_pen import (
    AIR,
    AQUA,
    BLUSH,
    BROWN,
    CREAM,
    INDIGO,
    INK,
    LEAF,
    LEMON,
    LILAC,
    LIME,
    MAGENTA,
    MARIGOLD,
    MINT,
    PETAL,
    PLUM,
    RED,
    ROSE,
    SAFFRON,
    SAND,
    SKY,
    STONE,
    TEAL,
    WHITE,
    Pen,
    mix,
    scene,
)
from tools.gif_shapes import Point, arc, box, ellipse, smooth
from tools.gif_things import glass, note, steam, tick


@scene(MINT, still=0.2)
def tea(pen: Pen, t: float) -> None:
    pen.shadow(100, 172, 56)
    pen.fill(ellipse(100, 168, 54, 9), WHITE)
    for late, x in ((0.0, 84), (0.4, 101), (0.7, 118)):
        steam(pen, t, x, 66, late)
    with pen.at(100, 120, 2 * sway(t)):
        glass(pen, shut=blink(t), level=2.5 * sway(t))


@scene(LEMON, still=0.3)
def food(pen: Pen, t: float) -> None:
    pen.shadow(100, 174, 62)
    for late, x in ((0.2, 62), (0.6, 84)):
        steam(pen, t, x, 74 - 6 * hop(t), late)
    up = hop(t, 2)
    with pen.at(82, 122 - 8 * up, 4 * sway(t), (1 + 0.04 * (1 - up), 1 - 0.04 * (1 - up))):
        pen.fill(
            smooth([(-5, -44), (5, -44), (26, -8), (50, 30), (44, 42), (0, 46), (-44, 42), (-50, 30), (-26, -8)]),
            "#e3a354",
        )
        pen.stroke(smooth([(-38, 32), (0, 36), (38, 32)], closed=False), "#c07c38", 4)
        face(pen, "joy", 0, 6, cheeks="#f08c6a")
    with pen.at(152, 146):
        pen.fill([(-30, -8), (30, -8), *arc(0, -8, 30, 0, 180, 30)], SKY)
        pen.fill(ellipse(0, -8, 30, 9), LEAF)
        pen.stroke([(-12, -9), (-4, -8)], LIME, 4)


@scene(AIR, frames=14, beat=90, still=0.1)
def study(pen: Pen, t: float) -> None:
    turn = ease(part(t, 0.35, 0.8))
    pen.shadow(100, 168, 70)
    with pen.at(100, 116, 0, 1.08):
        pen.fill(box(0, 8, 138, 78, 9), TEAL)
        for side in (-1, 1):
            page = [
                (0, -30),
                *smooth([(side * 8, -36), (side * 36, -40), (side * 62, -34)], closed=False),
                (side * 62, 38),
                *smooth([(side * 62, 38), (side * 34, 34), (0, 42)], closed=False),
            ]
            pen.fill(page, CREAM)
            for line in range(2):
                pen.stroke([(side * 14, 22 + 8 * line), (side * (50 - 10 * line), 19 + 8 * line)], pen.soft(0.28), 3)
        for side in (-1, 1):
            pen.disc(side * 21, -6, 16, WHITE, width=4)
            if blink(t, 0.15):
                pen.stroke(arc(side * 21, -8, 6, 20, 160), width=4)
            else:
                pen.fill(ellipse(side * 21 + 4 * sway(t), -5, 4.6, 5.6), INK, None)
        pen.stroke(arc(0, -6, 6, 200, 340), width=4)
        if 0 < turn < 1:
            across = 62 - 124 * turn
            lift = 26 * (1 - abs(1 - 2 * turn))
            pen.fill(
                [
                    (0, -31),
                    *smooth(
                        [(across * 0.15, -38 - lift * 0.5), (across * 0.6, -42 - lift), (across, -36 - lift)],
                        closed=False,
                    ),
                    (across, 38 - lift),
                    *smooth([(across, 38 - lift), (across * 0.5, 36 - lift), (0, 42)], closed=False),
                ],
                WHITE,
            )
        if not 0.1 < turn < 0.9:
            pen.stroke(arc(0, 8, 6.5, 20, 160), width=3.8)


@scene(PETAL, frames=14, beat=90, still=0.9)
def exam(pen: Pen, t: float) -> None:
    pen.shadow(94, 180, 50)
    with pen.at(92, 102, -3):
        pen.fill(box(0, 4, 112, 142, 10), BROWN)
        pen.fill(box(0, 8, 94, 122, 4), CREAM)
        pen.fill(box(0, -64, 44, 17, 6), STONE)
    tip: Point = (112, 78)
    for row in range(3):
        drawn = ease(part(t, 0.06 + 0.28 * row, 0.24 + 0.28 * row)) if t < 0.97 else 0
        with pen.at(92, 102, -3):
            y = -32 + 34 * row
            pen.fill(box(-28, y, 20, 20, 5), WHITE, width=3.8)
            pen.stroke([(-6, y - 3), (34, y - 3)], pen.soft(0.35), 4)
            pen.stroke([(-6, y + 6), (18 + 6 * row, y + 6)], pen.soft(0.35), 4)
            tick(pen, -27, y, 9, drawn, LEAF, 6)
        if t > 0.06 + 0.28 * row:
            tip = (60 + 14 * drawn + 2 * row, 72 + 34 * row - 8 * drawn)
    _pencil(pen, (tip[0] + 4, tip[1] + 2 - 6 * hop(t, 3, 0.02)), 34 + 4 * sway(t, 3))


@scene(LILAC, frames=14, still=0.9)
def homework(pen: Pen, t: float) -> None:
    pen.shadow(96, 172, 64)
    with pen.at(94, 112, -4):
        pen.fill(box(3, 4, 126, 104, 8), INDIGO)
        pen.fill(box(0, 0, 120, 98, 6), CREAM)
        pen.stroke([(-38, -46), (-38, 46)], "#f29aa8", 3)
        for row in range(3):
            pen.stroke([(-26, -20 + 24 * row), (48, -20 + 24 * row)], pen.soft(0.2), 2.6)
        for hole in range(4):
            pen.disc(-52, -33 + 22 * hole, 4, INDIGO, None)
        row, along = min(int(t * 3), 2), (t * 3) % 1
        tip = (0.0, 0.0)
        for place in range(row + 1):
            far = along if place == row else 1
            line = [(-24 + step * 1.2, -26 + 24 * place + 5 * sway(step / 10)) for step in range(max(2, int(56 * far)))]
            pen.stroke(line, PLUM, 4.4)
            tip = line[-1]
        _pencil(pen, tip, 36 + 7 * sway(t, 6))


def _pencil(pen: Pen, tip: Point, turn: float) -> None:
    """A pencil with a face whose tip is there; leaning to the right."""
    with pen.at(tip[0], tip[1], turn):
        pen.fill([(0, 0), (-12, -24), (12, -24)], "#f7d9a8")
        pen.fill([(0, 0), (-4, -8), (4, -8)], INK, None)
        pen.fill(box(0, -58, 24, 70, 3), MARIGOLD)
        pen.fill(box(0, -90, 26, 12, 3), STONE)
        pen.fill(box(0, -101, 22, 15, 6), ROSE)
        face(pen, "smile", 0, -56, size=0.58, wide=9, cheeks=None)


@scene(AIR, beat=70, still=0.5)
def cricket(pen: Pen, t: float) -> None:
    swing = ease(part(t, 0.25, 0.5)) * (1 - ease(part(t, 0.75, 1)))
    pen.fill(ellipse(100, 178, 80, 8), LIME, None)
    for x in (34, 46, 58):
        pen.fill(box(x, 140, 9, 70, 4), SAND, width=3.6)
    pen.stroke([(31, 103), (61, 103)], INK, 8)
    pen.stroke([(32, 103), (60, 103)], BROWN, 3)
    with pen.at(92, 72, 52 - 112 * swing):
        pen.stroke([(0, -4), (0, -38)], INK, 15)
        pen.stroke([(0, -4), (0, -38)], RED, 7)
        pen.fill(smooth([(-15, 6), (-10, -2), (10, -2), (15, 6), (16, 72), (8, 86), (-8, 86), (-16, 72)]), "#eebf7a")
        face(pen, "joy" if swing > 0.6 else "smile", 0, 34, size=0.58, wide=9, cheeks="#f08c6a")
    hit = part(t, 0.4, 0.85)
    come = part(t, 0.05, 0.4)
    ball = (196 - 76 * come, 80 + 70 * come) if hit <= 0 else (120 + 90 * hit, 150 - 170 * hit + 20 * hit**2)
    with pen.at(ball[0], ball[1], 720 * t):
        pen.disc(0, 0, 12, "#c8323c")
        pen.stroke(arc(-14, 0, 12, -48, 48), WHITE, 2.6)
    if 0 < hit < 0.3:
        for turn in (-100, -60, -20, 20, 130, 170):
            with pen.at(120, 150, turn):
                pen.stroke([(18, 0), (30, 0)], SAFFRON, 5)


@scene(MINT, beat=65, still=0.25)
def football(pen: Pen, t: float) -> None:
    up = hop(t, 2)
    flat = max(0.0, 1 - up * 5)
    pen.shadow(100, 174, 44 - 16 * up)
    with pen.at(100, 124 - 52 * up + 7 * flat, 0, (1 + 0.13 * flat, 1 - 0.16 * flat)):
        pen.disc(0, 0, 46, WHITE)
        with pen.inside(ellipse(0, 0, 46)), pen.at(0, 0, 72 * t):
            for step in range(5):
                with pen.at(0, 0, step * 72):
                    pen.fill([(-17, -52), (17, -52), (11, -34), (-11, -34)], INK)
                    pen.stroke([(0, -34), (0, -24)], INK, 4)
        pen.stroke(ellipse(0, 0, 46))
        face(pen, "joy" if flat < 0.5 else "smile", 0, -2, wide=14)


@scene(PETAL, beat=75, still=0.3)
def music(pen: Pen, t: float) -> None:
    pen.shadow(100, 176, 70)
    for place, (x, skin, size) in enumerate(((62, TEAL, 1.1), (138, "#b0673f", 0.98))):
        beat = there_and_back((t * 2 + 0.5 * place) % 1, 0, 0.15, 0.2, 0.5)
        with pen.at(x, 134 + 3 * beat, 0, (size * (1 + 0.04 * beat), size * (1 - 0.05 * beat))):
            pen.fill(smooth([(-34, -26), (34, -26), (36, 14), (24, 36), (-24, 36), (-36, 14)]), skin)
            for at in (-26, -13, 13, 26):
                pen.stroke([(at, -20), (at * 0.9, -8)], mix(skin, WHITE, 0.45), 3)
            face(pen, "joy" if beat > 0.3 else "smile", 0, 8, size=0.86, wide=12)
            pen.fill(ellipse(0, -28, 36, 13), CREAM)
            pen.fill(ellipse(0, -28, 13, 4.6), INK, None)
    for late, x, colour in ((0.0, 46, MAGENTA), (0.35, 100, INDIGO), (0.7, 152, SAFFRON)):
        k = (t + late) % 1
        if k < 0.9:
            with pen.at(x + 8 * sway(k, 1.5), 92 - 62 * k, 0, min(1, 6 * k, 8 * (0.9 - k)) + 0.1):
                note(pen, 0, 0, 14 * sway(k, 1), colour)


@scene(LEMON, beat=70, still=0.1)
def dance(pen: Pen, t: float) -> None:
    sweep = sway(t)
    pen.shadow(100, 182, 40)
    with pen.at(100, 128):
        for row, (count, reach, wide) in enumerate(((9, 86, 140), (7, 62, 116))):
            for step in range(count):
                turn = (step / (count - 1) - 0.5) * (wide + 8 * abs(sweep)) + 4 * sweep
                with pen.at(0, 0, turn):
                    pen.stroke([(0, -20), (0, -reach + 16)], LEAF if row else TEAL, 4.6)
                    pen.fill(ellipse(0, -reach + 8, 11.5, 15), LEAF if row else TEAL, width=3.6)
                    pen.fill(ellipse(0, -reach + 7, 7.5, 9.5), MARIGOLD, None)
                    pen.disc(0, -reach + 9, 4.6, INDIGO, None)
    hopped = 5 * hop(t, 2)
    with pen.at(100, 128 - hopped, -7 * sweep):
        for side in (-1, 1):
            pen.stroke([(side * 9, 38), (side * 9 + 3 * sweep, 52 + hopped)], INK, 4.4)
        pen.fill(
            smooth([(-12, -36), (12, -36), (17, -8), (26, 18), (16, 40), (-16, 40), (-26, 18), (-17, -8)]), "#3f7fd1"
        )
        for at in (-8, 0, 8):
            pen.stroke([(at * 0.6, -44), (at, -58)], INK, 3)
            pen.disc(at, -60, 4, AQUA, width=3)
        pen.disc(0, -30, 21, "#3f7fd1")
        pen.fill([(-5, -26), (5, -26), (0, -17)], MARIGOLD, width=3)
        for side in (-1, 1):
            pen.disc(side * 9, -33, 5.6, WHITE, None)
            pen.disc(side * 9 + sweep, -33, 3.6, INK, None)
            pen.fill(ellipse(side * 14, -24, 4, 2.6), BLUSH, None)
