"""Rings between processes, over Redis pub/sub. Whatever arrives only causes a read from the database; nothing of it is shown."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from sampark.live import tasks
from sampark.live.doorbell import ACCESS, CHANGED, KINDS, SIGNED_OUT, Answer, Ring, Ringer

log = structlog.get_logger()

_PREFIX = "sampark:ring:"
_EVERYONE = _PREFIX + "all"
_LINGER = 30.0
"""Seconds that a room's channel is kept after its last reader left: a reload must not cost two commands."""
_SILENCE = 10.0
"""A connection that has not brought our own ping for this long hangs, whatever it says of itself."""
_MOST_WAITING = 10_000
_AT_ONCE = 100
"""Rings that go to Redis together while many wait."""
_MOST = 2**63
"""What a database's numbers stay below."""

_FAULTS = (RedisError, OSError, asyncio.TimeoutError)


class RedisDoorbell(Ringer):
    """Rings reach this process at once by a function call, and the others through Redis, off the request's path."""

    def __init__(self, redis: Redis, lag: Callable[[float], None] = lambda seconds: None) -> None:
        """`lag` is told how long each ping was under way, in seconds."""
        self._redis = redis
        self._lag = lag
        self._answer: Answer = lambda ring: None
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_MOST_WAITING)
        self._wanted: dict[int, float | None] = {}
        """Room id → None while wanted, or when its channel may be given up (monotonic seconds)."""
        self._wake = asyncio.Event()
        self._heard_at = 0.0
        self._failed_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._name = f"{_PREFIX}me:{id(self):x}:{time.time_ns():x}"

    @property
    def is_whole(self) -> bool:
        return time.monotonic() - self._heard_at < _SILENCE and self._heard_at >= self._failed_at

    async def start(self, answer: Answer) -> None:
        self._answer = answer
        self._tasks = [asyncio.create_task(job()) for job in (self._publish, self._subscribe)]

    async def stop(self) -> None:
        await tasks.end(self._tasks)

    def listen(self, room_id: int) -> None:
        self._wanted[room_id] = None
        self._wake.set()

    def unlisten(self, room_id: int) -> None:
        if room_id in self._wanted:
            self._wanted[room_id] = time.monotonic() + _LINGER

    def ring(self, ring: Ring) -> None:
        self._answer(ring)
        channel = _EVERYONE if ring.kind == SIGNED_OUT else f"{_PREFIX}{ring.subject}"
        # Full means that Redis has been away for long: the others look once a second anyway.
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait((channel, f"{self._name} {ring.kind} {ring.subject} {ring.value}"))

    async def _publish(self) -> None:
        while True:
            waiting = [await self._waiting.get()]
            while len(waiting) < _AT_ONCE and not self._waiting.empty():
                waiting.append(self._waiting.get_nowait())
            try:
                async with asyncio.timeout(1), self._redis.pipeline(transaction=False) as pipeline:
                    for channel, text in dict.fromkeys(waiting):
                        pipeline.publish(channel, text)
                    await pipeline.execute()
            except _FAULTS:
                self._failed_at = (
                    time.monotonic()
                )  # not whole until our own ping comes back: meanwhile every process looks often
                while not self._waiting.empty():
                    self._waiting.get_nowait()  # stale by the time Redis is back, and every process looks by itself then
                await asyncio.sleep(0.2)

    async def _subscribe(self) -> None:
        while True:
            pubsub = self._redis.pubsub()
            try:
                await self._listen_on(pubsub)
            except _FAULTS as fault:
                log.warning("redis_away", fault=type(fault).__name__)
                self._heard_at = 0.0
                for room_id in list(self._wanted):
                    for what in (CHANGED, ACCESS):  # from now on each looks by itself, and often
                        self._answer(Ring(what, room_id))
            finally:
                with contextlib.suppress(*_FAULTS):
                    async with asyncio.timeout(1):
                        await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(0.5)

    async def _listen_on(self, pubsub: PubSub) -> None:
        held: set[int] = set()
        async with asyncio.timeout(3):
            await pubsub.subscribe(_EVERYONE, self._name)
        last_ping = 0.0
        opened_at = time.monotonic()
        while True:
            now = time.monotonic()
            if now - last_ping > _SILENCE / 4:
                last_ping = now
                with contextlib.suppress(asyncio.QueueFull):
                    self._waiting.put_nowait((self._name, f"{now:.6f}"))
            if now - max(self._heard_at, opened_at) > _SILENCE:
                raise TimeoutError("silent")
            async with asyncio.timeout(3):
                await self._match(pubsub, held)
            message = await pubsub.get_message(timeout=0.25 if not self._wake.is_set() else 0)
            if message is not None:
                self._hear(message, held)

    async def _match(self, pubsub: PubSub, held: set[int]) -> None:
        self._wake.clear()
        now = time.monotonic()
        for room_id in [room_id for room_id, until in self._wanted.items() if until is not None and until < now]:
            del self._wanted[room_id]
        for room_id in self._wanted.keys() - held:
            await pubsub.subscribe(f"{_PREFIX}{room_id}")
            held.add(room_id)
        for room_id in held - self._wanted.keys():
            await pubsub.unsubscribe(f"{_PREFIX}{room_id}")
            held.discard(room_id)

    def _hear(self, message: dict[str, object], held: set[int]) -> None:
        kind, channel, data = message["type"], _text(message["channel"]), _text(message["data"])
        if kind == "subscribe":
            # The first one of a channel, or the connection was lost and came back: rings may have been missed in between.
            room = channel.removeprefix(_PREFIX)
            if room.isdigit():
                for what in ("v", "a", "p"):
                    self._answer(Ring(what, int(room)))
        elif kind == "message" and channel == self._name:
            self._heard_at = time.monotonic()
            with contextlib.suppress(ValueError):
                self._lag(max(0.0, self._heard_at - float(data)))
        elif kind == "message":
            ring = self._read(data)
            if ring is not None:
                self._answer(ring)

    def _read(self, data: str) -> Ring | None:
        """A ring of another process. Whatever else stands on the channel (anyone who reaches Redis may write there) is no ring."""
        parts = data.split(" ")
        if len(parts) != 4 or parts[0] == self._name or parts[1] not in KINDS or len(data) > 200:
            return None
        try:
            subject, value = int(parts[2]), int(parts[3])
        except ValueError:
            return None
        return Ring(parts[1], subject, value) if 0 < subject < _MOST and -_MOST < value < _MOST else None


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
