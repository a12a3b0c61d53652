"""GIFs to pick from: a page with a grid of buttons, each of which sends its message."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from quart import Blueprint, Response, request, send_file

from sampark import access
from sampark.gifs.provider import LONGEST_QUERY, Gif, Provider, ProviderAway
from sampark.gifs.search import Findings
from sampark.text import language
from sampark.text.language import N_
from sampark.text.problems import Invalid, NotFound, Unavailable
from sampark.web import pages
from sampark.web.parts import parts
from sampark.web.people import person, public

blueprint = Blueprint("gifs", __name__)

_MOST_COUNTED = 10_000
_uses: Counter[str] = Counter()
"""How often those of the library were sent since the start: what people here like comes first."""


@blueprint.get("/rooms/<room>/gifs")
async def pick(room: str) -> Response:
    here = await access.room_for(person(), room)
    query = " ".join(request.args.get("q", "").split())[:LONGEST_QUERY]
    findings = await _found(query)
    return await pages.page(
        "gifs",
        room=here,
        query=query,
        findings=findings,
        ideas=[] if findings.gifs else await _ideas(),
        address=_address,
        key=pages.new_key(),
    )


async def _ideas() -> list[str]:
    """Words that do find something, for whoever found nothing."""
    page = await parts().gifs.library.search("", pages.chosen_language(), None, uses=_uses)
    return [gif.title for gif in page.gifs[:6]]


async def _found(query: str) -> Findings:
    provider = request.args.get("provider")
    return await parts().gifs.search(
        query, pages.chosen_language(), provider=provider, page=request.args.get("page"), uses=_uses
    )


# Everybody's: guests in other sites' pages see them, too, and there is nothing of anybody's in them.
@blueprint.get("/gifs/<name>.webp")
@public
async def moving(name: str) -> Response:
    return await _send(parts().gifs.library.file(name))


@blueprint.get("/gifs/<name>.still.webp")
@public
async def still(name: str) -> Response:
    return await _send(parts().gifs.library.still(name))


async def _send(found: Any) -> Response:
    if found is None:
        raise NotFound
    path, media_type = found
    response = await send_file(path, mimetype=media_type, conditional=True, cache_timeout=86_400)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


async def chosen(reference: str) -> dict[str, Any] | None:
    """What a message shows of the GIF that a form names (`local:namaste`); None for none.

    Errors: `Invalid` for one that there is not, `Unavailable`.
    """
    if not reference:
        return None
    provider, _, name = reference.partition(":")
    try:
        found = await asyncio.gather(*(parts().gifs.get(provider, name, code) for code in language.LANGUAGES))
    except ProviderAway:
        raise Unavailable(
            N_("The GIFs of this provider cannot be had just now. Choose another one, or try again later.")
        ) from None
    made = shown(found, parts().gifs.providers[provider]) if provider in parts().gifs.providers else None
    if made is None:
        raise Invalid(N_("There is no such GIF any more. Choose another one."), "gif")
    if provider == parts().gifs.library.name:
        _count(name)
    return made


def shown(found: Sequence[Gif | None], provider: Provider) -> dict[str, Any] | None:
    """What a message keeps of a GIF, as found for each language in turn; None for none."""
    gif = found[0]
    if gif is None:
        return None
    alts = {code: one.alt for code, one in zip(language.LANGUAGES, found, strict=True) if one is not None}
    return {
        "provider": provider.name, "title": gif.title, "alts": alts, "width": gif.width, "height": gif.height,
        "url": _address(gif), "still": _address(gif, "still"), "source": gif.source,
        "by": provider.attribution,
    }  # fmt: skip


def _address(gif: Gif, which: str = "moving") -> str:
    if gif.key:
        return f"/gifs/{gif.id}.still.webp" if which == "still" else f"/gifs/{gif.id}.webp"
    return gif.still_url if which == "still" else gif.url


def _count(name: str) -> None:
    _uses[name] += 1
    if len(_uses) > _MOST_COUNTED:
        _uses.clear()
