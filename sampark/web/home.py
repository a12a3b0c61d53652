"""The first page: one's rooms, and the forms to open and join one."""

from typing import Any

from quart import Blueprint, Response

from sampark import db
from sampark.chat import rooms
from sampark.web import hints, pages
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
async def home() -> Response:
    return await show()


async def show(form: dict[str, str] | None = None, problem: Any = None, status: int = 200) -> Response:
    return await pages.page(
        "home",
        status,
        rooms=await list_of_rooms(),
        current=None,
        hint="home" if hints.is_new("home") else "",
        form=form or {},
        problem=problem,
    )


async def choose_room(text: str, problem: Any = None, status: int = 200) -> Response:
    """The page on which what was shared waits for a room of one's own."""
    return await pages.page("share", status, rooms=await list_of_rooms(), text=text, problem=problem)


async def list_of_rooms(reading: set[int] | None = None) -> list[db.Row]:
    """One's rooms, as the list shows them: what is open in a stream (`reading`, else asked for) is being read.

    Asked for before the rooms are: a stream that closes notes what was read in it before it is no longer open.
    """
    if reading is None:
        reading = (await parts().hub.presence.visit(person().id)).reading
    found = await rooms.mine(person())
    return [{**room, "unread": room["unread"] and room["id"] not in reading} for room in found]
