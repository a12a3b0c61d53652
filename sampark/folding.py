"""How words are compared that people type and that stand somewhere, in English and Hindi.

Folding takes case and compatibility forms together (NFKC), and drops the nukta: `क़` and `क` are one, since half the
keyboards have no key for it; so are chandrabindu and anusvara (`हँसी`, `हंसी`). Other vowel signs stay: they tell words apart.
"""

import re
import unicodedata

_NUKTA = "\u093c"
_SAME = str.maketrans({"\u0901": "\u0902", "\u200c": None, "\u200d": None, _NUKTA: None})
SEPARATORS = re.compile(r"[^\w\u0900-\u0963\u0966-\u097f]+")
"""`\\w` alone would split Hindi at its vowel signs, which are marks and not letters; the danda is no letter."""


def fold(text: str) -> str:
    """How texts are compared."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_SAME)
    return unicodedata.normalize("NFC", decomposed)


def split(text: str) -> list[str]:
    """The folded words of a text."""
    return [word for word in SEPARATORS.split(fold(text)) if word]
