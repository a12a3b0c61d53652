"""One schedule from beginning to end: people are made, they talk and read while things break, the dust settles, it is judged."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import judge
from tests.chaos.faults import DO, Play
from tests.chaos.posters import Poster, SentAway
from tests.chaos.readers import Reader, online, reading
from tests.chaos.rings import LossyRedis
from tests.chaos.schedule import Fault, Schedule
from tests.chaos.stage import Stage
from tests.chaos.wire import request
from tests.people import Person
from tests.services import PostgresServer

SETTLES_WITHIN = 40.0
"""Seconds until everything has come to everybody, once nothing is broken any more."""
GONE_WITHIN = 45.0
"""Seconds after which nobody who is gone may appear online."""

MOST = 20
"""Complaints that are shown; what is wrong for one is often wrong for all."""

TALKERS = ("asha", "ravi", "meera", "tomas")
GHOSTS = ("noor", "lin")
FLAPPER = "uma"


@dataclass
class Report:
    schedule: Schedule
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    figures: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        head = f"{'FAILED' if self.wrong else 'ok'} after {self.seconds:.0f} s: {figures}"
        more = [f"  … and {len(self.wrong) - MOST} more"] if len(self.wrong) > MOST else []
        return "\n".join([head, *(f"  - {sentence[:3000]}" for sentence in self.wrong[:MOST]), *more])


class Pulse:
    """How late this process itself is: what it notes late was not necessarily late."""

    def __init__(self) -> None:
        self.lag = 0.0

    async def run(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.05)
            self.lag = max(self.lag, time.monotonic() - began - 0.05)


async def run(schedule: Schedule, folder: Path, postgres: PostgresServer | None = None) -> Report:
    """Play it. `postgres` is one that may be killed, for the shapes that need it."""
    report = Report(schedule)
    began = time.monotonic()
    pulse = Pulse()
    beating = asyncio.create_task(pulse.run())
    try:
        async with Stage(schedule, folder, postgres) as stage:
            play = await _people(stage)
            async with reading([*play.readers, *play.ghosts]):
                await _perform(play)
                report.wrong += await _settled(play)
                report.wrong += await _judged(play, pulse.lag, report.figures)
                if schedule.waits_for_ghosts:
                    report.wrong += await _without_ghosts(play)
            for keeper in stage.keepers:
                await keeper.stop()
            report.wrong += [*play.wrong, *stage.wrong()]
            report.wrong += [odd for reader in [*play.readers, *play.ghosts] for odd in reader.wrong]
            report.wrong += [odd for poster in play.posters for odd in poster.wrong]
            report.figures |= _figures(play)
    except Exception as error:
        report.wrong.append(f"it could not be played to its end: {_told(error)}")
    finally:
        beating.cancel()
        report.seconds = time.monotonic() - began
    return report


async def _people(stage: Stage) -> Play:
    """Who plays, each with chances of their own, so that what one does changes nothing for another."""
    chance = random.Random(stage.schedule.seed)

    def own() -> random.Random:
        return random.Random(chance.getrandbits(64))

    people = [
        await asyncio.to_thread(Person.at(stage.bases[0]).signed_up, name) for name in (*TALKERS, *GHOSTS, FLAPPER)
    ]
    room = await asyncio.to_thread(people[0].open_room, "Garden")
    for person in people[1:-1]:
        await asyncio.to_thread(person.join, room)
    model = await asyncio.to_thread(people[0].post, room, "Welcome.")
    cookies = {person.name: person.cookie for person in people}

    def reader(name: str, tab: str, **more: Any) -> Reader:
        return Reader(f"{name}'s {tab}", cookies[name], room, stage.bases, own(), **more)

    readers = [reader(name, "tab") for name in TALKERS]
    readers += [reader(name, "phone", narrow=True) for name in TALKERS[:2]]
    for present in readers:
        await present.begin()
    readers += [
        reader(name, "late tab", starts_after=chance.uniform(0, stage.schedule.seconds)) for name in TALKERS[2:]
    ]
    ghosts = [reader(name, "only tab", has_begun=True) for name in GHOSTS]
    posters = [
        Poster(name, cookies[name], room, stage.bases, own(), stage.schedule.posts_twice, uses_htmx=number % 2 == 0)
        for number, name in enumerate(TALKERS)
    ]
    row = await judge.room_now(stage, room)
    return Play(stage, room, row["version"], model, readers, posters, ghosts, flapper=cookies[FLAPPER])


async def _perform(play: Play) -> None:
    """Everybody talks; each fault begins at its time. At the end nobody posts any more."""
    talking = [asyncio.create_task(poster.run()) for poster in play.posters]
    faults = [asyncio.create_task(_at_its_time(play, fault)) for fault in play.stage.schedule.faults]
    await asyncio.sleep(play.stage.schedule.seconds)
    for fault, ended in zip(
        play.stage.schedule.faults, await asyncio.gather(*faults, return_exceptions=True), strict=True
    ):
        if isinstance(ended, BaseException):
            play.wrong.append(f"{fault.kind} could not be done: {_told(ended)}")
    for poster in play.posters:
        poster.is_over = True
    _, unfinished = await asyncio.wait(talking, timeout=SETTLES_WITHIN)
    for poster, task in zip(play.posters, talking, strict=True):
        if task in unfinished:
            play.wrong.append(f"{poster.name}: a post is still not taken: {dict(poster.refusals)}")
            task.cancel()
        elif (fault_of_ours := task.exception()) is not None:
            play.wrong.append(_told(fault_of_ours))


async def _at_its_time(play: Play, fault: Fault) -> None:
    await asyncio.sleep(fault.at)
    await DO[fault.kind](play, fault)


def _told(error: BaseException) -> str:
    if isinstance(error, SentAway):
        return str(error)
    return "".join(traceback.format_exception(error))[-1500:]


async def _settled(play: Play) -> list[str]:
    """Everything is ready again by itself, and everything has come to everybody."""
    limit = time.monotonic() + SETTLES_WITHIN
    while not await play.stage.is_ready():
        if time.monotonic() > limit:
            return [f"/readyz still says: {[keeper.server.readiness() for keeper in play.stage.keepers]}"]
        await asyncio.sleep(0.1)
    poster = play.posters[0]
    try:
        async with asyncio.timeout(limit - time.monotonic()), _unheard(play.stage.rings):
            await poster.post("Is everybody there?")
    except (TimeoutError, SentAway) as error:
        return [f"nothing can be posted any more: {error!r}, {dict(poster.refusals)}"]
    return await _all_have_all(play, limit)


@contextlib.asynccontextmanager
async def _unheard(rings: LossyRedis | None) -> AsyncIterator[None]:
    """Where rings are lost, the last of all is lost for certain: no other comes after it to make good for it."""
    if rings is None:
        yield
        return
    rings.drops_all = True
    yield
    await asyncio.sleep(0.3)
    rings.drops_all = False


async def _all_have_all(play: Play, limit: float) -> list[str]:
    while True:
        room = await judge.room_now(play.stage, play.room)
        late = [reader.name for reader in play.present if reader.cursor != room["version"]]
        if not late:
            return [] if play.present else ["nobody reads any more"]
        if time.monotonic() > limit:
            return [
                f"{reader.name} is at version {reader.cursor}, the room at {room['version']}; {reader.state}"
                for reader in play.present
                if reader.name in late
            ]
        await asyncio.sleep(0.1)


async def _judged(play: Play, lag: float, figures: dict[str, object]) -> list[str]:
    stage, posters = play.stage, play.posters
    messages = await judge.messages_in(stage, play.room)
    wrong = judge.numbers(await judge.room_now(stage, play.room), messages, play.base_version, play.flaps)
    wrong += judge.acknowledged(posters, messages)
    first = min((min(reader.screen.messages, default=1) for reader in play.present), default=1)
    for base in stage.bases:
        try:
            now = await judge.page_now(base, posters[0].cookie, play.room, first)
        except judge.NoPage as none:
            return [*wrong, str(none)]
        wrong += [f"{sentence} ({base})" for reader in play.present for sentence in judge.law(reader, now)]
    wrong += await _until_none(play, judge.passing)
    wrong += [
        f"{reader.name} was 10,000 changes behind, and did not begin anew"
        for reader, resets in play.gaps
        if reader.resets == resets
    ]
    late, slowest = judge.in_time(play, lag)
    figures |= {f"slowest without {what}": f"{seconds:.1f} s" for what, seconds in slowest.items()}
    return wrong + late


async def _until_none(play: Play, complaints: Callable[[Reader, str], list[str]], within: float = 15.0) -> list[str]:
    """What passes may lag behind the page a little, and the page itself moves on."""
    limit = time.monotonic() + within
    while True:
        wrong = []
        for reader in play.present:
            page = await request(play.stage.bases[0], "GET", f"/rooms/{play.room}", reader.cookie)
            wrong += (
                complaints(reader, page.text) if page.status == 200 else [f"the room was answered with {page.status}"]
            )
        if not wrong or time.monotonic() > limit:
            return wrong
        await asyncio.sleep(0.3)


async def _without_ghosts(play: Play) -> list[str]:
    if play.ghosts_gone_at is None:
        return []
    await asyncio.sleep(max(0.0, play.ghosts_gone_at + GONE_WITHIN - time.monotonic()))
    wrong = []
    for base in play.stage.bases:
        page = await request(base, "GET", f"/rooms/{play.room}/members", play.posters[0].cookie)
        shown = online(page.text)
        wrong += [
            f"{name} has been gone for {GONE_WITHIN:.0f} s and is online ({base})" for name in GHOSTS if shown[name]
        ]
        wrong += [f"{name} is there and is not online ({base})" for name in TALKERS if not shown[name]]
    return wrong + await _until_none(play, judge.passing)


def _figures(play: Play) -> dict[str, object]:
    refusals: Counter[str] = Counter()
    for poster in play.posters:
        refusals += poster.refusals
    rings = play.stage.rings
    return {
        "posts": sum(len(poster.sent) for poster in play.posters),
        "deletions": sum(len(poster.deleted) for poster in play.posters),
        "tried again": dict(refusals),
        "streams": sum(len(reader.spans) for reader in play.readers),
        "resets": sum(reader.resets for reader in play.readers),
        **({"rings lost": rings.dropped} if rings else {}),
    }
