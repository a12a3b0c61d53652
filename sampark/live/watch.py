"""Readers for whom nothing rings: whose session ended by itself, and who take nothing any more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog

from sampark import access, db
from sampark.live.reader import Reader
from sampark.metrics import Metrics

log = structlog.get_logger()

T = TypeVar("T")

WATCH = 1.5
"""Seconds: who is signed out must be gone within two."""
_AT_ONCE = 500
"""How many rooms or sessions one query asks about."""


class Watch:
    def __init__(self, readers: set[Reader], recheck: Callable[[set[int]], None], metrics: Metrics) -> None:
        """`readers`: all that are open, now and later. `recheck` is told of rooms whose readers must be asked for again."""
        self._readers = readers
        self._recheck = recheck
        self._metrics = metrics

    async def run(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            await attempt(self.give_up_stuck)
            await attempt(self.notice_ended_sessions)

    async def give_up_stuck(self) -> None:
        """A peer that silently vanished, or reads no more."""
        now = asyncio.get_running_loop().time()
        for reader in [*self._readers]:
            if reader.is_stuck(now):
                self._metrics.dropped()
                reader.abort()

    async def notice_ended_sessions(self) -> None:
        """Sessions and tickets that end without a ring: by the command line, because their time is over, or because the ring was lost."""
        ended: set[int] = set()
        for sessions in in_parts([*{reader.seat.session_id for reader in self._readers if not reader.seat.ticket}]):
            ended |= {*sessions} - await access.live_sessions({*sessions})
            await asyncio.sleep(0)  # SQLite answers without giving anybody else a turn
        over: set[access.Ticket] = set()
        for tickets in in_parts([*{reader.seat.ticket for reader in self._readers if reader.seat.ticket}]):
            over |= {*tickets} - await access.live_tickets({*tickets})
            await asyncio.sleep(0)
        if ended or over:
            self._recheck({r.room_id for r in self._readers if r.seat.session_id in ended or r.seat.ticket in over})


async def attempt(work: Callable[[], Awaitable[None]]) -> None:
    """Work that is done again anyway: what fails is logged, unless the database is only away."""
    try:
        await work()
    except Exception as fault:
        if not db.is_away(fault):
            log.exception("watch_failed")


def in_parts(things: list[T]) -> Iterator[list[T]]:
    return (things[first : first + _AT_ONCE] for first in range(0, len(things), _AT_ONCE))
