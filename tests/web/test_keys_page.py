"""The sheet of keys: a page for everyone, a piece for the dialog, with the names that stand on the keys."""

from __future__ import annotations

import pytest

from tests.support import Site, plain, statements

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) AppleWebKit/605.1.15"


@pytest.mark.parametrize("signed_in", [True, False])
async def test_it_is_a_page_and_a_piece(site: Site, signed_in: bool) -> None:
    reader = await site.person() if signed_in else site.stranger()
    page, piece = await reader.get("/keys"), await reader.get("/keys", htmx=True)
    assert (page.status, piece.status) == (200, 200)
    assert page.text.count("<h1") == 1
    assert "<h1" not in piece.text
    assert "<html" not in piece.text
    for text in (page.text, piece.text):
        assert "Ctrl + K Go to a room by its name" in plain(text)
        assert "Alt + ↑ ↓" in plain(text)


async def test_keys_are_called_what_stands_on_them(site: Site) -> None:
    asha = await site.person()
    room = await site.room(asha)
    text = plain((await asha.get("/keys", **{"User-Agent": MAC})).text)
    assert "⌘ + K" in text
    assert "⌥ + ↑" in text
    assert "Ctrl" not in text
    assert 'data-key="⌘ K"' in (await asha.get(f"/rooms/{room}", **{"User-Agent": MAC})).text
    assert 'data-key="Ctrl K"' in (await asha.room(room)).text


async def test_it_costs_one_query(site: Site) -> None:
    asha = await site.person()
    with statements() as seen:
        await asha.get("/keys")
    assert len(seen) == 1, seen


async def test_what_has_a_key_says_so(site: Site) -> None:
    asha = await site.person()
    page = (await asha.room(await site.room(asha))).text
    assert 'href="/" data-ask="switcher" aria-keyshortcuts="Control+K Meta+K"' in page
    assert 'href="/keys" data-ask="sheet" aria-keyshortcuts="?"' in page
    assert 'aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+Shift+ArrowUp Alt+Shift+ArrowDown"' in page
