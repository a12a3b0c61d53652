"""Answers: a whole page, or with `HX-Request` the same partial alone; redirects; and what every page knows."""

import base64
import hashlib
import json
import secrets
from collections import defaultdict
from typing import Any, cast
from urllib.parse import quote

from quart import Response, flash, g, get_flashed_messages, request, session

from sampark.access import Person
from sampark.text import language
from sampark.text.problems import Problem
from sampark.web import csrf, framing, own_emoji
from sampark.web.parts import parts

THEMES = ("system", "light", "dark")
COOKIE_LIFETIME = 400 * 24 * 3600
"""The most that browsers keep a cookie for."""


_PLAIN = "message"


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def chosen_language() -> str:
    """By choice, then cookie, then the browser's wish, then English."""
    person = g.get("person")
    kept: tuple[Person | None, str] | None = g.get("language")
    if kept is None or kept[0] is not person:
        kept = g.language = (person, _language_for(person))
    return kept[1]


def _language_for(person: Person | None) -> str:
    for code in (person.language if person else None, request.cookies.get("language")):
        if code in language.LANGUAGES:
            return str(code)
    return language.negotiate(request.headers.get("Accept-Language", ""))


def chosen_theme() -> str:
    person = g.get("person")
    theme = person.theme if person else request.cookies.get("theme")
    return theme if theme in THEMES else "system"


def say(problem: Problem) -> str:
    """A problem's sentence, in the language of whoever asks."""
    translated = language.sentences(chosen_language()).gettext(problem.sentence)
    return translated % problem.values if problem.values else translated


async def page(name: str, code: int = 200, /, **values: Any) -> Response:
    """The page `name`, or for htmx its partial of the same name."""
    # What there is to tell waits for a page of the chat: errors are the same for everyone.
    notices = [] if code >= 400 or is_htmx() else await _notices()
    html = render(f"{name}.html" if is_htmx() else f"pages/{name}.html", **values, notices=notices)
    return Response(html, code, content_type="text/html; charset=utf-8")


def fragment(name: str, code: int = 200, /, **values: Any) -> Response:
    return Response(render(f"{name}.html", **values), code, content_type="text/html; charset=utf-8")


def render(template: str, **values: Any) -> str:
    person: Person | None = g.get("person")
    known: dict[str, Any] = {
        "person": person,
        "csrf": values["csrf"] if "csrf" in values else csrf.token(parts().settings.secret_key),
        "theme": chosen_theme(),
        "path": request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/",
        "own_style": _own_style(person, values.get("line_above"), values.get("accent", "")),
        "command": "⌘" if has_command_key() else "Ctrl",
        "problem": None,
        "say": say,
        "notices": [],
        "few_emoji": own_emoji.few,
    }
    form = defaultdict(str, values.pop("form", {}))
    return parts().fragments.render(template, chosen_language(), **{**known, **values, "form": form})


def _own_style(person: Person | None, line_above: int | None, accent: str) -> str:
    """The rules that show what is one's own, and where the new messages begin; a frame's own colour (`#rrggbb`).

    A username holds letters, marks, digits and `_ . -` only (a guest's also begins with `~`), so it needs no quoting.
    """
    css = f":root{{--accent:{accent}}}" if accent else ""
    if person is None and not css:
        return ""
    if person is not None:
        css += f'[data-author="{person.username}"]{{--mine:var(--mine-tint);--mine-edge:3px;--mine-tools:inline-flex}}'
    if line_above is not None:
        css += f"#message-{line_above}{{--new:block}}"
    # Allowed by its hash rather than a nonce: the same page is the same bytes, for one who looks for a room that is not there, too.
    g.style_hash = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return css


def has_command_key() -> bool:
    """Whether the keyboard is most likely an Apple one; only what keys are called depends on it."""
    return "Mac OS X" in request.headers.get("User-Agent", "")


def new_key() -> str:
    """What makes a form's message one message, however often it is sent."""
    return secrets.token_urlsafe(12)


def go(path: str) -> Response:
    """303: to the page that shows the result."""
    return Response("", 303, {"Location": path}, content_type="text/html; charset=utf-8")


def local_path(wanted: str, otherwise: str = "/") -> str:
    """`wanted` if it leads to a path of this site and nowhere else."""
    safe = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and all(letter.isprintable() and letter != "\\" for letter in wanted)
    )
    return wanted if safe else otherwise


async def tell(sentence: str, **values: str) -> None:
    """Show a sentence on the next page, in its language; `%(name)s` in it are places for `values`."""
    # As its category: the session keeps nothing else with a notice.
    await flash(sentence, json.dumps(values) if values else _PLAIN)


def tell_nobody() -> None:
    """What was to be told to whoever was here is not told to the next."""
    session.pop("_flashes", None)


async def _notices() -> list[str]:
    translate = language.sentences(chosen_language()).gettext
    kept = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    return [translate(words) if values == _PLAIN else translate(words) % json.loads(values) for values, words in kept]


def way_to_sign_in() -> str:
    """The sign-in page, which leads back to where the person wanted to go."""
    here = request.full_path.rstrip("?")
    if request.method not in {"GET", "HEAD"} or framing.is_framed():
        room = (request.view_args or {}).get("room")
        here = f"/rooms/{room}" if room else "/"
    return "/login" if here == "/" else f"/login?next={quote(here, safe='/')}"


def wants_no_redirect() -> bool:
    """htmx would follow a redirect and swap the sign-in page into the chat; a stream cannot be a page at all."""
    return is_htmx() or request.path.endswith("/events")
