"""Static files, from memory: fingerprinted by one hash over all of them, immutable, compressed once at the start."""

import functools
import gzip
import hashlib
import mimetypes
import re
from pathlib import Path

import brotli
from quart import Blueprint, Response, abort

from sampark.web import compression, older_palette
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("static_files", __name__)

ROOM = (
    "emoji",
    "upload",
    "drop",
    "shared",
    "lightbox",
    "gifs",
    "voice",
    "player",
    "message",
    "days",
    "menus",
    "invite",
    "pressed",
)
"""`emoji` first: what Enter means while names are offered, it says before `upload` sends."""
BUNDLES = {"app.css": ("css/",), "app.js": ("js/app/",), "room.js": tuple(f"js/{name}.js" for name in ROOM)}
"""Files, or all files of a folder in the order of their names, joined: one request instead of a dozen, and they pack better."""
_FOR_READERS = re.compile(rb"^\s*(?://.*|/\*.*\*/)?\n|^[ ]+", re.MULTILINE)
"""Lines of comment, empty lines and indentation: a fifth of what a script would weigh. No string of ours is longer than a line."""

_WORTH_IT = {".css", ".js", ".svg", ".webmanifest", ".txt"}


def for_readers(script: bytes) -> bytes:
    """A script without what only people read."""
    return _FOR_READERS.sub(b"", script)


@functools.cache  # an app in a test has the same files as the one before
def _packed(body: bytes) -> dict[str, bytes]:
    """As small as can be: 0.13 s for all files together."""
    return {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}


class Static:
    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for bundle, places in BUNDLES.items():
            joined = b"\n".join(
                body for place in places for name, body in self._files.items() if name.startswith(place)
            )
            self._files[bundle] = for_readers(joined) if bundle.endswith(".js") else joined
        self._files["app.css"] += older_palette.rules(self._files["css/10-palette.css"])
        digest = hashlib.sha256()
        for name, body in self._files.items():
            digest.update(name.encode() + b"\0" + body)
        self.fingerprint = digest.hexdigest()[:12]
        self._packed = {
            name: _packed(body)
            for name, body in self._files.items()
            if Path(name).suffix in _WORTH_IT and len(body) >= compression.WORTH_IT
        }

    def url(self, name: str) -> str:
        """The address of a file. Errors: `KeyError` for one that is not there."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.fingerprint}/{name}"

    def text(self, name: str) -> str:
        return self._files[name].decode()

    def response(self, fingerprint: str, name: str) -> Response:
        if name not in self._files:
            abort(404)
        body = self._files[name]
        coding = compression.accepted(len(body)) if name in self._packed else ""
        response = Response(self._packed[name][coding] if coding else body, mimetype=mimetypes.guess_type(name)[0])
        if coding:
            response.headers["Content-Encoding"] = coding
        if name in self._packed:
            response.headers["Vary"] = "Accept-Encoding"
        # During a deploy an older page may ask a newer process: what it gets must not be kept under the old name.
        kept = fingerprint == self.fingerprint
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


@blueprint.get("/static/<fingerprint>/<path:name>")
@public
async def file(fingerprint: str, name: str) -> Response:
    return parts().static.response(fingerprint, name)


@blueprint.get("/favicon.ico")
@public
async def favicon() -> Response:
    return parts().static.response("", "icons/sampark.svg")
