"""What somebody sees of a room who has not signed in and follows its link: for a room that is open to reading, what it is about.

It is also what other programs read of it, which show links as cards (Open Graph, https://ogp.me) or as frames (oEmbed).
"""

from urllib.parse import quote, urlencode

from quart import Response, request

from sampark.text.problems import NotFound
from sampark.web import origin, pages
from sampark.web.embed_feed import open_embed
from sampark.web.parts import parts


async def card() -> Response | None:
    """The page for the room of this request; None if this asks for something else, or for a room that is not open."""
    if request.endpoint != "rooms.show" or request.method not in {"GET", "HEAD"} or pages.is_htmx():
        return None
    try:
        embed = await open_embed((request.view_args or {})["room"])
    except NotFound:
        return None
    return await pages.page("card", room=embed.room, **links(embed.room.code), way_in=pages.way_to_sign_in())


def links(code: str) -> dict[str, str]:
    """What the head of a public page of this room names: its address, its frame, its feed and its oEmbed."""
    address = f"{origin.ours()}/rooms/{code}"
    frame = f"{origin.ours()}/embed/rooms/{code}"
    return {
        "address": address,
        "frame": frame,
        "feed": f"{frame}/feed.atom",
        "image": f"{origin.ours()}{parts().static.url('icons/512.png')}",
        "oembed": f"{origin.ours()}/oembed?{urlencode({'url': address, 'format': 'json'}, quote_via=quote)}",
    }
