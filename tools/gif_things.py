"""Things with and without faces for the starter GIFs. Each is drawn round its own origin."""

from __future__ import annotations

from tools.gif_faces import WARM, face
from tools.gif_motion import sway
from tools.gif_pen import CREAM, INK, LAVENDER, LEAF, MARIGOLD, RED, SAFFRON, STONE, TEA, WHITE, Pen, mix
from tools.gif_shapes import Point, arc, box, drop, ellipse, petals, smooth, soft_star, star

SKIN = "#d9935f"


def glass(pen: Pen, mood: str = "smile", *, level: float = 0, shut: bool = False) -> None:
    """A cutting-chai glass, 68 wide and 92 high round the origin; `level` tilts the tea."""
    outline = [(-34, -46), (34, -46), *arc(21, 40, 7, 0, 90), *arc(-21, 40, 7, 90, 180)]
    pen.fill(outline, mix(pen.background, WHITE, 0.8), None)
    with pen.inside(outline):
        pen.fill([(-40, -28 + level), (40, -28 - level), (40, 37), (-40, 37)], TEA, None)
        pen.fill([(-40, -28 + level), (40, -28 - level), (40, -21 - level), (-40, -21 + level)], "#e2a873", None)
        for at in (-22, 22):
            pen.stroke([(at * 1.08, -12), (at * 0.92, 26)], mix(TEA, WHITE, 0.3), 4.5)
    pen.stroke([*outline, outline[0]])
    face(pen, mood, 0, 2, wide=11, size=0.95, shut=shut, cheeks="#eb9a80")


def steam(pen: Pen, t: float, x: float, y: float, late: float = 0, height: float = 26) -> None:
    rise = [(x + 5 * sway(t, 1, late + step * 0.2), y - step * height / 4) for step in range(5)]
    pen.stroke(smooth(rise, closed=False), WHITE, 5.5)


def marigold(pen: Pen, size: float = 38, mood: str | None = "smile", *, turn: float = 0, shut: bool = False) -> None:
    pen.fill(petals(0, 0, size, size * 0.84, 14, turn), SAFFRON)
    pen.fill(petals(0, 0, size * 0.77, size * 0.64, 12, 9 - turn), MARIGOLD, mix(SAFFRON, INK, 0.25), 3)
    if mood:
        pen.disc(0, 0, size * 0.52, "#ffc95c", None)
        face(pen, mood, 0, -3, size=size / 50, wide=12, shut=shut, cheeks=WARM)


def leaf(pen: Pen, x: float, y: float, length: float, turn: float, colour: str = LEAF) -> None:
    with pen.at(x, y, turn):
        pen.fill(smooth([(0, 0), (length * 0.5, -length * 0.24), (length, 0), (length * 0.5, length * 0.24)]), colour)
        pen.stroke([(4, 0), (length * 0.65, 0)], mix(colour, INK, 0.45), 2.6)


def cloud(pen: Pen, mood: str | None = "smile", colour: str = WHITE, *, shut: bool = False) -> None:
    """About 118 wide, the face at the origin."""
    bumps = [
        (-56, 12), (-50, -12), (-32, -16), (-20, -38), (8, -44), (28, -26),
        (48, -20), (58, 4), (48, 24), (0, 27), (-44, 26),
    ]  # fmt: skip
    pen.fill(smooth(bumps), colour)
    if mood:
        face(pen, mood, 0, -4, wide=17, shut=shut)


def sun(pen: Pen, mood: str = "smile", *, turn: float = 0, size: float = 40, shut: bool = False) -> None:
    for step in range(12):
        with pen.at(0, 0, turn + step * 30):
            reach = size + (17 if step % 2 else 23)
            pen.fill(smooth([(-6.5, -size - 6), (0, -reach), (6.5, -size - 6), (0, -size - 4)]), SAFFRON, None)
    pen.disc(0, 0, size, MARIGOLD)
    pen.stroke(arc(0, 0, size - 9, 200, 245), mix(MARIGOLD, WHITE, 0.55), 5)
    face(pen, mood, 0, -2, wide=15, shut=shut, cheeks=WARM)


def flame(pen: Pen, t: float, size: float = 1, mood: str | None = None) -> None:
    """Its foot at the origin, about 64 high at size 1."""
    lean, flick = 5 * sway(t, 2), 4 * sway(t, 3, 0.2)
    outer = [(0, 2), (-20, -10), (-17 + lean * 0.4, -32), (lean, -64 - flick), (15 + lean * 0.5, -34), (20, -10)]
    inner = [(0, -2), (-12, -11), (-9 + lean * 0.3, -26), (lean * 0.7, -42 - flick), (9 + lean * 0.4, -26), (12, -11)]
    with pen.at(0, 0, grow=size):
        pen.fill(smooth(outer), SAFFRON)
        pen.fill(smooth(inner), "#ffd45e", None)
        if mood:
            face(pen, mood, lean * 0.2, -18, size=0.55, wide=12, cheeks=WARM)


def hand(pen: Pen, sleeve: str = RED, skin: str = SKIN) -> None:
    """An open hand pointing up, its palm at the origin, with a bangle and a sleeve; the thumb to the right."""
    pen.fill(box(0, 54, 36, 40, 8), sleeve)
    pen.fill(box(0, 35, 42, 9, 4.5), MARIGOLD, width=3.6)
    pen.fill(smooth([(10, 18), (24, 0), (34, -10), (41, -4), (34, 12), (16, 28)]), skin)
    pen.fill(
        smooth([(-19, 26), (-22, 0), (-19, -28), (-8, -37), (8, -37), (19, -28), (22, 0), (19, 26), (0, 30)]), skin
    )
    pen.fill(smooth([(9, 6), (22, 5), (21, 19), (10, 20)]), skin, None)
    for at in (-8, 6):
        pen.stroke([(at, -31), (at * 0.9, -13)], mix(skin, INK, 0.6), 3)


def thumb(pen: Pen, sleeve: str = RED, skin: str = SKIN) -> None:
    """A fist with its thumb up, about 100 wide."""
    pen.fill(box(-46, 12, 30, 48, 7), sleeve)
    pen.fill(box(-29, 12, 10, 54, 5), MARIGOLD, width=3.6)
    outline = [
        (-24, -10), (-12, -16), (-4, -32), (-5, -52), (4, -61), (15, -55),
        (18, -36), (14, -16), (30, -14), (32, 34), (-8, 37), (-24, 32),
    ]  # fmt: skip
    pen.fill(smooth(outline), skin)
    for place, (y, width) in enumerate(((-9, 36), (5, 40), (19, 38), (32, 32))):
        pen.fill(box(26 - place % 2, y, width, 15, 7.5), skin, width=3.8)


def sparkle(pen: Pen, x: float, y: float, size: float, colour: str = WHITE) -> None:
    if size > 0.8:
        pen.fill(star(x, y, size, size * 0.3, 4), colour, None)


def gold_star(pen: Pen, mood: str | None = "smile", size: float = 46) -> None:
    pen.fill(soft_star(0, 0, size, size * 0.58), MARIGOLD)
    if mood:
        face(pen, mood, 0, 0, size=size / 52, wide=13, cheeks=WARM)


def tear(pen: Pen, x: float, y: float, size: float = 5) -> None:
    pen.fill(drop(x, y, size), "#69b7ee", width=3)


def pot(pen: Pen) -> None:
    """A flower pot, its rim at the origin."""
    pen.fill([(-24, 6), (24, 6), (17, 40), (-17, 40)], "#dd6b4d")
    pen.fill(box(0, 3, 58, 13, 4), "#ea7d5b")


def wheel(pen: Pen, x: float, y: float, turn: float, radius: float = 13) -> None:
    with pen.at(x, y, turn):
        pen.disc(0, 0, radius, INK, None)
        pen.disc(0, 0, radius * 0.52, STONE, None)
        pen.stroke([(-radius * 0.4, 0), (radius * 0.4, 0)], INK, 2.4)


def auto(pen: Pen, turn: float = 0) -> None:
    """An auto-rickshaw facing right, about 120 wide, the wheels' foot at y = 47."""
    body = [(-58, 30), (-56, -20), (-40, -44), (10, -46), (34, -34), (42, -8), (58, 6), (60, 26), (52, 34), (-50, 34)]
    pen.fill(smooth(body), LEAF)
    roof = smooth([(-58, -14), (-52, -36), (-38, -46), (8, -48), (34, -36), (39, -20)], closed=False)
    pen.fill([*roof, (38, -18), (-58, -14)], "#ffd23f")
    pen.fill(box(-24, -1, 38, 26, 5), CREAM)
    pen.fill(smooth([(12, -13), (32, -13), (37, 4), (12, 8)]), "#d9f1fb")
    pen.stroke([(-52, 22), (56, 22)], "#ffd23f", 7)
    pen.disc(56, 13, 6, WHITE, width=3.4)
    with pen.inside(box(-24, -1, 34, 22, 3)):
        pen.fill(ellipse(-24, 9, 11, 16), LAVENDER, None)
    wheel(pen, -36, 34, turn)
    wheel(pen, 42, 34, turn)


def note(pen: Pen, x: float, y: float, turn: float, colour: str = INK) -> None:
    """A quaver."""
    with pen.at(x, y, turn):
        pen.fill(ellipse(-4, 10, 6.5, 5), colour, None)
        pen.stroke([(1, 9), (1, -12)], colour, 3.6)
        pen.stroke(smooth([(1, -12), (8, -8), (10, -1)], closed=False), colour, 3.6)


def tick(pen: Pen, x: float, y: float, size: float, drawn: float = 1, colour: str = WHITE, width: float = 8) -> None:
    """A check mark of which the part `drawn`, 0 to 1, is there."""
    points: list[Point] = [(x - size, y), (x - size * 0.25, y + size * 0.7), (x + size, y - size * 0.75)]
    if drawn <= 0:
        return
    first = min(drawn / 0.35, 1)
    line = [points[0], _toward(points[0], points[1], first)]
    if drawn > 0.35:
        line.append(_toward(points[1], points[2], (drawn - 0.35) / 0.65))
    pen.stroke(line, colour, width)


def _toward(one: Point, other: Point, k: float) -> Point:
    return one[0] + (other[0] - one[0]) * k, one[1] + (other[1] - one[1]) * k
