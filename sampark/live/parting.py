"""Readers who have gone: what they read is noted, then they count as gone. Many who leave at once are one statement and one trip."""

import asyncio
from collections import defaultdict
from functools import partial

from sampark.chat import reading
from sampark.live.doorbell import Doorbell
from sampark.live.presence import Presence
from sampark.live.reader import Reader
from sampark.live.watch import attempt


class Parting:
    def __init__(self, presence: Presence, bell: Doorbell) -> None:
        self._presence = presence
        self._bell = bell
        self._leaving: list[tuple[Reader, int, asyncio.Task[None] | None]] = []
        self._task: asyncio.Task[None] | None = None

    def leave(self, reader: Reader, seen: int, entering: "asyncio.Task[None] | None" = None) -> None:
        """This reader has gone and has read as far as `seen`; if it was still `entering`, that is waited for."""
        self._leaving.append((reader, seen, entering))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def is_idle(self) -> bool:
        return self._task is None

    async def finish(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=2)

    async def note(self, read: list[tuple[Reader, int]]) -> None:
        """One statement for all who have read a room as far as this."""
        together: dict[tuple[int, int], list[Reader]] = defaultdict(list)
        for reader, seen in read:
            if seen > reader.known_seq:
                together[reader.room_id, seen].append(reader)
        for (room_id, seen), readers in together.items():
            await reading.mark_all_read(room_id, {reader.seat.user_id for reader in readers}, seen)
            for reader in readers:
                reader.known_seq = seen

    async def _run(self) -> None:
        """While some are being noted, others gather."""
        try:
            while self._leaving:
                leaving, self._leaving = self._leaving, []
                begun = {entering for _, _, entering in leaving if entering is not None}
                if begun:
                    await asyncio.wait(begun)
                await attempt(partial(self.note, [(reader, seen) for reader, seen, _ in leaving]))
                # After that: whoever asks what they have to read sees them reading, or what they have read.
                gone = [(reader.room_id, reader.seat.user_id, reader.stream) for reader, _, _ in leaving]
                self._presence.stood_in(
                    [(room_id, reader.seat.user_id) for reader, _, _ in leaving for room_id in reader.held]
                )
                for room_id, user_id in await self._presence.leave(gone):
                    self._bell.read(room_id, user_id)
        finally:
            self._task = None
