"""What another app shares with this one: it becomes a draft in a room that one chooses; nothing is sent before one says so."""

from quart import Blueprint, Response, request

from sampark.web import home
from sampark.web.forms import dataclass, form
from sampark.web.rooms import with_draft

blueprint = Blueprint("share", __name__)


@dataclass
class Shared:
    title: str = ""
    text: str = ""
    url: str = ""
    room: str = ""


@blueprint.get("/share")
async def share() -> Response:
    return await _choose(Shared(*(request.args.get(name, "") for name in ("title", "text", "url"))))


@blueprint.post("/share")
@form(Shared)
async def shared(data: Shared) -> Response:
    # Browsers post straight to the room (`formaction`); this is for those that do not know how.
    return await with_draft(data.room, data.text) if data.room else await _choose(data)


async def _choose(data: Shared) -> Response:
    return await home.choose_room(_words(data))


def _words(data: Shared) -> str:
    """Each thing once: apps like to put the address into the text, and the title too."""
    said: list[str] = []
    for words in (data.text.strip(), data.title.strip(), data.url.strip()):
        if words and not any(words in other for other in said):
            said.append(words)
    title = data.title.strip()
    said.sort(key=lambda words: words != title)
    return "\n".join(said)
