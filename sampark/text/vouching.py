"""Tokens with which a site vouches for somebody (JWT, RFC 7519): what one has to be, and why one is refused."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from sampark.text import names, room_ids
from sampark.text.language import N_
from sampark.text.problems import Problem
from sampark.text.signing import EDDSA, HS256

LONGEST = 4_096
LONGEST_LIFE = 300
LEEWAY = 30
"""Seconds by which the clocks of two servers may differ."""
LONGEST_ID = 200
LONGEST_NAME = 50
_CLAIMS = ("iss", "aud", "sub", "name", "room", "iat", "exp", "jti")
_NO_CHECKS = dict.fromkeys(
    ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)


class Refused(Problem):
    """A token that does not count; the sentence is for the site's developer and holds nothing that the token held."""


@dataclass(frozen=True, slots=True)
class Key:
    """One of a room's keys, as `models` keeps it."""

    kid: str
    algorithm: str
    material: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, as a site says."""

    origin: str
    subject: str
    name: str
    token_id: str
    kid: str
    """Of the key that signed."""
    forget_after: int
    """The second, since 1970, after which the token is refused for its age, so that its ID need not be remembered."""


def verify(token: str, keys: Sequence[Key], audience: str, room: str, now: float, origins: Collection[str]) -> Claims:
    """What the token says, if one of the keys has signed it for this instance (`audience`) and room, by one of `origins`.

    Whether it has been used before only the database knows: the caller asks it, with `token_id`. Errors: `Refused`.
    """
    key, said = _signed(token, keys)
    for claim in _CLAIMS:
        if said.get(claim) in (None, ""):
            raise Refused(
                N_("The token lacks “%(claim)s”. It needs all of these: %(all)s."), claim=claim, all=", ".join(_CLAIMS)
            )
    wanted = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    if audience not in wanted:
        raise Refused(N_("“aud” has to be the origin of this chat: %(wanted)s"), wanted=audience)
    if not isinstance(said["iss"], str) or said["iss"] not in origins:
        raise Refused(
            N_(
                "“iss” has to be your site’s origin exactly as the room’s list of sites has it, for example https://www.example.org."
            )
        )
    if not isinstance(said["room"], str) or room_ids.read(said["room"]) != room:
        raise Refused(N_("“room” has to be %(wanted)s: a token is good for one room only."), wanted=room)
    return Claims(
        origin=said["iss"],
        subject=_text(said, "sub", LONGEST_ID),
        name=_name(said),
        token_id=_text(said, "jti", LONGEST_ID),
        kid=key.kid,
        forget_after=_check_times(said, now),
    )


def _signed(token: str, keys: Sequence[Key]) -> tuple[Key, dict[str, Any]]:
    """The key that signed, and what it signed."""
    no_token = Refused(
        N_("This is no token. A JWT is three parts with dots between them, at most %(most)s characters together."),
        most=LONGEST,
    )
    if not token.isascii() or not 0 < len(token) <= LONGEST:
        raise no_token
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError):
        raise no_token from None
    if header.get("alg") not in (HS256, EDDSA):
        raise Refused(N_("“alg” has to be HS256 or EdDSA, as the room’s key was made; no other is taken."))
    named = [key for key in keys if header.get("kid") in (None, key.kid)]
    if not named:
        raise Refused(
            N_(
                "This room has no key of that name (“kid”). It may have been removed: take the one from the room’s Embed page."
            )
        )
    # The key says which algorithm counts, never the token: else a public key could serve as a secret.
    fitting = [key for key in named if key.algorithm == header["alg"]]
    if not fitting:
        raise Refused(N_("“alg” has to be %(wanted)s: the room’s key was made for it."), wanted=named[0].algorithm)
    for key in fitting:
        try:
            said = jwt.decode(token, key.material, algorithms=[key.algorithm], options=_NO_CHECKS)  # type: ignore[arg-type]
            return key, said
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, RecursionError):
            raise no_token from None
    raise Refused(
        N_(
            "The signature does not fit. Sign with this room’s key, whole and unchanged, and change nothing in the token after that."
        )
    )


def _check_times(said: dict[str, Any], now: float) -> int:
    issued, expires = _moment(said, "iat"), _moment(said, "exp")
    if "nbf" in said and _moment(said, "nbf") > now + LEEWAY:
        raise Refused(N_("The token is not valid yet, by its “nbf”. Check the clock of your server."))
    if issued > now + LEEWAY:
        raise Refused(
            N_(
                "The token was made in the future, by its “iat”: %(seconds)s seconds from now. Check the clock of your server."
            ),
            seconds=math.ceil(issued - now),
        )
    if expires <= issued or expires - issued > LONGEST_LIFE:
        raise Refused(N_("“exp” has to come after “iat”, by %(most)s seconds at most."), most=LONGEST_LIFE)
    if expires <= now - LEEWAY:
        raise Refused(
            N_(
                "The token expired %(seconds)s seconds ago. Make a new one each time the page is shown, and check the clock of your server."
            ),
            seconds=math.floor(now - expires),
        )
    return math.ceil(expires) + LEEWAY


def _moment(said: dict[str, Any], claim: str) -> float:
    value = said[claim]
    # NaN is no number for any comparison, true is 1 for Python, and a number of a thousand digits is too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**11:
        raise Refused(N_("“%(claim)s” has to be a number: seconds since 1970, not milliseconds."), claim=claim)
    return float(value)


def _text(said: dict[str, Any], claim: str, most: int) -> str:
    value = said[claim]
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise Refused(
            N_("“%(claim)s” has to be text of 1 to %(most)s characters (a number goes in quotes)."),
            claim=claim,
            most=most,
        )
    return value


def _name(said: dict[str, Any]) -> str:
    value = said["name"]
    name = names.line(value) if isinstance(value, str) else ""
    is_whole = not any("\ud800" <= letter <= "\udfff" for letter in name)
    if not is_whole or not names.is_visible(name) or len(name) > LONGEST_NAME:
        raise Refused(
            N_("“name” has to be what others call this person: text of 1 to %(most)s characters."), most=LONGEST_NAME
        )
    return name
