"""What providers send is checked item by item: addresses, sizes, words (hostile cases 1 and 21)."""

from typing import Any

import pytest
from aiohttp import web

from sampark.gifs.provider import Provider
from tests.gifs.gif_server import GifServer, gif_of, giphy_gif, klipy_gif, page_of

BAD_ADDRESSES = [
    "http://media.giphy.com/a.webp",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "//media.giphy.com/a.webp",
    "https://evil.example/a.webp",
    "https://media.giphy.com.evil.example/a.webp",
    "https://media.giphy.com@evil.example/a.webp",
    "https://evil.example\\@media.giphy.com/a.webp",
    "https://media.giphy.com:8443/a.webp",
    "https://user@media.giphy.com/a.webp",
    "https://static.klipy.com:99999/a.webp",
    "https://[::1]/a.webp",
    "https://[/a.webp",
    "https://127.0.0.1/a.webp",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/a.webp",
    "https://media.giphy.com/a b.webp",
    'https://media.giphy.com/a.webp" onload="x',
    "https://media.giphy.com/a.webp\r\nX: y",
    "https://media.giphy.cоm/a.webp",
    "https://media.giphy.com/" + "a" * 3000,
    "",
    None,
    7,
    ["https://media.giphy.com/a.webp"],
    {"url": "https://media.giphy.com/a.webp"},
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
async def test_an_item_with_a_foreign_address_is_left_out_alone(
    provider: Provider, server: GifServer, address: object
) -> None:
    picture = {"url": address, "webp": address, "width": "9", "height": 9}
    if provider.name == "giphy":
        bad = giphy_gif("bad", images={"original": picture, "fixed_height": picture, "downsized": picture})
    else:
        bad = klipy_gif("bad", file={"sm": {"webp": picture, "gif": picture}, "md": {"gif": picture}})
    server.handler = lambda request: web.json_response(page_of(provider, bad, gif_of(provider)))
    (gif,) = (await provider.search("cat", "en")).gifs
    assert gif.id != "bad"


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [("267", "200", (267, 200)), (4000, 2000, (2000, 1000)), ("999999", "1", (2000, 1)), (1, 1, (1, 1))],
)
async def test_sizes_are_kept_within_bounds(
    provider: Provider, server: GifServer, width: object, height: object, shown: tuple[int, int]
) -> None:
    server.handler = lambda request: web.json_response(page_of(provider, _sized(provider, width, height)))
    (gif,) = (await provider.search("cat", "en")).gifs
    assert (gif.width, gif.height) == shown


@pytest.mark.parametrize("width", [0, -5, "0", "-5", "", "1e3", "²", None, True, 1.5, [], 10**9, "9" * 5000])
async def test_an_item_without_a_size_is_left_out(provider: Provider, server: GifServer, width: object) -> None:
    server.handler = lambda request: web.json_response(page_of(provider, _sized(provider, width, 10)))
    assert (await provider.search("cat", "en")).gifs == ()


def _sized(provider: Provider, width: object, height: object) -> dict[str, Any]:
    picture = {"url": f"{provider.media_origins[0]}/a.gif", "width": width, "height": height}
    if provider.name == "giphy":
        return giphy_gif(images={"fixed_height": picture})
    return klipy_gif(file={"sm": {"gif": picture}})


@pytest.mark.parametrize("item", [None, 7, "x", [], {}, {"id": 7}, {"slug": []}, {"type": "ad", "content": "<b>"}])
async def test_an_item_that_is_none_is_left_out_alone(provider: Provider, server: GifServer, item: object) -> None:
    server.handler = lambda request: web.json_response(page_of(provider, item, gif_of(provider), item))
    assert len((await provider.search("cat", "en")).gifs) == 1


async def test_a_hostile_title_is_passed_on_as_one_short_line_of_text(provider: Provider, server: GifServer) -> None:
    title = "<svg onload=alert(1)>\r\nevent: x\u2028\u202e &quot; " + "z" * 5000
    hostile = gif_of(provider, title=title, alt_text=None)
    server.handler = lambda request: web.json_response(page_of(provider, hostile))
    (gif,) = (await provider.search("cat", "en")).gifs
    assert gif.title.startswith("<svg onload=alert(1)> event: x &quot; zzz")
    assert len(gif.title) <= 120
    assert gif.title.isprintable()
    assert gif.alt == gif.title


async def test_an_item_without_words_still_has_some(provider: Provider, server: GifServer) -> None:
    server.handler = lambda request: web.json_response(page_of(provider, gif_of(provider, title=7, alt_text="\u200b")))
    (gif,) = (await provider.search("cat", "en")).gifs
    assert gif.title == gif.alt == "GIF"
