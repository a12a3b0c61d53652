"""One request over ASGI, in one task where that is enough.

Quart gives each request two tasks, one of which only waits for the visitor to hang up, and a third to watch the time that
the answer takes. A small form or a plain GET has arrived whole before anything is asked, and is answered with one body: it
needs none of them. Large bodies and streams go Quart's way.
"""

import asyncio
from typing import Any, cast

from quart import Response
from quart.asgi import ASGIHTTPConnection
from quart.utils import cancel_tasks, encode_headers, raise_task_exceptions
from quart.wrappers import Request
from quart.wrappers.response import DataBody

from sampark.web import uploads
from sampark.web.body import CountedBody, CountedRequest

SMALL = 64 * 1024
"""Bytes of a body that is read before the request is looked at."""


class Connection(ASGIHTTPConnection):
    scope: Any

    async def __call__(self, receive: Any, send: Any) -> None:
        if not self._is_small() or self._may_be_endless():
            await super().__call__(receive, send)
            return
        request = self._create_request_from_scope(send)
        try:
            if not await self._arrives(request, receive):
                return
        except TimeoutError:
            cast(CountedRequest, request).is_late = True
        response = await self.app.handle_request(request)
        if isinstance(response, Response) and type(response.response) is DataBody:
            await self._send_whole(send, response, response.response)
        else:
            await self._send_stream(receive, send, response)

    def _create_request_from_scope(self, send: Any) -> Request:
        request = super()._create_request_from_scope(send)
        if request.method == "POST" and uploads.may_bring_files(request.path, request.mimetype):
            cast(CountedRequest, request).expect_files(self.app.config["LARGEST_UPLOAD"])
        return request

    async def handle_messages(self, request: Request, receive: Any) -> None:
        body = cast(CountedBody, request.body)
        while (message := await receive())["type"] == "http.request":
            body.append(message.get("body", b""))
            if not message.get("more_body", False):
                body.arrived()
            await body.has_room()

    async def handle_request(self, request: Request, send: Any) -> None:
        body = cast(CountedBody, request.body)
        is_held = False

        async def send_but_the_end(message: Any) -> None:
            nonlocal is_held
            if message["type"] == "http.response.body" and not message.get("more_body", False) and not body.has_arrived:
                is_held = True
                message = {**message, "more_body": True}
            await send(message)

        await super().handle_request(request, send_but_the_end)
        if is_held:
            # Answered before all has come, as whatever is too large is.
            await body.thrown_away()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _may_be_endless(self) -> bool:
        """HTTP/2 has bodies that announce neither a length nor an end."""
        names = {name for name, _ in self.scope["headers"]}
        return (
            self.scope["http_version"] >= "2"
            and b"content-length" not in names
            and self.scope["method"] not in {"GET", "HEAD"}
        )

    def _is_small(self) -> bool:
        length = b"0"
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                length = value
            elif name in {b"transfer-encoding", b"expect"}:
                return False
        return bool(length.isdigit()) and len(length) < 7 and int(length) <= SMALL

    async def _arrives(self, request: Request, receive: Any) -> bool:
        """Read the whole body. False: the visitor hung up before it was there. Errors: `TimeoutError`."""
        async with asyncio.timeout(self.app.config["BODY_TIMEOUT"]):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return False
                request.body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    request.body.set_complete()
                    return True

    async def _send_whole(self, send: Any, response: Response, body: DataBody) -> None:
        start = {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": encode_headers(response.headers),
        }
        data = body.data[body.begin : body.end] if body.end - body.begin < len(body.data) else body.data
        try:
            async with asyncio.timeout(self.app.config["RESPONSE_TIMEOUT"]):
                await send(start)
                await send({"type": "http.response.body", "body": data, "more_body": False})
        except TimeoutError:
            pass  # a reader so slow is given up, as Quart does

    async def _send_stream(self, receive: Any, send: Any, response: Any) -> None:
        sending = asyncio.ensure_future(self._send_in_time(send, response))
        leaving = asyncio.ensure_future(_hangs_up(receive))
        done, pending = await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        await cancel_tasks(pending)
        raise_task_exceptions(done)

    async def _send_in_time(self, send: Any, response: Any) -> None:
        timeout = getattr(response, "timeout", ...)
        try:
            async with asyncio.timeout(self.app.config["RESPONSE_TIMEOUT"] if timeout is ... else timeout):
                await self._send_response(send, response)
        except TimeoutError:
            pass


async def _hangs_up(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
