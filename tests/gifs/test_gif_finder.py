"""All providers at once: trouble with one costs its own results only."""

from pathlib import Path

from aiohttp import web

from sampark.gifs.giphy import Giphy
from sampark.gifs.klipy import Klipy
from sampark.gifs.library import Library
from sampark.gifs.search import Finder, configured
from tests.gifs.gif_server import gif_server, giphy_gif, giphy_page


async def test_the_library_answers_while_the_others_are_away(tmp_path: Path) -> None:
    async with gif_server() as server:
        server.handler = lambda request: web.Response(status=500)
        finder = Finder(Library(tmp_path), [Giphy("k", base=server.base), Klipy("k", base="http://127.0.0.1:1")])
        found = await finder.search("chai", "en")
        await finder.close()
    assert found.trouble == "giphy klipy"
    assert [(part.provider.name, part.trouble) for part in found.parts] == [
        ("local", ""),
        ("giphy", "broken"),
        ("klipy", "unreachable"),
    ]
    assert found.gifs[0].id == "tea"
    assert {gif.provider for gif in found.gifs} == {"local"}


async def test_both_answer_ours_first(tmp_path: Path) -> None:
    async with gif_server() as server:
        server.handler = lambda request: web.json_response(giphy_page(giphy_gif("one")))
        finder = Finder(Library(tmp_path), [Giphy("k", base=server.base)])
        found = await finder.search("chai", "en")
        await finder.close()
    assert found.trouble == ""
    assert found.gifs[0].provider == "local"
    assert found.gifs[-1].id == "one"


async def test_one_provider_alone_pages_on(tmp_path: Path) -> None:
    async with gif_server() as server:
        finder = Finder(Library(tmp_path), [Giphy("k", base=server.base)])
        found = await finder.search("", "en", provider="local", page="1")
        await finder.search("", "en", provider="giphy", page="2")
        await finder.search("cat", "en", page="2")
        assert await finder.search("", "en", provider="nobody") == type(found)(())
        await finder.close()
        assert [part.provider.name for part in found.parts] == ["local"]
        assert [query["offset"] for _, query in server.asked] == ["48", "0"], "a page counts only for its own provider"


async def test_a_gif_is_found_again_by_provider_and_id(tmp_path: Path) -> None:
    finder = Finder(Library(tmp_path))
    gif = await finder.get("local", "tea", "hi")
    assert gif is not None
    assert gif.title == "चाय का समय"
    assert await finder.get("local", "../tea") is None
    assert await finder.get("giphy", "tea") is None


async def test_what_was_sent_of_late_comes_first(tmp_path: Path) -> None:
    finder = Finder(Library(tmp_path))
    found = await finder.search("", "en", uses={"rakhi": 3, "kite": 9, "unknown": 50})
    assert [gif.id for gif in found.gifs[:3]] == ["kite", "rakhi", "namaste"]


async def test_only_configured_providers_open_origins(tmp_path: Path) -> None:
    assert Finder(Library(tmp_path), configured(None, "")).media_origins == ()
    both = Finder(Library(tmp_path), configured("k", "k"))
    assert list(both.providers) == ["local", "giphy", "klipy"]
    assert both.media_origins == (*Giphy.media_origins, *Klipy.media_origins)
