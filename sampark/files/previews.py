"""A first look into text files and PDFs: their first lines, and how many pages a PDF has. Runs in the workshop's process."""

import codecs
import logging
import unicodedata
from typing import Any

from sampark.files.problems import CannotRead

MOST_LINES, MOST_LETTERS = 8, 600
_READ = 16 * 1024
"""Bytes of a text that are looked at: enough for the first lines unless they are blank."""

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def render(path: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Facts: `lines` (at most 8 and 600 characters together), `pages` (of a PDF that can be read, else None). No blobs.

    Errors: `CannotRead` for a file that is neither text nor PDF.
    """
    with open(path, "rb") as file:
        head = file.read(_READ)
    if b"%PDF-" in head[:1024]:  # where all readers look for it (PDF 1.7, implementation note 13)
        lines, pages = _first_page(path)
        return {"lines": lines, "pages": pages}, {}
    return {"lines": _lines(_decoded(head)), "pages": None}, {}


def _decoded(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return codecs.getincrementaldecoder(encoding)("replace").decode(head[len(mark) :])
    if b"\0" in head:
        raise CannotRead("no text")
    try:
        # Incremental: a letter that the end of the piece cuts in two is no fault.
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")  # what spreadsheets on old systems write


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    left = MOST_LETTERS
    for raw in text.splitlines():
        line = "".join(filter(_shows, raw.replace("\t", " "))).strip()
        if not line:
            continue
        lines.append(line[:left])
        left -= len(line)
        if len(lines) == MOST_LINES or left <= 0:
            break
    return lines


_JOINERS = "\u200c\u200d"


def _shows(letter: str) -> bool:
    """Neither a control character nor one that turns the direction of what follows; joiners are letters' business."""
    return letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


_MOST_PAGES = 100_000


def _first_page(path: str) -> tuple[list[str], int | None]:
    """The first lines of a PDF, and how many pages it has, as far as they can be read. A crash or a bomb ends this process only."""
    import pypdf  # only where there is one to read

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(path, strict=False)
        if reader.is_encrypted:
            return [], None
        pages = len(reader.pages)
        lines = _lines(reader.pages[0].extract_text()) if pages else []
    except MemoryError:
        raise
    except Exception:  # pypdf answers broken files with whatever went wrong inside it
        return [], None
    return lines, pages if 0 < pages <= _MOST_PAGES else None
