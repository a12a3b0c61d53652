"""The colours: every pair that stands on one another is told apart, in both themes, and better where that is asked for."""

from __future__ import annotations

import re

import pytest

from sampark import db
from sampark.text.code import CLASSES
from sampark.web import palette

CSS = db.assets("static") / "css"
USUAL, STRONG = palette.read(CSS / "10-palette.css")


def test_contrast_is_what_the_guidelines_say() -> None:
    white, black, grey = (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.5999, 0.0, 0.0)
    assert palette.contrast(white, black) == pytest.approx(21, abs=0.01)
    assert palette.contrast(black, white) == pytest.approx(21, abs=0.01)
    assert palette.contrast(white, white) == 1
    assert palette.linear((0.627955, 0.257683, 29.2339)) == pytest.approx((1, 0, 0), abs=0.001)  # pure red
    assert palette.linear(grey) == pytest.approx((0.2159, 0.2159, 0.2159), abs=0.001)  # #808080


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("pair", palette.PAIRS, ids=lambda pair: f"{pair[0]}-on-{pair[1]}")
def test_every_pair_is_told_apart(pair: tuple[str, str, float, float], scheme: str) -> None:
    letters, ground, least, strong = pair
    usual, more = getattr(USUAL, scheme), getattr(STRONG, scheme)
    assert palette.contrast(usual[letters], usual[ground]) >= least
    assert palette.contrast(more[letters], more[ground]) >= strong


def test_every_class_of_code_has_its_colour() -> None:
    css = (CSS / "61-code.css").read_text()
    for name in CLASSES:
        assert f".code .{name} {{ color: var(--" in css, name


def test_no_colour_is_written_outside_of_the_palette_for_code() -> None:
    assert not re.search(r"oklch|rgb|#[0-9a-f]{3}", (CSS / "61-code.css").read_text())
