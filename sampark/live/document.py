"""The room as a document that never ends, for browsers without JavaScript.

One stream of bytes for two kinds of browser. The first patches out of order (`<template for>` with `<?start name>` marks, the
HTML Standard): it changes what stands there. In the second a patch is inert, and what changes can only be hidden by a late
style sheet, while a copy of it is shown in the same place (`order`). The copies need no question which kind it is: each is
followed by an empty patch of itself, so the first kind removes it at once.
"""

import random
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sampark.chat.history import Page
from sampark.db import Row
from sampark.fragments import Fragments
from sampark.live.changes import Changes

if TYPE_CHECKING:
    from sampark.live.gathering import Gathering

LOST_AFTER = 40
"""Seconds without a beat after which the document says that its line is lost. Beats come every `frames.HEARTBEAT`."""
BEAT_EVERY = 10.0
"""Seconds: in a busy room other blocks bring the beat along, but not each of them."""
MOST_TOLD = 200
"""Messages, changes and copies that make a document long: it ends, and is loaded anew."""
MOST_COPIES = 1000
LONGEST = 1800.0
"""Seconds: so old it is loaded anew, too."""


class DocumentFrames:
    """A `frames.Frames` for one reader: it knows what stands in that reader's document."""

    transport = "html"

    def __init__(self, fragments: Fragments, language: str, nonce: str, address: str = "") -> None:
        """`address`: of the document, to load it anew."""
        self._fragments = fragments
        self._nonce = nonce
        self._address = address
        self.language = language
        self.kind: tuple[str, ...] = ("document", language, nonce)
        self._last = 0
        self._shown: dict[int, int] = {}
        """What stands in the document: number → version."""
        self._places: dict[str, int] = {}
        """Where a copy stands for what others change in place: name → the copy's number."""
        self._copies = 0
        self._told = 0
        self._is_behind = False
        self._began = self._beat_at = time.monotonic()

    @property
    def is_worn(self) -> bool:
        return self._told >= MOST_TOLD or self._copies >= MOST_COPIES or time.monotonic() - self._began > LONGEST

    def history(self, page: Page) -> str:
        """What the document begins with."""
        self._last = page.last
        self._shown = {row["seq"]: row["version"] for row in page.messages}
        return "\n".join([self._orders(self._shown), *(self._message(row) for row in page.messages)])

    def opening(self, version: int) -> bytes:
        return b""

    def changes(self, changes: Changes) -> bytes | None:
        if changes.page is not None or self.is_worn:
            self._is_behind = True
            return None
        # A document only grows: what it began with, because it was posted just then, is not added once more.
        added = [row for row in changes.new if row["seq"] > self._last]
        changed = [row for row in [*changes.new, *changes.changed] if row["version"] > self._version_of(row, added)]
        deleted = [seq for seq in changes.deleted if seq in self._shown]
        parts = [self._orders([row["seq"] for row in added])] if added else []
        parts += [self._message(row) for row in added]
        parts += [self._changed(row) for row in changed]
        parts += [self._deleted(deleted)] if deleted else []
        self._told += len(added) + len(changed) + len(deleted)
        # What is made is written. Where another reader's block cannot be made, all are told once more: then this one is changed in place.
        self._last = max([self._last, *(row["seq"] for row in added)])
        self._shown |= {row["seq"]: row["version"] for row in [*added, *changed]}
        return self._block(*parts)

    def _version_of(self, row: Row, added: list[Row]) -> int:
        """Which version of it stands there; what does not stand there is not to be changed."""
        stands = row["seq"] in self._shown and row not in added
        return self._shown[row["seq"]] if stands else int(row["version"])

    def _orders(self, seqs: Iterable[int]) -> str:
        """Copies find their place among what they are copies of by its number."""
        return self._for_others("".join(f"#message-{seq}{{order:{seq}}}" for seq in seqs))

    def _message(self, row: Row) -> str:
        return _marked(f"m{row['seq']}", self._fragments.message(row, self.language))

    def _changed(self, row: Row) -> str:
        seq, html = row["seq"], self._fragments.message(row, self.language)
        hidden, number = self._replaced(f"m{seq}", f"#messages>#message-{seq}")
        copy = f'<div class="copy-{number}">{html}</div>'
        return _patch(f"m{seq}", html) + self._for_others(f"{hidden}.copy-{number}{{order:{seq}}}", copy)

    def _deleted(self, seqs: list[int]) -> str:
        for seq in seqs:
            del self._shown[seq]
        hidden = ",".join(f"#message-{seq}" for seq in seqs)
        style = f'<style nonce="{self._nonce}">{hidden}{{display:none!important}}</style>'
        return "".join(_patch(f"m{seq}") for seq in seqs) + style

    def members(self, gathering: "Gathering", make: Callable[[], str]) -> bytes:
        return self._block(self._passing("people", self.people(gathering)))

    def people(self, gathering: "Gathering") -> str:
        return self._fragments.render("live_people.html", self.language, gathering=gathering).strip()

    def typing(self, html: str) -> bytes:
        return self._block(self._passing("typing", html))

    def marks(self, html: str) -> None:
        return None

    def news(self, said: str) -> None:
        return None

    def heartbeat(self) -> bytes:
        self._beat_at = 0.0
        return self._block()

    def _beat(self) -> str:
        """A link that appears when no later beat has taken its place in time."""
        if time.monotonic() - self._beat_at < BEAT_EVERY:
            return ""
        self._beat_at = time.monotonic()
        return self._passing("lost", self.lost())

    def lost(self) -> str:
        return self._fragments.render("live_lost.html", self.language, address=self._address).strip()

    def _passing(self, name: str, html: str) -> str:
        """What takes the place of its predecessor. In the document it began as `<div id="live-NAME">`."""
        hidden, number = self._replaced(name, f"#live-{name}")
        copy = f'<div class="live-{name} copy-{number}">{html}</div>'
        return _patch(name, html) + self._for_others(hidden, copy)

    def _replaced(self, name: str, first: str) -> tuple[str, int]:
        """The rule that hides what stood there, and the number of its new copy."""
        before, number = self._places.get(name), self._copies + 1
        self._places[name] = number
        return f"{first if before is None else f'.copy-{before}'}{{display:none}}", number

    def _for_others(self, css: str, html: str = "") -> str:
        """For browsers that do not patch; those that do remove it at once."""
        self._copies += 1
        name = f"c{self._copies}"
        return _marked(name, f'<style nonce="{self._nonce}">{css}</style>{html}') + _patch(name)

    def _block(self, *parts: str) -> bytes:
        return "\n".join([*parts, self._beat(), ""]).lstrip("\n").encode()

    def gone(self, reason: str) -> bytes:
        return self._end(reason)

    def bye(self) -> bytes:
        # A long document goes on at once. When the server goes, everyone comes back spread, as readers of events do.
        is_at_once = self._is_behind or self.is_worn
        return self._end("bye", again=0 if is_at_once else random.randint(2, 5))  # noqa: S311 - no secret

    def _end(self, reason: str, again: int | None = None) -> bytes:
        return self._fragments.render("live_end.html", self.language, reason=reason, again=again).encode()


def _marked(name: str, html: str) -> str:
    return f'<?start name="{name}">{html}<?end name="{name}">'


def _patch(name: str, html: str = "") -> str:
    return f'<template for="{name}">{_marked(name, html) if html else ""}</template>'
