"""How often is too often. One algorithm (GCRA) in memory, or in Redis when there are many processes.

quart-rate-limiter counts every request of a route; ours count outcomes too (failed sign-ins, wrong room IDs).
GCRA: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import asyncio
import hashlib
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

import structlog

from sampark.rates import Limit, Rates
from sampark.text.language import N_
from sampark.text.problems import TooMany

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger()


class Store(Protocol):
    async def spend(self, key: str, interval: float, tolerance: float, keep: bool = True) -> float:
        """Take one, or without `keep` only see whether there is one; 0, or the seconds to wait if there is none."""

    async def give_back(self, key: str, interval: float) -> None: ...


class Limits:
    def __init__(self, store: Store, rates: Rates, scale: float, refused: Callable[[str], None]) -> None:
        """`refused` is told the name of the limit each time one stops somebody."""
        self._store = store
        self._rates = rates
        self._scale = scale
        self._refused = refused

    async def spend(self, name: str, whose: str, *, keep: bool = True) -> None:
        """Count one against a limit of `rates.Rates`. Errors: `TooMany`."""
        if not self._scale:
            return
        limit: Limit = getattr(self._rates, name)
        interval = limit.period / (limit.count * self._scale)
        burst = max(1.0, limit.burst * self._scale)
        wait = await self._store.spend(_key(name, whose), interval, interval * (burst - 1), keep)
        if wait > 0:
            self._refused(name)
            seconds = max(1, math.ceil(wait))
            raise TooMany(N_("That was too often. Please try again in %(seconds)s seconds."), seconds, seconds=seconds)

    async def check(self, name: str, whose: str) -> None:
        """See whether one could be counted, without counting it. Errors: `TooMany`."""
        await self.spend(name, whose, keep=False)

    async def give_back(self, name: str, whose: str) -> None:
        """Uncount one: it turned out well."""
        if self._scale:
            limit: Limit = getattr(self._rates, name)
            await self._store.give_back(_key(name, whose), limit.period / (limit.count * self._scale))

    def check_streams(self, open_now: int, name: str = "streams") -> None:
        """Errors: `TooMany` for one stream more than allowed; `name`: of whom, in `rates.Rates`."""
        if self._scale and open_now >= getattr(self._rates, name) * self._scale:
            self._refused(name)
            raise TooMany(N_("You have this chat open in very many places. Close some of them, then try again."), 30)


def _key(name: str, whose: str) -> str:
    return f"{name}:{hashlib.sha256(whose.encode()).hexdigest()[:24]}"


class LocalStore:
    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    async def spend(self, key: str, interval: float, tolerance: float, keep: bool = True) -> float:
        now = time.monotonic()
        if len(self._until) > 100_000:
            self._until = {kept: until for kept, until in self._until.items() if until > now}
        until = max(self._until.get(key, now), now)
        if until - now > tolerance:
            return until - now - tolerance
        if keep:
            self._until[key] = until + interval
        return 0.0

    async def give_back(self, key: str, interval: float) -> None:
        if key in self._until:
            self._until[key] -= interval


_SPEND = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1e6
local till = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
if till - now > tonumber(ARGV[2]) then return tostring(till - now - ARGV[2]) end
if ARGV[3] == '1' then redis.call('SET', KEYS[1], tostring(till + ARGV[1]), 'EX', math.ceil(till + ARGV[1] - now) + 1) end
return '0'
"""
_GIVE_BACK = """
local till = redis.call('GET', KEYS[1])
if till then redis.call('SET', KEYS[1], tostring(till - ARGV[1]), 'KEEPTTL') end
return '0'
"""


_PATIENCE = 0.5
_PAUSE = 5.0
"""Seconds: Redis gets so long to answer; from one look whether it is back to the next."""


class RedisStore:
    """Shared by all processes; while Redis is away each process counts for itself, and nobody waits for it."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._local = LocalStore()
        self._is_away = False
        self._look_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def spend(self, key: str, interval: float, tolerance: float, keep: bool = True) -> float:
        wait = await self._ask(_SPEND, key, interval, tolerance, int(keep))
        return await self._local.spend(key, interval, tolerance, keep) if wait is None else float(wait)

    async def give_back(self, key: str, interval: float) -> None:
        if await self._ask(_GIVE_BACK, key, interval) is None:
            await self._local.give_back(key, interval)

    async def _ask(self, script: str, key: str, *values: float) -> bytes | None:
        if self._is_away:
            self._look_again()
            return None
        return await self._answer(script, 1, f"sampark:limit:{key}", *map(str, values))

    async def _answer(self, script: str, keys: int, *values: str) -> bytes | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = cast(bytes, await self._redis.eval(script, keys, *values))
            self._is_away = False
            return answer
        except Exception:  # whatever it is: nobody is refused because Redis is not well
            self._is_away = True
            self._look_at = time.monotonic() + _PAUSE
            return None

    def _look_again(self) -> None:
        if self._looking is None and time.monotonic() >= self._look_at:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            await self._answer("return '0'", 0)
        finally:
            self._looking = None
