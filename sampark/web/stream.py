"""A room's changes as they happen: server-sent events for htmx, and an endless document for browsers without JavaScript."""

import secrets
from collections.abc import AsyncIterator

from quart import Blueprint, Response, g, request

from sampark import access
from sampark.access import OpenRoom, Person
from sampark.chat import history
from sampark.live.frames import DocumentFrames, EventFrames, Frames
from sampark.web import pages
from sampark.web.parts import Parts, parts
from sampark.web.people import person

blueprint = Blueprint("stream", __name__)

_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@blueprint.get("/rooms/<room>/events")
async def events(room: str) -> Response:
    here = await _enter(room)
    cursor = _cursor(here)
    frames = EventFrames(parts().fragments, pages.chosen_language())
    return _stream(
        _blocks(parts(), person(), here, frames, cursor, frames.opening(max(cursor, 0))),
        "text/event-stream; charset=utf-8",
    )


@blueprint.get("/rooms/<room>/live")
async def live(room: str) -> Response:
    here = await _enter(room)
    nonce = secrets.token_urlsafe(12)
    frames = DocumentFrames(parts().fragments, pages.chosen_language(), nonce)
    page = await history.newest(here.id)
    opening = pages.render("live_start.html", room=here, html=frames.history(page), nonce=nonce, page=page)
    g.style_sources = [f"nonce-{nonce}"]
    response = _stream(
        _blocks(parts(), person(), here, frames, here.version, opening.encode()), "text/html; charset=utf-8"
    )
    # When the document ends, cleanly or not, the browser loads it again (web browsers wait for its end first).
    response.headers["Refresh"] = "3"
    return response


async def _enter(room: str) -> OpenRoom:
    here = await access.room_for(person(), room)
    parts().limits.check_streams(await parts().hub.streams_of(person()))
    return here


def _cursor(room: OpenRoom) -> int:
    """Where the reader is. One that says nothing starts now; one that says nonsense gets the newest page anew (-1)."""
    said = request.headers.get("Last-Event-ID") or request.args.get("since")
    if said is None:
        return room.version
    cursor = int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else -1
    return cursor if cursor <= room.version else -1


async def _blocks(
    parts: Parts, person: Person, room: OpenRoom, frames: Frames, cursor: int, opening: bytes
) -> AsyncIterator[bytes]:
    streams = parts.metrics.streams.labels(transport="sse" if isinstance(frames, EventFrames) else "html")
    with streams.track_inprogress():
        async with parts.hub.reading(person, room, frames, cursor) as reader:
            yield opening
            while (block := await reader.take()) is not None:
                yield block


def _stream(blocks: AsyncIterator[bytes], content_type: str) -> Response:
    # Who asks for the head only would keep a reader open for nothing.
    response = Response(b"" if request.method == "HEAD" else blocks, content_type=content_type, headers=_HEADERS)
    response.timeout = None  # Quart would cut it after 60 s
    return response
