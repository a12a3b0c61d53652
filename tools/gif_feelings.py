"""Starter GIFs for what people feel."""

from __future__ import annotations

from tools.gif_faces import FUR, cat_body, cat_head, face, laddu
from tools.gif_motion import blink, ease, hop, part, pop, sway, there_and_back
from tools.gif_pen import (
    AIR,
    DAWN,
    EVENING,
    INK,
    LEAF,
    LEMON,
    LILAC,
    MAGENTA,
    MARIGOLD,
    MINT,
    PETAL,
    RED,
    SAFFRON,
    SKY,
    TEA,
    WHITE,
    Pen,
    mix,
    scene,
)
from tools.gif_shapes import Points, arc, box, ellipse, heart, smooth
from tools.gif_things import cloud, flame, gold_star, sparkle, sun, tear


@scene(LEMON, beat=65, still=0.25)
def laugh(pen: Pen, t: float) -> None:
    shake = sway(t, 3)
    pen.shadow(100, 166, 50)
    with pen.at(100, 112 - 6 * hop(t, 3), -8 + 5 * shake):
        laddu(pen, "laugh", size=52)
        for side in (-1, 1):
            with pen.at(side * 34, 2, side * -70):
                tear(pen, 0, 14 + 9 * hop(t, 3), 4.6)


@scene(AIR, still=0.4)
def cry(pen: Pen, t: float) -> None:
    pen.fill(ellipse(100, 170, 58 + 4 * sway(t), 8), SKY, None)
    with pen.at(100, 92 + 3 * sway(t, 2)):
        cloud(pen, None, "#e9eef9")
        for side in (-1, 1):
            for late in (0.0, 0.33, 0.66):
                k = (t + late + side * 0.08) % 1
                tear(pen, side * (19 + 16 * k), 12 + 62 * k * k, 3 + 3.4 * k)
        face(pen, "cry", 0, -4, wide=18)


@scene(PETAL, beat=70, still=0.1)
def love(pen: Pen, t: float) -> None:
    beat = there_and_back(t, 0.0, 0.12, 0.12, 0.3) + 0.7 * there_and_back(t, 0.3, 0.42, 0.42, 0.65)
    for late, x, size in ((0.0, 40, 9), (0.3, 164, 11), (0.6, 56, 7), (0.8, 148, 8)):
        k = (t + late) % 1
        pen.fill(heart(x + 6 * sway(k, 1), 150 - 112 * k, max(size * min(1, 5 * k, 4 * (1 - k)), 0.5)), MAGENTA, None)
    pen.shadow(100, 172, 30)
    with pen.at(100, 104, 0, 1 + 0.1 * beat):
        pen.fill(heart(0, 0, 54), RED)
        pen.stroke(arc(-25, -20, 17, 180, 255), "#ff9aa6", 6.5)
        face(pen, "smile", 0, -6, shut=blink(t), cheeks="#ff8d99")


@scene(LILAC, frames=12, still=0.5)
def wow(pen: Pen, t: float) -> None:
    up = there_and_back(t, 0.1, 0.3, 0.7, 0.95)
    with pen.at(100, 104):
        for step in range(10):
            with pen.at(0, 0, step * 36 + 18):
                near = 60 + 10 * up
                if up > 0.15:
                    pen.stroke([(near, 0), (near + 15 * up, 0)], (SAFFRON, MAGENTA)[step % 2], 6)
        with pen.at(0, -5 * up, 0, (1 - 0.03 * up, 1 + 0.07 * up)):
            laddu(pen, "wow" if up > 0.2 else "smile", size=46)


@scene(MINT, still=0.6)
def think(pen: Pen, t: float) -> None:
    pen.shadow(88, 180)
    with pen.at(84, 102):
        cat_body(pen, tail=sway(t))
        with pen.at(0, 0, -6 + 2 * sway(t)):
            cat_head(pen, "flat", look=(2.5, -2.5))
    pen.disc(130, 72, 4.5, WHITE, width=3.6)
    pen.disc(138, 59, 6.5, WHITE, width=3.6)
    with pen.at(150, 36, 0, 0.66 + 0.02 * sway(t)):
        cloud(pen, None)
        for place in range(3):
            lit = there_and_back(t, 0.15 + 0.2 * place, 0.3 + 0.2 * place, 0.85, 0.97)
            pen.disc((place - 1) * 24, -6 - 4 * lit, 7, mix("#ded7ea", INK, lit), None)


@scene(EVENING, beat=120, still=0.35)
def sleepy(pen: Pen, t: float) -> None:
    deep = sway(t)
    pen.fill(ellipse(100, 168, 74, 13), "#6a62a8")
    with pen.at(104, 138, 0, (1, 1 + 0.035 * deep)):
        pen.fill(smooth([(-60, 20), (-52, -14), (-10, -38), (40, -28), (62, 4), (56, 26), (0, 30)]), FUR)
        for at in (4, 20, 36):
            pen.stroke([(at, -34 + at * 0.1), (at + 3, -22 + at * 0.1)], TEA, 4.6)
    tail = smooth([(158, 150), (150, 170), (112, 170), (96, 164)], closed=False)
    pen.stroke(tail, INK, 17.4)
    pen.stroke(tail, FUR, 8.6)
    with pen.at(66, 132 + 1.5 * deep, -8, 0.86):
        cat_head(pen, "sleep")
    for late in (0.0, 0.34, 0.67):
        k = (t + late) % 1
        size = 4 + 8 * k
        x, y = 104.0 + 44 * k + 4 * sway(k), 92 - 62 * k
        colour = mix(EVENING, "#ffe9a8", min(1, 5 * k, 3 * (1 - k)))
        pen.stroke([(x - size, y - size), (x + size, y - size), (x - size, y + size), (x + size, y + size)], colour, 5)


@scene(DAWN, beat=65, still=0.3)
def angry(pen: Pen, t: float) -> None:
    shake = 2.4 * sway(t, 4)
    for side in (-1, 1):
        for late in (0.0, 0.5):
            k = (t * 2 + late) % 1
            pen.disc(100 + side * (44 + 30 * k), 78 - 20 * k, 4 + 8 * k, mix(WHITE, mix(DAWN, WHITE, 0.45), k), None)
    pen.shadow(100, 180, 30)
    with pen.at(100 + shake, 108):
        pen.fill(
            smooth(
                [
                    (-30, -38),
                    (0, -46),
                    (30, -38),
                    (36, -6),
                    (28, 26),
                    (2, 54),
                    (-34, 70),
                    (-46, 66),
                    (-32, 50),
                    (-27, 24),
                    (-34, -6),
                ]
            ),
            RED,
        )
        pen.stroke(smooth([(24, -24), (27, -6), (22, 14)], closed=False), "#ff9d94", 5)
        pen.fill(
            smooth(
                [
                    (-33, -35),
                    (-18, -47),
                    (0, -51),
                    (18, -47),
                    (33, -35),
                    (18, -29),
                    (8, -34),
                    (0, -26),
                    (-8, -34),
                    (-18, -29),
                ]
            ),
            LEAF,
        )
        stalk = smooth([(0, -48), (4, -62), (16, -70)], closed=False)
        pen.stroke(stalk, INK, 13)
        pen.stroke(stalk, LEAF, 5)
        face(pen, "cross", 0, 0, wide=14, cheeks="#c22f3a")


@scene(AIR, frames=14, still=0.7)
def oops(pen: Pen, t: float) -> None:
    fall = part(t, 0.22, 0.48) ** 2
    back = ease(part(t, 0.9, 1.0))
    tilt = 24 * there_and_back(t, 0.05, 0.25, 0.85, 1)
    landed = fall >= 1 and back < 0.5
    pen.shadow(100, 178, 62)
    with pen.at(84, 118, tilt * 0.6):
        pen.fill([(-26, -22), (26, -22), (4, 58), (-4, 58)], "#e8b06a")
        for at in (-12, 4):
            pen.stroke([(at - 6, -20), (at + 10, 14)], "#c78743", 3)
            pen.stroke([(at + 16, -20), (at - 1, 14)], "#c78743", 3)
        pen.fill(box(0, -24, 62, 13, 6), "#d99a50")
        if landed or fall > 0.4:
            face(pen, "worry", 0, 0, size=0.6, wide=11, cheeks=None)
    if landed:
        flat = min(1, part(t, 0.48, 0.56))
        pen.fill(
            smooth(
                [(104, 176), (112, 164 - 6 * (1 - flat)), (128, 150), (152, 150), (168, 164), (176, 177), (140, 181)]
            ),
            "#ff9fb4",
        )
        face(pen, "wow", 140, 162, size=0.6, wide=12, cheeks=None)
    else:
        x, y = (84 + 56 * fall, 74 + 86 * fall) if back < 0.5 else (84, 74)
        with pen.at(x + 5 * (tilt / 24 if fall == 0 else 0), y, 0, 1 if back < 0.5 else pop(part(t, 0.93, 1.0))):
            pen.fill(
                smooth([(-31, 16), (-30, -10), (0, -32), (30, -10), (31, 16), (16, 22), (6, 17), (-8, 23), (-20, 17)]),
                "#ff9fb4",
            )
            face(pen, "wow" if tilt > 6 else "smile", 0, -4, size=0.8, wide=12, cheeks="#ff7d98")


@scene(DAWN, beat=70, still=0.2)
def fire(pen: Pen, t: float) -> None:
    pen.shadow(100, 172, 40)
    with pen.at(100 + 3 * sway(t), 168, 3 * sway(t)):
        flame(pen, t, 2.05, "joy")
    for late, x in ((0, 54), (0.35, 146), (0.7, 62)):
        k = (t + late) % 1
        pen.disc(x + 8 * sway(k), 130 - 90 * k, 5 * (1 - k), SAFFRON, None)


@scene(AIR, still=0.55)
def cool(pen: Pen, t: float) -> None:
    down = ease(part(t, 0.1, 0.4)) * (1 - ease(part(t, 0.88, 1)))
    with pen.at(100, 102, 4 * sway(t)):
        sun(pen, "smile", turn=30 * t, size=46)
        with pen.at(0, -6 - 84 * (1 - down)):
            if down > 0.02:
                for side in (-1, 1):
                    pen.fill(
                        smooth([(side * 3, -9), (side * 34, -11), (side * 32, 8), (side * 17, 15), (side * 5, 7)]), INK
                    )
                    pen.stroke([(side * 12 - 3, -2), (side * 12 + 4, -6)], "#8d7fc0", 4)
                pen.stroke([(-36, -9), (36, -9)], INK, 6)
    sparkle(pen, 134, 84, 12 * there_and_back(t, 0.45, 0.55, 0.6, 0.72))


@scene(MINT, frames=14, still=0.1)
def looking(pen: Pen, t: float) -> None:
    look = max(-1.0, min(1.0, 1.6 * sway(t)))
    shut = 0.47 < t < 0.53
    for side in (-1, 1):
        with pen.at(100 + side * 36, 100, 0, (1, 0.15 if shut else 1)):
            pen.fill(ellipse(0, 0, 31, 40), WHITE)
            pen.fill(ellipse(13 * look, 2, 14, 19), INK, None)
            pen.disc(13 * look + 5, -6, 5, WHITE, None)
    for side in (-1, 1):
        pen.stroke(arc(100 + side * 36, 66 - 3 * abs(look), 26, 235, 305), width=6)


@scene(LILAC, still=0.3)
def question(pen: Pen, t: float) -> None:
    pen.shadow(100, 176, 26)
    with pen.at(100, 152 - 9 * hop(t, 2), 7 * sway(t)):
        hook = [*arc(0, -76, 33, 170, 400), (13, -42), (2, -32), (0, -20)]
        line = smooth(hook[::4] + hook[-3:], closed=False)
        pen.stroke(line, INK, 32)
        pen.stroke(line, MAGENTA, 23)
        pen.stroke(arc(0, -76, 36, 205, 260), "#ee8fc0", 5)
        pen.disc(0, 20, 14, MAGENTA)
    for x, y, late in ((42, 62, 0), (160, 58, 0.5)):
        sparkle(pen, x, y, 8 + 4 * sway(t, 1, late), SAFFRON)


@scene(LEMON, beat=70, still=0.96)
def bravo(pen: Pen, t: float) -> None:
    up = hop(t, 1)
    spin = 360 * ease(t)
    pen.shadow(100, 172, 34 - 12 * up)
    with (
        pen.at(100, 116 - 34 * up, 0, (1 + 0.05 * (1 - up), 1 - 0.05 * (1 - up))),
        pen.at(0, 0, spin if 0.05 < t < 0.95 else 0),
    ):
        gold_star(pen, "joy", 54)
    for step in range(6):
        with pen.at(100, 116 - 34 * up, step * 60 + 30):
            sparkle(pen, 66 + 8 * sway(t, 1), 0, 9 * up, SAFFRON)


@scene(DAWN, still=0.4)
def hundred(pen: Pen, t: float) -> None:
    squeeze = there_and_back(t, 0.0, 0.15, 0.2, 0.5)
    digits: list[Points] = [[(-50, -18), (-38, -30), (-38, 28)], [*ellipse(-6, 0, 17, 28)], [*ellipse(40, 0, 17, 28)]]
    with pen.at(100, 92, -8 + 2 * sway(t), 1 + 0.1 * squeeze):
        for colour, width in ((INK, 23), (RED, 14)):
            for place, digit in enumerate(digits):
                with pen.at(0, -7 * max(0, sway(t, 1, 0.1 + 0.1 * place))):
                    pen.stroke(digit, colour, width)
        for place, (left, right) in enumerate(((-52, 58), (-34, 44))):
            drawn = ease(part(t, 0.1 + 0.15 * place, 0.4 + 0.15 * place)) * (1 - ease(part(t, 0.9, 1)))
            if drawn > 0.02:
                under = smooth(
                    [(left, 52 + 17 * place), ((left + right) / 2, 47 + 17 * place), (right, 50 + 17 * place)],
                    closed=False,
                )
                part_of = under[: max(2, int(len(under) * drawn))]
                pen.stroke(part_of, INK, 15 - 3 * place)
                pen.stroke(part_of, MARIGOLD, 7 - 2 * place)
