"""Messages: posting, reading pieces of history, one alone with its actions, deleting."""

import datetime
import hashlib
from typing import Any

from quart import Blueprint, Response, request

from sampark import access, db
from sampark.access import OpenRoom
from sampark.chat import history, messages
from sampark.text import language
from sampark.text.language import N_
from sampark.text.problems import NotFound, Problem, Taken
from sampark.web import emoji, framing, gifs, kept, own_emoji, pages, uploads
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person
from sampark.web.rooms import piece, show_room, shown, whole_number

blueprint = Blueprint("messages", __name__)


@dataclass
class NewMessage:
    text: str = ""
    key: str = ""
    gif: str = ""
    plain: str = ""
    """Not empty: sent from the page without frames, which comes back then."""
    emoji: str = ""
    person: str = ""
    """Whose page it was sent from (their id), where the page says so."""


async def _again(room: str, form: dict[str, str], problem: Problem, status: int) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    if pages.is_htmx():
        here = await access.room_for(person(), room)
        return pages.fragment(
            "composer", status, room=here, form=form, problem=problem, key=pages.new_key(), is_live=True
        )
    return await show_room(room, form, problem, status)


@blueprint.post("/rooms/<room>/messages")
@form(NewMessage, again=_again)
async def post(room: str, data: NewMessage) -> Response:
    if data.emoji:
        return await emoji.put_into(room, data.text, data.emoji)
    here = await access.room_for(person(), room)
    message = await send(here, data)
    if not pages.is_htmx():
        response = pages.go(f"/rooms/{here.code}{'?plain=1' if data.plain else ''}#message-{message['seq']}")
    else:
        html = "" if message["deleted_at"] else parts().fragments.message(message, pages.chosen_language())
        response = Response(html, 201, content_type="text/html; charset=utf-8")
    own_emoji.remember(response, message["html"])
    kept.forget(response, here.code)
    return response


async def send(room: OpenRoom, data: NewMessage) -> db.Row:
    """Post what a form holds, with the files that came with it. Errors: `Problem`s of all kinds."""
    if data.person not in {"", str(person().id)}:
        raise Taken(
            N_(
                "Somebody else has signed in here since this page was opened, so it was not sent in their name. Load the page again."
            )
        )
    await parts().limits.spend("post", str(person().id))
    message = await _post(room, data)
    parts().metrics.posted(message["message_type"])
    return message


async def _post(room: OpenRoom, data: NewMessage) -> db.Row:
    gif = await gifs.chosen(data.gif)
    files = await parts().attachments.accept(person().id, room.id, await uploads.sent())
    named = ""
    try:
        message = await messages.post(
            person(), room, data.text, data.key, parts().hub.bell,
            same_text=not pages.is_htmx(), files=files, gif=gif,
        )  # fmt: skip
        named = message["attachments"] or ""
        return message
    finally:
        # Of a repeated post the first message stands, with the files that came then.
        await parts().attachments.release([file for file in files if file.shown["id"] not in named])


@blueprint.get("/rooms/<room>/messages")
async def read(room: str) -> Response:
    here = await access.room_for(person(), room)
    limit = max(1, min(history.MOST, whole_number(request.args.get("limit", ""), history.PAGE)))
    page = await piece(here, limit)
    since = request.args.get("since")
    # Scrolling on asks for one direction at a time; where it reaches the end, the stream begins at the first page's version.
    response = await pages.page(
        "messages",
        room=here,
        page=page,
        html=await shown(here, page),
        shows_older=not pages.is_htmx() or "after" not in request.args,
        shows_newer=not pages.is_htmx() or "before" not in request.args,
        goes_live=pages.is_htmx() and since is not None and not page.has_newer,
        since=whole_number(since or "", here.version),
    )
    return await _unless_known(response)


async def _unless_known(response: Response) -> Response:
    """304 for whoever has this piece of history already. Their access was checked, and the piece was made anew to compare
    it, which is cheap beside sending it: so nothing that shows in it can be forgotten, be it a deleted message or new templates.

    A browser may keep a piece, but must ask each time. A whole page it may not keep; other clients may, on their own account.
    """
    headers = response.headers
    # Weak: packed by gzip or brotli it is the same piece.
    known_as = hashlib.sha256(await response.get_data(as_text=False)).hexdigest()[:24]
    headers["ETag"] = f'W/"{known_as}"'
    headers["Vary"] = "HX-Request, Cookie, Accept-Language, Accept-Encoding"
    if pages.is_htmx():
        headers["Cache-Control"] = "private, no-cache"
    if not request.if_none_match.contains_weak(known_as):
        return response
    same = Response(
        "", 304, headers={name: headers[name] for name in ("ETag", "Vary", "Cache-Control") if name in headers}
    )
    for name in ("Content-Type", "Content-Length"):
        same.headers.pop(name, None)
    return same


@blueprint.get("/rooms/<room>/day")
async def day(room: str) -> Response:
    """The way to the first message of a day or after it: `date` as `2026-11-23`, `zone` as `+05:30`; without one it is UTC's day."""
    here = await access.room_for(person(), room)
    try:
        date = datetime.date.fromisoformat(request.args.get("date", "").strip())
        zone = request.args.get("zone", "").replace(" ", "+")  # as it arrives when somebody types the address
        begins = datetime.datetime.fromisoformat(f"{date}T00:00:00{zone or '+00:00'}")
        if begins.tzinfo is None:
            raise ValueError(request.args)
    except ValueError:
        await pages.tell(N_("That is not a day of the calendar. Write it as 2026-11-23, for example."))
        return pages.go(f"/rooms/{here.code}")
    message = await history.first_since(here, begins)
    if message is None:
        await pages.tell(N_("Nothing has been written since that day. These are the newest messages."))
        return pages.go(f"/rooms/{here.code}")
    if message["timestamp"] - begins >= datetime.timedelta(days=1):
        day = language.day(date, pages.chosen_language())
        await pages.tell(N_("No messages on %(day)s. Here is what came next."), day=day)
    return pages.go(f"/rooms/{here.code}?around={message['seq']}#message-{message['seq']}")


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
    unused = await messages.delete(person(), here, min(seq, 10**18), parts().hub.bell)
    await parts().attachments.clear(unused)
    if pages.is_htmx():
        return Response("", 200, content_type="text/html; charset=utf-8")
    if framing.is_from_live():
        return Response("", 204)  # the document stays, and the message vanishes from it
    return pages.go(f"/rooms/{here.code}")
