"""The names of files as they are shown and sent, and the header that says them (RFC 6266, RFC 8187)."""

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

MOST_LETTERS = 200
MOST_BYTES = 255
"""What most file systems take for one name, in UTF-8."""

_ATTR_CHAR = "!#$&+-.^_`|~"
"""Beside letters and digits, what stands as itself in an extended value: RFC 8187, section 3.2.1."""
_LONGEST_LOOKED_AT = 4_000
_MOST_MARKS = 30
"""Combining marks on one letter, as in `sampark.text.names`: normalising takes the square of their number."""
# What turns the direction of what follows (`gpj.exe` shown as `exe.jpg`), ends lines, or cannot be seen. The joiners U+200C
# and U+200D stay: Hindi and families of emoji are written with them.
_UNWANTED = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_UNSEEN = re.compile(
    r"[\s._\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]*"
)
_EXTENSION = re.compile(r"(?:\.tar)?\.[A-Za-z0-9]{1,10}\Z")


def clean_name(name: str) -> str:
    """A file's name without folders: NFC, one line, no invisible or direction-changing characters, at most 200 characters and
    255 bytes of UTF-8, its extension kept and nothing that is read as one letter cut apart. `file` if nothing is left.
    """
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    calm = _calm(_UNWANTED.sub(" ", last[-_LONGEST_LOOKED_AT:]))
    # Windows drops dots and blanks at the end (`run.exe.`), others hide what begins with a dot.
    plain = " ".join(unicodedata.normalize("NFC", calm).split()).strip(". ")
    if _UNSEEN.fullmatch(plain):
        return "file"
    match = _EXTENSION.search(plain, 1)
    stem, extension = (plain[: match.start()], match[0]) if match else (plain, "")
    return (_cut(stem.rstrip(". "), MOST_LETTERS - len(extension), MOST_BYTES - len(extension)) or "file") + extension


def extension_of(clean: str) -> str:
    """In lower case, without the dot; empty where there is none."""
    match = _EXTENSION.search(clean, 1)
    return match[0].rpartition(".")[2].lower() if match else ""


def _calm(text: str) -> str:
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def _cut(text: str, letters: int, size: int) -> str:
    """The longest beginning within both limits that ends where a reader sees one letter end and the next begin."""
    if len(text) <= letters and len(text.encode()) <= size:
        return text
    end, used = 0, 0
    while end < min(len(text), letters) and (used := used + len(text[end].encode())) <= size:
        end += 1
    while end and not _is_boundary(text, end):
        end -= 1
    return text[:end].rstrip(". ")


def _is_boundary(text: str, at: int) -> bool:
    """UAX 29 as far as a few lines go: marks, joiners, conjuncts of Indian scripts, skin colours, flags, tags."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after)[0] == "M" or after in "\u200c\u200d" or before == "\u200d":
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if unicodedata.combining(before) == 9 and unicodedata.category(after) == "Lo":  # a virama
        return False
    flags = re.search("[\U0001f1e6-\U0001f1ff]*\\Z", text[:at])
    return not (flags and len(flags[0]) % 2 and "\U0001f1e6" <= after <= "\U0001f1ff")


def content_disposition(kind: Literal["inline", "attachment"], name: str) -> str:
    """The value of Content-Disposition: printable ASCII alone, whatever the name holds.

    Programs from before RFC 8187 read `filename`, in which what is not ASCII has become its plain letter or `_`; all others
    read `filename*`, the true name.
    """
    plain = _plain(name)
    value = f'{kind}; filename="{plain}"'
    if plain == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe=_ATTR_CHAR)}"


def _plain(name: str) -> str:
    # Quotes and backslashes are read differently by different programs, and `%41` by some as `A`: RFC 6266, appendix D.
    letters = unicodedata.normalize("NFKD", name[:1_000])
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r'[^ -~]|["\\%/]', "_", bare) or "_"
