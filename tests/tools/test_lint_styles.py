"""The style lint finds what would not turn round in a script from right to left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.lint_styles import complaints_about, main


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("margin-left: 1rem", "margin-left"),
        ("color: red; left: 0", "left"),
        ("width: 3px", "width"),
        ("max-height: 3px", "max-height"),
        ("border-top-left-radius: 3px", "border-top-left-radius"),
        ("border-right: 1px solid", "border-right"),
        ("overflow-y: auto", "overflow-y"),
        ("text-align: left", "text-align"),
        ("float: right", "float"),
        ("padding: 1px 2px 3px 4px", "padding"),
        ("inset: 0 auto 0 calc(1rem + 2px)", "inset"),
        ("border-radius: 1rem 0", "border-radius"),
        ("border-radius: 1px 2px 2px 3px", "border-radius"),
    ],
)
def test_a_side_is_named(rule: str, said: str) -> None:
    for sheet in (f"a {{\n {rule}; }}", f"@media (width < 30rem) {{ @layer x {{\n a {{ {rule} }} }} }}"):
        [(line, sentence)] = complaints_about(sheet)
        assert line == 2
        assert sentence.startswith(f"{said}:")


@pytest.mark.parametrize(
    "rule",
    [
        "margin-inline-start: 1rem",
        "inset-inline: 0",
        "inline-size: 3px",
        "text-align: start",
        "padding: 1px 2px 3px 2px",
        "margin: 0 auto calc(1px + 2px)",
        "border-radius: 50% 50% 0.45em 0.45em / 56% 56% 0.45em 0.45em",
        "border-radius: 3px 3px 0 0",
        "grid-template: 'left right' auto / 1fr 1fr",
        "--left: 1px",
        "background: linear-gradient(to left, red, blue)",
        "/* width: 3px; */ color: red",
        "content: 'left: 3px; width: 2px;'",
        "transition: width 1s",
    ],
)
def test_what_has_no_side_is_let_through(rule: str) -> None:
    assert list(complaints_about(f"@media (width < 30rem) and (height > 3px) {{ a:hover {{ {rule}; }} }}")) == []


def test_the_style_sheets_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out


def test_it_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "x.css"
    sheet.write_text("a { color: red; }\nb { left: 0; }\n")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"{sheet}:2: left: use the logical property\n"
