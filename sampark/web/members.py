"""Who is in a room, and who of them is online."""

from quart import Blueprint, Response

from sampark import access
from sampark.chat import rooms
from sampark.web import pages
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("members", __name__)

_ALL = 100_000


@blueprint.get("/rooms/<room>/members")
async def members(room: str) -> Response:
    here = await access.room_for(person(), room)
    online = await parts().hub.presence.online(here.id) | {person().id}  # whoever looks is here
    return await pages.page(
        "members",
        room=here,
        members=await rooms.members(here.id, _ALL),
        online=online,
    )
