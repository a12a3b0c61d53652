"""What people call themselves: clean, compared as eyes do, in every script."""

from __future__ import annotations

import unicodedata

import pytest

from sampark.text import names


@pytest.mark.parametrize(
    "name",
    [
        "asha",
        "Asha_K",
        "ravi.k-2",
        "आशा",
        "श्रीमती",
        "कि",
        "தமிழ்",
        "José",
        "Ольга",
        "Ελένη",
        "محمد",
        "李雷",
        "ประยุทธ์",
        "שרה",
        "٣٤٥",
    ],
)
def test_usernames_of_every_script_are_names(name: str) -> None:
    assert names.is_username(name)
    assert not names.mixes_scripts(name)


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "a@b",
        "a/b",
        "a<b",
        'a"b',
        "a'b",
        "a&b",
        "a{b",
        "a]b",
        "\u0301abc",
        "a\u200bb",
        "a\u202eb",
        "a\nb",
        "a\x00b",
        "😀😀😀",
        "a,b",
        "a\\b",
        "½½½",
        "a:b",
        "a;b",
        "ab\u200d",
        "a\u00adb",
    ],
)
def test_what_could_break_or_hide_something_is_no_username(name: str) -> None:
    assert not names.is_username(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("asha", "ASHA"),
        ("asha", "Asha"),
        ("José", unicodedata.normalize("NFD", "José")),
        ("asha", "аshа"),  # Cyrillic а
        ("cop", "сор"),  # all Cyrillic
        ("ox", "οχ"),  # all Greek
        ("asha", "ａｓｈａ"),  # full width
        ("asha", "𝐚𝐬𝐡𝐚"),  # mathematical
        ("strasse", "straße"),
        ("office", "oﬀice"),
        ("आशा", unicodedata.normalize("NFD", "आशा")),
        ("क़लम", "क\u093cलम"),
        ("kelvin", "\u212aelvin"),
        ("MAX", "мах"),
    ],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    "hidden",
    ["\ufe0f", "\ufe00", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u180b", "\U000e0100"],
    ids=lambda letter: f"U+{ord(letter):04X}",
)
def test_a_letter_that_nobody_can_see_makes_no_other_name(hidden: str) -> None:
    # Unicode calls them default-ignorable: variation selectors, joiners and fillers, which are letters or marks by category.
    imitation = names.line(f"asha{hidden}")
    assert not names.is_username(imitation) or names.key(imitation) == names.key("asha")


@pytest.mark.parametrize(
    ("one", "other"), [("asha", "ashaa"), ("कमल", "कमला"), ("कि", "की"), ("ravi", "ravi_"), ("resume", "résumé")]
)
def test_names_that_differ_to_the_eye_differ(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


@pytest.mark.parametrize("name", ["аshа", "pαul", "Οlga", "ravі"])
def test_names_of_two_look_alike_alphabets_are_noticed(name: str) -> None:
    assert names.mixes_scripts(name)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  Asha   K ", "Asha K"),
        ("Asha\r\nevent: gone", "Asha event: gone"),
        ("Asha\u2028id: 9", "Asha id: 9"),
        ("a\u202eb\u200f\u2066c\u2069", "a b c"),
        ("a\x00b\x1bc\x7fd\x85e", "a b c d e"),
        ("e\u0301", "é"),
        ("\ufeffAsha", "Asha"),
        ("\u200b", ""),
    ],
)
def test_a_line_is_one_clean_line(typed: str, clean: str) -> None:
    assert names.line(typed) == clean


def test_joiners_that_scripts_need_stay_in_display_names() -> None:
    assert names.line("क्\u200dष") == "क्\u200dष"
    assert names.line("👩\u200d👧") == "👩\u200d👧"


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("  a\n\n b \n", "a\n\n b"),
        ("a\x00\x08\x0bb\x1b[31m", "ab[31m"),
        ("\ta", "a"),
    ],
)
def test_a_paragraph_keeps_its_lines_and_nothing_that_controls(typed: str, clean: str) -> None:
    assert names.paragraph(typed) == clean


@pytest.mark.parametrize("letter", ["\u00ad", "\u200c", "\u200d", "\u2060", "\u2800", "\u3164", "\ufe0f", "\U000e0041"])
def test_a_name_of_letters_that_nobody_sees_is_none(letter: str) -> None:
    assert not names.is_visible(letter * 3)
    assert not names.is_visible(f" {letter} ")
    assert names.is_visible(f"आशा{letter}")
    assert names.is_visible("👩\u200d🌾")
