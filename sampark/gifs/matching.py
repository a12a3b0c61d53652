"""Comparing what is typed with what is written, in English and Hindi.

Folding takes case and compatibility forms together (NFKC), and drops the nukta: `क़` and `क` are one, since half the
keyboards have no key for it; so are chandrabindu and anusvara (`हँसी`, `हंसी`). Other vowel signs stay: they tell words apart.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_NUKTA = "\u093c"
_SAME = str.maketrans({"\u0901": "\u0902", "\u200c": None, "\u200d": None, _NUKTA: None})
_SEPARATORS = re.compile(r"[^\w\u0900-\u0963\u0966-\u097f]+")
"""`\\w` alone would split Hindi at its vowel signs, which are marks and not letters; the danda is no letter."""

EXACT, PREFIX, TITLE, ALT = 1000, 100, 10, 1
"""What a typed word is worth that is a tag, begins one, begins a word of the title, of the description."""


@dataclass(frozen=True, slots=True)
class Needles:
    """What to find an entry by: folded words, with a space before each, so that one search in C finds a beginning."""

    tags: str
    """A newline before and after each tag."""
    title: str
    alt: str


def fold(text: str) -> str:
    """How texts are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_SAME)
    return unicodedata.normalize("NFC", decomposed)


def split(text: str) -> list[str]:
    """The folded words of a text."""
    return [word for word in _SEPARATORS.split(fold(text)) if word]


def needles(tags: Iterable[str], titles: Iterable[str], alts: Iterable[str]) -> Needles:
    lines = (_words(line) for line in fold("\n".join(tags)).split("\n"))
    return Needles("\n" + "\n".join(lines) + "\n", _words(fold(" ".join(titles))), _words(fold(" ".join(alts))))


def _words(folded: str) -> str:
    return _SEPARATORS.sub(" ", f" {folded} ").rstrip()


def score(needles: Needles, typed: list[str]) -> int:
    """How well an entry fits all the typed words; 0 if one of them is found nowhere. Words may be half typed."""
    phrase = " ".join(typed)
    if f"\n {phrase}\n" in needles.tags:
        return EXACT * (len(typed) + 1)
    if len(typed) > 1 and f"\n {phrase}" in needles.tags:
        return EXACT * len(typed) + PREFIX
    worths = [_worth(needles, word) for word in typed]
    return sum(worths) if all(worths) else 0


def _worth(needles: Needles, word: str) -> int:
    if f"\n {word}\n" in needles.tags:
        return EXACT
    beginning = f" {word}"
    if beginning in needles.tags:
        return PREFIX
    if beginning in needles.title:
        return TITLE
    return ALT if beginning in needles.alt else 0
