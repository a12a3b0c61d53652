"""The page that somebody gets who was too far behind belongs to the version that comes with it."""

from __future__ import annotations

import pytest

from sampark.chat import history
from sampark.live import changes
from tests.support import Site, room_row


async def test_a_page_is_not_newer_than_its_version(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha")
    code = await site.room(asha, say=400)
    room_id = (await room_row(code))["id"]
    newest = history.newest

    async def meanwhile(*values: object, **named: object) -> history.Page:
        await asha.say(code, "between the two reads")
        return await newest(*values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(history, "newest", meanwhile)
    found = await changes.since(room_id, 3)
    assert found is not None
    assert found.page is not None
    assert found.version == 400
    assert found.page.last == 400
    assert not found.page.has_newer
    monkeypatch.undo()
    after = await changes.since(room_id, found.version)
    assert after is not None
    assert [row["seq"] for row in after.new] == [401]
