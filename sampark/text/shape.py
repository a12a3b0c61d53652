"""What a message's text looks like as a whole: nothing but emoji, or so long that it is shown folded."""

import re

FEW, SOME = "few", "some"
_MOST_FEW, _MOST_SOME = 3, 12

LONGEST = 1_500
MOST_LINES = 20
"""More characters, or more lines, are folded: about what a window of a desktop shows at once."""

_PRESENTED = (
    "231a-231b 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 26aa-26ab 26bd-26be 26c4-26c5 26ce 26d4 26ea"
    " 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e 2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c 2b50 2b55 1f004 1f0cf"
    " 1f18e 1f191-1f19a 1f201 1f21a 1f22f 1f232-1f236 1f238-1f23a 1f250-1f251 1f300-1f320 1f32d-1f335 1f337-1f37c 1f37e-1f393"
    " 1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc 1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a"
    " 1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc 1f6d0-1f6d2 1f6d5-1f6d9 1f6dc-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7eb"
    " 1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1faff"
)
"""Emoji_Presentation of Unicode 17: what is a coloured picture without a sign that says so. The last block grows each year."""
_PICTURES = (
    "a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 23cf 23e9-23f3 23f8-23fa 24c2 25aa-25ab 25b6 25c0"
    " 25fb-27bf 2934-2935 2b05-2b55 3030 303d 3297 3299 1f004-1f1e5 1f201-1faff"
)
"""What may become one by such a sign, by a skin tone or in a sequence."""


def _class(ranges: str) -> str:
    bounds = [[f"\\U{int(end, 16):08x}" for end in span.split("-")] for span in ranges.split()]
    return f"[{''.join('-'.join(span) for span in bounds)}]"


_SIGN, _TONE, _JOINER, _TAGS = "\ufe0f", "[\U0001f3fb-\U0001f3ff]", "\u200d", "(?:[\U000e0020-\U000e007e]+\U000e007f)"
_PART = f"{_class(_PICTURES)}(?:{_SIGN}|{_TONE}|{_TAGS})?"
_FIRST = f"(?:{_class(_PRESENTED)}|{_class(_PICTURES)}(?={_SIGN}|{_TONE}|{_JOINER}))"
_EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]{_SIGN}?\u20e3|(?={_FIRST}){_PART}(?:{_JOINER}{_PART})*+|\s+"
)
"""One emoji (Unicode Technical Standard 51, section 1.4.9), or what stands between two."""


def emoji(content: str) -> str:
    """`FEW` for one to three emoji and nothing else, `SOME` for up to twelve, else nothing."""
    count, place = 0, 0
    while place < len(content) and count <= _MOST_SOME:
        found = _EMOJI.match(content, place)
        if found is None:
            return ""
        place = found.end()
        count += not found[0].isspace()
    if not 0 < count <= _MOST_SOME or content.count("\n") > _MOST_FEW:
        return ""
    return FEW if count <= _MOST_FEW else SOME


_TAG = re.compile("<[^>]*>")


def is_long(html: str) -> bool:
    """Whether what `html` (from `markdown.to_html`) shows would push everything else off the screen."""
    if len(html) <= LONGEST and html.count("\n") < MOST_LINES:
        return False
    shown = _TAG.sub("", html)
    return len(shown) > LONGEST or sum(1 for line in shown.split("\n") if line.strip()) > MOST_LINES
