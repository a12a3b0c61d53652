"""Leaving a frame, in a tab of our own: whoever puts a page around the frame can lead a click there, but not in this tab.

The frame's cookie is not known here, so the frame's form says which session is meant: in its body, since addresses are remembered by
browsers and written down by proxies. What it says is good for ending that session and nothing else.
"""

import time

from quart import Blueprint, Response

from sampark import embed_access
from sampark.chat import guests
from sampark.embed_access import Embed, Visitor
from sampark.text import origins
from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem
from sampark.web import embedding, pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("embed_leave", __name__)

SOONEST, LATEST = 1, 600
"""Seconds after the page was made. The second click of a double one, whose first has opened the tab, comes too soon."""


@dataclass
class Leaving:
    room: str = ""
    leaving: str = ""


@blueprint.post("/embed/leave/ask")
@public
@form(Leaving)
async def ask(data: Leaving) -> Response:
    return await _page(data.room, data.leaving)


async def _page(room: str, leaving: str, problem: Problem | None = None, status: int = 200) -> Response:
    embed, visitor, _ = await _whose(room, leaving)
    return await pages.page(
        "embed_leave",
        status,
        code=embed.room.code,
        visitor=visitor,
        site=origins.shown(embed.origins[visitor.origin_id]) if visitor and visitor.origin_id in embed.origins else "",
        leaving=embedding.signed_leaving(visitor.person.session_id, embed.room.code) if visitor else "",
        problem=problem,
    )


async def _again(form: dict[str, str], problem: Problem, status: int) -> Response:
    return await _page(form.get("room", ""), form.get("leaving", ""), problem, status)


@blueprint.post("/embed/leave")
@public
@form(Leaving, again=_again)
async def leave(data: Leaving) -> Response:
    embed, visitor, made = await _whose(data.room, data.leaving)
    if visitor is not None:
        if not SOONEST <= time.time() - made <= LATEST:
            raise Invalid(N_("Nothing has happened yet. If you want this, press the button once more."))
        await guests.go(embed, visitor, parts().hub.bell)
    return await _page(data.room, data.leaving)


async def _whose(room: str, leaving: str) -> tuple[Embed, Visitor | None, float]:
    """The room, who is meant (nobody, once they have left), and when their page was made. Errors: `NotFound`."""
    session_id, made = embedding.read_leaving(leaving, room)
    embed = await embed_access.embed_of(room)
    return embed, await embed_access.embedded_by(session_id, embed), made
