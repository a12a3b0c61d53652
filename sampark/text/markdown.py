"""Markdown to safe HTML: bold, italic, strike, code, quotes, lists, tables, links, emoji by their `:name:`.

No raw HTML, no images, no headings.

CommonMark by markdown-it-py; whatever it gives passes nh3's allow-list, so a fault in the first alone opens nothing.
"""

import functools
import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from sampark.emoji import short_names
from sampark.text import code

_OFF = ["image", "html_block", "html_inline", "heading", "lheading", "hr", "reference"]


@functools.cache
def _reader(*off: str) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    reader.enable(["strikethrough", "linkify", "table"]).disable([*_OFF, *off])
    reader.validateLink = _is_safe_link  # type: ignore[method-assign]
    reader.add_render_rule("fence", _fence)
    for cell in ("th_open", "td_open"):
        reader.add_render_rule(cell, _cell)
    reader.core.ruler.before("text_join", "short_names", _draw)
    return reader


def _fence(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    language = code.language(tokens[place].info)
    if not language:
        return f"<pre><code>{html.escape(tokens[place].content)}</code></pre>\n"
    made = code.marked(tokens[place].content, language, env.setdefault("code", code.Budget()))
    return f'<pre data-language="{language}"><code>{made}</code></pre>\n'


_SIDES = {"text-align:left": "start", "text-align:center": "center", "text-align:right": "end"}


def _cell(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    side = _SIDES.get(str(tokens[place].attrs.get("style")))
    return f'<{tokens[place].tag} class="{side}">' if side else f"<{tokens[place].tag}>"


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


# Each of these starts a search for the rest of a link: three thousand take a second, and nobody writes 300 links.
_LINK_STARTS = ("[", "://", "@", "www.")
_MOST_LINKS = 300
_MOST_CELLS = 2_000
"""A short row is filled up to the table's width: two thousand letters could become sixty thousand cells."""

_TABLE = ("table", "thead", "tbody", "tr", "th", "td")
_CLEANER = nh3.Cleaner(
    tags={"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", *_TABLE},
    attributes={"a": {"href"}, "ol": {"start"}},
    tag_attribute_values={
        "pre": {"data-language": {*code.LANGUAGES}},
        "span": {"class": {*code.CLASSES}},
        "th": {"class": {*_SIDES.values()}},
        "td": {"class": {*_SIDES.values()}},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


# One line of letters, digits and the punctuation that means nothing in Markdown, begun by a letter (a list may begin with a
# digit): most of what people say. It is read fifty times quicker, and as the reader would read it.
# No letter fits both alternatives, and none is given back (`*+`): the time is that of one look.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_\u0900-\u097f]|[\u0900-\u097f ,!?;'’“”…()=%€$₹])*+\.?")


def to_html(text: str) -> str:
    """Safe HTML for `text` (clean, at most 10,000 characters).

    It holds no `id`, `style` or `hx-*`, and no class but those of `code.CLASSES` and of a table's cells.
    """
    if _PLAIN.fullmatch(text):
        return f"<p>{text}</p>"
    return _CLEANER.clean(_reader_for(text).render(text, {})).strip()


def _reader_for(text: str) -> MarkdownIt:
    off: tuple[str, ...] = ()
    if sum(map(text.count, _LINK_STARTS)) > _MOST_LINKS:
        off += ("link", "linkify", "autolink")
    if "|" in text:
        lines = text.split("\n")
        if len(lines) * max(line.count("|") for line in lines) > _MOST_CELLS:
            off += ("table",)
    return _reader(*off)
