"""A fragment as it stands in a page that is not ours: whole addresses, and nothing to press that needs this chat's own page."""

import re

from sampark.text.addresses import moved

_OLDER = re.compile(r'<a class="more older".*?</a>\n?', re.DOTALL)


def abroad(html: str, code: str, origin: str, *, is_open: bool) -> str:
    """`html` of the room with this ID. `is_open`: whether its reader needs no token; a link would not bring one with it."""
    html = moved(html, code, origin)
    return html if is_open else _OLDER.sub("", html)
