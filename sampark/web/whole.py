"""What was begun is done: a visitor who hangs up in the middle of a post does not leave half of it.

Quart cancels a request's task when its connection closes. In the middle of a transaction that would keep the database's
lock or connection for ever (Tortoise gives it back only once the transaction has begun), and after it the ring would be lost.
"""

import asyncio
from typing import Any, cast

from quart import Quart, request

from sampark.web.body import CountedRequest
from sampark.web.connection import Connection

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class WholeRequests(Quart):
    """An app whose unsafe requests run to their end, whoever still waits for the answer."""

    asgi_http_class = Connection

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self._begun: set[asyncio.Task[Any]] = set()
        self._inspected: dict[Any, Any] = {}

    def ensure_async(self, func: Any) -> Any:
        # Quart inspects a function each time it is called, and calls fifteen in a request.
        if func not in self._inspected:
            if len(self._inspected) > 1000:
                self._inspected.clear()  # functions made for one request only
            self._inspected[func] = super().ensure_async(func)
        return self._inspected[func]

    async def full_dispatch_request(self, request_context: Any = None) -> Any:
        if request.method in _SAFE:
            return await super().full_dispatch_request(request_context)
        task = asyncio.create_task(self._dispatch(request_context, cast(CountedRequest, request)))
        self._begun.add(task)
        task.add_done_callback(self._finished)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            cast(CountedRequest, request).abandon()  # half a form must not pass for a whole one
            raise

    async def _dispatch(self, request_context: Any, asked: CountedRequest) -> Any:
        async with asked.open_files:  # what nobody kept is gone with the request
            return await super().full_dispatch_request(request_context)

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._begun.discard(task)
        if not task.cancelled():
            task.exception()  # if nobody waits any more, there is nobody to tell

    async def finish_begun(self, within: float = 2.0) -> None:
        """Wait for what nobody waits for any more, but not longer than this many seconds."""
        if self._begun:
            await asyncio.wait(self._begun, timeout=within)
