"""A room's changes as they happen: server-sent events for htmx, and an endless document for browsers without JavaScript."""

import datetime
import secrets
from collections.abc import AsyncIterator
from typing import Any

from quart import Blueprint, Response, g, request

from sampark import access
from sampark.access import OpenRoom, Person, Ticket
from sampark.chat import history
from sampark.live.document import LOST_AFTER, DocumentFrames
from sampark.live.frames import Frames, OwnFrames
from sampark.live.reader import Behind
from sampark.live.wire import TAKE_OVER, QueueWire, TransportWire
from sampark.text.problems import TooMany
from sampark.web import framing, pages
from sampark.web.parts import Parts, parts
from sampark.web.people import person
from sampark.web.rooms import New, note_read

blueprint = Blueprint("stream", __name__)

EVENTS = "text/event-stream; charset=utf-8"
DOCUMENT = "text/html; charset=utf-8"
_MOST_TABS = 100
"""Rooms for which one stream may stand in."""
_LONGEST_GAP = 600_000
"""Milliseconds: of rooms without a tab, what is older is told by their marks only."""
_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@blueprint.get("/events")
async def own_events() -> Response:
    """One's own: the marks of all one's rooms, for pages that list them and have no room open.

    With `?seen=` what is new there, too, for all tabs in the background together: of each one's room its ID and the newest message
    there, as `k3f9x2mq7hpt-41,…`. `away=`: for how many milliseconds nobody has listened for them.
    """
    name = await take_place()
    frames = parts().hub.event_frames(pages.chosen_language(), OwnFrames)
    return opened(person(), name, None, frames, 0, frames.opening(0), EVENTS, behind=_behind())


@blueprint.get("/rooms/<room>/events")
async def events(room: str) -> Response:
    here = await access.room_for(person(), room)
    name = await take_place()
    cursor = cursor_of(here)
    frames = parts().hub.event_frames(pages.chosen_language())
    return opened(person(), name, here, frames, cursor, frames.opening(max(cursor, 0)), EVENTS)


@blueprint.get("/rooms/<room>/live")
async def live(room: str) -> Response:
    here = await access.room_for(person(), room)
    # A page has not loaded before its frames have: there this one begins with what ends, and asks for the rest a second later.
    begins = "begin" in request.args
    name = "" if begins else await take_place()
    nonce = secrets.token_urlsafe(12)
    address = f"/rooms/{here.code}/live{'?framed=1' if framing.is_framed() else ''}"
    frames = DocumentFrames(parts().fragments, pages.chosen_language(), nonce, address)
    opening, stamp = await _document(here, frames, nonce)
    g.style_sources = [f"nonce-{nonce}"]
    if begins:
        return beginning(opening, frames, address)
    response = opened(person(), name, here, frames, here.version, opening.encode(), DOCUMENT, stamp=stamp)
    # When the document ends, cleanly or not, the browser loads it again (web browsers wait for its end first; Chromium does
    # only after a clean one, and so the document itself says when its line is lost).
    response.headers["Refresh"] = "5"
    return response


def beginning(opening: str, frames: DocumentFrames, address: str) -> Response:
    """A document that ends at once, and is loaded whole a second later."""
    end = parts().fragments.render("live_end.html", frames.language, reason="bye", again=None)
    return Response(opening + end, 200, {"Refresh": f"1; url={address}"}, content_type=DOCUMENT)


async def _document(here: OpenRoom, frames: DocumentFrames, nonce: str) -> tuple[str, str]:
    """The beginning of the endless document, and which people it shows."""
    page = await history.newest(here.id)
    visit = await parts().hub.presence.visit(person().id, here.id)
    gathering = await parts().hub.gatherings.of(here.id, here.code, visit.online)
    new = New.to(here, visit.was_here)
    opening = pages.render(
        "live_start.html", room=here, page=page, nonce=nonce, is_framed=framing.is_framed(), lost_after=LOST_AFTER,
        new=new, line_above=new.first_on(page), html=frames.history(page), people=frames.people(gathering),
        lost=frames.lost(),
    )  # fmt: skip
    await note_read(here, page.last, new.begins_at, rings=bool(visit.reading))
    return opening, gathering.stamp


async def take_place() -> str:
    """A name for a new stream of this person, which counts from now on. Errors: `TooMany`."""
    # Counted first and then judged: of many who come in one moment, each sees those before it.
    name, presence = secrets.token_hex(6), parts().hub.presence
    open_before = await presence.reserve(person().id, name)
    try:
        parts().limits.check_streams(open_before)
    except TooMany:
        await presence.withdraw(person().id, name)
        raise
    if request.method == "HEAD":
        await presence.withdraw(person().id, name)
    return name


def cursor_of(room: OpenRoom) -> int:
    """Where the reader is. One that says nothing starts now; one that says nonsense gets the newest page anew (-1)."""
    said = request.headers.get("Last-Event-ID") or request.args.get("since")
    if said is None:
        return room.version
    cursor = _number(said, -1)
    return cursor if cursor <= room.version else -1


def _behind() -> Behind | None:
    if "seen" not in request.args:
        return None
    pairs = [said.partition("-") for said in request.args["seen"].split(",")[:_MOST_TABS]]
    gap = datetime.timedelta(milliseconds=min(_number(request.args.get("away")), _LONGEST_GAP))
    seen = {code: _number(seq) for code, _, seq in pairs if _number(seq, -1) >= 0}
    return Behind(seen, datetime.datetime.now(datetime.UTC) - gap)


def _number(said: str | None, otherwise: int = 0) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) <= 18 else otherwise


def _stamp() -> str | None:
    """Which people the page shows that opens this stream; after a lost connection, nobody knows."""
    return None if "Last-Event-ID" in request.headers else request.args.get("people", "")[:20]


def opened(
    reader: Person | Ticket,
    name: str,
    room: OpenRoom | None,
    frames: Frames,
    cursor: int,
    opening: bytes,
    content_type: str,
    behind: Behind | None = None,
    stamp: str | None = None,
) -> Response:
    """The stream's response. `name`: its place, which was taken before."""
    # Who asks for the head only would keep a reader open for nothing.
    body = (
        b""
        if request.method == "HEAD"
        else _blocks(parts(), reader, name, room, frames, cursor, stamp or _stamp(), opening, request.scope, behind)
    )
    response = Response(body, content_type=content_type, headers=_HEADERS)
    response.timeout = None  # Quart would cut it after 60 s
    return response


async def _blocks(
    parts: Parts,
    who: Person | Ticket,
    name: str,
    room: OpenRoom | None,
    frames: Frames,
    cursor: int,
    stamp: str | None,
    opening: bytes,
    scope: Any,
    behind: Behind | None,
) -> AsyncIterator[bytes]:
    """The response's body: its opening, and the rest only where the connection cannot be taken over after that."""
    hub = parts.hub
    reader = await hub.enter(who, room, frames, cursor, stamp, name, behind)
    take_over = scope.get("extensions", {}).get(TAKE_OVER)
    transport = None
    try:
        yield opening
        # From here to the end of the generator nothing waits: the server believes that the connection has gone, and ends it.
        transport = take_over() if take_over is not None else None
        if transport is not None:
            hub.attach(reader, TransportWire(transport, reader, is_chunked=scope["http_version"] == "1.1"))
            return
        wire = QueueWire(reader)
        hub.attach(reader, wire)
        while (block := await wire.take()) is not None:
            yield block
    finally:
        if transport is None:
            reader.lost()
