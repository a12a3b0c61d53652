"""Small files of each kind, made here, and files that pretend to be of one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile

from PIL import Image

HTML = b"<!DOCTYPE html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def drawn(form: str, **options: object) -> bytes:
    image = Image.new("RGB", (20, 10), "teal")
    data = io.BytesIO()
    image.save(data, form, **options)  # type: ignore[arg-type]
    return data.getvalue()


def zipped(members: dict[str, bytes], stored: bool = False) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def many_members(count: int) -> bytes:
    """A ZIP whose list names one member so many times."""
    local = b"PK\3\4" + bytes(22) + struct.pack("<HH", 1, 0) + b"a"
    record = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    return local + record * count + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 9, 9, len(record) * count, len(local), 0)


def office(main: str, **more: bytes) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<R/>", main: b"<x/>", **more})


def open_document(kind: str) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return zipped({"mimetype": mimetype, "content.xml": b"<x/>", "META-INF/manifest.xml": b"<m/>"}, stored=True)


def compound(names: list[str], embedded: str = "") -> bytes:
    """An OLE compound file ([MS-CFB]) whose root holds empty streams, and `embedded` one in a storage of its own."""
    none = 0xFFFFFFFF
    entries = [("Root Entry", 5, none, none, 1)]
    for place, name in enumerate(names, 1):
        entries.append((name, 2, none, place + 1 if place < len(names) else none, none))
    if embedded:
        last = len(entries)
        entries[-1] = (*entries[-1][:3], last, none)
        entries += [("Holder", 1, none, none, last + 1), (embedded, 2, none, none, none)]
    while len(entries) % 4:
        entries.append(("", 0, none, none, none))
    directory = b""
    for name, sort, left, right, child in entries:
        coded = name.encode("utf-16-le")
        length = len(coded) + 2 if name else 0
        directory += coded.ljust(64, b"\0") + struct.pack("<HBBIII", length, sort, 1, left, right, child) + bytes(48)
    sectors = len(directory) // 512
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[none] * (128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[none] * 108)
    return header.ljust(512, b"\0") + table + directory


def boxes(major: bytes, *others: bytes) -> bytes:
    brands = b"".join(others)
    return struct.pack(">I", 16 + len(brands)) + b"ftyp" + major + bytes(4) + brands + b"\0\0\0\x08mdat"


def webm(doctype: bytes = b"webm") -> bytes:
    body = (
        b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82"
        + bytes([0x80 | len(doctype)])
        + doctype
    )
    body += b"\x42\x87\x81\x04\x42\x85\x81\x02"
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(body)]) + body + b"\x18\x53\x80\x67\x01" + b"\xff" * 7


def mp3(tag: bytes = b"") -> bytes:
    frame = b"\xff\xfb\x90\x00".ljust(417, b"\0")
    return tag + frame * 3


def id3(size: int) -> bytes:
    return b"ID3\x04\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + bytes(size)


def ogg(packet: bytes) -> bytes:
    return b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([len(packet)]) + packet


def wav() -> bytes:
    return (
        b"RIFF"
        + struct.pack("<I", 36)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
        + b"data\0\0\0\0"
    )


def tar(name: str = "a.txt") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return data.getvalue()


GOOD: dict[str, tuple[str, bytes]] = {
    "photo.jpg": ("image/jpeg", drawn("JPEG")),
    "photo.JPEG": ("image/jpeg", drawn("JPEG", progressive=True)),
    "drawing.png": ("image/png", drawn("PNG")),
    "moving.gif": ("image/gif", drawn("GIF")),
    "picture.webp": ("image/webp", drawn("WEBP")),
    "lossless.webp": ("image/webp", drawn("WEBP", lossless=True)),
    "picture.avif": ("image/avif", drawn("AVIF")),
    "scan.tiff": ("image/tiff", drawn("TIFF")),
    "old.bmp": ("image/bmp", drawn("BMP")),
    "phone.heic": ("image/heic", boxes(b"heic", b"mif1", b"heic")),
    "general.heif": ("image/heic", boxes(b"mif1", b"mif1", b"heic")),
    "film.mp4": ("video/mp4", boxes(b"isom", b"isom", b"iso2", b"mp41")),
    "recorded.m4a": ("video/mp4", boxes(b"mp42", b"isom")),
    "film.webm": ("video/webm", webm()),
    "film.mov": ("video/quicktime", boxes(b"qt  ", b"qt  ")),
    "voice.m4a": ("audio/mp4", boxes(b"M4A ", b"isom", b"mp42")),
    "song.mp3": ("audio/mpeg", mp3()),
    "tagged.mp3": ("audio/mpeg", mp3(id3(300))),
    "long tag.mp3": ("audio/mpeg", mp3(id3(200_000))),
    "song.opus": ("audio/ogg", ogg(b"OpusHead\x01\x01")),
    "song.ogg": ("audio/ogg", ogg(b"\x01vorbis")),
    "song.wav": ("audio/wav", wav()),
    "song.flac": ("audio/flac", b"fLaC\0\0\0\x22" + bytes(34)),
    "paper.pdf": ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"),
    "letter.docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        office("word/document.xml"),
    ),
    "letter2.docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        office("word/document2.xml"),
    ),
    "sums.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", office("xl/workbook.xml")),
    "talk.pptx": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        office("ppt/presentation.xml"),
    ),
    "letter.odt": ("application/vnd.oasis.opendocument.text", open_document("text")),
    "sums.ods": ("application/vnd.oasis.opendocument.spreadsheet", open_document("spreadsheet")),
    "talk.odp": ("application/vnd.oasis.opendocument.presentation", open_document("presentation")),
    "letter.doc": ("application/msword", compound(["1Table", "WordDocument"])),
    "sums.xls": ("application/vnd.ms-excel", compound([f"stream {number}" for number in range(40)] + ["Workbook"])),
    "talk.ppt": ("application/vnd.ms-powerpoint", compound(["Current User", "PowerPoint Document"])),
    "notes.txt": ("text/plain", "नमस्ते, dear all\r\n\tbye\n".encode()),
    "windows.txt": ("text/plain", "\ufeffनमस्ते".encode()),
    "wide.txt": ("text/plain", "नमस्ते".encode("utf-16")),
    "wide other.txt": ("text/plain", b"\xfe\xff" + "hello".encode("utf-16-be")),
    "one letter.txt": ("text/plain", b"a"),
    "list.csv": ("text/csv", b"name,age\nasha,12\n"),
    "readme.md": ("text/markdown", b"# Title\n"),
    "all.zip": ("application/zip", zipped({"a.txt": b"a"})),
    "none.zip": ("application/zip", zipped({})),
    "all.tar": ("application/x-tar", tar()),
    "all.tar.gz": ("application/gzip", gzip.compress(b"a")),
    "all.tar.xz": ("application/x-xz", lzma.compress(b"a")),
    "all.bz2": ("application/x-bzip2", bz2.compress(b"a")),
    "all.7z": ("application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)),
    "all.zst": ("application/zstd", b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00a"),
}
"""By name: the media type, and the bytes."""

REFUSED: dict[str, bytes] = {
    "page.html": HTML,
    "blank before.html": b" \r\n\t\x0c" * 3000 + HTML,
    "marked.html": b"\xef\xbb\xbf" + HTML,
    "wide.html": "<html>".encode("utf-16"),
    "page": HTML,
    "photo.png": HTML,
    "comment.jpg": b"<!-- -->",
    "tag.gif": b"<b>",
    "drawing.svg": SVG,
    "drawing.svg.png": SVG,
    "prologue.svg": b'<?xml version="1.0"?>\n' + SVG,
    "data.xml": b"<?xml version='1.0'?><a/>",
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
    "feed.rss": b"<rss><channel/></rss>",
    "page.php": b"<?php system('id');",
    "page.jsp": b"<%= 1 %>",
    "run.sh": b"#!/bin/sh\nrm -rf /\n",
    "run.bat": b"@echo off\r\n",
    "paper.ps": b"%!PS-Adobe",
    "letter.rtf": b"{\\rtf1 hello}",
    "run.exe": b"MZ\x90\0\3\0\0\0",
    "run": b"\x7fELF\2\1\1" + bytes(50),
    "run.class": b"\xca\xfe\xba\xbe\0\0\0\x34",
    "photo.psd": b"8BPS\0\1" + bytes(30),
    "icon.ico": b"\0\0\1\0\1\0\x10\x10\0\0",
    "renamed ico.png": b"\0\0\1\0\1\0\x10\x10\0\0",
    "film.mkv": webm(b"matroska"),
    "doctype.webm": webm(b"webmaster"),
    "film.avi": b"RIFF\0\0\0\0AVI LIST",
    "film.ogv": ogg(b"\x80theora"),
    "all.rar": b"Rar!\x1a\7\1\0",
    "program.jar": zipped({"META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b""}),
    "program.apk": zipped({"AndroidManifest.xml": b"", "classes.dex": b""}),
    "macros.docm": office("word/document.xml", **{"word/vbaProject.bin": b"x"}),
    "macros.docx": office("word/document.xml", **{"word/vbaProject.bin": b"x"}),
    "installer.msi": compound(["_Columns", "_Tables"]),
    "mail.msg": compound(["__properties_version1.0"], embedded="WordDocument"),
    "cut.zip": zipped({"a.txt": b"a" * 100})[:40],
    "lying.zip": b"PK\3\4" + b"\0" * 50 + b"PK\5\6" + b"\0" * 8 + b"\xff\xff\xff\0\xff\xff\xff\0\0\0",
    "nul.txt": b"a\0b",
    "control.txt": b"a\x01b",
    "latin.txt": "café".encode("latin-1"),
    "cut letter.txt": "é".encode()[:1],
    "half.txt": "नमस्ते".encode("utf-16")[:-1],
    "very wide.txt": "a".encode("utf-32"),
    "no mark.txt": "hello".encode("utf-16-le"),
    "late.txt": b"a" * 1_000_000 + b"\xff",
    "cut.gif": b"GIF89a\0",
    "cut.png": b"\x89PNG\r\n\x1a\n",
    "one frame.mp3": b"\xff\xfb\x90\x00".ljust(417, b"\0") + b"nothing more",
    "tag alone.mp3": id3(20) + HTML,
    "wrong sum.tar": tar().replace(b"ustar", b"ustaR", 1),
    "tiff.png": b"II*\0\x08\0\0\0",
    "3gp.mp4": boxes(b"3gp4", b"3gp4"),
    "endless.mp4": b"\xff\xff\xff\xffftypisom",
}
"""By name: bytes that are of no kind that is taken."""
