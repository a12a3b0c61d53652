"""Each kind of fault, done to what plays. Returns when it is over; whatever was taken away is there again then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import gap
from tests.chaos.disk import Disk
from tests.chaos.posters import Poster
from tests.chaos.readers import Reader
from tests.chaos.schedule import Fault
from tests.chaos.stage import Keeper, Stage
from tests.chaos.wire import Lost, request

HOUR = 3600


@dataclass(frozen=True)
class Window:
    """From when to when something was away (monotonic seconds)."""

    what: str
    begin: float
    end: float


@dataclass
class Play:
    """Everything that plays in one schedule."""

    stage: Stage
    room: str
    base_version: int
    """The room's when all had joined; from there on there are only posts and deletions."""
    model: int
    """The number of a message that nobody deletes."""
    readers: list[Reader]
    posters: list[Poster]
    ghosts: list[Reader]
    windows: list[Window] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    flapper: str = ""
    """The cookie of somebody who joins and leaves."""
    flaps: int = 0
    gaps: list[tuple[Reader, int]] = field(default_factory=list)
    """Who was 10,000 changes behind, and how often they had begun anew before."""
    ghosts_gone_at: float | None = None

    def note(self, what: str, begin: float) -> None:
        self.windows.append(Window(what, begin, time.monotonic()))

    @property
    def present(self) -> list[Reader]:
        """All who have not gone for good, or been sent away (which they have complained of)."""
        ghosts = self.ghosts if self.ghosts_gone_at is None else []
        return [reader for reader in [*self.readers, *ghosts] if not reader.is_over]

    def present_reader(self, which: int) -> Reader:
        """One that reads, and that nobody has stopped or sent away just now."""
        free = [reader for reader in self.readers if reader.has_begun and not (reader.is_away or reader.is_stalled)]
        return free[which % len(free)]


async def kill(play: Play, fault: Fault) -> None:
    keeper = play.stage.keeper(fault.which)
    if play.stage.schedule.shape == "workers":
        await asyncio.to_thread(keeper.kill_child, fault.which)
        await asyncio.sleep(fault.lasts)
        return
    await keeper.kill()
    await asyncio.sleep(fault.lasts)
    await keeper.start()


async def restart(play: Play, fault: Fault) -> None:
    keeper = play.stage.keeper(fault.which)
    await keeper.stop()
    await asyncio.sleep(fault.lasts)
    await keeper.start()


async def redis_kill(play: Play, fault: Fault) -> None:
    began = time.monotonic()
    await asyncio.to_thread(play.stage.redis.kill)
    await asyncio.sleep(fault.lasts)
    play.note("redis", began)
    await asyncio.to_thread(play.stage.redis.start)


async def redis_restart(play: Play, fault: Fault) -> None:
    await asyncio.to_thread(play.stage.redis.stop)
    await asyncio.sleep(fault.lasts)
    await asyncio.to_thread(play.stage.redis.start)


async def redis_freeze(play: Play, fault: Fault) -> None:
    began = time.monotonic()
    play.stage.redis.freeze()
    try:
        await asyncio.sleep(fault.lasts)
        play.note("frozen redis", began)
    finally:
        play.stage.redis.resume()


async def rings(play: Play, fault: Fault) -> None:
    """To the end and beyond: the last ring of all is among those that may be lost."""
    assert play.stage.rings
    play.stage.rings.drops = True


async def postgres_restart(play: Play, fault: Fault) -> None:
    await _without_postgres(play, play.stage.postgres.stop, fault.lasts)


async def postgres_kill(play: Play, fault: Fault) -> None:
    await _without_postgres(play, play.stage.postgres.kill, fault.lasts)


async def _without_postgres(play: Play, end: Callable[[], None], lasts: float) -> None:
    began = time.monotonic()
    for keeper in play.stage.keepers:
        keeper.is_database_away = True
    await asyncio.to_thread(end)
    await asyncio.sleep(lasts)
    await asyncio.to_thread(play.stage.postgres.start)
    play.note("database", began)
    await asyncio.sleep(2)  # a process that had begun to start without it may still be on its way out
    for keeper in play.stage.keepers:
        keeper.is_database_away = False


async def stall(play: Play, fault: Fault) -> None:
    """While one does not read, the others write long letters: what waits for it is more than anybody keeps."""
    narrow = [reader for reader in play.readers if reader.narrow and not reader.is_away]
    reader = narrow[fault.which % len(narrow)]
    reader.stop_reading()
    for poster in play.posters:
        poster.letters += 0.7
    await asyncio.sleep(fault.lasts)
    for poster in play.posters:
        poster.letters -= 0.7
    reader.read_on()


async def away(play: Play, fault: Fault) -> None:
    """Messages come, and some that it shows are deleted, while it is not there."""
    reader = play.present_reader(fault.which)
    reader.leave()
    await asyncio.sleep(fault.lasts)
    reader.come_back()


async def ten_thousand(play: Play, fault: Fault) -> None:
    reader = play.present_reader(fault.which)
    began = time.monotonic()
    reader.leave()
    resets = reader.resets
    if play.stage.is_alone:
        # SQLite has one process: the changes were made before it died, and nobody had heard of them.
        keeper = play.stage.keeper(0)
        await keeper.kill()
        await asyncio.to_thread(gap.on_sqlite, play.stage.database, play.room, play.model)
        await keeper.start()
    else:
        await gap.on_postgres(play.stage.database, play.room, play.model)
    play.note("gap", began)
    await asyncio.sleep(max(0.0, fault.lasts - (time.monotonic() - began)))
    reader.come_back()
    play.gaps.append((reader, resets))


async def clock(play: Play, fault: Fault) -> None:
    """It stays wrong to the end of the schedule: nobody has to set it right for the room to go on."""
    play.stage.clock.set(-HOUR)
    await asyncio.sleep(fault.lasts)


async def disk(play: Play, fault: Fault) -> None:
    stage, keeper = play.stage, play.stage.keeper(0)
    assert stage.disk
    async with stage.disk_lock:  # on a slow machine the one before may not be over
        await _full_disk(play, stage.disk, keeper, fault.lasts)


async def _full_disk(play: Play, full: Disk, keeper: Keeper, lasts: float) -> None:
    full.fill(keeper.server.pid)
    try:
        await asyncio.sleep(0.3)
        # It may have been killed a moment ago: then it starts on a disk that is full.
        if await keeper.is_serving():
            await _assert_says_so(play)
        else:
            play.wrong.append("a server does not start while the disk is full")
        await asyncio.sleep(lasts)
    finally:
        full.free(keeper.server.pid)


async def _assert_says_so(play: Play) -> None:
    """A post is refused as "away", with the words that were typed, and looking at the room is no accident either."""
    poster = play.posters[0]
    words = "These words must not be lost. " * 300
    path = f"/rooms/{play.room}/messages"
    # There may be room in pages that the database and its log have got already: some megabytes at most.
    for _ in range(400):
        try:
            refused = await request(poster.bases[0], "POST", path, poster.cookie, {"text": words, "key": ""})
        except Lost as lost:
            play.wrong.append(f"the disk is full: a post got no answer: {lost}")
            return
        if refused.status != 303:
            break
    if refused.status != 503:
        play.wrong.append(f"the disk is full: a post was answered with {refused.status}")
    elif words.strip() not in refused.text:
        play.wrong.append("the disk is full: the page that says so has lost the words that were typed")
    page = await request(poster.bases[0], "GET", f"/rooms/{play.room}", poster.cookie)
    if page.status not in {200, 503}:
        play.wrong.append(f"the disk is full: the room was answered with {page.status}")


async def flap(play: Play, fault: Fault) -> None:
    """Each time a line in the room, or another state of one that stands there already."""
    end = time.monotonic() + fault.lasts
    bases = play.stage.bases
    deeds: tuple[tuple[str, dict[str, str]], ...] = (
        ("/rooms/join", {"room": play.room}),
        (f"/rooms/{play.room}/leave", {}),
    )
    while time.monotonic() < end:
        path, fields = deeds[play.flaps % 2]
        try:
            answer = await request(bases[play.flaps % len(bases)], "POST", path, play.flapper, fields)
        except Lost:
            continue  # nobody knows whether it was heard; the same again changes nothing
        finally:
            await asyncio.sleep(0.2)
        if answer.status in {303, 404}:
            play.flaps += 1
        elif answer.status != 503:
            play.wrong.append(f"{path} was answered with {answer.status}")


async def ghost(play: Play, fault: Fault) -> None:
    """One closes the page. The other's process dies, so that nobody is left to say that there was a reader."""
    closes, dies = play.ghosts
    closes.leave()
    dies.stay_away()
    process = next(
        (keeper for keeper in play.stage.keepers if dies.spans and keeper.server.url == dies.spans[-1].base), None
    )
    keeper = process or play.stage.keeper(fault.which)
    if play.stage.schedule.shape == "workers":
        await asyncio.to_thread(keeper.kill_child, fault.which)
    else:
        await keeper.kill()
        await keeper.start()
    dies.leave()
    play.ghosts_gone_at = time.monotonic()


DO: dict[str, Callable[[Play, Fault], Awaitable[Any]]] = {
    "kill": kill,
    "restart": restart,
    "redis-kill": redis_kill,
    "redis-restart": redis_restart,
    "redis-freeze": redis_freeze,
    "rings": rings,
    "postgres-restart": postgres_restart,
    "postgres-kill": postgres_kill,
    "stall": stall,
    "away": away,
    "gap": ten_thousand,
    "clock": clock,
    "disk": disk,
    "flap": flap,
    "ghost": ghost,
}
