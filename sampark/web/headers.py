"""The headers of every answer."""

from quart import Quart, Response, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; style-src-attr 'none'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def set_up(app: Quart, *, is_secure: bool) -> None:
    @app.after_request
    async def add(response: Response) -> Response:
        styles = "".join(f" '{source}'" for source in g.get("style_sources", ()))
        if "style_hash" in g:
            styles += f" 'sha256-{g.style_hash}'"
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY.format(styles=styles))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=(), microphone=(self), fullscreen=(self)"
        )
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        if is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "private, no-store"
        if request.path.startswith("/static/") or request.endpoint == "health.live":
            headers.pop("Set-Cookie", None)
        return response
