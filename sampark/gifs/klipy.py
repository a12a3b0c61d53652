"""KLIPY, when the operator has a key.

Shapes: API v1 as its public third-party clients use it (`{base}/api/v1/{key}/gifs/search`, `/trending`, `/items?slugs=`);
KLIPY's own documentation could not be read while this was written, so every field is checked. Its attribution rules: the
words "Search KLIPY" in the empty field, "Powered by KLIPY" beside the results. Media are loaded by the reader's browser
from KLIPY's own origins; nothing is proxied or copied, and no `customer_id` tells it who searches.
"""

import re
from typing import Any, Literal
from urllib.parse import quote

from sampark.gifs import web
from sampark.gifs.provider import LONGEST_QUERY, PAGE_SIZE, Gif, Language, Page, page_number

_SIZES = ("sm", "md", "xs", "hd")
"""In the order in which they suit a chat."""
_LOCALES = {"en": "en_IN", "hi": "hi_IN"}


class Klipy:
    name = "klipy"
    label = "KLIPY"
    attribution = "Powered by KLIPY"
    placeholder = "Search KLIPY"
    transport: Literal["local", "direct", "proxy"] = "direct"
    media_origins = ("https://static.klipy.com", "https://static2.klipy.com")

    def __init__(
        self, key: str, *, filtering: str = "high", base: str = "https://api.klipy.com", patience: float = web.PATIENCE
    ) -> None:
        """`filtering`: off, low, medium or high; high because schools are among the readers."""
        self._path = f"/api/v1/{quote(key, safe='')}/gifs"
        self._filtering = filtering
        self._web = web.Web(base, patience=patience)

    def __repr__(self) -> str:
        return "Klipy(…)"

    async def search(self, query: str, language: Language, page: str | None = None) -> Page:
        if not query.strip():
            return await self.trending(language, page)
        return await self._page("/search", language, page, q=query.strip()[:LONGEST_QUERY])

    async def trending(self, language: Language, page: str | None = None) -> Page:
        return await self._page("/trending", language, page)

    async def get(self, id: str, language: Language = "en") -> Gif | None:
        """`id` is KLIPY's slug."""
        if not _is_slug(id):
            return None
        answer = await self._web.json(f"{self._path}/items", {"slugs": id})
        if answer is None:
            return None
        found = (self._gif(item) for item in web.items(_listed(answer), PAGE_SIZE))
        return next((gif for gif in found if gif is not None and gif.id == id), None)

    async def close(self) -> None:
        await self._web.close()

    async def _page(self, path: str, language: Language, page: str | None, **parameters: str) -> Page:
        number = page_number(page) or 1
        asked: dict[str, str | int] = {"page": number, "per_page": PAGE_SIZE, "content_filter": self._filtering}
        locale = {"locale": _LOCALES.get(language, "en_IN")}
        answer = await self._web.json(self._path + path, {**asked, **locale, **parameters})
        gifs = tuple(gif for gif in map(self._gif, web.items(_listed(answer), PAGE_SIZE)) if gif is not None)
        has_next = web.inside(answer, "data", "has_next") is True
        return Page(gifs, str(number + 1) if has_next else None)

    def _gif(self, item: Any) -> Gif | None:
        """None for what is not as expected (an advertisement, say): one bad item must not cost the page."""
        slug = web.inside(item, "slug")
        if not isinstance(slug, str) or not _is_slug(slug):
            return None
        title = web.words(web.inside(item, "title"), 120) or "GIF"
        for place in _SIZES:
            files = web.inside(item, "file", place)
            for kind in ("webp", "gif"):
                url = web.media_address(web.inside(files, kind, "url"), self.media_origins)
                size = web.size(web.inside(files, kind, "width"), web.inside(files, kind, "height"))
                if url is not None and size is not None:
                    still_url = web.media_address(web.inside(files, "jpg", "url"), self.media_origins) or ""
                    source = f"https://klipy.com/gifs/{slug}"
                    return Gif(self.name, slug, title, title, *size, url=url, still_url=still_url, source=source)
        return None


def _listed(answer: Any) -> Any:
    return web.inside(answer, "data", "data")


def _is_slug(slug: str) -> bool:
    return re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,99}", slug) is not None
