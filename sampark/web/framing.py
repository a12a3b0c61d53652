"""Documents that stand in a frame of our own page: for browsers without JavaScript the room is two of them, one to read and one
to write in. Nobody else may frame them. What stands in other sites' pages (`embedding`) is framed by those that the room lists, and
nothing else may be framed."""

from quart import request

from sampark.text import origins

_ALWAYS = frozenset(("compose.show", "compose.post", "embed_settings.preview"))


def is_embedded() -> bool:
    """Whether this request is for a frame in another site's page. There the app's sessions do not count, and nowhere else the frame's."""
    return request.blueprint == "embed"


def is_framed() -> bool:
    """Whether the answer to this request, whatever it is, is shown in such a frame."""
    return request.endpoint in _ALWAYS or (request.endpoint == "stream.live" and "framed" in request.args)


def is_from_live() -> bool:
    """Whether somebody pressed a button in the endless document: there the stream shows what comes of it."""
    return origins.split(request.referrer or "").path.endswith("/live")
