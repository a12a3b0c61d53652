"""What people photograph in the demonstration: a rangoli, a plate of poha, a tap with a bottle, a tree full of lemons."""

from __future__ import annotations

import random

from tools.demo_svg import circle, gradient, line, moved, path, picture, rect, ring, scattered, soft, text


def rangoli() -> str:
    """On the floor before the school's door, with lamps."""
    floor = gradient("floor", "#8a4b34", "#6a3626", "#43201a", radial=True)
    flame = gradient("flame", "#fff6c8", "#ffd35a", "#ff8a1e")
    glow = (
        '<radialGradient id="glow"><stop offset="0" stop-color="#ffd98a" stop-opacity=".75"/>'
        '<stop offset="1" stop-color="#ffb347" stop-opacity="0"/></radialGradient>'
    )
    tiles = "".join(
        line(f"M{at} 0V1200", "#00000022", 3) + line(f"M0 {at}H1200", "#00000022", 3) for at in range(0, 1201, 200)
    )
    petal = "M0 -{0}C{1} -{2} {1} {2} 0 {0}C-{1} {2} -{1} -{2} 0 -{0}Z"
    long, mid, small = (petal.format(*sizes) for sizes in ((95, 62, 40), (62, 44, 26), (40, 30, 16)))
    dot = circle(0, 0, 9, "#fffdf4")
    lamp = (
        circle(0, -6, 70, "url(#glow)")
        + path("M-34 0C-34 40 34 40 34 0C20 -12 -20 -12 -34 0Z", "#c0602f")
        + path("M-30 0C-16 -9 16 -9 30 0C16 10 -16 10 -30 0Z", "#7c3517")
        + path("M0 -40C12 -20 9 -6 0 -4C-9 -6 -12 -20 0 -40Z", "url(#flame)")
    )
    rings = (
        circle(0, 0, 470, "#fffaf0")
        + circle(0, 0, 458, "#0e5f6b")
        + ring(path(long, "#f4a62a", stroke="#fffaf0", stroke_width=6), 16, 372)
        + ring(path(small, "#d6376a"), 16, 372)
        + ring(dot, 32, 436, 5.6)
        + circle(0, 0, 288, "#fffaf0")
        + circle(0, 0, 278, "#8d1f5b")
        + ring(path(mid, "#ffd14d", stroke="#fffaf0", stroke_width=5), 12, 216)
        + ring(path(small, "#2f9e62"), 12, 222)
        + ring(dot, 24, 266, 7.5)
        + circle(0, 0, 156, "#fffaf0")
        + circle(0, 0, 148, "#f07f2e")
        + ring(path(mid, "#fffaf0"), 8, 84)
        + ring(path(small, "#d6376a"), 8, 84)
        + circle(0, 0, 44, "#0e5f6b")
        + circle(0, 0, 26, "#ffd14d")
        + circle(0, 0, 10, "#fffaf0")
    )
    powder = (
        '<filter id="powder"><feTurbulence type="fractalNoise" baseFrequency=".9" numOctaves="2" seed="4" result="n"/>'
        '<feDisplacementMap in="SourceGraphic" in2="n" scale="9"/></filter>'
    )
    turned = "".join(
        f'<g transform="rotate({45 * at + 22.5}) translate(0 -530) rotate({-45 * at - 22.5})">{lamp}</g>'
        for at in range(8)
    )
    return picture(
        1200, 1200, "<defs>", floor, flame, glow, powder, "</defs>", rect(0, 0, 1200, 1200, "url(#floor)"), tiles,
        f'<g transform="translate(600 600)"><g filter="url(#powder)">{rings}</g>{turned}</g>',
    )  # fmt: skip


def poha() -> str:
    """Seen from above: a steel plate on a block-printed cloth, a wedge of lemon, a little chutney."""
    chance = random.Random(7)
    print_ = ring(path("M0 -26C14 -12 10 8 0 14C-10 8 -14 -12 0 -26Z", "#c8553d"), 5, 14) + circle(0, 0, 7, "#e8a33a")
    cloth = "".join(
        moved(print_, 75 + 150 * column + 75 * (row % 2), 60 + 120 * row, scale=0.9)
        for row in range(9)
        for column in range(-1, 9)
    )
    flakes = "".join(
        moved(
            path("M-22 0C-14 -13 14 -13 22 0C14 11 -14 11 -22 0Z", chance.choice(["#f8d667", "#f4cb4f", "#fbe08a", "#efc03f"])),
            x, y, turn, chance.uniform(0.7, 1.05),
        )
        for x, y, turn in scattered(3, 950, 262)
    )  # fmt: skip
    nuts = "".join(
        moved(
            path("M-15 0A15 11 0 0 1 15 0A15 11 0 0 1 -15 0ZM-15 0H15", "#b9753c", stroke="#8f5527", stroke_width=2),
            x,
            y,
            turn,
        )
        for x, y, turn in scattered(11, 30, 225)
    )
    leaf = path("M0 0C10 -16 26 -14 26 -2C34 6 24 18 12 12C4 22 -10 14 0 0Z", "#3f8f3a")
    leaves = "".join(moved(leaf, x, y, turn, chance.uniform(0.6, 1.1)) for x, y, turn in scattered(23, 46, 235))
    chilli = "".join(
        moved(path("M-13 -5H13V5H-13Z", "#5fae3f", stroke="#f3f7d8", stroke_width=3), x, y, turn)
        for x, y, turn in scattered(31, 18, 215)
    )
    seeds = "".join(circle(x, y, 4, "#3a2412") for x, y, _ in scattered(41, 80, 240))
    wedge = (
        path("M-95 0A95 95 0 0 0 95 0Z", "#f3cf3a")
        + path("M-83 0A83 83 0 0 0 83 0Z", "#fdf3b0")
        + "".join(path(f"M0 0L{x1} {y1}L{x2} {y2}Z", "#f8e06a") for x1, y1, x2, y2 in
                  ((-72, 8, -58, 44), (-50, 52, -10, 70), (4, 71, 44, 57), (54, 47, 72, 10)))
    )  # fmt: skip
    chutney = circle(0, 0, 112, "#e9e6df") + circle(0, 0, 98, "#c9c5bb") + circle(0, 0, 90, "#4c8a35")
    chutney += "".join(circle(x, y, 5, "#77b352") for x, y, _ in scattered(51, 40, 78))
    spoon = path("M-13 0C-13 -8 13 -8 13 0L9 300C9 312 -9 312 -9 300Z", "url(#steel)") + path(
        "M0 -150C52 -150 60 -40 13 4H-13C-60 -40 -52 -150 0 -150Z", "url(#steel)"
    )
    return picture(
        1200, 900, "<defs>", gradient("steel", "#f7f6f2", "#cfccc5", "#eeece6", down=False), soft("s", 16, 0, 14, 0.4),
        gradient("plate", "#fbfaf7", "#e5e2da", "#c9c5bc", radial=True), soft("t", 5, 0, 5, 0.3), "</defs>",
        rect(0, 0, 1200, 900, "#f3e4cf"), cloth,
        f'<g filter="url(#s)">{circle(560, 460, 385, "url(#plate)")}</g>',
        circle(560, 460, 345, "none", stroke="#bdb8ad", stroke_width=3), circle(560, 460, 300, "#f1eee7"),
        f'<g filter="url(#t)">{moved(flakes + nuts + chilli + seeds + leaves, 560, 455)}</g>',
        f'<g filter="url(#t)">{moved(wedge, 735, 560, -38)}</g>',
        f'<g filter="url(#s)">{moved(chutney, 1010, 215)}</g>', f'<g filter="url(#s)">{moved(spoon, 1040, 560, 14)}</g>',
    )  # fmt: skip


def tap() -> str:
    """The canteen's tap, and the bottle that became a scientific instrument."""
    chance = random.Random(5)
    wall = "".join(
        rect(
            20 + 110 * column,
            20 + 110 * row,
            104,
            104,
            chance.choice(["#7fb9b4", "#88c0ba", "#77b1ad", "#83bcb6"]),
            rx=6,
        )
        for row in range(-1, 9)
        for column in range(-1, 9)
    )
    pipe = (
        rect(360, 150, 190, 66, "url(#brass)", rx=18)
        + path("M520 150H640C720 150 744 200 744 262V318H668V270C668 236 656 216 626 216H520Z", "url(#brass)")
        + rect(656, 306, 100, 30, "url(#brass)", rx=10)
        + rect(590, 92, 44, 70, "url(#brass)", rx=8)
        + rect(520, 66, 184, 36, "url(#brass)", rx=18)
        + circle(330, 183, 74, "url(#brass)")
        + circle(330, 183, 52, "#b98f3d")
    )
    drop = path(
        "M0 -46C26 -6 32 8 32 22A32 32 0 0 1 -32 22C-32 8 -26 -6 0 -46Z", "#dff4fb", stroke="#8fcbe0", stroke_width=5
    )
    bottle = (
        path("M-52 -250H52V-196C52 -160 112 -150 112 -92V232C112 262 96 272 72 272H-72C-96 272 -112 262 -112 232V-92C-112 -150 -52 -160 -52 -196Z", "#ffffff66", stroke="#f4fbfc", stroke_width=8)
        + path("M-106 20C-60 8 -20 34 30 20C60 12 90 18 106 22V230C106 256 92 266 70 266H-70C-92 266 -106 256 -106 230Z", "#6fc0dccc")
        + "".join(line(f"M-106 {y}H{-62 if y % 100 else -40}", "#0c3f4a", 5) for y in range(-80, 260, 50))
        + line("M64 -90V210", "#ffffffaa", 14)
    )  # fmt: skip
    note = moved(
        rect(-100, -46, 200, 92, "#fff3b4", filter="url(#t)") + text(0, 16, "340 ml", 46, "#4a3510", text_anchor="middle", font_weight=700),
        712, 690, -4,
    )  # fmt: skip
    return picture(
        900, 900, "<defs>", gradient("brass", "#f2d58c", "#d1a548", "#a97d2b"), soft("s", 14, 0, 12, 0.4), soft("t", 5), "</defs>",
        rect(0, 0, 900, 900, "#5f9893"), wall, rect(0, 800, 900, 100, "#cfc9bd"), rect(0, 800, 900, 12, "#e9e4da"),
        f'<g filter="url(#s)">{pipe}</g>', moved(drop, 706, 410), moved(drop, 706, 372, scale=0.35),
        f'<g filter="url(#s)">{moved(bottle, 706, 560, scale=0.94)}</g>', note,
    )  # fmt: skip


def lemons() -> str:
    """Tom's tree. It has more lemons than leaves."""
    chance = random.Random(2)
    leaf = "M0 -44C26 -24 26 20 0 46C-26 20 -26 -24 0 -44Z"
    greens = ["#2f7d3b", "#3c8f45", "#4fa252", "#276b34", "#5fb35c"]

    def leaves(seed: int, count: int, radius: float, shades: list[str]) -> str:
        return "".join(
            moved(
                path(leaf, chance.choice(shades)) + line("M0 -34V38", "#ffffff22", 3),
                x,
                y,
                turn,
                chance.uniform(0.8, 1.3),
            )
            for x, y, turn in scattered(seed, count, radius)
        )

    lemon = (
        path("M-58 0C-58 -46 -20 -56 22 -46C42 -42 58 -22 72 -10C78 -4 78 6 70 12C52 28 40 44 12 50C-28 54 -58 40 -58 0Z", "url(#lemon)")
        + path("M-34 -18C-24 -32 -4 -36 14 -32", stroke="#fffbd6", stroke_width=8, stroke_linecap="round", opacity=0.8)
    )  # fmt: skip
    fruit = "".join(
        f'<g filter="url(#t)">{moved(lemon, x, y, turn, chance.uniform(0.85, 1.15))}</g>'
        for x, y, turn in ((250, 300, 60), (420, 210, 95), (600, 330, 80), (780, 240, 70), (330, 490, 100), (520, 520, 75),
                           (720, 480, 95), (860, 420, 60), (440, 690, 85), (640, 700, 100), (800, 630, 75), (290, 610, 95))
    )  # fmt: skip
    clouds = "".join(
        moved(
            circle(0, 0, 46, "#fff")
            + circle(52, -14, 58, "#fff")
            + circle(116, 0, 44, "#fff")
            + rect(-6, 0, 130, 46, "#fff", rx=23),
            x,
            y,
        )
        for x, y in ((60, 120), (1010, 90))
    )
    return picture(
        1200, 900, "<defs>", gradient("sky", "#8fd0ee", "#d9f0f5", "#fdf3dc"), gradient("lemon", "#fff07a", "#fbd52c", "#eeb318"), soft("t", 7, 0, 8, 0.35), "</defs>",
        rect(0, 0, 1200, 900, "url(#sky)"), clouds, path("M0 790C300 740 700 820 1200 760V900H0Z", "#9cc46a"),
        line("M560 900C560 780 540 700 560 560M560 690C620 640 660 620 700 560M556 720C500 660 440 640 400 590", "#7a5230", 46),
        moved(leaves(1, 190, 400, greens[:2] + greens[3:4]), 560, 420), moved(leaves(2, 170, 385, greens[:4]), 570, 430),
        fruit, moved(leaves(3, 70, 400, greens[2:]), 560, 440),
    )  # fmt: skip
