"""The palette for browsers that do not know `light-dark()` (Safari before 17.5, Firefox before 120): the same colours, side by side.

Made from the one palette when the style sheet is joined, so each colour still stands once.
"""

import re

_MORE = re.compile(rb"@media \(prefers-contrast.*?\n  \}\n", re.DOTALL)
"""Left out: who asks for more contrast gets the usual one there."""
_RULE = re.compile(rb"^  ([:.][\w-]+) \{\n([^{}]*)\}", re.MULTILINE)
_DECLARATION = re.compile(rb"--[\w-]+:[^;]*light-dark\([^;]*(?=;)")
_START = b"light-dark("


def rules(palette: bytes) -> bytes:
    """From `css/10-palette.css`, rules that set what holds `light-dark()` to its light side, and in the dark to its dark one."""
    light = dark = system = b""
    for selector, body in _RULE.findall(_MORE.sub(b"", palette)):
        found = _DECLARATION.findall(body)
        sides = [b"{" + b";".join(_side(declaration, place) for declaration in found) + b"}" for place in (0, 1)]
        within = b"" if selector == b":root" else b" " + selector
        if found:
            light += selector + sides[0]
            system += b':root:not([data-theme="light"])' + within + sides[1]
            dark += b':root[data-theme="dark"]' + within + sides[1]
    dark = b"@media (prefers-color-scheme:dark){" + system + b"}" + dark
    return b"@layer palette{@supports not (color:light-dark(#000,#fff)){" + light + dark + b"}}"


def _side(text: bytes, place: int) -> bytes:
    """The text with the first (0) or second (1) argument in place of each `light-dark(…)`."""
    before, start, rest = text.partition(_START)
    if not start:
        return text
    depth, comma = 0, 0
    for at, letter in enumerate(rest):
        if letter == ord(",") and not depth:
            comma = at
        elif letter == ord("("):
            depth += 1
        elif letter == ord(")"):
            if not depth:
                sides = rest[:comma], rest[comma + 1 : at]
                return before + sides[place].strip() + _side(rest[at + 1 :], place)
            depth -= 1
    raise ValueError(text)
