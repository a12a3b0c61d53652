"""Files that hold files: ZIP, and the compound files of old Office versions. Only their lists are read, and only so far."""

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

_ZIP = (b"PK\3\4", b"PK\5\6")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LONGEST_LIST = 1024 * 1024
"""Bytes of a ZIP's list that are looked at: some ten thousand members."""
_MOST_SECTORS = 64
"""Of a compound file's list: 256 streams and more."""

_OPEN_DOCUMENT = re.compile(
    # The first member, stored as it is: OpenDocument 1.3 part 2, section 3.3; ZIP's local header, APPNOTE 4.3.7.
    rb"PK\x03\x04.{4}\0\0.{16}\x08\0\0\0mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)PK",
    re.DOTALL,
)
_OPEN_DOCUMENTS = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
_OFFICE_MEMBERS = [
    (re.compile(rb"word/document\d*\.xml"), "docx"),
    (re.compile(rb"xl/workbook\d*\.xml"), "xlsx"),
    (re.compile(rb"ppt/presentation\d*\.xml"), "pptx"),
]
# Java, Android and Windows programs; documents with macros, which their own extensions (docm) would say.
_RUNS = re.compile(
    rb"META-INF/MANIFEST\.MF|AndroidManifest\.xml|AppxManifest\.xml|classes\.dex|(?:.*/)?vbaProject\.bin", re.IGNORECASE
)
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}


def is_package(head: bytes) -> bool:
    return head.startswith((*_ZIP, _OLE))


def look_inside(file: BinaryIO, head: bytes) -> str | None:
    """The usual extension of the kind, as in `kinds`; None for what is broken, a program, or holds macros beside documents."""
    return _compound(file, head) if head.startswith(_OLE) else _zip(file, head)


def _zip(file: BinaryIO, head: bytes) -> str | None:
    names = _member_names(file)
    if names is None or any(_RUNS.fullmatch(name) for name in names):
        return None
    if match := _OPEN_DOCUMENT.match(head):
        return _OPEN_DOCUMENTS[match[1]]
    if b"[Content_Types].xml" in names:
        for pattern, extension in _OFFICE_MEMBERS:
            if any(pattern.fullmatch(name) for name in names):
                return extension
    return "zip"


def _member_names(file: BinaryIO) -> list[bytes] | None:
    """From the central directory (APPNOTE 4.3.12, 4.3.16); None when there is no sound one."""
    size = file.seek(0, 2)
    start = max(0, size - 22 - 0xFFFF)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        return None
    length, offset = struct.unpack_from("<II", tail, at + 12)
    if 0xFFFFFFFF in {length, offset}:
        offset, length = _zip64(file, tail, at)
    if offset + length > start + at:
        return None
    file.seek(offset)
    names = list(_names(file.read(min(length, _LONGEST_LIST))))
    return names if names or not length else None


def _zip64(file: BinaryIO, tail: bytes, at: int) -> tuple[int, int]:
    """Where the list of an archive over 4 GB is, and its bytes (APPNOTE 4.3.14)."""
    record = tail.rfind(b"PK\6\6", 0, at)
    if record < 0 or record + 56 > len(tail):
        return 1 << 64, 0
    length, offset = struct.unpack_from("<QQ", tail, record + 40)
    return offset, length


def _names(records: bytes) -> Iterator[bytes]:
    at = 0
    while records[at : at + 4] == b"PK\1\2" and at + 46 <= len(records):
        name, extra, comment = struct.unpack_from("<HHH", records, at + 28)
        yield records[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment


def _compound(file: BinaryIO, head: bytes) -> str | None:
    """By the streams right under the root, where a document embedded in something else (a mail, an installer) is not."""
    if len(head) < 512 or head[28:30] != b"\xfe\xff" or head[30] not in {9, 12}:
        return None
    entries = [sector[at : at + 128] for sector in _directory(file, head) for at in range(0, len(sector), 128)]
    waiting, seen = _numbers(entries[0], 76, 1) if entries else [], set[int]()
    while waiting:
        number = waiting.pop()
        if number in seen or number >= len(entries):
            continue
        seen.add(number)
        entry = entries[number]
        name = entry[: max(0, min(64, int.from_bytes(entry[64:66], "little")) - 2)].decode("utf-16-le", "replace")
        if entry[66] == 2 and name in _STREAMS:
            return _STREAMS[name]
        waiting += _numbers(entry, 68, 2)
    return None


def _directory(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    """The sectors of the list of streams, along their chain ([MS-CFB] 2.2, 2.3, 2.6.1)."""
    shift = head[30]
    size, tables = 1 << shift, _numbers(head, 76, 109)
    number = int.from_bytes(head[48:52], "little")
    for _ in range(_MOST_SECTORS):
        file.seek((number + 1) << shift)
        sector = file.read(size)
        if len(sector) < size:
            return
        yield sector
        table, place = divmod(number, size // 4)
        if table >= len(tables):
            return
        file.seek(((tables[table] + 1) << shift) + place * 4)
        number = int.from_bytes(file.read(4).ljust(4, b"\xff"), "little")


def _numbers(data: bytes, at: int, count: int) -> list[int]:
    """Little-endian numbers of four bytes; those from 0xFFFFFFFA on mean that there is nothing."""
    return list(struct.unpack_from(f"<{count}I", data, at))
