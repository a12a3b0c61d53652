"""The style sheet and the scripts of pages: files of one topic each, served as one."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli
import pytest

from sampark.web.static import BUNDLES
from tests.support import Site

STATIC = Path(__file__).parents[2] / "static"


def parts_of(bundle: str) -> list[Path]:
    """In the order in which they are joined."""
    folders = [STATIC / place for place in BUNDLES[bundle]]
    return [path for folder in folders for path in (sorted(folder.iterdir()) if folder.is_dir() else [folder])]


async def test_the_script_of_every_page_is_small(site: Site) -> None:
    page = (await site.stranger().get("/login")).text
    script = (await site.stranger().get(re.findall(r'src="(/static/[^"]*/app\.js)"', page)[0])).text
    assert len(gzip.compress(script.encode(), 9)) <= 8_400


@pytest.mark.parametrize("bundle", ["app.js", "room.js"])
async def test_scripts_are_one_file(site: Site, bundle: str) -> None:
    asha = await site.person("asha")
    page = (await asha.room(await site.room(asha))).text
    script = (await site.stranger().get(re.findall(rf'src="(/static/[^"]*/{bundle})"', page)[0])).text
    # All of its parts in their order, without what only readers of the source need, and without what they would miss.
    assert [line for line in script.splitlines() if line.startswith((" ", "//", "/*")) or not line] == []
    lines = [line for path in parts_of(bundle) for line in path.read_text().splitlines()]
    assert script.splitlines() == [line.strip() for line in lines if not re.match(r"\s*(//|/\*|$)", line)]


async def test_the_scripts_of_a_room_s_first_load_fit_their_budget(site: Site) -> None:
    asha = await site.person("asha")
    page = (await asha.room(await site.room(asha))).text
    own = re.findall(r'(?:src|data-worker)="(/static/\w+/(?!vendor/)[^"]*\.js)"', page)
    sizes = {path: len(brotli.compress((await site.stranger().get(path)).text.encode(), quality=11)) for path in own}
    assert len(sizes) >= 5
    assert sum(sizes.values()) <= 30 * 1024, sizes


@pytest.mark.parametrize("bundle", ["app.js", "room.js"])
async def test_no_part_has_a_text_that_packing_would_change(bundle: str) -> None:
    for path in parts_of(bundle):
        for line in path.read_text().splitlines():
            # One that stands in a string by itself begins nothing.
            assert line.replace('"`"', "").count("`") % 2 == 0, f"{path.name}: a string over several lines: {line}"
