"""Tokens of a site in whose pages a room stands, signed with a key that the room's creator has made."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import jwt

from tests.people import Person


def key_of(asha: Person, room: str) -> str:
    """A new shared secret, as the page shows it once."""
    page = asha.send(f"/rooms/{room}/embed/keys", algorithm="HS256").text
    found = re.search(r'id="new-secret"[^>]*>([^<]+)<', page)
    assert found, page
    return found[1]


def signed(room: str, key: str, site: str, chat: str, **claims: Any) -> str:
    now = int(time.time())
    said = {
        "iss": site, "aud": chat, "room": room, "sub": "7", "name": "Meera", "iat": now, "exp": now + 200,
        "jti": secrets.token_hex(8), **claims,
    }  # fmt: skip
    return jwt.encode(said, key, "HS256")
