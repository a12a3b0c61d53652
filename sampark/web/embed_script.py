"""Scripts for other sites' pages: `/embed.js`, the element `<sampark-room>` with its words in every language that there is, and
`/embed/htmx.js`, with which a page without an htmx of its own shows our fragments."""

import functools
import gzip
import hashlib
import json
from dataclasses import dataclass

import brotli
from quart import Blueprint, Response, request

from sampark.text import language
from sampark.text.language import LANGUAGES, N_
from sampark.web import compression
from sampark.web.parts import parts
from sampark.web.people import public
from sampark.web.static import for_readers

blueprint = Blueprint("embed_script", __name__)

_WORDS = {
    "chat": N_("Chat"),
    "open": N_("Open {name}"),
    "openUnread": N_("Open {name}, {count} unread"),
    "close": N_("Close"),
}
_HTMX = ("htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js", "hx-upsert-4.0.1.min.js")
"""The extensions come after htmx, which waits with its start until the whole script has run."""
_KEPT_FOR = 3600
"""Seconds for which a page may use an older one: its address never changes, so nobody has to edit a page for a new one."""


@dataclass(frozen=True, slots=True)
class _Script:
    known_as: str
    bodies: dict[str, bytes]


@functools.lru_cache(2)
def _element(source: str) -> _Script:
    words = {
        code: {name: language.sentences(code).gettext(said) for name, said in _WORDS.items()} for code in LANGUAGES
    }
    return _packed(for_readers(source.replace('"{{words}}"', json.dumps(words, ensure_ascii=False)).encode()))


@functools.lru_cache(2)
def _joined(*sources: str) -> _Script:
    return _packed("\n".join(sources).encode())


def _packed(body: bytes) -> _Script:
    bodies = {"": body, "br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}
    return _Script(hashlib.sha256(body).hexdigest()[:24], bodies)


@blueprint.get("/embed.js")
@public
async def script() -> Response:
    return _given(_element(parts().static.text("js/embed.js")))


@blueprint.get("/embed/htmx.js")
@public
async def htmx() -> Response:
    return _given(_joined(*(parts().static.text(f"vendor/{name}") for name in _HTMX)))


def _given(made: _Script) -> Response:
    coding = compression.accepted(len(made.bodies[""]))
    headers = {
        "Cache-Control": f"public, max-age={_KEPT_FOR}",
        "ETag": f'W/"{made.known_as}"',
        "Vary": "Accept-Encoding",
        # It is the same for all and says nothing of anybody: a page may ask for it with `crossorigin`, too.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.if_none_match.contains_weak(made.known_as):
        return Response("", 304, headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(made.bodies[coding], 200, headers, content_type="text/javascript; charset=utf-8")
