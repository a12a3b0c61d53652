"""What waits to be written, gathered: while one group is being committed the next one comes together; nobody waits for company."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db

T = TypeVar("T")

MOST = 64
"""Items in one group: its statements stay small, and the last one does not wait for long."""


class Lanes(Generic[T]):
    """`commit` writes a group in the order in which its items came and tells each what became of it; it raises nothing.

    `left` is told of items that nobody will write, because the loop ends.
    """

    def __init__(self, commit: Callable[[list[T]], Awaitable[None]], left: Callable[[T], None]) -> None:
        self._commit = commit
        self._left = left
        self._lanes: weakref.WeakKeyDictionary[BaseDBAsyncClient, dict[int, list[T]]] = weakref.WeakKeyDictionary()
        self._running: set[asyncio.Task[None]] = set()

    def add(self, item: T, name: int) -> None:
        """Behind all others of this lane of this database; a lane exists as long as something is written there."""
        lanes = self._lanes.setdefault(db.connection(), {})
        if name in lanes:
            lanes[name].append(item)
            return
        lanes[name] = [item]
        task = asyncio.get_running_loop().create_task(self._run(lanes, name))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, lanes: dict[int, list[T]], name: int) -> None:
        try:
            while group := lanes[name][:MOST]:
                del lanes[name][:MOST]
                await self._commit(group)
        finally:
            for item in lanes.pop(name, []):
                self._left(item)
