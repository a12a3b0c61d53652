"""Profile pictures for the demonstration: people, and what some of them show instead."""

from __future__ import annotations

from tools.demo_svg import circle, gradient, line, moved, path, picture, rect, ring


def _face(
    back: str, skin: str, shirt: str, behind: str, front: str, *, ink: str = "#2b1c18", neck: str = "", beard: str = ""
) -> str:
    """Head and shoulders in a field of 256; hair in two pieces, behind the head and before it."""
    shade = '<g opacity=".16">' + path("M104 150H152V176C140 190 116 190 104 176Z", "#000") + "</g>"
    eyes = circle(104, 116, 5.5, ink) + circle(152, 116, 5.5, ink)
    brows = line("M94 100C100 95 108 95 113 99M143 99C148 95 156 95 162 100", ink, 4.5, opacity=0.75)
    cheeks = circle(92, 134, 11, "#e5533a", opacity=0.2) + circle(164, 134, 11, "#e5533a", opacity=0.2)
    smile = line("M110 142C118 153 138 153 146 142", "#7a2a22", 5)
    nose = line("M128 116C126 124 124 128 131 129", "#00000055", 4)
    return picture(
        256, 256, rect(0, 0, 256, 256, back), behind,
        path("M28 262C30 206 78 190 128 190C178 190 226 206 228 262Z", shirt), path("M104 150H152V190C152 212 104 212 104 190Z", skin), shade,
        neck, circle(75, 122, 13, skin), circle(181, 122, 13, skin), path("M76 104C76 60 180 60 180 104C180 156 158 176 128 176C98 176 76 156 76 104Z", skin),
        beard, cheeks, brows, eyes, nose, smile, front,
    )  # fmt: skip


def asha() -> str:
    bun = circle(128, 44, 26, "#231815") + path("M62 150C50 60 90 40 128 40C166 40 206 60 194 150Z", "#231815")
    hair = path("M70 112C66 60 106 48 128 48C152 48 190 60 186 112C176 88 160 74 128 70C98 74 80 88 70 112Z", "#231815")
    glasses = (
        circle(104, 117, 19, stroke="#7a3b16", stroke_width=4.5)
        + circle(152, 117, 19, stroke="#7a3b16", stroke_width=4.5)
        + line("M123 115C126 112 130 112 133 115", "#7a3b16", 4.5)
    )
    sari = path("M92 262C104 226 150 206 190 200L222 226L228 262Z", "#e9a13b") + line(
        "M96 258C110 228 150 208 192 202", "#b8342f", 6
    )
    return _face("#f3d9a4", "#b5794f", "#0f6f7c", bun, hair + circle(128, 88, 5, "#b8342f") + glasses, neck=sari)


def rohan() -> str:
    hair = path(
        "M68 108C58 60 88 34 118 44C128 26 190 36 190 104C180 92 176 86 170 80C150 92 110 92 92 78C82 84 76 94 68 108Z",
        "#1d1512",
    )
    return _face("#bfe0d2", "#a8693f", "#e4572e", "", hair)


def meera() -> str:
    braids = path("M60 240C44 190 56 90 76 84L92 120C84 170 90 210 84 244Z", "#2a1a14") + path(
        "M196 240C212 190 200 90 180 84L164 120C172 170 166 210 172 244Z", "#2a1a14"
    )
    bows = "".join(path(f"M{x} 214l-16 -10v22zM{x} 214l16 -10v22z", "#e23d6d") for x in (72, 184))
    hair = path(
        "M68 116C64 56 104 42 128 42C152 42 192 56 188 116C180 92 160 72 130 64V56L126 64C96 72 76 92 68 116Z",
        "#2a1a14",
    )
    return _face(
        "#f6c9d0",
        "#c58a5e",
        "#f4f1ea",
        braids,
        hair + bows,
        neck=path("M88 194L128 226L168 194L152 188C140 204 116 204 104 188Z", "#2f63a8"),
    )


def emily() -> str:
    bob = path(
        "M52 178C44 70 84 34 128 34C172 34 212 70 204 178C196 190 180 190 172 184V110H84V184C76 190 60 190 52 178Z",
        "#b4552d",
    )
    hair = path(
        "M70 118C66 66 100 46 128 46C156 46 190 66 186 118C176 98 170 88 164 82C140 96 104 98 84 86C78 94 74 104 70 118Z",
        "#b4552d",
    )
    freckles = "".join(
        circle(x, y, 2, "#b5652f") for x, y in ((90, 130), (98, 134), (88, 138), (158, 134), (166, 130), (168, 138))
    )
    return _face("#cfe3b4", "#f2c7a3", "#5b4a9c", bob, hair + freckles)


def fatima() -> str:
    veil = path("M46 262C40 170 44 36 128 36C212 36 216 170 210 262Z", "#2c7a6b")
    front = path(
        "M62 262C56 160 62 52 128 52C194 52 200 160 194 262H172C186 214 186 176 182 130C180 84 158 74 128 74C98 74 76 84 74 130C70 176 70 214 84 262Z",
        "#379684",
    )
    return _face(
        "#f5d8bd",
        "#c08a60",
        "#2c7a6b",
        veil,
        front,
        neck=path("M84 262C88 210 104 186 128 190C152 186 168 210 172 262Z", "#379684"),
    )


def imran() -> str:
    cap = path("M66 96C66 50 96 38 128 38C160 38 190 50 190 96C160 84 96 84 66 96Z", "#c8402f") + path(
        "M60 100C90 84 166 84 202 100C196 110 166 100 128 100C96 100 72 108 60 100Z", "#9d2c20"
    )
    whistle = line("M96 196C104 226 150 226 160 196", "#f0c64a", 5) + circle(128, 226, 12, "#e9e7e1")
    beard = path(
        "M80 128C82 172 106 180 128 180C150 180 174 172 176 128C168 150 150 150 128 150C106 150 88 150 80 128Z",
        "#2a201c",
        opacity=0.9,
    )
    return _face("#c7d8ee", "#b07a50", "#23407a", "", cap, neck=whistle, beard=beard)


def lakshmi() -> str:
    bun = circle(128, 40, 22, "#d9d6d0") + path("M64 140C54 62 92 40 128 40C164 40 202 62 192 140Z", "#d9d6d0")
    hair = path(
        "M70 114C66 60 104 48 128 48C152 48 190 60 186 114C176 88 156 76 128 60C100 76 80 88 70 114Z", "#e8e5df"
    )
    glasses = rect(86, 102, 36, 28, stroke="#4a4a52", stroke_width=4, rx=10) + rect(
        134, 102, 36, 28, stroke="#4a4a52", stroke_width=4, rx=10
    )
    return _face(
        "#e6d3ea",
        "#a8714a",
        "#8e2f6b",
        bun,
        hair + circle(128, 86, 6, "#b8342f") + glasses,
        neck=path("M84 262C100 222 150 204 194 204L228 262Z", "#d97fae"),
    )


def oliver() -> str:
    hair = path("M70 104C62 58 96 40 128 42C166 40 194 58 186 104C178 86 168 74 128 72C90 74 78 86 70 104Z", "#8a6a48")
    beard = path(
        "M76 118C76 182 104 192 128 192C152 192 180 182 180 118C172 140 160 132 128 134C96 132 84 140 76 118Z",
        "#8a6a48",
    )
    glasses = (
        circle(104, 116, 18, stroke="#22262e", stroke_width=5)
        + circle(152, 116, 18, stroke="#22262e", stroke_width=5)
        + line("M122 114H134", "#22262e", 5)
    )
    return _face("#d8d5c4", "#f0c8a8", "#3d6b4f", "", hair + glasses, beard=beard)


def grace() -> str:
    curls = "".join(
        circle(x, y, r, "#2b1b17")
        for x, y, r in (
            (76, 86, 34),
            (98, 56, 34),
            (132, 46, 36),
            (166, 60, 34),
            (184, 92, 32),
            (66, 128, 28),
            (192, 130, 28),
            (70, 160, 22),
            (188, 160, 22),
        )
    )
    front = "".join(
        circle(x, y, r, "#2b1b17") for x, y, r in ((90, 80, 18), (112, 68, 18), (138, 66, 18), (162, 76, 18))
    )
    rings = circle(72, 146, 7, stroke="#f2c14e", stroke_width=4) + circle(184, 146, 7, stroke="#f2c14e", stroke_width=4)
    return _face("#fbdcae", "#7d4a2e", "#c9427a", curls, front + rings)


def kabir() -> str:
    """His cat, who has apologised to nobody."""
    head = path(
        "M60 150C52 110 54 64 62 46C80 54 92 66 98 74C116 68 140 68 158 74C164 66 176 54 194 46C202 64 204 110 196 150C190 196 160 214 128 214C96 214 66 196 60 150Z",
        "#e8913a",
    )
    stripes = line(
        "M128 74V98M108 78L114 98M148 78L142 98M62 140L84 144M64 160L84 158M194 140L172 144M192 160L172 158",
        "#b8641c",
        7,
    )
    eyes = "".join(
        path(f"M{x - 16} 132C{x - 8} 116 {x + 8} 116 {x + 16} 132C{x + 8} 146 {x - 8} 146 {x - 16} 132Z", "#d9efb0")
        + path(f"M{x} 120C{x + 5} 128 {x + 5} 136 {x} 144C{x - 5} 136 {x - 5} 128 {x} 120Z", "#20241a")
        for x in (102, 154)
    )
    mouth = path("M119 158H137L128 168Z", "#d8506a") + line(
        "M128 168V176M128 176C122 184 112 184 108 178M128 176C134 184 144 184 148 178", "#7a3b16", 4
    )
    whiskers = line("M92 168L44 160M92 176L46 182M164 168L212 160M164 176L210 182", "#fff4e2", 3)
    return picture(
        256,
        256,
        rect(0, 0, 256, 256, "#26586b"),
        circle(128, 128, 108, "#2f6b80"),
        head,
        path("M96 172C104 150 152 150 160 172C158 204 98 204 96 172Z", "#fbe6c8"),
        stripes,
        eyes,
        mouth,
        whiskers,
    )


def sunita() -> str:
    """A marigold."""
    petal = "M0 14C-20 4 -20 -22 0 -30C20 -22 20 4 0 14Z"
    flower = "".join(
        ring(path(petal, colour, stroke="#c9641a", stroke_width=1.5), count, radius, turn)
        for colour, count, radius, turn in (("#f58a1f", 18, 72, 0), ("#fb9f2a", 15, 54, 9), ("#ffb638", 12, 37, 4), ("#ffc94d", 9, 20, 12))
    )  # fmt: skip
    leaves = "".join(
        path(
            "M0 0C-26 -40 -14 -104 0 -124C14 -104 26 -40 0 0Z",
            "#2f7d4a",
            transform=f"translate(128 132) rotate({turn})",
        )
        for turn in (38, 142, 218, 322)
    )
    return picture(
        256,
        256,
        rect(0, 0, 256, 256, "#fbeed3"),
        leaves,
        moved(flower + circle(0, 0, 14, "#e8832a"), 128, 128, scale=1.05),
    )


def tom() -> str:
    """One of sixty-four."""
    lemon = path(
        "M46 128C46 72 92 58 140 66C166 70 186 92 206 106C220 116 220 138 206 148C184 166 168 186 130 190C80 194 46 176 46 128Z",
        "url(#lemon)",
    )
    leaf = path("M112 66C96 30 120 12 158 18C160 46 142 68 112 66Z", "#3c8f45") + line(
        "M116 62C126 44 138 32 152 24", "#ffffff66", 4
    )
    return picture(
        256,
        256,
        "<defs>",
        gradient("lemon", "#fff38a", "#fbd731", "#efb91c"),
        "</defs>",
        rect(0, 0, 256, 256, "#7cc4c1"),
        lemon,
        path("M76 104C92 84 120 80 142 86", stroke="#fffce0", stroke_width=12, stroke_linecap="round", opacity=0.8),
        leaf,
    )


FACES = (asha, rohan, meera, emily, fatima, imran, lakshmi, oliver, grace, kabir, sunita, tom)
