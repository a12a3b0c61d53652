"""oEmbed (https://oembed.com): what a room's address becomes in somebody's article."""

import json
import re
from urllib.parse import urlsplit

from markupsafe import Markup
from quart import Blueprint, Response, request

from sampark.embed_access import Embed
from sampark.text.language import N_
from sampark.text.problems import NotFound, Problem
from sampark.web import origin, pages
from sampark.web.embed_feed import open_embed
from sampark.web.people import public

blueprint = Blueprint("oembed", __name__)

_WIDTH, _HEIGHT = 640, 480
_KEPT_FOR = 300
"""Seconds that a site may keep the answer; a room that is closed should not stand open for long."""
_SANDBOX = (
    "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads"
    " allow-storage-access-by-user-activation"
)
_PATH = re.compile(r"/(?:embed/)?rooms/([^/]{12,40})/?")
_FRAME = Markup(
    '<iframe src="{src}" width="{width}" height="{height}" title="{title}" sandbox="{sandbox}"'
    ' referrerpolicy="origin" loading="lazy" style="border:0;max-width:100%"></iframe>'
)


@blueprint.get("/oembed")
@public
async def oembed() -> Response:
    if request.args.get("format", "json").lower() != "json":
        sentence = pages.say(Problem(N_("Only JSON is given here: ask with format=json.")))
        return Response(sentence, 501, content_type="text/plain; charset=utf-8")
    embed = await open_embed(_room_of(request.args.get("url", "")))
    said = _said(embed, _at_most("maxwidth", _WIDTH), _at_most("maxheight", _HEIGHT))
    return Response(
        json.dumps(said, ensure_ascii=False),
        headers={"Cache-Control": f"public, max-age={_KEPT_FOR}"},
        content_type="application/json; charset=utf-8",
    )


def _said(embed: Embed, width: int, height: int) -> dict[str, object]:
    here, base = embed.room, origin.ours()
    return {
        "version": "1.0",
        "type": "rich",
        "title": here.name,
        "provider_name": "Sampark Setu",
        "provider_url": f"{base}/",
        "cache_age": _KEPT_FOR,
        "width": width,
        "height": height,
        "html": _FRAME.format(
            src=f"{base}/embed/rooms/{here.code}", width=width, height=height, title=here.name, sandbox=_SANDBOX
        ),
    }


def _room_of(address: str) -> str:
    """The room whose address this is, in the app or for frames. Errors: `NotFound` for what is no room of ours."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise NotFound from None
    path = _PATH.fullmatch(parts.path)
    if (
        parts.scheme not in {"http", "https"}
        or parts.netloc.lower() != urlsplit(origin.ours()).netloc.lower()
        or not path
    ):
        raise NotFound
    return path[1]


def _at_most(name: str, usual: int) -> int:
    """A size that is asked for; what is no number of pixels is no wish."""
    wanted = request.args.get(name, "")
    return min(usual, max(1, int(wanted))) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else usual
