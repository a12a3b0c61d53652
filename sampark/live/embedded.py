"""The stream and the endless document as they are told to frames in other sites' pages: the same fragments, whose addresses lead to
the frame's own, and of the people only how many are there."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sampark.db import Row
from sampark.fragments import Fragments
from sampark.live.changes import Changes
from sampark.live.document import DocumentFrames
from sampark.live.frames import EventFrames, event, partial
from sampark.text.addresses import moved

if TYPE_CHECKING:
    from sampark.live.gathering import Gathering


class EmbeddedFrames(EventFrames):
    """Server-sent events. With `origin`, for a page that is not ours."""

    transport = "embed"

    def __init__(self, fragments: Fragments, language: str, code: str, origin: str = "") -> None:
        super().__init__(fragments, language)
        self.kind = ("embedded", language, code, origin)
        self._code = code
        self._origin = origin

    def _partials(self, changes: Changes) -> str:
        return moved(super()._partials(changes), self._code, self._origin)

    def members(self, gathering: "Gathering", make: Callable[[], str]) -> bytes | None:
        html = self._fragments.render("embed_people.html", self.language, gathering=gathering)
        return event(partial("#people-count", "outerHTML", html))

    def marks(self, html: str) -> None:
        """A member's other rooms are none of the frame's business."""
        return None

    def gone(self, reason: str) -> bytes:
        # A frame does not lead to the sign-in page: it is only told that this is over.
        return event("deleted" if reason == "deleted" else "left", name="gone")


class EmbeddedDocument(DocumentFrames):
    """For browsers without JavaScript, in a frame within the frame."""

    transport = "embed"

    def __init__(self, fragments: Fragments, language: str, nonce: str, address: str, code: str) -> None:
        super().__init__(fragments, language, nonce, address)
        self.kind = ("embedded document", language, nonce)
        self._code = code

    def _message(self, row: Row) -> str:
        return moved(super()._message(row), self._code)

    def _changed(self, row: Row) -> str:
        return moved(super()._changed(row), self._code)

    def people(self, gathering: "Gathering") -> str:
        return self._fragments.render("embed_people.html", self.language, gathering=gathering).strip()

    def gone(self, reason: str) -> bytes:
        return self._fragments.render("embed_end.html", self.language, reason=reason).encode()
