"""The headers of every answer."""

from collections.abc import Iterable

from quart import Quart, Response, g, request

from sampark.web import framing

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; style-src-attr 'none'; img-src 'self' data: blob:{media};"
    " media-src 'self' blob:{media}; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors {framers}"
)


_USUAL = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=(), microphone=(self), fullscreen=(self)"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "private, no-store"),
)
_SECURE = ("Strict-Transport-Security", "max-age=31536000")


def _policy(sources: Iterable[str], style_hash: str, media: str, framers: str) -> str:
    styles = "".join(f" '{source}'" for source in sources) + (f" 'sha256-{style_hash}'" if style_hash else "")
    return _POLICY.format(styles=styles, media=media, framers=framers)


def set_up(app: Quart, *, is_secure: bool, media: Iterable[str] = ()) -> None:
    """`media`: origins besides our own that pictures and sounds may come from."""
    others = "".join(f" {origin}" for origin in media)
    usual = (*_USUAL, _SECURE) if is_secure else _USUAL

    @app.after_request
    async def add(response: Response) -> Response:
        headers = response.headers
        is_framed = framing.is_framed()
        sites: tuple[str, ...] | None = g.get("framers")
        if is_framed:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        there = {name.lower() for name, _ in headers}
        for name, value in usual:
            # It knows no list of sites; browsers that read the policy's list disregard it anyhow.
            if name.lower() not in there and not (name == "X-Frame-Options" and sites is not None):
                headers.add(name, value)
        if "content-security-policy" not in there:
            framers = "'self'" if is_framed else "'none'" if sites is None else " ".join(("'self'", *sites))
            policy = _policy(g.get("style_sources", ()), g.get("style_hash", ""), others, framers)
            headers.add("Content-Security-Policy", policy)
        if request.path.startswith("/static/") or request.endpoint == "health.live":
            headers.pop("Set-Cookie", None)
        return response
