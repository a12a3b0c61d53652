"""The template lint finds what the policy forbids, and lets good templates through."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.lint_templates import ROOT, STYLE_ALLOWED, TOKEN_NOT_NEEDED, complaints_about, main


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('<button hx-on:click="go()">x</button>', "hx-on"),
        ('<button hx-on::after-request="go()">x</button>', "hx-on"),
        ('<button data-hx-on-click="go()">x</button>', "hx-on"),
        ("""<a hx-vals='js:{a: b()}'>x</a>""", "js:"),
        ("""<a hx-headers=" javascript:{}">x</a>""", "js:"),
        ('<a hx-confirm="js:ask()">x</a>', "js:"),
        ("""<input hx-trigger="keyup[key=='Enter']">""", "[ ]"),
        ('<img src="/a.png" onerror="x()">', "onerror"),
        ('<IMG SRC="/a.png" ONERROR="x()">', "onerror"),
        ('<p style="color: red">x</p>', "style="),
        ('<a href="javascript:x()">x</a>', "javascript:"),
        ('<a href="java&#10;script:x()">x</a>', "javascript:"),
        ("<script>let a = 1</script>", "<script> without src"),
        ('<script src="/a.js">let a = 1</script>', "code inside"),
        ("<style>p { color: red }</style>", "<style>"),
        ('<script src="https://cdn.example/htmx.js"></script>', "third party"),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', "third party"),
        ('<form method="post"><button>x</button></form>', "csrf"),
        ('<form method="POST"><button>x</button>', "csrf"),
        ('<form method="{{ method }}"></form>', "csrf"),
        ('<form><button formmethod="post">x</button></form>', "csrf"),
        ('<form method="post"></form>{{ csrf() }}', "csrf"),
        ("""<p {{ attributes('hx-on:click') }}>x</p>""", "hx-on"),
        ('<p {% if x %}onclick="y()"{% endif %}>x</p>', "onclick"),
    ],
)
def test_what_the_policy_forbids_is_found(source: str, said: str) -> None:
    complaints = complaints_about(source)
    assert len(complaints) == 1
    assert said in complaints[0].text


@pytest.mark.parametrize(
    "source",
    [
        '<form method="post" action="/logout">{{ csrf() }}<button>Sign out</button></form>',
        '<form method="post">{{ forms.csrf() }}</form>',
        '<form method="post"><input type="hidden" name="csrf" value="{{ token }}"></form>',
        '<form action="/search"><input name="q"></form>',
        '<form method="dialog"><button>Close</button></form>',
        '<button hx-post="/x" hx-trigger="keyup changed delay:300ms">x</button>',
        """<p hx-vals='{"a": "{{ a }}"}'>x</p>""",
        '<script src="{{ asset("js/app.js") }}" defer></script>',
        '<link rel="stylesheet" href="{{ asset("css/app.css") }}">',
        '<a href="https://example.org" rel="noopener">x</a>',
        "{# <p onclick=x> hx-on #}",
        "<!-- <p onclick=x> -->",
        "<p>once upon a time: style=1, onclick=2</p>",
        """{% set words = {"a": 1 } %}<p class="{% if a < b %}c{% endif %}">x</p>""",
    ],
)
def test_good_templates_pass(source: str) -> None:
    assert complaints_about(source) == []


def test_a_complaint_names_the_line() -> None:
    source = '{#\ntwo lines\n#}\n{{ f(\n1) }}\n{% if a\n and b %}\n<p style="x">'
    assert [complaint.line for complaint in complaints_about(source)] == [8]


def test_a_style_passes_where_it_is_allowed() -> None:
    assert complaints_about("<style>p {}</style>", styles_allowed=True) == []


def test_a_form_passes_without_token_where_it_is_allowed() -> None:
    assert complaints_about('<form method="post"></form>', token_needed=False) == []


def test_each_exception_is_still_there() -> None:
    assert all((ROOT / name).exists() for name in STYLE_ALLOWED | TOKEN_NOT_NEEDED)


def test_the_command_says_where_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>\n<b onclick='x()'>")
    assert main([str(tmp_path)]) == 1
    assert f"{page}:2: onclick" in capsys.readouterr().out


def test_our_own_templates_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out
