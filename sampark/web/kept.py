"""Words that somebody sent by a plain form after their session had ended: kept in a cookie while they sign in.

The server stores nothing for people it does not know. The cookie goes to that room alone, and its words are shown only to the person
on whose page they were written: whoever signs in with the same browser after them reads none. Scripts keep their drafts themselves.
"""

import contextlib
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from quart import Response, request
from werkzeug.exceptions import HTTPException

from sampark.text import room_ids
from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem
from sampark.web import csrf, pages
from sampark.web.parts import parts
from sampark.web.people import person

COOKIE = "words"
MOST = 3800
"""Characters: browsers take 4,096 bytes of a cookie, its name and attributes included. Packed they are six thousand letters of English."""
_LIFETIME = 3600
_FROM = frozenset(("messages.post", "compose.post", "rooms.come"))


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    room: str
    packed: str

    @property
    def fit(self) -> bool:
        return len(self.packed) <= MOST

    def problem(self) -> Problem:
        """What to say to whoever has to sign in first."""
        if self.fit:
            return Invalid(
                N_(
                    "You had been signed out, so nothing was sent. Sign in: what you typed is in the box again."
                    " Only files have to be chosen once more."
                )
            )
        return Invalid(
            N_("You had been signed out, so nothing was sent. What you typed is too long to be kept: copy it first.")
        )

    def keep(self, response: Response) -> None:
        if self.fit:
            response.set_cookie(
                COOKIE, self.packed, max_age=_LIFETIME, path=f"/rooms/{self.room}", httponly=True, samesite="Lax",
                secure=parts().settings.is_secure,
            )  # fmt: skip


async def words() -> Words | None:
    """What a form of ours holds that came from nobody who is signed in. Its files are not read."""
    room = (request.view_args or {}).get("room", "")
    if request.endpoint not in _FROM or pages.is_htmx() or room != room_ids.read(room):
        return None
    # It ends at the first file: whoever has not signed in brings none. What stood before it has been read.
    with contextlib.suppress(Problem, HTTPException):
        await request.form
    form = await request.form
    text, whose = form.get("text", ""), form.get("person", "")
    if not text.strip() or not whose.isdecimal() or not await _is_ours():
        return None
    return Words(text, room, _serializer().dumps([room, int(whose[:18]), text]))


async def _is_ours() -> bool:
    """Other sites put no words into anybody's mouth."""
    settings = parts().settings
    with contextlib.suppress(Problem):
        await csrf.check(settings.secret_key, settings.public_url)
        return True
    return False


def form_for(room: str) -> dict[str, str]:
    """The form with the words that the person had written for this room; an empty one without."""
    packed = request.cookies.get(COOKIE, "")
    if not packed or len(packed) > MOST:
        return {}
    try:
        where, whose, text = _serializer().loads(packed)
    except (BadSignature, ValueError):
        return {}
    return {"text": text} if where == room and whose == person().id else {}


def forget(response: Response, room: str) -> None:
    """They have been sent, or something else has in their place."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=f"/rooms/{room}")


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(parts().settings.secret_key, salt="words")
