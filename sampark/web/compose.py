"""Writing in a frame of its own: without JavaScript, the field has the focus again after each message, and nothing else moves."""

from quart import Blueprint, Response

from sampark import access
from sampark.text.problems import NotFound, Problem
from sampark.web import emoji, kept, messages, own_emoji, pages
from sampark.web.forms import form
from sampark.web.messages import NewMessage
from sampark.web.people import person

blueprint = Blueprint("compose", __name__)


async def _show(
    room: str, form: dict[str, str] | None = None, problem: Problem | None = None, status: int = 200
) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    here = await access.room_for(person(), room)
    return pages.fragment(
        "pages/compose", status, room=here, form=form or kept.form_for(here.code), problem=problem, key=pages.new_key(),
        is_live=False, then="compose#text",
    )  # fmt: skip


@blueprint.get("/rooms/<room>/compose")
async def show(room: str) -> Response:
    return await _show(room)


@blueprint.post("/rooms/<room>/compose")
@form(NewMessage, again=_show)
async def post(room: str, data: NewMessage) -> Response:
    if data.emoji:
        return await emoji.put_into(room, data.text, data.emoji, _show)
    here = await access.room_for(person(), room)
    message = await messages.send(here, data)
    # A fragment gives the field its focus each time, `autofocus` only once; the number makes each address a new one.
    response = pages.go(f"/rooms/{here.code}/compose?n={message['seq']}#text")
    own_emoji.remember(response, message["html"])
    kept.forget(response, here.code)
    return response
