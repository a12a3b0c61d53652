"""Atom feeds (RFC 4287). The caller names things by whole addresses; what XML cannot hold is left out."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, section 2.2."""


@dataclass(frozen=True, slots=True)
class Entry:
    address: str
    """Its permanent name, too: it must never be another one's."""
    title: str
    author: str
    html: str
    updated: datetime.datetime


@dataclass(frozen=True, slots=True)
class Feed:
    name: str
    """The feed's permanent name, an address."""
    itself: str
    page: str
    title: str
    subtitle: str
    language: str
    updated: datetime.datetime
    entries: Sequence[Entry]


def written(feed: Feed) -> bytes:
    """The document."""
    root = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language, "xml:base": feed.page})
    _add(root, "id", feed.name)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(feed.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.itself)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "generator", "Sampark Setu")
    for entry in feed.entries:
        inside = ElementTree.SubElement(root, "entry")
        _add(inside, "id", entry.address)
        _add(inside, "title", entry.title)
        _add(inside, "link", rel="alternate", type="text/html", href=entry.address)
        _add(ElementTree.SubElement(inside, "author"), "name", entry.author)
        _add(inside, "published", _moment(entry.updated))
        _add(inside, "updated", _moment(entry.updated))
        _add(inside, "content", entry.html, type="html")
    ElementTree.indent(root, "")
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> None:
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = _NOT_XML.sub("", text) or None


def _moment(time: datetime.datetime) -> str:
    """RFC 3339, as RFC 4287 section 3.3 wants it."""
    return f"{time.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
