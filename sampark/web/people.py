"""Who is asking. Every route needs a signed-in person unless it says `@public`."""

import copy
import functools
import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar, cast

from itsdangerous import BadSignature
from quart import Quart, current_app, g, request
from quart.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from quart.wrappers import BaseRequestWebsocket
from quart_auth import AuthUser, QuartAuth, login_user, logout_user

from sampark import access
from sampark.access import Person
from sampark.chat import sessions
from sampark.settings import Settings
from sampark.text import room_ids
from sampark.web import framing

V = TypeVar("V", bound=Callable[..., Any])


def public(view: V) -> V:
    """A route for everyone, signed in or not."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class Visitor(AuthUser):
    """quart-auth's user. Its `auth_id` is the session's token; whether that session lives, the database says, once per request."""

    _person: Person | None = None
    _is_known = False

    async def person(self) -> Person | None:
        if not self._is_known:
            self._is_known = True
            self._person = await access.person_for(self.auth_id) if self.auth_id else None
        return self._person

    @property
    async def is_authenticated(self) -> bool:
        return await self.person() is not None


class VisitSessions(SecureCookieSessionInterface):
    """Quart's cookie for a first visit and for notices; answers that do not change it do not vary by it."""

    def __init__(self) -> None:
        self._read = functools.lru_cache(_REMEMBERED)(self._unpack)

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession:
        cookie = request.cookies.get(self.get_cookie_name(app))
        return SecureCookieSession(
            copy.deepcopy(self._read(app, cookie)) if cookie and len(cookie) <= _LONGEST else None
        )

    def _unpack(self, app: Quart, cookie: str) -> dict[str, Any]:
        signer = self.get_signing_serializer(app)
        try:
            data: dict[str, Any] = signer.loads(cookie)  # type: ignore[union-attr]
        except BadSignature:
            return {}
        return data

    async def save_session(self, app: Quart, session: SessionMixin, response: Any) -> None:
        if session.modified:
            await super().save_session(app, session, response)


class Cookies(QuartAuth):
    """quart-auth, but for the age of a signature: how long a session lives is in the database, and a clock that was set back
    would make everyone's cookie come from the future. A signature that was verified is not verified once more."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self._verify = functools.lru_cache(_REMEMBERED)(self._unsigned)

    def load_token(self, token: str, app: Quart | None = None) -> str | None:
        if len(token) > _LONGEST:
            return None
        return self._verify(token, app or current_app._get_current_object())  # type: ignore[attr-defined]

    def _unsigned(self, token: str, app: Quart) -> str | None:
        keys = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
        try:
            return cast(str, self.serializer_class(keys, self.salt or b"").loads(token))
        except BadSignature:
            return None


_REMEMBERED = 4096
"""Cookies whose signature was found right or wrong, by their whole text."""
_LONGEST = 2048
"""Characters: ours are a few hundred; strangers' ones shall not fill the memory."""


def set_up(app: Any, settings: Settings) -> None:
    # `__Host-` needs Secure, and Secure cookies are not sent over plain HTTP, which a school's own network may be.
    prefix = "__Host-" if settings.is_secure else ""
    app.secret_key = settings.secret_key
    app.session_interface = VisitSessions()
    Cookies(
        app,
        cookie_name=f"{prefix}sampark",
        cookie_secure=settings.is_secure,
        cookie_samesite="Lax",
        duration=int(sessions.LIFETIME.total_seconds()),
        user_class=Visitor,
    )
    app.config.update(
        SESSION_COOKIE_NAME=f"{prefix}sampark-visit",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )


async def person_or_none() -> Person | None:
    if "person" not in g:
        g.person = None if framing.is_embedded() else await _visitor().person()
    return cast("Person | None", g.person)


def person() -> Person:
    """The signed-in person of a route that is not public."""
    found = g.get("person")
    if found is None:
        raise RuntimeError("this route is public: ask person_or_none()")
    return cast(Person, found)


def session_token() -> str | None:
    """The token that the browser sent, live or not; for a frame in another site's page, the frame's own."""
    return frame_token() if framing.is_embedded() else _visitor().auth_id


def frame_cookie() -> str:
    """One for each room: a page may show several, and a visitor is somebody else in each of them."""
    return f"__Host-sampark-embed-{room_ids.read((request.view_args or {}).get('room', '')) or ''}"


def frame_token() -> str | None:
    token = request.cookies.get(frame_cookie())
    return token if token and len(token) <= _LONGEST else None


def _visitor() -> Visitor:
    # What quart-auth's `current_user` stands for, without its looking for itself each time.
    return cast(Visitor, current_app.extensions["QUART_AUTH"][0].load_user())


async def begin_session(user_id: int) -> None:
    """Sign a person in with a new session; the one this browser had ends."""
    token = await sessions.begin(user_id, request.headers.get("User-Agent", ""), replacing=session_token())
    login_user(Visitor(token), remember=True)


def forget_session() -> None:
    logout_user()


def needs_person() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.url_rule is not None and not getattr(view, "is_public", False) and not framing.is_embedded()


def address() -> str:
    """The client's address, as the trusted proxies (or the socket) say; of IPv6 the network, which one household has to itself."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").strip("[]"))
    except ValueError:
        return request.remote_addr or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
