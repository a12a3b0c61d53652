"""Starter GIFs that open and close a talk, and good manners between."""

from __future__ import annotations

from tools.gif_faces import arm, cat_body, cat_head, elephant_head, face, laddu, paw
from tools.gif_motion import blink, hop, part, sway, there_and_back
from tools.gif_pen import (
    AIR,
    BROWN,
    DAWN,
    EVENING,
    INK,
    LAVENDER,
    LEAF,
    LEMON,
    LILAC,
    LIME,
    MAGENTA,
    MARIGOLD,
    MINT,
    PETAL,
    RED,
    SAFFRON,
    WHITE,
    Pen,
    scene,
)
from tools.gif_shapes import box, ellipse, heart, smooth
from tools.gif_things import leaf, marigold, pot, sparkle, sun, tear


@scene(PETAL, frames=13, still=0.5)
def namaste(pen: Pen, t: float) -> None:
    bow = there_and_back(t, 0.1, 0.35, 0.6, 0.85)
    pen.shadow(100, 178)
    with pen.at(100, 84):
        cat_body(pen, tail=sway(t))
    with pen.at(100, 84 + 11 * bow, 0, (1, 1 - 0.04 * bow)):
        cat_head(pen, "joy" if bow > 0.4 else "smile")
    with pen.at(100, 144 + 3 * bow):
        for side in (-1, 1):
            pen.fill(
                smooth([(0, -23), (side * 10, -16), (side * 12, 4), (side * 24, 16), (side * 16, 24), (0, 16)]),
                "#f6b26b",
            )


@scene(LEMON, still=0.4)
def hello(pen: Pen, t: float) -> None:
    pen.shadow(96, 178)
    with pen.at(94, 86):
        cat_body(pen, tail=sway(t))
        with pen.at(30, 54):
            arm(pen, 52 + 17 * sway(t, 2))
        with pen.at(0, 0, 3 * sway(t)):
            cat_head(pen, "open", shut=blink(t))


@scene(DAWN, still=0.5)
def good_morning(pen: Pen, t: float) -> None:
    rise = 5 * sway(t)
    with pen.inside(ellipse(100, 100, 88)):
        with pen.at(100, 98 - rise, 0):
            sun(pen, "smile", turn=30 * t, shut=blink(t, 0.75))
        pen.fill(smooth([(-20, 220), (-10, 152), (40, 134), (90, 150), (120, 220)]), LIME)
        pen.fill(smooth([(70, 230), (84, 164), (140, 140), (220, 158), (230, 230)]), LEAF)
    for at, lift in ((48, 52), (150, 62)):
        flap = 5 * sway(t, 2)
        pen.stroke(
            smooth(
                [
                    (at - 11, lift - flap),
                    (at - 5, lift - 3),
                    (at, lift + 3),
                    (at + 5, lift - 3),
                    (at + 11, lift - flap),
                ],
                closed=False,
            ),
            width=3.6,
        )


@scene(EVENING, beat=110, still=0.2)
def good_night(pen: Pen, t: float) -> None:
    for x, y, late in ((42, 62, 0), (160, 54, 0.4), (166, 128, 0.7), (36, 132, 0.25), (66, 34, 0.55)):
        sparkle(pen, x, y, 8 + 3.5 * sway(t, 1, late), "#ffe9a8")
    with pen.at(100, 106 + 3 * sway(t), 3 * sway(t)):
        pen.disc(0, 0, 48, "#ffe08a")
        for x, y, size in ((-26, 22, 6), (24, 28, 4.5), (31, -8, 3.5)):
            pen.disc(x, y, size, "#f3c75f", None)
        face(pen, "sleep", 0, 4, wide=17, cheeks="#ffb277")
        pen.fill(
            smooth([(-42, -26), (-20, -58), (26, -70), (62 + 3 * sway(t, 1, 0.2), -38), (42, -30), (0, -38)]), LAVENDER
        )
        pen.stroke(smooth([(-44, -22), (0, -36), (44, -24)], closed=False), INK, 17)
        pen.stroke(smooth([(-44, -22), (0, -36), (44, -24)], closed=False), WHITE, 8.5)
        pen.disc(62 + 3 * sway(t, 1, 0.2), -32, 9, WHITE)


@scene(AIR, still=0.3)
def bye(pen: Pen, t: float) -> None:
    with pen.at(90, 102, 2 * sway(t), 0.92):
        elephant_head(pen, "smile", trunk=0.3 * sway(t, 2), lift=1, ears=0.6 * sway(t, 2), shut=blink(t))


@scene(MINT, still=0.2)
def welcome(pen: Pen, t: float) -> None:
    pen.shadow(100, 176, 44)
    with pen.at(100, 122, 0, (1 + 0.02 * sway(t), 1 - 0.02 * sway(t))):
        for turn in (-150, -120, -60, -30):
            leaf(pen, 0, -26, 44, turn + 4 * sway(t))
        pen.fill(smooth([(-17, -28), (-14, -52), (0, -66), (14, -52), (17, -28)]), BROWN)
        pen.fill(smooth([(-46, 18), (-36, -14), (0, -24), (36, -14), (46, 18), (26, 48), (0, 52), (-26, 48)]), SAFFRON)
        pen.fill(box(0, -22, 54, 13, 6), MARIGOLD)
        face(pen, "open", 0, 10, shut=blink(t), cheeks="#ffb08a")
    cord = [(8 + at * 23, 14 + 20 * (1 - ((at - 4) / 4) ** 2) + 3 * sway(t) * (-1) ** (at // 3)) for at in range(9)]
    pen.stroke(smooth(cord, closed=False), LEAF, 4)
    for place, (x, y) in enumerate(cord):
        with pen.at(x, y):
            marigold(pen, 11 if place % 2 else 9, None)


@scene(LILAC, still=0.45)
def thank_you(pen: Pen, t: float) -> None:
    bow = there_and_back(t, 0.05, 0.35, 0.6, 0.95)
    pen.shadow(100, 178, 34)
    top = (100 + 24 * bow, 82 + 12 * bow)
    stem = smooth([(100, 138), (99 - 4 * bow, 116), top], closed=False)
    pen.stroke(stem, INK, 11)
    pen.stroke(stem, LEAF, 4.6)
    leaf(pen, 99, 128, 32, -150 - 10 * bow)
    leaf(pen, 99, 128, 32, -30 + 12 * bow)
    with pen.at(100, 136):
        pot(pen)
    with pen.at(*top, 20 * bow):
        marigold(pen, 41, "joy" if bow > 0.5 else "smile")
    for late, x in ((0.0, 50), (0.5, 158)):
        k = (t + late) % 1
        size = 10 * min(1, 4 * k, 4 * (1 - k))
        if size > 1:
            pen.fill(heart(x + 5 * sway(k, 2), 110 - 66 * k, size), RED, width=3.2)


@scene(PETAL, still=0.3)
def please(pen: Pen, t: float) -> None:
    pen.shadow(100, 178)
    with pen.at(100, 88):
        cat_body(pen, tail=0.4 * sway(t, 2))
    with pen.at(100, 90, 4 * sway(t)):
        cat_head(pen, "plead", ears=0.35 + 0.1 * sway(t, 2))
    for side in (-1, 1):
        paw(pen, 100 + side * 11, 142 - 4 * hop(t, 2), 12)
    for x, y, late in ((40, 60, 0), (162, 72, 0.5), (152, 34, 0.25)):
        sparkle(pen, x, y, 8 + 5 * sway(t, 1, late), MAGENTA)


@scene(AIR, beat=100, still=0.5)
def sorry(pen: Pen, t: float) -> None:
    sag = 4 * sway(t)
    pen.shadow(92, 178, 34)
    stem = smooth([(92, 140), (88, 104), (104, 78), (128, 88 + sag)], closed=False)
    pen.stroke(stem, INK, 11)
    pen.stroke(stem, LEAF, 4.6)
    leaf(pen, 90, 122, 30, -205 - sag)
    with pen.at(92, 136):
        pot(pen)
    with pen.at(130, 106 + sag, 14 + sag):
        marigold(pen, 37, "sad")
    fall = part(t, 0.2, 0.85)
    if 0 < fall < 1:
        tear(pen, 150, 128 + 44 * fall**2, 5 * min(1, fall * 5))
    if t > 0.8:
        pen.fill(ellipse(150, 176, 4 + 14 * part(t, 0.8, 1), 3), pen.soft(0.35, "#3f8fd6"), None)


@scene(DAWN, still=0.5)
def hug(pen: Pen, t: float) -> None:
    near = there_and_back(t, 0.05, 0.35, 0.65, 0.95)
    pen.shadow(100, 166, 66)
    for side in (-1, 1):
        with pen.at(100 + side * (48 - 15 * near), 124, side * -9 * near, (1 - 0.06 * near, 1 + 0.03 * near)):
            laddu(pen, "joy" if near > 0.5 else "smile", size=38)
    if near > 0.6:
        around = smooth([(62, 146), (94, 152), (122, 146), (134, 136)], closed=False)
        pen.stroke(around, INK, 13)
        pen.stroke(around, "#ffbd45", 5.6)
    grown = 18 * near + 1.5 * sway(t, 4) * near
    if grown > 2:
        pen.fill(heart(100, 62 - 8 * near, grown), RED)
