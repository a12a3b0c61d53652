"""Who holds what just now (a place in a room, a stream), in a form that a killed process cannot leave behind."""

import asyncio
import secrets
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from sampark.live import tasks

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger()

LIFETIME = 38
"""Seconds that a lease outlives its process at most. Nobody may appear online for more than 45: to notice takes five, to tell one."""
PATIENCE = 0.5
"""Seconds that Redis may take to answer a visitor's question; after it did not, nobody waits for it until it is seen to be back."""
_AT_ONCE = 1_000
"""Steps in one trip to Redis, which does nothing else meanwhile: about two milliseconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """`verb`: hold, release, lend, drop or ask."""

    verb: str
    key: str
    name: str = ""
    seconds: float = 0


def hold(key: str, name: str) -> Step:
    """Put a name under a key until it is released as often as it was held, or its process is gone."""
    return Step("hold", key, name)


def release(key: str, name: str) -> Step:
    return Step("release", key, name)


def lend(key: str, name: str, seconds: float) -> Step:
    """Put a name there for so long, whatever becomes of this process. Lent again, its time begins anew."""
    return Step("lend", key, name, seconds)


def drop(key: str, name: str) -> Step:
    """End what was lent, by whichever process."""
    return Step("drop", key, name)


def ask(key: str) -> Step:
    """Which names are there, after the steps before this one."""
    return Step("ask", key)


class Leases(Protocol):
    """Sets of names under keys."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def take(self, *steps: Step) -> list[set[str]]:
        """Take these steps, in one trip; the answers to what was asked. Never fails."""


class LocalLeases:
    """One process: a counter for each name that is held, an end for each that is lent."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.lent: dict[str, dict[str, float]] = {}

    async def start(self) -> None:
        """Nothing to renew."""

    async def stop(self) -> None:
        self.counts.clear()
        self.lent.clear()

    async def take(self, *steps: Step) -> list[set[str]]:
        return [answer for step in steps if (answer := self._take(step)) is not None]

    def _take(self, step: Step) -> set[str] | None:
        match step.verb:
            case "ask":
                return {*self.counts.get(step.key, ()), *self._lent(step.key)}
            case "hold":
                self.counts.setdefault(step.key, Counter())[step.name] += 1
            case "release":
                self._release(step.key, step.name)
            case "lend":
                self.lent.setdefault(step.key, {})[step.name] = time.monotonic() + step.seconds
            case "drop" if step.key in self.lent:
                self.lent[step.key].pop(step.name, None)
                self._lent(step.key)
        return None

    def _release(self, key: str, name: str) -> None:
        names = self.counts.get(key)
        if names is None:
            return
        names[name] -= 1  # a Counter: one that was never held is at -1 now, and goes
        if names[name] <= 0:
            del names[name]
        if not names:
            del self.counts[key]

    def _lent(self, key: str) -> list[str]:
        names = self.lent.get(key)
        if names is None:
            return []
        now = time.monotonic()
        for name in [name for name, end in names.items() if end <= now]:
            del names[name]
        if not names:
            del self.lent[key]
        return [*names]


# All steps of one visit in one trip. Redis' own clock decides, so that no machine's wrong clock keeps anyone online. What Redis gets to
# only much later, because it hung, counts from when it was sent: whoever sent it may be dead by then.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local sent = math.min(now, tonumber(ARGV[1]) or now)
local answers = {tostring(now)}
for i = 2, #ARGV, 3 do
  local verb, key, member = ARGV[i], KEYS[tonumber(ARGV[i + 1])], ARGV[i + 2]
  if verb == 'ask' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    answers[#answers + 1] = redis.call('ZRANGE', key, 0, -1)
  elseif verb == 'drop' then
    redis.call('ZREM', key, member)
  else
    redis.call('ZADD', key, sent + verb, member)
    redis.call('EXPIRE', key, 300)
  end
end
return answers
"""


_Asked = tuple[str, str, str]
"""What the script does: ask, drop or the seconds to keep; under which key; with which member."""


class RedisLeases(LocalLeases):
    """Many processes: each renews what it holds; while Redis is away, each knows at least its own.

    One trip at a time, so that steps stay in order; what comes meanwhile shares the next one.
    """

    def __init__(self, redis: "Redis") -> None:
        super().__init__()
        self._script = redis.register_script(_TAKE)
        self._process = secrets.token_hex(6)
        self._ahead: float | None = None
        """By how many seconds Redis' clock is ahead of the loop's; None: it has not said what time it is."""
        self._is_away = False
        self._owed: dict[tuple[str, str], float] = {}
        """What was dropped (key, member), and when, as long as Redis may not know it: a renewal may have named it a moment before."""
        self._waiting: deque[tuple[list[_Asked], asyncio.Future[list[set[str]] | None]]] = deque()
        self._wake = asyncio.Event()
        self._jobs: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._jobs = [asyncio.create_task(job()) for job in (self._travel, self._renew_for_ever)]

    async def stop(self) -> None:
        if self._jobs and not self._is_away:
            await self._send_all("drop")
        self._is_away = True
        await tasks.end(self._jobs)
        for _, answer in self._waiting:
            answer.cancel()
        await super().stop()

    async def take(self, *steps: Step) -> list[set[str]]:
        mine: list[set[str]] = []
        held: list[set[str]] = []
        asked: list[_Asked] = []
        for step in steps:
            before = self._is_held(step)
            answer = self._take(step)
            if answer is not None:
                mine.append(answer)
                held.append({*self.counts.get(step.key, ())})
                asked.append(("ask", step.key, ""))
            elif step.verb in {"lend", "drop"}:
                asked.append((f"{step.seconds:.3f}" if step.verb == "lend" else "drop", step.key, f"-/{step.name}"))
            elif self._is_held(step) != before:
                asked.append(("drop" if before else str(LIFETIME), step.key, self._member(step.name)))
        self._note_owed(asked)
        theirs = None if self._is_away or not asked else await self._post(asked)
        return mine if theirs is None else [one | other for one, other in zip(held, theirs, strict=True)]

    def _note_owed(self, asked: list[_Asked]) -> None:
        now = asyncio.get_running_loop().time()
        for verb, key, member in asked:
            if verb == "drop":
                self._owed[key, member] = now
            elif verb != "ask":
                self._owed.pop((key, member), None)

    def _is_held(self, step: Step) -> bool:
        return step.name in self.counts.get(step.key, ())

    def _member(self, name: str) -> str:
        return f"{self._process}/{name}"

    def _post(self, asked: list[_Asked]) -> "asyncio.Future[list[set[str]] | None]":
        answer: asyncio.Future[list[set[str]] | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        self._wake.set()
        return answer

    async def _travel(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                together = [self._waiting.popleft()]
                size = len(together[0][0])
                while self._waiting and size + len(self._waiting[0][0]) <= _AT_ONCE:
                    together.append(self._waiting.popleft())
                    size += len(together[-1][0])
                await self._ask_redis(together)

    async def _ask_redis(self, together: "list[tuple[list[_Asked], asyncio.Future[list[set[str]] | None]]]") -> None:
        answers: Iterator[set[str]] | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                answers = iter(await self._run([one for asked, _ in together for one in asked]))
            self._is_away = False
        except Exception as fault:  # whatever it is: nobody may wait for ever, and each process knows its own
            if not self._is_away:
                log.warning("leases_alone", fault=type(fault).__name__)
            self._is_away = True
        else:
            self._pay([one for asked, _ in together for one in asked])
        finally:
            for asked, answer in together:
                own = None if answers is None else [next(answers) for verb, _, _ in asked if verb == "ask"]
                if not answer.done():
                    answer.set_result(own)

    def _pay(self, asked: list[_Asked]) -> None:
        for verb, key, member in asked:
            if verb == "drop":
                self._owed.pop((key, member), None)

    async def _run(self, asked: list[_Asked]) -> list[set[str]]:
        places = {key: place for place, key in enumerate(dict.fromkeys(key for _, key, _ in asked), 1)}
        words = [word for verb, key, member in asked for word in (verb, str(places[key]), member)]
        loop = asyncio.get_running_loop()
        sent = "" if self._ahead is None else f"{loop.time() + self._ahead:.6f}"
        now, *answers = await self._script(keys=[f"sampark:lease:{key}" for key in places], args=[sent, *words])
        self._ahead = float(now) - loop.time()
        return [{member.decode(errors="replace").partition("/")[2] for member in names} for names in answers]

    async def _renew_for_ever(self) -> None:
        loop, due = asyncio.get_running_loop(), 0.0
        while True:
            await asyncio.sleep(min(1, LIFETIME / 4))
            await self._send_owed()
            if self._is_away or loop.time() >= due:
                due = loop.time() + LIFETIME / 4
                await self._send_all(str(LIFETIME))

    async def _send_owed(self) -> None:
        """Those on whose way something went wrong. After as long as a lease lasts they have ended by themselves."""
        if not self._owed:
            return
        now = asyncio.get_running_loop().time()
        self._owed = {mark: since for mark, since in self._owed.items() if since > now - LIFETIME}
        owed = [("drop", key, member) for (key, member), since in self._owed.items() if since < now - 2 * PATIENCE]
        for first in range(0, len(owed), _AT_ONCE):
            if await self._post(owed[first : first + _AT_ONCE]) is None:
                return

    async def _send_all(self, verb: str) -> None:
        """For all that is held here; to a Redis that was away, or has forgotten everything, too."""
        held = [(key, name) for key, names in self.counts.items() for name in names]
        for first in range(0, max(1, len(held)), _AT_ONCE):
            part = [
                (verb, key, self._member(name))
                for key, name in held[first : first + _AT_ONCE]
                if name in self.counts.get(key, ())
            ]
            if await self._post(part) is None:
                return
