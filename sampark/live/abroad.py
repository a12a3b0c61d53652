"""The stream as it is told to the own htmx of other sites' pages: messages only."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sampark.fragments import Fragments
from sampark.live.changes import Changes
from sampark.live.embedded import EmbeddedFrames
from sampark.live.frames import EventFrames
from sampark.text.abroad import abroad

if TYPE_CHECKING:
    from sampark.live.gathering import Gathering


class AbroadFrames(EmbeddedFrames):
    """Server-sent events. Of people, typing and marks nothing is said: the page has no place for them."""

    def __init__(self, fragments: Fragments, language: str, code: str, origin: str, *, is_open: bool) -> None:
        super().__init__(fragments, language, code)
        self.kind = ("abroad", language, code, origin, str(is_open))
        self._origin = origin
        self._is_open = is_open

    def _partials(self, changes: Changes) -> str:
        return abroad(EventFrames._partials(self, changes), self._code, self._origin, is_open=self._is_open)

    def members(self, gathering: "Gathering", make: Callable[[], str]) -> None:
        return None

    def typing(self, html: str) -> None:
        return None

    def marks(self, html: str) -> None:
        return None
