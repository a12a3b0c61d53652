"""How long nobody looks: as long as rings reach everyone, and no longer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sampark.live import rounds
from sampark.live.doorbell import LocalDoorbell
from sampark.live.rounds import Rounds
from tests.support import until


class Bell(LocalDoorbell):
    """One that a test may break."""

    is_whole = True


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PAUSE", 0.01)
    monkeypatch.setattr(rounds, "_BROKEN", 0.05)
    monkeypatch.setattr(rounds, "_WHOLE", 60.0)


async def test_a_doorbell_that_breaks_ends_a_long_pause() -> None:
    bell = Bell()
    pausing = asyncio.create_task(rounds.pause(bell, 60, 0.05))
    await asyncio.sleep(0.2)
    assert not pausing.done()
    bell.is_whole = False
    await asyncio.wait_for(pausing, 5)


async def test_a_pause_is_as_long_as_it_should_be() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await rounds.pause(Bell(), 0.3, 0.2)
    assert 0.3 <= loop.time() - began < 5


async def nothing() -> None:
    pass


@pytest.mark.usefixtures("hasty")
async def test_a_doorbell_that_breaks_while_nothing_rings_has_all_rooms_looked_at() -> None:
    bell = Bell()
    looks: list[bool] = []

    async def look_around() -> None:
        looks.append(bell.is_whole)

    running = asyncio.create_task(Rounds(bell, nothing, look_around).run())
    try:
        await asyncio.sleep(0.3)
        assert looks == []
        bell.is_whole = False
        await until(lambda: len(looks) > 2, "looks", 5)
    finally:
        running.cancel()


@pytest.mark.usefixtures("hasty")
async def test_what_rang_while_a_look_around_failed_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    bell = Bell()
    bell.is_whole = False
    monkeypatch.setattr(rounds, "_BROKEN", 0.3)
    rung: list[str] = []
    told: list[str] = []

    async def look() -> None:
        told.extend(rung)
        rung.clear()

    failed: list[float] = []

    async def look_around() -> None:
        monkeypatch.setattr(rounds, "_BROKEN", 60.0)
        failed.append(0.0)
        raise ConnectionRefusedError

    some: Any = Rounds(bell, look, look_around)
    running = asyncio.create_task(some.run())
    try:
        monkeypatch.setattr(rounds, "PAUSE", 0.4)
        rung.append("one")
        some.wake()
        await until(lambda: told == ["one"], "the first look")
        rung.append("two")
        some.wake()  # heard after the pause, when a look around is due
        await until(lambda: told == ["one", "two"], "what rang", 5)
        assert failed
    finally:
        running.cancel()
