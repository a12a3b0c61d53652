"""What a browser remembers of its person's emoji: the last ones that were sent, and their skin tone. Two cookies, gone with
signing out. The server alone writes them, so it is the same with JavaScript and without, by the picker and by the keyboard.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from quart import Response, request

from sampark.emoji.catalogue import COMMON, TONES, catalogue
from sampark.text.graphemes import clusters
from sampark.web.parts import parts

RECENT, TONE = "emoji", "tone"
MOST = 18
_LONGEST_SIGN = 20
_LOOKED_AT = 300
_PICTURES = re.compile("[\u203c-\u3299\U0001f000-\U0001faff\ufe0f]")
"""Letters of which some are emoji; no letter of Devanagari is among them."""
_LIFETIME = 400 * 24 * 3600


def recent() -> list[str]:
    """The newest first. Whether each is one that is known, only those who show it with its name need to say."""
    signs = unquote(request.cookies.get(RECENT, "")[:4000]).split(".")[:MOST]
    return [*dict.fromkeys(sign for sign in signs if _PICTURES.search(sign) and len(sign) <= _LONGEST_SIGN)]


def few() -> list[str]:
    """For the composer without JavaScript: what this person uses, then what most people use."""
    return [*dict.fromkeys((*recent()[:8], *COMMON))][: len(COMMON)]


def tone() -> int:
    """From 0 (none) to 5 (dark)."""
    return tone_of(request.cookies.get(TONE, "")) or 0


def tone_of(text: str) -> int | None:
    return int(text) if len(text) == 1 and text in "012345"[: len(TONES)] else None


def remember(response: Response, text: str) -> None:
    """The emoji in a text, if there are some: they are the last used ones now."""
    if text.isascii() or not (found := list(_in(text))):
        return
    signs = [*dict.fromkeys((*reversed(found), *recent()))][:MOST]
    _set(response, RECENT, quote(".".join(signs), safe="."))


def _in(text: str) -> Iterator[str]:
    """Whole emoji, each in its own cluster; not more of a text is looked at than people write by hand."""
    if _PICTURES.search(text[:_LOOKED_AT]):
        yield from (cluster for cluster in clusters(text[:_LOOKED_AT]) if catalogue().is_one(cluster))


def remember_tone(response: Response, tone: int) -> None:
    _set(response, TONE, str(tone))


def forget(response: Response) -> Response:
    for name in (RECENT, TONE):
        if name in request.cookies:
            response.delete_cookie(name)
    return response


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_LIFETIME, httponly=True, samesite="Lax", secure=parts().settings.is_secure
    )
