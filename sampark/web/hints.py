"""Hints for whoever is somewhere for the first time. What was read is noted in the browser that showed it."""

from quart import Blueprint, Response, request

from sampark.text import agents
from sampark.text.language import N_
from sampark.text.problems import Invalid
from sampark.web import pages
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts

blueprint = Blueprint("hints", __name__)

PLACES = ("home", "room")
_COOKIE = "hints"


@dataclass
class Seen:
    place: str = ""
    next: str = ""


def is_new(place: str) -> bool:
    """Whether a hint belongs on this page. In a text browser it would only be one more paragraph to read past, each time."""
    return place not in _seen() and not agents.is_text_browser(request.headers.get("User-Agent", ""))


@blueprint.post("/hints/seen")
@form(Seen)
async def seen(data: Seen) -> Response:
    if data.place not in PLACES:
        raise Invalid(N_("That choice is not known here."))
    response = (
        Response("", content_type="text/html; charset=utf-8")
        if pages.is_htmx()
        else pages.go(pages.local_path(data.next))
    )
    response.set_cookie(
        _COOKIE,
        ".".join(place for place in PLACES if place in {data.place, *_seen()}),
        max_age=pages.COOKIE_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=parts().settings.is_secure,
    )
    return response


def _seen() -> list[str]:
    return request.cookies.get(_COOKIE, "").split(".")
