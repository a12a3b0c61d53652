"""Keep left and right out of the style sheets: a page in a script that runs from right to left is the same page, mirrored.

    python -m tools.lint_styles [folder or file ...]

Names of sides are for what does not turn round with the script; such a rule says so by standing under `[dir="rtl"]` as well.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "css"

SIDES = "left|right|top|bottom"
PHYSICAL = re.compile(
    rf"(?:{SIDES}|(?:min-|max-)?(?:width|height)|(?:margin|padding|inset|scroll-margin|scroll-padding)-(?:{SIDES})"
    rf"|border-(?:{SIDES})(?:-(?:width|style|color))?|border-(?:top|bottom)-(?:left|right)-radius|overflow-[xy]"
    r"|contain-intrinsic-(?:width|height)|overscroll-behavior-[xy])"
)
SIDED = {"text-align", "float", "clear", "justify-content", "justify-items", "justify-self", "caption-side", "resize"}
FOUR_SIDED = {
    "margin",
    "padding",
    "inset",
    "border-width",
    "border-style",
    "border-color",
    "scroll-margin",
    "scroll-padding",
}

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"[^"]*"|\'[^\']*\'')
DECLARATION = re.compile(r"(?<=[{;])\s*([a-z][a-z-]*)\s*:([^;{}]*)(?=[;}])")


def complaints_about(source: str) -> Iterator[tuple[int, str]]:
    """Line and sentence for each declaration that names a side."""
    bare = STRING.sub(
        lambda found: '"' + blank(found[0][1:-1]) + '"', COMMENT.sub(lambda found: blank(found[0]), source)
    )
    for found in DECLARATION.finditer(bare):
        name, value = found[1], found[2].strip()
        line = bare.count("\n", 0, found.start(1)) + 1
        if PHYSICAL.fullmatch(name):
            yield line, f"{name}: use the logical property"
        elif name in SIDED and re.search(r"\b(?:left|right)\b", value):
            yield line, f"{name}: {value}: use start and end"
        elif name in FOUR_SIDED and len(values := parts(value)) == 4 and values[1] != values[3]:
            yield line, f"{name}: {value}: left and right differ; use {name}-inline"
        elif name == "border-radius" and "/" not in value and len(values := parts(value)) > 1 and not is_even(values):
            yield line, f"{name}: {value}: left and right differ; use border-start-start-radius and the like"


def is_even(corners: list[str]) -> bool:
    top_left, top_right, bottom_right, bottom_left = (corners * 2 if len(corners) == 2 else [*corners, corners[1]])[:4]
    return (top_left, bottom_left) == (top_right, bottom_right)


def parts(value: str) -> list[str]:
    """The values of a shorthand; what stands in brackets is one."""
    found, depth = [""], 0
    for letter in value:
        depth += (letter == "(") - (letter == ")")
        if letter.isspace() and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part for part in found if part]


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def sheets(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.rglob("*.css")) if place.is_dir() else [place]


def main(arguments: list[str]) -> int:
    count = 0
    for path in sheets([Path(argument).resolve() for argument in arguments] or [FOLDER]):
        for line, sentence in complaints_about(path.read_text(encoding="utf-8")):
            print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{line}: {sentence}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
