"""Text as readers count it: extended grapheme clusters, Unicode Standard Annex 29, section 3, with the tables of Unicode 16.

The categories come from Python's `unicodedata`; what that does not know stands here. Where we differ: conjuncts of Kannada,
Gurmukhi, Sinhala and Tamil are kept whole, too, as their readers write them; every symbol of the blocks below counts as a
pictograph, though some are not in emoji sequences; and a cluster ends after `MOST` characters.
"""

import unicodedata
from collections.abc import Iterator

MOST = 32
"""Characters of one cluster: the longest emoji in use has 15, the longest conjunct fewer. Marks can be piled up without end."""

_ZWJ, _ZWNJ = "\u200d", "\u200c"
_LINKERS = frozenset(
    "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u1039\u17d2\u1a60\u1b44\u1bab\ua9c0\uaaf6\U00010a3f\U00011133"
)
"""Signs that join the consonant before them to the one behind (Indic_Conjunct_Break=Linker)."""
_CONSONANTS = (
    (0x0915, 0x0939), (0x0958, 0x095F), (0x0978, 0x097F), (0x0995, 0x09B9), (0x09DC, 0x09DF), (0x09F0, 0x09F1),
    (0x0A15, 0x0A39), (0x0A59, 0x0A5E), (0x0A95, 0x0AB9), (0x0AF9, 0x0AF9), (0x0B15, 0x0B39), (0x0B5C, 0x0B5F),
    (0x0B71, 0x0B71), (0x0C15, 0x0C39), (0x0C58, 0x0C5A), (0x0C95, 0x0CB9), (0x0CDD, 0x0CDE), (0x0D15, 0x0D3A),
    (0x1000, 0x102A), (0x103F, 0x103F), (0x1050, 0x1055), (0x1780, 0x17B3), (0x1A20, 0x1A54), (0x1B0B, 0x1B0C),
    (0x1B13, 0x1B33), (0x1B45, 0x1B4C), (0x1B83, 0x1BA0), (0xA989, 0xA98B), (0xA98F, 0xA9B2), (0xAAE0, 0xAAEA),
    (0x10A00, 0x10A00), (0x10A10, 0x10A35), (0x11103, 0x11126),
)  # fmt: skip
"""Letters that join so (Indic_Conjunct_Break=Consonant), in scripts that are in daily use."""
_PICTOGRAPHS = ((0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139), (0x2190, 0x21FF), (0x2300, 0x23FF),
                (0x25A0, 0x27BF), (0x2900, 0x297F), (0x2B00, 0x2BFF), (0x3030, 0x303D), (0x3297, 0x3299), (0x1F000, 0x1F1E5),
                (0x1F200, 0x1F3FA), (0x1F400, 0x1FAFF), (0xA9, 0xA9), (0xAE, 0xAE))  # fmt: skip
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3"
)
_MORE_EXTENDING = ((0x200C, 0x200C), (0xFF9E, 0xFF9F), (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F))
_TAMIL = {"\u0b95\u0bcd\u0bb7", "\u0bb8\u0bcd\u0bb0", "\u0bb6\u0bcd\u0bb0"}
"""Its conjuncts: ksha, and the two spellings of sri."""
_SINHALA = "\u0dca\u200d"
"""What joins two of its consonants; without the joiner they stand apart."""
_APART = frozenset(
    "\u102b\u102c\u1038\u1062\u1063\u1064\u1067\u1068\u1069\u106a\u106b\u106c\u106d\u1083\u1087\u1088\u1089\u108a\u108b\u108c"
    "\u108f\u109a\u109b\u109c\u1a61\u1a63\u1a64\uaa7b\uaa7d\U00011720\U00011721"
)
"""Spacing marks that begin a cluster of their own (table 2 of the annex)."""


def clusters(text: str) -> Iterator[str]:
    """The text cut into clusters; joined they are the text."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or place - start >= MOST or _breaks(text, start, place):
            yield text[start:place]
            start = place


def is_sign(cluster: str) -> bool:
    """Whether a cluster is a letter, a digit or a picture: something that can stand for a name."""
    return unicodedata.category(cluster[0])[0] in "LN" or _is_pictograph(cluster[0]) or _is_flag(cluster[0])


def _breaks(text: str, start: int, place: int) -> bool:
    """Whether a cluster that began at `start` ends before `place`: rules GB3 to GB999."""
    before, after = text[place - 1], text[place]
    if before == "\r" and after == "\n":
        return False
    if _is_control(before) or _is_control(after):
        return True
    if _extends(after) or _is_spacing_mark(after) or before in _PREPENDED:
        return False
    if _is_hangul_pair(before, after):
        return False
    if _is_in(after, _CONSONANTS):
        return not _ends_in_linker(text, start, place)
    if text[start : place + 1] in _TAMIL or (text[start:place].endswith(_SINHALA) and "\u0d9a" <= after <= "\u0dc6"):
        return False
    if before == _ZWJ and _is_pictograph(after):
        return not _ends_in_pictograph(text, start, place - 1)
    return not (_is_flag(before) and _is_flag(after) and (place - start) % 2 == 1)


def _is_in(letter: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(letter) <= high for low, high in ranges)


def _is_control(letter: str) -> bool:
    if letter in _PREPENDED or letter in (_ZWJ, _ZWNJ) or _is_in(letter, _MORE_EXTENDING):
        return False
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _extends(letter: str) -> bool:
    return letter == _ZWJ or unicodedata.category(letter) in {"Mn", "Me"} or _is_in(letter, _MORE_EXTENDING)


def _is_spacing_mark(letter: str) -> bool:
    return letter in "\u0e33\u0eb3" or (unicodedata.category(letter) == "Mc" and letter not in _APART)


def _is_pictograph(letter: str) -> bool:
    return _is_in(letter, _PICTOGRAPHS)


def _is_flag(letter: str) -> bool:
    """One of the letters of which two make a flag."""
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _ends_in_linker(text: str, start: int, place: int) -> bool:
    """GB9c: a consonant, then marks with at least one linker among them."""
    has_linker = False
    for letter in reversed(text[start:place]):
        if letter in _LINKERS:
            has_linker = True
        elif not _extends(letter) or letter == _ZWNJ:
            return has_linker and _is_in(letter, _CONSONANTS)
    return False


def _ends_in_pictograph(text: str, start: int, place: int) -> bool:
    """GB11: a pictograph, then marks."""
    for letter in reversed(text[start:place]):
        if not _extends(letter):
            return _is_pictograph(letter)
    return False


def _is_hangul_pair(before: str, after: str) -> bool:
    """GB6 to GB8: the parts of one syllable."""
    left, right = _hangul(before), _hangul(after)
    return right in {"L": ("L", "V", "LV", "LVT"), "LV": ("V", "T"), "V": ("V", "T"), "LVT": ("T",), "T": ("T",)}.get(
        left, ()
    )


def _hangul(letter: str) -> str:
    code = ord(letter)
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    for kind, ranges in _JAMO.items():
        if _is_in(letter, ranges):
            return kind
    return ""


_JAMO = {
    "L": ((0x1100, 0x115F), (0xA960, 0xA97C)),
    "V": ((0x1160, 0x11A7), (0xD7B0, 0xD7C6)),
    "T": ((0x11A8, 0x11FF), (0xD7CB, 0xD7FB)),
}
