"""Cleaning what people call themselves and their rooms, and comparing names as people do."""

import re
import unicodedata

# Cyrillic and Greek letters drawn like Latin ones (a part of Unicode's confusables.txt, UTS 39): names that only differ
# by them are one name.
_LOOK_ALIKES = str.maketrans(
    "авеікмнорстухјѕһԁԛԝαβεικνορτυχ",
    "abeikmhopctyxjshdqwabeikvoptux",
)
_INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


_LONGEST_LINE = 1_000
_LONGEST_PARAGRAPH = 60_000
"""Beyond these a text is too long for anything here, and is not worth cleaning."""

_MOST_MARKS = 30
"""Combining marks on one letter: the Stream-Safe Text Format of UAX 15. Normalising takes the square of their number."""


def key(name: str) -> str:
    """How a name is compared: compatibility forms unified, case folded, look-alike letters mapped to one."""
    if len(name) > _LONGEST_LINE:
        return ""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _calm(name)).casefold())
    return folded.translate(_LOOK_ALIKES)


_NOTHING_TO_SEE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e0fff]"
)


def seen(name: str) -> str:
    """`key` of what can be seen of a name, without spaces, for which some of these letters pass. Never stored: real names hold joiners."""
    return "".join(key(_NOTHING_TO_SEE.sub("", name)).split())


def line(text: str) -> str:
    """One clean line: NFC, no control or direction-changing characters, white space collapsed, trimmed."""
    if len(text) > _LONGEST_LINE:
        return text
    return " ".join(_INVISIBLE.sub(" ", unicodedata.normalize("NFC", _calm(text))).split())


def paragraph(text: str) -> str:
    """Clean text of several lines: NFC, every kind of line end as a newline, other control characters gone, trimmed."""
    if len(text) > _LONGEST_PARAGRAPH:
        return text
    text = re.sub("\r\n|[\r\u0085\u2028\u2029]", "\n", unicodedata.normalize("NFC", _calm(text)))
    return re.sub("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufff9-\ufffb]", "", text).strip()


def _calm(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


# Letters and marks that nobody can see (Unicode's Default_Ignorable_Code_Point among the categories L and M).
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def is_username(name: str) -> bool:
    """Whether only letters of any script with their marks, digits and `_ . -` occur, each of them visible."""
    if not name or _UNSEEN.search(name) or unicodedata.category(name[0])[0] == "M":
        return False
    return all(
        letter in "_.-" or unicodedata.category(letter)[0] in "LM" or unicodedata.category(letter) == "Nd"
        for letter in name
    )


def is_visible(name: str) -> bool:
    """Whether there is anything to see in it."""
    return bool(_NOTHING_TO_SEE.sub("", name).strip())


def mixes_scripts(name: str) -> bool:
    """Whether Latin, Greek and Cyrillic letters stand in one name, as they do in forged ones and hardly elsewhere."""
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
    return len(scripts & {"LATIN", "GREEK", "CYRILLIC"}) > 1
