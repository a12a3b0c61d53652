"""Code in messages, marked by what its parts are: Pygments reads it, and a handful of classes says what it found.

Only languages of a fixed list are looked up, none is guessed, and what the work and its result may weigh is bounded: several
of the lexers take a time that grows with the square of what is written to annoy them. Beyond a bound the rest stays plain.
"""

import functools
import html
import time
from collections.abc import Iterator
from dataclasses import dataclass

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Operator, Token, _TokenType

_ROWS = """
bash         Bash, sh, shell, zsh, console, shellsession, shell-session, terminal
c            C, h
cpp          C++, c++, cc, hpp, cxx
csharp       C#, cs, c#
css          CSS
dart         Dart
diff         Diff, patch, udiff
docker       Dockerfile, dockerfile, containerfile
go           Go, golang
graphql      GraphQL, gql
haskell      Haskell, hs
html         HTML, htm, xhtml, svg
ini          INI, cfg, conf, config, dosini, env, dotenv, properties
java         Java
javascript   JavaScript, js, node, mjs, cjs
json         JSON, jsonc, json5, geojson
jsx          JSX
kotlin       Kotlin, kt, kts
latex        LaTeX, tex
lua          Lua
make         Makefile, makefile, mk
nginx        nginx
perl         Perl, pl, pm
php          PHP
powershell   PowerShell, ps1, pwsh, posh
python       Python, py, python3, py3, ipython, sage
pycon        Python console, python-console, doctest
r            R, rlang, splus
ruby         Ruby, rb, rake
rust         Rust, rs
scss         SCSS, sass
sql          SQL, sqlite, postgres, postgresql, mysql, psql, plpgsql
swift        Swift
toml         TOML
typescript   TypeScript, ts, tsx, mts
xml          XML, rss, xsd, xsl, xslt
yaml         YAML, yml
"""
"""The name Pygments has for a language, the language's own, and what else people write behind a fence."""

LANGUAGES: dict[str, str] = {}
"""What a language is called."""
_ALIASES: dict[str, str] = {}
for _name, _rest in (row.split(maxsplit=1) for row in _ROWS.strip().splitlines()):
    LANGUAGES[_name], *_others = _rest.split(", ")
    _ALIASES |= dict.fromkeys([_name, *_others], _name)

_CLASSES: dict[_TokenType, str] = {
    Comment: "c", Generic.Prompt: "c", Generic.Output: "c",
    Keyword: "k", Operator.Word: "k", Name.Tag: "k", Comment.Preproc: "k", Comment.PreprocFile: "s",
    Literal.String: "s",
    Literal.Number: "m", Literal.Date: "m", Literal.String.Escape: "m", Literal.String.Interpol: "m", Keyword.Constant: "m",
    Name.Function: "f", Name.Class: "f", Name.Exception: "f", Name.Namespace: "f",
    Name.Builtin: "b", Name.Attribute: "b", Name.Decorator: "b", Name.Variable: "b", Keyword.Type: "b", Name.Property: "b",
    Generic.Inserted: "i", Generic.Deleted: "d", Generic.Heading: "f", Generic.Subheading: "f",
}  # fmt: skip
CLASSES = frozenset(_CLASSES.values())
"""All that a part of code can be marked with: comment, keyword, string, number, function, builtin, inserted, deleted."""

_LONGEST_LINE = 1_000
"""Characters: nobody reads a longer one, and some lexers look at a line's rest again from each of its places."""


@dataclass(slots=True)
class Budget:
    """What is left for the code of one message."""

    seconds: float = 0.06
    """Of processor time: ten thousand characters of ordinary code take half of it."""
    parts: int = 2_000
    """Each adds 23 bytes; a page holds a hundred messages."""
    blocks: int = 20


def language(info: str) -> str:
    """The language that a fence's info string names, or nothing."""
    words = info.lower().replace("{", " ").replace("}", " ").split(maxsplit=1)
    return _ALIASES.get(words[0].removeprefix(".").partition(":")[0], "") if words else ""


def marked(code: str, name: str, budget: Budget) -> str:
    """HTML of `code`: its parts in `<span class>`, all else escaped; what it shows is `code`, whatever the lexer does."""
    budget.blocks -= 1
    if budget.blocks < 0 or max(map(len, code.split("\n"))) > _LONGEST_LINE:
        return html.escape(code)
    made: list[str] = []
    done = 0
    for css, text in _runs(code, name, budget):
        made.append(f'<span class="{css}">{html.escape(text)}</span>' if css else html.escape(text))
        done += len(text)
    return "".join(made) + html.escape(code[done:])


def _runs(code: str, name: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """Neighbours of one class together."""
    held, start, end = "", 0, 0
    for css, begins, ends in _parts(code, name, budget):
        if css == held:
            end = ends
            continue
        if end > start:
            yield held, code[start:end]
            budget.parts -= bool(held)
            if budget.parts <= 0:
                return
        held, start, end = css, begins, ends
    if end > start:
        yield held, code[start:end]


def _parts(code: str, name: str, budget: Budget) -> Iterator[tuple[str, int, int]]:
    """Classes and places, without a gap from the beginning, until the code or the budget ends or the lexer fails."""
    lexer = _lexer(name)
    began = time.thread_time()
    place = 0
    try:
        for begins, kind, text in lexer.get_tokens_unprocessed(code):
            if begins != place or budget.seconds < time.thread_time() - began:
                return
            place += len(text)
            yield _class(kind), begins, place
    except Exception:
        return  # a lexer's fault on something strange costs colours, not the message
    finally:
        budget.seconds -= time.thread_time() - began


@functools.cache  # of a few dozen
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, startinline=True)  # PHP is shown without its opening tag as often as with it


@functools.cache  # of some hundred kinds
def _class(kind: _TokenType) -> str:
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""
