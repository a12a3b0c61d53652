"""Browsers without `light-dark()` get the same colours, from the same one palette."""

from __future__ import annotations

import re
from pathlib import Path

from sampark.web import older_palette
from tests.databases import on_sqlite
from tests.support import Site

PALETTE = Path(__file__).parents[2] / "static/css/10-palette.css"


def blocks(css: str) -> dict[str, dict[str, str]]:
    """What each selector of the rules sets."""
    return {
        selector: dict(re.findall(r"(--[\w-]+):\s*([^;}]+)", body))
        for selector, body in re.findall(r"([:.][^{}]*)\{(--[^{}]*)\}", css)
    }


def test_each_colour_has_both_sides() -> None:
    usual = PALETTE.read_text().partition("@media (prefers-contrast")[0]
    wanted = re.findall(r"(--[\w-]+): [^;]*light-dark\(", usual)
    assert len(wanted) > 25
    found = blocks(older_palette.rules(PALETTE.read_bytes()).decode())
    light, face, system, system_face, dark, dark_face = found.values()
    assert [*found] == [
        *(":root", ".avatar"),
        *(':root:not([data-theme="light"])', ':root:not([data-theme="light"]) .avatar'),
        *(':root[data-theme="dark"]', ':root[data-theme="dark"] .avatar'),
    ]
    assert [*light] == [*dark] == wanted
    assert (system, system_face) == (dark, dark_face)
    assert "light-dark" not in str(found)
    assert face["--face"] == "oklch(0.875 0.062 var(--hue, 90))"
    assert dark_face["--face"] == "oklch(0.385 0.062 var(--hue, 90))"
    assert (light["--paper"], dark["--paper"]) == ("oklch(0.968 0.011 84)", "oklch(0.19 0.009 75)")
    # Where a value holds two of them, each gives its side.
    assert light["--shadow"] == "0 1px 2px oklch(0.4 0.04 70 / 0.09), 0 8px 24px -10px oklch(0.4 0.04 70 / 0.16)"
    assert dark["--shadow"] == "0 1px 2px oklch(0 0 0 / 0.3), 0 8px 24px -10px oklch(0 0 0 / 0.5)"


@on_sqlite
async def test_the_style_sheet_holds_them_for_those_browsers_only(site: Site) -> None:
    page = (await site.stranger().get("/login")).text
    [address] = re.findall(r'href="(/static/[^"]*/app\.css)"', page)
    sheet = (await site.stranger().get(address)).text
    assert sheet.count("@supports not (color:light-dark(#000,#fff)){:root{--paper:") == 1
    assert sheet.endswith("}}")
