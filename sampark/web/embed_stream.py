"""A room's changes as they happen, for its frames: the app's own streams, by the frame's door."""

import secrets

from quart import Response, g, request

from sampark.access import Ticket
from sampark.chat import history
from sampark.live.abroad import AbroadFrames
from sampark.live.document import LOST_AFTER
from sampark.live.embedded import EmbeddedDocument, EmbeddedFrames
from sampark.web import cors, embedding, origin, pages, stream
from sampark.web.embed_page import look
from sampark.web.embedding import Here, blueprint, here
from sampark.web.parts import parts
from sampark.web.rooms import New


@blueprint.get("/stream")
async def events(room: str) -> Response:
    found = here()
    open_room = found.room
    name = await _take_place(found)
    cursor = stream.cursor_of(open_room)
    frames = _frames(found)
    return stream.opened(found.reader, name, open_room, frames, cursor, frames.opening(max(cursor, 0)), stream.EVENTS)


def _frames(found: Here) -> EmbeddedFrames:
    """For our own frame, or for a page of the site's own."""
    fragments, language, code = parts().fragments, pages.chosen_language(), found.embed.room.code
    if not cors.is_abroad():
        return EmbeddedFrames(fragments, language, code)
    return AbroadFrames(fragments, language, code, origin.ours(), is_open=found.embed.is_open)


@blueprint.get("/live")
async def live(room: str) -> Response:
    """For browsers without JavaScript: a frame within the frame, which never ends."""
    found = here()
    open_room, begins = found.room, "begin" in request.args
    name = "" if begins else await _take_place(found)
    looks = look(found)
    nonce, address = secrets.token_urlsafe(12), f"{looks['way']}/live{looks['query']}"
    frames = EmbeddedDocument(parts().fragments, pages.chosen_language(), nonce, address, open_room.code)
    page = await history.newest(open_room.id)
    online = await parts().hub.presence.online(open_room.id)
    gathering = await parts().hub.gatherings.of(open_room.id, open_room.code, online)
    g.style_sources = [f"nonce-{nonce}"]
    opening = pages.render(
        "live_start.html", room=open_room, page=page, nonce=nonce, is_framed=True, is_embedded=True, lost_after=LOST_AFTER,
        new=New(None), line_above=None, html=frames.history(page), people=frames.people(gathering), lost=frames.lost(), **looks,
    )  # fmt: skip
    if begins:
        return stream.beginning(opening, frames, address)
    response = stream.opened(
        found.reader,
        name,
        open_room,
        frames,
        open_room.version,
        opening.encode(),
        stream.DOCUMENT,
        stamp=gathering.stamp,
    )
    response.headers["Refresh"] = "5"
    return response


async def _take_place(found: Here) -> str:
    """A name for a new stream; of readers without a session each address may have so many. Errors: `NotFound`, `TooMany`."""
    if not isinstance(found.reader, Ticket):
        return await stream.take_place()
    place = embedding.address_hash()
    parts().limits.check_streams(parts().hub.readers_at(place), "readers")
    return f"{place}-{secrets.token_hex(6)}"
