"""Starter GIFs for days to keep."""

from __future__ import annotations

import math
import random

from tools.gif_faces import WARM, face, laddu
from tools.gif_motion import blink, ease, hop, part, sway
from tools.gif_pen import (
    AIR,
    AQUA,
    BROWN,
    EVENING,
    INK,
    LAVENDER,
    LEAF,
    LEMON,
    LILAC,
    LIME,
    MAGENTA,
    MARIGOLD,
    PAPER,
    PETAL,
    PLUM,
    RED,
    SAFFRON,
    TEAL,
    WHITE,
    Pen,
    mix,
    scene,
)
from tools.gif_shapes import arc, box, ellipse, petals, smooth
from tools.gif_things import flame, gold_star, sparkle

PAPERS = (RED, MARIGOLD, TEAL, MAGENTA)


def confetti(pen: Pen, t: float, seed: int, count: int = 16) -> None:
    """Falls and turns, and comes again from above."""
    dice = random.Random(seed)  # noqa: S311 - the same places each time are the point
    for place in range(count):
        x, late, spin = dice.uniform(8, 192), dice.random(), dice.choice((-1, 1))
        y = -12 + 224 * ((t + late) % 1)
        with pen.at(x + 7 * sway(t, 1, late), y, 360 * (t + late) * spin, (1, 0.35 + 0.65 * abs(sway(t, 1, late)))):
            pen.fill(box(0, 0, 9, 9, 2), PAPERS[place % len(PAPERS)], None)


@scene(LILAC, still=0.4)
def party(pen: Pen, t: float) -> None:
    confetti(pen, t, 5, 9)
    for x, y, colour, late in ((58, 84, RED, 0.0), (142, 88, TEAL, 0.35), (100, 66, MARIGOLD, 0.7)):
        drift = 5 * sway(t, 1, late)
        string = [(x + drift, y + 38), (x + 0.5 * (100 - x) + 4 * sway(t, 1, late + 0.2), y + 66), (100, 184)]
        pen.stroke(smooth(string, closed=False), INK, 3)
        with pen.at(x + drift, y, 4 * sway(t, 1, late)):
            pen.fill([(-6, 44), (6, 44), (0, 34)], colour)
            pen.fill(smooth([(0, -38), (27, -22), (29, 6), (0, 38), (-29, 6), (-27, -22)]), colour)
            pen.stroke(arc(-4, -12, 17, 190, 250), mix(colour, WHITE, 0.6), 5)
            face(pen, "joy", 0, -2, size=0.8, wide=12, cheeks=mix(colour, INK, 0.2))


@scene(PETAL, still=0.3)
def birthday(pen: Pen, t: float) -> None:
    confetti(pen, t, 11, 8)
    pen.shadow(100, 176, 64)
    with pen.at(100, 130, 0, (1 + 0.02 * sway(t, 2), 1 - 0.02 * sway(t, 2))):
        for place, x in enumerate((-28, 0, 28)):
            with pen.at(x, -50):
                flame(pen, (t + 0.3 * place) % 1, 0.36)
            pen.fill(box(x, -36, 10, 30, 3), (AQUA, LAVENDER, AQUA)[place], width=3.6)
        pen.fill(ellipse(0, 40, 72, 9), WHITE)
        pen.fill(box(0, 8, 108, 62, 14), "#f7c28c")
        icing = [
            (-54, -6),
            (-54, -18),
            (-44, -25),
            (44, -25),
            (54, -18),
            (54, -6),
            (45, 2),
            (36, -5),
            (27, 4),
            (16, -4),
            (4, 3),
            (-8, -4),
            (-20, 5),
            (-32, -4),
            (-44, 3),
        ]
        pen.fill(smooth(icing), "#ff9fb4")
        face(pen, "open", 0, 15, shut=blink(t), cheeks="#f58f7a")


@scene(LEMON, still=0.4)
def congratulations(pen: Pen, t: float) -> None:
    confetti(pen, t, 23, 7)
    pen.shadow(100, 178, 44)
    with pen.at(100, 104 - 6 * hop(t, 2), 4 * sway(t)):
        for side in (-1, 1):
            handle = smooth([(side * 34, -42), (side * 60, -40), (side * 56, -12), (side * 28, 2)], closed=False)
            pen.stroke(handle, INK, 15)
            pen.stroke(handle, SAFFRON, 6.4)
        pen.fill(box(0, 42, 16, 32, 3), SAFFRON)
        pen.fill(box(0, 62, 64, 18, 5), BROWN)
        pen.fill(smooth([(-42, -56), (42, -56), (38, -12), (20, 20), (0, 28), (-20, 20), (-38, -12)]), MARIGOLD)
        pen.fill(box(0, -55, 92, 12, 6), "#ffd067")
        face(pen, "joy", 0, -20, cheeks=WARM)
    for x, y, late in ((38, 52, 0), (164, 44, 0.4), (154, 140, 0.75), (42, 136, 0.2)):
        sparkle(pen, x, y, 9 + 6 * sway(t, 1, late), MAGENTA)


@scene(EVENING, beat=90, still=0.3)
def diwali(pen: Pen, t: float) -> None:
    for x, y, late in ((40, 60, 0), (162, 66, 0.35), (62, 30, 0.6), (140, 28, 0.8), (30, 108, 0.5), (172, 112, 0.1)):
        sparkle(pen, x, y, 7 + 5 * sway(t, 1, late), "#ffd45e")
    pen.fill(petals(100, 160, 66, 56, 16, 22.5 * t), mix(EVENING, MAGENTA, 0.75), None)
    pen.disc(100, 112 + 2 * sway(t, 2), 58 + 3 * sway(t, 2), mix(mix(EVENING, WHITE, 0.12), "#ffb347", 0.25), None)
    with pen.at(100, 112):
        flame(pen, t, 1.15)
    pen.fill(
        smooth(
            [(40, 112), (70, 116), (100, 118), (130, 116), (160, 112), (148, 146), (122, 162), (78, 162), (52, 146)]
        ),
        "#d9603f",
    )
    pen.stroke(smooth([(50, 123), (100, 130), (150, 123)], closed=False), MARIGOLD, 5)
    face(pen, "smile", 100, 142, size=0.95, shut=blink(t), cheeks=WARM)


@scene("#fffaf0", beat=70, still=0.5)
def holi(pen: Pen, t: float) -> None:
    pen.shadow(100, 160, 40)
    dice = random.Random(3)  # noqa: S311 - the same splashes each time are the point
    for place, colour in enumerate((MAGENTA, MARIGOLD, TEAL, "#4f8fe0", LIME, PLUM)):
        turn = math.tau * place / 6 + 0.3
        grown = ease(part((t + place * 0.06) % 1, 0.05, 0.35)) * (1 - ease(part((t + place * 0.06) % 1, 0.75, 1)))
        if grown < 0.03:
            continue
        x, y = 100 + 60 * math.cos(turn), 98 + 60 * math.sin(turn)
        spikes = [24 + dice.uniform(0, 16) * (corner % 2) for corner in range(14)]
        blob = [
            (x + grown * r * math.cos(math.tau * k / 14), y + grown * r * math.sin(math.tau * k / 14))
            for k, r in enumerate(spikes)
        ]
        pen.fill(smooth(blob), colour, None)
        for k in range(3):
            away = 44 + 12 * k * grown
            pen.disc(
                x + away * math.cos(turn + k - 1) * grown,
                y + away * math.sin(turn + k - 1) * grown,
                5 - k,
                colour,
                None,
            )
    with pen.at(100, 108 - 7 * hop(t, 2), 5 * sway(t)):
        laddu(pen, "joy", size=45)
        for x, y, size, colour in (
            (-30, 14, 9, MAGENTA),
            (26, -24, 8, TEAL),
            (31, 16, 7, "#4f8fe0"),
            (-20, -28, 7, LIME),
        ):
            pen.disc(x, y, size, colour, None)
            pen.disc(x + size, y + 4, size * 0.4, colour, None)


@scene(EVENING, beat=100, still=0.1)
def eid(pen: Pen, t: float) -> None:
    for x, y, late in ((44, 128, 0), (30, 72, 0.4), (120, 172, 0.7)):
        sparkle(pen, x, y, 7 + 4 * sway(t, 1, late), "#ffe9a8")
    with pen.at(86, 98, 5 * sway(t)):
        crescent = [*arc(0, 0, 54, 40, 320), *arc(22, -2, 42, 312, 52)[::1]]
        pen.fill(crescent, "#ffe08a")
        face(pen, "joy", -34, 2, size=0.6, wide=8, cheeks="#ffb277")
    with pen.at(106, 98, 10 * sway(t), 1 + 0.07 * sway(t, 2)):
        gold_star(pen, None, 19)
    for x, drop_to, colour, late in ((154, 52, TEAL, 0.0), (181, 24, MAGENTA, 0.3)):
        with pen.at(x, 0, 5 * sway(t, 1, late)):
            pen.stroke([(0, -10), (0, drop_to)], "#ffe9a8", 3)
            pen.fill([(-13, drop_to + 12), (13, drop_to + 12), (0, drop_to - 2)], MARIGOLD)
            pen.fill(
                smooth(
                    [
                        (-15, drop_to + 14),
                        (15, drop_to + 14),
                        (19, drop_to + 34),
                        (12, drop_to + 54),
                        (-12, drop_to + 54),
                        (-19, drop_to + 34),
                    ]
                ),
                colour,
            )
            pen.fill(ellipse(0, drop_to + 34, 8, 12), mix("#ffe07a", "#ffb347", 0.5 + 0.5 * sway(t, 2, late)), None)
            pen.fill(box(0, drop_to + 57, 26, 9, 4), MARIGOLD)


@scene(AIR, beat=90, still=0.2)
def christmas(pen: Pen, t: float) -> None:
    pen.fill(ellipse(100, 178, 84, 11), WHITE, None)
    pen.fill(box(100, 166, 22, 26, 4), BROWN)
    with pen.at(100, 152, 2 * sway(t)):
        for y, wide, tall in ((0, 62, 56), (-38, 50, 50), (-72, 37, 46)):
            pen.fill(
                smooth(
                    [
                        (0, y - tall),
                        (wide * 0.5, y - tall * 0.36),
                        (wide, y - 4),
                        (wide * 0.5, y + 4),
                        (0, y),
                        (-wide * 0.5, y + 4),
                        (-wide, y - 4),
                        (-wide * 0.5, y - tall * 0.36),
                    ]
                ),
                LEAF,
            )
        lights = ((-36, -10), (-12, -4), (14, -5), (38, -11), (-26, -46), (24, -47), (-14, -80), (14, -81))
        for place, (x, y) in enumerate(lights):
            lit = sway(t, 2, place / 2) > 0
            pen.disc(x, y, 5.6, (RED, MARIGOLD, "#7ab8ff")[place % 3] if lit else mix(LEAF, INK, 0.3), width=3)
        face(pen, "smile", 0, -30, size=0.9, wide=13, shut=blink(t), cheeks="#8fd08a")
        with pen.at(0, -121, 10 * sway(t)):
            gold_star(pen, None, 17)
    for x, late in ((26, 0.0), (56, 0.5), (150, 0.25), (176, 0.75), (100, 0.9)):
        k = (t + late) % 1
        pen.disc(x + 6 * sway(k), -6 + 190 * k, 4.2, WHITE, None)


@scene(EVENING, frames=14, still=0.45)
def new_year(pen: Pen, t: float) -> None:
    for x, y, reach, late, colour in (
        (72, 74, 48, 0.0, "#ffd45e"),
        (140, 62, 40, 0.4, "#ff8fb3"),
        (112, 130, 44, 0.7, "#7fe0d2"),
    ):
        k = (t + late) % 1
        if k < 0.25:
            rise = ease(k / 0.25)
            pen.stroke([(x, 196 - (196 - y) * rise), (x, min(196, 210 - (196 - y) * rise))], colour, 4)
            continue
        burst = 1 - (1 - (k - 0.25) / 0.75) ** 3
        fade = mix(mix(EVENING, WHITE, 0.12), colour, min(1, 2.2 * (1 - k)))
        for step in range(12):
            with pen.at(x, y + 8 * burst * burst, step * 30):
                pen.stroke([(reach * burst * 0.55 + 3, 0), (reach * burst + 3, 0)], fade, 5)
                pen.disc(reach * burst + 13 * burst, 0, 2.6, fade, None)
    skyline = [
        (-10, 210),
        (-10, 168),
        (26, 168),
        (26, 156),
        (52, 156),
        (52, 174),
        (84, 174),
        (84, 162),
        (92, 150),
        (100, 162),
        (100, 174),
        (134, 174),
        (134, 160),
        (160, 160),
        (160, 170),
        (210, 170),
        (210, 210),
    ]
    pen.fill(skyline, "#211d47", None)
    for x, y in ((14, 180), (38, 168), (64, 186), (92, 176), (146, 172), (176, 184), (120, 188)):
        pen.fill(box(x, y, 6, 7, 1), "#ffd45e", None)


@scene(PAPER, still=0.3)
def rakhi(pen: Pen, t: float) -> None:
    thread = smooth(
        [(-8, 116 + 4 * sway(t)), (40, 100), (100, 104), (160, 100), (208, 116 - 4 * sway(t))], closed=False
    )
    pen.stroke(thread, INK, 16)
    pen.stroke(thread, RED, 8)
    for at in range(4, len(thread), 5):
        x, y = thread[at]
        pen.disc(x, y, 4.6, MARIGOLD, width=3)
    with pen.at(100, 102, 12 * sway(t)):
        pen.fill(petals(0, 0, 58, 48, 10), MAGENTA)
        pen.fill(petals(0, 0, 45, 38, 10, 18), TEAL, width=3.4)
        pen.disc(0, 0, 31, MARIGOLD)
        face(pen, "smile", 0, -2, size=0.85, wide=12, shut=blink(t), cheeks=WARM)
    for x, y, late in ((40, 56, 0), (162, 54, 0.5), (150, 158, 0.25), (50, 156, 0.75)):
        sparkle(pen, x, y, 8 + 5 * sway(t, 1, late), SAFFRON)
