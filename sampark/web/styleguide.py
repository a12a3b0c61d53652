"""The style guide, for those who work on Sampark Setu: the real partials with the real style sheet, in both themes at once.

Each theme stands in a shadow tree of its own, so that the parts keep the ids by which forms and styles find them. The pages
outside of debugging do not know this route.
"""

import functools
from typing import Any

from markupsafe import Markup
from quart import Blueprint, Response, abort, g, request

from sampark import db
from sampark.text import language
from sampark.text.problems import Invalid
from sampark.web import pages, palette, samples
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("styleguide", __name__)

SCHEMES = ("light", "dark")
STEPS = ("-2", "-1", "0", "1", "2", "3", "4", "5")
GAPS = range(1, 8)


@blueprint.get("/styleguide")
@public
async def show() -> Response:
    wanted = request.args.get("language", "")
    if wanted in language.LANGUAGES:
        g.language = (g.get("person"), wanted)
    code = pages.chosen_language()
    messages = str(parts().fragments.messages(samples.messages(), code))
    parts_of_it = {scheme: Markup(_pane(scheme, messages)) for scheme in SCHEMES}  # noqa: S704 - made by our own templates
    return await pages.page("styleguide", panes=parts_of_it, code=code)


def _pane(scheme: str, messages: str) -> str:
    usual, strong = _palettes()
    values: dict[str, Any] = {
        "scheme": scheme, "colours": list(getattr(usual, scheme)), "pairs": _pairs(usual, scheme),
        "strong": _pairs(strong, scheme, is_strong=True), "steps": STEPS, "gaps": GAPS, "samples": Markup(messages),  # noqa: S704
        "rooms": samples.ROOMS, "current": samples.ROOM["code"], "room": samples.ROOM, "gathering": samples.GATHERING,
        "names": ["आशा", "Ravi"], "key": "", "is_live": False,
        "wrong": Invalid("There is no room with this ID. Check it letter by letter, or ask for the room’s link.", "room"),
    }  # fmt: skip
    return pages.render("styleguide_pane.html", **values)


def _pairs(colours: palette.Palette, scheme: str, *, is_strong: bool = False) -> list[dict[str, Any]]:
    known = getattr(colours, scheme)
    return [
        {
            "letters": letters,
            "ground": ground,
            "ratio": palette.contrast(known[letters], known[ground]),
            "least": strong if is_strong else least,
        }
        for letters, ground, least, strong in palette.PAIRS
    ]


@functools.cache
def _palettes() -> tuple[palette.Palette, palette.Palette]:
    return palette.read(db.assets("static") / "css" / "10-palette.css")


@blueprint.get(f"{samples.FILES}<path:name>")
@public
async def file(name: str) -> Response:
    """A still picture for every picture and poster among the samples."""
    found = parts().gifs.library.still("kite")
    if found is None or not name.endswith((".jpg", ".mp4")):
        abort(404)
    path, kind = found
    return Response(path.read_bytes(), mimetype=kind)
