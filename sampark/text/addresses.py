"""The addresses in a fragment, led elsewhere: in another site's page a room's own lead to its frame's, and the message stays as it is."""

import re

_TOOLS = re.compile(r'<object declare class="message-tools">.*?</object>', re.DOTALL)
"""What deletes a message: a page around the frame could lead somebody's click there."""
_TAG = re.compile(r"<[a-z][^<>]*/(?:rooms|files|gifs)/[^<>]*>")
_VALUE = re.compile(r'( (?:href|src|srcset|poster|action|hx-get|hx-post)=")([^"]*)"')
_PLACE = re.compile(r"(^|, )/(rooms|files|gifs)/")


def moved(html: str, code: str, origin: str = "") -> str:
    """`html` as it stands in a frame of the room with this ID; with `origin`, whole addresses for a page that is not ours.

    Only tags are looked at: what people wrote has no `<` in it. Files, which the app serves by their ID alone, are asked for by
    way of the room, because a frame's visitor may have them for its sake only.
    """
    to = {"rooms": f"{origin}/embed/rooms/", "files": f"{origin}/embed/rooms/{code}/files/", "gifs": f"{origin}/gifs/"}

    def lead(value: re.Match[str]) -> str:
        return f'{value[1]}{_PLACE.sub(lambda place: place[1] + to[place[2]], value[2])}"'

    return _TAG.sub(lambda tag: _VALUE.sub(lead, tag[0]), _TOOLS.sub("", html))
