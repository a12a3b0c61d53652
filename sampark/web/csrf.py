"""Cross-site requests cannot act (contract, section 2.5).

Browsers say where a request comes from (Sec-Fetch-Site, else Origin); text browsers say neither and need the form's hidden
field. The same scheme as Go's http.CrossOriginProtection, plus that field. Nothing here relies on SameSite cookies.
"""

import hashlib
import hmac
import secrets

from quart import request, session

from sampark.text import origins
from sampark.text.language import N_
from sampark.text.problems import Forbidden
from sampark.web import framing, people

_UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))


_FROM_ELSEWHERE = frozenset(("embed.vouch", "embed.give_token"))
"""A site's page posts a signed token into its frame: what it may do there is for the token to say, and it is good once."""


def token(secret: str) -> str:
    """The hidden field's value: bound to the session, or to a first visit's cookie before there is one."""
    if framing.is_embedded() and not people.session_token() and "Sec-Fetch-Site" in request.headers:
        return ""  # this browser says where its forms come from, and a frame sets no cookies that it need not
    bound_to = (
        people.session_token() if people.session_token() else session.setdefault("visit", secrets.token_urlsafe(16))
    )
    return hmac.new(secret.encode(), f"csrf {bound_to}".encode(), hashlib.sha256).hexdigest()


async def check(secret: str, public_url: str | None) -> None:
    """Errors: `Forbidden` for an unsafe request that may come from another site."""
    if request.method not in _UNSAFE or request.endpoint in _FROM_ELSEWHERE or await _is_ours(secret, public_url):
        return
    raise Forbidden(
        N_(
            "This form could not be matched with your visit, so nothing was changed. Go back, load the page again, and send it once more."
        )
    )


async def _is_ours(secret: str, public_url: str | None) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin.lower() == public_url or (
            public_url is None and origins.split(origin).netloc.lower() == request.host.lower()
        )
    given = (await request.form).get("csrf", "")
    return bool(people.session_token() or "visit" in session) and hmac.compare_digest(
        given.encode(), token(secret).encode()
    )
