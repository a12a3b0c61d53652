"""Files on their way into messages.

Each is looked at and made safe (`inspection`), then entered and stored (`blobs`); its message names it in the transaction that posts it.
What has no message after an hour never gets one.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sampark.chat.blobs import Blobs
from sampark.chat.inspection import Crop, Inspection, Sent
from sampark.chat.quotas import Quotas
from sampark.files.storage import Store
from sampark.models.message import FILE, IMAGE, VIDEO, VOICE
from sampark.text.problems import about_file

_IN_HAND = 4
"""Files whose results are in memory at a time, up to 26 MB each."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is stored and entered, and what its message shows of it (JSON: `id`, `name`, `kind`, `size` and more by kind)."""

    file_id: int
    shown: dict[str, Any]


class Attachments(Blobs):
    def __init__(self, store: Store, inspection: Inspection, quotas: Quotas) -> None:
        super().__init__(store, quotas)
        self._inspection = inspection
        self._in_hand = asyncio.Semaphore(_IN_HAND)

    async def close(self) -> None:
        await super().close()
        await self._inspection.close()

    async def accept(self, user_id: int, room_id: int, sent: Sequence[Sent]) -> list[Attachment]:
        """Look at files, store them and enter them for a message of this room. All or none.

        Errors: `Invalid`, `WrongKind`, `TooLarge`, `Unavailable`.
        """
        accepted: list[Attachment] = []
        try:
            kinds = await self._inspection.kinds_of(sent)
            for at, (one, kind) in enumerate(zip(sent, kinds, strict=True)):
                async with self._in_hand:
                    with about_file(at):
                        ready = await self._inspection.ready(one, kind)
                    entered = await self.enter(user_id, room_id, ready)
                accepted.append(Attachment(entered.file_id, {"id": entered.public_id, **ready.shown}))
        except BaseException:
            await self.release(accepted)
            raise
        return accepted

    async def release(self, attachments: Collection[Attachment]) -> None:
        """Give up those that no message has named."""
        await self.give_up([attachment.file_id for attachment in attachments])

    async def picture(self, user_id: int, sent: Sent, crop: Crop | None) -> Attachment:
        """A person's picture, square, in three sizes; nobody sees it yet. Errors: as `accept`."""
        entered = await self.enter(user_id, None, await self._inspection.face(sent, crop))
        return Attachment(entered.file_id, {"id": entered.public_id})


def message_type(attachments: Sequence[Attachment]) -> str:
    """What kind of message these make: all pictures, all videos, one voice; else files."""
    found = {attachment.shown["kind"] for attachment in attachments}
    return found.pop() if found in ({IMAGE}, {VIDEO}, {VOICE}) else FILE
