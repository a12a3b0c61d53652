"""Loudnesses as bars and as a database column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampark.files import waveform

VALUES = st.lists(st.integers(0, 255), max_size=300)


def test_each_bar_is_the_loudest_of_its_part() -> None:
    assert waveform.bars([1, 9, 2, 3, 7, 0], 3) == [9, 3, 7]
    assert waveform.bars([1, 9, 2, 3, 7], 2) == [9, 7]


def test_fewer_values_than_bars_are_repeated() -> None:
    assert waveform.bars([5, 200], 4) == [5, 5, 200, 200]
    assert waveform.bars([], 3) == [0, 0, 0]


@given(VALUES, st.integers(1, 200))
def test_there_are_as_many_bars_as_asked_for_and_no_peak_is_lost(values: list[int], count: int) -> None:
    drawn = waveform.bars(values, count)
    assert len(drawn) == count
    assert max(drawn) == max(values, default=0)


@given(VALUES)
def test_as_text_and_back(values: list[int]) -> None:
    text = waveform.to_text(values)
    assert waveform.from_text(text) == values
    assert text.isascii()
    assert not {*text} & {*"+/= \"'<&"}


def test_a_hundred_values_fit_a_short_column() -> None:
    assert len(waveform.to_text([255] * 100)) == 134


@pytest.mark.parametrize("text", ["A", "AA BB", "<svg>", "ÄÄ", "AAAA=A"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        waveform.from_text(text)


@pytest.mark.parametrize("value", [-1, 256])
def test_other_values_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="256"):
        waveform.to_text([value])
