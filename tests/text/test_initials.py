"""What stands for somebody without a picture: signs of any script kept whole, on a colour that everybody can read."""

from __future__ import annotations

import collections

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampark.text import initials
from sampark.text.graphemes import MOST, clusters
from sampark.text.initials import DARK, HUES, LIGHT

FAMILY = "👨🏽\u200d👩🏻\u200d👧🏿\u200d👦🏾"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Asha Verma", "AV"),
        ("asha kumari verma", "AV"),
        ("asha", "A"),
        ("(Ravi) “Kumar”", "RK"),
        ("श्री राम", "श्रीरा"),
        ("क्षितिज ज्ञानी", "क्षिज्ञा"),
        ("कि", "कि"),
        ("ক্ষমা রায়", "ক্ষরা"),
        ("ಶ್ರೀ ರಾಮ", "ಶ್ರೀರಾ"),
        ("ஸ்ரீ ராம்", "ஸ்ரீரா"),
        ("ශ්\u200dරී ලංකා", "ශ්\u200dරීලං"),
        ("ਪ੍ਰੀਤ ਸਿੰਘ", "ਪ੍ਰੀਸਿੰ"),
        ("李小龍", "李"),
        ("李 小龍", "李"),
        ("김철수", "김"),
        ("\u1100\u1175\u11b7철수", "김"),
        ("שרה כהן", "שכ"),
        ("محمد علي", "م\u200cع"),
        ("Ольга Иванова", "ОИ"),
        ("Ελένη Παππά", "ΕΠ"),
        ("ǆemal", "ǅ"),
        ("ßara", "S"),
        ("გიორგი", "გ"),
        ("e\u0301\u0323ric", "Ẹ\u0301"),
        ("👩‍🚀 Asha", "👩‍🚀"),
        (FAMILY, FAMILY),
        ("🇮🇳🇳🇵", "🇮🇳"),
        ("1️⃣ one", "1️⃣"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("\u202eAsha", "A"),
        ("क् ष", "क्\u200cष"),
    ],
)
def test_one_or_two_whole_signs_stand_for_a_name(name: str, shown: str) -> None:
    assert initials.initials(name, "other") == shown


@pytest.mark.parametrize("nothing", ["", "   ", "...", "\u200b\u200d", "\u0301"])
def test_a_name_without_any_sign_gives_way_to_the_username(nothing: str) -> None:
    assert initials.initials(nothing, "ravi.k") == "R"
    assert initials.initials(nothing, nothing) == "?"


# From Unicode's GraphemeBreakTest.txt: ÷ marks each boundary.
OFFICIAL = """
0020 ÷ 0020|0020 0308 ÷ 0020|000D 000A|000D ÷ 0308|0061 ÷ 0001|0061 0300|0061 0903|0061 200D|0600 0020|0600 0308
1100 1160|1100 AC00|AC00 11A8|AC01 11A8|AC01 ÷ 1160|1160 11A8|11A8 ÷ 1100|AC00 ÷ AC00
1F1E6 1F1E7 ÷ 1F1E8|0061 ÷ 1F1E6 ÷ 0062|0061 ÷ 1F1E6 1F1E7 ÷ 1F1E8 ÷ 0062|1F1E6 1F1E7 ÷ 1F1E8 1F1E9
1F1E6 200D ÷ 1F1E7 1F1E8|1F476 1F3FF ÷ 1F476|0061 1F3FF ÷ 1F476|1F476 1F3FF 0308 200D 1F476 1F3FF|1F6D1 200D 1F6D1
0061 200D ÷ 1F6D1|2701 200D 2701|0061 200D ÷ 2701|0915 ÷ 0924|0915 094D 0924|0915 094D 094D 0924|0915 094D 200D 0924
0915 093C 200D 094D 0924|0915 093C 094D 200D 0924|0915 094D 0924 094D 092F|0915 094D ÷ 0061|0061 094D ÷ 0924
003F 094D ÷ 0924|0E01 0E33|0915 0308 ÷ 0924|0D4E 0D15|1000 1039 1000|1780 17D2 1780|1000 ÷ 102C
"""


@pytest.mark.parametrize("line", [line for lines in OFFICIAL.split("\n") for line in lines.split("|") if line])
def test_clusters_end_where_unicode_says(line: str) -> None:
    expected = ["".join(chr(int(code, 16)) for code in part.split()) for part in line.split("÷")]
    assert [*clusters("".join(expected))] == expected


@settings(deadline=None)
@given(st.text())
def test_clusters_joined_are_the_text_and_never_long(text: str) -> None:
    parts = [*clusters(text)]
    assert "".join(parts) == text
    assert all(1 <= len(part) <= MOST for part in parts)


@settings(deadline=None)
@given(st.text(), st.text())
def test_whatever_a_name_is_its_initials_are_short_and_seen(name: str, username: str) -> None:
    shown = initials.initials(name, username)
    assert shown.strip()
    assert len(shown) <= 2 * MOST + 1


def test_marks_and_conjuncts_without_end_are_cut() -> None:
    assert len(initials.initials("a" + "\u0301" * 5_000, "x")) <= MOST
    assert len(initials.initials("क्" * 5_000, "x")) <= MOST


def _luminance(colour: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("table", [LIGHT, DARK])
def test_every_colour_can_be_read(table: list[tuple[str, str]]) -> None:
    assert len({background for background, _ in table}) == len(table) == HUES >= 24
    for background, text in table:
        lighter, darker = sorted((_luminance(background), _luminance(text)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (background, text)


def test_a_colour_is_ones_own_for_ever() -> None:
    # Fixed: a change would give everybody another colour.
    assert [initials.hue(key) for key in ("asha", "ravi", "आशा", "1000")] == [10, 8, 7, 15]
    assert initials.colour("asha") == LIGHT[10]
    assert initials.colour("asha", dark=True) == DARK[10]


def test_colours_are_spread_evenly() -> None:
    seen = collections.Counter(initials.hue(str(user_id)) for user_id in range(24_000))
    assert {*seen} == {*range(HUES)}
    assert max(seen.values()) < 1.2 * min(seen.values())
