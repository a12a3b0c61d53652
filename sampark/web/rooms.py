"""Rooms: opening, joining, looking in, leaving, deleting."""

import secrets

from quart import Blueprint, Response, request

from sampark import access
from sampark.access import OpenRoom
from sampark.chat import history, messages, rooms
from sampark.live.pump import MOST_MEMBERS
from sampark.text.language import N_
from sampark.text.problems import NotFound, Problem
from sampark.web import home, pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("rooms", __name__)


@dataclass
class NewRoom:
    name: str = ""
    description: str = ""


@dataclass
class Invitation:
    room: str = ""


async def _home_again(form: dict[str, str], problem: Problem, status: int) -> Response:
    return await home.show(form, problem, status)


@blueprint.post("/rooms")
@form(NewRoom, again=_home_again)
async def create(data: NewRoom) -> Response:
    await parts().limits.spend("open_room", str(person().id))
    return pages.go(f"/rooms/{await rooms.create(person(), data.name, data.description)}")


@blueprint.post("/rooms/join")
@form(Invitation, again=_home_again)
async def join(data: Invitation) -> Response:
    whose = str(person().id)
    await parts().limits.spend("join", whose)
    try:
        code = await rooms.join(person(), data.room, parts().hub.bell)
    except NotFound as problem:
        problem.sentence = N_("There is no room with this ID. Check it letter by letter, or ask for the room’s link.")
        problem.field = "room"
        raise
    await parts().limits.give_back("join", whose)
    return pages.go(f"/rooms/{code}")


@blueprint.get("/rooms/<room>")
async def show(room: str) -> Response:
    return await show_room(room)


async def show_room(
    room: str, form: dict[str, str] | None = None, problem: Problem | None = None, status: int = 200
) -> Response:
    """The room's page. Its version is read before its messages: whatever comes between arrives by the stream, twice at worst."""
    here = await access.room_for(person(), room)
    page = await piece(here)
    online = await parts().hub.presence.online(here.id) | {person().id}  # whoever looks is here
    response = await pages.page(
        "room",
        status,
        room=here,
        rooms=await rooms.mine(person()),
        current=here.code,
        page=page,
        html=parts().fragments.messages(page.messages, pages.chosen_language()),
        shows_older=True,
        shows_newer=True,
        goes_live=False,
        is_live=not page.has_newer,
        since=here.version,
        members=await rooms.members(here.id, MOST_MEMBERS),
        online=online,
        key=secrets.token_urlsafe(12),
        form=form or {},
        problem=problem,
    )
    # Not an action: what is on the screen has been read, with or without JavaScript.
    await messages.mark_read(person(), here, page.last)
    return response


async def piece(room: OpenRoom, limit: int = history.PAGE) -> history.Page:
    """The piece of history that `?before=`, `?after=` or `?around=` asks for; else the newest."""
    for name, read in (("before", history.before), ("after", history.after), ("around", history.around)):
        if name in request.args:
            return await read(room.id, whole_number(request.args[name], 0), limit)
    return await history.newest(room.id, limit)


def whole_number(text: str, otherwise: int) -> int:
    """A number from a URL: what is none, or larger than a database holds, is `otherwise`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else otherwise


@blueprint.post("/rooms/<room>/leave")
async def leave(room: str) -> Response:
    await rooms.leave(person(), await access.room_for(person(), room), parts().hub.bell)
    return pages.go("/")


@blueprint.post("/rooms/<room>/delete")
async def delete(room: str) -> Response:
    await rooms.delete(person(), await access.room_for(person(), room), parts().hub.bell)
    return pages.go("/")
