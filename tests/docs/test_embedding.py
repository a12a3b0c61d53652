"""The docs say what the room's "Embed" page says: the same snippets, and its words for what is chosen there."""

from __future__ import annotations

import html
import re

import pytest

from tests.databases import on_sqlite
from tests.docs.snippets import DOCS, snippets
from tests.embeds import OURS
from tests.support import Site

ROOM = "k3f9x2mq7hpt"


def shown(code: str) -> str:
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def one_line(text: str) -> str:
    return re.sub(r"\s*(<)|\s+", lambda found: found[1] or " ", text.strip())


async def page_of(site: Site) -> tuple[str, str]:
    asha = await site.person("asha")
    code = await site.room(asha, name="Class 7B")
    return code, (await asha.get(f"/rooms/{code}/embed")).text


@pytest.mark.parametrize(
    ("name", "path", "number"),
    [
        ("frame", "embedding.md", 0),
        ("frame", "embedding/frame.md", 0),
        ("frame", "embedding/plain-html.md", 0),
        ("frame", "embedding/wordpress.md", 0),
        ("vouch", "embedding/frame.md", 1),
        ("element", "embedding/element.md", 0),
        ("fragments", "embedding/fragments.md", 0),
    ],
)
@on_sqlite
async def test_snippets_are_those_of_the_product(site: Site, name: str, path: str, number: int) -> None:
    code, page = await page_of(site)
    found = re.search(rf'<pre id="snippet-{name}"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    assert found
    ours = html.unescape(found[1]).replace(OURS, "https://chat.example.org").replace(shown(code), shown(ROOM))
    ours = ours.replace(code, ROOM).replace('value="…"', 'value="{{ chat_token }}"')
    assert one_line(snippets(path, "html")[number]) == one_line(ours)


@on_sqlite
async def test_words_are_those_of_the_product(site: Site) -> None:
    _, page = await page_of(site)
    settings = page.partition('id="embed-settings"')[2].partition("<select")[0]
    words = [
        *re.findall(r'<input type="checkbox"[^>]*> ([^<]+)</label>', settings),
        *re.findall(r"<(?:legend|b)>([^<]+)<", settings),
        *re.findall(r'<h2 id="(?:sites|snippets)-title">([^<]+)<', page),
    ]
    assert len(words) == 8
    said = " ".join((DOCS / "embedding.md").read_text().split())
    assert [text for text in words if f"*{html.unescape(text)}*" not in said] == []
