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


def key(name: str) -> str:
    """How a name is compared: compatibility forms unified, case folded, look-alike letters mapped to one."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(_LOOK_ALIKES)


def line(text: str) -> str:
    """One clean line: NFC, no control or direction-changing characters, white space collapsed, trimmed."""
    return " ".join(_INVISIBLE.sub(" ", unicodedata.normalize("NFC", text)).split())


def paragraph(text: str) -> str:
    """Clean text of several lines: NFC, every kind of line end as a newline, other control characters gone, trimmed."""
    text = re.sub("\r\n|[\r\u0085\u2028\u2029]", "\n", unicodedata.normalize("NFC", text))
    return re.sub("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufff9-\ufffb]", "", text).strip()


def is_username(name: str) -> bool:
    """Whether only letters of any script with their marks, digits and `_ . -` occur."""
    return all(
        letter in "_.-" or unicodedata.category(letter)[0] in "LM" or unicodedata.category(letter) == "Nd"
        for letter in name
    ) and (unicodedata.category(name[:1] or " ")[0] != "M")


def mixes_scripts(name: str) -> bool:
    """Whether Latin, Greek and Cyrillic letters stand in one name, as they do in forged ones and hardly elsewhere."""
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
    return len(scripts & {"LATIN", "GREEK", "CYRILLIC"}) > 1


def initial(name: str) -> str:
    """The first letter with its marks, upper case: what an avatar shows. `आशा` gives `आ`, `कि` stays whole."""
    letters = ""
    for letter in name.strip():
        if letters and unicodedata.category(letter)[0] != "M":
            break
        letters += letter
    return letters.upper() or "?"


def hue(username: str) -> int:
    """A colour of one's own: 0 to 11, the same everywhere and always."""
    return sum(map(ord, key(username))) % 12
