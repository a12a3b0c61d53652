"""Which part of a file is asked for: RFC 9110, section 14, for one range of bytes."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"[ \t,]*([0-9]*)-([0-9]*)[ \t,]*")
_LONGEST = 200
"""Characters. Longer headers want many ranges, and get the whole."""


@dataclass(frozen=True, slots=True)
class Whole:
    """200: there is no usable wish for a part."""


@dataclass(frozen=True, slots=True)
class Range:
    """206: bytes from `start` up to and without `end`, at least one."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """416: the file has no such part."""

    size: int

    @property
    def content_range(self) -> str:
        return f"bytes */{self.size}"


def parse(header: str | None, if_range: str | None, etag: str, size: int) -> Range | Whole | Unsatisfiable:
    """What to answer to a GET with these headers, for a file of `size` bytes with the strong `etag` (in its quotes).

    Several ranges, other units and what is no range give the whole, as section 14.2 allows: nobody needs more to seek in
    a video, and many overlapping ranges are an attack (section 17.15). A date in If-Range is never taken for equal: our
    files have an ETag, and a date is a weaker word for the same (section 13.1.5).
    """
    if header is None or (if_range is not None and if_range.strip() != etag):
        return Whole()
    unit, _, wish = header.partition("=")
    match = _ONE.fullmatch(wish) if len(header) <= _LONGEST and unit.strip().lower() == "bytes" else None
    if match is None or match.group(1) == match.group(2) == "":
        return Whole()
    first, last = match.groups()
    return _suffix(int(last), size) if not first else _from(int(first), int(last) if last else None, size)


def _suffix(count: int, size: int) -> Range | Whole | Unsatisfiable:
    """`-500`: the last 500 bytes, or all there are."""
    if count == 0:
        return Unsatisfiable(size)
    return Range(max(0, size - count), size, size) if size else Whole()


def _from(first: int, last: int | None, size: int) -> Range | Whole | Unsatisfiable:
    """`500-` and `500-999`, whose last byte is meant, too."""
    if last is not None and last < first:
        return Whole()
    if first >= size:
        return Unsatisfiable(size)
    return Range(first, size if last is None else min(last + 1, size), size)
