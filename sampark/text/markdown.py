"""Markdown to safe HTML: bold, italic, strike, code, quotes, lists, links, emoji by their `:name:`. No raw HTML, images, headings.

CommonMark by markdown-it-py; whatever it gives passes nh3's allow-list, so a fault in the first alone opens nothing.
"""

import re
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from sampark.emoji import short_names

_OFF = ["image", "html_block", "html_inline", "heading", "lheading", "hr", "reference"]


def _reader(*off: str) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    reader.enable(["strikethrough", "linkify"]).disable([*_OFF, *off])
    reader.validateLink = _is_safe_link  # type: ignore[method-assign]
    reader.core.ruler.before("text_join", "short_names", _draw)
    return reader


def _draw(state: StateCore) -> None:
    """`:smile:` becomes its emoji where text is text: not in an address that links itself, nor in code or behind a backslash,
    which have tokens of their own."""
    for block in state.tokens:
        in_address = False
        for token in block.children or ():
            if token.type in {"link_open", "link_close"}:
                in_address = token.type == "link_open" and token.info == "auto"
            elif token.type == "text" and not in_address:
                token.content = short_names.replaced(token.content)


def _is_safe_link(url: str) -> bool:
    try:
        return urlsplit(url.strip().lower()).scheme in {"http", "https", "mailto"}
    except ValueError:
        return False


_READER = _reader()
_LINKLESS = _reader("link", "linkify", "autolink")

# Each of these starts a search for the rest of a link: three thousand take a second, and nobody writes 300 links.
_LINK_STARTS = ("[", "://", "@", "www.")
_MOST_LINKS = 300

_CLEANER = nh3.Cleaner(
    tags={"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"},
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


# One line of letters, digits and the punctuation that means nothing in Markdown, begun by a letter (a list may begin with a
# digit): most of what people say. It is read fifty times quicker, and as the reader would read it.
# No letter fits both alternatives, and none is given back (`*+`): the time is that of one look.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_\u0900-\u097f]|[\u0900-\u097f ,!?;'’“”…()=%€$₹])*+\.?")


def to_html(text: str) -> str:
    """Safe HTML for `text` (clean, at most 10,000 characters). It holds no `id`, `class`, `style` or `hx-*`."""
    if _PLAIN.fullmatch(text):
        return f"<p>{text}</p>"
    reader = _READER if sum(map(text.count, _LINK_STARTS)) <= _MOST_LINKS else _LINKLESS
    return _CLEANER.clean(reader.render(text)).strip()
