"""What a GIF is, and who has some."""

from dataclasses import dataclass
from typing import Literal, Protocol

PAGE_SIZE = 24
"""GIFs on one page of results, from every provider."""
LONGEST_QUERY = 50
"""Characters. GIPHY takes no more, and nobody types more."""

Language = str
"""As in `<html lang>`: `en` or `hi`. A provider without words in it answers in English."""


@dataclass(frozen=True, slots=True)
class Gif:
    """One animation. Its texts are plain: whoever writes them into HTML escapes them."""

    provider: str
    """The provider's `name`; with `id` it names the GIF for good."""
    id: str
    title: str
    alt: str
    """What there is to see, for those who do not; never empty."""
    width: int
    height: int
    """Pixels of the animation, 1 to `web.MOST_PIXELS` each."""
    url: str = ""
    """The animation on the provider's media origin; empty for ours, which are served under `key`."""
    still_url: str = ""
    """One picture of it that does not move, for those who asked for less motion."""
    key: str = ""
    """Name of the animation's file in the local library: what `Library.file` opens. Empty for the others."""
    source: str = ""
    """Its page at the provider, for the link that some terms ask for; https or empty."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some results, and what to hand in as `page` for those after them (None: no more)."""

    gifs: tuple[Gif, ...] = ()
    next_page: str | None = None


class ProviderAway(Exception):
    """A provider cannot be used just now. `reason`: slow, unreachable, busy, refused, broken, too-large or nonsense.

    Carries no address, key or answer, also not as its cause: it may be logged.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Provider(Protocol):
    """Where GIFs come from. Every method may raise ProviderAway."""

    @property
    def name(self) -> str:
        """Short and stable: stored with messages, used in addresses."""

    @property
    def label(self) -> str:
        """What people call it."""

    @property
    def attribution(self) -> str:
        """What its terms want beside its results, as text in the provider's own spelling; empty for none."""

    @property
    def placeholder(self) -> str:
        """What its terms want in an empty search field; empty for our own words."""

    @property
    def transport(self) -> Literal["local", "direct", "proxy"]:
        """How its media reach the reader: served by us, fetched by the browser from `media_origins`, or through us."""

    @property
    def media_origins(self) -> tuple[str, ...]:
        """`https://host`, for img-src in the Content-Security-Policy; only where the transport is direct."""

    async def search(self, query: str, language: Language, page: str | None = None) -> Page: ...

    async def trending(self, language: Language, page: str | None = None) -> Page: ...

    async def get(self, id: str, language: Language = "en") -> Gif | None:
        """The GIF of that id as the provider knows it now: what is sent is never what a form claims. None: no such one."""

    async def close(self) -> None:
        """Let go of connections."""


def page_number(page: str | None, most: int = 200) -> int:
    """The number in a `page` that came back from a reader: 0 for none, and for anything that is not a number or too far."""
    if page is None or not page.isascii() or not page.isdigit() or len(page) > 4:
        return 0
    return min(int(page), most)
