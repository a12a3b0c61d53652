"""Somebody is writing."""

from quart import Blueprint, Response

from sampark import access
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("typing", __name__)


@blueprint.post("/rooms/<room>/typing")
async def typing(room: str) -> Response:
    here = await access.room_for(person(), room)
    await parts().limits.spend("typing", str(person().id))
    parts().hub.types(person(), here)
    return Response("", 204)
