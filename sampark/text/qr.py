"""A link as squares that a camera reads."""

from dataclasses import dataclass

import segno

_QUIET = 4
"""Modules of light all round: with less, cameras do not find it."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code as SVG draws it: a square of `size` units, and a path of its dark parts."""

    size: int
    path: str


def code(text: str) -> Code:
    """A quarter of it may be dirty or torn off: it is meant to hang on a classroom's wall."""
    matrix = segno.make(text, micro=False, error="q").matrix
    runs: list[str] = []
    for y, row in enumerate(matrix, _QUIET):
        start = None
        for x, is_dark in enumerate([*row, 0], _QUIET):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return Code(len(matrix) + 2 * _QUIET, "".join(runs))
