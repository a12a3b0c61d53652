"""A language that nobody speaks, made while the tests run: every sentence in Arabic letters, a third longer, from right to left.

A server learns it by its prelude. Whatever a page then shows in Latin letters was never marked for translation.
"""

from __future__ import annotations

import re

from babel.support import NullTranslations

from sampark.text import language

CODE = "ur"
"""Urdu's: its plurals, dates and direction are real, its words are not."""

PRELUDE = "from tests.browser import pseudo\npseudo.learn()\n"

_KEPT = re.compile(r"%\(\w+\)[sd]|%%|%s|\{\w+\}|<[^>]+>|&\w+;")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابثدهفگحيژكلمنوپقرستعڤوخىز")


def pseudo(sentence: str) -> str:
    """The sentence as it would look, with its places for names and numbers."""
    if not sentence:
        return ""
    words = "".join(
        piece if _KEPT.fullmatch(piece) else piece.lower().translate(_LETTERS)
        for piece in re.split(f"({_KEPT.pattern})", sentence)
    )
    return f"⟦{words}{'ـ' * (len(words) // 3)}⟧"


class Pseudo(NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return pseudo(singular if num == 1 else plural)

    ugettext, ungettext = gettext, ngettext


def learn() -> None:
    """From now on this process offers the language."""
    known = language.sentences
    language.LANGUAGES[CODE] = "⟦زبان⟧"
    language.sentences = lambda code: Pseudo() if code == CODE else known(code)  # type: ignore[assignment]
