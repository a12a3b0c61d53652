"""The room's "Embed" page: where its creator decides in whose pages it stands, and who writes there."""

from typing import Any
from urllib.parse import urlencode

from markupsafe import escape
from quart import Blueprint, Response, request

from sampark import access
from sampark.access import OpenRoom
from sampark.chat import embeds, guests, history
from sampark.chat.embeds import Choices, NewKey
from sampark.models.embed import LEVELS
from sampark.text.problems import NotFound, Problem
from sampark.web import embedding, origin, pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person
from sampark.web.rooms import shown

blueprint = Blueprint("embed_settings", __name__)


@dataclass
class Settings:
    is_on: str = ""
    level: str = ""
    needs_approval: str = ""
    theme: str = ""
    accent: str = ""
    own_accent: str = ""


@dataclass
class Site:
    origin: str = ""


@dataclass
class Key:
    algorithm: str = ""
    material: str = ""


@blueprint.get("/rooms/<room>/embed")
async def show(room: str) -> Response:
    return await _page(room)


async def _page(
    room: str,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
    status: int = 200,
    new_key: NewKey | None = None,
    **of_the_address: Any,
) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    here = await _creators(room)
    return await pages.page(
        "embedding",
        status,
        room=here,
        choices=await embeds.choices(here),
        sites=await embeds.origins_of(here),
        added=request.args.get("added", ""),  # said only of one that stands in the list
        keys=await embeds.keys_of(here),
        guests=await guests.those_of(here),
        most_keys=embeds.MOST_KEYS,
        levels=LEVELS,
        new_key=new_key,
        base=origin.ours(),
        quoted=str(escape(here.name)),  # as text: what is pasted elsewhere is HTML there, and shown as it is here
        keeps_people=embedding.keeps_people(),
        form=form or {},
        problem=problem,
    )


async def _creators(room: str) -> OpenRoom:
    """Errors: `NotFound`, `Forbidden`."""
    here = await access.room_for(person(), room)
    embeds.require_creator(here)
    return here


@blueprint.post("/rooms/<room>/embed")
@form(Settings, again=_page)
async def change(room: str, data: Settings) -> Response:
    here = await _creators(room)
    wanted = Choices(
        bool(data.is_on), data.level, bool(data.needs_approval), data.theme, data.accent if data.own_accent else ""
    )
    await embeds.change(here, wanted, parts().hub.bell)
    return _back(here)


@blueprint.get("/rooms/<room>/embed/preview")
async def preview(room: str) -> Response:
    """What others see in the frame, as it is chosen; nothing can be done in it."""
    here = await _creators(room)
    choices, page = await embeds.choices(here), await history.newest(here.id, 12, brief=here.code)
    online = await parts().hub.presence.online(here.id)
    return pages.fragment(
        "pages/embed", room=here, page=page, html=await shown(here, page), is_preview=True, is_live=False, refused="",
        gathering=await parts().hub.gatherings.of(here.id, here.code, online), theme=choices.theme, accent=choices.accent,
        query="", way=f"/embed/rooms/{here.code}", key="", keeps_people=True, here=None, level=choices.level,
    )  # fmt: skip


@blueprint.post("/rooms/<room>/embed/origins")
@form(Site, again=_page)
async def add_origin(room: str, data: Site) -> Response:
    here = await _creators(room)
    added = await embeds.add_origin(here, data.origin)
    return _back(here, "sites", f"?{urlencode({'added': added})}")


@blueprint.post("/rooms/<room>/embed/origins/<int:origin_id>/remove")
async def remove_origin(room: str, origin_id: int) -> Response:
    here = await _creators(room)
    await embeds.remove_origin(here, min(origin_id, 10**18), parts().hub.bell)
    return _back(here, "sites")


@blueprint.post("/rooms/<room>/embed/keys")
@form(Key, again=_page)
async def add_key(room: str, data: Key) -> Response:
    """A secret is in the answer to this and never again: nothing that could be loaded anew shows it."""
    here = await _creators(room)
    made = await embeds.add_key(here, data.algorithm, data.material)
    return await _page(room, status=201, new_key=made) if made.secret else _back(here, "keys")


@blueprint.post("/rooms/<room>/embed/keys/<int:key_id>/remove")
async def remove_key(room: str, key_id: int) -> Response:
    here = await _creators(room)
    await embeds.remove_key(here, min(key_id, 10**18), parts().hub.bell)
    return _back(here, "keys")


@blueprint.post("/rooms/<room>/embed/guests/<int:guest_id>/<action>")
async def decide(room: str, guest_id: int, action: str) -> Response:
    here = await _creators(room)
    await guests.decide(here, min(guest_id, 10**18), action, parts().hub.bell)
    return _back(here, "guests")


def _back(room: OpenRoom, part: str = "", query: str = "") -> Response:
    return pages.go(f"/rooms/{room.code}/embed{query}{f'#{part}' if part else ''}")
