"""A room that is open to reading, as an Atom feed."""

import datetime
import hashlib
import html
import json
from typing import Any

from quart import Blueprint, Response, request

from sampark import db, embed_access
from sampark.chat import history
from sampark.embed_access import Embed
from sampark.live.news import words_of
from sampark.models.message import SYSTEM
from sampark.models.user import GUEST, VOUCHED
from sampark.text import atom, language
from sampark.text.problems import NotFound
from sampark.web import origin, pages, people
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("embed_feed", __name__)

_LONGEST_TITLE = 80


async def open_embed(room: str) -> Embed:
    """The embed of a room that everybody may read. Errors: `NotFound`."""
    embed = await embed_access.embed_of(room)
    if not embed.is_open:
        raise NotFound
    return embed


@blueprint.get("/embed/rooms/<room>/feed.atom")
@public
async def feed(room: str) -> Response:
    await parts().limits.spend("feed", people.address())
    embed = await open_embed(room)
    here, base, code = embed.room, origin.ours(), pages.chosen_language()
    page = await history.newest(here.id)
    rows = [row for row in reversed(page.messages) if row["message_type"] != SYSTEM]
    address = f"{base}/embed/rooms/{here.code}"
    body = atom.written(
        atom.Feed(
            name=f"{base}/rooms/{here.code}",
            itself=f"{address}/feed.atom",
            page=address,
            title=here.name,
            subtitle=here.description,
            language=code,
            updated=rows[0]["timestamp"] if rows else await _opened_at(here.id),
            entries=[_entry(row, f"{address}?around={row['seq']}#message-{row['seq']}", code) for row in rows],
        )
    )
    known_as = hashlib.sha256(body).hexdigest()[:24]
    # Kept by nobody without asking: a deleted message, and a room that is no longer open, are gone from here at once.
    headers = {"ETag": f'W/"{known_as}"', "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    if request.if_none_match.contains_weak(known_as):
        return Response("", 304, headers)
    return Response(body, 200, headers, content_type="application/atom+xml; charset=utf-8")


async def _opened_at(room_id: int) -> datetime.datetime:
    [row] = await db.fetch("SELECT created_at FROM rooms WHERE id = ?", room_id)
    return row["created_at"]  # type: ignore[no-any-return]


def _entry(row: db.Row, address: str, code: str) -> atom.Entry:
    files: list[dict[str, Any]] = json.loads(row["attachments"]) if row["attachments"] else []
    names = [file.get("name") or words_of(row | {"html": ""}, code) for file in files]
    links = [f'<p><a href="{html.escape(address)}">{html.escape(name)}</a></p>' for name in names]
    return atom.Entry(
        address=address,
        title=words_of(row, code, _LONGEST_TITLE),
        author=" ".join(filter(None, (row["display_name"], _what(row, code)))),
        html=row["html"] + "".join(links),
        updated=row["timestamp"],
    )


def _what(row: db.Row, code: str) -> str:
    """What an author without an account is, as the badge in the room says it."""
    said = language.sentences(code).gettext
    if row["kind"] == GUEST:
        return f"({said('Guest · %(site)s') % {'site': row['site']} if row['site'] else said('Guest')})"
    return f"({said('from %(site)s') % {'site': row['site']}})" if row["kind"] == VOUCHED else ""
