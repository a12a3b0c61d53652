"""A room that one wants to hear nothing of, and does again."""

from quart import Blueprint, Response

from sampark import access
from sampark.chat import muting
from sampark.text.language import N_
from sampark.text.problems import Invalid
from sampark.web import pages
from sampark.web.forms import dataclass, form
from sampark.web.people import person

blueprint = Blueprint("muting", __name__)


@dataclass
class Muting:
    muted: str = ""


@blueprint.post("/rooms/<room>/mute")
@form(Muting)
async def mute(room: str, data: Muting) -> Response:
    here = await access.room_for(person(), room)
    if data.muted not in {"on", "off"}:
        raise Invalid(N_("That choice is not known here."))
    await muting.mute(person(), here, data.muted == "on")
    return pages.go(f"/rooms/{here.code}")
