"""What hangs on walls in the demonstration: the notice board, a poster, a drawing for the concert, a chart on squared paper."""

from __future__ import annotations

import random

from tools.demo_svg import (
    TITLE,
    circle,
    gradient,
    line,
    moved,
    path,
    picture,
    rect,
    ring,
    soft,
    text,
)


def runner(colour: str, skin: str) -> str:
    """At full stretch, the baton in front."""
    limb = {"stroke": skin, "stroke_width": 30, "stroke_linecap": "round", "stroke_linejoin": "round"}
    return (
        path("M-12 60L-92 96L-164 58", **limb)
        + path("M20 -96L-58 -58L-96 -118", **limb)
        + path("M4 62C-10 10 0 -60 30 -104", stroke=colour, stroke_width=66, stroke_linecap="round")
        + path("M2 66L78 98L64 190", **limb)
        + path("M-8 58L40 84", stroke="#1d2b45", stroke_width=52, stroke_linecap="round")
        + path("M36 -98L98 -48L164 -84", **limb)
        + line("M150 -112L182 -56", "#fffaf0", 14)
        + circle(64, -158, 42, skin)
        + path("M22 -166C20 -214 104 -222 108 -170C88 -186 52 -182 22 -166Z", "#2a1a12")
    )  # fmt: skip


def poster() -> str:
    rays = "".join(
        path("M0 0L-70 -1400H70Z", "#ffd56b", opacity=0.5, transform=f"rotate({at})") for at in range(-84, 85, 14)
    )
    lanes = "".join(
        path(
            f"M-40 {940 + 74 * at}C300 {830 + 74 * at} 640 {850 + 74 * at} 940 {760 + 74 * at}",
            stroke="#fff4e2",
            stroke_width=7,
        )
        for at in range(5)
    )
    bunting = "".join(
        moved(path("M-27 0H27L0 54Z", ("#0e6a76", "#d8365f", "#fffaf0")[at % 3]), 45 + 90 * at, 22 + 44 * (1 - abs(at - 4.5) / 4.5))
        for at in range(10)
    )  # fmt: skip
    return picture(
        900, 1200, "<defs>", gradient("day", "#ffb52e", "#ff8a3d", "#f2603f"), soft("s", 10, 0, 10, 0.3), "</defs>",
        rect(0, 0, 900, 1200, "url(#day)"), f'<g transform="translate(450 760)">{rays}</g>', circle(450, 760, 210, "#ffe9a6"),
        path("M-40 930C300 820 640 840 940 750V1200H-40Z", "#b5402c"), lanes,
        line("M0 22C280 80 620 80 900 22", "#7b2d1e", 5), bunting,
        text(450, 256, "खेल दिवस", 178, "#4a1410", TITLE, text_anchor="middle", font_weight=700),
        text(450, 364, "Sports Day", 92, "#4a1410", TITLE, text_anchor="middle", font_weight=600),
        text(450, 440, "शनिवार · Saturday · 8:00", 44, "#5c1c12", text_anchor="middle", font_weight=600),
        f'<g filter="url(#s)">{moved(runner("#1f78c8", "#9a6240"), 300, 800, -6, 0.95)}{moved(runner("#d8265a", "#7c4a2d"), 590, 836, -6, 1.15)}</g>',
        rect(0, 1068, 900, 132, "#6d1f16"), text(450, 1152, "रिले · रस्साकशी · नींबू-चम्मच दौड़", 46, "#fff4e2", text_anchor="middle", font_weight=600),
    )  # fmt: skip


def concert() -> str:
    """Drawn with crayons at the kitchen table: a moon that sings."""
    chance = random.Random(9)
    stars = "".join(
        moved(ring(path("M0 -13L3 0L0 3L-3 0Z", "#ffe9a8"), 4, 3), chance.uniform(40, 860), chance.uniform(40, 800), chance.uniform(0, 90), chance.uniform(0.6, 1.9))
        for _ in range(46)
    )  # fmt: skip
    note = circle(-16, 40, 24, "#ffd35a") + line("M6 40V-60C20 -34 48 -30 44 4", "#ffd35a", 10)
    notes = "".join(
        moved(note, x, y, turn, size)
        for x, y, turn, size in ((170, 420, -14, 1.1), (290, 300, 8, 0.9), (690, 300, -6, 1.0), (770, 450, 12, 1.2), (640, 640, -10, 0.8))
    )  # fmt: skip
    moon = (
        circle(0, 0, 190, "#ffe8a3")
        + circle(-70, -60, 26, "#f6d583") + circle(88, 60, 34, "#f6d583") + circle(70, -110, 18, "#f6d583")
        + path("M-84 -14C-70 -34 -46 -34 -32 -14M32 -14C46 -34 70 -34 84 -14", stroke="#6a3a1a", stroke_width=12, stroke_linecap="round")
        + path("M-38 52C-38 16 38 16 38 52C38 110 -38 110 -38 52Z", "#8d2f4a") + circle(-104, 40, 24, "#f5a58c") + circle(104, 40, 24, "#f5a58c")
    )  # fmt: skip
    crayon = (
        '<filter id="crayon"><feTurbulence type="fractalNoise" baseFrequency=".05" numOctaves="3" seed="8" result="n"/>'
        '<feDisplacementMap in="SourceGraphic" in2="n" scale="10"/></filter>'
    )
    return picture(
        900, 1200, "<defs>", gradient("night", "#1c2a5c", "#33407f", "#6a5593"), crayon, "</defs>",
        rect(0, 0, 900, 1200, "url(#night)"),
        f'<g filter="url(#crayon)">{stars}{moved(moon, 460, 470)}{notes}'
        f'{path("M0 900C220 820 420 860 560 890C700 920 820 860 900 880V1200H0Z", "#f3f4fb")}</g>',
        text(450, 1010, "Winter Concert", 96, "#2a2350", TITLE, text_anchor="middle", font_weight=700),
        text(450, 1106, "शीत संगीत सभा", 70, "#6a2f5c", TITLE, text_anchor="middle", font_weight=600),
    )  # fmt: skip


def chart() -> str:
    """Litres a day, on squared paper, coloured by hand."""
    squares = "".join(line(f"M{at} 0V900", "#bfd6e6", 1.5) for at in range(0, 1201, 40))
    squares += "".join(line(f"M0 {at}H1200", "#bfd6e6", 1.5) for at in range(0, 901, 40))
    bars = ""
    for at, (name, litres, colour) in enumerate(
        (("canteen", 49.0, "#1f7f8c"), ("garden", 13.7, "#e3932c"), ("lab", 3.5, "#b8456b"))
    ):
        x, tall = 280 + 280 * at, litres * 11
        slope = min(34, tall / 3)
        bars += "".join(
            line(f"M{x + 6} {756 - y}L{x + 154} {756 - y - slope:.0f}", colour, 11, opacity=0.75)
            for y in range(0, int(tall - slope), 15)
        )
        bars += path(
            f"M{x} 760V{760 - tall:.0f}H{x + 160}V760Z", stroke=colour, stroke_width=7, stroke_linejoin="round"
        )
        bars += text(x + 80, 730 - tall, f"{litres} l", 52, "#2b2f3a", text_anchor="middle", font_weight=700)
        bars += text(x + 80, 830, name, 44, "#2b2f3a", text_anchor="middle")
    rough = (
        '<filter id="rough"><feTurbulence type="fractalNoise" baseFrequency=".03" numOctaves="2" seed="3" result="n"/>'
        '<feDisplacementMap in="SourceGraphic" in2="n" scale="7"/></filter>'
    )
    return picture(
        1200, 900, "<defs>", rough, "</defs>", rect(0, 0, 1200, 900, "#fdfdf8"), squares, line("M120 0V900", "#e58b8b", 3),
        text(180, 110, "What our taps lose in a day", 60, "#2b2f3a", TITLE, font_weight=700),
        f'<g filter="url(#rough)">{line("M200 200V760H1130", "#2b2f3a", 7)}{bars}</g>',
    )  # fmt: skip


def _sheet(x: float, y: float, width: float, height: float, turn: float, colour: str, inner: str, pin: str) -> str:
    head = circle(0, 16, 15, pin) + circle(-4, 11, 5, "#ffffff99")
    return moved(f'<g filter="url(#t)">{rect(-width / 2, 0, width, height, colour)}</g>{inner}{head}', x, y, turn)


def _lines(width: float, count: int, top: float) -> str:
    chance = random.Random(int(width) + count)
    return "".join(
        line(f"M{-width / 2} {top + 28 * at}h{width * (chance.uniform(0.6, 1) if at % 4 == 3 else 1):.0f}", "#8a8578", 7, opacity=0.55)
        for at in range(count)
    )  # fmt: skip


def board() -> str:
    """In the corridor: what is on this week."""
    grid = "".join(
        rect(-150 + 62 * column, 96 + 44 * row, 56, 38, colour, rx=4)
        for row, colours in enumerate((
            ("#f6c667", "#9fd0c8", "#f2a48b", "#c9b7e0", "#9fd0c8"), ("#9fd0c8", "#f6c667", "#c9b7e0", "#9fd0c8", "#f2a48b"),
            ("#f2a48b", "#c9b7e0", "#f6c667", "#f2a48b", "#c9b7e0"), ("#c9b7e0", "#f2a48b", "#9fd0c8", "#f6c667", "#f6c667")))
        for column, colour in enumerate(colours)
    )  # fmt: skip
    bottle = path(
        "M-22 -80H22V-60C22 -44 44 -40 44 -16V70C44 86 38 92 24 92H-24C-38 92 -44 86 -44 70V-16C-44 -40 -22 -44 -22 -60Z",
        "#5aa9d6",
    )
    panda = (
        circle(0, 26, 26, "#fff")
        + circle(-18, 4, 10, "#222")
        + circle(18, 4, 10, "#222")
        + circle(-9, 22, 6, "#222")
        + circle(9, 22, 6, "#222")
        + circle(0, 34, 4, "#222")
    )
    cork = (
        '<filter id="cork" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".55" numOctaves="3" seed="6"/>'
        '<feColorMatrix values="0 0 0 0 .35  0 0 0 0 .2  0 0 0 0 .08  0 0 0 -1.1 .72"/><feComposite in2="SourceGraphic" operator="in"/></filter>'
    )
    return picture(
        1200, 900, "<defs>", cork, soft("t", 6, 0, 7, 0.4), gradient("wood", "#8c5a33", "#6f4224"), "</defs>",
        rect(0, 0, 1200, 900, "url(#wood)"), rect(40, 40, 1120, 820, "#c99a63"), rect(40, 40, 1120, 820, "#000", filter="url(#cork)"),
        rect(40, 40, 1120, 820, "none", stroke="#4e2d16", stroke_width=6),
        _sheet(290, 96, 380, 320, -2.5, "#fffdf6", text(0, 70, "Class 8B", 44, "#20303a", TITLE, text_anchor="middle", font_weight=700) + grid, "#d8365f"),
        _sheet(700, 84, 300, 380, 2, "#fdf3d0", text(0, 84, "पुस्तक मेला", 52, "#8a2f1d", TITLE, text_anchor="middle", font_weight=700) + text(0, 136, "Book fair", 36, "#8a2f1d", text_anchor="middle") + _lines(220, 7, 182), "#1f7f8c"),
        _sheet(1010, 110, 230, 240, -4, "#ffe98a", text(0, 84, "Unit test", 38, "#5a4a10", text_anchor="middle", font_weight=700) + text(0, 132, "Tuesday", 36, "#5a4a10", text_anchor="middle") + text(0, 184, "Ch. 5 + 6", 36, "#5a4a10", text_anchor="middle"), "#2f9e62"),
        _sheet(240, 480, 280, 320, 3, "#e9f5fb", text(0, 76, "FOUND", 40, "#1d4a66", text_anchor="middle", font_weight=700) + moved(bottle + panda, 0, 195), "#e3932c"),
        _sheet(590, 520, 320, 270, -1.5, "#fffdf6", text(0, 74, "Choir", 48, "#5a2350", TITLE, text_anchor="middle", font_weight=700) + text(0, 122, "Tue + Fri, 4:30", 34, "#5a2350", text_anchor="middle") + _lines(240, 4, 160), "#7a4fb0"),
        _sheet(950, 430, 320, 360, 2.5, "#fff0ea", text(0, 84, "खेल दिवस", 56, "#b5402c", TITLE, text_anchor="middle", font_weight=700) + text(0, 134, "शनिवार, 8 बजे", 36, "#b5402c", text_anchor="middle") + moved(runner("#1f78c8", "#7c4a2d"), 0, 245, -6, 0.42), "#d8365f"),
    )  # fmt: skip
