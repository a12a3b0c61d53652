"""Who holds what just now (a seat in a room, a stream), in a form that a killed process cannot leave behind."""

import asyncio
import contextlib
import secrets
from collections import Counter
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from sampark.live import tasks

log = structlog.get_logger()

LIFETIME = 40
"""Seconds that a lease outlives its process at most (contract: nobody appears online for more than 45 s)."""

_FAULTS = (RedisError, OSError, TimeoutError)


class Leases(Protocol):
    """Sets of names under keys; each name counted, so that two tabs are two holders of one name."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def hold(self, key: str, name: str) -> None: ...
    async def release(self, key: str, name: str) -> None: ...
    async def held(self, key: str) -> set[str]: ...


class LocalLeases:
    """One process: a counter."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    async def start(self) -> None:
        """Nothing to renew."""

    async def stop(self) -> None:
        self.counts.clear()

    async def hold(self, key: str, name: str) -> None:
        self.counts.setdefault(key, Counter())[name] += 1

    async def release(self, key: str, name: str) -> None:
        names = self.counts.get(key)
        if names is None:
            return
        names[name] -= 1  # a Counter: one that was never held is at -1 now, and goes
        if names[name] <= 0:
            del names[name]
        if not names:
            del self.counts[key]

    async def held(self, key: str) -> set[str]:
        return {*self.counts.get(key, ())}


# Redis' own clock decides, so that no machine's wrong clock keeps anyone online.
_RENEW = """
local now = tonumber(redis.call('TIME')[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[1] * 2)
"""
_HELD = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(redis.call('TIME')[1]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""


class RedisLeases(LocalLeases):
    """Many processes: each renews what it holds; while Redis is away, each knows at least its own."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._redis = redis
        self._process = secrets.token_hex(6)
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._renewing = asyncio.create_task(self._renew())

    async def stop(self) -> None:
        if self._renewing:
            await tasks.end([self._renewing])
        with contextlib.suppress(*_FAULTS):
            async with asyncio.timeout(2):
                for key, names in self.counts.items():
                    await self._redis.zrem(_key(key), *(self._member(name) for name in names))
        await super().stop()

    async def hold(self, key: str, name: str) -> None:
        await super().hold(key, name)
        if self.counts[key][name] == 1:
            with contextlib.suppress(*_FAULTS):
                async with asyncio.timeout(1):
                    await self._write(key, [name])

    async def release(self, key: str, name: str) -> None:
        await super().release(key, name)
        if name not in self.counts.get(key, ()):
            with contextlib.suppress(*_FAULTS):
                async with asyncio.timeout(1):
                    await self._redis.zrem(_key(key), self._member(name))

    async def held(self, key: str) -> set[str]:
        mine = await super().held(key)
        try:
            async with asyncio.timeout(1):
                members = await self._redis.eval(_HELD, 1, _key(key))
        except _FAULTS:
            return mine
        return mine | {member.decode().partition("/")[2] for member in members}

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LIFETIME / 4)
            try:
                for key, names in list(self.counts.items()):
                    async with asyncio.timeout(2):
                        await self._write(key, list(names))
            except _FAULTS as fault:
                log.warning("leases_not_renewed", fault=type(fault).__name__)

    async def _write(self, key: str, names: list[str]) -> None:
        await self._redis.eval(_RENEW, 1, _key(key), str(LIFETIME), *(self._member(name) for name in names))

    def _member(self, name: str) -> str:
        return f"{self._process}/{name}"


def _key(key: str) -> str:
    return f"sampark:lease:{key}"
