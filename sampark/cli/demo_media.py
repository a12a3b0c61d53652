"""The demonstration's pictures, recordings and GIFs, sent as people send them: whatever is made of a file is made of these, too."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sampark.access import Person
from sampark.app import attachments_for
from sampark.chat import pictures
from sampark.chat.attachments import Attachment, Attachments
from sampark.chat.bell import Bell
from sampark.chat.inspection import Sent
from sampark.gifs.library import Library
from sampark.settings import Settings
from sampark.text.language import LANGUAGES
from sampark.web import gifs

FOLDER = Path(__file__).parent / "demo_files"
GIF = "gif:"


class Media:
    """A desk where files are handed in."""

    def __init__(self, attachments: Attachments, library: Library) -> None:
        self._attachments = attachments
        self._library = library

    async def files(self, person: Person, room_id: int, names: Sequence[str]) -> list[Attachment]:
        """Of a message; a recording is its voice."""
        async with contextlib.AsyncExitStack() as stack:
            sent = [await stack.enter_async_context(self._sent(name)) for name in names if not name.startswith(GIF)]
            return await self._attachments.accept(person.id, room_id, sent)

    async def gif(self, names: Sequence[str]) -> dict[str, Any] | None:
        for name in names:
            if name.startswith(GIF):
                found = [await self._library.get(name.removeprefix(GIF), code) for code in LANGUAGES]
                return gifs.shown(found, self._library)
        return None

    async def face(self, person: Person, bell: Bell) -> None:
        """Their picture, if there is one of them."""
        name = f"face-{person.username}.webp"
        if not (FOLDER / name).exists():
            return
        async with self._sent(name, "picture") as sent:
            picture = await self._attachments.picture(person.id, sent, None)
        await pictures.show(person, picture, self._attachments, bell)

    @contextlib.asynccontextmanager
    async def _sent(self, name: str, field: str = "files") -> AsyncIterator[Sent]:
        async with self._attachments.store.incoming() as incoming:
            await incoming.write((FOLDER / name).read_bytes())
            await incoming.flush()
            yield Sent(name, incoming, "voice" if name.endswith(".ogg") else field)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Media]:
    attachments = attachments_for(settings)
    try:
        yield Media(attachments, Library(settings.data_dir / "gifs"))
    finally:
        await attachments.close()
