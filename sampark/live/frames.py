"""Changes as bytes: what every kind of reader is told, and server-sent events for htmx.

Event stream format: https://html.spec.whatwg.org/multipage/server-sent-events.html; `<hx-partial>`: htmx 4. Browsers without
JavaScript get the same fragments as pieces of a document: `sampark.live.document`.
"""

import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from sampark.fragments import Fragments
from sampark.live.changes import Changes

if TYPE_CHECKING:
    from sampark.live.gathering import Gathering

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

    @property
    def is_worn(self) -> bool:
        """Whether this reader should begin anew, because what it has been told grows too long."""

    def opening(self, version: int) -> bytes: ...
    def changes(self, changes: Changes) -> bytes | None:
        """None: this reader cannot be brought up to date, and must begin anew."""

    def members(self, gathering: "Gathering", make: Callable[[], str]) -> bytes | None:
        """Who is in the room now. `make`: what htmx is told of it, which may be the difference only."""

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
    is_worn = False

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

    def members(self, gathering: "Gathering", make: Callable[[], str]) -> bytes | None:
        return event(make())

    def typing(self, html: str) -> bytes | None:
        return event(partial("#typing", "outerHTML", html))

    def marks(self, html: str) -> bytes | None:
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
