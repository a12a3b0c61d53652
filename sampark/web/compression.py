"""Answers made small for those who take them so: brotli, else gzip.

Quick levels, measured on a room's page of 50 messages (49 KB): brotli 2 makes 6.5 KB of it in 0.12 ms; gzip 1 makes 7.7 KB in
0.10 ms, and needs 0.33 ms (level 6) for 6.8 KB. Browsers take brotli over https only. What is not whole, such as a stream,
is left as it is.

The length of a packed page tells which of its words repeat (BREACH). Somebody who gets their own words into a person's page and sees
how long it is on the wire could guess the IDs of rooms in it, letter by letter. Two things stand against that. A page is packed only when
no other site can have asked for it, so nobody else makes a browser fetch it a thousand times. And each one is longer by a
random number of bytes, so that the few pages that people open by themselves say too little. Masking the form's token would
protect nothing more (it opens nothing where browsers say where a request comes from), and every page would be other bytes.
"""

import asyncio
import functools
import secrets
import zlib

import brotli
from quart import Quart, Response, request
from quart.wrappers.response import DataBody

WORTH_IT = 1024
"""Bytes: less fits into one packet anyway."""

_LARGE = 256 * 1024
"""Bytes: more is packed beside the event loop, so that nobody else waits for it."""

_PADDING = 100
_CODINGS = ("br", "gzip")
_OF_OURS = frozenset(("same-origin", "none"))
_NEVER = frozenset((204, 206, 304))


def set_up(app: Quart, *, is_secure: bool) -> None:
    @app.after_request
    async def pack(response: Response) -> Response:
        body = response.response
        if type(body) is not DataBody or not body.data or response.status_code in _NEVER:
            return response
        headers = response.headers
        if not headers.get("Content-Type", "").startswith("text/") or "Content-Encoding" in headers:
            return response
        size = len(body.data)
        coding = accepted(size)
        if not coding and size < WORTH_IT:
            return response
        _vary(response)
        if coding and _is_of_ours(is_secure) and "no-transform" not in headers.get("Cache-Control", ""):
            await _pack(response, body.data, coding)
        return response


def accepted(size: int) -> str:
    """The coding for a body of this size, as the visitor wishes it: `br`, `gzip`, or none (""). RFC 9110, section 12.5.3."""
    header = request.headers.get("Accept-Encoding", "")
    coding, is_plain_refused = _negotiate(header) if len(header) < 200 else ("", False)
    return coding if size >= WORTH_IT or is_plain_refused else ""


@functools.lru_cache(256)
def _negotiate(header: str) -> tuple[str, bool]:
    weights = _weights(header)
    others = weights.get("*")
    # Unnamed, plain is allowed and liked least.
    plain = weights.get("identity", 0.0001 if others is None else others)
    coding = max(_CODINGS, key=lambda name: weights.get(name, others or 0.0))
    weight = weights.get(coding, others or 0.0)
    return coding if weight and weight >= plain else "", plain == 0


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter[2:])
        weights.setdefault("gzip" if name == "x-gzip" else name, weight)
    return weights


def _weight(text: str) -> float:
    whole = text.replace(".", "", 1)
    return min(float(text), 1.0) if whole.isascii() and whole.isdigit() else 0.0


def _is_of_ours(is_secure: bool) -> bool:
    """Whether our own page or the person's own hand has asked. Browsers say so over https; in clear text there is nothing to guess."""
    site = request.headers.get("Sec-Fetch-Site")
    return not is_secure if site is None else site in _OF_OURS


def _vary(response: Response) -> None:
    vary = response.headers.get("Vary")
    if not vary:
        response.headers["Vary"] = "Accept-Encoding"
    elif "accept-encoding" not in vary.lower():
        response.headers["Vary"] = f"{vary}, Accept-Encoding"


async def _pack(response: Response, body: bytes, coding: str) -> None:
    headers = response.headers
    headers["Content-Encoding"] = coding
    etag = headers.get("ETag", "W/")
    if not etag.startswith("W/"):
        headers["ETag"] = f"W/{etag}"  # a strong one promises the same bytes
    if request.method == "HEAD":
        headers.pop("Content-Length", None)  # only packing would tell
        return
    packer = _PACKERS[coding]
    response.set_data(await asyncio.to_thread(packer, body) if len(body) > _LARGE else packer(body))


def _brotli(body: bytes) -> bytes:
    packer = brotli.Compressor(quality=2)
    packed: bytes = packer.process(body) + packer.flush()
    padding = secrets.randbelow(_PADDING)
    # A block of metadata, which readers skip (RFC 7932, section 9.2): its kind, its length less one, then that many bytes.
    skipped = (0b01_0_11_0 | padding << 6).to_bytes(2, "little") + bytes(padding + 1)
    return packed + skipped + bytes(packer.finish())


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = packer.compress(body) + packer.flush()
    # A file's name, which readers skip (RFC 1952, section 2.3): flag 8 in the fourth byte, the name after the tenth.
    return packed[:3] + b"\x08" + packed[4:10] + b"-" * secrets.randbelow(_PADDING) + b"\0" + packed[10:]


_PACKERS = {"br": _brotli, "gzip": _gzip}
