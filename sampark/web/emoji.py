"""Emoji to pick from: the sheet above the composer, the same as a page without JavaScript, and names while one types."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass as plain_dataclass
from typing import Any

from quart import Blueprint, Response, request

from sampark import access
from sampark.access import OpenRoom
from sampark.emoji.catalogue import GROUPS, Emoji, catalogue
from sampark.emoji.search import LONGEST_QUERY, search
from sampark.text.graphemes import clusters
from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem
from sampark.web import own_emoji, pages, uploads
from sampark.web.forms import dataclass, form
from sampark.web.people import person
from sampark.web.rooms import show_room

blueprint = Blueprint("emoji", __name__)
Show = Callable[[str, dict[str, str], Problem | None], Awaitable[Response]]

ALL = "all"
"""What the composer's button says that leads to the page of all emoji."""

_MOST_FOUND = 120
_MOST_NAMES = 8
_HAND = "✋"
_TITLES = {
    "smileys": (N_("Smileys"), "😀"),
    "people": (N_("People"), "👋"),
    "nature": (N_("Animals and nature"), "🐘"),
    "food": (N_("Food and drink"), "🍎"),
    "travel": (N_("Travel and places"), "🚆"),
    "activities": (N_("Activities"), "⚽"),
    "objects": (N_("Objects"), "💡"),
    "symbols": (N_("Symbols"), "❤️"),
    "flags": (N_("Flags"), "🇮🇳"),
}
_TONES = (
    N_("No skin tone"),
    N_("Light skin tone"),
    N_("Medium light skin tone"),
    N_("Medium skin tone"),
    N_("Medium dark skin tone"),
    N_("Dark skin tone"),
)
_FILES_AGAIN = N_("Please choose your files again: the page was loaded anew, and a browser hands out files only once.")


@plain_dataclass(frozen=True, slots=True)
class Choice:
    """One button."""

    sign: str
    name: str
    code: str


@dataclass
class Wish:
    text: str = ""
    q: str = ""
    group: str = ""
    tone: str = ""
    emoji: str = ""


async def _again(room: str, form: dict[str, str], problem: Problem, status: int) -> Response:
    return await show_room(room, form, problem, status)


@blueprint.get("/rooms/<room>/emoji")
async def pick(room: str) -> Response:
    here = await access.room_for(person(), room)
    return await _known(await _sheet(here, request.args.get("q", ""), request.args.get("group", "")))


@blueprint.post("/rooms/<room>/emoji")
@form(Wish, again=_again)
async def wish(room: str, data: Wish) -> Response:
    """Look further without losing what is written, choose a skin tone, or an emoji."""
    if data.emoji:
        return await put_into(room, data.text, data.emoji)
    here = await access.room_for(person(), room)
    tone = own_emoji.tone_of(data.tone)
    response = await _sheet(here, data.q, data.group, data.text, own_emoji.tone() if tone is None else tone)
    if tone is not None:
        own_emoji.remember_tone(response, tone)
    return response


async def put_into(room: str, text: str, emoji: str, show: Show = show_room) -> Response:
    """The page with the composer (`show`), with `text` in it and the emoji behind it; for `ALL`, the page to choose one, which
    keeps the text.

    Errors: `Invalid` for what is no emoji, `NotFound`.
    """
    lost = Invalid(_FILES_AGAIN, "files") if await uploads.sent() else None
    if emoji == ALL:
        return await _sheet(await access.room_for(person(), room), "", "", text, problem=lost)
    if not catalogue().is_one(emoji):
        raise Invalid(N_("That is no emoji that is known here. Choose another one."), "text")
    return await show(room, {"text": _joined(text, emoji), "emoji": emoji}, lost)


def _joined(text: str, emoji: str) -> str:
    """Apart from a word, close to another emoji."""
    last = [*clusters(text[-40:])][-1:]
    is_apart = not last or last[0].isspace() or catalogue().find(last[0])
    return f"{text}{'' if is_apart else ' '}{emoji}"


async def _sheet(
    room: OpenRoom, query: str, group: str, text: str = "", tone: int | None = None, problem: Problem | None = None
) -> Response:
    tone = own_emoji.tone() if tone is None else tone
    query = "" if group in GROUPS else " ".join(query.split())[:LONGEST_QUERY]
    group = "" if query else group if group in GROUPS else next(iter(GROUPS))
    found = search(query, _MOST_FOUND) if query else catalogue().group(group)
    return await pages.page(
        "emoji", room=room, query=query, group=group, text=text, tone=tone, problem=problem,
        recent=_recent() if group == next(iter(GROUPS)) else [], is_sheet=pages.is_htmx(),
        choices=[_choice(one, one.toned(tone)) for one in found],
        groups=_TITLES, tones=[(_toned_hand(number), name) for number, name in enumerate(_TONES)],
    )  # fmt: skip


def _toned_hand(tone: int) -> str:
    hand = catalogue().find(_HAND)
    return hand.toned(tone) if hand else _HAND


def _recent() -> list[Choice]:
    known = ((sign, catalogue().find(sign)) for sign in own_emoji.recent() if catalogue().is_one(sign))
    return [_choice(one, sign) for sign, one in known if one]


def _choice(one: Emoji, sign: str, typed: str = "") -> Choice:
    code = next((code for code in one.codes if typed and code.startswith(typed)), one.codes[0])
    return Choice(sign, one.name(pages.chosen_language()), code)


@blueprint.get("/emoji/names")
async def names() -> Response:
    """What `:smi` may become: the options of the list above the composer, or nothing."""
    query = request.args.get("q", "").strip().lower()
    tone = own_emoji.tone()
    choices = [_choice(one, one.toned(tone), query) for one in search(query, _MOST_NAMES)]
    response = pages.fragment("emoji_names", choices=choices)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


async def _known(response: Response) -> Response:
    """What it depends on are cookies (the last emoji, the skin tone, the session with its form token, the language): while they
    stay, a browser opens it again without asking."""
    body: Any = await response.get_data(as_text=False)
    response.set_etag(hashlib.sha256(body).hexdigest()[:24], weak=True)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    if pages.is_htmx():
        response.headers["Cache-Control"] = "private, max-age=3600"
    await response.make_conditional(request)
    return response
