"""The library that needs no key and no network: the pack shipped with the project, and what the operator imported.

Nothing is read before the first question, and then only the two indexes (some 40 KB for the starter pack); pictures stay on
the disk.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sampark.gifs import matching, web
from sampark.gifs.provider import LONGEST_QUERY, PAGE_SIZE, Gif, Language, Page, page_number

STARTER = Path(__file__).parent / "starter"
INDEX = "index.json"
MEDIA_TYPE = "image/webp"

_ID = re.compile("[a-z0-9][a-z0-9-]{0,99}")
"""No separator and no dot: an id cannot leave its folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One GIF of an index. Texts by language; English is always there."""

    id: str
    folder: Path
    title: Mapping[str, str]
    alt: Mapping[str, str]
    width: int
    height: int
    needles: matching.Needles
    """What searching looks at."""

    def gif(self, language: Language) -> Gif:
        key = f"{self.id}.webp"
        title, alt = (texts.get(language) or texts["en"] for texts in (self.title, self.alt))
        return Gif("local", self.id, title, alt, self.width, self.height, key=key)


class Library:
    """`data_folder` is where imported files lie (`gifs/` in the data folder); it need not exist."""

    name = "local"
    label = "Sampark Setu"
    attribution = ""
    placeholder = ""
    transport: Literal["local", "direct", "proxy"] = "local"
    media_origins: tuple[str, ...] = ()

    def __init__(self, data_folder: Path, *, starter: Path = STARTER) -> None:
        self._folders = (starter, data_folder)
        self._entries: dict[str, Entry] = {}
        self._stamp: tuple[int, ...] | None = None

    async def search(
        self, query: str, language: Language, page: str | None = None, *, uses: Mapping[str, int] | None = None
    ) -> Page:
        """Matches in English and Hindi alike, best first; titles and texts come in `language`.

        An empty query brings all: those of `uses` (id to number of times) first, then in the order of the indexes.
        """
        entries = (await self._loaded()).values()
        typed = matching.split(query[:LONGEST_QUERY])
        ranked = _best(entries, typed) if typed else _liked(entries, uses or {})
        return _cut(ranked, language, page)

    async def trending(self, language: Language, page: str | None = None) -> Page:
        return await self.search("", language, page)

    async def get(self, id: str, language: Language = "en") -> Gif | None:
        entry = (await self._loaded()).get(id)
        return None if entry is None else entry.gif(language)

    async def close(self) -> None:
        """Holds nothing open."""

    def file(self, id: str) -> tuple[Path, str] | None:
        """The animation's path and media type; None if there is no such GIF. Its bytes never change.

        Asks no index: what a message shows stays where it is when the words for it change.
        """
        return self._path(id, ".webp")

    def still(self, id: str) -> tuple[Path, str] | None:
        """The same for the poster that does not move."""
        return self._path(id, ".still.webp")

    def _path(self, id: str, ending: str) -> tuple[Path, str] | None:
        if _ID.fullmatch(id) is None:
            return None
        paths = (folder / f"{id}{ending}" for folder in self._folders)
        return next(((path, MEDIA_TYPE) for path in paths if path.is_file()), None)

    async def _loaded(self) -> dict[str, Entry]:
        """Read again only when an import has replaced an index; so a running server sees it."""
        stamp = tuple(_changed(folder / INDEX) for folder in self._folders)
        if stamp != self._stamp:
            self._entries = await asyncio.to_thread(self._read_all)
            self._stamp = stamp
        return self._entries

    def _read_all(self) -> dict[str, Entry]:
        return {entry.id: entry for folder in self._folders for entry in _read(folder)}


def _changed(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _read(folder: Path) -> Iterable[Entry]:
    """The entries of an index; a missing or unreadable one has none, and a bad entry is left out."""
    try:
        listed = json.loads((folder / INDEX).read_bytes())["gifs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    if not isinstance(listed, list):
        return []
    return [entry for entry in (_entry(folder, item) for item in listed) if entry is not None]


def _entry(folder: Path, item: Any) -> Entry | None:
    id, size = web.inside(item, "id"), web.size(web.inside(item, "width"), web.inside(item, "height"))
    title, alt = _texts(web.inside(item, "title"), 120), _texts(web.inside(item, "alt"), 300)
    if not isinstance(id, str) or _ID.fullmatch(id) is None or size is None or "en" not in title:
        return None
    tags = _tags(item)
    alt = alt if "en" in alt else title
    return Entry(id, folder, title, alt, *size, matching.needles(tags, title.values(), alt.values()))


def _tags(item: object) -> list[str]:
    lists = [web.inside(item, "tags", language) for language in ("en", "hi")]
    return [tag for tags in lists if isinstance(tags, list) for tag in tags if isinstance(tag, str)]


def _texts(value: object, most: int) -> dict[str, str]:
    texts = {language: web.words(web.inside(value, language), most) for language in ("en", "hi")}
    return {language: text for language, text in texts.items() if text}


def _best(entries: Iterable[Entry], typed: list[str]) -> list[Entry]:
    scored = [(matching.score(entry.needles, typed), entry) for entry in entries]
    return [entry for score, entry in sorted(scored, key=lambda one: -one[0]) if score]


def _liked(entries: Iterable[Entry], uses: Mapping[str, int]) -> list[Entry]:
    return sorted(entries, key=lambda entry: -uses.get(entry.id, 0))


def _cut(entries: list[Entry], language: Language, page: str | None) -> Page:
    number = page_number(page)
    start = number * PAGE_SIZE
    gifs = tuple(entry.gif(language) for entry in entries[start : start + PAGE_SIZE])
    return Page(gifs, str(number + 1) if start + PAGE_SIZE < len(entries) else None)
