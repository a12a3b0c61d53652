"""A strict reader of Atom: what RFC 4287 says that a feed must be, and nothing that it leaves open."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r".+/.+")
_FEED = {
    "id": "1",
    "title": "1",
    "updated": "1",
    "subtitle": "?",
    "generator": "?",
    "link": "*",
    "author": "*",
    "entry": "*",
}
_ENTRY = {
    "id": "1", "title": "1", "updated": "1", "published": "?", "content": "?", "summary": "?", "link": "*", "author": "*",
}  # fmt: skip


def strictly(body: bytes) -> Element:
    """The document's root. Errors: `AssertionError` for whatever the RFC forbids."""
    assert body.startswith((b"<?xml", b"<feed")), body[:40]
    root = ElementTree.fromstring(body)
    assert root.tag == f"{ATOM}feed"
    _common(root)
    _has(root, _FEED)
    assert any(_rel(link) == "self" for link in root.findall(f"{ATOM}link")), "4.1.1: a feed SHOULD link to itself"
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        _has(entry, _ENTRY)
        # 4.1.2: without an author of its own it needs one of the feed's.
        assert entry.find(f"{ATOM}author") is not None or root.find(f"{ATOM}author") is not None
        content = entry.find(f"{ATOM}content")
        if content is None:
            assert any(_rel(link) == "alternate" for link in entry.findall(f"{ATOM}link"))
    pairs = [(_text(entry, "id"), _text(entry, "updated")) for entry in entries]
    assert len({*pairs}) == len(pairs), "4.1.1: an entry stands there twice"
    for element in root.iter():
        _common(element)
        _check(element)
    return root


def _has(parent: Element, allowed: dict[str, str]) -> None:
    """4.1: which children there must and may be, and how often."""
    assert not (parent.text or "").strip(), "text stands where only elements may"
    names = [child.tag.removeprefix(ATOM) for child in parent]
    assert {*names} <= allowed.keys(), {*names} - allowed.keys()
    for name, often in allowed.items():
        there = names.count(name)
        assert often == "*" or there == 1 or (often == "?" and there == 0), f"{name} stands there {there} times"
    kinds = [(_rel(link), link.get("type"), link.get("hreflang")) for link in parent.findall(f"{ATOM}link")]
    alternates = [kind for kind in kinds if kind[0] == "alternate"]
    assert len({*alternates}) == len(alternates), "4.1.1: two alternates of one type and language"


def _common(element: Element) -> None:
    """2: xml:base and xml:lang."""
    base, language = element.get(f"{_XML}base"), element.get(f"{_XML}lang")
    assert base is None or _is_address(base), base
    assert language is None or _LANGUAGE.fullmatch(language), language


def _check(element: Element) -> None:
    name, text = element.tag.removeprefix(ATOM), element.text or ""
    attributes = {key for key in element.attrib if not key.startswith(_XML)}
    if name in {"updated", "published"}:
        assert _TIME.fullmatch(text), f"3.3: {text!r} is no time"
        assert not attributes
    elif name == "id":
        assert _is_address(text), f"4.2.6: {text!r} is no IRI with a scheme"
        assert not attributes
    elif name in {"title", "subtitle", "content", "summary"}:
        assert attributes <= {"type"}
        assert element.get("type", "text") in {"text", "html"}
        assert not len(element), "3.1.1: text and html have no child elements"
    elif name == "author":
        assert [child.tag for child in element] == [f"{ATOM}name"]
        assert (element[0].text or "").strip(), "3.2.1: a person has a name"
    elif name == "link":
        assert attributes <= {"href", "rel", "type", "hreflang", "title", "length"}
        assert _is_address(element.attrib["href"])
        assert _MEDIA_TYPE.fullmatch(element.get("type", "a/b"))
        assert not len(element)
    else:
        assert name in {"feed", "entry", "name", "generator"}, name


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.scheme and parts.netloc) and not re.search(r'[\s<>"{}|\\^`]', text)


def _rel(link: Element) -> str:
    return link.get("rel", "alternate")


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{ATOM}{name}") or ""
