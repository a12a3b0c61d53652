"""A provider of GIFs on loopback: answers in the documented shapes, or as badly as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from sampark.gifs.provider import Provider

KEY = "s3cret/key?"
"""As awkward in an address as a key can be."""

Handler = Callable[[web.Request], Any]


class GifServer:
    """`asked` holds the requests (path, query) in their order; `handler` answers the next ones."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.handler: Handler = lambda request: web.json_response({"data": []})
        self.base = ""

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.raw_path.partition("?")[0], dict(request.query)))
        self.headers.append(dict(request.headers))
        answer = self.handler(request)
        if asyncio.iscoroutine(answer):
            answer = await answer
        return answer


@asynccontextmanager
async def gif_server() -> AsyncIterator[GifServer]:
    server = GifServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server._answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def giphy_gif(id: str = "xT4uQulxzV39haRFjG", **changes: Any) -> dict[str, Any]:
    """As GIPHY's documentation shows it; numbers are strings."""
    address = f"https://media2.giphy.com/media/{id}"
    query = "?cid=e1bb72ff&ep=v1_gifs_search&rid=200.gif&ct=g"
    return {
        "type": "gif",
        "id": id,
        "url": f"https://giphy.com/gifs/cat-wave-{id}",
        "slug": f"cat-wave-{id}",
        "rating": "g",
        "title": "Cat Wave GIF by Someone",
        "alt_text": "A cat waves from a window",
        "images": {
            "original": {"url": f"{address}/giphy.gif{query}", "width": "480", "height": "360", "size": "900000"},
            "fixed_height": {
                "url": f"{address}/200.gif{query}",
                "webp": f"{address}/200.webp{query}",
                "mp4": f"{address}/200.mp4{query}",
                "width": "267",
                "height": "200",
                "size": "350000",
            },
            "fixed_height_still": {"url": f"{address}/200_s.gif{query}", "width": "267", "height": "200"},
        },
        **changes,
    }


def giphy_page(*gifs: Any) -> dict[str, Any]:
    return {
        "data": list(gifs),
        "pagination": {"total_count": 3000, "count": len(gifs), "offset": 0},
        "meta": {"status": 200, "msg": "OK", "response_id": "abc"},
    }


def klipy_gif(slug: str = "cat-wave-12", **changes: Any) -> dict[str, Any]:
    """As v1's clients read it."""

    def files(side: int) -> dict[str, Any]:
        return {
            kind: {"url": f"https://static.klipy.com/ii/ab/{side}.{kind}", "width": side, "height": side, "size": 9000}
            for kind in ("gif", "webp", "jpg", "mp4")
        }

    return {
        "id": 4711,
        "slug": slug,
        "title": "Cat wave",
        "tags": ["cat", "wave"],
        "type": "gif",
        "blur_preview": "data:image/jpeg;base64,AAAA",
        "file": {"hd": files(640), "md": files(400), "sm": files(220), "xs": files(90)},
        **changes,
    }


def klipy_page(*gifs: Any, has_next: bool = True) -> dict[str, Any]:
    return {"result": True, "data": {"data": list(gifs), "current_page": 1, "per_page": 24, "has_next": has_next}}


def page_of(provider: Provider, *gifs: Any) -> dict[str, Any]:
    return giphy_page(*gifs) if provider.name == "giphy" else klipy_page(*gifs)


def gif_of(provider: Provider, **changes: Any) -> dict[str, Any]:
    return giphy_gif(**changes) if provider.name == "giphy" else klipy_gif(**changes)
