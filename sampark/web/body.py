"""Requests whose bodies are counted as they arrive: Quart alone lets chunked ones, which announce no length, pass any limit.

Forms with files are read in pieces, and no faster than the disk takes them.
"""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from typing import Any

from quart.formparser import FormDataParser
from quart.wrappers import Request
from quart.wrappers.request import Body
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout

from sampark.web.multipart import Allowance, Parcel, UploadParser

MOST_WAITING = 512 * 1024
"""Bytes of a body that wait to be read; then the visitor waits."""
STALL = 60.0
"""Seconds in which a form with files may bring nothing."""
LINGER, SILENCE = 30.0, 5.0
"""Seconds in which the rest of a body is thrown away after its answer, in all and without a byte (as nginx's lingering_close)."""
SLOWEST = 4_000
"""Bytes a second, on the whole: less than any line that people upload over, more than one that only wants to occupy us."""


class CountedBody(Body):
    _taken = 0
    _read: asyncio.Event | None = None
    _ended: asyncio.Event | None = None
    has_arrived = False
    """Whole, whether or not it was taken."""

    def arrived(self) -> None:
        """That was the last piece."""
        self.has_arrived = True
        self.set_complete()
        if self._ended is not None:
            self._ended.set()

    async def thrown_away(self) -> None:
        """Wait for the rest that nobody wants: browsers send all before they read the answer, and a connection that is closed
        before takes the answer with it.
        """
        self.refuse(ClientDisconnected())
        self._ended = asyncio.Event()
        taken = -1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while not self.has_arrived and self._taken > taken:
                    taken = self._taken
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(SILENCE):
                            await self._ended.wait()

    async def has_room(self) -> None:
        """Wait until what has arrived is being read; at once, for a body that is wanted whole."""

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

    def refuse(self, fault: Exception) -> None:
        """What still comes is thrown away."""
        if not self._complete.is_set():
            self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        self._must_raise = self._must_raise or fault
        self.clear()
        self.set_complete()
        if self._read is not None:
            self._read.set()

    async def __anext__(self) -> bytes:
        try:
            data = await super().__anext__()
            if self._read is not None:
                self._read.set()
            return data
        except StopAsyncIteration:
            if self._must_raise is not None:
                raise self._must_raise from None
            raise


class PiecemealBody(CountedBody):
    """One that takes as long as it takes, but may not stand still."""

    _begun = 0.0

    async def has_room(self) -> None:
        """Wait until what has arrived is being read."""
        while len(self._data) > MOST_WAITING and self._must_raise is None:
            self._read = self._read or asyncio.Event()
            self._read.clear()
            await self._read.wait()

    async def __anext__(self) -> bytes:
        now = asyncio.get_running_loop().time()
        self._begun = self._begun or now
        if now - self._begun > STALL + self._taken / SLOWEST:
            raise RequestTimeout
        try:
            async with asyncio.timeout(STALL):
                return await super().__anext__()
        except TimeoutError:
            raise RequestTimeout from None


class CountedRequest(Request):
    body_class = CountedBody
    is_late = False
    """Its body has stopped arriving, and nobody waits for the rest."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.allowance: Allowance | None = None
        """What files it may bring, once its route is known."""
        self.parcel = Parcel()
        self.open_files = AsyncExitStack()

    def expect_files(self, most: int) -> None:
        """Its body may hold so many bytes, and take its time."""
        self.body = PiecemealBody(None, most)  # whatever length is announced: what was typed stands before the files
        self.body_timeout = None

    async def close(self) -> None:
        pass  # `open_files` closes them, once whoever may keep one is done

    def make_form_data_parser(self) -> FormDataParser:
        return UploadParser(self.allowance, self.parcel, self.open_files, cls=self.parameter_storage_class)

    async def _load_form_data(self) -> None:
        try:
            await super()._load_form_data()
        except Exception as fault:
            # What had been typed is there still, for the page that says what was wrong. The rest is not read.
            self._form, self._files = self.parcel.fields, self.parcel.files
            if isinstance(self.body, CountedBody):
                self.body.refuse(fault)
            raise

    def abandon(self) -> None:
        """The visitor has hung up."""
        if isinstance(self.body, CountedBody):
            self.body.abandon()
