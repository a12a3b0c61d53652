"""Keep out of the templates what the Content-Security-Policy forbids, and what a form must not lack.

    python -m tools.lint_templates [folder or file ...]

The policy would stop an inline handler in the browser, silently, on the one page that nobody opened; this says so
before.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("templates", "partials")

# Exceptions, file by file, each with its reason; a shrinking list.
STYLE_ALLOWED = {
    "templates/base.html": "one rule that names the reader and so shows what is theirs",
    "partials/live_start.html": "the same rule for the live document",
    "templates/embed.html": "the same rule for a frame, and its colour",
    "templates/embed_message.html": "the same",
}
TOKEN_NOT_NEEDED = {
    "partials/message.html": "the same bytes for every reader; the message's own page has the form",
}

Attributes = list[tuple[str, str | None]]
LOADED = {"src", "srcset", "poster"}


@dataclass(frozen=True)
class Complaint:
    """One line to mend, in the form that editors jump to."""

    line: int
    text: str


@dataclass
class Form:
    """A form that is open while the file is read."""

    line: int
    posts: bool
    guarded: bool = field(default=False)


class Reader(HTMLParser):
    """Reads one template whose Jinja parts were put out of the way, and collects complaints."""

    def __init__(self, styles_allowed: bool, token_needed: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.styles_allowed = styles_allowed
        self.token_needed = token_needed
        self.complaints: list[Complaint] = []
        self.forms: list[Form] = []
        self.inside_script = False

    def complain(self, text: str) -> None:
        self.complaints.append(Complaint(self.getpos()[0], text))

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        for name, value in attrs:
            for text in attribute_complaints(tag, name, value or ""):
                self.complain(text)
        known = dict(attrs)
        if tag == "script":
            self.inside_script = bool(known.get("src"))
            if not known.get("src"):
                self.complain("<script> without src: put the code into static/js")
        elif tag == "style" and not self.styles_allowed:
            self.complain("<style>: put the rules into static/css, or list the file in tools/lint_templates.py")
        self.follow_forms(tag, known)

    def follow_forms(self, tag: str, known: dict[str, str | None]) -> None:
        if tag == "form":
            self.close_form()
            # A method that Jinja fills in may be post.
            self.forms.append(
                Form(self.getpos()[0], posts=(known.get("method") or "get").lower() not in ("get", "dialog"))
            )
        elif self.forms and (known.get("formmethod") or "").lower() == "post":
            self.forms[-1].posts = True
        elif self.forms and tag == "input" and known.get("name") == "csrf":
            self.forms[-1].guarded = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.close_form()
        elif tag == "script":
            self.inside_script = False

    def handle_data(self, data: str) -> None:
        if self.inside_script and data.strip():
            self.complain("code inside <script>: put it into static/js")

    def close(self) -> None:
        super().close()
        self.close_form()

    def close_form(self) -> None:
        if not self.forms:
            return
        form = self.forms.pop()
        if self.token_needed and form.posts and not form.guarded:
            text = "a form that posts needs {{ csrf() }} inside: browsers without Sec-Fetch-Site are refused without it"
            self.complaints.append(Complaint(form.line, text))


def attribute_complaints(tag: str, name: str, value: str) -> Iterator[str]:
    """What is wrong with one attribute; `value` has its entities resolved, as a browser sees it."""
    tight = re.sub(r"[\x00-\x20]", "", value).lower()
    if name.removeprefix("data-").startswith("hx-on"):
        yield f"{name}: hx-on needs eval; listen in static/js"
    elif re.fullmatch(r"on[a-z]+", name):
        yield f"{name}: inline handlers are blocked by the policy; listen in static/js"
    if name == "style":
        yield "style=: inline styles are blocked by the policy; use a class"
    if name.removeprefix("data-").startswith("hx-") and tight.startswith(("js:", "javascript:")):
        yield f"{name}: js: needs eval; write JSON, or do it in static/js"
    elif tight.startswith(("javascript:", "vbscript:")):
        yield f"{name}: a javascript: address runs code; use a button and static/js"
    if name.removeprefix("data-").startswith("hx-trigger") and "[" in value:
        yield f"{name}: filters in [ ] need eval; choose another event"
    loads = name in LOADED or (tag == "link" and name == "href")
    if loads and re.match(r"(https?:)?//", tight):
        yield f"{name}: the page would ask a third party; keep a copy in static/vendor"


# --- Jinja ----------------------------------------------------------------------------------------------------------

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
RAW_MARK = re.compile(r"\{%[-+]?\s*(?:end)?raw\s*[-+]?%\}")
GUARD = re.compile(r"\{\{-?\s*(?:\w+\.)*csrf\w*\s*(?:\([^)]*\))?\s*-?\}\}")
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
SNEAKED = re.compile(r"hx-on\b|javascript:", re.IGNORECASE)


def without_jinja(source: str) -> str:
    """The HTML that a parser can follow, with every line where it was."""
    html = COMMENT.sub(blank, source)
    html = RAW_MARK.sub(blank, html)
    html = GUARD.sub('<input name="csrf">', html)
    html = EXPRESSION.sub(lambda match: "j" + blank(match).strip(" "), html)
    return STATEMENT.sub(lambda match: blank(match) or " ", html)


def blank(match: re.Match[str]) -> str:
    return " " + "\n" * match[0].count("\n")


def complaints_about(source: str, styles_allowed: bool = False, token_needed: bool = True) -> list[Complaint]:
    """Everything to mend in one template, top to bottom."""
    reader = Reader(styles_allowed, token_needed)
    reader.feed(without_jinja(source))
    reader.close()
    hidden = [
        Complaint(source.count("\n", 0, part.start()) + 1, f"{found[0]} inside a Jinja expression")
        for pattern in (EXPRESSION, STATEMENT)
        for part in pattern.finditer(COMMENT.sub(blank, source))
        if (found := SNEAKED.search(part[0]))
    ]
    return sorted([*reader.complaints, *hidden], key=lambda complaint: complaint.line)


def templates(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.rglob("*.html")) if place.is_dir() else [place]


def main(arguments: list[str]) -> int:
    places = [Path(argument).resolve() for argument in arguments] or [ROOT / folder for folder in FOLDERS]
    count = 0
    for path in templates(places):
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
        source = path.read_text(encoding="utf-8")
        for complaint in complaints_about(source, name in STYLE_ALLOWED, name not in TOKEN_NOT_NEEDED):
            print(f"{name}:{complaint.line}: {complaint.text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
