"""Searching our own GIFs in two languages and two scripts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sampark import folding
from sampark.gifs.library import STARTER, Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


async def ids(library: Library, query: str) -> list[str]:
    return [gif.id for gif in (await library.search(query, "en")).gifs]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("tea", "tea"),
        ("TEA", "tea"),
        ("  Chai ", "tea"),
        ("चाय", "tea"),
        ("shukriya", "thank-you"),
        ("शुक्रिया", "thank-you"),
        ("badhai", "congratulations"),
        ("बधाई", "congratulations"),
        ("happy birthday", "birthday"),
        ("जन्मदिन मुबारक", "birthday"),
        ("namas", "namaste"),
        ("नमस", "namaste"),
        ("let's go", "lets-go"),
        ("good n", "good-night"),
        ("दिवाली", "diwali"),
        ("diw", "diwali"),
        ("chhakka", None),
        ("chakka", "cricket"),
        ("nahi", "no"),
        ("peacock", "dance"),
    ],
)
async def test_what_people_type_finds_what_they_mean(library: Library, query: str, first: str | None) -> None:
    found = await ids(library, query)
    assert (found[0] if found else None) == first


@pytest.mark.parametrize(
    ("typed", "also"), [("मज़ाक", "मजाक"), ("फ़ुटबॉल", "फुटबॉल"), ("चाँद", "चांद"), ("ज़बरदस्त", "ज़बरदस्त")]
)
async def test_nukta_and_moon_dots_do_not_matter(library: Library, typed: str, also: str) -> None:
    found = await ids(library, typed)
    assert found
    assert await ids(library, also) == found


async def test_nuktas_that_are_one_letter_or_two_are_the_same() -> None:
    assert folding.fold("\u0958") == folding.fold("\u0915\u093c") == "\u0915"


async def test_vowel_signs_do_matter(library: Library) -> None:
    assert folding.split("नमस्ते जी।") == ["नमस्ते", "जी"]
    assert "music" in await ids(library, "गीत")
    assert "music" not in await ids(library, "गत")


async def test_an_exact_tag_stands_before_a_prefix_before_a_title_before_a_description(tmp_path: Path) -> None:
    def entry(id: str, title: str, tags: list[str], alt: str) -> dict[str, object]:
        return {"id": id, "title": {"en": title}, "tags": {"en": tags}, "alt": {"en": alt}, "width": 9, "height": 9}

    index = [
        entry("d", "Four", ["x"], "a zebra runs"),
        entry("c", "Zebra", ["y"], "-"),
        entry("b", "Two", ["zebrafish"], "-"),
        entry("a", "One", ["zebra"], "-"),
    ]
    (tmp_path / "index.json").write_text(json.dumps({"gifs": index}))
    library = Library(tmp_path / "none", starter=tmp_path)
    assert await ids(library, "zebra") == ["a", "b", "c", "d"]
    assert await ids(library, "zebra runs") == ["d"], "each typed word must be found"
    assert await ids(library, "quagga") == []


async def test_texts_come_in_the_language_asked_for(library: Library) -> None:
    english, hindi, tamil = [(await library.search("chai", language)).gifs[0] for language in ("en", "hi", "ta")]
    assert (english.title, hindi.title) == ("Time for chai", "चाय का समय")
    assert hindi.alt.startswith("तश्तरी")
    assert tamil == english


async def test_everything_comes_page_by_page_in_its_order(library: Library) -> None:
    seen, page = [], None
    while True:
        part = await library.trending("en", page)
        seen += [gif.id for gif in part.gifs]
        page = part.next_page
        if page is None:
            break
        assert len(part.gifs) == 24
    order = [entry["id"] for entry in json.loads((STARTER / "index.json").read_text())["gifs"]]
    assert seen == order
    assert (await library.trending("en", "9999")).gifs == ()


async def test_files_are_found_by_id_and_by_nothing_else(library: Library) -> None:
    gif = await library.get("tea")
    assert gif is not None
    assert gif.provider == "local"
    assert gif.url == ""
    path, media_type = library.file("tea") or (Path(), "")
    assert path.name == gif.key
    assert media_type == "image/webp"
    assert path.read_bytes()[8:12] == b"WEBP"
    still, _ = library.still("tea") or (Path(), "")
    assert still.name == "tea.still.webp"
    for id in ("../tea", "/etc/passwd", "tea.still", "tea\0", "", "index.json", "..", "TEA", "x" * 300):
        assert library.file(id) is None
        assert library.still(id) is None
        assert await library.get(id) is None


@pytest.mark.parametrize(
    "query", ["\0", "%", "*", "a" * 100_000, "\u0300" * 5000, "' OR 1=1 --", "<svg onload>", "।", "🙂"]
)
async def test_a_hostile_query_finds_little_and_harms_nothing(library: Library, query: str) -> None:
    assert len((await library.search(query, "en")).gifs) <= 24


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"gifs": 7}', '{"gifs": [7, null, {"id": "../x"}, {"id": "a"}]}', "[" * 100_000]
)
async def test_a_broken_index_of_imports_leaves_the_starter_pack(tmp_path: Path, body: str) -> None:
    (tmp_path / "index.json").write_text(body)
    assert len((await Library(tmp_path).trending("en")).gifs) == 24


def test_nothing_is_read_before_the_first_question(tmp_path: Path) -> None:
    script = (
        "import sys; from sampark.gifs.search import Finder, configured; from sampark.gifs.library import Library;"
        "from pathlib import Path; finder = Finder(Library(Path('x')), configured('k', 'k'));"
        "assert not finder.library._entries; print([name for name in ('aiohttp', 'PIL') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
