"""A room in another site's page: for whom its door is open, and what a frame's visitor is known by.

Everything under `/embed/rooms/{room}` comes through `enter` before its handler. The app's own session counts for nothing there.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass, replace
from typing import cast

from quart import Blueprint, Response, g, request

from sampark import embed_access
from sampark.access import OpenRoom, Person, Ticket
from sampark.chat.guests import Place
from sampark.embed_access import Embed, Visitor
from sampark.text import origins
from sampark.text.problems import NotFound
from sampark.web import cors, origin, people
from sampark.web.parts import parts

blueprint = Blueprint("embed", __name__, url_prefix="/embed/rooms/<room>")

_FRAMES = {"iframe", "frame", "object", "embed"}


@dataclass(frozen=True, slots=True)
class Here:
    """A room's frame, and who looks at it."""

    embed: Embed
    visitor: Visitor | None
    origin_id: int | None
    """Of the site in whose page it stands, as far as anybody said."""
    said: Ticket | None
    """What the address says of it."""

    @property
    def may_read(self) -> bool:
        return self.embed.is_open or (self.visitor is not None and self.visitor.room is not None)

    @property
    def room(self) -> OpenRoom:
        """As its visitor sees it. Errors: `NotFound` for who may not read it."""
        if not self.may_read:
            raise NotFound
        return self.visitor.room if self.visitor and self.visitor.room else self.embed.room

    @property
    def reader(self) -> Person | Ticket:
        """Who holds a stream. Errors: `NotFound` for nobody."""
        if self.visitor and self.visitor.room:
            return self.visitor.person
        return embed_access.ticket_for(
            self.embed, self.said or Ticket(self.embed.id, self.origin_id or 0, self.embed.epoch)
        )

    @property
    def site(self) -> str:
        """As it is shown to people; empty if it is not known."""
        return origins.shown(self.embed.origins[self.origin_id]) if self.origin_id in self.embed.origins else ""

    @property
    def pass_on(self) -> str:
        """The ticket as an address carries it: it also says to the next page of this frame in whose page it stands."""
        return signed(Ticket(self.embed.id, self.origin_id or 0, self.embed.epoch))

    @property
    def leaving(self) -> str:
        """What the visitor's link to leave carries; empty for who is nobody here."""
        return signed_leaving(self.visitor.person.session_id, self.embed.room.code) if self.visitor else ""

    def place(self) -> Place:
        """Where a visitor of now comes from."""
        return Place(self.origin_id, self.site, request.headers.get("User-Agent", ""), address_hash())


async def enter(typed: str) -> None:
    """Open the door for this request. Errors: `NotFound` for whoever is not to know of the room, and in pages of sites not listed."""
    embed = await embed_access.embed_of(typed)
    asking = cors.asking(origin.ours())
    visitor = await _visitor(embed, is_abroad=asking is not None)
    said = _said_ticket()
    is_posted = asking is not None or request.endpoint == "embed.vouch"
    from_page = embed.origin_of(request.headers.get("Origin" if is_posted else "Referer"))
    if (_is_framed_elsewhere() or asking is not None) and from_page is None:
        raise NotFound
    if asking is not None:
        cors.allow(asking)
    kept = said.origin_id if said and said.embed_id == embed.id and said.origin_id in embed.origins else None
    origin_id = from_page or kept or (visitor.origin_id if visitor else None)
    if visitor is None and not embed.is_open and origin_id is None:
        raise NotFound  # nobody may read, and no listed site has sent this visitor
    g.framers = tuple(embed.origins.values())
    g.embed = Here(embed, visitor, origin_id, said)
    g.person = visitor.person if visitor else None


async def _visitor(embed: Embed, *, is_abroad: bool) -> Visitor | None:
    """Whose session this is: by the frame's cookie, which a page that is not ours cannot use, or by a token to read with."""
    bearer = cors.bearer()
    if bearer:
        session_id = _reader(bearer)
        return await embed_access.embedded_by(session_id, embed) if session_id is not None else None
    token = None if is_abroad else people.frame_token()
    return await embed_access.embedded_for(token, embed) if token else None


async def become(token: str) -> None:
    """The visitor of this session, which has begun in this request."""
    g.embed = replace(here(), visitor=await embed_access.embedded_for(token, here().embed))
    g.person = g.embed.visitor.person if g.embed.visitor else None


def here() -> Here:
    return cast(Here, g.embed)


def member() -> tuple[Visitor, OpenRoom]:
    """Whoever has a place in the room. Errors: `NotFound`."""
    found = here().visitor
    if found is None or found.room is None:
        raise NotFound
    return found, found.room


async def spend_for_site() -> None:
    """Count what comes into this room by one site's pages. Errors: `TooMany`."""
    found = here()
    await parts().limits.spend("site", f"{found.embed.id} {found.embed.origins.get(found.origin_id or 0, '')}")


def signed(ticket: Ticket) -> str:
    words = f"{ticket.embed_id:x}-{ticket.origin_id:x}-{ticket.epoch:x}"
    return f"{words}-{_mark('ticket', words)}"


def read_ticket(text: str) -> Ticket | None:
    """The ticket that was signed so; None for any other text."""
    words, _, mark = text.rpartition("-")
    if len(text) > 100 or not hmac.compare_digest(mark.encode(), _mark("ticket", words).encode()):
        return None
    embed_id, origin_id, epoch = (int(word, 16) for word in words.split("-"))
    return Ticket(embed_id, origin_id, epoch)


READS_FOR = 600
"""Seconds for which a token opens streams and pieces of history."""


def signed_reader(session_id: int, expires: int) -> str:
    """A token to read with: it opens nothing else, so it is not the session's own."""
    words = f"{session_id:x}-{expires:x}"
    return f"{words}-{_mark('reader', words)}"


def _reader(text: str) -> int | None:
    """The session (its id) of a token to read with; None for one that is too old, and for any other text."""
    words, _, mark = text.rpartition("-")
    if len(text) > 100 or not hmac.compare_digest(mark.encode(), _mark("reader", words).encode()):
        return None
    session_id, expires = (int(word, 16) for word in words.split("-"))
    return session_id if expires > time.time() else None


def signed_leaving(session_id: int, code: str) -> str:
    """What opens the page on which this session in this room can be ended (`embed_leave`), with the moment of now."""
    words = f"{session_id:x}-{time.time_ns() // 1_000_000:x}"
    return f"{words}-{_mark('leaving', f'{words} {code}')}"


def read_leaving(text: str, code: str) -> tuple[int, float]:
    """The session (its id), and when this was signed. Errors: `NotFound` for any other text, and for another room."""
    words, _, mark = text.rpartition("-")
    if len(text) > 100 or not hmac.compare_digest(mark.encode(), _mark("leaving", f"{words} {code}").encode()):
        raise NotFound
    session_id, milliseconds = (int(word, 16) for word in words.split("-"))
    return session_id, milliseconds / 1000


def address_hash() -> str:
    """What a guest's address is known by for a day."""
    return _mark("address", people.address())[:32]


def keeps_people() -> bool:
    """Whether browsers keep a frame's cookie here, which has to be `Secure`: over TLS, and where a browser trusts its own machine."""
    return parts().settings.is_secure or request.is_secure or origin.is_own_machine(request.host_url)


def remember(response: Response, token: str, seconds: int) -> Response:
    """In this site's pages only, where the browser keeps a jar for each site (CHIPS)."""
    response.set_cookie(
        people.frame_cookie(),
        token,
        max_age=seconds,
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
        path="/",
    )
    return response


def _said_ticket() -> Ticket | None:
    text = request.args.get("ticket", "")
    return read_ticket(text) if text else None


def _is_framed_elsewhere() -> bool:
    """Whether the browser says that this is to be a frame, and by its `Referer` in whose page. One that says less is held by the policy."""
    if request.headers.get("Sec-Fetch-Dest") not in _FRAMES:
        return False
    told = origins.of_address(request.headers.get("Referer", "")) or request.headers.get("Origin")
    return told is not None and told.lower() not in {origin.ours(), request.host_url.rstrip("/")}


def _mark(what: str, words: str) -> str:
    return hmac.new(parts().settings.secret_key.encode(), f"embed {what} {words}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]
