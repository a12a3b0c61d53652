"""The bytes of files: access is asked at each request, whatever the address was copied from."""

from typing import Literal

from quart import Blueprint, Response, request

from sampark import access
from sampark.access import OpenFile
from sampark.chat import blobs
from sampark.files import ranges
from sampark.files.disposition import content_disposition
from sampark.files.storage import Missing, StorageAway
from sampark.models.file import PICTURE
from sampark.text.language import N_
from sampark.text.problems import NotFound, Unavailable
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("files", __name__)

SIGNED_FOR = 60
"""Seconds that an address in a bucket lasts."""
_SLOWEST = 8_000
"""Bytes a second: a reader slower than this is given up, as is one who has vanished."""
_HEADERS = {
    "Accept-Ranges": "bytes",
    # An address names bytes that never change; who may have them may lose the right, but not what they have seen.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_INLINE = {
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "video/mp4", "video/webm", "audio/webm",
    "audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav",
}  # fmt: skip
"""What browsers show and cannot run. Everything else is saved."""


@blueprint.get("/files/<public_id>/<name>")
async def file(public_id: str, name: str) -> Response:
    """`?size=` asks for one of those that were made of it. The name is for people: it decides nothing."""
    return await send(await access.file_for(person(), public_id))


async def send(found: OpenFile) -> Response:
    """Its bytes, or those of what was made of it, as the request asks. Errors: `NotFound`, `Unavailable`."""
    try:
        return await _asked_for(found)
    except Missing:
        raise NotFound from None
    except StorageAway:
        raise Unavailable(N_("This file cannot be had just now. Wait a moment and try again.")) from None


async def _asked_for(found: OpenFile) -> Response:
    size = request.args.get("size", "")
    if not size:
        return await _whole(found)
    made = blobs.suffixes(found.made)
    if size not in made:
        raise NotFound
    return await _made(found, size, made[size])


async def _whole(found: OpenFile) -> Response:
    how: Literal["inline", "attachment"] = "inline" if found.media_type in _INLINE else "attachment"
    if "download" in request.args:
        how = "attachment"
    if parts().settings.storage_redirect and found.family != PICTURE:
        url = await _signed(found, content_disposition(how, found.name))
        if url is not None:
            return Response("", 302, {"Location": url}, content_type=found.media_type)
    return await _send(found.key, found.size, found.media_type, content_disposition(how, found.name))


async def _made(found: OpenFile, size: str, media_type: str) -> Response:
    key = f"{found.key}-{size}"
    length = await parts().attachments.store.size(key)
    if length is None:
        raise NotFound
    name = f"{size}.{media_type.partition('/')[2]}"
    return await _send(key, length, media_type, content_disposition("inline", name))


async def _signed(found: OpenFile, disposition: str) -> str | None:
    return await parts().attachments.store.signed_url(
        found.key, seconds=SIGNED_FOR, disposition=disposition, content_type=found.media_type
    )


async def _send(key: str, length: int, media_type: str, disposition: str) -> Response:
    etag = f'"{key}"'
    headers = {**_HEADERS, "ETag": etag, "Content-Disposition": disposition}
    if request.if_none_match.contains(key):
        return Response("", 304, headers)
    part = ranges.parse(request.headers.get("Range"), request.headers.get("If-Range"), etag, length)
    if isinstance(part, ranges.Unsatisfiable):
        return Response(
            "", 416, {**headers, "Content-Range": part.content_range}, content_type="text/plain; charset=utf-8"
        )
    start, end, status = (part.start, part.end, 206) if isinstance(part, ranges.Range) else (0, length, 200)
    if status == 206:
        headers["Content-Range"] = part.content_range  # type: ignore[union-attr]
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        response = Response("", status, headers, content_type=media_type)
        response.headers["Content-Length"] = headers["Content-Length"]
        return response
    response = Response(await parts().attachments.store.open(key, start, end), status, headers, content_type=media_type)
    response.timeout = 60 + (end - start) // _SLOWEST
    return response
