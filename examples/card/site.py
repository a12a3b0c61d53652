"""Level 1, link and card: a garden club's page about its festival shows what is new in the club's chat room, without any script.

CHAT_URL and CHAT_ROOM say which room; it is open to reading.
"""

import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from quart import Quart, render_template

ATOM = "{http://www.w3.org/2005/Atom}"
KEPT_FOR = 10
"""Seconds until the chat is asked again; a busy page would take longer."""


def create_site(environ: Mapping[str, str]) -> Quart:
    site = Quart(__name__)
    chat, room = environ["CHAT_URL"], environ["CHAT_ROOM"]
    address = f"{chat}/rooms/{room}"
    kept: dict[str, Any] = {"until": 0.0}

    @site.get("/")
    async def page() -> str:
        if time.monotonic() > kept["until"]:
            kept["talk"] = await asyncio.to_thread(ask, chat, room, address)
            kept["until"] = time.monotonic() + KEPT_FOR
        return await render_template("page.html", address=address, **kept["talk"])

    return site


def ask(chat: str, room: str, address: str) -> dict[str, Any]:
    """What the card shows. Without the chat there is still the link."""
    try:
        card = json.loads(fetched(f"{chat}/oembed?format=json&url={quote(address, safe='')}"))
        feed = ElementTree.fromstring(fetched(f"{chat}/embed/rooms/{room}/feed.atom"))  # our own chat's, and so trusted
    except OSError:
        return {"title": "Our chat room", "news": []}
    news = [
        {
            "who": entry.findtext(f"{ATOM}author/{ATOM}name"),
            "words": entry.findtext(f"{ATOM}title"),
            "when": entry.findtext(f"{ATOM}updated"),
            "address": entry.find(f"{ATOM}link").attrib["href"],
        }
        for entry in feed.iter(f"{ATOM}entry")
    ]
    return {"title": card["title"], "news": news[:4]}


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return answer.read()


if __name__ == "__main__":
    create_site(os.environ).run(host="localhost", port=int(os.environ.get("PORT", "8101")))
