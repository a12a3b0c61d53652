"""Messages: posting, reading pieces of history, one alone with its actions, deleting."""

import secrets
from typing import Any

from quart import Blueprint, Response, request

from sampark import access
from sampark.chat import history, messages
from sampark.text.problems import NotFound, Problem
from sampark.web import pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person
from sampark.web.rooms import piece, show_room, whole_number

blueprint = Blueprint("messages", __name__)


@dataclass
class NewMessage:
    text: str = ""
    key: str = ""


async def _again(room: str, form: dict[str, str], problem: Problem, status: int) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    if pages.is_htmx():
        here = await access.room_for(person(), room)
        return pages.fragment(
            "composer", status, room=here, form=form, problem=problem, key=secrets.token_urlsafe(12), is_live=True
        )
    return await show_room(room, form, problem, status)


@blueprint.post("/rooms/<room>/messages")
@form(NewMessage, again=_again)
async def post(room: str, data: NewMessage) -> Response:
    here = await access.room_for(person(), room)
    await parts().limits.spend("post", str(person().id))
    message = await messages.post(person(), here, data.text, data.key, parts().hub.bell, same_text=not pages.is_htmx())
    parts().metrics.messages.labels(kind=message["message_type"]).inc()
    if not pages.is_htmx():
        return pages.go(f"/rooms/{here.code}#message-{message['seq']}")
    html = "" if message["deleted_at"] else parts().fragments.message(message, pages.chosen_language())
    return Response(html, 201, content_type="text/html; charset=utf-8")


@blueprint.get("/rooms/<room>/messages")
async def read(room: str) -> Response:
    here = await access.room_for(person(), room)
    limit = max(1, min(history.MOST, whole_number(request.args.get("limit", ""), history.PAGE)))
    page = await piece(here, limit)
    since = request.args.get("since")
    # Scrolling on asks for one direction at a time; where it reaches the end, the stream begins at the first page's version.
    return await pages.page(
        "messages",
        room=here,
        page=page,
        html=parts().fragments.messages(page.messages, pages.chosen_language()),
        shows_older=not pages.is_htmx() or "after" not in request.args,
        shows_newer=not pages.is_htmx() or "before" not in request.args,
        goes_live=pages.is_htmx() and since is not None and not page.has_newer,
        since=whole_number(since or "", here.version),
    )


@blueprint.get("/rooms/<room>/messages/<int:seq>")
async def alone(room: str, seq: int) -> Response:
    here = await access.room_for(person(), room)
    message = await history.message(here, min(seq, 10**18))
    return await pages.page(
        "message_alone",
        room=here,
        message=message,
        html=parts().fragments.message(message, pages.chosen_language()),
        is_mine=message["username"] == person().username and message["message_type"] != "system",
    )


@blueprint.post("/rooms/<room>/messages/<int:seq>/delete")
async def delete(room: str, seq: int) -> Any:
    here = await access.room_for(person(), room)
    await messages.delete(person(), here, min(seq, 10**18), parts().hub.bell)
    return (
        Response("", 200, content_type="text/html; charset=utf-8")
        if pages.is_htmx()
        else pages.go(f"/rooms/{here.code}")
    )
