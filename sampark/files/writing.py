"""Whether bytes are writing: characters, and nothing that only machines read. And whether the writing is a page or a program."""

import codecs
import re
import string
from pathlib import Path
from typing import BinaryIO

_PIECE = 256 * 1024
# "Binary data bytes" of WHATWG MIME Sniffing, section 3, as characters.
_MACHINE = re.compile("[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# All that section 7.1 of it takes for HTML, XML or a feed begins with a mark like these; so do SVG, PHP, JSP and VML. Beside
# them what a shell, PostScript or RTF reader starts on.
_DISGUISE = re.compile(r"<[a-z!?/%]|#!|%!PS|\{\\rtf|@echo\b", re.IGNORECASE)
_BLANK = "\ufeff\u0085\u00a0\u200b\u2028\u2029" + string.whitespace


def charset_of(file: BinaryIO) -> str | None:
    """`utf-8`, or `utf-16` if it says so by a byte order mark; None for what is no text. Reads it all, in pieces."""
    file.seek(0)
    mark = file.read(2)
    charset = "utf-16" if mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8"
    decoder = codecs.getincrementaldecoder(charset)()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if _MACHINE.search(decoder.decode(piece)):
                return None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return charset


def disguise(path: Path, charset: str) -> str | None:
    """The mark of a page or program that a text begins with, behind any blank space; None for plain writing."""
    with path.open(encoding=charset) as file:
        begin = ""
        # Blank space of any length would hide a beginning from a look at so many characters.
        while not begin and (piece := file.read(4096)):
            begin = piece.lstrip(_BLANK)
        match = _DISGUISE.match(begin + file.read(16))
    return match[0] if match else None
