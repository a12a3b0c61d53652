"""The style guide: there when debugging, and nowhere else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sampark.settings import Settings, SettingsError, from_environment
from sampark.text import language
from tests.databases import on_sqlite, serving
from tests.support import Site


@on_sqlite
async def test_outside_of_debugging_there_is_none(site: Site) -> None:
    [asha] = await site.people("asha")
    assert (await asha.get("/styleguide")).status == 404
    assert (await asha.get("/styleguide")).text == (await asha.get("/styleguides")).text.replace(
        "styleguides", "styleguide"
    )


@on_sqlite
@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_it_shows_every_part_in_both_themes(settings: Settings, code: str) -> None:
    async with serving(dataclasses.replace(settings, debug=True)) as site:
        visitor = site.stranger()
        answer = await visitor.get(f"/styleguide?language={code}")
        assert answer.status == 200
        assert answer.text.count('<template shadowrootmode="open">') == 2
        assert f'<html lang="{code}"' in answer.text
        for kind in ("text", "image", "video", "voice", "file", "gif", "system"):
            assert answer.text.count(f'data-kind="{kind}"') >= 2, kind
        for part in (
            'id="composer"',
            'id="members"',
            'class="rooms"',
            'class="unfold"',
            "emoji-few",
            "emoji-some",
            'role="alert"',
        ):
            assert answer.text.count(part) >= 2, part
        assert "guide-bad" not in answer.text
        picture = await visitor.get("/files/styleguide/a.jpg?size=small")
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/webp")
        assert (await visitor.get("/files/styleguide/a.exe")).status == 404


def test_it_is_turned_on_by_a_setting(tmp_path: Path) -> None:
    given = {"SAMPARK_DATA_DIR": str(tmp_path), "SAMPARK_SECRET_KEY": "k" * 32}
    assert not from_environment(given).debug
    assert from_environment({**given, "SAMPARK_DEBUG": "on"}).debug
    with pytest.raises(SettingsError, match="SAMPARK_DEBUG='yes'"):
        from_environment({**given, "SAMPARK_DEBUG": "yes"})
