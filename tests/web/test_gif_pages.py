"""Choosing a GIF: a page of buttons, each of which sends its message."""

from __future__ import annotations

import re
from urllib.parse import quote

from sampark.gifs.provider import Page, ProviderAway
from tests.support import Browser, Site, count


async def asha_and_room(site: Site) -> tuple[Browser, str]:
    asha = await site.person("asha")
    return asha, await site.room(asha)


async def test_a_button_of_the_page_sends_its_gif(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    page = (await asha.get(f"/rooms/{room}/gifs?q=namaste")).text
    choice = re.findall(r'<button class="gif-choice" name="gif" value="([^"]+)"', page)[0]
    assert choice == "local:namaste"
    answer = await asha.post(f"/rooms/{room}/messages", {"gif": choice, "key": "k"})
    assert answer.location == f"/rooms/{room}#message-1"
    await stream.wait_for('data-kind="gif"')
    article = (await ravi.room(room)).articles[1]
    [address] = re.findall(r'<img src="([^"]+)"', article)
    answer = await ravi.get(address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/webp")
    assert re.search(r'<img [^>]*alt="[^"]{10,}"', article)
    assert re.search(r'media="\(prefers-reduced-motion: reduce\)" srcset="/gifs/namaste.still.webp"', article)


async def test_both_languages_find_and_are_told_what_there_is_to_see(site: Site) -> None:
    asha, room = await asha_and_room(site)
    assert "local:namaste" in (await asha.get(f"/rooms/{room}/gifs?q={quote('नमस')}")).text
    await asha.post(f"/rooms/{room}/messages", {"gif": "local:namaste", "key": "k"})
    english = (await asha.room(room)).articles[1]
    await asha.post("/preferences", {"language": "hi"})
    hindi = (await asha.room(room)).articles[1]
    [one], [other] = (re.findall(r'alt="([^"]*)"', article) for article in (english, hindi))
    assert one.isascii()
    assert not other.isascii()


async def test_what_is_in_fashion_comes_first_and_there_are_more(site: Site) -> None:
    asha, room = await asha_and_room(site)
    first = await asha.get(f"/rooms/{room}/gifs")
    shown = re.findall(r'value="(local:[^"]+)"', first.text)
    assert len(shown) == 24
    [more] = re.findall(r'<a class="button more-gifs" href="([^"]+)"', first.text)
    second = await asha.get(f"/rooms/{room}/gifs{more.replace('&amp;', '&')}")
    others = re.findall(r'value="(local:[^"]+)"', second.text)
    assert others
    assert not {*shown} & {*others}


async def test_what_is_not_there_is_not_sent(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for reference in ("local:none", "other:namaste", "namaste", "local:../secret", "giphy:abc"):
        answer = await asha.post(f"/rooms/{room}/messages", {"gif": reference, "text": "my words", "key": "k"})
        assert answer.status == 422
        assert "my words" in answer.text
    assert (await asha.get("/gifs/none.webp")).status == 404
    assert (await asha.get("/gifs/..%2f..%2fsecret.webp")).status == 404
    assert await count("messages") == 0
    zoya = await site.person("zoya")
    assert (await zoya.get(f"/rooms/{room}/gifs")).status == 404
    assert (await zoya.post(f"/rooms/{room}/messages", {"gif": "local:namaste"})).status == 404
    # Readers of a room in another site's page have no session here, and see them, too.
    assert (await site.stranger().get("/gifs/namaste.webp")).status == 200


class Away:
    """A provider that cannot be reached."""

    name, label, attribution, placeholder, transport, media_origins = (
        "away",
        "Away GIFs",
        "Powered by Away",
        "",
        "direct",
        (),
    )

    async def search(self, query: str, language: str, page: str | None = None) -> Page:
        raise ProviderAway("slow")

    async def get(self, id: str, language: str = "en") -> None:
        raise ProviderAway("slow")

    async def close(self) -> None: ...


async def test_a_provider_that_is_away_costs_its_own_gifs_only(site: Site) -> None:
    asha, room = await asha_and_room(site)
    site.parts.gifs.providers["away"] = Away()
    page = (await asha.get(f"/rooms/{room}/gifs?q=namaste")).text
    assert "Away GIFs" in page
    assert "local:namaste" in page
    answer = await asha.post(f"/rooms/{room}/messages", {"gif": "away:1", "text": "my words"})
    assert answer.status == 503
    assert "my words" in answer.text
