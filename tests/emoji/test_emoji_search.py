"""Finding emoji in English and in Hindi."""

from __future__ import annotations

import time

import pytest

from sampark.emoji.search import search


def signs(query: str, most: int = 8) -> list[str]:
    return [one.sign for one in search(query, most)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("smile", "😄"), ("smi", "😄"), ("heart", "❤️"), ("love", "❤️"), ("+1", "👍"), ("-1", "👎"), ("thumbs", "👍"),
        ("100", "💯"), ("tada", "🎉"), ("par", "🎉"), ("party", "🎉"), ("birthday cake", "🎂"), ("cake birth", "🎂"), ("red heart", "❤️"),
        ("flag: India", "🇮🇳"), ("SMILE", "😄"), (":smile:", "😄"), ("slightly_smiling", "🙂"), ("namaste", "🙏"),
        ("नमस्ते", "🙏"), ("दिल", "❤️"), ("लाल दिल", "❤️"), ("भारत", "🇮🇳"), ("क्रिकेट", "🏏"), ("चाय", "☕"), ("केला", "🍌"),
    ],
)  # fmt: skip
def test_the_best_match_comes_first(query: str, first: str) -> None:
    assert signs(query)[0] == first


def test_in_hindi_words_may_be_half_typed_and_differ_in_their_dots() -> None:
    assert "😂" in signs("हंस")
    assert "🤣" in signs("हँस")[:2], "who writes the moon dot means laughing"
    assert signs("हंस")[0] == "🦢", "who does not, may mean the bird"
    assert signs("फ़ुटबॉल")[:1] == signs("फुटबॉल")[:1] == ["⚽"]
    assert "🪔" in signs("दिवाली")


def test_every_word_must_fit() -> None:
    assert signs("red qqqq") == []
    assert signs("qqqq") == []
    assert signs("") == signs("   ") == signs("::") == []


def test_a_long_question_is_cut_and_a_hostile_one_is_quick() -> None:
    assert signs("smile" + " " * 200 + "qqqq")[0] == "😄"
    begun = time.process_time()
    for query in ("\n\0\n" * 100, "a " * 500, "\n", "\0", ".*" * 40):
        search(query, 8)
    assert time.process_time() - begun < 2


def test_nothing_of_the_file_s_own_marks_is_found() -> None:
    assert signs("\0") == signs("\n") == signs("\t") == []
