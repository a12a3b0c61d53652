"""GIPHY, when the operator has a key.

Shapes: developers.giphy.com/docs/api (gif, image and pagination objects; numbers come as strings).

Terms, which decide how this is built: "Powered by GIPHY" stands beside its results; media are loaded by the reader's browser
from GIPHY's own origins, with their addresses as given, neither proxied nor copied; answers are not cached. Its best
practices also speak of calling the API from clients only. Asking it from the server, as here, keeps readers' addresses and
the key from third parties and works without JavaScript, but needs GIPHY's consent: setting the key is the operator's
statement to have it. A message keeps id, media address and size, no file.
"""

import re
from typing import Any, Literal

from sampark.gifs import web
from sampark.gifs.provider import LONGEST_QUERY, PAGE_SIZE, Gif, Language, Page, page_number

_RENDITIONS = (("fixed_height", "fixed_height_still"), ("downsized", "downsized_still"), ("original", "original_still"))
"""The smallest that is good enough, with the picture that does not move; 200 pixels high comes first."""
_FARTHEST = 200
"""Pages. GIPHY's offset ends at 4999."""


class Giphy:
    name = "giphy"
    label = "GIPHY"
    attribution = "Powered by GIPHY"
    placeholder = "Search GIPHY"
    transport: Literal["local", "direct", "proxy"] = "direct"
    media_origins = (
        "https://media.giphy.com",
        "https://media0.giphy.com",
        "https://media1.giphy.com",
        "https://media2.giphy.com",
        "https://media3.giphy.com",
        "https://media4.giphy.com",
        "https://i.giphy.com",
    )

    def __init__(
        self, key: str, *, rating: str = "g", base: str = "https://api.giphy.com", patience: float = web.PATIENCE
    ) -> None:
        """`rating`: g, pg, pg-13 or r; g because schools are among the readers."""
        self._key = key
        self._rating = rating
        self._web = web.Web(base, patience=patience)

    def __repr__(self) -> str:
        return "Giphy(…)"

    async def search(self, query: str, language: Language, page: str | None = None) -> Page:
        if not query.strip():
            return await self.trending(language, page)
        return await self._page("/v1/gifs/search", page, q=query.strip()[:LONGEST_QUERY], lang=language[:2])

    async def trending(self, language: Language, page: str | None = None) -> Page:
        return await self._page("/v1/gifs/trending", page)

    async def get(self, id: str, language: Language = "en") -> Gif | None:
        if not _is_id(id):
            return None
        answer = await self._web.json(f"/v1/gifs/{id}", {"api_key": self._key, "rating": self._rating})
        return self._gif(web.inside(answer, "data"))

    async def close(self) -> None:
        await self._web.close()

    async def _page(self, path: str, page: str | None, **parameters: str) -> Page:
        number = page_number(page, _FARTHEST)
        asked: dict[str, str | int] = {
            "api_key": self._key,
            "rating": self._rating,
            "limit": PAGE_SIZE,
            "offset": number * PAGE_SIZE,
        }
        answer = await self._web.json(path, {**asked, **parameters})
        listed = web.items(web.inside(answer, "data"), PAGE_SIZE)
        gifs = tuple(gif for gif in map(self._gif, listed) if gif is not None)
        return Page(gifs, str(number + 1) if len(listed) == PAGE_SIZE and number < _FARTHEST else None)

    def _gif(self, item: Any) -> Gif | None:
        """None for what is not as documented: one bad item must not cost the page."""
        id = web.inside(item, "id")
        if not isinstance(id, str) or not _is_id(id):
            return None
        title = web.words(web.inside(item, "title"), 120) or "GIF"
        for moving, still in _RENDITIONS:
            image = web.inside(item, "images", moving)
            url = web.media_address(web.inside(image, "webp"), self.media_origins)
            url = url or web.media_address(web.inside(image, "url"), self.media_origins)
            size = web.size(web.inside(image, "width"), web.inside(image, "height"))
            if url is None or size is None:
                continue
            still_url = web.media_address(web.inside(item, "images", still, "url"), self.media_origins) or ""
            alt = web.words(web.inside(item, "alt_text"), 300) or title
            source = web.media_address(web.inside(item, "url"), ("https://giphy.com",)) or ""
            return Gif(self.name, id, title, alt, *size, url=url, still_url=still_url, source=source)
        return None


def _is_id(id: str) -> bool:
    return re.fullmatch("[A-Za-z0-9]{1,64}", id) is not None
