"""How well a GIF fits what was typed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sampark.folding import SEPARATORS, fold, split

__all__ = ["Needles", "needles", "score", "split"]

EXACT, PREFIX, TITLE, ALT = 1000, 100, 10, 1
"""What a typed word is worth that is a tag, begins one, begins a word of the title, of the description."""


@dataclass(frozen=True, slots=True)
class Needles:
    """What to find an entry by: folded words, with a space before each, so that one search in C finds a beginning."""

    tags: str
    """A newline before and after each tag."""
    title: str
    alt: str


def needles(tags: Iterable[str], titles: Iterable[str], alts: Iterable[str]) -> Needles:
    lines = (_words(line) for line in fold("\n".join(tags)).split("\n"))
    return Needles("\n" + "\n".join(lines) + "\n", _words(fold(" ".join(titles))), _words(fold(" ".join(alts))))


def _words(folded: str) -> str:
    return SEPARATORS.sub(" ", f" {folded} ").rstrip()


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
