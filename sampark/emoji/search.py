"""Finding emoji by what they are called, in English and Hindi alike."""

import functools

from sampark.emoji.catalogue import COMMON, Emoji, catalogue
from sampark.folding import fold, split

LONGEST_QUERY = 50
_MOST_FOUND = 200

_APART = str.maketrans("_:\0", "   ")

_EXACT, _TAG, _FIRST_WORD, _BEGINNING, _WORD, _PART = 1000, 300, 250, 200, 150, 60
"""What it is worth that a name is what was typed; that a search word is, or a later word of a name; that a name begins with this
word; with these letters; that a later word of a name does; that a search word does."""
_SHORT = 50
"""More for what begins so, less its length: the shorter name is meant more often."""


_MOST_WORDS = 4


def search(query: str, most: int) -> list[Emoji]:
    """The best matches first. Each typed word (four at most) must be the beginning of some word; what people choose most is ahead of its
    equals."""
    return _found(query)[:most]


@functools.lru_cache(512)
def _found(query: str) -> list[Emoji]:
    typed = " ".join(query[:LONGEST_QUERY].translate(_APART).split())
    phrase = fold(typed)
    words = [*dict.fromkeys(split(phrase) or [phrase])][:_MOST_WORDS]
    if not phrase:
        return []
    kept = catalogue()
    found = []
    for place, one in enumerate(kept.all):
        worth = _worth(one, phrase, words)
        if worth:
            # Written just so, marks and all: हँस is to laugh, हंस is a swan.
            worth += _EXACT if phrase != typed and not typed.isascii() and typed in one.hindi else 0
            worth += len(COMMON) - kept.ranks.get(one.sign, len(COMMON))
            found.append((-worth, place))
    return [kept.all[place] for _, place in sorted(found)[:_MOST_FOUND]]


def _worth(one: Emoji, phrase: str, words: list[str]) -> int:
    whole = max(_fit(one.in_english, phrase), _fit(one.in_hindi, phrase))
    if whole >= _BEGINNING or len(words) == 1:
        return whole
    worths = []
    for word in words:
        worths.append(max(_fit(one.in_english, word), _fit(one.in_hindi, word)))
        if not worths[-1]:
            return whole
    return sum(worths) // len(worths)


def _fit(needle: str, text: str) -> int:
    first = needle.find(f"\n{text}")
    inner = needle.find(f" {text}")
    if first < 0 and inner < 0:
        return 0
    names_end = needle.index("\0")
    is_beginning, is_inner = 0 <= first < names_end, 0 <= inner < names_end
    exact = needle.find(f"\n{text}\n", first) if first >= 0 else -1
    if 0 <= exact < names_end:
        return _EXACT
    if exact > 0 or (is_inner and needle[inner + len(text) + 1] in " \n"):
        return _TAG
    if is_beginning:
        short = max(0, _SHORT - (needle.index("\n", first + 1) - first))
        return short + (_FIRST_WORD if f"\n{text} " in needle else _BEGINNING)
    return _WORD if is_inner else _PART
