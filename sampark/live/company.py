"""Who is in a room and who is writing there, told to its readers in this process. Passing things: nothing of it is stored."""

import asyncio

import structlog

from sampark import db
from sampark.chat import members
from sampark.fragments import Fragments
from sampark.live.audience import Audience
from sampark.live.doorbell import PEOPLE, TYPING, Ring
from sampark.live.gathering import Gathering, Gatherings
from sampark.live.presence import Presence
from sampark.live.reader import Reader
from sampark.live.typing import Typists

log = structlog.get_logger()

MEMBERS_EVERY = 1.0
"""At most one block about members per room and so many seconds."""
MOST_CHANGES = 20
"""Of a crowd, so many who came or went are told by name; when there are more, who shows the list fetches it anew."""


class Company:
    def __init__(
        self,
        room_id: int,
        code: str,
        audience: Audience,
        fragments: Fragments,
        presence: Presence,
        gatherings: Gatherings,
    ) -> None:
        self._room_id = room_id
        self._code = code
        self._audience = audience
        self._fragments = fragments
        self._presence = presence
        self._gatherings = gatherings
        self._people_due = False
        self._people_after = 0.0
        self._newcomers: set[Reader] = set()
        self._told: Gathering | None = None
        """What everyone here knows, but for the newcomers."""
        self._told_stamp = ""
        self._typists = Typists(room_id)
        self._to_be_told_who_types: set[Reader] = set()
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle | None = None
        self._round: asyncio.Task[None] | None = None

    def came(self, reader: Reader) -> None:
        """A reader whose page was made a moment ago and often shows what is known here already, or who comes back."""
        if (
            self._people_due
            or self._told is None
            or self._told.is_crowd
            or not reader.stamp
            or reader.stamp != self._told_stamp
        ):
            self._newcomers.add(reader)
        if self._typists.user_ids or reader.stamp is None:
            self._to_be_told_who_types.add(reader)
        self._wake()

    def hear(self, ring: Ring) -> None:
        if ring.kind == PEOPLE:
            self._people_due = True
        elif ring.kind == TYPING:
            self._typists.hear(ring.value)
        self._wake()

    def posted(self, usernames: set[str]) -> None:
        """Whoever posts has stopped typing."""
        self._typists.posted(usernames)
        self._wake()

    def saw(self, online: set[int]) -> None:
        """Somebody looked who is online: others may have vanished with their process."""
        if self._told is not None and online != self._told.online:
            self._people_due = True
            self._wake()

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _wake(self) -> None:
        if self._round is not None:
            return
        ends = [self._loop.time()] if self._typists.is_due or self._to_be_told_who_types else []
        if self._people_due or self._newcomers:
            ends.append(self._people_after)
        if self._typists.next_end is not None:
            ends.append(self._typists.next_end)
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(min(ends), self._turn) if ends else None

    def _turn(self) -> None:
        self._handle = None
        self._round = self._loop.create_task(self._tell())
        self._round.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._round = None
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            if not db.is_away(fault):
                log.error("company_failed", room=self._room_id, exc_info=fault)
            self._people_due = True
            self._people_after = self._loop.time() + MEMBERS_EVERY
        if len(self._audience):
            self._wake()

    async def _tell(self) -> None:
        await self._tell_typing()
        if (self._people_due or self._newcomers) and self._loop.time() >= self._people_after:
            self._people_after = self._loop.time() + MEMBERS_EVERY
            await self._tell_people()

    async def _tell_typing(self) -> None:
        newcomers, self._to_be_told_who_types = self._to_be_told_who_types, set()
        is_news = await self._typists.settle()
        told = self._audience if is_news else Audience.just(*(reader for reader in newcomers if not reader.is_ended))
        typists = self._typists.user_ids
        for reader in [reader for reader in told if reader.seat.user_id in typists]:
            self._say_typing(Audience.just(reader), self._typists.shown(to=reader.seat.user_id))
        self._say_typing(told.but(typists), self._typists.shown())

    def _say_typing(self, audience: Audience, names: tuple[str, ...]) -> None:
        audience.mention(
            lambda frames: frames.typing(self._fragments.render("typing.html", frames.language, names=names))
        )

    async def _tell_people(self) -> None:
        """To everyone if it has changed, else to those alone who may not know it."""
        newcomers, self._newcomers = {reader for reader in self._newcomers if not reader.is_ended}, set()
        if self._people_due:
            self._gatherings.recount(self._room_id)
        self._people_due = False
        try:
            now = await self._gather()
            changes = await self._changes(self._told, now)
        except Exception:
            self._newcomers |= newcomers
            raise
        stamp, before = now.stamp, self._told
        # A crowd's stamp is its size: it does not say who they are.
        unaware = Audience.just(*(reader for reader in newcomers if now.is_crowd or reader.stamp != stamp))
        if stamp == self._told_stamp and not (now.is_crowd and before is not None and now.online != before.online):
            self._say(unaware, "people_block.html", gathering=now)
        elif before is None or not (before.is_crowd and now.is_crowd):
            everyone = self._audience if before is not None else unaware
            self._say(everyone, "people_block.html", gathering=now)
        else:
            self._say(self._audience.without(newcomers), "people_changes.html", gathering=now, **changes)
            self._say(unaware, "people_block.html", gathering=now)
        self._told, self._told_stamp = now, stamp

    async def _gather(self) -> Gathering:
        return await self._gatherings.of(self._room_id, self._code, await self._presence.online(self._room_id))

    async def _changes(self, before: Gathering | None, now: Gathering) -> dict[str, list[db.Row] | bool]:
        """Who came to a crowd or went, unless there are too many of them to say."""
        came, went = (now.online - before.online, before.online - now.online) if before else (set(), set())
        is_too_many = len(came) + len(went) > MOST_CHANGES
        if not now.is_crowd or is_too_many:
            return {"came": [], "went": [], "is_too_many": is_too_many}
        rows = await members.these(self._room_id, [*came, *went])
        return {
            "came": [row for row in rows if row["user_id"] in came],
            "went": [row for row in rows if row["user_id"] in went],
            "is_too_many": False,
        }

    def _say(self, audience: Audience, template: str, gathering: Gathering, **values: object) -> None:
        audience.mention(
            lambda frames: frames.members(
                gathering, lambda: self._fragments.render(template, frames.language, gathering=gathering, **values)
            )
        )
