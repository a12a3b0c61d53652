"""Asking the library and every configured provider at once, so that one that is away costs its own results only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sampark.gifs.giphy import Giphy
from sampark.gifs.klipy import Klipy
from sampark.gifs.library import Library
from sampark.gifs.provider import Gif, Language, Page, Provider, ProviderAway


@dataclass(frozen=True, slots=True)
class Found:
    """One provider's part of an answer. `trouble` is a ProviderAway's reason; the page is then empty."""

    provider: Provider
    page: Page
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, ours first."""

    parts: tuple[Found, ...]

    @property
    def trouble(self) -> str:
        """The names of the providers that are away, with a space between; empty if all answered."""
        return " ".join(part.provider.name for part in self.parts if part.trouble)

    @property
    def gifs(self) -> tuple[Gif, ...]:
        return tuple(gif for part in self.parts for gif in part.page.gifs)


class Finder:
    """All there is to pick from."""

    def __init__(self, library: Library, providers: Sequence[Provider] = ()) -> None:
        self.library = library
        self.providers: dict[str, Provider] = {one.name: one for one in (library, *providers)}

    async def search(
        self,
        query: str,
        language: Language,
        *,
        provider: str | None = None,
        page: str | None = None,
        uses: Mapping[str, int] | None = None,
    ) -> Findings:
        """The GIFs for a query; for an empty one those that are in fashion.

        `provider` asks only that one (an unknown name: nobody); `page` is a `next_page` of it, and only counts with it.
        `uses`: how often ids of the local library were sent of late.
        """
        asked = [one for one in self.providers.values() if provider in {None, one.name}]
        page = page if provider is not None else None
        parts = await asyncio.gather(*(self._ask(one, query, language, page, uses or {}) for one in asked))
        return Findings(tuple(parts))

    async def get(self, provider: str, id: str, language: Language = "en") -> Gif | None:
        """What a form's `provider` and `id` stand for; None if for nothing. Raises ProviderAway."""
        known = self.providers.get(provider)
        return None if known is None else await known.get(id, language)

    @property
    def media_origins(self) -> tuple[str, ...]:
        """For img-src in the Content-Security-Policy of pages that show GIFs."""
        direct = (one.media_origins for one in self.providers.values() if one.transport == "direct")
        return tuple(origin for origins in direct for origin in origins)

    async def close(self) -> None:
        for one in self.providers.values():
            await one.close()

    async def _ask(
        self, provider: Provider, query: str, language: Language, page: str | None, uses: Mapping[str, int]
    ) -> Found:
        try:
            if isinstance(provider, Library):
                return Found(provider, await provider.search(query, language, page, uses=uses))
            return Found(provider, await provider.search(query, language, page))
        except ProviderAway as away:
            return Found(provider, Page(), away.reason)


def configured(giphy_key: str | None, klipy_key: str | None) -> list[Provider]:
    """The providers for which there is a key."""
    providers: list[Provider] = []
    if giphy_key:
        providers.append(Giphy(giphy_key))
    if klipy_key:
        providers.append(Klipy(klipy_key))
    return providers
