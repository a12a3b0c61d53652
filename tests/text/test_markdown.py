"""Messages as HTML: what people write with, and what must never come through."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sampark.text import code, markdown
from sampark.text.markdown import to_html

TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
ALLOWED = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", *TABLE}


class Look(HTMLParser):
    """Every tag with its attributes, and every character of text, as a browser's parser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("!declaration", {}))


def assert_harmless(html: str) -> None:
    for tag, attributes in Look(html).tags:
        assert tag in ALLOWED, html
        if tag == "a":
            assert {*attributes} <= {"href", "title", "rel", "target"}, html
            assert re.match(r"(https?|mailto):", attributes["href"] or "", re.IGNORECASE), html
            assert attributes["rel"] == "noopener noreferrer nofollow ugc"
            assert attributes["target"] == "_blank"
        elif tag == "ol":
            assert {*attributes} <= {"start"}, html
        elif tag == "span":
            assert {*attributes} == {"class"}, html
            assert attributes["class"] in code.CLASSES, html
        elif tag == "pre":
            assert {*attributes} <= {"data-language"}, html
            assert attributes.get("data-language", "c") in code.LANGUAGES, html
        elif tag in {"th", "td"}:
            assert {*attributes} <= {"class"}, html
            assert attributes.get("class", "end") in {"start", "center", "end"}, html
        else:
            assert not attributes, html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("hello", "<p>hello</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("`code`", "<p><code>code</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("> quote", "<blockquote>\n<p>quote</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("```\nx = 1\n```", "<pre><code>x = 1\n</code></pre>"),
        ("**नमस्ते** आशा", "<p><strong>नमस्ते</strong> आशा</p>"),
        ("a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>"),
        ("# not a heading", "<p># not a heading</p>"),
        (
            "a | b\n--|:-:\n1 | 2",
            '<table>\n<thead>\n<tr>\n<th>a</th>\n<th class="center">b</th>\n</tr>\n</thead>\n'
            '<tbody>\n<tr>\n<td>1</td>\n<td class="center">2</td>\n</tr>\n</tbody>\n</table>',
        ),
        ("&lt;b&gt;", "<p>&lt;b&gt;</p>"),
    ],
)
def test_what_people_write_with(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("[site](https://example.org/a?b=1&c=2)", "https://example.org/a?b=1&c=2"),
        ("https://example.org", "https://example.org"),
        ("see www.example.org today", "http://www.example.org"),
        ("asha@example.org", "mailto:asha@example.org"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("[x](HTTPS://EXAMPLE.ORG)", "HTTPS://EXAMPLE.ORG"),
    ],
)
def test_links_lead_away_safely(text: str, href: str) -> None:
    html = to_html(text)
    assert_harmless(html)
    [(_, attributes)] = [tag for tag in Look(html).tags if tag[0] == "a"]
    assert attributes["href"] == href


@pytest.mark.parametrize(
    "text",
    [
        "<svg onload=alert(1)>",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/x.png)",
        '![x](x "onerror=alert(1)")',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](java&#10;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:msgbox)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](/logout)",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        '[x](https://example.org "a\\" onmouseover=\\"alert(1)")',
        "[x](https://example.org/\"onmouseover='alert(1)')",
        "[a]: javascript:alert(1)\n\n[a]",
        "`<svg onload=alert(1)>`",
        "```html\n<script>alert(1)</script>\n```",
        "`[x](javascript:alert(1))`",
        "[`x`](javascript:1)",
        "[[x](https://a.example)](javascript:alert(1))",
        "<a href=javascript:alert(1)>x</a>",
        "<!-- x --> <?php ?> <![CDATA[x]]>",
        '<div hx-get="/logout" hx-trigger="load">x</div>',
        '<div hx-on:click="alert(1)" hx-swap-oob="true" id="messages">x</div>',
        "<template><p>x</p></template><hx-partial hx-target=body hx-swap=delete>",
        '<p id="members">',
        "<style>*{display:none}</style><link rel=stylesheet href=//evil.example>",
        "<form action=//evil.example><input name=password>",
        "<base href=//evil.example>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "</article></div><article id='message-1'>",
        "<?start name='m1'><?end name='m1'>",
        "http://[::1]:x/ http://[ http://%zz",
        "```python evil\nx\n```",
        '```python" onmouseover="alert(1)\nx\n```',
        "```<script>alert(1)</script>\nx\n```",
        "```html\n<script class=evil>javascript:alert(1)</script>\n```",
        "``` class=evil\nx\n```",
        "| a |\n|:-:|\n| <b class=evil> |",
        "<span class=k>x</span><pre data-language=evil>",
    ],
)
def test_nothing_written_becomes_more_than_text(text: str) -> None:
    html = to_html(text)
    assert_harmless(html)
    assert "javascript" not in "".join(str(attributes) for _, attributes in Look(html).tags).lower()


def test_code_and_raw_html_are_shown_as_they_were_typed() -> None:
    assert Look(to_html("<b id=x>`<i>`")).text == "<b id=x><i>"


def test_a_table_stays_small_however_it_is_written() -> None:
    wide = "|a" * 60
    assert "<table" in to_html(wide + "\n" + "|-" * 60 + "\n" + "|\n" * 10)
    assert "<table" not in to_html(wide + "\n" + "|-" * 60 + "\n" + "|\n" * 4_000)


PIECES = [
    *"<>[](){}!`*_~#-+.:/@&;\"'=\\ \n\tahtpsw0123",
    "http://",
    "javascript:",
    "\u2028",
    "आ",
    "\n```py\n",
    "\n|-|-|\n",
]


@effort(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_no_text_is_too_strange(text: str) -> None:
    assert_harmless(to_html(text))


def calls_for(text: str) -> int:
    """How much Python runs for a text, which is the same on every machine."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        to_html(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "[" * size,
        lambda size: "[a](" * (size // 4),
        lambda size: "![" * (size // 2),
        lambda size: "`" * size,
        lambda size: "".join("`" * n + " " for n in range(1, int(size**0.5))),
        lambda size: ">" * size,
        lambda size: "> " * (size // 2),
        lambda size: "*" * size,
        lambda size: "*a _b " * (size // 6),
        lambda size: "**a " * (size // 4),
        lambda size: "~~a " * (size // 4),
        lambda size: "~" * size,
        lambda size: "- " * (size // 2),
        lambda size: "1. " * (size // 3),
        lambda size: "\n" * (size - 1) + "x",
        lambda size: "a\n" * (size // 2),
        lambda size: "<" * size,
        lambda size: "<a " * (size // 3),
        lambda size: "&" * size,
        lambda size: "&#x" * (size // 3),
        lambda size: "\\" * size,
        lambda size: "a" + "\u0301" * (size - 1),
        lambda size: "👩‍👩‍👧‍👦" * (size // 7),
        lambda size: "x" * size,
        lambda size: "www." * (size // 4),
        lambda size: "http://" * (size // 7),
        lambda size: "a@" * (size // 2),
        lambda size: "a.b@c.de " * (size // 9),
        lambda size: "http://a.b/(" + "(" * (size - 12),
        lambda size: "https://a.de " * (size // 13),
        lambda size: "```\n" * (size // 4),
        lambda size: "```py\n```\n" * (size // 10),
        lambda size: "|" * size,
        lambda size: "|a" * 40 + "\n" + "|-" * 40 + "\n" + "|\n" * (size // 2),
        lambda size: "a|b\n-|-\n" * (size // 8),
        lambda size: "a|b\n-|-\n" + "x|\n" * (size // 3),
        lambda size: "|" * (size // 3) + "\n" + "-|" * (size // 3),
    ],
)
def test_the_work_for_a_text_grows_no_faster_than_the_text(make: Callable[[int], str]) -> None:
    small, large = calls_for(make(2_500)), calls_for(make(10_000))
    assert large < 6 * small + 2_000
    assert large < 1_500_000


def test_more_brackets_than_anyone_writes_links_are_only_text() -> None:
    assert "<a " in to_html("[x](https://a.example) " + "[ " * 200)
    assert "<a " not in to_html("[x](ftp://a.example) " + "[ " * 400)
    assert Look(to_html("[" * 400)).text == "[" * 400


_PLAIN_LETTERS = st.sampled_from(
    [*"abcXYZ019 ,!?;'’“”…()=%€$₹.", "हि", "न्दी", "।", "é", "中", "_", "*", ":", "-", "&", "<", "\n"]
)


@given(st.lists(_PLAIN_LETTERS, min_size=1, max_size=40).map("".join).map(str.strip).filter(bool))
@effort(max_examples=400, deadline=None)
def test_what_is_read_the_short_way_is_read_as_the_reader_reads_it(text: str) -> None:
    assert to_html(text) == markdown._CLEANER.clean(markdown._reader().render(text, {})).strip()


@pytest.mark.parametrize("text", ["Hello, how are you?", "नमस्ते, आप कैसे हैं?", "See you at 5 (or 6)."])
def test_most_of_what_people_say_goes_the_short_way(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_reader_for", None)
    assert to_html(text) == f"<p>{text}</p>"


@pytest.mark.parametrize("letter", ["क", "a", "े", " ", "!", "।"])
def test_the_short_way_is_short_where_it_does_not_lead(letter: str) -> None:
    began = time.process_time()
    to_html("क" + letter * 9_000 + "*")
    assert time.process_time() - began < 5  # letters that fit two alternatives would take longer than the universe has
