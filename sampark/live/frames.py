"""Changes as bytes: server-sent events for htmx, and pieces of an endless document for browsers without JavaScript.

Both carry the same fragments. Event stream format: https://html.spec.whatwg.org/multipage/server-sent-events.html;
`<hx-partial>`: htmx 4; `<template for>` with `<?start name>` marks: the HTML Standard's out-of-order patching.
"""

import random
import re
from collections.abc import Callable
from typing import Protocol

from sampark.chat.history import Page
from sampark.db import Row
from sampark.fragments import Fragments
from sampark.live.changes import Changes

_LINE_END = re.compile("\r\n|\r|\n")

HEARTBEAT = 15.0
"""Seconds; below every proxy's idle limit (60 s), and contract section 5.7."""


class Frames(Protocol):
    """How one kind of reader is told things, in one language. None: it is not told."""

    language: str
    kind: tuple[str, ...]
    """Readers of one kind are told the same bytes."""
    transport: str
    """What metrics call it."""

    def opening(self, version: int) -> bytes: ...
    def changes(self, changes: Changes) -> bytes | None:
        """None: this reader cannot be brought up to date, and must begin anew."""

    def members(self, make: Callable[[], str]) -> bytes | None: ...
    def typing(self, html: str) -> bytes | None: ...
    def marks(self, html: str) -> bytes | None: ...
    def news(self, said: str) -> bytes | None: ...
    def heartbeat(self) -> bytes: ...
    def gone(self, reason: str) -> bytes: ...
    def bye(self) -> bytes: ...


def event(data: str = "", *, name: str = "", id: int | None = None, retry: int | None = None) -> bytes:
    """One block. No line of `data` can become a field of its own, whatever stands in it."""
    lines = []
    if id is not None:
        lines.append(f"id: {id}")
    if name:
        lines.append(f"event: {name}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    if data:
        lines += [f"data: {line}" for line in _LINE_END.split(data)]
    return ("\n".join(lines) + "\n\n").encode()


def partial(target: str, swap: str, html: str = "") -> str:
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


class EventFrames:
    """Server-sent events, swapped by htmx."""

    transport = "sse"

    def __init__(self, fragments: Fragments, language: str) -> None:
        self._fragments = fragments
        self.language = language
        self.kind: tuple[str, ...] = ("event", language)

    def opening(self, version: int) -> bytes:
        return event(id=version)

    def changes(self, changes: Changes) -> bytes:
        return event(self._partials(changes), id=changes.version)

    def _partials(self, changes: Changes) -> str:
        if changes.page is not None:
            html = self._fragments.render(
                "messages.html",
                self.language,
                page=changes.page,
                html=self._page(changes),
                shows_older=True,
                shows_newer=False,
                goes_live=False,
            )
            return partial("#messages", "innerHTML", html)
        parts = []
        if changes.new:
            parts.append(
                partial("#messages", "upsert key:data-seq", self._fragments.messages(changes.new, self.language))
            )
        parts += [
            partial(f"#message-{row['seq']}", "outerHTML", self._fragments.message(row, self.language))
            for row in changes.changed
        ]
        parts += [partial(f"#message-{seq}", "delete") for seq in changes.deleted]
        return "\n".join(parts)

    def _page(self, changes: Changes) -> str:
        return self._fragments.messages(changes.page.messages if changes.page else [], self.language)

    def members(self, make: Callable[[], str]) -> bytes:
        return event(make())

    def typing(self, html: str) -> bytes:
        return event(partial("#typing", "outerHTML", html))

    def marks(self, html: str) -> bytes:
        return event(html)

    def news(self, said: str) -> bytes | None:
        return None

    def heartbeat(self) -> bytes:
        return b":\n\n"

    def gone(self, reason: str) -> bytes:
        return event(reason, name="gone")

    def bye(self) -> bytes:
        # Spread, so that a deploy does not bring everyone back in one moment; htmx adds up to a third, and five seconds are promised.
        return event("bye", name="bye", retry=random.randint(1000, 3500))  # noqa: S311 - no secret


class OwnFrames(EventFrames):
    """Of a person's own stream, without a room."""

    transport = "user"

    def news(self, said: str) -> bytes:
        return event(said, name="news")


class DocumentFrames:
    """Pieces of a document that never ends. Where the browser patches out of order, deleted messages vanish and changed ones
    change in place; elsewhere deleted ones are hidden by a late style sheet, from the same bytes."""

    transport = "html"

    def __init__(self, fragments: Fragments, language: str, nonce: str) -> None:
        self._fragments = fragments
        self._nonce = nonce
        self.language = language
        self.kind: tuple[str, ...] = ("document", language, nonce)
        self._last = 0
        self._begun: dict[int, int] = {}
        """What the document began with: number → version."""

    def opening(self, version: int) -> bytes:
        return b""

    def changes(self, changes: Changes) -> bytes | None:
        if changes.page is not None:
            return None
        # A document only grows: what it began with, because it was posted just then, is not added once more.
        added = [row for row in changes.new if row["seq"] > self._last]
        parts = [self._message(row) for row in added]
        parts += [
            f'<template for="m{row["seq"]}">{self._message(row)}</template>'
            for row in [*changes.new, *changes.changed]
            if row not in added and row["version"] > self._begun.get(row["seq"], 0)
        ]
        if changes.deleted:
            parts += [f'<template for="m{seq}"></template>' for seq in changes.deleted]
            hidden = ",".join(f"#message-{seq}" for seq in changes.deleted)
            parts.append(f'<style nonce="{self._nonce}">{hidden}{{display:none!important}}</style>')
        # What is made is written. Where another reader's block cannot be made, all are told once more: then this one is changed in place.
        self._last = max([self._last, *(row["seq"] for row in added)])
        return "\n".join([*parts, ""]).encode()

    def _message(self, row: Row) -> str:
        return f'<?start name="m{row["seq"]}">{self._fragments.message(row, self.language)}<?end name="m{row["seq"]}">'

    def history(self, page: Page) -> str:
        """What the document begins with."""
        self._last = page.last
        self._begun = {row["seq"]: row["version"] for row in page.messages}
        return "\n".join(self._message(row) for row in page.messages)

    def members(self, make: Callable[[], str]) -> None:
        return None

    def typing(self, html: str) -> bytes:
        return f'<template for="typing"><?start name="typing">{html}<?end name="typing"></template>\n'.encode()

    def marks(self, html: str) -> None:
        return None

    def news(self, said: str) -> None:
        return None

    def heartbeat(self) -> bytes:
        return b"<!-- -->\n"

    def gone(self, reason: str) -> bytes:
        return self._fragments.render("live_end.html", self.language, reason=reason).encode()

    def bye(self) -> bytes:
        return self._fragments.render("live_end.html", self.language, reason="bye").encode()
