"""The style sheet and the script of every page: files of one topic each, served as one."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from tests.support import Site

STATIC = Path(__file__).parents[2] / "static"


async def test_the_script_of_every_page_is_one_file_and_small(site: Site) -> None:
    page = (await site.stranger().get("/login")).text
    script = (await site.stranger().get(re.findall(r'src="(/static/[^"]*/app\.js)"', page)[0])).text
    assert len(gzip.compress(script.encode(), 9)) <= 8_600
    # All of its parts in their order, without what only readers of the source need, and without what they would miss.
    parts = [path.read_text() for path in sorted((STATIC / "js/app").iterdir())]
    assert [line for line in script.splitlines() if line.startswith((" ", "//", "/*")) or not line] == []
    kept = [line.strip() for part in parts for line in part.splitlines() if not re.match(r"\s*(//|/\*|$)", line)]
    assert script.splitlines() == kept


async def test_no_part_has_a_text_that_packing_would_change() -> None:
    for path in (STATIC / "js/app").iterdir():
        for line in path.read_text().splitlines():
            assert line.count("`") % 2 == 0, f"{path.name}: a string over several lines: {line}"
