"""The frame itself: a lean page with the same messages, and what can be done with them there."""

import re

from markupsafe import Markup
from quart import Response, request

from sampark import embed_access
from sampark.chat import guests, history
from sampark.models.user import GUEST
from sampark.text.abroad import abroad
from sampark.text.addresses import moved
from sampark.text.language import N_
from sampark.text.problems import Forbidden, NotFound, Problem
from sampark.web import cors, embedding, files, origin, pages
from sampark.web import messages as posting
from sampark.web.embedding import Here, blueprint, here
from sampark.web.forms import dataclass, form
from sampark.web.messages import NewMessage
from sampark.web.parts import parts
from sampark.web.people import person
from sampark.web.rooms import note_read, piece, shown, whole_number

_COLOUR = re.compile("#?([0-9a-fA-F]{6})")


@dataclass
class Words:
    text: str = ""
    key: str = ""
    person: str = ""


@blueprint.get("")
async def show(room: str) -> Response:
    return await frame()


async def frame(
    form: dict[str, str] | None = None, problem: Problem | None = None, status: int = 200, refused: str = ""
) -> Response:
    """The frame as its visitor may see it. `refused`: why a token was, for the site's developer."""
    found = here()
    seen = await contents(found) if found.may_read else {}
    return pages.fragment(
        "pages/embed", status, **look(found), **seen, here=found, is_preview=False, refused=refused, form=form or {},
        problem=problem, key=pages.new_key(), keeps_people=embedding.keeps_people(),
    )  # fmt: skip


def look(found: Here) -> dict[str, str]:
    """Theme and colour, by the frame's address or the room's settings; and what its own addresses have to carry on."""
    theme, accent = request.args.get("theme", ""), _COLOUR.fullmatch(request.args.get("accent", ""))
    embed = found.embed
    chosen = {
        "theme": theme if theme in pages.THEMES else embed.theme,
        "accent": f"#{accent[1].lower()}" if accent else embed.accent,
    }
    own = {name: value for name, value in chosen.items() if value != getattr(embed, name)}
    carried = "".join(f"&{name}={value.removeprefix('#')}" for name, value in own.items())
    return {**chosen, "query": f"?ticket={found.pass_on}{carried}", "way": f"/embed/rooms/{embed.room.code}"}


async def contents(found: Here) -> dict[str, object]:
    """What a page of the room shows of it. Its version is known before its messages are read."""
    room, hub = found.room, parts().hub
    page = await piece(room)
    if found.visitor and found.visitor.room:
        visit = await hub.presence.visit(person().id, room.id)
        online = visit.online
        if found.visitor.kind == GUEST:
            await guests.is_seen(found.visitor, embedding.address_hash())
        await note_read(room, page.last, room.unread_from, rings=bool(visit.reading))
    else:
        online = await hub.presence.online(room.id)
    gathering = await hub.gatherings.of(room.id, room.code, online)
    return {
        "room": room,
        "page": page,
        "gathering": gathering,
        "html": _here(await shown(room, page), room.code),
        "is_live": not page.has_newer,
    }


def _here(html: str, code: str) -> Markup:
    return Markup(moved(html, code))  # noqa: S704 - our own fragments


@blueprint.get("/desk")
async def desk(room: str) -> Response:
    """The part one writes with, for whoever waits to be let in."""
    found = here()
    if found.visitor is not None and found.visitor.waits:
        return Response("", 204)
    return pages.fragment(
        "embed_desk", **look(found), here=found, key=pages.new_key(), refused="", is_preview=False,
        keeps_people=embedding.keeps_people(), room=found.room,
    )  # fmt: skip


async def _again(room: str, form: dict[str, str], problem: Problem, status: int) -> Response:
    if pages.is_htmx() or (isinstance(problem, NotFound) and not here().may_read):
        raise problem
    if isinstance(problem, NotFound):
        problem.sentence = N_("You are not signed in here any more, so nothing was sent. Your words are still here.")
    return await frame(form, problem, status)


@blueprint.post("/messages")
@form(Words, again=_again)
async def post(room: str, data: Words) -> Response:
    visitor, open_room = embedding.member()
    if not visitor.may_write:
        raise Forbidden(N_("You can read here, but the room’s creator lets you write no more."))
    if visitor.kind == GUEST:
        await parts().limits.spend("guest_post", str(visitor.person.id))
        await guests.is_seen(visitor, embedding.address_hash())
    await embedding.spend_for_site()
    message = await posting.send(open_room, NewMessage(text=data.text, key=data.key, person=data.person))
    if not pages.is_htmx():
        found = here()
        return pages.go(f"{look(found)['way']}{look(found)['query']}#message-{message['seq']}")
    html = "" if message["deleted_at"] else parts().fragments.message(message, pages.chosen_language())
    return Response(moved(html, open_room.code), 201, content_type="text/html; charset=utf-8")


@blueprint.get("/messages")
async def read(room: str) -> Response:
    """Pieces of history, as the app gives them."""
    open_room = here().room
    limit = max(1, min(history.MOST, whole_number(request.args.get("limit", ""), history.PAGE)))
    page = await piece(open_room, limit)
    html = pages.render(
        "messages.html", room=open_room, page=page, html=await shown(open_room, page),
        shows_older="after" not in request.args, shows_newer="before" not in request.args, goes_live=False,
        since=open_room.version,
    )  # fmt: skip
    code, is_open = open_room.code, here().embed.is_open
    html = abroad(html, code, origin.ours(), is_open=is_open) if cors.is_abroad() else moved(html, code)
    return Response(html, content_type="text/html; charset=utf-8")


@blueprint.get("/messages/<int:seq>")
async def alone(room: str, seq: int) -> Response:
    found = here()
    message = await history.message(found.room, min(seq, 10**18))
    return pages.fragment(
        "pages/embed_message", **look(found), room=found.room, message=message,
        html=_here(parts().fragments.message(message, pages.chosen_language()), found.room.code),
    )  # fmt: skip


@blueprint.post("/typing")
async def typing(room: str) -> Response:
    visitor, open_room = embedding.member()
    await parts().limits.spend("typing", str(visitor.person.id))
    if visitor.may_write:
        parts().hub.types(visitor.person, open_room)
    return Response("", 204)


@blueprint.get("/files/<public_id>/<name>")
async def file(room: str, public_id: str, name: str) -> Response:
    found = here()
    if not found.may_read:
        raise NotFound
    response = await files.send(await embed_access.file_for(found.embed, public_id))
    # It may be looked at in the frame; where everybody may read, other pages may show it, too.
    ancestors = " ".join(("'self'", *found.embed.origins.values()))
    response.headers["Content-Security-Policy"] = f"sandbox; default-src 'none'; frame-ancestors {ancestors}"
    if found.embed.is_open:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
