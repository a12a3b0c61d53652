"""Code in the docs, for tests that run it."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def snippets(path: str, language: str) -> list[str]:
    """The blocks of code in a page of the docs, in this language."""
    found: list[str] = []
    inside: list[str] | None = None
    for line in (DOCS / path).read_text().splitlines():
        bare = line.strip()
        if inside is None and bare == f"```{language}":
            inside = []
        elif inside is not None and bare == "```":
            found.append("\n".join(inside) + "\n")
            inside = None
        elif inside is not None:
            inside.append(line)
    return found
