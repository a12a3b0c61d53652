"""Level 4, fragments: a school's own intranet shows its staff room in its own looks, by its own htmx. No frame at all.

CHAT_URL and CHAT_ROOM say which room, SITE_URL what this site is called there. Only whom this site vouches for may read there: it
signs with CHAT_PRIVATE_KEY (EdDSA), whose public half the room knows.
"""

import asyncio
import json
import os
import secrets
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import jwt
from quart import Quart, Response, render_template, send_from_directory

HTMX = Path(__file__).resolve().parents[2] / "static" / "vendor"


def create_site(environ: Mapping[str, str]) -> Quart:
    site = Quart(__name__)
    room = f"{environ['CHAT_URL']}/embed/rooms/{environ['CHAT_ROOM']}"

    @site.get("/")
    async def page() -> str:
        return await render_template("page.html", chat=environ["CHAT_URL"])

    @site.get("/live")
    async def live() -> str:
        """The element that is connected to the room. The page asks for it anew before its token is too old."""
        token = await asyncio.to_thread(read_token, environ, room, "t-7", "Meera Iyer")
        return await render_template("live.html", room=room, headers=json.dumps({"Authorization": f"Bearer {token}"}))

    @site.get("/htmx/<name>")
    async def htmx(name: str) -> Response:
        return await send_from_directory(HTMX, name)

    return site


def read_token(environ: Mapping[str, str], room: str, number: str, name: str) -> str:
    """A token with which this person's browser reads for ten minutes: the chat gives it for one that we sign."""
    now = int(time.time())
    signed = jwt.encode(
        {
            "iss": environ["SITE_URL"],
            "aud": environ["CHAT_URL"],
            "room": environ["CHAT_ROOM"],
            "sub": number,
            "name": name,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        },
        environ["CHAT_PRIVATE_KEY"],
        algorithm="EdDSA",
    )
    form = urlencode({"token": signed}).encode()
    wanted = urllib.request.Request(f"{room}/token", form, {"Origin": environ["SITE_URL"]})
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        return json.load(answer)["token"]


if __name__ == "__main__":
    create_site(os.environ).run(host="localhost", port=int(os.environ.get("PORT", "8104")))
