"""GIPHY and KLIPY: the documented shapes are read, and nothing else is believed."""

import asyncio
import logging
import traceback
from typing import Any

import pytest
from aiohttp import web

from sampark.gifs.giphy import Giphy
from sampark.gifs.klipy import Klipy
from sampark.gifs.provider import Provider, ProviderAway
from tests.gifs.gif_server import KEY, GifServer, gif_of, giphy_gif, giphy_page, klipy_gif, klipy_page, page_of


async def test_giphy_is_asked_and_read_as_documented(server: GifServer) -> None:
    server.handler = lambda request: web.json_response(giphy_page(*[giphy_gif(f"id{n}") for n in range(24)]))
    giphy = Giphy(KEY, base=server.base)
    page = await giphy.search("  बिल्ली  " + "x" * 80, "hi", "2")
    await giphy.close()

    path, query = server.asked[0]
    assert path == "/v1/gifs/search"
    assert query["api_key"] == KEY
    assert query["rating"] == "g"
    assert query["lang"] == "hi"
    assert (query["limit"], query["offset"]) == ("24", "48")
    assert len(query["q"]) == 50
    assert query["q"].startswith("बिल्ली")
    gif = page.gifs[0]
    assert (gif.provider, gif.id, gif.title) == ("giphy", "id0", "Cat Wave GIF by Someone")
    assert gif.alt == "A cat waves from a window"
    assert (gif.width, gif.height) == (267, 200)
    assert gif.url == "https://media2.giphy.com/media/id0/200.webp?cid=e1bb72ff&ep=v1_gifs_search&rid=200.gif&ct=g"
    assert "/200_s.gif?cid=" in gif.still_url
    assert gif.source == "https://giphy.com/gifs/cat-wave-id0"
    assert page.next_page == "3"


async def test_klipy_is_asked_and_read_as_its_clients_do(server: GifServer) -> None:
    server.handler = lambda request: web.json_response(klipy_page(klipy_gif()))
    klipy = Klipy(KEY, base=server.base)
    page = await klipy.search("cat", "hi", "3")
    await klipy.close()

    path, query = server.asked[0]
    assert path == "/api/v1/s3cret%2Fkey%3F/gifs/search", "a key cannot change the path"
    assert query == {"q": "cat", "page": "3", "per_page": "24", "locale": "hi_IN", "content_filter": "high"}
    (gif,) = page.gifs
    assert (gif.id, gif.title, gif.width, gif.height) == ("cat-wave-12", "Cat wave", 220, 220)
    assert gif.url == "https://static.klipy.com/ii/ab/220.webp"
    assert gif.still_url == "https://static.klipy.com/ii/ab/220.jpg"
    assert page.next_page == "4"


async def test_nobody_who_searches_is_named_to_the_provider(provider: Provider, server: GifServer) -> None:
    server.handler = lambda request: web.json_response(page_of(provider), headers={"Set-Cookie": "id=1"})
    await provider.search("cat", "en")
    await provider.search("dog", "en")
    assert all({"Cookie", "Referer", "X-Forwarded-For"}.isdisjoint(sent) for sent in server.headers)
    assert all("customer_id" not in query and "random_id" not in query for _, query in server.asked)


async def test_an_empty_query_brings_what_is_in_fashion(provider: Provider, server: GifServer) -> None:
    server.handler = lambda request: web.json_response(page_of(provider, gif_of(provider)))
    assert len((await provider.search("  ", "en")).gifs) == 1
    assert server.asked[0][0].endswith("/trending")
    assert "q" not in server.asked[0][1]


async def test_the_last_page_has_none_after_it(provider: Provider, server: GifServer) -> None:
    last = giphy_page(giphy_gif()) if provider.name == "giphy" else klipy_page(klipy_gif(), has_next=False)
    server.handler = lambda request: web.json_response(last)
    assert (await provider.search("cat", "en")).next_page is None


@pytest.mark.parametrize("page", ["-1", "1e9", "٣", "99999999999999999999", "'; --", ""])
async def test_a_forged_page_is_the_first_or_the_last_possible(
    provider: Provider, server: GifServer, page: str
) -> None:
    server.handler = lambda request: web.json_response(page_of(provider))
    await provider.search("cat", "en", page)
    query = server.asked[0][1]
    assert query.get("offset", "0") == "0"
    assert query.get("page", "1") == "1"


async def test_one_gif_is_fetched_by_its_id(server: GifServer) -> None:
    giphy, klipy = Giphy(KEY, base=server.base), Klipy(KEY, base=server.base)
    server.handler = lambda request: web.json_response({"data": giphy_gif("abc123"), "meta": {"status": 200}})
    found = await giphy.get("abc123")
    assert found is not None
    assert found.id == "abc123"
    server.handler = lambda request: web.json_response(klipy_page(klipy_gif("other"), klipy_gif("cat-wave-12")))
    found = await klipy.get("cat-wave-12")
    assert found is not None
    assert found.id == "cat-wave-12"
    assert [(path.rpartition("/gifs")[2], query.get("slugs")) for path, query in server.asked] == [
        ("/abc123", None),
        ("/items", "cat-wave-12"),
    ]
    await giphy.close()
    await klipy.close()


async def test_an_id_that_is_none_is_never_asked_for(provider: Provider, server: GifServer) -> None:
    for id in ("", "../../admin", "a/b", "a?x=1", "a b", "ä", "a" * 101, "a\n", "%2e%2e"):
        assert await provider.get(id) is None
    assert server.asked == []


async def test_a_gif_that_is_gone_is_none(provider: Provider, server: GifServer) -> None:
    server.handler = lambda request: web.json_response({"data": [], "meta": {"status": 404}}, status=404)
    assert await provider.get("abc123") is None


def _status(status: int) -> Any:
    return lambda request: web.Response(status=status, text="no")


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(600):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


def _ten_megabytes(request: web.Request) -> web.Response:
    return web.Response(body=b'{"data": ["' + b"x" * 10_000_000 + b'"]}', content_type="application/json")


def _redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})


def _compressed(request: web.Request) -> web.Response:
    return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})


BAD_ANSWERS = [
    (_status(500), "broken"),
    (_status(429), "busy"),
    (_status(403), "refused"),
    (_redirect, "broken"),
    (_compressed, "broken"),
    (_ten_megabytes, "too-large"),
    (_slow, "slow"),
    (_dripping, "slow"),
    (lambda request: web.Response(text="<html>Log in</html>", content_type="text/html"), "nonsense"),
    (lambda request: web.Response(text="[" * 100_000), "nonsense"),
    (lambda request: web.Response(body=b"\xff\xfe\x00"), "nonsense"),
    (lambda request: web.json_response("data"), "nonsense"),
    (lambda request: web.json_response({"data": {"data": 7}}), "nonsense"),
    (lambda request: web.json_response({"data": 7}), "nonsense"),
    (lambda request: web.json_response(None), "nonsense"),
]


@pytest.mark.parametrize(("handler", "reason"), BAD_ANSWERS)
@pytest.mark.parametrize("make", [Giphy, Klipy])
async def test_a_bad_answer_is_one_reason_without_the_key(
    server: GifServer, make: Any, handler: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.handler = handler
    provider = make(KEY, base=server.base, patience=0.4 if reason == "slow" else 20)
    with pytest.raises(ProviderAway) as caught:
        await provider.search("cat", "en")
    await provider.close()
    assert caught.value.reason == reason
    told = "".join(traceback.format_exception(caught.value)) + repr(provider)
    told += "".join(record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.access"))
    assert "s3cret" not in told


@pytest.mark.parametrize("make", [Giphy, Klipy])
async def test_nobody_listening_is_unreachable_without_the_key(server: GifServer, make: Any) -> None:
    provider = make(KEY, base="http://127.0.0.1:1")
    with pytest.raises(ProviderAway, match="unreachable") as caught:
        await provider.search("cat", "en")
    await provider.close()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


async def test_a_provider_in_trouble_is_left_alone_for_a_moment(provider: Provider, server: GifServer) -> None:
    server.handler = lambda request: web.Response(status=429, headers={"Retry-After": "7"})
    now = [100.0]
    provider._web._clock = lambda: now[0]  # type: ignore[attr-defined]
    for _ in range(3):
        with pytest.raises(ProviderAway, match="busy"):
            await provider.search("cat", "en")
    assert len(server.asked) == 1
    now[0] += 7.1
    server.handler = lambda request: web.json_response(page_of(provider))
    await provider.search("cat", "en")
    assert len(server.asked) == 2


@pytest.mark.parametrize("provider_type", [Giphy, Klipy])
def test_a_provider_says_what_its_terms_want(provider_type: Any) -> None:
    provider = provider_type(KEY)
    assert provider.attribution == f"Powered by {provider.label}"
    assert provider.placeholder == f"Search {provider.label}"
    assert provider.transport == "direct"
    assert all(origin.startswith("https://") and "*" not in origin for origin in provider.media_origins)
    assert "s3cret" not in repr(provider)
