"""Requests whose bodies are counted as they arrive: Quart alone lets chunked ones, which announce no length, pass any limit."""

from quart.wrappers import Request
from quart.wrappers.request import Body
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge


class CountedBody(Body):
    _taken = 0

    def append(self, data: bytes) -> None:
        self._taken += len(data)
        if self._max_content_length is not None and self._taken > self._max_content_length:
            self._fail(RequestEntityTooLarge())
        else:
            super().append(data)

    def abandon(self) -> None:
        """Nobody sends the rest any more: whoever waits for it gets an error, not a shorter body."""
        if not self._complete.is_set():
            self._fail(ClientDisconnected())

    def _fail(self, fault: Exception) -> None:
        self._must_raise = self._must_raise or fault
        self.clear()
        self.set_complete()

    async def __anext__(self) -> bytes:
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            if self._must_raise is not None:
                raise self._must_raise from None
            raise


class CountedRequest(Request):
    body_class = CountedBody
    is_late = False
    """Its body has stopped arriving, and nobody waits for the rest."""

    def abandon(self) -> None:
        """The visitor has hung up."""
        if isinstance(self.body, CountedBody):
            self.body.abandon()
