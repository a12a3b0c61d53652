"""Who is online, where, and who reads what just now.

Online in a room is whoever has a stream open there, and for ten seconds after the last one closed, so that a reload flickers
nothing; and for two minutes whoever looked at the room's page without one, as browsers without JavaScript do. Tabs in the
background have one stream together, which stands in for theirs: their person is online in their rooms, but reads none of them.
"""

import asyncio
import datetime
import heapq
from collections import Counter
from dataclasses import dataclass

import structlog

from sampark import db
from sampark.live.doorbell import Doorbell
from sampark.live.lease_names import is_here_in, is_online_in, person_key, room_key, rooms_read_in, streams_in
from sampark.live.leases import Leases, Step, ask, drop, hold, lend, release

log = structlog.get_logger()

GRACE = 10.0
VIEW = 120.0
OPENING = 10.0
"""Seconds that a stream may take from being let in to its first byte, and still count."""
NOTE_EVERY = 3.0
"""Seconds between two notes in the table of people."""
CROWD = 100
"""With more people online than this, a room's page and its blocks carry counts; the list is fetched on demand."""
CROWD_KEPT = 1.0
"""Seconds for which a crowd is not counted anew: whoever opens a page need not fetch thousands of names."""
_TICK = 0.1
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """What somebody finds who opens a page. `online` is empty without a room."""

    online: set[int]
    was_here: bool
    reading: set[int]
    """Rooms that this person has open in a stream, in any process."""


@dataclass(order=True, frozen=True, slots=True)
class _Due:
    """Somebody's grace, or time to look, is over."""

    when: float
    room_id: int
    user_id: int
    is_view: bool
    name: str = "p"
    """Of what is released then among a person's names."""


class Presence:
    """What is kept, and under which names: see `lease_names`."""

    def __init__(self, leases: Leases, bell: Doorbell, grace: float = GRACE) -> None:
        self._leases = leases
        self._bell = bell
        self._grace = grace
        self._due: list[_Due] = []
        self._views: dict[tuple[int, int], float] = {}
        self._crowds: dict[int, tuple[float, set[int]]] = {}
        self._here: Counter[tuple[int, int]] = Counter()
        """(room, person) → how many of their streams this process holds, grace included."""
        self._came: set[int] = set()
        self._went: set[int] = set()
        self._noted_at = 0.0
        self._is_first_note = True
        self._loop = asyncio.get_running_loop

    async def reserve(self, user_id: int, stream: str) -> int:
        """A stream of this name is about to open, and counts from now on: how many this person had before, in all processes.

        `enter` or `withdraw` follows; what becomes of it elsewhere is forgotten soon.
        """
        [mine] = await self._leases.take(ask(person_key(user_id)), lend(person_key(user_id), f"o{stream}", OPENING))
        return streams_in(mine)

    async def withdraw(self, user_id: int, stream: str) -> None:
        await self._leases.take(drop(person_key(user_id), f"o{stream}"))

    async def enter(self, room_id: int, user_id: int, stream: str) -> bool:
        """A stream opens; with room 0, one of the person's own. Whether this person has others open."""
        person = person_key(user_id)
        steps = [ask(person), hold(person, f"s{room_id}-{stream}"), hold(person, f"p{room_id}")]
        steps.append(drop(person, f"o{stream}"))
        if room_id:
            steps.append(hold(room_key(room_id), str(user_id)))
            # From now on the stream says whether they are here.
            steps += [drop(room_key(room_id), f"v{user_id}"), drop(person, f"v{room_id}")]
            self._views.pop((room_id, user_id), None)
        self._here[room_id, user_id] += 1  # first, so that `leave` may follow wherever this is cut short
        self._is_back(user_id)
        [mine] = await self._leases.take(*steps)
        if room_id and not is_online_in(mine, room_id):
            self._bell.people(room_id)
        return bool(rooms_read_in(mine))

    async def leave(self, gone: list[tuple[int, int, str]]) -> set[tuple[int, int]]:
        """These streams (room, person, name) have closed. Those (room, person) who have others open."""
        over = self._loop().time() + self._grace
        steps: list[Step] = []
        for room_id, user_id, stream in gone:
            steps += [release(person_key(user_id), f"s{room_id}-{stream}"), ask(person_key(user_id))]
            heapq.heappush(self._due, _Due(over, room_id, user_id, False))
        answers = await self._leases.take(*steps)
        return {
            (room_id, user_id) for (room_id, user_id, _), mine in zip(gone, answers, strict=True) if rooms_read_in(mine)
        }

    async def stand_in(self, room_ids: list[int], user_id: int) -> None:
        """A stream that is in no room keeps its person online in these; `stood_in` follows."""
        steps: list[Step] = []
        for room_id in room_ids:
            self._here[room_id, user_id] += 1
            steps += [
                ask(person_key(user_id)),
                hold(room_key(room_id), str(user_id)),
                hold(person_key(user_id), f"b{room_id}"),
            ]
        for room_id, mine in zip(room_ids, await self._leases.take(*steps), strict=True):
            if not is_online_in(mine, room_id):
                self._bell.people(room_id)

    def stood_in(self, pairs: list[tuple[int, int]]) -> None:
        """For these (room, person) there is grace now, too."""
        over = self._loop().time() + self._grace
        for room_id, user_id in pairs:
            heapq.heappush(self._due, _Due(over, room_id, user_id, False, "b"))

    async def visit(self, user_id: int, room_id: int = 0) -> Visit:
        """Somebody opens a page, of a room or of none: in one trip, what they find; in a room they are online from now on."""
        if not room_id:
            [mine] = await self._leases.take(ask(person_key(user_id)))
            return Visit(set(), False, rooms_read_in(mine))
        crowd = self._crowd(room_id)
        asks = [ask(person_key(user_id)), *([ask(room_key(room_id))] if crowd is None else [])]
        mine, *people = await self._leases.take(
            *asks, lend(room_key(room_id), f"v{user_id}", VIEW), lend(person_key(user_id), f"v{room_id}", VIEW)
        )
        self._keep_view(room_id, user_id)
        self._is_back(user_id)
        was_here = is_here_in(mine, room_id)
        if not is_online_in(mine, room_id):
            self._bell.people(room_id)
        online = crowd if crowd is not None else self._counted(room_id, people[0])
        return Visit(online | {user_id}, was_here, rooms_read_in(mine))

    async def online(self, room_id: int) -> set[int]:
        return (await self.online_in([room_id]))[0]

    async def online_in(self, room_ids: list[int]) -> list[set[int]]:
        """Who is online in each of these rooms."""
        answers = await self._leases.take(*(ask(room_key(room_id)) for room_id in room_ids))
        return [self._counted(room_id, names) for room_id, names in zip(room_ids, answers, strict=True)]

    async def readers_of(self, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Those of these (room, person) who have that room open in a stream, in any process."""
        people = sorted({user_id for _, user_id in pairs})
        answers = await self._leases.take(*(ask(person_key(user_id)) for user_id in people))
        reading = {user_id: rooms_read_in(names) for user_id, names in zip(people, answers, strict=True)}
        return {(room_id, user_id) for room_id, user_id in pairs if room_id in reading[user_id]}

    async def streams_of(self, user_id: int) -> int:
        """How many streams this person has open, in all processes."""
        [mine] = await self._leases.take(ask(person_key(user_id)))
        return streams_in(mine)

    async def run(self) -> None:
        """One loop for everyone's grace, and for the notes: no task sleeps for a single person."""
        while True:
            await asyncio.sleep(min(_TICK, self._grace))
            while due := self._over():
                await self._end(due)
            if (self._came or self._went or self._is_first_note) and self._loop().time() - self._noted_at > NOTE_EVERY:
                self._noted_at = self._loop().time()
                await self._note()

    async def stop(self) -> None:
        """Whoever was here is on the way to another process: there is grace for them, in leases that outlive this one."""
        here, self._here = self._here, Counter()
        self._due.clear()
        await self._end([_Due(0, room_id, user_id, False) for room_id, user_id in here.elements()])
        await self._note()
        lent = [(room_key(room_id), f"v{user_id}") for room_id, user_id in here]
        lent += [(person_key(user_id), f"v{room_id}") for room_id, user_id in here]
        await self._leases.take(*(lend(key, name, self._grace) for key, name in lent))

    def _over(self) -> list[_Due]:
        """Some of those whose time is over."""
        now = self._loop().time()
        over: list[_Due] = []
        while self._due and self._due[0].when <= now and len(over) < _AT_ONCE:
            due = heapq.heappop(self._due)
            if not due.is_view or self._ends_view(due):
                over.append(due)
        return over

    def _keep_view(self, room_id: int, user_id: int) -> None:
        is_due = (room_id, user_id) in self._views
        end = self._views[room_id, user_id] = self._loop().time() + VIEW
        if not is_due:
            heapq.heappush(self._due, _Due(end + _TICK, room_id, user_id, True))

    def _ends_view(self, due: _Due) -> bool:
        """Not if they have looked again, or have a stream now."""
        end = self._views.get((due.room_id, due.user_id))
        if end is None:
            return False
        if end > due.when:
            heapq.heappush(self._due, _Due(end + _TICK, due.room_id, due.user_id, True))
            return False
        del self._views[due.room_id, due.user_id]
        return True

    async def _end(self, over: list[_Due]) -> None:
        steps: list[Step] = []
        for due in over:
            room, person = room_key(due.room_id), person_key(due.user_id)
            # What was lent for a look ends by itself: they may have looked again through another process.
            if not due.is_view:
                steps += [release(room, str(due.user_id)), release(person, f"{due.name}{due.room_id}")]
                self._here[due.room_id, due.user_id] -= 1
                if self._here[due.room_id, due.user_id] <= 0:
                    del self._here[due.room_id, due.user_id]
            steps.append(ask(person))
        answers = await self._leases.take(*steps)
        for due, left in zip(over, answers, strict=True):
            if all(name.startswith("o") for name in left):
                self._went.add(due.user_id)
                self._came.discard(due.user_id)
        for room_id in {
            due.room_id for due, left in zip(over, answers, strict=True) if not is_online_in(left, due.room_id)
        }:
            if room_id:
                self._bell.people(room_id)

    def _is_back(self, user_id: int) -> None:
        self._came.add(user_id)
        self._went.discard(user_id)

    def _crowd(self, room_id: int) -> set[int] | None:
        until, people = self._crowds.get(room_id, (0.0, None))
        if people is not None and until < self._loop().time():
            del self._crowds[room_id]
            return None
        return people

    def _counted(self, room_id: int, names: set[str]) -> set[int]:
        people = {int(name.removeprefix("v")) for name in names if name.removeprefix("v").isdecimal()}
        if len(people) > CROWD:
            self._crowds[room_id] = (self._loop().time() + CROWD_KEPT, people)
        return people

    async def _note(self) -> None:
        """For people who read the table; presence itself does not depend on it. What cannot be noted is noted later."""
        try:
            if self._is_first_note and not db.is_postgres():
                # One process: whoever was noted as online belongs to a life that is over.
                await db.run("UPDATE users SET is_online = ? WHERE is_online = ?", False, True)
            self._is_first_note = False
            for people, is_online in ((self._came, True), (self._went, False)):
                await self._note_all(people, is_online)
        except Exception as fault:
            log.warning("presence_not_noted", fault=type(fault).__name__)

    async def _note_all(self, people: set[int], is_online: bool) -> None:
        noted = sorted(people)[:10_000]
        if not noted:
            return
        people.difference_update(noted)
        try:
            await db.run(
                f"UPDATE users SET is_online = ?, last_seen = ? WHERE id IN ({db.marks(noted)})",  # noqa: S608
                is_online,
                datetime.datetime.now(datetime.UTC),
                *noted,
            )
        except Exception:
            people.update({*noted} - self._came - self._went)  # unless they have turned round meanwhile
            raise
