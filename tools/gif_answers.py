"""Starter GIFs that answer: yes, no, well done, wait."""

from __future__ import annotations

from tools.gif_faces import elephant_head, face
from tools.gif_motion import blink, ease, hop, part, pop, sway, there_and_back
from tools.gif_pen import (
    AIR,
    BROWN,
    CREAM,
    DAWN,
    EVENING,
    INK,
    LEAF,
    LEMON,
    LILAC,
    LINE,
    MAGENTA,
    MARIGOLD,
    MINT,
    PAPER,
    PETAL,
    PLUM,
    RED,
    SAFFRON,
    STONE,
    TEAL,
    WHITE,
    Pen,
    mix,
    scene,
)
from tools.gif_shapes import arc, box, ellipse, smooth, star
from tools.gif_things import auto, hand, leaf, sparkle, thumb, tick


@scene(MINT, still=0.5)
def yes(pen: Pen, t: float) -> None:
    nod = hop(t, 2)
    pen.shadow(88, 174, 36)
    with pen.at(88, 122 + 4 * nod, 4 * sway(t), (1 + 0.03 * nod, 1 - 0.05 * nod)):
        pen.fill(
            smooth([(-6, -56), (22, -52), (42, -24), (44, 14), (22, 46), (-12, 50), (-38, 28), (-44, -6), (-30, -42)]),
            MARIGOLD,
        )
        pen.fill(smooth([(24, -44), (40, -20), (41, 8), (34, -8)]), "#f58f4b", None)
        pen.stroke(smooth([(-30, -28), (-36, -6), (-32, 14)], closed=False), "#ffdd83", 6)
        pen.stroke([(-4, -55), (-1, -67)], BROWN, 6)
        leaf(pen, -2, -63, 40, -14 + 8 * sway(t, 2))
        face(pen, "open", 0, -2 + 3 * nod, shut=blink(t), cheeks="#ff9a6b")
    grown = pop(part(t, 0.05, 0.25)) * (1 - ease(part(t, 0.85, 0.98)))
    if grown > 0.05:
        with pen.at(154, 62, 0, grown):
            pen.disc(0, 0, 26, LEAF)
            tick(pen, 0, 0, 11, 1, WHITE, 7.5)


@scene(PETAL, still=0.2)
def no(pen: Pen, t: float) -> None:
    turn = sway(t, 2)
    with pen.at(100 + 5 * turn, 96, 5 * turn, 0.98):
        elephant_head(pen, "flat", trunk=-0.75 * sway(t, 2, 0.08), ears=0.9 * sway(t, 2, 0.15), shut=True)
    grown = pop(part(t, 0.05, 0.25)) * (1 - ease(part(t, 0.88, 1)))
    if grown > 0.05:
        with pen.at(160, 42, 0, grown):
            pen.disc(0, 0, 22, RED)
            pen.stroke([(-8, -8), (8, 8)], WHITE, 7)
            pen.stroke([(8, -8), (-8, 8)], WHITE, 7)


@scene(AIR, still=0.4)
def thumbs_up(pen: Pen, t: float) -> None:
    up = there_and_back(t, 0.0, 0.25, 0.45, 0.9)
    with pen.at(102, 120 - 14 * up, -9 * up, 1.08):
        thumb(pen, TEAL)
    for step, turn in enumerate((-150, -115, -65, -30)):
        with pen.at(106, 74 - 14 * up, turn):
            if up > 0.3:
                pen.stroke([(40, 0), (40 + 15 * up, 0)], (MARIGOLD, MAGENTA)[step % 2], 6)


@scene(DAWN, still=0.4)
def thumbs_down(pen: Pen, t: float) -> None:
    down = there_and_back(t, 0.0, 0.25, 0.45, 0.9)
    with pen.at(102, 84 + 14 * down, 9 * down, (1.08, -1.08)):
        thumb(pen, PLUM, "#8f5b3c")


@scene(LEMON, beat=60, still=0.02)
def clap(pen: Pen, t: float) -> None:
    apart = hop(t, 3)
    for side, sleeve, skin in ((1, MAGENTA, "#b87345"), (-1, MAGENTA, "#c98552")):
        with pen.at(100 + side * (16 + 22 * apart), 112, side * (10 + 12 * apart), (-side * 1.02, 1.02)):
            hand(pen, sleeve, skin)
    if apart < 0.45:
        for turn in (-140, -115, -90, -65, -40):
            with pen.at(100, 92, turn):
                pen.stroke([(58, 0), (70, 0)], SAFFRON, 6)


@scene(LILAC, still=0.5)
def high_five(pen: Pen, t: float) -> None:
    meet = there_and_back(t, 0.1, 0.42, 0.58, 0.95)
    hit = there_and_back(t, 0.36, 0.46, 0.6, 0.8)
    if hit > 0.05:
        pen.fill(star(100, 74, 62 * hit, 36 * hit, 11, 10 * hit), MARIGOLD, SAFFRON, 4)
    for side, sleeve, skin in ((-1, TEAL, "#8f5b3c"), (1, RED, "#dfa06f")):
        with pen.at(100 + side * (62 - 43 * meet), 106 - 10 * meet, side * (26 - 42 * meet), (-side * 0.95, 0.95)):
            hand(pen, sleeve, skin)


@scene(AIR, frames=14, beat=85, still=0.7)
def done(pen: Pen, t: float) -> None:
    drawn = ease(part(t, 0.08, 0.42)) * (1 if t < 0.95 else 0)
    jolt = there_and_back(t, 0.38, 0.48, 0.52, 0.7)
    pen.shadow(100, 172, 48)
    with pen.at(100, 112, -3 * jolt, 1 + 0.05 * jolt):
        pen.fill(box(0, 0, 104, 104, 24), LEAF)
        pen.stroke(arc(-30, -30, 12, 180, 270), "#93d39b", 6)
        tick(pen, 0, 2, 30, drawn, WHITE, 16)
    for step in range(8):
        far = part(t, 0.42, 0.8)
        if 0 < far < 1:
            with pen.at(100, 108, step * 45 + 22):
                sparkle(pen, 62 + 26 * ease(far), 0, 11 * (1 - far), (SAFFRON, MAGENTA)[step % 2])


@scene(PAPER, frames=14, beat=85, still=0.3)
def wait(pen: Pen, t: float) -> None:
    run = part(t, 0.0, 0.8)
    turn = 180 * ease(part(t, 0.82, 1))
    pen.shadow(100, 180, 40)
    with pen.at(100, 104, turn):
        upper = smooth([(-38, -54), (38, -54), (34, -26), (5, 0), (-5, 0), (-34, -26)])
        lower = [(x, -y) for x, y in upper]
        for bulb, low, high in ((upper, -44 + 40 * run, 0), (lower, 52 - 36 * run, 60)):
            pen.fill(bulb, "#eaf6fb", None)
            with pen.inside(bulb):
                pen.fill([(-50, low), (50, low), (50, high), (-50, high)], MARIGOLD, None)
        if 0.02 < run < 0.98:
            pen.stroke([(0, -4), (0, 46)], MARIGOLD, 4)
        for bulb in (upper, lower):
            pen.stroke([*bulb, bulb[0]])
        for y in (-60, 60):
            pen.fill(box(0, y, 96, 15, 7), BROWN)
        pen.stroke(arc(-14, -36, 12, 150, 210), WHITE, 4)


@scene(MINT, beat=60, still=0.3)
def hurry(pen: Pen, t: float) -> None:
    for place, (y, length) in enumerate(((74, 34), (98, 46), (122, 30), (60, 24))):
        k = (t * 2 + place * 0.27) % 1
        pen.stroke([(58 - 70 * k, y), (58 - 70 * k - length * 0.6, y)], WHITE, 5)
    for late in (0.0, 0.5):
        k = (t * 2 + late) % 1
        pen.disc(42 - 30 * k, 148 - 10 * k, 4 + 7 * k, mix(WHITE, mix(MINT, WHITE, 0.45), k), None)
    pen.stroke([(14, 164), (186, 164)], pen.soft(0.3), 4)
    for place in range(4):
        x = 200 - ((t * 2 + place / 4) % 1) * 240
        pen.stroke([(x, 176), (x + 22, 176)], pen.soft(0.22), 5)
    with pen.at(112, 114 - 4 * hop(t, 4), -3):
        auto(pen, 720 * t)


@scene(EVENING, frames=14, still=0.6)
def idea(pen: Pen, t: float) -> None:
    lit = there_and_back(t, 0.2, 0.3, 0.88, 0.98)
    with pen.at(100, 96 - 5 * there_and_back(t, 0.2, 0.32, 0.4, 0.6)):
        for step in range(9):
            with pen.at(0, -8, -180 + step * 22.5):
                if lit > 0.1:
                    pen.stroke([(58, 0), (58 + 17 * lit * (0.8 + 0.2 * sway(t, 2, step / 2)), 0)], "#ffe07a", 6)
        bulb = smooth(
            [(-20, 36), (-24, 24), (-42, 2), (-40, -30), (-18, -50), (18, -50), (40, -30), (42, 2), (24, 24), (20, 36)]
        )
        pen.fill(bulb, mix("#8f8bbd", "#ffd84d", lit))
        pen.stroke(arc(-8, -16, 24, 185, 240), mix("#b9b6dc", WHITE, lit), 6)
        face(
            pen,
            "open" if lit > 0.5 else "flat",
            0,
            -10,
            wide=14,
            look=(0, -2) if lit < 0.5 else (0, 0),
            cheeks="#ffb277" if lit > 0.5 else None,
        )
        for place in range(3):
            pen.fill(box(0, 43 + place * 11, 40 - place * 7, 13, 6), STONE)


@scene(DAWN, beat=70, still=0.4)
def cheer(pen: Pen, t: float) -> None:
    call = there_and_back(t, 0.0, 0.2, 0.5, 0.8)
    with pen.at(84, 116, -14 + 5 * sway(t, 2), 1 + 0.04 * call):
        pen.fill(box(-4, 34, 18, 40, 8), STONE)
        pen.fill(smooth([(-44, -16), (-36, -20), (34, -48), (44, -46), (44, 46), (34, 48), (-36, 20), (-44, 16)]), RED)
        pen.fill(ellipse(42, 0, 13, 48), "#ff9a8f")
        pen.fill(ellipse(42, 0, 5, 20), INK, None)
        pen.fill(box(-46, 0, 20, 38, 8), MARIGOLD)
        face(pen, "joy", -2, -2, size=0.8, wide=12, cheeks="#c22f3a")
    for place in range(3):
        lit = there_and_back(t, 0.05 + 0.12 * place, 0.2 + 0.12 * place, 0.5 + 0.1 * place, 0.75 + 0.1 * place)
        if lit > 0.1:
            pen.stroke(arc(112, 106, 40 + 17 * place, -44, 16), mix(mix(DAWN, WHITE, 0.45), MAGENTA, lit), 7)


@scene(AIR, still=0.4)
def lets_go(pen: Pen, t: float) -> None:
    for x, y, late in ((40, 50, 0.1), (160, 66, 0.6), (52, 130, 0.8), (154, 140, 0.3)):
        k = (t + late) % 1
        pen.stroke([(x, y - 40 + 80 * k), (x, y - 28 + 80 * k)], WHITE, 5)
    with pen.at(100 + 2 * sway(t, 3), 90 - 5 * sway(t), 8):
        with pen.at(0, 46, 180, (1, 0.8 + 0.2 * sway(t, 3))):
            pen.fill(smooth([(0, 0), (-13, -2), (-10, -26), (0, -46), (10, -26), (13, -2)]), SAFFRON)
            pen.fill(smooth([(0, 0), (-6, -2), (-5, -16), (0, -28), (5, -16), (6, -2)]), "#ffd45e", None)
        for side in (-1, 1):
            pen.fill(smooth([(side * 22, 10), (side * 44, 34), (side * 42, 52), (side * 18, 40)]), RED)
        hull = smooth([(0, -72), (20, -46), (30, -6), (22, 40), (0, 46), (-22, 40), (-30, -6), (-20, -46)])
        pen.fill(hull, CREAM)
        with pen.inside(hull):
            pen.fill([(-50, -80), (50, -80), (50, -38), (-50, -38)], RED, None)
            pen.stroke([(-40, -38), (40, -38)], INK, LINE)
        pen.stroke([*hull, hull[0]])
        pen.disc(0, -6, 19, "#bfe6f7")
        face(pen, "joy", 0, -7, size=0.62, wide=11)
