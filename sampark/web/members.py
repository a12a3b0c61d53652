"""Who is in a room, and who of them is online."""

from quart import Blueprint, Response, request

from sampark import access, db
from sampark.access import OpenRoom
from sampark.chat import members as belonging
from sampark.live import presence
from sampark.web import pages
from sampark.web.parts import parts
from sampark.web.people import person
from sampark.web.rooms import whole_number

blueprint = Blueprint("members", __name__)

_MOST_PAGES = 100_000


@blueprint.get("/rooms/<room>/members")
async def members(room: str) -> Response:
    here = await access.room_for(person(), room)
    online = await parts().hub.presence.online(here.id) | {person().id}  # whoever looks is here
    if pages.is_htmx():
        return await pages.page("members", members=await _beside_messages(here, online), online=online, is_fetched=True)
    number = max(1, min(whole_number(request.args.get("page", ""), 1), _MOST_PAGES))
    found = await belonging.page(here.id, number)
    return await pages.page(
        "members",
        room=here,
        members=found[: belonging.PAGE],
        online=online,
        is_fetched=False,
        is_alone=number == 1 and len(found) == 1,
        number=number,
        has_more=len(found) > belonging.PAGE,
        around=await belonging.surroundings(here.id),
        quota=parts().attachments.quotas.room,
    )


async def _beside_messages(room: OpenRoom, online: set[int]) -> list[db.Row]:
    """Of a crowd those who are online: the stream tells who comes and goes."""
    if len(online) <= presence.CROWD:
        return await belonging.some(room.id, online)
    return sorted(await belonging.these(room.id, sorted(online)[: belonging.PAGE]), key=belonging.by_name)
