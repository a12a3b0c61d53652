"""Using one's own account in other sites' pages: a cookie that browsers hand over there, and that is good for nothing but this."""

import functools

from itsdangerous import BadSignature, URLSafeSerializer
from quart import Blueprint, Response, request

from sampark.chat import guests
from sampark.text.language import N_
from sampark.text.problems import Forbidden
from sampark.web import embedding, pages
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("embed_account", __name__)

_COOKIE = "__Host-sampark-account"


@blueprint.get("/embed/account")
async def show() -> Response:
    return await pages.page("embed_account", is_allowed=read() is not None, keeps_people=embedding.keeps_people())


@blueprint.post("/embed/account")
async def allow() -> Response:
    """Not partitioned, so that a frame may ask the browser for it (Storage Access API); each frame asks by a click of its own."""
    if not embedding.keeps_people():
        raise Forbidden(N_("This chat is reached without TLS, so browsers keep no account for other sites’ pages."))
    response = pages.go("/embed/account")
    response.set_cookie(
        _COOKIE, _signer(parts().settings.secret_key).dumps([person().session_id, person().id]),
        max_age=int(guests.STAYS.total_seconds()), secure=True, httponly=True, samesite="None", path="/",
    )  # fmt: skip
    return response


@blueprint.post("/embed/account/forget")
async def forget() -> Response:
    response = pages.go("/embed/account")
    response.delete_cookie(_COOKIE, secure=True, httponly=True, samesite="None", path="/")
    return response


def read() -> tuple[int, int] | None:
    """The session (its id) of the app that the browser hands over, and its person. Whether it lives, the caller asks."""
    text = request.cookies.get(_COOKIE, "")
    try:
        session_id, user_id = _signer(parts().settings.secret_key).loads(text) if len(text) < 500 else (None, None)
    except (BadSignature, TypeError, ValueError):
        return None
    return (session_id, user_id) if isinstance(session_id, int) and isinstance(user_id, int) else None


@functools.cache
def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="embed account")
