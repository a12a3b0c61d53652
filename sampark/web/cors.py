"""Fragments, stream and tokens for the pages of listed sites, asked for by their own scripts (https://fetch.spec.whatwg.org/#http-cors-protocol).

One listed origin is named, never all; cookies count for nothing, and credentials are never allowed.
"""

from quart import Quart, Response, g, request

_WAY = "/embed/rooms/<room>"
_OFFERED = frozenset(((f"{_WAY}/messages", "GET"), (f"{_WAY}/stream", "GET"), (f"{_WAY}/token", "POST")))
"""Routes and methods."""
_HEADERS = (
    "Authorization, Last-Event-ID, HX-Request, HX-Request-Type, HX-Current-URL, HX-Source, HX-Target, HX-Trigger,"
    " HX-Trigger-Name, HX-Boosted"
)
_KEPT_FOR = "7200"
"""Seconds that a browser may remember a preflight; none does for longer."""


def _is_offered() -> bool:
    """Whether scripts of other sites may ask for this, or for what this is the preflight of (it may be another endpoint's route)."""
    method = request.headers.get("Access-Control-Request-Method", "") if request.method == "OPTIONS" else request.method
    rule = request.url_rule.rule if request.url_rule else ""
    return (rule, "GET" if method == "HEAD" else method) in _OFFERED


def asking(own: str) -> str | None:
    """The origin of the page whose script asks; None for our own (`own`), and where no script may ask."""
    said = request.headers.get("Origin")
    return said if said is not None and said.lower() != own.lower() and _is_offered() else None


def bearer() -> str:
    """The token that came with the request instead of a cookie, or nothing."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and _is_offered() else ""


def allow(origin: str) -> None:
    """The page of this origin, which is listed, may read the answer to this request."""
    g.abroad = origin


def is_abroad() -> bool:
    return "abroad" in g


def set_up(app: Quart) -> None:
    @app.after_request
    async def add(response: Response) -> Response:
        if not _is_offered():
            return response
        headers = response.headers
        headers["Vary"] = f"{headers['Vary']}, Origin, Authorization" if "Vary" in headers else "Origin, Authorization"
        if is_abroad():
            headers["Access-Control-Allow-Origin"] = g.abroad
            headers["Access-Control-Expose-Headers"] = "Retry-After"
            if "Access-Control-Request-Method" in request.headers:
                headers["Access-Control-Allow-Methods"] = "GET, POST"
                headers["Access-Control-Allow-Headers"] = _HEADERS
                headers["Access-Control-Max-Age"] = _KEPT_FOR
        return response
