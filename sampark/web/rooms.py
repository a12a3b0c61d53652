"""Rooms: opening, joining, looking in, leaving, deleting."""

import dataclasses

from markupsafe import Markup
from quart import Blueprint, Response, request

from sampark import access, db
from sampark.access import OpenRoom
from sampark.chat import history, reading, rooms
from sampark.text import room_ids
from sampark.text.language import N_
from sampark.text.problems import NotFound, Problem
from sampark.web import errors, hints, home, kept, pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("rooms", __name__)


@dataclass
class NewRoom:
    name: str = ""
    description: str = ""


@dataclass
class Invitation:
    room: str = ""


@dataclass
class Draft:
    text: str = ""
    shared: str = ""
    """From the page to share: it never joins, and may bring files alone."""


async def _home_again(form: dict[str, str], problem: Problem, status: int) -> Response:
    return await home.show(form, problem, status)


@blueprint.get("/rooms")
async def start() -> Response:
    """Where the first page stands again when its form is refused, and what people type: to load it from there works."""
    return pages.go("/")


@blueprint.post("/rooms")
@form(NewRoom, again=_home_again)
async def create(data: NewRoom) -> Response:
    await parts().limits.spend("open_room", str(person().id))
    return pages.go(f"/rooms/{await rooms.create(person(), data.name, data.description)}")


@blueprint.post("/rooms/join")
@form(Invitation, again=_home_again)
async def join(data: Invitation) -> Response:
    return await _join(data.room)


@blueprint.post("/rooms/<room>")
@form(Draft)
async def come(room: str, data: Draft) -> Response:
    """What was shared: the room with it in the composer. Without: join, which the page of a room that is
    not open to somebody offers them; the link is as good as the ID in it.
    """
    return await with_draft(room, data.text) if data.text or data.shared else await _join(room)


async def with_draft(code: str, text: str) -> Response:
    """The room with these words in its composer. They may have waited for so long that one has left it: then one chooses again."""
    try:
        return await show_room(code, {"text": text})
    except NotFound as problem:
        problem.sentence = N_("You are not in this room, or it is gone. Your words are still here: choose another one.")
        return await home.choose_room(text, problem, 404)


async def _join(typed: str) -> Response:
    whose = str(person().id)
    await parts().limits.spend("join", whose)
    try:
        code = await rooms.join(person(), typed, parts().hub.bell)
    except NotFound as problem:
        problem.sentence = N_("There is no room with this ID. Check it letter by letter, or ask for the room’s link.")
        problem.field = "room"
        raise
    await parts().limits.give_back("join", whose)
    return pages.go(f"/rooms/{code}")


@blueprint.get("/rooms/<room>")
async def show(room: str) -> Response:
    try:
        return await show_room(room)
    except NotFound as problem:
        return await errors.answer(404, problem, offers_to_join=True)


async def show_room(
    room: str, form: dict[str, str] | None = None, problem: Problem | None = None, status: int = 200
) -> Response:
    """The room's page. Its version is read before its messages: whatever comes between arrives by the stream, twice at worst."""
    here = await access.room_for(person(), room)
    page = await piece(here)
    visit = await parts().hub.presence.visit(person().id, here.id)
    gathering = await parts().hub.gatherings.of(here.id, here.code, visit.online)
    stamp = gathering.stamp
    new = New.to(here, visit.was_here)
    is_live = not page.has_newer
    is_plain = "plain" in request.args or bool(form and form.get("plain"))
    # A page that shows a certain place, or something typed that was refused, stands still.
    stands_still = is_plain or problem is not None or bool(form) or bool({*request.args} & {*_PIECES})
    response = await pages.page(
        "room",
        status,
        room=here,
        rooms=await home.list_of_rooms(visit.reading),
        current=here.code,
        page=page,
        html=await shown(here, page),
        shows_older=True,
        shows_newer=True,
        goes_live=False,
        is_live=is_live,
        is_plain=is_plain,
        has_frames=is_live and not stands_still and request.cookies.get("frames") == "on",
        since=here.version,
        people=parts().hub.gatherings.html(gathering, stamp, pages.chosen_language()),
        stamp=stamp,
        hint="room" if hints.is_new("room") else "",
        new=new,
        line_above=new.first_on(page),
        key=pages.new_key(),
        form=form or kept.form_for(here.code),
        problem=problem,
    )
    # Not an action: what is on the screen has been read, with or without JavaScript.
    await note_read(here, page.last, new.begins_at, rings=bool(visit.reading))
    return response


async def note_read(room: OpenRoom, last: int, begins_at: int | None, *, rings: bool) -> None:
    """`begins_at`: what was new on this visit. `rings`: whether another page of theirs shows which rooms they have read."""
    try:
        has_read_more = await reading.mark_read(person(), room, last, begins_at)
    except Exception as fault:
        if not db.is_away(fault):
            raise
        errors.note_away(fault)  # a full disk keeps nobody from reading
        return
    if has_read_more and rings:
        parts().hub.bell.read(room.id, person().id)


@dataclasses.dataclass(frozen=True, slots=True)
class New:
    """What came to a room since somebody was there last; it stays so until they have left."""

    begins_at: int | None
    count: int = 0

    @classmethod
    def to(cls, room: OpenRoom, was_here: bool) -> "New":
        begins_at = room.unread_from if was_here else room.read_seq + 1
        return cls(begins_at, room.last_seq + 1 - begins_at) if begins_at and begins_at <= room.last_seq else cls(None)

    def first_on(self, page: history.Page) -> int | None:
        """The number of the first new message, if it stands on this page; a line is drawn above it."""
        if self.begins_at is None or (page.has_older and page.first > self.begins_at):
            return None
        return next((int(row["seq"]) for row in page.messages if row["seq"] >= self.begins_at), None)


_PIECES = {"before": history.before, "after": history.after, "around": history.around}


async def piece(room: OpenRoom, limit: int = history.PAGE) -> history.Page:
    """The piece of history that `?before=`, `?after=` or `?around=` asks for; else the newest."""
    for name, read in _PIECES.items():
        if name in request.args:
            return await read(room.id, whole_number(request.args[name], 0), limit, brief=room.code)
    return await history.newest(room.id, limit, brief=room.code)


async def shown(room: OpenRoom, page: history.Page) -> Markup:
    """A brief page's fragments. Only those that are not known are read; what was deleted meanwhile is left out."""
    language, fragments = pages.chosen_language(), parts().fragments
    messages, unknown = page.messages, fragments.unknown(page.messages, language)
    if unknown:
        whole = {row["id"]: row for row in await history.whole(room.id, unknown)}
        gone = {*unknown} - whole.keys()
        messages = [whole.get(row["id"], row) for row in messages if row["id"] not in gone]
    return fragments.messages(messages, language)


def whole_number(text: str, otherwise: int) -> int:
    """A number from a URL: what is none, or larger than a database holds, is `otherwise`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else otherwise


@blueprint.post("/rooms/<room>/leave")
async def leave(room: str) -> Response:
    here = await access.room_for(person(), room)
    await rooms.leave(person(), here, parts().hub.bell)
    await pages.tell(
        N_("You have left %(room)s. Should you want to come back, its ID is %(id)s."),
        room=f"\N{FIRST STRONG ISOLATE}{here.name}\N{POP DIRECTIONAL ISOLATE}",
        id=room_ids.shown(here.code),
    )
    return pages.go("/")


@blueprint.post("/rooms/<room>/delete")
async def delete(room: str) -> Response:
    await rooms.delete(person(), await access.room_for(person(), room), parts().hub.bell, parts().attachments.clear)
    return pages.go("/")
