"""Which part of a file is asked for: RFC 9110, section 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampark.files.ranges import Range, Unsatisfiable, Whole, parse

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        # The examples of section 14.1.2, for a file of 10,000 bytes.
        ("bytes=0-499", Range(0, 500, 10_000)),
        ("bytes=500-999", Range(500, 1000, 10_000)),
        ("bytes=-500", Range(9500, 10_000, 10_000)),
        ("bytes=9500-", Range(9500, 10_000, 10_000)),
        ("bytes=0-", Range(0, 10_000, 10_000)),
        ("bytes=0-0", Range(0, 1, 10_000)),
        ("bytes=-1", Range(9999, 10_000, 10_000)),
        ("bytes=9999-99999999999999999999999", Range(9999, 10_000, 10_000)),
        ("bytes=-99999999999999999999", Range(0, 10_000, 10_000)),
        ("BYTES=0-1", Range(0, 2, 10_000)),
        ("bytes= 0-1 ,", Range(0, 2, 10_000)),
        ("bytes=10000-", Unsatisfiable(10_000)),
        ("bytes=99999999999999999999999-", Unsatisfiable(10_000)),
        ("bytes=-0", Unsatisfiable(10_000)),
        (None, Whole()),
        ("", Whole()),
        ("bytes", Whole()),
        ("bytes=", Whole()),
        ("bytes=-", Whole()),
        ("bytes=5-4", Whole()),
        ("bytes=a-b", Whole()),
        ("bytes=--1", Whole()),
        ("bytes=1", Whole()),
        ("bytes=0x1-2", Whole()),
        ("bytes=+1-2", Whole()),
        ("bytes=१-२", Whole()),
        ("bytes=0-1,5-6", Whole()),
        ("bytes=" + "0-," * 5000, Whole()),
        ("bytes=" + "1" * 5000 + "-", Whole()),
        ("lines=0-1", Whole()),
    ],
)
def test_a_part_is_found(header: str | None, answer: object) -> None:
    assert parse(header, None, ETAG, 10_000) == answer


def test_of_nothing_there_are_no_parts() -> None:
    assert parse("bytes=0-", None, ETAG, 0) == Unsatisfiable(0)
    assert parse("bytes=-5", None, ETAG, 0) == Whole()


@pytest.mark.parametrize(
    ("if_range", "answer"),
    [
        (ETAG, Range(0, 5, 10)),
        (f" {ETAG} ", Range(0, 5, 10)),
        (f"W/{ETAG}", Whole()),
        ('"other"', Whole()),
        ("abc", Whole()),
        ("", Whole()),
        ("Sat, 29 Oct 1994 19:43:31 GMT", Whole()),
        (f'{ETAG}, "other"', Whole()),
    ],
)
def test_another_version_is_sent_whole(if_range: str, answer: object) -> None:
    assert parse("bytes=0-4", if_range, ETAG, 10) == answer
    assert parse("bytes=99-", if_range, ETAG, 10) == (Whole() if answer == Whole() else Unsatisfiable(10))


def test_the_header_of_the_answer() -> None:
    assert Range(0, 500, 1234).content_range == "bytes 0-499/1234"
    assert Unsatisfiable(1234).content_range == "bytes */1234"


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_parts_are_those_of_the_bytes(size: int, first: int, last: int) -> None:
    data = bytes(range(size))
    expected = data[first : last + 1]
    match parse(f"bytes={first}-{last}", None, ETAG, size):
        case Range(start, end, said):
            assert data[start:end] == expected
            assert expected
            assert (end - start, said) == (len(expected), size)
        case Unsatisfiable():
            assert first >= size
            assert first <= last
        case Whole():
            assert last < first


@given(st.integers(1, 50), st.integers(1, 60))
def test_last_bytes_are_those_of_the_bytes(size: int, count: int) -> None:
    data = bytes(range(size))
    part = parse(f"bytes=-{count}", None, ETAG, size)
    assert isinstance(part, Range)
    assert data[part.start : part.end] == data[-count:]


@given(st.text(max_size=30) | st.from_regex(r"bytes=[ 0-9,-]{0,20}", fullmatch=True), st.integers(0, 100))
def test_no_header_leads_out_of_the_file(header: str, size: int) -> None:
    part = parse(header, None, ETAG, size)
    if isinstance(part, Range):
        assert 0 <= part.start < part.end <= size == part.size
