"""Streams that come and go: nothing of them is left behind, and whoever hangs up in the middle breaks nothing."""

from __future__ import annotations

import asyncio

import pytest

from sampark.live.leases import Step
from tests.support import Site, room_row, until


async def test_a_stream_given_up_while_it_opens_takes_no_other_tab_offline(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    first = await asha.stream(room)
    take, entered = site.hub.leases.take, asyncio.Event()

    async def slow(*steps: Step) -> list[set[str]]:
        if any(step.verb == "hold" for step in steps):
            entered.set()
            await asyncio.sleep(0.05)
        return await take(*steps)

    with monkeypatch.context() as patch:
        patch.setattr(site.hub.leases, "take", slow)
        connection = asha.client.request(f"/rooms/{room}/events")
        await connection.__aenter__()
        await connection.send_complete()
        await entered.wait()
        await connection.disconnect()
        await connection._task  # type: ignore[misc]
    await asyncio.sleep(0.2)
    assert await site.hub.presence.streams_of((await asha.person()).id) == 1
    assert {asha.id} == await site.hub.presence.online((await room_row(room))["id"])
    assert not first.ended


async def test_streams_leave_nothing_behind(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    rooms = [await site.room(asha, ravi) for _ in range(3)]
    streams = [await person.stream(room) for person in (asha, ravi) for room in rooms]
    streams += [await person.own_stream() for person in (asha, ravi)]
    for stream in streams:
        await stream.close()
    hub = site.hub
    await until(lambda: not hub.open_streams and not hub._pumps and hub._parting.is_idle, "an empty hub")
    await until(lambda: not hub.leases.counts and not hub.presence._due, "no leases")  # type: ignore[attr-defined]
    assert not hub._marks._wanted
    assert not hub._marks._rooms
    assert not hub._lobby.audience
    assert not hub.presence._here
    assert await hub.presence.streams_of((await asha.person()).id) == 0
