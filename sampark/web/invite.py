"""Asking others in: a room's link, its ID, and both as squares for a camera."""

from quart import Blueprint, Response

from sampark import access
from sampark.access import OpenRoom
from sampark.text import qr
from sampark.web import origin, pages
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("invite", __name__)


@blueprint.get("/rooms/<room>/invite")
async def invite(room: str) -> Response:
    here = await access.room_for(person(), room)
    link = _link(here)
    return await pages.page(
        "invite",
        room=here,
        link=link,
        code=qr.code(link),
        is_here_only=origin.is_own_machine(link),
        is_sheet=pages.is_htmx(),
        is_open=parts().settings.registration == "open",
    )


def _link(room: OpenRoom) -> str:
    """To the room; to a room that everyone belongs to it is an account that leads."""
    return f"{origin.ours()}/register" if room.is_global else f"{origin.ours()}/rooms/{room.code}"
