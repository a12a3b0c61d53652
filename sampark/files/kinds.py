"""What kind of file some bytes are, decided by themselves: never by the name, or by what a browser says of them.

A closed list. Whatever is not clearly one of these is refused. A file that is two things at once (a GIF that is also a script,
a PDF with a ZIP behind it) is what its first bytes say, and is only ever sent as that, with nosniff. Looked at is the outer
structure alone; whether an image can be drawn and which tracks a WebM or MP4 has, the decoders find out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from sampark.files import packages, sniffing, writing
from sampark.files.disposition import clean_name, extension_of

Family = Literal["image", "video", "audio", "pdf", "office", "text", "archive"]
"""`video` is said of MP4 and WebM even if there is only sound in it: that is known to who reads the tracks."""


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    """Without parameters."""
    family: Family
    is_inline: bool
    """Whether a browser may show it under our origin (with nosniff and a sandbox); everything else is only saved."""
    extension: str
    """Usual for this kind; lower case, without the dot."""
    others: frozenset[str] = frozenset()
    """Extensions that are right for it, too."""
    charset: str | None = None
    """Of a text: `utf-8` or `utf-16`."""

    @property
    def content_type(self) -> str:
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type


class NotAllowed(ValueError):
    """The bytes are of no kind that is taken."""


class Empty(ValueError):
    """There are no bytes."""


def _kind(family: Family, media_type: str, extensions: str, *, inline: bool = False) -> Kind:
    first, *others = extensions.split()
    return Kind(media_type, family, inline, first, frozenset(others))


_OOXML, _ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
_KINDS = {
    kind.extension: kind
    for kind in [
        # Inline is what browsers decode and never run. PDF is not: its viewers do run what is in it.
        _kind("image", "image/jpeg", "jpg jpeg jpe jfif", inline=True),
        _kind("image", "image/png", "png apng", inline=True),
        _kind("image", "image/gif", "gif", inline=True),
        _kind("image", "image/webp", "webp", inline=True),
        _kind("image", "image/avif", "avif", inline=True),
        _kind("image", "image/heic", "heic heif hif"),
        _kind("image", "image/tiff", "tiff tif"),
        _kind("image", "image/bmp", "bmp dib"),
        _kind("video", "video/mp4", "mp4 m4v m4a", inline=True),
        _kind("video", "video/webm", "webm weba", inline=True),
        _kind("video", "video/quicktime", "mov qt"),
        _kind("audio", "audio/mpeg", "mp3", inline=True),
        _kind("audio", "audio/ogg", "ogg oga opus spx", inline=True),
        _kind("audio", "audio/mp4", "m4a m4b mp4", inline=True),
        _kind("audio", "audio/wav", "wav wave", inline=True),
        _kind("audio", "audio/flac", "flac"),
        _kind("pdf", "application/pdf", "pdf"),
        _kind("office", _OOXML + "wordprocessingml.document", "docx"),
        _kind("office", _OOXML + "spreadsheetml.sheet", "xlsx"),
        _kind("office", _OOXML + "presentationml.presentation", "pptx"),
        _kind("office", _ODF + "text", "odt"),
        _kind("office", _ODF + "spreadsheet", "ods"),
        _kind("office", _ODF + "presentation", "odp"),
        _kind("office", "application/msword", "doc"),
        _kind("office", "application/vnd.ms-excel", "xls"),
        _kind("office", "application/vnd.ms-powerpoint", "ppt"),
        _kind("text", "text/plain", "txt text log tsv"),
        _kind("text", "text/csv", "csv"),
        _kind("text", "text/markdown", "md markdown"),
        _kind("archive", "application/zip", "zip"),
        _kind("archive", "application/x-tar", "tar"),
        _kind("archive", "application/gzip", "gz tgz"),
        _kind("archive", "application/x-7z-compressed", "7z"),
        _kind("archive", "application/x-xz", "xz txz"),
        _kind("archive", "application/x-bzip2", "bz2 tbz2 tbz"),
        _kind("archive", "application/zstd", "zst tzst"),
    ]
}


def _allowed() -> Mapping[Family, tuple[str, ...]]:
    found: dict[Family, tuple[str, ...]] = {}
    for kind in _KINDS.values():
        found[kind.family] = (*found.get(kind.family, ()), kind.extension)
    return MappingProxyType(found)


ALLOWED = _allowed()
"""The usual extensions of all kinds that are taken, by family, in the order in which people should read them."""
_TEXTS = {
    extension: kind for kind in _KINDS.values() if kind.family == "text" for extension in {kind.extension, *kind.others}
}


def accepted() -> list[str]:
    """Media types and extensions of all kinds that are taken, as browsers and operating systems ask for them."""
    extensions = {f".{one}" for kind in _KINDS.values() for one in (kind.extension, *kind.others)}
    return [*sorted({kind.media_type for kind in _KINDS.values()}), *sorted(extensions)]


def is_known(name: str) -> bool:
    """Whether a name says one of these kinds, which tells nothing about the bytes."""
    return any(extension_of(name) in {kind.extension, *kind.others} for kind in _KINDS.values())


def kind_of(path: Path, name: str) -> Kind:
    """The kind of a file; `name` only tells one kind of text from another. For a thread: a text is read from end to end.

    Errors: `Empty`, `NotAllowed`, `OSError`.
    """
    with path.open("rb") as file:
        head = file.read(sniffing.HEAD)
        if not head:
            raise Empty("the file is empty")
        if packages.is_package(head):
            found, charset = packages.look_inside(file, head), None
        else:
            found = sniffing.sniff(file, head)
            charset = None if found else writing.charset_of(file)
    if found is not None:
        return _KINDS[found]
    if charset is None:
        raise NotAllowed
    return _text(extension_of(clean_name(name)), charset, writing.disguise(path, charset))


def _text(extension: str, charset: str, disguise: str | None) -> Kind:
    """A text that begins like a page or a program is only taken under a name that says text, and is nothing but plain then.

    That is a promise about the name alone: all text is sent as text, with nosniff and to be saved. Without such a name the
    sender meant a page (`page.html`, no name at all), and saved it would open as one.
    """
    if disguise and extension not in _TEXTS:
        raise NotAllowed
    kind = _KINDS["txt"] if disguise else _TEXTS.get(extension, _KINDS["txt"])
    return replace(kind, charset=charset)


def name_for(name: str, kind: Kind) -> str:
    """A clean name whose extension is right for the kind: a program that opens files by their names gets no other idea.

    `notes.bat` that is plain text becomes `notes.bat.txt`; `photo.JPEG` stays.
    """
    clean = clean_name(name)
    if extension_of(clean) in {kind.extension, *kind.others}:
        return clean
    return clean_name(f"{clean}.{kind.extension}")
