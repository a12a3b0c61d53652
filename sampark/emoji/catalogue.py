"""All emoji with their names, from `emoji.tsv` (made by tools/emoji_data.py).

Nothing is read before somebody opens the picker or writes a `:name:`; then it takes some 40 ms and 2.2 MB.
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sampark.folding import fold

_FILE = Path(__file__).with_name("emoji.tsv")

GROUPS = {
    "smileys": "0", "people": "1", "nature": "3", "food": "4", "travel": "5", "activities": "6", "objects": "7",
    "symbols": "8", "flags": "9",
}  # fmt: skip
"""In the order of Unicode's charts, with the number that each has there."""

TONES = ("", "\U0001f3fb", "\U0001f3fc", "\U0001f3fd", "\U0001f3fe", "\U0001f3ff")
_PERSONS = frozenset("\U0001f468\U0001f469\U0001f9d1")
_SELECTOR = "\ufe0f"
"""Asks for a picture where a plain sign would be drawn."""

COMMON = (
    "👍", "😂", "❤️", "🙏", "😊", "🎉", "😍", "👏", "😭", "😁", "🔥", "🥰",
    "😅", "🤔", "👌", "😎", "💪", "🙌", "😢", "😉", "✅", "👀", "🙂", "🌸",
)  # fmt: skip
"""What people choose most: the first buttons, and first among equals when searching."""


@dataclass(frozen=True, slots=True)
class Emoji:
    sign: str
    group: str
    codes: tuple[str, ...]
    """Short names, the best known one first."""
    english: str
    hindi: str
    in_english: str
    in_hindi: str
    """Folded, a newline before and after each: short names and the name, then NUL, then the other words."""
    how: str

    def name(self, language: str) -> str:
        return self.hindi if language == "hi" else self.english

    def toned(self, tone: int) -> str:
        """With a skin tone from 1 (light) to 5 (dark), where it takes one (UTS 51, 2.4)."""
        if not tone or self.how == "-":
            return self.sign
        if self.how == "1":
            return self.sign[0] + TONES[tone] + self.sign[1:].removeprefix(_SELECTOR)
        return "".join(letter + TONES[tone] if letter in _PERSONS else letter for letter in self.sign)


class Catalogue:
    def __init__(self, lines: Iterable[str]) -> None:
        self.all = tuple(_read(lines))
        self.by_sign = {_bare(one.sign): one for one in self.all}
        self.by_code = _by_code(self.all)
        self.ranks = {sign: rank for rank, sign in enumerate(COMMON)}

    def group(self, name: str) -> list[Emoji]:
        return [one for one in self.all if one.group == name]

    def find(self, sign: str) -> Emoji | None:
        """The emoji that a text is, with or without a skin tone."""
        return self.by_sign.get(_bare(sign)) if len(sign) <= 20 else None

    def is_one(self, sign: str) -> bool:
        """Whether a text is one of these emoji, written as Unicode writes it."""
        found = self.find(sign)
        return found is not None and any(sign == found.toned(tone) for tone in range(len(TONES)))


@functools.cache
def catalogue() -> Catalogue:
    with _FILE.open(encoding="utf-8") as lines:
        return Catalogue(line.rstrip("\n") for line in lines if not line.startswith("#"))


def _read(lines: Iterable[str]) -> Iterator[Emoji]:
    names = {number: name for name, number in GROUPS.items()}
    for line in lines:
        group, how, sign, codes, english, _, hindi, _ = line.split("\t")
        *_, alike, name, words, other_name, other_words = fold(line).split("\t")
        yield Emoji(
            sign, names[group], tuple(codes.split()), english, hindi,
            _needle(f"{alike.replace(' ', ',').replace('_', ' ')},{name}", words), _needle(other_name, other_words), how,
        )  # fmt: skip


def _needle(names: str, words: str) -> str:
    return f"\n{names},\0,{words}\n".replace(",", "\n")


def _by_code(emoji: Iterable[Emoji]) -> dict[str, Emoji]:
    """English short names, and the Hindi names that belong to one emoji only."""
    found = {code: one for one in emoji for code in one.codes}
    for one in emoji:
        found.setdefault(fold(one.hindi).replace(":", "").replace(" ", "_"), one)
    return found


def _bare(sign: str) -> str:
    return "".join(letter for letter in sign if letter != _SELECTOR and letter not in TONES[1:])
