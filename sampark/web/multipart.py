"""Forms with files: each file goes to the disk while it arrives, counted, so that memory stays flat and a limit stops it at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from quart.formparser import FormDataParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from sampark.files.storage import Incoming, Store
from sampark.text.language import N_
from sampark.text.problems import Invalid, TooLarge, about_file

NO_FILE_HERE = N_("This form takes no file. Load the page again and send it once more.")
MOST_FILES = 10
MOST_FIELDS = 50
MOST_TEXT = 1024 * 1024
"""Bytes of all fields that are no files. Ten thousand characters of any script take a twentieth of it."""
MEGABYTE = 1024 * 1024
_NOT_WHOLE = N_("The form did not arrive whole. Please send it once more.")
_PIECE = 128 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived whole. It is gone once the request is answered, unless the storage keeps it."""

    field: str
    name: str
    incoming: Incoming


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request may send."""

    store: Store
    most: dict[str, int]
    """For each field that takes a file, the bytes that one may have."""
    admit: Callable[[], Awaitable[int | None]]
    """Asked before a file is read: how many bytes there is room for (None: any). Errors: `Problem` for who may send none."""


@dataclass(slots=True)
class Parcel:
    """What has arrived of a form so far. Also when the rest is refused, what was typed is kept."""

    fields: "MultiDict[str, str]" = field(default_factory=MultiDict)
    files: "MultiDict[str, Upload]" = field(default_factory=MultiDict)
    text_size: int = 0
    room_left: int | None = None


class UploadParser(FormDataParser):
    """Quart's parser, but for files. `open_files` closes those that nobody kept."""

    def __init__(self, allowance: Allowance | None, parcel: Parcel, open_files: AsyncExitStack, **named: Any) -> None:
        super().__init__(**named)
        self._allowance = allowance
        self._parcel = parcel
        self._open_files = open_files

    def get_parse_func(self, mimetype: str, options: dict[str, str]) -> Any:
        if mimetype == "multipart/form-data":
            return UploadParser._unpack
        if mimetype == "application/x-www-form-urlencoded":
            return UploadParser._read_line
        return super().get_parse_func(mimetype, options)

    async def _read_line(self, body: Any, mimetype: str, length: int | None, options: dict[str, str]) -> Any:
        # Quart counts the parts of the other kind alone: half a million empty fields kept the event loop busy for 0.3 s.
        data = await body
        if data.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        # Of a megabyte in Hindi, where each letter is nine, the loop would stand still for 0.08 s.
        if len(data) > _PIECE:
            return MultiDict(await asyncio.to_thread(_pairs, data)), MultiDict()
        return MultiDict(_pairs(data)), MultiDict()

    async def _unpack(self, body: Any, mimetype: str, length: int | None, options: dict[str, str]) -> Any:
        try:
            return await self._take_apart(body, options)
        except ValueError:
            raise Invalid(_NOT_WHOLE) from None

    async def _take_apart(self, body: Any, options: dict[str, str]) -> Any:
        """Errors: `TooLarge`, `Invalid`; whatever `Allowance.admit` raises; werkzeug's 413 for a form that no page of ours makes."""
        boundary = options.get("boundary", "").encode("ascii", "replace")
        if not boundary:
            raise ValueError("no boundary")
        decoder = MultipartDecoder(
            boundary, MOST_TEXT, max_parts=MOST_FIELDS + MOST_FILES + len(self._fields_for_files())
        )
        part: _Part = _Ignored()
        async for data in _pieces(body):
            decoder.receive_data(data)
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                if isinstance(event, Field | File):
                    part = await self._begin(event)
                elif isinstance(event, Data):
                    await part.take(event.data)
                    if not event.more_data:
                        await part.end()
        if not _is_whole(decoder):
            raise Invalid(_NOT_WHOLE)
        return self._parcel.fields, self._parcel.files

    async def _begin(self, event: Field | File) -> "_Part":
        name = event.name or ""
        if not isinstance(event, File):
            return _Text(self._parcel, name)
        if not event.filename:
            return _Ignored()  # what browsers send for a field without a file
        if self._allowance is None or name not in self._allowance.most:
            raise Invalid(NO_FILE_HERE)
        if len(self._parcel.files.getlist(name)) >= MOST_FILES:
            raise TooLarge(
                N_("Up to %(count)s files fit into one message. Send the others in another one."),
                name,
                count=MOST_FILES,
            )
        self._parcel.room_left = await self._allowance.admit()
        incoming = await self._open_files.enter_async_context(self._allowance.store.incoming())
        return _Bytes(self._parcel, Upload(name, event.filename, incoming), self._allowance.most[name])

    def _fields_for_files(self) -> dict[str, int]:
        return self._allowance.most if self._allowance else {}


async def _pieces(body: Any) -> AsyncIterator[bytes]:
    # The decoder refuses more at once than all text together may be.
    async for data in body:
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]


def _is_whole(decoder: MultipartDecoder) -> bool:
    decoder.receive_data(None)
    try:
        return isinstance(decoder.next_event(), Epilogue)
    except ValueError:
        return False


class _Ignored:
    async def take(self, data: bytes) -> None:
        if data:
            raise Invalid(N_("A file without a name cannot be taken. Give it a name and attach it once more."))

    async def end(self) -> None:
        pass


class _Text:
    def __init__(self, parcel: Parcel, name: str) -> None:
        self._parcel = parcel
        self._name = name
        self._data = bytearray()

    async def take(self, data: bytes) -> None:
        self._data += data
        self._parcel.text_size += len(data)
        if self._parcel.text_size > MOST_TEXT:
            raise RequestEntityTooLarge

    async def end(self) -> None:
        self._parcel.fields.add(self._name, self._data.decode("utf-8", "replace"))


class _Bytes:
    def __init__(self, parcel: Parcel, upload: Upload, most: int) -> None:
        self._parcel = parcel
        self._upload = upload
        self._most = most
        self._room_left = parcel.room_left
        self._at = len(parcel.files.getlist(upload.field))

    async def take(self, data: bytes) -> None:
        incoming = self._upload.incoming
        with about_file(self._at):
            if incoming.size + len(data) > self._most:
                raise TooLarge(
                    N_("“%(name)s” is too large: a file may have %(most)s MB here."),
                    self._upload.field, name=self._upload.name[:100], most=self._most // MEGABYTE,
                )  # fmt: skip
        await incoming.write(data)
        if self._room_left is not None and self._sent() > self._room_left:
            raise TooLarge(
                N_("There is no room for it: %(left)s MB are left here for files. Ask for some to be deleted."),
                self._upload.field, left=f"{self._room_left / 1_000_000:.1f}",
            )  # fmt: skip

    async def end(self) -> None:
        await self._upload.incoming.flush()
        self._parcel.files.add(self._upload.field, self._upload)

    def _sent(self) -> int:
        arrived = (upload for uploads in self._parcel.files.listvalues() for upload in uploads)
        return self._upload.incoming.size + sum(upload.incoming.size for upload in arrived)


_Part = _Ignored | _Text | _Bytes


def files_of(found: Any) -> "MultiDict[str, Upload]":
    """`await request.files`, by its true name."""
    return cast("MultiDict[str, Upload]", found)


def _pairs(data: bytes) -> list[tuple[str, str]]:
    return parse_qsl(data.decode(), keep_blank_values=True)
