"""Code in messages: what is marked, and what nobody can do with it."""

from __future__ import annotations

import html
import re
import time

import pytest

from sampark.text import code
from sampark.text.code import CLASSES, LANGUAGES, Budget, language, marked
from sampark.text.markdown import to_html

PYTHON = 'def greet(name):  # says it\n    return f"नमस्ते {name} <{1 + 2}>"\n'


def shown(made: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", made))


def test_code_is_marked_by_what_it_is() -> None:
    made = to_html(f"```python\n{PYTHON}```")
    assert made.startswith(
        '<pre data-language="python"><code><span class="k">def</span> <span class="f">greet</span>(name):'
    )
    assert '<span class="c"># says it</span>' in made
    assert shown(made) == PYTHON


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("python", "python"),
        ("Python", "python"),
        ("py", "python"),
        ("py title=x", "python"),
        ("js:app.js", "javascript"),
        ("c++", "cpp"),
        ("C#", "csharp"),
        ("{.sh}", "bash"),
        ("  yml ", "yaml"),
        ("", ""),
        ("text", ""),
        ("brainfuck", ""),
        ("../../etc", ""),
        ("python.evil", ""),
        (":", ""),
        ("{}", ""),
    ],
)
def test_the_language_is_the_one_that_was_named(info: str, name: str) -> None:
    assert language(info) == name
    assert ("data-language" in to_html(f"```{info}\nx = 1\n```")) is bool(name)


def test_a_language_that_nobody_named_is_not_guessed() -> None:
    assert to_html(f"```\n{PYTHON}```") == f"<pre><code>{html.escape(PYTHON, quote=False)}</code></pre>"


@pytest.mark.parametrize("name", LANGUAGES)
def test_each_language_has_its_lexer(name: str) -> None:
    sample = '# /* x */ "text" 12 <a b="c"> if while function select class def\n- one\n+ two\n// -- %\n'
    made = marked(sample, name, Budget(seconds=60))
    assert shown(made) == sample
    assert {*re.findall('class="(.*?)"', made)} <= CLASSES


ATOMS = ['"\\', "\n", "a\n", "a.", "=", "<!--"]
"""What the slowest of the lexers were slowest with, out of a hundred such."""


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_is_written_to_annoy_a_lexer_takes_no_longer_than_it_may(name: str) -> None:
    marked("x", name, Budget())
    for atom in ATOMS:
        text = re.sub("([^\n]{900})", "\\1\n", atom * (9_900 // len(atom)))
        began = time.thread_time()
        made = marked(text, name, Budget())
        assert time.thread_time() - began < 1.5, (name, atom)
        assert shown(made) == text
        assert len(made) < len(html.escape(text)) + 60_000


def test_all_the_code_of_a_message_has_one_budget() -> None:
    assert to_html("```py\nif 1: pass\n```\n" * 400).count("data-language") == 400
    assert to_html("```py\nif 1: pass\n```\n" * 400).count("<span") == 20 * 3
    assert to_html("```json\n[" + "1," * 3_000 + "]\n```").count("<span") == 0  # longer than any line is read
    assert marked("1,\n" * 3_000, "json", Budget(seconds=60)).count("<span") == Budget().parts


def test_beyond_the_budget_the_rest_is_plain() -> None:
    text = PYTHON * 40
    made = marked(text, "python", Budget(parts=10))
    assert made.count("<span") == 10
    assert shown(made) == text
    assert "<span" not in marked(text, "python", Budget(seconds=-1))


def test_a_lexer_that_fails_or_loses_text_costs_colours_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ill:
        def get_tokens_unprocessed(self, text: str):  # type: ignore[no-untyped-def]
            yield 0, code.Keyword, text[:2]
            yield 2, code.Keyword, "<b>"
            yield 4, code.Keyword, "x"
            raise IndexError

    monkeypatch.setattr(code, "_lexer", lambda name: Ill())
    assert shown(marked("ab<b>cd", "python", Budget())) == "ab<b>cd"
    monkeypatch.setattr(Ill, "get_tokens_unprocessed", lambda self, text: 1 / 0)
    assert marked("a<b", "python", Budget()) == "a&lt;b"
