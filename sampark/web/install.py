"""What makes an app of the site: its manifest, its service worker, and the page for when the line is down. None of it is about a person."""

import json

from quart import Blueprint, Response, request

from sampark.files import kinds
from sampark.text import language
from sampark.text.language import LANGUAGES, N_
from sampark.web import pages
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("install", __name__)

_NAME = N_("Sampark Setu")
_ABOUT = N_("Chat for schools, small organisations and communities")
_PROFILE = N_("Your profile")
_ROOMS = N_("Your rooms")


def _wished_language() -> str:
    """As the address says: these are fetched without cookies."""
    wished = request.args.get("language", "")
    return wished if wished in LANGUAGES else pages.chosen_language()


@blueprint.get("/manifest.webmanifest")
@public
async def manifest() -> Response:
    """https://www.w3.org/TR/appmanifest/; `share_target`: https://w3c.github.io/web-share-target/."""
    code = _wished_language()
    translate, static = language.sentences(code).gettext, parts().static.url
    small = {"src": static("icons/192.png"), "sizes": "192x192", "type": "image/png"}
    said = {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": code,
        "dir": "ltr",
        "name": translate(_NAME),
        "short_name": translate(_NAME),
        "description": translate(_ABOUT),
        "theme_color": "#0e4c56",
        "background_color": "#f8f4ec",
        "categories": ["social", "communication"],
        "icons": [
            small,
            {"src": static("icons/512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": static("icons/maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
            {"src": static("icons/sampark.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
        "shortcuts": [
            {"name": translate(_ROOMS), "url": "/", "icons": [small]},
            {"name": translate(_PROFILE), "url": "/profile", "icons": [small]},
        ],
        "share_target": {
            "action": "/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "files", "accept": kinds.accepted()}],
            },
        },
    }
    body = json.dumps(said, ensure_ascii=False)
    return Response(body, headers={"Cache-Control": "no-cache"}, content_type="application/manifest+json")


@blueprint.get("/sw.js")
@public
async def worker() -> Response:
    """The service worker. It is another one, and fetches all anew, with each change of a static file, of language and of theme."""
    offline = f"/offline?language={pages.chosen_language()}&theme={pages.chosen_theme()}"
    said = f"const VERSION = {json.dumps(parts().static.fingerprint)}, OFFLINE = {json.dumps(offline)};\n"
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return Response(
        said + parts().static.text("js/sw.js"), headers=headers, content_type="text/javascript; charset=utf-8"
    )


@blueprint.get("/offline")
@public
async def offline() -> Response:
    theme = request.args.get("theme", "")
    html = parts().fragments.render(
        "pages/offline.html", _wished_language(), theme=theme if theme in pages.THEMES else "system"
    )
    return Response(html, headers={"Cache-Control": "no-cache"}, content_type="text/html; charset=utf-8")
