"""Requests whose bodies are counted as they arrive: Quart alone lets chunked ones, which announce no length, pass any limit."""

from quart.wrappers import Request
from quart.wrappers.request import Body
from werkzeug.exceptions import RequestEntityTooLarge


class CountedBody(Body):
    _taken = 0

    def append(self, data: bytes) -> None:
        self._taken += len(data)
        if self._max_content_length is not None and self._taken > self._max_content_length:
            self._must_raise = self._must_raise or RequestEntityTooLarge()
            self.clear()
            self.set_complete()
            return
        super().append(data)


class CountedRequest(Request):
    body_class = CountedBody
