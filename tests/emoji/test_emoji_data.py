"""The data: complete in both languages, written as Unicode writes it, and read only when it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest

from sampark.emoji.catalogue import COMMON, GROUPS, catalogue
from sampark.text.graphemes import clusters
from tools import emoji_data

DEVANAGARI = re.compile("[\u0900-\u097f]")


def test_each_emoji_has_names_in_both_languages_and_a_group() -> None:
    everything = catalogue().all
    assert len(everything) > 1800
    for one in everything:
        assert one.codes, one.sign
        assert all(re.fullmatch(r"[a-z0-9_+-]+", code) for code in one.codes)
        assert one.english.strip() == one.english != ""
        assert DEVANAGARI.search(one.hindi), (one.sign, one.hindi)
    assert {one.group for one in everything} == {*GROUPS}
    assert all(len(catalogue().group(group)) > 80 for group in GROUPS)


def test_no_short_name_means_two() -> None:
    codes = [code for one in catalogue().all for code in one.codes]
    assert len(codes) == len({*codes})
    signs = [one.sign for one in catalogue().all]
    assert len(signs) == len({*signs}) == len(catalogue().by_sign)


def test_every_emoji_is_one_picture() -> None:
    for one in catalogue().all:
        for tone in range(6):
            assert len([*clusters(one.toned(tone))]) == 1, one.sign


def test_what_would_be_drawn_as_a_letter_asks_for_a_picture() -> None:
    """Signs of Unicode's older blocks are text unless U+FE0F follows (UTS 51, 4.3); the others need none."""
    for name, sign in {"heart": "❤\ufe0f", "relaxed": "☺\ufe0f", "sunny": "☀\ufe0f", "airplane": "✈\ufe0f"}.items():
        assert catalogue().by_code[name].sign == sign
    for name, sign in {"coffee": "☕", "point_up_2": "👆", "star": "⭐"}.items():
        assert catalogue().by_code[name].sign == sign
    assert not any(one.sign.startswith("\ufe0f") for one in catalogue().all)


def test_a_skin_tone_stands_behind_each_person() -> None:
    by_code = catalogue().by_code
    assert by_code["+1"].toned(4) == "👍\U0001f3fe"
    assert by_code["point_up"].toned(1) == "☝\U0001f3fb", "the selector gives way"
    assert by_code["woman_teacher"].toned(5) == "👩\U0001f3ff\u200d🏫"
    assert by_code["people_holding_hands"].toned(2) == "🧑\U0001f3fc\u200d🤝\u200d🧑\U0001f3fc"
    assert by_code["heart"].toned(3) == "❤️"
    assert by_code["+1"].toned(0) == "👍"


@pytest.mark.parametrize("sign", ["👍", "👍🏽", "❤️", "🇮🇳", "1️⃣", "👩🏿\u200d🏫"])
def test_an_emoji_is_known(sign: str) -> None:
    assert catalogue().is_one(sign)


@pytest.mark.parametrize("sign", ["", "a", "1", "👍👍", "❤️🏽", "🏽", "<b>", "नमस्ते", "👍 ", "x" * 500, "\ufe0f"])
def test_anything_else_is_not(sign: str) -> None:
    assert not catalogue().is_one(sign)


def test_the_common_ones_are_all_there() -> None:
    assert len(COMMON) == len({*COMMON}) == 24
    assert all(catalogue().is_one(sign) for sign in COMMON)


def test_nothing_is_read_before_it_is_needed() -> None:
    """An idle server does not carry it; it is small even then."""
    script = (
        "import sampark.app, sampark.emoji.catalogue as c, tracemalloc\n"
        "assert c.catalogue.cache_info().currsize == 0\n"
        "from sampark.text.markdown import to_html\n"
        "to_html('12:30 नमस्ते **x** http://a.example/')\n"
        "assert c.catalogue.cache_info().currsize == 0\n"
        "tracemalloc.start(); c.catalogue(); print(tracemalloc.get_traced_memory()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 3_000_000


def test_the_file_says_where_it_comes_from() -> None:
    lines = emoji_data.FILE.read_text("utf-8").splitlines()
    assert tuple(lines[:2]) == emoji_data.head()
    assert emoji_data.PACKAGE in lines[0]
    licences = emoji_data.FILE.with_name("LICENSES.txt").read_text("utf-8")
    assert "MIT License" in licences
    assert "UNICODE LICENSE V3" in licences
    assert all(unicodedata.is_normalized("NFC", line) for line in lines)


ENTRY = {"group": 1, "version": 1, "order": 2, "type": 1, "emoji": "✋", "hexcode": "270B", "label": "raised hand"}


def package(**more: object) -> dict[str, object]:
    entry = {**ENTRY, "tags": ["five", "hand", "stop"], **more}
    return {
        "en/data.json": [entry],
        "hi/data.json": [{**entry, "label": "हाथ", "tags": ["हाथ", "रुको"]}],
        "en/shortcodes/github.json": {"270B": ["hand", "raised_hand"]},
        "en/shortcodes/iamcal.json": {"270B": "hand"},
        "en/shortcodes/emojibase.json": {"270B": "high_five", "AAAA": "hand"},
    }


def test_a_line_of_the_file() -> None:
    [line] = emoji_data.rows(package())
    assert line == "1\t-\t✋\thand raised_hand high_five\traised hand\tstop\tहाथ\tरुको"


def test_how_it_takes_a_skin_tone_is_checked_against_the_package() -> None:
    tones = [{"tone": tone, "emoji": f"✋{chr(0x1F3FA + tone)}"} for tone in range(1, 6)]
    assert next(emoji_data.rows(package(skins=tones))).split("\t")[1] == "1"
    with pytest.raises(emoji_data.Wrong):
        [*emoji_data.rows(package(skins=[{**tone, "emoji": "?"} for tone in tones]))]


def test_what_fonts_do_not_draw_yet_is_left_out() -> None:
    assert [*emoji_data.rows(package(version=17))] == []
    assert [*emoji_data.rows(package(group=emoji_data.COMPONENTS))] == []


def test_another_package_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    other = emoji_data.FILE.with_name("LICENSES.txt")
    before = emoji_data.FILE.read_bytes()
    assert emoji_data.main([str(other)]) == 1
    assert "hash" in capsys.readouterr().err
    assert emoji_data.FILE.read_bytes() == before
