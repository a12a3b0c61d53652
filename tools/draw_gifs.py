"""Draw the starter pack of GIFs that is shipped with the project.

    python -m tools.draw_gifs [NAME ...]          draw into sampark/gifs/starter (all, or these again)
    python -m tools.draw_gifs --sheet FILE.png    a contact sheet, one row of moments for each

The words that belong to each picture stand in `gif_words.csv`; its order is the order in which they are shown first.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import cast

from PIL import Image

from tools import gif_answers, gif_days, gif_feelings, gif_greetings, gif_pen, gif_school, gif_weather

STARTER = Path(__file__).resolve().parent.parent / "sampark" / "gifs" / "starter"
WORDS = Path(__file__).with_name("gif_words.csv")
SCENES = (gif_greetings, gif_feelings, gif_answers, gif_school, gif_days, gif_weather)
"""Importing them is what registers their scenes."""

CREDITS = "Drawn by the Sampark Setu project (tools/draw_gifs.py). MIT."
COLOURS = 26
FLATS = 17
"""So many of them are the pictures' own flat colours, exactly; the others serve the soft edges."""
FLAT = 1 / 4000
"""A colour on less of the picture than this is an edge."""
APART = 28
"""A rarer colour is a flat one only if it differs from the others by this much in one of red, green, blue."""
COMMON = 1 / 250
"""One on so much of the picture always is."""

Colour = tuple[int, int, int]


def moments(name: str) -> list[Image.Image]:
    """The finished frames, RGB, in a palette that they share: flat colours compress best without loss."""
    act = gif_pen.ACTS[name]
    frames = [gif_pen.draw(name, number / act.frames) for number in range(act.frames)]
    return in_few_colours([*frames, gif_pen.draw(name, act.still)])


def in_few_colours(frames: Sequence[Image.Image]) -> list[Image.Image]:
    counted: Counter[Colour] = Counter()
    for frame in frames:
        for count, colour in frame.getcolors(frame.width * frame.height) or []:
            counted[cast("Colour", colour)] += count
    flat = _flat_colours(counted)
    edges = sorted(set(counted) - set(flat))
    rest = Image.new("RGB", (len(edges), 1))
    rest.putdata(edges)
    between = rest.quantize(COLOURS - len(flat), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in flat for channel in colour] + between[: 3 * (COLOURS - len(flat))])
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for frame in frames]


def _flat_colours(counted: Counter[Colour]) -> list[Colour]:
    everything = counted.total()
    flat: list[Colour] = []
    for colour, count in counted.most_common():
        if len(flat) == FLATS or count < everything * FLAT:
            break
        if count > everything * COMMON or all(
            max(abs(one - other) for one, other in zip(colour, known, strict=True)) >= APART for known in flat
        ):
            flat.append(colour)
    return flat


def encoded(name: str) -> tuple[str, bytes, bytes]:
    """The animation and its poster, both WebP without loss."""
    *frames, still = moments(name)
    film, poster = io.BytesIO(), io.BytesIO()
    options = {"lossless": True, "quality": 75, "method": 4}
    frames[0].save(
        film, "WEBP", save_all=True, append_images=frames[1:], duration=gif_pen.ACTS[name].beat, loop=0,
        minimize_size=True, **options,
    )  # fmt: skip
    still.save(poster, "WEBP", **options)
    return name, film.getvalue(), poster.getvalue()


def index() -> list[dict[str, object]]:
    """What the library reads: for each picture its words, size and number of frames."""
    with WORDS.open(encoding="utf-8", newline="") as lines:
        return [
            {
                "id": row["id"],
                "title": {"en": row["title"], "hi": row["title_hi"]},
                "tags": {"en": row["tags"].split(";"), "hi": row["tags_hi"].split(";")},
                "alt": {"en": row["alt"], "hi": row["alt_hi"]},
                "width": gif_pen.SIZE,
                "height": gif_pen.SIZE,
                "frames": _frames(row["id"]),
            }
            for row in csv.DictReader(lines)
        ]


def _frames(name: str) -> int:
    """As in the file, where frames that are alike have become one."""
    with Image.open(STARTER / f"{name}.webp") as film:
        return int(getattr(film, "n_frames", 1))


def sheet(names: Sequence[str], moments_each: int = 6) -> Image.Image:
    """Rows of moments side by side, two scenes to a row: what to look at before shipping."""
    size = gif_pen.SIZE
    paper = Image.new("RGB", (2 * moments_each * size + 20, (len(names) + 1) // 2 * size), "white")
    for place, name in enumerate(names):
        left, top = place % 2 * (moments_each * size + 20), place // 2 * size
        for number in range(moments_each):
            paper.paste(gif_pen.draw(name, number / moments_each), (left + number * size, top))
    return paper


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["--sheet"]:
        sheet(arguments[2:] or list(gif_pen.ACTS)).save(arguments[1])
        return
    STARTER.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as workers:
        for name, film, poster in workers.map(encoded, arguments or list(gif_pen.ACTS)):
            (STARTER / f"{name}.webp").write_bytes(film)
            (STARTER / f"{name}.still.webp").write_bytes(poster)
            print(f"{name}: {len(film):,} bytes, poster {len(poster):,}")
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in index())
    (STARTER / "index.json").write_text(
        f'{{"credits": {json.dumps(CREDITS)}, "gifs": [\n{lines}\n]}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
